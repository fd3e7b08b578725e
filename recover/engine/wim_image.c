/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wim_image.c - see wim_image.h */
#include "recover/engine/wim_image.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"
#include "core/progress.h"
#include "recover/engine/wim_content.h"
#include "recover/xml_document.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <wimlib.h>

#define NAMES_TOLD     5           /* of the images in a file */
#define ALLOCATION_MAX (2ull << 30) /* bytes: far more than any image's names take */

/* -------- memory -------- */

/* The library asks for what a damaged file says. */
static void *allocate(size_t bytes)
{
	return bytes > ALLOCATION_MAX ? NULL : malloc(bytes);
}

static void *reallocate(void *old, size_t bytes)
{
	return bytes > ALLOCATION_MAX ? NULL : realloc(old, bytes);
}

/* -------- what the library says -------- */

static int prepare_library(struct wim_image *image, struct error *err)
{
	image->words = open_memstream(&image->said, &image->said_bytes);
	if (!image->words)
		return error_memory(err);
	wimlib_set_memory_allocator(allocate, free, reallocate);
	wimlib_set_error_file(image->words);
	xml_hush();
	return 0;
}

static void stop_listening(struct wim_image *image)
{
	wimlib_set_error_file(NULL);
	if (image->words)
		fclose(image->words);
	free(TAKE(image->said));
	image->words = NULL;
}

/* Bytes that were said so far. */
static size_t heard(const struct wim_image *image)
{
	fflush(image->words);
	return image->said_bytes;
}

/* The next line that was said from byte *@at on and begins with @mark: its length, or -1. */
static int next_line(const struct wim_image *image, const char *mark, size_t *at, const char **line)
{
	const char *found = *at < heard(image) ? strstr(image->said + *at, mark) : NULL;

	if (!found)
		return -1;
	*line = found + strlen(mark);
	*at = (size_t)(*line - image->said);
	return (int)strcspn(*line, "\n");
}

static int keep_warnings(struct wim_image *image, size_t since, struct error *err)
{
	const char *line;
	int         length;

	while ((length = next_line(image, "[WARNING] ", &since, &line)) >= 0) {
		char *warning = strndup(line, (size_t)length);

		if (!warning || !array_push(&image->warnings, warning)) {
			free(warning);
			return error_memory(err);
		}
	}
	return 0;
}

/* -------- what went wrong -------- */

static const struct wim_failure {
	int             code;
	enum error_kind kind;
	const char     *text;
} failures[] = {
	{ WIMLIB_ERR_NOT_A_WIM_FILE, ERROR_VALUE,
	  "is no WIM file; if it was packed or encrypted as a whole, unpack or decrypt it first" },
	{ WIMLIB_ERR_UNKNOWN_VERSION, ERROR_UNSUPPORTED, "is a WIM file of a version that is not known" },
	{ WIMLIB_ERR_WIM_IS_ENCRYPTED, ERROR_UNSUPPORTED,
	  "is an encrypted ESD file; decrypt it first, or take the image from installation media" },
	{ WIMLIB_ERR_WIM_IS_INCOMPLETE, ERROR_VALUE, "was never written to its end; make it again" },
	{ WIMLIB_ERR_UNEXPECTED_END_OF_FILE, ERROR_VALUE,
	  "ends before what it says that it holds: it was not copied in full; copy it again" },
	{ WIMLIB_ERR_INTEGRITY, ERROR_VALUE,
	  "does not fit its own integrity table: it is damaged; copy it again, or take another" },
	{ WIMLIB_ERR_INVALID_RESOURCE_HASH, ERROR_VALUE,
	  "holds content that does not fit its digest: it is damaged, or was encrypted; copy it again, or take another" },
	{ WIMLIB_ERR_DECOMPRESSION, ERROR_VALUE,
	  "holds content that cannot be unpacked: it is damaged, or encrypted; copy it again, or take another" },
	{ WIMLIB_ERR_RESOURCE_NOT_FOUND, ERROR_REFUSED,
	  "lacks content of the image, which other files hold; name them with --ref" },
	{ WIMLIB_ERR_GLOB_HAD_NO_MATCHES, ERROR_USAGE, "is not all: no file is what a --ref names; look at its spelling" },
	{ WIMLIB_ERR_NOMEM, ERROR_MEMORY,
	  "needs more memory than there is; if it is no larger than other images, it is damaged" },
};

