/* SPDX-License-Identifier: GPL-3.0-or-later */
/* witness.c - see witness.h */
#include "tests/crash/witness.h"

#include "fixtures/ntfs3g.h"
#include <ntfs-3g/xattrs.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define PATH_BYTES 8192
#define ATTRIBUTES_MAX 256
#define PIECE_BYTES (1u << 20)
#define CHILD_SECONDS 60

/* -------- contents -------- */

struct attribute {
	ATTR_TYPES type;
	ntfschar   name[256];
	u8         units;
};

static bool is_content(ATTR_TYPES type)
{
	return type == AT_DATA || type == AT_REPARSE_POINT || type == AT_EA || type == AT_OBJECT_ID ||
	       type == AT_LOGGED_UTILITY_STREAM;
}

/* The attributes that make up what a file holds.  Returns how many, or -1. */
static int find_contents(ntfs_inode *inode, struct attribute found[ATTRIBUTES_MAX])
{
	ntfs_attr_search_ctx *search = ntfs_attr_get_search_ctx(inode, NULL);
	int                   count = 0;

	if (!search)
		return -1;
	while (count < ATTRIBUTES_MAX &&
	       !ntfs_attr_lookup(AT_UNUSED, NULL, 0, CASE_SENSITIVE, 0, NULL, 0, search)) {
		const ATTR_RECORD *attribute = search->attr;

		if (!is_content(attribute->type) || (attribute->non_resident && attribute->lowest_vcn))
			continue;
		found[count].type = attribute->type;
		found[count].units = attribute->name_length;
		memcpy(found[count].name, (const u8 *)attribute + le16_to_cpu(attribute->name_offset),
		       attribute->name_length * sizeof(ntfschar));
		count++;
	}
	ntfs_attr_put_search_ctx(search);
	return count;
}

static bool hash_attribute(ntfs_inode *inode, struct attribute *which, XXH128_hash_t *hash)
{
	static uint8_t piece[PIECE_BYTES];
	ntfs_attr     *attribute =
		ntfs_attr_open(inode, which->type, which->units ? which->name : AT_UNNAMED, which->units);
	XXH3_state_t state;
	s64          at = 0;

	if (!attribute)
		return false;
	XXH3_128bits_reset(&state);
	XXH3_128bits_update(&state, &which->type, sizeof which->type);
	XXH3_128bits_update(&state, which->name, which->units * sizeof(ntfschar));
	XXH3_128bits_update(&state, &attribute->data_size, sizeof attribute->data_size);
	while (at < attribute->data_size) {
		s64 got = ntfs_attr_pread(attribute, at, PIECE_BYTES, piece);

		if (got <= 0)
			break;
		XXH3_128bits_update(&state, piece, (size_t)got);
		at += got;
	}
	*hash = XXH3_128bits_digest(&state);
	at = at == attribute->data_size;
	ntfs_attr_close(attribute);
	return at;
}

/* False when something cannot be read. */
static bool hash_content(ntfs_inode *inode, struct hash *content)
{
	static struct attribute found[ATTRIBUTES_MAX];
	int                     count = find_contents(inode, found);

	*content = (struct hash){ 0 };
	for (int i = 0; i < count; i++) {
		XXH128_hash_t hash;

		if (!hash_attribute(inode, &found[i], &hash))
			return false;
		content->low += hash.low64;
		content->high += hash.high64;
	}
	return count >= 0;
}

/* -------- folders -------- */

struct entry {
	char *name;
	u64   record;
	bool  folder;
};

struct entries {
	struct entry *items;
	size_t        count, room;
};

static int take_entry(void *context, const ntfschar *name, const int units, const int space,
		      const s64 position, const MFT_REF ref, const unsigned type)
{
	struct entries *entries = context;
	char           *text = NULL;

	(void)position;
	if (space == FILE_NAME_DOS)
		return 0;
	if (ntfs_ucstombs(name, units, &text, 0) < 0)
		return -1;
	if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0) {
		free(text);
		return 0;
	}
	if (entries->count == entries->room) {
		entries->room = entries->room ? 2 * entries->room : 16;
		entries->items = reallocarray(entries->items, entries->room, sizeof *entries->items);
		if (!entries->items)
			err(3, "a folder");
	}
	entries->items[entries->count++] = (struct entry){ text, MREF(ref), type == NTFS_DT_DIR };
	return 0;
}

/* False when the folder cannot be read to its end. */
static bool read_folder(ntfs_inode *folder, struct entries *entries)
{
	s64 position = 0;

	*entries = (struct entries){ 0 };
	return ntfs_readdir(folder, &position, entries, take_entry) == 0;
}

