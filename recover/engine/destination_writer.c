/* SPDX-License-Identifier: GPL-3.0-or-later */
/* destination_writer.c - see destination_writer.h */
#include "recover/engine/destination_writer.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "core/ntfs_time.h"
#include "recover/engine/copy.h"
#include "recover/rules/rule_file.h"

int destination_writer_init(struct destination_writer *writer, struct destination *destination,
			    const struct origin *origins, size_t count, size_t here,
			    struct restore_report *report, struct error *err)
{
	*writer = (struct destination_writer){ .destination = destination,
					       .origins = origins,
					       .report = report,
					       .writers = calloc(count, sizeof *writer->writers) };
	if (!writer->writers)
		return error_memory(err);
	for (writer->count = 0; writer->count < count; writer->count++)
		writer->writers[writer->count] =
			(struct volume_writer){ .mount = &destination->volume->mount,
						.source = &origins[writer->count].source,
						.same_volume = writer->count == here &&
								!origins[writer->count].other_security };
	return 0;
}

void destination_writer_release(struct destination_writer *writer)
{
	if (writer->inode)
		(void)ntfs_inode_close(TAKE(writer->inode));
	for (size_t i = 0; i < writer->count; i++)
		volume_writer_release(&writer->writers[i]);
	free(TAKE(writer->writers));
	writer->count = 0;
}

static struct ntfs3g *mount_of(struct destination_writer *writer)
{
	return &writer->destination->volume->mount;
}

static void count_unkept(struct destination_writer *writer, unsigned unkept)
{
	for (size_t i = 0; i < UNKEPT_KINDS; i++)
		writer->report->unkept[i] += unkept >> i & 1;
	writer->report->limited += unkept != 0;
}

/* The folder that names are being added to is done with. */
static int leave_folder(struct destination_writer *writer, struct error *err)
{
	return writer->inode ? ntfs3g_leave(mount_of(writer), TAKE(writer->inode), err) : 0;
}

/* -------- is there room? -------- */

/* Clusters that a copy will take, in bytes. */
static int add_room(const struct destination *destination, const struct origin *origin,
		    const struct destination_copy *copy, uint64_t *room, struct error *err)
{
	uint64_t           cluster = destination->volume->volume.geometry.cluster_bytes;
	struct case_record record = { 0 };
	int                status = origin->load(origin->context, copy->item, &record, err);

	for (size_t i = 0; status == 0 && i < record.streams.count; i++) {
		const struct case_stream *stream = &record.streams.items[i];
		bool                      sparse = stream->flags & (ATTRIBUTE_SPARSE | ATTRIBUTE_COMPRESSED);
		uint64_t                  bytes = sparse && stream->allocated_bytes < stream->size_bytes
							  ? stream->allocated_bytes
							  : stream->size_bytes;

		*room += stream->resident ? 0 : (bytes + cluster - 1) / cluster * cluster;
	}
	case_record_release(&record);
	return status;
}

int destination_writer_check_room(const struct destination *destination, const struct origin *origins,
				  uint64_t besides, struct error *err)
{
	uint64_t wanted = besides, room;

	for (size_t i = 0; i < destination->copies.count; i++) {
		const struct destination_copy *copy = &destination->copies.items[i];

		if (!copy->ref && add_room(destination, &origins[copy->origin], copy, &wanted, err) < 0)
			return -1;
	}
	if (ntfs3g_free_bytes(&destination->volume->mount, &room, err) < 0)
		return -1;
	if (wanted <= room)
		return 0;
	return error_set(err, ERROR_REFUSED, destination->volume->source,
			 "has too little room: what is to be written there needs about %s, and %s are free; make "
			 "room and try again",
			 text_size(wanted).text, text_size(room).text);
}

/* -------- one at a time -------- */

/* The 8.3 name that is planned behind an entry, or NULL. */
static const struct ntfs3g_name *alias_of(const struct destination *destination, size_t number,
					  struct ntfs3g_name *alias)
{
	if (number + 1 >= destination->entries.count ||
	    destination->entries.items[number + 1].kind != ADD_ALIAS)
		return NULL;
	destination_entry_name(destination, &destination->entries.items[number + 1], alias);
	return alias;
}

