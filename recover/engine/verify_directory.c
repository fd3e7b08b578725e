/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verify_directory.c - see verify_directory.h */
#include "recover/engine/verify_directory.h"

#include "core/checksum.h"
#include "core/cleanup.h"
#include "core/progress.h"
#include "core/workers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define ITEMS_EACH  16u /* files that a worker takes at a time */
#define PIECE_BYTES (1u << 18)

struct checksums ARRAY(uint64_t);

/* What the workers share. */
struct verifying {
	struct manifest_reader   reader;
	struct progress          progress;
	struct workers           workers;
	struct directory_result *result; /* this and what follows under .workers.lock */
	struct checksums         told;   /* of every path that a list tells of */
};

struct worker {
	struct verifying *verifying;
	struct digest     digest;
	uint8_t          *piece; /* PIECE_BYTES */
};

const char *directory_kind_name(enum directory_kind kind)
{
	static const char *const names[DIRECTORY_KINDS] = { "missing", "damaged", "unlinked",
							    "sidecar", "line",    "extra" };

	return names[kind];
}

/* File a problem; the caller has the lock, or is alone. */
static int file_problem(struct verifying *verifying, enum directory_kind kind, const char *path, const char *text,
			struct error *err)
{
	struct directory_problem problem = { kind, strdup(path), text };

	verifying->result->counts[kind]++;
	if (problem.path && array_push(&verifying->result->problems, problem))
		return 0;
	free(problem.path);
	return error_memory(err);
}

static int report(struct verifying *verifying, enum directory_kind kind, const char *path, const char *text,
		  struct error *err)
{
	int result;

	pthread_mutex_lock(&verifying->workers.lock);
	result = file_problem(verifying, kind, path, text, err);
	pthread_mutex_unlock(&verifying->workers.lock);
	return result;
}

/* -------- one file of the host -------- */