static void entries_release(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		free(entries->items[i].name);
	free(entries->items);
}

/* -------- truth -------- */

static void learn_file(struct truth *truth, ntfs_volume *volume, u64 record, const char *path)
{
	ntfs_inode       *inode = ntfs_inode_open(volume, record);
	struct known_file file = { .path = strdup(path) };

	if (!inode || !file.path || !hash_content(inode, &file.content))
		err(3, "%s", path);
	ntfs_inode_close(inode);
	if (truth->count == truth->room) {
		truth->room = truth->room ? 2 * truth->room : 256;
		truth->files = reallocarray(truth->files, truth->room, sizeof *truth->files);
		if (!truth->files)
			err(3, "the truth");
	}
	truth->files[truth->count++] = file;
}

static void learn_folder(struct truth *truth, ntfs_volume *volume, u64 record, char path[PATH_BYTES])
{
	ntfs_inode    *folder = ntfs_inode_open(volume, record);
	size_t         end = strlen(path);
	struct entries entries;

	if (!folder || !read_folder(folder, &entries))
		err(3, "%s", path);
	ntfs_inode_close(folder);
	for (size_t i = 0; i < entries.count; i++) {
		snprintf(path + end, PATH_BYTES - end, "/%s", entries.items[i].name);
		if (entries.items[i].folder)
			learn_folder(truth, volume, entries.items[i].record, path);
		else
			learn_file(truth, volume, entries.items[i].record, path);
	}
	path[end] = '\0';
	entries_release(&entries);
}

void truth_learn(struct truth *truth, const char *image, const char *tree)
{
	ntfs_volume *volume = ntfs_mount(image, NTFS_MNT_RDONLY);
	ntfs_inode  *root = volume ? ntfs_pathname_to_inode(volume, NULL, tree) : NULL;
	char         path[PATH_BYTES];
	u64          record;

	if (!root)
		err(3, "%s:%s", image, tree);
	record = root->mft_no;
	ntfs_inode_close(root);
	snprintf(path, sizeof path, "%s", strcmp(tree, "/") == 0 ? "" : tree);
	learn_folder(truth, volume, record, path);
	ntfs_umount(volume, FALSE);
}

void truth_release(struct truth *truth)
{
	for (size_t i = 0; i < truth->count; i++)
		free(truth->files[i].path);
	free(truth->files);
	*truth = (struct truth){ 0 };
}

/* -------- looking for files -------- */

/* Where else the files of a volume may be: "/store/USMT/File/C$" and so on. */
struct places {
	char  *items[64];
	size_t count;
};

static bool entries_of(ntfs_volume *volume, const char *path, struct entries *entries)
{
	ntfs_inode *folder = ntfs_pathname_to_inode(volume, NULL, path);
	bool        read;

	*entries = (struct entries){ 0 };
	if (!folder)
		return false;
	read = read_folder(folder, entries);
	ntfs_inode_close(folder);
	return read;
}

static void find_places(ntfs_volume *volume, const char *store, struct places *places)
{
	struct entries generations, letters;
	char           path[PATH_BYTES];

	places->count = 0;
	if (!store || !entries_of(volume, store, &generations))
		return;
	for (size_t i = 0; i < generations.count; i++) {
		if (strncmp(generations.items[i].name, "USMT", 4) != 0)
			continue;
		snprintf(path, sizeof path, "%s/%s/File", store, generations.items[i].name);
		if (!entries_of(volume, path, &letters))
			continue;
		for (size_t k = 0; k < letters.count && places->count < 64; k++)
			if (asprintf(&places->items[places->count], "%s/%s", path, letters.items[k].name) > 0)
				places->count++;
		entries_release(&letters);
	}
	entries_release(&generations);
}

static bool has_content(ntfs_volume *volume, const char *place, const struct known_file *file)
{
	char        path[PATH_BYTES];
	ntfs_inode *inode;
	struct hash content;
	bool        same;

	snprintf(path, sizeof path, "%s%s", place, file->path);
	inode = ntfs_pathname_to_inode(volume, NULL, path);
	if (!inode)
		return false;
	same = hash_content(inode, &content) && content.low == file->content.low &&
	       content.high == file->content.high;
	ntfs_inode_close(inode);
	return same;
}

static void look(ntfs_volume *volume, const struct truth *truth, const char *store, struct sight *sight)
{
	struct places places;

	find_places(volume, store, &places);
	for (size_t i = 0; i < truth->count; i++) {
		const struct known_file *file = &truth->files[i];
		bool                     found = has_content(volume, "", file);

		for (size_t k = 0; !found && k < places.count; k++)
			found = has_content(volume, places.items[k], file);
		if (!found && !sight->lost++)
			snprintf(sight->text, sizeof sight->text, "%s", file->path);
	}
}