static int make_folder(struct destination_writer *writer, size_t number, struct error *err)
{
	struct destination             *destination = writer->destination;
	const struct destination_entry *entry = &destination->entries.items[number];
	struct destination_folder      *folder = &destination->folders.items[entry->item];
	const struct origin            *origin = &writer->origins[folder->origin];
	struct ntfs3g_name              name, alias;
	struct copy_place               place = { &writer->writers[folder->origin],
						  destination->folders.items[entry->folder].ref, &name,
						  alias_of(destination, number, &alias), false };
	struct case_record              record = { 0 };
	unsigned                        unkept = 0;
	bool                            new = folder->item == LIKE_NONE;
	int                             status = new ? 0 : origin->load(origin->context, folder->item, &record, err);

	destination_entry_name(destination, entry, &name);
	if (new)
		record.file.directory = true;
	if (status == 0)
		status = copy_folder(&place, &record, folder->filled, &folder->ref, &unkept, err);
	case_record_release(&record);
	writer->report->folders += status == 0;
	count_unkept(writer, new ? 0 : unkept);
	return status;
}

static int leave_out(struct destination_writer *writer, const struct destination_entry *entry,
		     const struct ntfs3g_name *name, struct error *err)
{
	return restore_note(&writer->report->left_out,
			    destination_path(writer->destination, entry->folder, name),
			    strdup("its content cannot be read in full"), err);
}

/* Names of a file besides @name and its alias in the same directory. */
static bool has_other_names(const struct volume_tree *tree, const struct destination_replaced *replaced)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(tree, replaced->record, &count);

	for (size_t i = 0; i < count; i++)
		if (names[i] != replaced->name &&
		    (tree->inventory.names.items[names[i]].space != NAME_DOS ||
		     volume_tree_parent(tree, names[i]) != volume_tree_parent(tree, replaced->name)))
			return true;
	return false;
}

/* Take the name of an entry from what has it; a file without another one is deleted.  In one commit with the entry. */
static int make_way(struct destination_writer *writer, uint32_t number, struct error *err)
{
	const struct volume_tree          *tree = &writer->destination->volume->tree;
	const struct destination_replaced *replaced = destination_replaced_by(writer->destination, number);
	struct ntfs3g_name                 name;
	ntfs_inode                        *inode;
	int                                status;

	if (!replaced)
		return 0;
	if (leave_folder(writer, err) < 0)
		return -1;
	if (!has_other_names(tree, replaced))
		return ntfs3g_delete_file(mount_of(writer), volume_tree_ref(tree, replaced->record), err);
	destination_tree_name(tree, replaced->name, &name);
	if (ntfs3g_open(mount_of(writer), volume_tree_ref(tree, replaced->record), &inode, err) < 0)
		return -1;
	if (!inode)
		return 0;
	status = ntfs3g_drop_name(mount_of(writer), inode,
				  volume_tree_ref(tree, volume_tree_parent(tree, replaced->name)), &name, err);
	if (ntfs3g_close(mount_of(writer), inode, err) < 0)
		return -1;
	return status;
}

/* Times that a rule drops are those of the restore. */
static void set_times(struct case_record *record)
{
	struct timespec now;
	uint64_t        time;

	clock_gettime(CLOCK_REALTIME, &now);
	time = ntfs_time_from_timespec(now);
	record->file.times = (struct file_times){ time, time, time, time };
}

/* Copy a file under the name of an entry. */
static int make_copy(struct destination_writer *writer, uint32_t number, uint64_t *bytes, struct error *err)
{
	struct destination             *destination = writer->destination;
	const struct destination_entry *entry = &destination->entries.items[number];
	struct destination_copy        *copy = &destination->copies.items[entry->item];
	const struct origin            *origin = &writer->origins[copy->origin];
	struct ntfs3g_name              name, alias;
	struct copy_place               place = { &writer->writers[copy->origin],
						  destination->folders.items[entry->folder].ref, &name,
						  alias_of(destination, number, &alias),
						  copy->drops & RULE_SECURITY };
	struct case_record              record = { 0 };
	unsigned                        unkept = 0;
	int                             status = origin->load(origin->context, copy->item, &record, err);

	destination_entry_name(destination, entry, &name);
	copy->entry = number;
	if (status == 0 && copy->drops & RULE_TIME_FIELDS)
		set_times(&record);
	if (status == 0)
		status = make_way(writer, number, err);
	if (status == 0)
		status = copy_file(&place, &record, &copy->ref, &unkept, err);
	*bytes = record.file.size_bytes;
	case_record_release(&record);
	if (status <= 0) {
		copy->ref = 0;
		return status < 0 ? -1 : leave_out(writer, entry, &name, err);
	}
	count_unkept(writer, unkept);
	writer->report->added++;
	writer->report->copied++;
	writer->report->copied_bytes += *bytes;
	return 0;
}

/* -------- names -------- */

static int enter_folder(struct destination_writer *writer, uint32_t folder, struct error *err)
{
	if (writer->inode && writer->folder == folder)
		return 0;
	writer->folder = folder;
	return leave_folder(writer, err) < 0
		       ? -1
		       : ntfs3g_enter(mount_of(writer), writer->destination->folders.items[folder].ref,
				      &writer->inode, err);
}

