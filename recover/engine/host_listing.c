/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_listing.c - see host_listing.h */
#include "recover/engine/host_listing.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"
#include "scan/upcase.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/msdos_fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#define STATX_WANTED (STATX_BASIC_STATS | STATX_BTIME)

struct name_list ARRAY(char *);

struct walk {
	struct host_listing               *listing;
	const struct host_listing_options *options;
	struct upcase                      upcase; /* how names of trees compare */
};

/* -------- opening -------- */

/* Without touching the access time, which is allowed to owners only. */
static int open_quietly(int folder, const char *name, int flags)
{
	int fd = openat(folder, name, flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = openat(folder, name, flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd;
}

/* The names that lead to an entry, from the top; returns its depth. */
static size_t names_to(const struct host_listing *listing, size_t entry, const char *names[HOST_DEPTH_MAX + 1])
{
	const struct host_entry *at = &listing->entries.items[entry];
	size_t                   depth = at->depth;

	for (size_t i = depth; i > 0; i--) {
		names[i - 1] = host_listing_name(listing, at);
		at = &listing->entries.items[at->parent];
	}
	return depth;
}

int host_listing_open(const struct host_listing *listing, size_t entry)
{
	const char *names[HOST_DEPTH_MAX + 1];
	size_t      depth = names_to(listing, entry, names);
	bool        directory = listing->entries.items[entry].directory;
	int         fd = open_quietly(listing->fd, ".", O_DIRECTORY), why;
	struct stat status;

	for (size_t i = 0; fd >= 0 && i < depth; i++) {
		int next = open_quietly(fd, names[i], i + 1 < depth || directory ? O_DIRECTORY : 0);

		why = errno;
		close(fd);
		errno = why;
		fd = next;
	}
	if (fd < 0 || (fstat(fd, &status) == 0 && status.st_dev == listing->device))
		return fd;
	close(fd);
	errno = EXDEV;
	return -1;
}

/* -------- facts -------- */

static uint64_t ntfs_time(struct statx_timestamp time)
{
	const int64_t begin = -(int64_t)(NTFS_TIME_UNIX_EPOCH / NTFS_TIME_PER_SECOND);
	const int64_t end = INT64_MAX / (int64_t)NTFS_TIME_PER_SECOND + begin;

	if (time.tv_sec < begin)
		return 0;
	if (time.tv_sec >= end)
		return INT64_MAX;
	return ntfs_time_from_timespec((struct timespec){ .tv_sec = time.tv_sec, .tv_nsec = time.tv_nsec });
}

static void take_facts(struct host_entry *entry, const struct statx *facts)
{
	bool born = facts->stx_mask & STATX_BTIME;

	entry->directory = S_ISDIR(facts->stx_mode);
	entry->size_bytes = entry->directory ? 0 : facts->stx_size;
	entry->disk_bytes = 512 * facts->stx_blocks;
	entry->times = (struct file_times){ .created = ntfs_time(born ? facts->stx_btime : facts->stx_mtime),
					    .written = ntfs_time(facts->stx_mtime),
					    .changed = ntfs_time(facts->stx_ctime),
					    .accessed = ntfs_time(facts->stx_atime) };
}

int host_entry_refresh(struct host_entry *entry, int fd)
{
	struct statx facts;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_WANTED, &facts) < 0)
		return -1;
	if (!S_ISREG(facts.stx_mode)) {
		errno = ESTALE;
		return -1;
	}
	take_facts(entry, &facts);
	return 0;
}

static bool read_attributes(int fd, uint32_t *attributes)
{
	__u32 found;

	if (ioctl(fd, FAT_IOCTL_GET_ATTRIBUTES, &found) < 0)
		return false;
	*attributes = found & HOST_KEPT_ATTRIBUTES;
	return true;
}

/* Those that FAT keeps; on other file systems everything is to be archived, as on a new volume of Windows. */
static uint32_t find_attributes(const struct host_listing *listing, int folder, const char *name, bool directory)
{
	uint32_t attributes = directory ? 0 : FILE_IS_ARCHIVE;

	if (listing->fat) {
		CLEANUP(close_fd) int fd = open_quietly(folder, name, 0);

		if (fd >= 0)
			(void)!read_attributes(fd, &attributes);
	}
	return attributes;
}

/* -------- names -------- */

/* As utf16_from_utf8; NAME_UTF8_MAX for more bytes than a name can have. */
static size_t units_of(const char *name, size_t length, uint16_t units[NAME_UTF8_MAX])
{
	return length < NAME_UTF8_MAX ? utf16_from_utf8(name, length, units) : NAME_UTF8_MAX;
}

/* -------- what is left out -------- */

