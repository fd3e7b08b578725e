/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore_security.c - see restore_security.h */
#include "recover/engine/restore_security.h"

#include "core/cleanup.h"
#include "recover/engine/record_set.h"
#include "recover/engine/store_catalogue.h"

#include <string.h>

/* -------- a source with other SIDs -------- */

static int read_through(void *context, const struct case_record *record, const struct case_stream *stream,
			content_each *each, void *to, struct verdict *verdict, struct error *err)
{
	const struct sid_source *source = context;

	return source->from.read(source->from.context, record, stream, each, to, verdict, err);
}

/* One that is not sound stays as it is: nothing is known of what it says. */
static int change_descriptor(const struct sid_changes *changes, struct bytes bytes, uint8_t **made, size_t *size,
			     struct error *err)
{
	*made = NULL;
	if (security_descriptor_change(bytes, changes->items, changes->count, made, size, err) == 0)
		return 0;
	return err->kind == ERROR_MEMORY ? -1 : 0;
}

static int descriptor_with_sids(void *context, int64_t volume, uint32_t id, uint8_t **descriptor, size_t *size,
				struct error *err)
{
	const struct sid_source *source = context;
	uint8_t                 *made;
	size_t                   made_size;

	if (source->from.descriptor(source->from.context, volume, id, descriptor, size, err) < 0)
		return -1;
	if (!*descriptor)
		return 0;
	if (change_descriptor(source->changes, (struct bytes){ *descriptor, *size, 0 }, &made, &made_size, err) < 0) {
		free(TAKE(*descriptor));
		return -1;
	}
	if (!made)
		return 0;
	free(*descriptor);
	*descriptor = made;
	*size = made_size;
	return 0;
}

struct file_source file_source_with_sids(struct sid_source *source)
{
	return (struct file_source){ .context = source,
				     .path = source->from.path,
				     .read = read_through,
				     .descriptor = descriptor_with_sids };
}

/* -------- files that share theirs -------- */

/* What becomes of a descriptor: its index in .descriptors, or -1 without memory.  @bytes  NULL .at: it is not known */
static int64_t find_descriptor(struct restore_security *security, uint32_t id, struct bytes bytes,
			       const struct sid_changes *changes, struct error *err)
{
	struct changed_descriptor changed = { .id = id };

	for (size_t i = 0; i < security->descriptors.count; i++)
		if (security->descriptors.items[i].id == id)
			return (int64_t)i;
	if (bytes.at && change_descriptor(changes, bytes, &changed.made, &changed.size, err) < 0)
		return -1;
	if (array_push(&security->descriptors, changed))
		return (int64_t)security->descriptors.count - 1;
	free(changed.made);
	return error_memory(err);
}

/* A file gets what becomes of a descriptor, if that changes. */
static int add_file(struct restore_security *security, uint32_t record, uint32_t id, struct bytes bytes,
		    const struct sid_changes *changes, struct error *err)
{
	int64_t             descriptor = find_descriptor(security, id, bytes, changes, err);
	struct secured_file file = { record, (uint32_t)descriptor };

	if (descriptor < 0)
		return -1;
	if (!security->descriptors.items[descriptor].made || array_push(&security->files, file))
		return 0;
	return error_memory(err);
}

/* The descriptor that a file has, by its id, which is 0 where it has none of those; none is NULL. */
static int find_own(struct work_volume *volume, uint32_t record, uint32_t *id, struct bytes *bytes, struct error *err)
{
	CLEANUP(case_record_release) struct case_record loaded = { 0 };

	*bytes = (struct bytes){ 0 };
	if (work_volume_load(volume, record, &loaded, err) < 0)
		return -1;
	*id = loaded.file.info_known ? loaded.file.security_id : 0;
	if (!*id || !security_table_find(&volume->securities, *id, bytes))
		*bytes = (struct bytes){ 0 };
	return 0;
}