/* One more name, and its 8.3 name, for a file that is there. */
static int link_name(struct destination_writer *writer, uint32_t number, file_ref file, struct error *err)
{
	struct destination             *destination = writer->destination;
	const struct destination_entry *entry = &destination->entries.items[number];
	struct ntfs3g_name              name, short_name;
	const struct ntfs3g_name       *alias = alias_of(destination, number, &short_name);
	bool                            taken;

	destination_entry_name(destination, entry, &name);
	if (make_way(writer, number, err) < 0 || enter_folder(writer, entry->folder, err) < 0 ||
	    ntfs3g_link_into(mount_of(writer), writer->inode, file, &name, alias ? NAME_WIN32 : NAME_POSIX,
			     &taken, err) < 0)
		return -1;
	if (taken)
		return error_set(err, ERROR_VALUE, destination->volume->source,
				 "changed while it was worked on: a name that was free is taken");
	writer->report->added++;
	if (!alias)
		return 0;
	if (ntfs3g_link_into(mount_of(writer), writer->inode, file, alias, NAME_DOS, &taken, err) < 0)
		return -1;
	count_unkept(writer, taken ? UNKEPT_ALIAS : 0);
	return 0;
}

/* Commit if it is time to; nothing may be open then. */
static int commit_if_full(struct destination_writer *writer, struct error *err)
{
	if (!transaction_is_full(&mount_of(writer)->transaction))
		return 0;
	return leave_folder(writer, err) < 0 ? -1 : ntfs3g_commit(mount_of(writer), err);
}

/* -------- all of it -------- */

static int make_folders(struct destination_writer *writer, struct error *err)
{
	const struct destination_entries *entries = &writer->destination->entries;

	for (size_t i = 0; i < entries->count; i++)
		if (entries->items[i].kind == ADD_FOLDER &&
		    (make_folder(writer, i, err) < 0 || commit_if_full(writer, err) < 0))
			return -1;
	return 0;
}

/* The file that an entry is a name of, if that is copied. */
static const struct destination_copy *copy_of(const struct destination *destination, size_t number)
{
	const struct destination_entry *entry = &destination->entries.items[number];

	return entry->kind == ADD_COPY ? &destination->copies.items[entry->item] : NULL;
}

static int copy_files(struct destination_writer *writer, struct error *err)
{
	struct destination *destination = writer->destination;
	uint64_t            waiting = 0, bytes;

	for (uint32_t i = 0; i < destination->entries.count; i++) {
		const struct destination_copy *copy = copy_of(destination, i);

		if (!copy || copy->ref || copy->entry != NO_ENTRY)
			continue;
		if (make_copy(writer, i, &bytes, err) < 0)
			return -1;
		waiting += COPY_FILE_BYTES + bytes;
		if (waiting >= COPY_COMMIT_BYTES && ntfs3g_commit(mount_of(writer), err) < 0)
			return -1;
		if (waiting >= COPY_COMMIT_BYTES)
			waiting = 0;
		if (commit_if_full(writer, err) < 0)
			return -1;
		progress_add(&writer->progress, 1);
	}
	return 0;
}

/* What an entry is one more name of; 0: it has been made with its file, or is no file's. */
static file_ref linked_file(const struct destination *destination, uint32_t number)
{
	const struct destination_entry *entry = &destination->entries.items[number];
	const struct destination_copy  *copy = copy_of(destination, number);

	if (entry->kind == ADD_LINK)
		return volume_tree_ref(&destination->volume->tree, entry->item);
	return copy && copy->entry != number ? copy->ref : 0;
}

static int link_names(struct destination_writer *writer, struct error *err)
{
	struct destination *destination = writer->destination;

	for (uint32_t i = 0; i < destination->entries.count; i++) {
		file_ref file = linked_file(destination, i);

		if (file && (link_name(writer, i, file, err) < 0 || commit_if_full(writer, err) < 0))
			return -1;
		progress_add(&writer->progress, file != 0);
	}
	return leave_folder(writer, err);
}

/* Run one stage with its bar. */
static int with_progress(struct destination_writer *writer, const char *what, uint64_t total,
			 int (*stage)(struct destination_writer *, struct error *), struct error *err)
{
	int result;

	progress_start(&writer->progress, what, total, PROGRESS_ITEMS);
	result = stage(writer, err);
	progress_end(&writer->progress);
	return result;
}

int destination_writer_copy(struct destination_writer *writer, struct error *err)
{
	if (make_folders(writer, err) < 0)
		return -1;
	return with_progress(writer, "copying files", writer->destination->copies.count, copy_files, err);
}

int destination_writer_link(struct destination_writer *writer, struct error *err)
{
	return with_progress(writer, "adding names", writer->destination->entries.count, link_names, err);
}