/* -------- listing -------- */

struct lister {
	ntfs_volume           *volume;
	const char            *store; /* or NULL */
	const struct leniency *leniency;
	FILE                  *out;
	bool                   readable;
};

/* Does @path belong to the store itself, and not to what was captured?  So does the root. */
static bool is_stores_own(const char *path, const char *store)
{
	const char *rest = path;
	size_t      length = store ? strlen(store) : 0;

	if (!*path)
		return true;
	if (!store)
		return false;
	if (strncmp(path, store, strlen(path)) == 0 && (store[strlen(path)] == '/' || !store[strlen(path)]))
		return true;
	if (strncmp(path, store, length) != 0 || path[length] != '/')
		return false;
	for (int depth = 0; depth < 4; depth++) { /* /USMT/File/C$/Users: the fourth is a user's */
		rest = strchr(depth ? rest + 1 : path + length, '/');
		if (!rest)
			return true;
	}
	return false;
}

/* What the store has besides files: the same in each capture of the same. */
static bool is_setting(const char *path, const char *store)
{
	return is_stores_own(path, store) && strstr(path, "/Settings/");
}

static bool is_fresh(const char *path, const struct leniency *leniency)
{
	for (size_t i = 0; i < leniency->fresh_count; i++)
		if (strcmp(path, leniency->fresh[i]) == 0)
			return true;
	return false;
}

/* Is it one of those of which only the names matter, or below one? */
static bool is_inner(const char *path, const struct leniency *leniency)
{
	for (size_t i = 0; i < leniency->inner_count; i++) {
		size_t length = strlen(leniency->inner[i]);

		if (strncmp(path, leniency->inner[i], length) == 0 && (!path[length] || path[length] == '/'))
			return true;
	}
	return false;
}

static void print_path(FILE *out, const char *path)
{
	const char *random = strstr(path, "/USMT.new-"), *rest;

	if (!random) {
		fputs(path, out);
		return;
	}
	rest = strchr(random + 1, '/');
	fprintf(out, "%.*s/USMT.new-*%s", (int)(random - path), path, rest ? rest : "");
}

static void list_security(struct lister *lister, ntfs_inode *inode)
{
	static char             descriptor[65536];
	struct SECURITY_CONTEXT context = { .vol = lister->volume };
	int size = ntfs_xattr_system_getxattr(&context, XATTR_NTFS_ACL, inode, NULL, descriptor,
					      sizeof descriptor);

	if (size < 0)
		fputs(" security ?", lister->out);
	else
		fprintf(lister->out, " security %016llx",
			(unsigned long long)XXH3_64bits(descriptor, (size_t)size));
}

static void list_inode(struct lister *lister, ntfs_inode *inode, const char *path)
{
	bool        folder = inode->mrec->flags & MFT_RECORD_IS_DIRECTORY;
	bool        own = is_stores_own(path, lister->store) || is_inner(path, lister->leniency);
	struct hash content;

	print_path(lister->out, path);
	fprintf(lister->out, "\t%s links %u attributes %x", folder ? "folder" : "file",
		le16_to_cpu(inode->mrec->link_count), le32_to_cpu(inode->flags));
	if (!own && !is_fresh(path, lister->leniency)) {
		fprintf(lister->out, " times %llu %llu %llu",
			(unsigned long long)le64_to_cpu(inode->creation_time),
			(unsigned long long)le64_to_cpu(inode->last_data_change_time),
			(unsigned long long)le64_to_cpu(inode->last_access_time));
		list_security(lister, inode);
	}
	if (!own || is_setting(path, lister->store)) {
		if (hash_content(inode, &content))
			fprintf(lister->out, " content %016llx%016llx", (unsigned long long)content.high,
				(unsigned long long)content.low);
		else
			lister->readable = false;
	}
	fputc('\n', lister->out);
}

static void list_below(struct lister *lister, u64 record, char path[PATH_BYTES])
{
	ntfs_inode    *inode = ntfs_inode_open(lister->volume, record);
	size_t         end = strlen(path);
	struct entries entries = { 0 };

	if (!inode) {
		lister->readable = false;
		return;
	}
	list_inode(lister, inode, path);
	if ((inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) && !read_folder(inode, &entries))
		lister->readable = false;
	ntfs_inode_close(inode);
	for (size_t i = 0; i < entries.count; i++) {
		if (record == FILE_root && entries.items[i].name[0] == '$') /* the file system's own */
			continue;
		snprintf(path + end, PATH_BYTES - end, "/%s", entries.items[i].name);
		list_below(lister, entries.items[i].record, path);
	}
	path[end] = '\0';
	entries_release(&entries);
}

