/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_archive.c - see sequence_archive.h */
#include "recover/sequence/sequence_archive.h"

#include "core/cleanup.h"
#include "recover/xml_document.h"

#include <string.h>
#include <strings.h>
#include <zip.h>

#define ENTRIES_MAX 100000

static void close_archive(zip_t **archive)
{
	if (*archive)
		zip_discard(*archive);
}

static void close_entry(zip_file_t **entry)
{
	if (*entry)
		zip_fclose(*entry);
}

bool sequence_archive_is(const void *bytes, size_t size)
{
	return size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0;
}

/* "SMS_TaskSequencePackage/<PackageID>/object.xml", with slashes or backslashes. */
static bool is_object(const char *name)
{
	static const char folder[] = "SMS_TaskSequencePackage", file[] = "object.xml";
	const char       *last = strrchr(name, '/') ? strrchr(name, '/') : strrchr(name, '\\');

	return strncasecmp(name, folder, sizeof folder - 1) == 0 && name[sizeof folder - 1] &&
	       strchr("/\\", name[sizeof folder - 1]) && last && strcasecmp(last + 1, file) == 0;
}

static int find_object(zip_t *archive, const char *name, zip_stat_t *found, struct error *err)
{
	zip_int64_t count = zip_get_num_entries(archive, 0);
	zip_stat_t  status;
	size_t      objects = 0;

	zip_stat_init(found);
	if (count > ENTRIES_MAX)
		return error_set(err, ERROR_VALUE, name, "holds more than %u files; it is no task sequence", ENTRIES_MAX);
	for (zip_int64_t i = 0; i < count; i++)
		if (zip_stat_index(archive, (zip_uint64_t)i, 0, &status) == 0 && (status.valid & ZIP_STAT_NAME) &&
		    is_object(status.name)) {
			*found = status;
			objects++;
		}
	if (objects == 1)
		return 0;
	if (!objects)
		return error_set(err, ERROR_VALUE, name,
				 "holds no SMS_TaskSequencePackage/.../object.xml: export the task sequence again");
	return error_set(err, ERROR_VALUE, name, "holds %zu task sequences: unpack it and name the object.xml of one",
			 objects);
}

static int read_object(zip_t *archive, const char *name, const zip_stat_t *status, uint8_t **object, size_t *size,
		       struct error *err)
{
	CLEANUP(close_entry) zip_file_t *entry = NULL;
	CLEANUP(free_ptr) uint8_t       *bytes = NULL;
	uint8_t                          behind;

	if (!(status->valid & ZIP_STAT_SIZE) || status->size > XML_BYTES_MAX)
		return error_set(err, ERROR_VALUE, name, "has an object.xml larger than %u MiB", XML_BYTES_MAX >> 20);
	bytes = malloc((size_t)status->size + 1);
	if (!bytes)
		return error_memory(err);
	entry = zip_fopen_index(archive, status->index, 0);
	/* once more behind its end: only there its checksum is compared */
	if (!entry || zip_fread(entry, bytes, status->size) != (zip_int64_t)status->size ||
	    zip_fread(entry, &behind, 1) != 0)
		return error_set(err, ERROR_VALUE, name, "is damaged, or locked with a password: its object.xml cannot be read");
	*object = TAKE(bytes);
	*size = (size_t)status->size;
	return 0;
}

int sequence_archive_read(const char *name, const void *bytes, size_t size, uint8_t **object, size_t *object_size,
			  struct error *err)
{
	CLEANUP(close_archive) zip_t *archive = NULL;
	zip_source_t                 *source = zip_source_buffer_create(bytes, size, 0, NULL);
	zip_stat_t                    status;

	*object = NULL;
	if (!source)
		return error_memory(err);
	archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, NULL);
	if (!archive) {
		zip_source_free(source);
		return error_set(err, ERROR_VALUE, name, "is a damaged .zip: export the task sequence again");
	}
	if (find_object(archive, name, &status, err) < 0)
		return -1;
	return read_object(archive, name, &status, object, object_size, err);
}