/* The library returned @code at what it said from byte @since on.  Returns -1. */
static int fail(struct wim_image *image, int code, size_t since, struct error *err)
{
	const char *line;
	int         length;

	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
		if (failures[i].code == code)
			return error_set(err, failures[i].kind, image->path, "%s", failures[i].text);
	if (code == WIMLIB_ERR_OPEN || code == WIMLIB_ERR_READ || code == WIMLIB_ERR_STAT)
		return error_sys(err, image->path, "cannot be read");
	length = next_line(image, "[ERROR] ", &since, &line);
	if (length < 0)
		return error_set(err, ERROR_VALUE, image->path, "is damaged: %.150s; copy it again, or take another",
				 wimlib_get_error_string((enum wimlib_error_code)code));
	return error_set(err, ERROR_VALUE, image->path, "is damaged: %.*s; copy it again, or take another",
			 length < 150 ? length : 150, line);
}

/* -------- progress -------- */

struct meter {
	struct progress progress;
	uint64_t        done;
	bool            started;
};

static void show(struct meter *meter, const char *what, uint64_t done, uint64_t total, enum progress_unit unit)
{
	if (meter->started && strcmp(meter->progress.what, what) != 0) {
		progress_end(&meter->progress);
		*meter = (struct meter){ 0 };
	}
	if (!meter->started)
		progress_start(&meter->progress, what, total, unit);
	meter->started = true;
	if (done > meter->done)
		progress_add(&meter->progress, done - meter->done);
	meter->done = done;
}

static void end_meter(struct meter *meter)
{
	if (meter->started)
		progress_end(&meter->progress);
}

static enum wimlib_progress_status on_progress(enum wimlib_progress_msg message, union wimlib_progress_info *info,
					       void *context)
{
	if (message == WIMLIB_PROGRESS_MSG_VERIFY_INTEGRITY)
		show(context, "checking the image's file", info->integrity.completed_bytes, info->integrity.total_bytes,
		     PROGRESS_BYTES);
	else if (message == WIMLIB_PROGRESS_MSG_VERIFY_STREAMS)
		show(context, "checking the image", info->verify_streams.completed_bytes,
		     info->verify_streams.total_bytes, PROGRESS_BYTES);
	else if (message == WIMLIB_PROGRESS_MSG_EXTRACT_FILE_STRUCTURE)
		show(context, "making files", info->extract.current_file_count, info->extract.end_file_count,
		     PROGRESS_ITEMS);
	else if (message == WIMLIB_PROGRESS_MSG_EXTRACT_STREAMS)
		show(context, "applying the image", info->extract.completed_bytes, info->extract.total_bytes,
		     PROGRESS_BYTES);
	return WIMLIB_PROGRESS_STATUS_CONTINUE;
}

/* -------- opening -------- */

/* Where the operand's file name ends: at a colon behind which the image is named, or at its end. */
static size_t file_name_length(const char *operand)
{
	size_t length = strlen(operand);

	for (size_t at = length; at; at--) {
		CLEANUP(free_ptr) char *path = operand[at] && operand[at] != ':' ? NULL : strndup(operand, at);

		if (path && access(path, F_OK) == 0)
			return at;
	}
	return length;
}

/* Say which images there are. */
static int refuse_image(struct wim_image *image, const char *wanted, int count, struct error *err)
{
	char   list[160] = "";
	size_t at = 0;

	if (!count)
		return error_set(err, ERROR_VALUE, image->path, "holds no image");
	for (int i = 1; i <= count && i <= NAMES_TOLD && at < sizeof list; i++) {
		const char *name = wimlib_get_image_name(image->wim, i);

		at += (size_t)snprintf(list + at, sizeof list - at, "%s%d %.24s", i == 1 ? "" : ", ", i, name ? name : "");
	}
	if (*wanted)
		return error_set(err, ERROR_USAGE, image->path, "has no image '%.40s'; it holds %d: %s", wanted, count, list);
	return error_set(err, ERROR_USAGE, image->path, "holds %d images; choose one, as in WIM:1: %s", count, list);
}

static int choose(struct wim_image *image, const char *wanted, int count, struct error *err)
{
	if (count == 1 && !*wanted)
		image->index = 1;
	else if (*wanted)
		image->index = wimlib_resolve_image(image->wim, wanted);
	if (image->index < 1)
		return refuse_image(image, wanted, count, err);
	image->name = wimlib_get_image_name(image->wim, image->index);
	if (!image->name)
		image->name = "";
	return 0;
}

/* Part @number of a split WIM lies beside the first: "x2.swm" beside "x.swm".  To be freed, NULL without memory. */
static char *part_path(const char *first, unsigned number)
{
	const char *slash = strrchr(first, '/'), *dot = strrchr(first, '.');
	size_t      stem = dot && (!slash || dot > slash) ? (size_t)(dot - first) : strlen(first);
	char       *path;

	return asprintf(&path, "%.*s%u%s", (int)stem, first, number, first + stem) < 0 ? NULL : path;
}

