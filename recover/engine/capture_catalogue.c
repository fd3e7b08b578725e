/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_catalogue.c - see capture_catalogue.h */
#include "recover/engine/capture_catalogue.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/content_digest.h"

#include <string.h>
#include <time.h>

#define PIECE_BLOCKS 256u /* written in one go */

struct records ARRAY(uint32_t);

/* What a file's streams hold. */
struct file_digest {
	uint32_t                 record;
	struct catalogue_digest *streams; /* owned */
};

struct file_digests ARRAY(struct file_digest);

struct making {
	const struct capture_catalogue *capture;
	struct catalogue_writer         writer;
	struct records                  members;   /* files and directories below File\<letter>$, ascending, each once */
	struct text_buffer              files;     /* "...\File" */
	struct file_digests             digests;   /* by record, where they are wanted */
};

/* -------- who is in the store -------- */

static int compare_record(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* What is in the directory @record; those that are directories are to be gone through as well. */
static int add_children(struct making *making, uint32_t record, struct records *folders, struct error *err)
{
	const struct volume_tree *tree = &making->capture->volume->tree;
	size_t                    count;
	const struct tree_child  *children = volume_tree_children(tree, record, &count);

	for (size_t i = 0; i < count; i++) {
		uint32_t child = children[i].record;

		if (tree->inventory.names.items[children[i].name].space == NAME_DOS)
			continue;
		if (!array_push(&making->members, child) ||
		    (volume_tree_is_directory(tree, child) && !array_push(folders, child)))
			return error_memory(err);
	}
	return 0;
}

static int find_members(struct making *making, struct error *err)
{
	const struct capture_catalogue *capture = making->capture;
	struct records                 *members = &making->members;
	size_t                          kept = 0;
	struct records                  folders = { 0 };
	int                             result = 0;

	for (char letter = 'A'; result == 0 && letter <= 'Z'; letter++) {
		uint32_t mirror = state_store_mirror(capture->volume, capture->store_folder, letter);

		if (mirror != NO_TREE_RECORD && !array_push(&folders, mirror))
			result = error_memory(err);
	}
	while (result == 0 && folders.count)
		result = add_children(making, folders.items[--folders.count], &folders, err);
	array_release(&folders);
	if (result < 0)
		return -1;
	if (members->count)
		qsort(members->items, members->count, sizeof *members->items, compare_record);
	for (size_t i = 0; i < members->count; i++)
		if (!kept || members->items[kept - 1] != members->items[i])
			members->items[kept++] = members->items[i];
	members->count = kept;
	return 0;
}

/* -------- digests -------- */

static int keep_digests(void *context, const struct case_record *record,
			const struct catalogue_digest *digests, struct error *err)
{
	struct making     *making = context;
	size_t             size = record->streams.count * sizeof *digests;
	struct file_digest kept = { (uint32_t)record->file.record, malloc(size + 1) };

	if (!kept.streams || !array_push(&making->digests, kept)) {
		free(kept.streams);
		return error_memory(err);
	}
	memcpy(kept.streams, digests, size);
	return 0;
}

static int compare_digest(const void *a, const void *b)
{
	const struct file_digest *left = a, *right = b;

	return (left->record > right->record) - (left->record < right->record);
}

static int digest_members(struct making *making, struct error *err)
{
	struct work_volume *volume = making->capture->volume;
	struct records      files = { 0 };
	int                 result = 0;

	for (size_t i = 0; result == 0 && i < making->members.count; i++)
		if (!volume_tree_is_directory(&volume->tree, making->members.items[i]) &&
		    !array_push(&files, making->members.items[i]))
			result = error_memory(err);
	if (result == 0)
		result = content_digest_all(volume, files.items, files.count, keep_digests, making, err);
	if (result == 0 && making->digests.count)
		qsort(making->digests.items, making->digests.count, sizeof *making->digests.items,
		      compare_digest);
	array_release(&files);
	return result;
}

/* Those of a file's streams, or NULL. */
static const struct catalogue_digest *find_digests(const struct making *making, uint32_t record)
{
	struct file_digest        key = { .record = record };
	const struct file_digest *found = making->digests.count ? bsearch(&key, making->digests.items,
									  making->digests.count, sizeof key,
									  compare_digest)
								: NULL;

	return found ? found->streams : NULL;
}

/* -------- one entry -------- */

static bool starts_with(const char *path, const struct text_buffer *prefix)
{
	return strncmp(path, prefix->items, prefix->count) == 0 && path[prefix->count] == '\\';
}

/* "File\C$\Users\a" of a path in the store, or NULL. */
static const char *inside_of(const struct making *making, const char *path)
{
	const char *inside, *drive;

	if (!starts_with(path, &making->files))
		return NULL;
	inside = path + making->files.count - strlen(STORE_FILES);
	drive = inside + sizeof STORE_FILES;
	return drive[0] >= 'A' && drive[0] <= 'Z' && drive[1] == '$' && drive[2] == '\\' ? inside : NULL;
}

/* The letter of the drive that a name in the store comes from. */
static char letter_of(const struct case_name *name)
{
	return name->inside[sizeof STORE_FILES];
}

static bool is_captured_already(const struct case_names *names, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (names->items[i].store && strcmp(names->items[i].path, path) == 0)
			return true;
	return false;
}

/*
 * Leave the names that the catalogue tells: those in the store, as paths on the volume that was
 * captured, first; then those that are elsewhere.  Returns how many are in the store.
 */
static size_t settle_names(const struct making *making, struct case_names *names)
{
	struct text_buffer path = { (char *)making->capture->store_path, strlen(making->capture->store_path), 0 };
	size_t             kept = 0, captured;

	for (size_t i = 0; i < names->count; i++) {
		struct case_name name = names->items[i];

		name.inside = name.dos ? NULL : inside_of(making, name.path);
		if (!name.inside)
			continue;
		name.path = name.inside + sizeof STORE_FILES + strlen("C$");
		name.store = 1;
		names->items[i] = names->items[kept];
		names->items[kept++] = name;
	}
	captured = kept;
	for (size_t i = kept; i < names->count; i++) {
		struct case_name name = names->items[i];

		if (starts_with(name.path, &path) || (!name.dos && is_captured_already(names, captured, name.path)))
			continue;
		name.store = 0;
		name.inside = NULL;
		names->items[kept++] = name;
	}
	names->count = kept;
	return captured;
}

/* Was the file copied into the store, or does the original's own name lead to it? */
static bool is_copy(const struct making *making, const struct case_record *record)
{
	const struct case_names *names = &record->names;

	for (size_t i = 0; i < names->count && names->items[i].store; i++)
		if (letter_of(&names->items[i]) == making->capture->volume->letter &&
		    volume_tree_find(&making->capture->volume->tree, names->items[i].path) ==
		    record->file.record)
			return false;
	return !record->file.directory;
}

/* The part that an entry with names in the store counts to, NULL: nobody asked for it this time. */
static struct capture_part *part_of(const struct making *making, const struct case_record *record)
{
	struct capture_result *result = making->capture->result;

	for (size_t i = 0; i < result->count; i++)
		if (result->parts[i].letter == letter_of(&record->names.items[0]))
			return &result->parts[i];
	return NULL;
}

static void count_entry(struct capture_part *part, const struct case_record *record, size_t names, bool copied)
{
	if (record->file.directory) {
		part->directories++;
		return;
	}
	part->files++;
	part->names += names;
	part->bytes += record->file.size_bytes;
	part->copied += copied;
	part->copied_bytes += copied ? record->file.size_bytes : 0;
}

static int add_security(struct making *making, uint32_t id, struct error *err)
{
	struct bytes descriptor;

	if (!id || catalogue_writer_has_security(&making->writer, id) ||
	    !security_table_find(&making->capture->volume->securities, id, &descriptor))
		return 0;
	return catalogue_writer_security(&making->writer, id, descriptor, err);
}

static int add_entry(struct making *making, uint32_t number, struct error *err)
{
	struct case_record record = { 0 };
	int                result = work_volume_load(making->capture->volume, number, &record, err);
	size_t             captured = result == 0 ? settle_names(making, &record.names) : 0;
	struct capture_part *part = captured ? part_of(making, &record) : NULL;
	bool               copied;

	if (result == 0)
		result = add_security(making, record.file.security_id, err);
	if (result == 0) {
		copied = is_copy(making, &record);
		if (part)
			count_entry(part, &record, captured, copied);
		result = catalogue_writer_entry(&making->writer, &record, find_digests(making, number), copied,
						err);
	}
	case_record_release(&record);
	return result;
}

static int add_texts(struct making *making, struct error *err)
{
	const struct capture_catalogue *capture = making->capture;
	struct timespec                 now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (catalogue_writer_text(&making->writer, "tool", "holdfast " HOLDFAST_VERSION, err) < 0 ||
	    catalogue_writer_text(&making->writer, "store", capture->store_path, err) < 0 ||
	    catalogue_writer_text(&making->writer, "captured",
				  text_time((uint64_t)le64_to_cpu(timespec2ntfs(now))).text, err) < 0)
		return -1;
	return catalogue_writer_text(&making->writer, "command", capture->command, err);
}

static int describe(struct making *making, struct error *err)
{
	if (making->capture->digests && digest_members(making, err) < 0)
		return -1;
	if (add_texts(making, err) < 0)
		return -1;
	for (size_t i = 0; i < making->members.count; i++)
		if (add_entry(making, making->members.items[i], err) < 0)
			return -1;
	return catalogue_writer_finish(&making->writer, err);
}

/* -------- onto the volume -------- */

/* Byte of the volume at which @offset of an attribute with clusters lies. */
static int place_of(struct ntfs3g *mount, ntfs_attr *attr, uint64_t offset, uint64_t *place, struct error *err)
{
	uint32_t cluster_bytes = mount->volume->cluster_size;
	LCN      lcn = ntfs_attr_vcn_to_lcn(attr, (VCN)(offset / cluster_bytes));

	if (lcn < 0)
		return ntfs3g_failed(mount, "cannot find where the catalogue lies", err);
	*place = (uint64_t)lcn * cluster_bytes + offset % cluster_bytes;
	return 0;
}

static int write_blocks(struct making *making, ntfs_attr *attr, struct error *err)
{
	struct ntfs3g             *mount = &making->capture->volume->mount;
	CLEANUP(free_ptr) uint8_t *piece = malloc(PIECE_BLOCKS * CATALOGUE_BLOCK_BYTES);
	uint64_t                   blocks = making->writer.header.blocks;

	if (!piece)
		return error_memory(err);
	if (ntfs_attr_truncate_solid(attr, (s64)(blocks * CATALOGUE_BLOCK_BYTES)))
		return ntfs3g_failed(mount, "cannot make room for the catalogue", err);
	for (uint64_t first = 0; first < blocks; first += PIECE_BLOCKS) {
		uint64_t count = blocks - first < PIECE_BLOCKS ? blocks - first : PIECE_BLOCKS;
		s64      length = (s64)(count * CATALOGUE_BLOCK_BYTES);

		for (uint64_t i = 0; i < count; i++) {
			uint64_t place = 0;

			if (place_of(mount, attr, (first + i) * CATALOGUE_BLOCK_BYTES, &place, err) < 0 ||
			    catalogue_writer_block(&making->writer, first + i, place,
						   piece + i * CATALOGUE_BLOCK_BYTES, err) < 0)
				return -1;
		}
		if (ntfs_attr_pwrite(attr, (s64)(first * CATALOGUE_BLOCK_BYTES), length, piece) != length)
			return ntfs3g_failed(mount, "cannot write the catalogue", err);
	}
	return ntfs3g_check(mount, err);
}

/* One copy.  *@lcn is where its first cluster lies. */
static int write_copy(struct making *making, const char *text, LCN *lcn, struct error *err)
{
	struct ntfs3g     *mount = &making->capture->volume->mount;
	file_ref           folder = volume_tree_ref(&making->capture->volume->tree, making->capture->store_folder);
	struct ntfs3g_name name;
	ntfs_inode        *inode;
	ntfs_attr         *attr;
	int                result = -1;

	(void)!ntfs3g_name(text, strlen(text), "", &name);
	if (ntfs3g_make_file(mount, folder, &name, 0, &inode, err) < 0)
		return -1;
	inode->flags &= ~(le32)FILE_ATTR_COMPRESSED; /* which it may inherit */
	attr = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
	if (!attr) {
		(void)ntfs3g_failed(mount, "cannot write the catalogue", err);
	} else {
		result = write_blocks(making, attr, err);
		*lcn = result == 0 ? ntfs_attr_vcn_to_lcn(attr, 0) : 0;
		ntfs_attr_close(attr);
	}
	if (result == 0)
		return ntfs3g_close(mount, inode, err);
	(void)ntfs_inode_close(inode);
	return -1;
}

/* The second copy as far from the first as the zone for data allows: one scratch does not take both. */
static int write_copies(struct making *making, struct error *err)
{
	ntfs_volume *volume = making->capture->volume->mount.volume;
	LCN          first, second, zone = volume->data1_zone_pos;
	LCN          start = volume->mft_zone_end, middle = start + (volume->nr_clusters - start) / 2;
	int          result;

	if (write_copy(making, STORE_CATALOGUE, &first, err) < 0)
		return -1;
	volume->data1_zone_pos = first < middle ? middle + (volume->nr_clusters - middle) / 2
						: start + (middle - start) / 4;
	result = write_copy(making, STORE_CATALOGUE_COPY, &second, err);
	volume->data1_zone_pos = zone;
	return result;
}

/* -------- all of it -------- */

static int prepare(struct making *making, struct error *err)
{
	const struct capture_catalogue *capture = making->capture;
	const struct work_volume       *volume = capture->volume;
	const struct geometry          *geometry = &volume->volume.geometry;
	struct catalogue_header         header = { .generation = capture->generation,
						   .serial = geometry->serial,
						   .clusters = geometry->clusters,
						   .cluster_bytes = geometry->cluster_bytes,
						   .letter = volume->letter };
	uint32_t files = state_store_child(volume, capture->store_folder, STORE_FILES);
	size_t   count;

	memcpy(header.uuid, capture->uuid, sizeof header.uuid);
	if (catalogue_writer_init(&making->writer, &header, err) < 0)
		return -1;
	if (files == NO_TREE_RECORD)
		return error_set(err, ERROR_VALUE, volume->source, "the store that was made is not there");
	if (volume_tree_path(&volume->tree, volume_tree_names(&volume->tree, files, &count)[0], &making->files,
			     err) < 0)
		return -1;
	return find_members(making, err);
}

int capture_catalogue_write(const struct capture_catalogue *capture, struct error *err)
{
	struct making *making = calloc(1, sizeof *making);
	int            result;

	if (!making)
		return error_memory(err);
	making->capture = capture;
	making->writer.fd = -1;
	result = prepare(making, err);
	if (result == 0)
		result = describe(making, err);
	if (result == 0)
		result = write_copies(making, err);
	catalogue_writer_release(&making->writer);
	for (size_t i = 0; i < making->digests.count; i++)
		free(making->digests.items[i].streams);
	array_release(&making->digests);
	array_release(&making->members);
	array_release(&making->files);
	free(making);
	return result;
}