static int tell(const struct host_listing *listing, size_t parent, const char *name,
		const struct host_trouble *trouble, struct error *err)
{
	const char             *names[HOST_DEPTH_MAX + 1];
	size_t                  depth = names_to(listing, parent, names), size = 0;
	CLEANUP(free_ptr) char *path = NULL;
	struct host_trouble     told = *trouble;
	FILE                   *out = open_memstream(&path, &size);

	if (!out)
		return error_memory(err);
	fprintf(out, "%c:", listing->letter);
	for (size_t i = 0; i < depth; i++)
		fprintf(out, "\\%s", names[i]);
	if (name || !depth)
		fprintf(out, "\\%s", name ? name : "");
	if (fclose(out) != 0)
		return error_memory(err);
	told.path = path;
	if (!array_push(listing->troubles, told))
		return error_memory(err);
	path = NULL;
	return 0;
}

int host_listing_tell(const struct host_listing *listing, size_t entry, const struct host_trouble *trouble,
		      struct error *err)
{
	return tell(listing, entry, NULL, trouble, err);
}

static int leave_out(const struct host_listing *listing, size_t parent, const char *name, const char *why,
		     int sys, struct error *err)
{
	return tell(listing, parent, name, &(struct host_trouble){ .why = why, .sys = sys }, err);
}

/* Why something is left out that was found, or NULL. */
static const char *why_not(const struct walk *walk, const char *name, const struct statx *facts)
{
	uint16_t units[NAME_UTF8_MAX];
	size_t   count = units_of(name, strlen(name), units);

	if (count > NAME_UNITS_MAX && count != SIZE_MAX)
		return "has a name longer than 255 characters";
	if (count == SIZE_MAX)
		return "has a name that is no UTF-8";
	for (size_t i = 0; i < count; i++)
		if (!units[i] || units[i] == '/')
			return "has a name that is no UTF-8";
	if (S_ISLNK(facts->stx_mode))
		return "is a symbolic link";
	if (!S_ISREG(facts->stx_mode) && !S_ISDIR(facts->stx_mode))
		return "is neither a file nor a folder";
	if (makedev(facts->stx_dev_major, facts->stx_dev_minor) != walk->listing->device)
		return "is on another file system, which is mounted there; name that as a drive of its own";
	for (size_t i = 0; i < walk->options->excluded_count; i++)
		if (walk->options->excluded[i].st_dev == walk->listing->device &&
		    walk->options->excluded[i].st_ino == facts->stx_ino)
			return "is the disk that the store is made on";
	return NULL;
}

/* -------- trees -------- */

enum relation { APART, ON_THE_WAY, COVERED };