/* All files below the store's folder of files, by what they have. */
static int plan_all(struct restore_security *security, struct work_volume *volume, uint32_t store,
		    const struct sid_changes *changes, struct error *err)
{
	CLEANUP(record_set_release) struct record_set members = { 0 };
	uint32_t                                      files = state_store_child(volume, store, STORE_FILES), id;
	struct bytes                                  bytes;

	if (files == NO_TREE_RECORD)
		return 0;
	if (record_set_init(&members, &volume->tree, err) < 0 ||
	    record_set_add_below(&members, &volume->tree, files, err) < 0)
		return -1;
	for (uint32_t record = 0; record < members.count; record++) {
		if (!record_set_has(&members, record) || volume_tree_is_directory(&volume->tree, record))
			continue;
		if (find_own(volume, record, &id, &bytes, err) < 0 ||
		    (id && add_file(security, record, id, bytes, changes, err) < 0))
			return -1;
	}
	return 0;
}

/* A file of the catalogue, if it is there and still has the descriptor that it had then. */
static int plan_captured(struct restore_security *security, struct work_volume *volume,
			 const struct catalogue_file *catalogue, const struct case_file *file,
			 const struct sid_changes *changes, struct error *err)
{
	uint32_t     record = (uint32_t)file->record, id;
	struct bytes then, now;

	if (file->directory || !file->info_known || file->record >= volume->tree.inventory.count ||
	    volume_tree_ref(&volume->tree, record) != file_ref_make(file->record, file->sequence) ||
	    !catalogue_file_security(catalogue, file->security_id, &then))
		return 0;
	if (find_own(volume, record, &id, &now, err) < 0)
		return -1;
	if (now.left != then.left || memcmp(now.at, then.at, then.left) != 0)
		return 0;
	return add_file(security, record, file->security_id, then, changes, err);
}

/* Files by what they had when they were captured; a store without a catalogue has none. */
static int plan_as_captured(struct restore_security *security, struct work_volume *volume, uint32_t store,
			    const struct sid_changes *changes, struct error *err)
{
	CLEANUP(store_catalogue_close) struct store_catalogue catalogue = { 0 };
	int got = store_catalogue_open(&catalogue, volume, store, err);

	while (got == 1) {
		struct catalogue_entry entry = { 0 };

		got = catalogue_file_next(&catalogue.file, &entry, err);
		if (got == 1 &&
		    plan_captured(security, volume, &catalogue.file, &entry.record.file, changes, err) < 0)
			got = -1;
		catalogue_entry_release(&entry);
	}
	return got;
}

/* Does one of the new SIDs stand for another user before? */
static bool follow_one_another(const struct sid_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		for (size_t j = 0; j < changes->count; j++)
			if (sid_equal(&changes->items[i].to, &changes->items[j].from))
				return true;
	return false;
}

int restore_security_plan(struct restore_security *security, struct work_volume *volume, uint32_t store,
			  const struct sid_changes *changes, struct error *err)
{
	if (!changes->count)
		return 0;
	return (follow_one_another(changes) ? plan_as_captured : plan_all)(security, volume, store, changes, err);
}

void restore_security_release(struct restore_security *security)
{
	for (size_t i = 0; i < security->descriptors.count; i++)
		free(security->descriptors.items[i].made);
	array_release(&security->descriptors);
	array_release(&security->files);
}

static int write_file(struct work_volume *volume, uint32_t record, const struct changed_descriptor *descriptor,
		      struct error *err)
{
	ntfs_inode *inode;
	int         status;

	if (ntfs3g_open(&volume->mount, volume_tree_ref(&volume->tree, record), &inode, err) < 0)
		return -1;
	if (!inode)
		return 0;
	status = ntfs3g_set_security(&volume->mount, inode, descriptor->made, descriptor->size, err);
	if (ntfs3g_close(&volume->mount, inode, err) < 0)
		return -1;
	return status;
}

int restore_security_write(const struct restore_security *security, struct work_volume *volume, struct error *err)
{
	for (size_t i = 0; i < security->files.count; i++) {
		const struct secured_file *file = &security->files.items[i];

		if (write_file(volume, file->record, &security->descriptors.items[file->descriptor], err) < 0 ||
		    ntfs3g_commit_if_full(&volume->mount, err) < 0)
			return -1;
	}
	return 0;
}