/* Read all of it: 1 with its digest, 0 when it cannot be read to its end, -1. */
static int digest_content(struct worker *worker, int fd, uint8_t sum[DIGEST_BYTES], struct error *err)
{
	ssize_t got;

	if (digest_start(&worker->digest, err) < 0)
		return -1;
	while ((got = read(fd, worker->piece, PIECE_BYTES)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return 0;
		if (digest_update(&worker->digest, worker->piece, (size_t)got, err) < 0)
			return -1;
		progress_add(&worker->verifying->progress, (uint64_t)got);
	}
	return digest_end(&worker->digest, sum, err) < 0 ? -1 : 1;
}

/* Hold the content behind @fd against what the list says; *@bytes counts what was read. */
static int verify_content(struct worker *worker, int fd, const char *path, const struct stat *status,
			  uint64_t size_bytes, const struct manifest_content *content, uint64_t *bytes,
			  struct error *err)
{
	uint8_t sum[DIGEST_BYTES];
	int     got;

	if ((uint64_t)status->st_size != size_bytes)
		return report(worker->verifying, DIRECTORY_DAMAGED, path, "it has another size", err);
	if (!content->sha256_known)
		return 0;
	got = digest_content(worker, fd, sum, err);
	if (got < 0)
		return -1;
	*bytes += size_bytes;
	if (got == 0)
		return report(worker->verifying, DIRECTORY_DAMAGED, path, "it cannot be read to its end", err);
	if (memcmp(sum, content->sha256, sizeof sum) != 0)
		return report(worker->verifying, DIRECTORY_DAMAGED, path, "it has another SHA-256", err);
	return 0;
}

/*
 * One path that a stream's content must lie at.
 * @first  status of the first path, to be filled (.st_nlink 0), or to be a link of
 */
static int verify_path(struct worker *worker, const char *path, uint64_t size_bytes,
		       const struct manifest_content *content, struct stat *first, uint64_t *bytes,
		       struct error *err)
{
	CLEANUP(close_fd) int fd = -1;
	struct stat           status;
	int                   got = manifest_reader_content(&worker->verifying->reader, path, &fd, err);

	if (got < 0)
		return -1;
	if (got == 0) {
		fd = -1;
		return report(worker->verifying, DIRECTORY_MISSING, path, "it is not there", err);
	}
	if (fstat(fd, &status) < 0)
		return error_sys(err, path, "cannot be looked at");
	if (first->st_nlink && status.st_dev == first->st_dev && status.st_ino == first->st_ino)
		return 0;
	if (first->st_nlink &&
	    report(worker->verifying, DIRECTORY_UNLINKED, path, "it is no link of the file's other names", err) < 0)
		return -1;
	if (!first->st_nlink)
		*first = status;
	return verify_content(worker, fd, path, &status, size_bytes, content, bytes, err);
}

/* -------- one entry -------- */

static int verify_sidecar(struct worker *worker, const struct manifest_entry *entry, const char *path,
			  struct error *err)
{
	const struct case_file *file = &entry->record.file;
	uint8_t                *descriptor;
	size_t                  size;
	int                     got;

	if (!entry->sidecar)
		return report(worker->verifying, DIRECTORY_SIDECAR, path, "sidecar.jsonl does not tell of it", err);
	if (!file->info_known || !file->security_id)
		return 0;
	got = manifest_reader_security(&worker->verifying->reader, file->volume, file->security_id, &descriptor,
				       &size, err);
	if (got < 0 && err->kind != ERROR_VALUE)
		return -1;
	if (got == 0 && descriptor) {
		free(descriptor);
		return 0;
	}
	return report(worker->verifying, DIRECTORY_SIDECAR, path,
		      "its security descriptor is not in security.jsonl", err);
}

static bool keep_path(struct verifying *verifying, const char *path)
{
	return array_push(&verifying->told, checksum(path, strlen(path)));
}

/* Count it, and remember its paths. */
static int note_entry(struct verifying *verifying, const struct manifest_entry *entry, uint64_t bytes,
		      struct error *err)
{
	struct directory_result *result = verifying->result;
	bool                     room = true;

	pthread_mutex_lock(&verifying->workers.lock);
	result->files++;
	result->names += entry->paths.count;
	result->bytes += bytes;
	result->lost += entry->record.file.grade == GRADE_LOST;
	for (size_t i = 0; room && i < entry->paths.count; i++)
		room = keep_path(verifying, entry->paths.items[i]);
	for (size_t i = 1; room && i < entry->contents.count; i++) {
		if (!entry->contents.items[i].path)
			continue;
		result->streams++;
		room = keep_path(verifying, entry->contents.items[i].path);
	}
	pthread_mutex_unlock(&verifying->workers.lock);
	return room ? 0 : error_memory(err);
}

/* What to call a file that may have no path. */
static const char *call(const struct manifest_entry *entry)
{
	if (entry->paths.count)
		return entry->paths.items[0];
	if (!entry->record.names.count)
		return "";
	return entry->record.names.items[0].inside ? entry->record.names.items[0].inside
						   : entry->record.names.items[0].path;
}

/* The first content is the unnamed stream's, which has all the paths. */
static int verify_entry(struct worker *worker, const struct manifest_entry *entry, struct error *err)
{
	const struct case_streams *streams = &entry->record.streams;
	struct stat                first = { 0 };
	uint64_t                   bytes = 0;

	for (size_t i = 0; i < entry->paths.count; i++)
		if (verify_path(worker, entry->paths.items[i], streams->items[0].size_bytes,
				&entry->contents.items[0], &first, &bytes, err) < 0)
			return -1;
	for (size_t i = 1; i < entry->contents.count; i++) {
		const struct manifest_content *content = &entry->contents.items[i];
		struct stat                    alone = { 0 };

		if (content->path && verify_path(worker, content->path, streams->items[i].size_bytes, content,
						 &alone, &bytes, err) < 0)
			return -1;
	}
	if (verify_sidecar(worker, entry, call(entry), err) < 0)
		return -1;
	return note_entry(worker->verifying, entry, bytes, err);
}

/* Damage of a line is a problem, anything else ends it all. */
static int take_damage(struct verifying *verifying, struct error *err)
{
	if (err->kind != ERROR_VALUE)
		return -1;
	return report(verifying, DIRECTORY_LINE, strrchr(err->path, '/') ? strrchr(err->path, '/') + 1 : err->path,
		      "a line in it is damaged", err);
}

static int verify_file(struct worker *worker, size_t index, struct error *err)
{
	struct manifest_entry entry;
	int                   result = manifest_reader_file(&worker->verifying->reader, index, &entry, err);

	result = result < 0 ? take_damage(worker->verifying, err) : verify_entry(worker, &entry, err);
	manifest_entry_release(&entry);
	return result;
}

/* -------- workers -------- */

static int work(void *argument, struct error *err)
{
	struct verifying *verifying = argument;
	struct worker     worker = { .verifying = verifying, .piece = malloc(PIECE_BYTES) };
	size_t            first, end;
	int               status = worker.piece ? 0 : error_memory(err);

	while (status == 0 && workers_take(&verifying->workers, verifying->reader.files.entries.count, ITEMS_EACH,
					   &first, &end))
		for (size_t i = first; status == 0 && i < end; i++)
			status = verify_file(&worker, i, err);
	digest_release(&worker.digest);
	free(worker.piece);
	return status;
}

static int verify_files(struct verifying *verifying, unsigned threads, struct error *err)
{
	int status;

	progress_start(&verifying->progress, "verifying", 0, PROGRESS_BYTES);
	status = workers_run(&verifying->workers, threads, work, verifying, err);
	progress_end(&verifying->progress);
	return status;
}

/* -------- folders -------- */

static int verify_folder(struct worker *worker, const struct manifest_entry *entry, struct error *err)
{
	struct verifying *verifying = worker->verifying;

	for (size_t i = 0; i < entry->paths.count; i++) {
		const char           *path = entry->paths.items[i];
		CLEANUP(close_fd) int fd = -1;
		int                   got = manifest_reader_open_folder(&verifying->reader, path, &fd, err);

		if (got < 0 ||
		    (got == 0 && file_problem(verifying, DIRECTORY_MISSING, path, "the folder is not there", err) < 0))
			return -1;
	}
	return verify_sidecar(worker, entry, call(entry), err);
}

static int verify_folders(struct verifying *verifying, struct error *err)
{
	struct worker alone = { .verifying = verifying };

	for (size_t i = 0; i < verifying->reader.folders.entries.count; i++) {
		struct manifest_entry entry;
		int                   result = manifest_reader_folder(&verifying->reader, i, &entry, err);

		result = result < 0 ? take_damage(verifying, err) : verify_folder(&alone, &entry, err);
		verifying->result->folders++;
		manifest_entry_release(&entry);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* -------- what no list tells of -------- */

static int compare_checksum(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static bool is_told(const struct verifying *verifying, const char *path)
{
	uint64_t sum = checksum(path, strlen(path));

	return verifying->told.count && bsearch(&sum, verifying->told.items, verifying->told.count, sizeof sum,
						compare_checksum);
}

/* The lists and markers in the directory itself. */
static bool is_own(const char *path)
{
	static const char *const own[] = { "manifest.jsonl", "sidecar.jsonl", "security.jsonl",
					   ".holdfast-rebuilt" };

	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (strcmp(path, own[i]) == 0)
			return true;
	return false;
}

/* Look through one folder: what is in it is told of, is a folder to be looked through, or is too much. */
static int sift_folder(struct verifying *verifying, const char *path, struct manifest_paths *folders,
		       struct error *err)
{
	struct dirent *entry;
	DIR           *list;
	int            fd, result = manifest_reader_open_folder(&verifying->reader, path, &fd, err);

	if (result < 1)
		return result;
	list = fdopendir(fd);
	if (!list) {
		close(fd);
		return error_memory(err);
	}
	result = 0;
	while (result == 0 && (entry = readdir(list)) != NULL) {
		CLEANUP(free_ptr) char *below = NULL;
		struct stat             status;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (asprintf(&below, "%s%s%s", path, *path ? "/" : "", entry->d_name) < 0) {
			below = NULL;
			result = error_memory(err);
		} else if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode)) {
			if (array_push(folders, below))
				below = NULL;
			else
				result = error_memory(err);
		} else if (!is_own(below) && !is_told(verifying, below)) {
			result = file_problem(verifying, DIRECTORY_EXTRA, below, "no list tells of it", err);
		}
	}
	closedir(list);
	return result;
}

static int find_extra(struct verifying *verifying, struct error *err)
{
	struct manifest_paths folders = { 0 };
	int                   result;

	if (verifying->told.count)
		qsort(verifying->told.items, verifying->told.count, sizeof *verifying->told.items,
		      compare_checksum);
	result = sift_folder(verifying, "", &folders, err);
	while (result == 0 && folders.count) {
		CLEANUP(free_ptr) char *path = folders.items[--folders.count];

		result = sift_folder(verifying, path, &folders, err);
	}
	for (size_t i = 0; i < folders.count; i++)
		free(folders.items[i]);
	array_release(&folders);
	return result;
}

/* -------- all of it -------- */

static int compare_problem(const void *a, const void *b)
{
	const struct directory_problem *left = a, *right = b;
	int                             order = strcmp(left->path, right->path);

	return order ? order : (left->kind > right->kind) - (left->kind < right->kind);
}

/* Lines of which not even the key can be read. */
static int tell_lines(struct verifying *verifying, const struct manifest_list *list, struct error *err)
{
	for (uint64_t i = 0; i < list->damaged; i++)
		if (file_problem(verifying, DIRECTORY_LINE, list->name, "a line in it is none", err) < 0)
			return -1;
	return 0;
}

static int verify_all(struct verifying *verifying, const char *path, unsigned threads, struct error *err)
{
	struct directory_problems *problems = &verifying->result->problems;

	if (manifest_reader_open(&verifying->reader, path, err) < 0 ||
	    tell_lines(verifying, &verifying->reader.files, err) < 0 ||
	    tell_lines(verifying, &verifying->reader.sidecars, err) < 0 ||
	    tell_lines(verifying, &verifying->reader.securities, err) < 0 ||
	    verify_files(verifying, threads, err) < 0 || verify_folders(verifying, err) < 0 ||
	    find_extra(verifying, err) < 0)
		return -1;
	if (problems->count)
		qsort(problems->items, problems->count, sizeof *problems->items, compare_problem);
	return 0;
}

int verify_directory(const char *path, unsigned threads, struct directory_result *result, struct error *err)
{
	struct verifying verifying = { .result = result, .workers = WORKERS_READY };
	int              status;

	*result = (struct directory_result){ 0 };
	status = verify_all(&verifying, path, threads, err);
	manifest_reader_close(&verifying.reader);
	array_release(&verifying.told);
	return status;
}

void directory_result_release(struct directory_result *result)
{
	for (size_t i = 0; i < result->problems.count; i++)
		free(result->problems.items[i].path);
	array_release(&result->problems);
}