/* Is the component of a tree what the host calls @name? */
static bool is_called(const struct walk *walk, const char *part, size_t length, const char *name)
{
	uint16_t left[NAME_UTF8_MAX], right[NAME_UTF8_MAX];
	size_t   count = units_of(part, length, left);

	if (count >= NAME_UTF8_MAX || units_of(name, strlen(name), right) != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (walk->upcase.table[left[i]] != walk->upcase.table[right[i]])
			return false;
	return true;
}

static enum relation relation_to(const struct walk *walk, const char *tree, const char *const *names,
				 size_t depth)
{
	tree += strspn(tree, "\\/");
	for (size_t i = 0; *tree && i < depth; i++) {
		size_t length = strcspn(tree, "\\/");

		if (!is_called(walk, tree, length, names[i]))
			return APART;
		tree += length;
		tree += strspn(tree, "\\/");
	}
	return *tree ? ON_THE_WAY : COVERED;
}

/* What the child @name of @parent is to the trees. */
static enum relation find_relation(const struct walk *walk, size_t parent, const char *name)
{
	const char   *names[HOST_DEPTH_MAX + 1];
	size_t        depth;
	enum relation found = APART;

	if (walk->listing->entries.items[parent].covered)
		return COVERED;
	depth = names_to(walk->listing, parent, names);
	names[depth] = name;
	for (size_t i = 0; i < walk->options->tree_count; i++) {
		enum relation to = relation_to(walk, walk->options->trees[i], names, depth + 1);

		if (to > found)
			found = to;
	}
	return found;
}

/* -------- the walk -------- */

static int add_entry(struct host_listing *listing, struct host_entry entry, const char *name, struct error *err)
{
	struct text_buffer *names = &listing->names;
	size_t              size = strlen(name) + 1;

	while (names->capacity - names->count < size)
		if (!array_grow((void **)&names->items, names->capacity, &names->capacity, 1))
			return error_memory(err);
	entry.name = names->count;
	memcpy(names->items + names->count, name, size);
	names->count += size;
	return array_push(&listing->entries, entry) ? 0 : error_memory(err);
}

/* One of the names of a directory that is open. */
static int add_child(struct walk *walk, size_t parent, int folder, const char *name, struct error *err)
{
	struct host_listing *listing = walk->listing;
	enum relation        relation = find_relation(walk, parent, name);
	struct host_entry    entry = { .parent = parent,
				       .depth = (uint16_t)(listing->entries.items[parent].depth + 1),
				       .covered = relation == COVERED };
	struct statx         facts;
	const char          *why;

	if (relation == APART)
		return 0;
	if (statx(folder, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_WANTED, &facts) < 0)
		return leave_out(listing, parent, name, "cannot be looked at", errno, err);
	if (relation == ON_THE_WAY && !S_ISDIR(facts.stx_mode))
		return 0;
	if (!listing->entries.items[parent].covered && !S_ISDIR(facts.stx_mode))
		return error_set(err, ERROR_USAGE, name, "is a file on %c:; trees are folders", listing->letter);
	why = why_not(walk, name, &facts);
	if (!why && entry.depth > HOST_DEPTH_MAX)
		why = "lies too deep";
	if (why)
		return leave_out(listing, parent, name, why, 0, err);
	take_facts(&entry, &facts);
	entry.attributes = find_attributes(listing, folder, name, entry.directory);
	return add_entry(listing, entry, name, err);
}

static int compare_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All names in order; *@sys is why they may not be all. */
static int read_names(DIR *folder, struct name_list *names, int *sys, struct error *err)
{
	struct dirent *found;

	while (errno = 0, (found = readdir(folder)) != NULL) {
		char *name;

		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		name = strdup(found->d_name);
		if (!name || !array_push(names, name)) {
			free(name);
			return error_memory(err);
		}
	}
	*sys = errno;
	if (names->count)
		qsort(names->items, names->count, sizeof *names->items, compare_name);
	return 0;
}

static int add_children(struct walk *walk, size_t directory, DIR *folder, struct error *err)
{
	struct host_listing *listing = walk->listing;
	struct name_list     names = { 0 };
	int                  sys = 0;
	int                  result = read_names(folder, &names, &sys, err);

	if (result == 0 && sys) /* the names so far are taken */
		result = leave_out(listing, directory, NULL, "cannot be read to its end", sys, err);
	listing->entries.items[directory].first = listing->entries.count;
	for (size_t i = 0; result == 0 && i < names.count; i++)
		if (!i || strcmp(names.items[i - 1], names.items[i]) != 0)
			result = add_child(walk, directory, dirfd(folder), names.items[i], err);
	listing->entries.items[directory].count =
		listing->entries.count - listing->entries.items[directory].first;
	for (size_t i = 0; i < names.count; i++)
		free(names.items[i]);
	array_release(&names);
	return result;
}

static int list_directory(struct walk *walk, size_t directory, struct error *err)
{
	int  fd = host_listing_open(walk->listing, directory), result;
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (!folder) {
		int why = errno;

		close_fd(&fd);
		return leave_out(walk->listing, directory, NULL, "cannot be opened", why, err);
	}
	result = add_children(walk, directory, folder, err);
	closedir(folder);
	return result;
}

static int open_top(struct host_listing *listing, const struct host_listing_options *options, struct error *err)
{
	struct host_entry top = { .covered = !options->tree_count };
	struct statx      facts;
	struct stat       status;

	listing->fd = open(options->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (listing->fd < 0 || fstat(listing->fd, &status) < 0 ||
	    statx(listing->fd, "", AT_EMPTY_PATH, STATX_WANTED, &facts) < 0)
		return error_sys(err, options->path, "cannot open the folder");
	listing->device = status.st_dev;
	take_facts(&top, &facts);
	listing->fat = read_attributes(listing->fd, &top.attributes);
	for (size_t i = 0; i < options->tree_count; i++)
		top.covered = top.covered || !options->trees[i][strspn(options->trees[i], "\\/")];
	return add_entry(listing, top, "", err);
}

int host_listing_read(struct host_listing *listing, const struct host_listing_options *options,
		      struct host_troubles *troubles, struct error *err)
{
	struct walk walk = { .listing = listing, .options = options };
	int         result;

	*listing = (struct host_listing){ .fd = -1, .letter = options->letter, .troubles = troubles };
	result = upcase_init(&walk.upcase, err);
	if (result == 0)
		result = open_top(listing, options, err);
	for (size_t i = 0; result == 0 && i < listing->entries.count; i++)
		if (listing->entries.items[i].directory)
			result = list_directory(&walk, i, err);
	upcase_release(&walk.upcase);
	return result;
}

void host_listing_release(struct host_listing *listing)
{
	close_fd(&listing->fd);
	listing->fd = -1;
	array_release(&listing->entries);
	array_release(&listing->names);
}

void host_troubles_release(struct host_troubles *troubles)
{
	for (size_t i = 0; i < troubles->count; i++)
		free(troubles->items[i].path);
	array_release(troubles);
}
