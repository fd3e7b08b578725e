/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_log_files.c - see sequence_log_files.h */
#include "recover/sequence/sequence_log_files.h"

#include "core/cleanup.h"
#include "core/utf16.h"
#include "recover/engine/file_content.h"
#include "recover/engine/folder_path.h"
#include "recover/host_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static bool is_log(const char *name)
{
	const char *ending = strrchr(name, '.');

	return ending && ending != name && name[0] != '.' && strcasecmp(ending, ".log") == 0;
}

/* The host's folder, with its descriptor closed by CLEANUP. */
static int open_folder(const char *folder, struct error *err)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? error_sys(err, folder, "cannot open the folder of the logs") : fd;
}

/* -------- from the host -------- */

struct log_bytes {
	uint8_t *memory; /* NULL: it is no plain file */
	uint8_t *at;     /* in it */
	size_t   size;
};

/* What of a log is there from @from on, while it may still grow. */
static int read_from(int fd, const char *name, off_t from, struct log_bytes *log, struct error *err)
{
	while (log->size < SEQUENCE_LOG_BYTES_MAX) {
		ssize_t got = pread(fd, log->memory + log->size, SEQUENCE_LOG_BYTES_MAX - log->size,
				    from + (off_t)log->size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_sys(err, name, "cannot read the log");
		if (got == 0)
			break;
		log->size += (size_t)got;
	}
	return 0;
}

/* A line that was cut begins nothing. */
static void begin_with_line(struct log_bytes *log)
{
	uint8_t *end = memchr(log->memory, '\n', log->size);

	if (!end)
		return;
	log->size -= (size_t)(end + 1 - log->memory);
	log->at = end + 1;
}

static int read_log(int folder, const char *name, struct log_bytes *log, struct error *err)
{
	CLEANUP(close_fd) int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct stat           status;
	off_t                 from;

	*log = (struct log_bytes){ 0 };
	if (fd < 0 && errno == ELOOP)
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_sys(err, name, "cannot open the log");
	if (!S_ISREG(status.st_mode))
		return 0;
	log->memory = log->at = malloc(SEQUENCE_LOG_BYTES_MAX);
	if (!log->memory)
		return error_memory(err);
	from = status.st_size > (off_t)SEQUENCE_LOG_BYTES_MAX ? status.st_size - (off_t)SEQUENCE_LOG_BYTES_MAX : 0;
	if (read_from(fd, name, from, log, err) < 0)
		return -1;
	if (from)
		begin_with_line(log);
	return 0;
}

/* -------- onto the volume -------- */

/* Has the file but one name?  A DOS alias is none of its own. */
static bool has_one_name(ntfs_inode *inode)
{
	ntfs_attr_search_ctx *search = ntfs_attr_get_search_ctx(inode, NULL);
	unsigned              names = 0;

	while (search && ntfs_attr_lookup(AT_FILE_NAME, AT_UNNAMED, 0, CASE_SENSITIVE, 0, NULL, 0, search) == 0) {
		const uint8_t *value = (const uint8_t *)search->attr + le16_to_cpu(search->attr->value_offset);

		names += value[offsetof(FILE_NAME_ATTR, file_name_type)] != FILE_NAME_DOS;
	}
	if (search)
		ntfs_attr_put_search_ctx(search);
	return names == 1;
}

/* A file whose content is nobody else's, and lies there as it is. */
static bool is_plain(ntfs_inode *inode)
{
	return !(inode->flags & (FILE_ATTR_REPARSE_POINT | FILE_ATTR_ENCRYPTED)) && has_one_name(inode);
}

static bool is_same(ntfs_inode *inode, const struct log_bytes *log)
{
	ntfs_attr              *attr = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
	CLEANUP(free_ptr) void *bytes = malloc(log->size + 1);
	bool                    same;

	same = attr && bytes && attr->data_size == (s64)log->size &&
	       ntfs_attr_pread(attr, 0, (s64)log->size, bytes) == (s64)log->size &&
	       memcmp(bytes, log->at, log->size) == 0;
	ntfs_attr_close(attr);
	return same;
}

static int replace_content(struct ntfs3g *mount, ntfs_inode *inode, const struct log_bytes *log, struct error *err)
{
	int status = file_content_replace(mount, inode, log->at, log->size, err);

	ntfs_inode_update_times(inode, NTFS_UPDATE_MCTIME);
	return ntfs3g_close(mount, inode, err) < 0 ? -1 : status;
}

static int put_log(struct ntfs3g *mount, file_ref folder, const char *text, const struct log_bytes *log,
		   struct error *err)
{
	struct ntfs3g_name name;
	ntfs_inode        *inode;
	file_ref           ref;
	int                found;

	if (ntfs3g_name(text, strlen(text), "", &name) < 0)
		return 0; /* no name that a volume could have */
	found = ntfs3g_find(mount, folder, &name, NAME_CASE_ASIDE, &ref, err);
	if (found == 0)
		return file_content_make(mount, folder, text, log->at, log->size, err);
	if (found < 0 || ntfs3g_open(mount, ref, &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, mount->path,
				 "the log '%.80s' is damaged; run 'chkdsk /f' on the volume in Windows", text);
	if (inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) {
		(void)ntfs_inode_close(inode);
		return error_set(err, ERROR_REFUSED, mount->path, "has a folder called '%.80s' where a log is to be; rename it",
				 text);
	}
	if (is_same(inode, log))
		return ntfs3g_close(mount, inode, err);
	if (is_plain(inode))
		return replace_content(mount, inode, log, err);
	/* the name goes to a new file: what else is called otherwise keeps its content */
	if (ntfs3g_delete_name(mount, inode, folder, &name, err) < 0)
		return -1;
	return file_content_make(mount, folder, text, log->at, log->size, err);
}

static int put_from(struct ntfs3g *mount, file_ref to, int from, const char *name, struct error *err)
{
	struct log_bytes log;
	int              status = read_log(from, name, &log, err);

	if (status == 0 && log.memory)
		status = put_log(mount, to, name, &log, err);
	free(log.memory);
	return status;
}

static int choose(const struct dirent *entry)
{
	return is_log(entry->d_name);
}

int sequence_log_files_put(struct work_volume *volume, const char *path, const char *folder, struct error *err)
{
	CLEANUP(close_fd) int from = open_folder(folder, err);
	struct dirent       **entries = NULL;
	int                   count, status;
	file_ref              to;

	if (from < 0)
		return -1;
	count = scandirat(from, ".", &entries, choose, alphasort);
	if (count < 0)
		return error_sys(err, folder, "cannot read the folder of the logs");
	status = folder_path_enter(&volume->mount, path, strlen(path), &to, NULL, err);
	for (int i = 0; i < count; i++) {
		if (status == 0)
			status = put_from(&volume->mount, to, from, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return status;
}

/* -------- from the volume -------- */

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t done = write(fd, bytes, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		bytes += done;
		size -= (size_t)done;
	}
	return 0;
}

/* It appears whole or not at all. */
static int write_log(int folder, const char *name, const uint8_t *bytes, size_t size, struct error *err)
{
	static const char     part[] = ".holdfast-log.part";
	CLEANUP(close_fd) int fd = openat(folder, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);

	if (fd < 0 || write_all(fd, bytes, size) < 0 || fsync(fd) < 0 ||
	    renameat2(folder, part, folder, name, RENAME_NOREPLACE) < 0)
		return error_sys(err, name, "cannot write the log");
	return 0;
}

/* The name of a log of the volume, if the host can have the same. */
static bool name_log(const struct volume_tree *tree, const struct tree_child *child, char name[NAME_UTF8_MAX])
{
	const struct name_row *row = &tree->inventory.names.items[child->name];
	size_t                 length = utf16_to_utf8(inventory_text(&tree->inventory, row), row->units, name);
	char                   host[HOST_NAME_BYTES];

	host_name(name, length, "", host);
	return row->space != NAME_DOS && !volume_tree_is_directory(tree, child->record) && is_log(name) &&
	       strcmp(name, host) == 0;
}

/* 1 if the log was taken, 0 if it is left, -1. */
static int fetch_log(struct work_volume *volume, const struct tree_child *child, int to, struct error *err)
{
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	char                       name[NAME_UTF8_MAX];
	struct stat                status;
	size_t                     size;

	if (!name_log(&volume->tree, child, name) ||
	    volume_tree_file_bytes(&volume->tree, child->record) > SEQUENCE_LOG_BYTES_MAX ||
	    fstatat(to, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (file_content_read(volume, child->record, name, SEQUENCE_LOG_BYTES_MAX, &bytes, &size, err) < 0 ||
	    write_log(to, name, bytes, size, err) < 0)
		return -1;
	return 1;
}

int sequence_log_files_fetch(struct work_volume *volume, const char *path, const char *folder, struct error *err)
{
	CLEANUP(close_fd) int    to = open_folder(folder, err);
	uint32_t                 record = volume_tree_find(&volume->tree, path);
	size_t                   count = 0, fetched = 0;
	const struct tree_child *children = NULL;

	if (to < 0)
		return -1;
	if (record != NO_TREE_RECORD)
		children = volume_tree_children(&volume->tree, record, &count);
	for (size_t i = 0; i < count && fetched < SEQUENCE_LOGS_FETCHED_MAX; i++) {
		int taken = fetch_log(volume, &children[i], to, err);

		if (taken < 0)
			return -1;
		fetched += (size_t)taken;
	}
	if (fetched && fsync(to) < 0)
		return error_sys(err, folder, "cannot make the logs durable");
	return 0;
}