static int add_part(struct wim_image *image, WIMStruct *wim, unsigned number, unsigned parts, int flags,
		    struct error *err)
{
	CLEANUP(free_ptr) char *path = part_path(image->path, number);
	size_t                  since = heard(image);
	int                     code;

	if (!path)
		return error_memory(err);
	if (access(path, F_OK) < 0)
		return error_set(err, ERROR_REFUSED, image->path,
				 "is split, and part %u of %u, '%.100s', is not there; name the parts with --ref", number,
				 parts, path);
	code = wimlib_reference_resource_files(wim, (const char *const[]){ path }, 1, 0, flags);
	return code ? fail(image, code, since, err) : 0;
}

/* The other files that belong to it. */
static int add_refs(struct wim_image *image, WIMStruct *wim, int flags, struct error *err)
{
	struct wimlib_wim_info info;
	size_t                 since = heard(image);
	int                    code = wimlib_get_wim_info(wim, &info);

	if (!code && info.part_number != 1)
		return error_set(err, ERROR_REFUSED, image->path, "is part %u of a split image; name its first part",
				 info.part_number);
	if (!code && image->ref_count)
		code = wimlib_reference_resource_files(wim, image->refs, (unsigned)image->ref_count,
						       WIMLIB_REF_FLAG_GLOB_ENABLE | WIMLIB_REF_FLAG_GLOB_ERR_ON_NOMATCH,
						       flags);
	if (code)
		return fail(image, code, since, err);
	for (unsigned i = 2; !image->ref_count && i <= info.total_parts; i++)
		if (add_part(image, wim, i, info.total_parts, flags, err) < 0)
			return -1;
	return 0;
}

/* Open the file with all that belongs to it. */
static int open_files(struct wim_image *image, int flags, WIMStruct **wim, struct meter *meter, struct error *err)
{
	size_t since = heard(image);
	int    code;

	errno = 0;
	code = wimlib_open_wim_with_progress(image->path, flags, wim, on_progress, meter);
	if (code)
		return fail(image, code, since, err);
	return add_refs(image, *wim, flags, err);
}

int wim_image_open(struct wim_image *image, const char *operand, const char *const *refs, size_t ref_count,
		   struct error *err)
{
	size_t                 length = file_name_length(operand);
	struct wimlib_wim_info info;
	struct meter           meter = { 0 };

	*image = (struct wim_image){ .refs = refs, .ref_count = ref_count };
	image->path = strndup(operand, length);
	if (!image->path || prepare_library(image, err) < 0)
		return error_memory(err);
	if (open_files(image, 0, &image->wim, &meter, err) < 0)
		return -1;
	(void)wimlib_get_wim_info(image->wim, &info); /* never fails */
	return choose(image, operand[length] ? operand + length + 1 : "", (int)info.image_count, err);
}

void wim_image_close(struct wim_image *image)
{
	wimlib_free(TAKE(image->wim));
	if (image->path)
		stop_listening(image);
	for (size_t i = 0; i < image->warnings.count; i++)
		free(image->warnings.items[i]);
	array_release(&image->warnings);
	free(TAKE(image->path));
}

/* -------- verifying -------- */

/* What the image's contents are, and whether they can be read one by one. */
struct listing {
	struct wim_contents contents;
	bool                solid;
};

static int list_entry(const struct wimlib_dir_entry *entry, void *context)
{
	struct listing *listing = context;

	for (size_t i = 0; i <= entry->num_named_streams; i++) {
		const struct wimlib_resource_entry *from = &entry->streams[i].resource;
		struct wim_content                  content;

		if (!from->uncompressed_size)
			continue;
		memset(&content, 0, sizeof content); /* they are compared as a whole */
		content.offset = from->offset;
		content.packed_bytes = from->compressed_size;
		content.bytes = from->uncompressed_size;
		content.compressed = from->is_compressed;
		memcpy(content.sha1, from->sha1_hash, sizeof content.sha1);
		listing->solid = listing->solid || from->packed;
		if (!array_push(&listing->contents, content))
			return WIMLIB_ERR_NOMEM;
	}
	return 0;
}

/* By the library.  It verifies WIMs as a whole, so the image becomes one of its own, which is never written. */
static int verify_alone(WIMStruct *wim, int index)
{
	struct meter meter = { 0 };
	WIMStruct   *only = NULL;
	int          code = wimlib_create_new_wim(WIMLIB_COMPRESSION_TYPE_NONE, &only);

	if (!code)
		code = wimlib_export_image(wim, index, only, "", "", 0);
	if (!code) {
		wimlib_register_progress_function(only, on_progress, &meter);
		code = wimlib_verify_wim(only, 0);
	}
	end_meter(&meter);
	wimlib_free(only);
	return code;
}