/* -------- what changes at once -------- */

/* A hash of all that is listed at @path ("/": everywhere) and below; 0, 0 if nothing is there. */
static struct hash hash_listing(struct lister *lister, const char *path)
{
	ntfs_inode   *inode = ntfs_pathname_to_inode(lister->volume, NULL, path);
	char          at[PATH_BYTES], *text = NULL;
	size_t        size;
	u64           record;
	XXH128_hash_t hash;

	if (!inode)
		return (struct hash){ 0 };
	record = inode->mft_no;
	ntfs_inode_close(inode);
	lister->out = open_memstream(&text, &size);
	if (!lister->out)
		err(3, "a listing");
	snprintf(at, sizeof at, "%s", record == FILE_root ? "" : path);
	list_below(lister, record, at);
	fclose(lister->out);
	hash = XXH3_128bits(text, size);
	free(text);
	return (struct hash){ .low = hash.low64, .high = hash.high64 };
}

/* -------- the child -------- */

/* What the child is to do: look up .truth and .wholes, or list into .to. */
struct errand {
	const char            *image, *store, *to;
	const struct truth    *truth;
	const struct wholes   *wholes;
	const struct leniency *leniency;
};

static void list(ntfs_volume *volume, const struct errand *errand, struct sight *sight)
{
	struct lister lister = { volume, errand->store, errand->leniency, fopen(errand->to, "w"), true };
	char          path[PATH_BYTES] = "";

	if (!lister.out)
		err(3, "%s", errand->to);
	fprintf(lister.out, "dirty %d\n", sight->dirty);
	list_below(&lister, FILE_root, path);
	sight->mounted = lister.readable && fclose(lister.out) == 0;
}

static void look_at_all(ntfs_volume *volume, const struct errand *errand, struct sight *sight)
{
	struct lister lister = { volume, errand->store, errand->leniency, NULL, true };

	look(volume, errand->truth, errand->store, sight);
	for (size_t i = 0; i < errand->wholes->count; i++)
		sight->wholes[i] = hash_listing(&lister, errand->wholes->paths[i]);
}

static _Noreturn void run_errand(const struct errand *errand, struct sight *sight)
{
	ntfs_volume *volume;

	alarm(CHILD_SECONDS);
	ntfs_log_set_handler(ntfs_log_handler_null);
	volume = ntfs_mount(errand->image, 0);
	if (volume) {
		sight->mounted = true;
		sight->dirty = volume->flags & VOLUME_IS_DIRTY;
		if (errand->to)
			list(volume, errand, sight);
		else
			look_at_all(volume, errand, sight);
	} else {
		snprintf(sight->text, sizeof sight->text, "%s", strerror(errno));
	}
	sight->told = true;
	_exit(0); /* nothing was written: there is nothing to unmount */
}

static struct sight see(const struct errand *errand)
{
	struct sight *shared =
		mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sight sight;
	pid_t        child;
	int          status;

	if (shared == MAP_FAILED)
		err(3, "mmap");
	child = fork();
	if (child < 0)
		err(3, "fork");
	if (child == 0)
		run_errand(errand, shared);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			err(3, "waitpid");
	if (!shared->told)
		snprintf(shared->text, sizeof shared->text, "libntfs-3g ended with status 0x%x", status);
	sight = *shared;
	munmap(shared, sizeof *shared);
	return sight;
}

struct sight witness_look(const char *image, const struct truth *truth, const struct wholes *wholes,
			  const char *store, const struct leniency *leniency)
{
	return see(&(struct errand){
		.image = image, .store = store, .truth = truth, .wholes = wholes, .leniency = leniency });
}

struct sight witness_list(const char *image, const char *store, const struct leniency *leniency,
			  const char *to)
{
	return see(&(struct errand){ .image = image, .store = store, .leniency = leniency, .to = to });
}

void witness_log(const char *image, uint64_t *first, uint64_t *end)
{
	ntfs_volume *volume = ntfs_mount(image, NTFS_MNT_RDONLY);
	ntfs_inode  *inode = volume ? ntfs_inode_open(volume, FILE_LogFile) : NULL;
	ntfs_attr   *log = inode ? ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0) : NULL;

	if (!log || ntfs_attr_map_whole_runlist(log))
		err(3, "%s: $LogFile", image);
	*first = (uint64_t)log->rl[0].lcn * volume->cluster_size;
	*end = *first + (uint64_t)log->rl[0].length * volume->cluster_size;
	ntfs_attr_close(log);
	ntfs_inode_close(inode);
	ntfs_umount(volume, FALSE);
}