static int verify_contents(struct wim_image *image, WIMStruct *wim, struct error *err)
{
	struct listing         listing = { 0 };
	struct wimlib_wim_info info;
	size_t                 since = heard(image);
	int                    code = wimlib_get_wim_info(wim, &info);
	bool                   many = image->ref_count || info.total_parts > 1; /* files */

	if (!code)
		code = wimlib_iterate_dir_tree(wim, image->index, "/", WIMLIB_ITERATE_DIR_TREE_FLAG_RECURSIVE, list_entry,
					       &listing);
	if (!code && (many || listing.solid || info.pipable || info.chunk_size > WIM_CHUNK_MAX))
		code = verify_alone(wim, image->index);
	else if (!code)
		code = wim_contents_verify(&listing.contents, image->path,
					   (struct wim_packing){ info.compression_type, info.chunk_size });
	array_release(&listing.contents);
	return code ? fail(image, code, since, err) : 0;
}

/*
 * The files are opened once more: that holds them against their integrity tables, and an image that was exported
 * has its insides in common with what it came from.
 */
int wim_image_verify_files(struct wim_image *image, struct error *err)
{
	struct meter meter = { 0 };
	WIMStruct   *wim = NULL;
	int          result = image->verified ? 0 : open_files(image, WIMLIB_OPEN_FLAG_CHECK_INTEGRITY, &wim, &meter, err);

	end_meter(&meter);
	wimlib_free(wim);
	return result;
}

int wim_image_verify(struct wim_image *image, struct error *err)
{
	if (image->verified)
		return 0;
	if (wim_image_verify_files(image, err) < 0 || verify_contents(image, image->wim, err) < 0)
		return -1;
	image->verified = true;
	return 0;
}

/* -------- what is in it -------- */

struct walk {
	wim_image_visit *visit;
	void            *context;
	struct wim_image *image;
	struct error    *err;
	int              result;
};

static int visit_entry(const struct wimlib_dir_entry *entry, void *context)
{
	struct walk               *walk = context;
	size_t                     count = 1 + (size_t)entry->num_named_streams;
	CLEANUP(free_ptr) uint64_t *bytes = calloc(count, sizeof *bytes);

	if (!bytes) {
		walk->result = error_memory(walk->err);
		return walk->result;
	}
	for (size_t i = 0; i < count; i++)
		bytes[i] = entry->streams[i].resource.uncompressed_size;
	if (entry->filename && strpbrk(entry->filename, "/\\"))
		walk->result = error_set(walk->err, ERROR_VALUE, walk->image->path,
					 "holds a name with a slash in it ('%.100s'), which no volume can have",
					 entry->filename);
	else
		walk->result = walk->visit(walk->context,
					   &(struct wim_entry){ .path = entry->full_path,
								.alias = entry->dos_name,
								.depth = entry->depth,
								.attributes = entry->attributes,
								.link_group = entry->num_links > 1 ? entry->hard_link_group_id : 0,
								.written_100ns = ntfs_time_from_timespec(entry->last_write_time),
								.stream_bytes = bytes,
								.stream_count = count },
					   walk->err);
	return walk->result;
}

int wim_image_walk(struct wim_image *image, wim_image_visit *visit, void *context, struct error *err)
{
	struct walk walk = { .visit = visit, .context = context, .image = image, .err = err };
	size_t      since = heard(image);
	int         code = wimlib_iterate_dir_tree(image->wim, image->index, "/",
						   WIMLIB_ITERATE_DIR_TREE_FLAG_RECURSIVE |
							   WIMLIB_ITERATE_DIR_TREE_FLAG_RESOURCES_NEEDED,
						   visit_entry, &walk);

	if (walk.result)
		return walk.result;
	return code ? fail(image, code, since, err) : 0;
}

/* -------- applying -------- */

int wim_image_apply(struct wim_image *image, const char *target, struct error *err)
{
	struct meter meter = { 0 };
	size_t       since = heard(image);
	const char  *line;
	int          code, length;

	wimlib_register_progress_function(image->wim, on_progress, &meter);
	code = wimlib_extract_image(image->wim, image->index, target, WIMLIB_EXTRACT_FLAG_NTFS);
	wimlib_register_progress_function(image->wim, NULL, NULL);
	end_meter(&meter);
	if (!code)
		return keep_warnings(image, since, err);
	length = next_line(image, "[ERROR] ", &since, &line);
	if (length < 0)
		return fail(image, code, since, err);
	return error_set(err, ERROR_REFUSED, image->path, "could not be applied, and nothing of it is on the volume: %.*s",
			 length < 180 ? length : 180, line);
}
