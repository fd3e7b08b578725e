/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rebuild.c - see rebuild.h */
#include "recover/rebuild.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"
#include "core/progress.h"
#include "core/text.h"
#include "core/utf16.h"
#include "core/workers.h"
#include "recover/host_name.h"
#include "recover/host_tree.h"
#include "recover/manifest.h"
#include "recover/stream_digest.h"
#include "scan/content.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define MARKER      ".holdfast-rebuild"  /* stands in a folder that is not finished, and says of what */
#define DONE        ".holdfast-rebuilt"  /* the same in one that is */
#define BATCH_FILES 64u                  /* that a worker takes at a time */
#define SYNC_BYTES  (1ull << 30)         /* written between two moments that a power cut cannot undo */
#define ENDING_MAX  64u

/* What the workers share. */
struct rebuild {
	const struct rebuild_options *options;
	struct rebuild_counts        *counts;
	int                           root;        /* of the destination */
	bool                          resumed;     /* an earlier run was cut off */
	struct case_plan              plan;
	size_t                        first_file;  /* in the plan, behind the directories */
	struct case_displaced_list    displaced;
	struct line_file              manifest, sidecar, security;
	struct workers                workers;
	uint64_t                      unsynced;    /* under .workers.lock, as the lists and counts are */
	struct progress               progress;
};

struct rebuilder {
	struct rebuild        *rebuild;
	struct casebook        book;
	struct content_buffers buffers;
	struct digest          digest;
	struct host_tree       tree;
};

const char *rebuild_ending(enum grade grade)
{
	switch (grade) {
	case GRADE_SUSPECT:
		return ".suspect";
	case GRADE_PARTIAL:
		return ".partial";
	default:
		return "";
	}
}

/* -------- the destination -------- */

int rebuild_make_folders(const char *path, struct error *err)
{
	CLEANUP(free_ptr) char *copy = strdup(path);

	if (!copy)
		return error_memory(err);
	for (char *at = copy + (*copy == '/'); *at; at++)
		if (*at == '/' && at > copy) {
			*at = 0;
			if (mkdir(copy, 0700) < 0 && errno != EEXIST)
				return error_sys(err, copy, "cannot make the destination");
			*at = '/';
		}
	if (mkdir(copy, 0700) < 0 && errno != EEXIST)
		return error_sys(err, copy, "cannot make the destination");
	return 0;
}

static bool is_empty(int folder)
{
	int            fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR           *list = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	bool           empty = list != NULL;

	while (empty && (entry = readdir(list)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (list)
		closedir(list);
	return empty;
}

static int describe_evidence(void *context, const struct case_evidence *evidence, struct error *err)
{
	(void)err;
	fprintf(context, "%s %" PRIu64 "\n", evidence->path, evidence->size_bytes);
	return 0;
}

static int describe_store(void *context, const struct case_store *store, struct error *err)
{
	(void)err;
	fprintf(context, "%lld %s %" PRIu64 " %" PRIu64 "\n", (long long)store->id, store->path, store->files,
		store->bytes);
	return 0;
}

/* What must be the same for a run to go on with another's work. */
static int identity(const struct rebuild *rebuild, char **text, struct error *err)
{
	size_t length;
	FILE  *out = open_memstream(text, &length);
	int    result;

	if (!out)
		return error_memory(err);
	fprintf(out, "holdfast rebuild of store %lld\n", (long long)rebuild->options->store);
	result = casebook_evidence(rebuild->options->book, describe_evidence, out, err);
	if (result == 0)
		result = casebook_stores(rebuild->options->book, describe_store, out, err);
	return fclose(out) != 0 && result == 0 ? error_memory(err) : result;
}

/* The marker called @name: 1 ours, 0 none, -1 somebody else's. */
static int read_marker(const struct rebuild *rebuild, const char *name, const char *wanted)
{
	CLEANUP(close_fd) int      fd = openat(rebuild->root, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	size_t                     length = strlen(wanted);
	CLEANUP(free_ptr) char    *found = malloc(length + 2);
	ssize_t                    got;

	if (fd < 0)
		return 0;
	got = found ? read(fd, found, length + 1) : -1;
	return got == (ssize_t)length && memcmp(found, wanted, length) == 0 ? 1 : -1;
}

static int write_marker(const struct rebuild *rebuild, const char *text, struct error *err)
{
	CLEANUP(close_fd) int fd =
		openat(rebuild->root, MARKER, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fsync(fd) < 0)
		return error_sys(err, rebuild->options->to, "cannot write to the destination");
	return 0;
}

/*
 * Open the destination: fresh, or our own that was cut off.  *@done: it is finished, and only to be
 * counted.
 */
static int open_destination(struct rebuild *rebuild, bool *done, struct error *err)
{
	const char             *to = rebuild->options->to;
	CLEANUP(free_ptr) char *wanted = NULL;
	int                     marker;

	*done = false;
	for (size_t i = 0; i < rebuild->options->evidence->evidence_count; i++)
		if (evidence_refuse(&rebuild->options->evidence->evidence[i], to, err) < 0)
			return -1;
	if (rebuild_make_folders(to, err) < 0 || identity(rebuild, &wanted, err) < 0)
		return -1;
	rebuild->root = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (rebuild->root < 0)
		return error_sys(err, to, "cannot open the destination");
	if (rebuild->options->again && read_marker(rebuild, DONE, wanted) == 1) {
		*done = true;
		return 0;
	}
	marker = read_marker(rebuild, MARKER, wanted);
	if (marker < 0)
		return error_set(err, ERROR_REFUSED, to,
				 "holds an unfinished rebuild of something else; choose another folder, or "
				 "remove this one if it is not needed");
	if (marker == 0 && !is_empty(rebuild->root))
		return error_set(err, ERROR_REFUSED, to, "%s; choose another folder",
				 faccessat(rebuild->root, "manifest.jsonl", F_OK, 0) == 0
					 ? "holds a finished rebuild, which is not written over"
					 : "is not empty, and what is in it is not ours to write over");
	rebuild->resumed = marker == 1;
	return write_marker(rebuild, wanted, err);
}

/* -------- names -------- */

/* Where a name goes below the destination, in the casebook's form; to be freed, NULL if not in this store. */
static char *target_path(const struct rebuild *rebuild, const struct case_file *file,
			 const struct case_name *name)
{
	char *path = NULL;
	int   length;

	if (name->dos || name->store != rebuild->options->store)
		return NULL;
	if (rebuild->options->store == CASE_BESIDE)
		length = asprintf(&path, "volume-%lld%s", (long long)file->volume, name->path);
	else
		length = asprintf(&path, "%s%s", strncmp(name->inside, "orphans\\", 8) == 0 ? "" : "USMT\\",
				  name->inside);
	return length < 0 ? NULL : path;
}

static bool is_displaced(const struct rebuild *rebuild, int64_t file, size_t number)
{
	const struct case_displaced *items = rebuild->displaced.items;
	size_t                       first = partition_point(0, rebuild->displaced.count, at,
							     items[at].file < file ||
								     (items[at].file == file && items[at].number < number));

	return first < rebuild->displaced.count && items[first].file == file && items[first].number == number;
}

/* What is added to a name: another file's claim on it, encryption, the grade. */
static void name_ending(const struct rebuild *rebuild, const struct case_record *record, size_t number,
			bool encrypted, enum grade grade, bool twin, char ending[ENDING_MAX])
{
	char displaced[40] = "";

	if (twin || is_displaced(rebuild, record->file.id, number))
		snprintf(displaced, sizeof displaced, "%%~%" PRIu64 "-%u", record->file.record,
			 record->file.sequence);
	snprintf(ending, ENDING_MAX, "%s%s%s", displaced, encrypted ? ".encrypted" : "", rebuild_ending(grade));
}

/* The path below the destination as the host has it. */
static char *host_path(const char *path, const char *ending)
{
	size_t      room = strlen(path) * 3 + HOST_NAME_BYTES + 1, used = 0;
	char       *out = malloc(room + HOST_NAME_BYTES);
	const char *at = path;

	while (out) {
		size_t length = strcspn(at, "\\");
		char   host[HOST_NAME_BYTES];

		host_name(at, length, at[length] ? "" : ending, host);
		if (used + strlen(host) + 2 > room) {
			char *grown = realloc(out, room = 2 * room + HOST_NAME_BYTES);

			if (!grown) {
				free(out);
				return NULL;
			}
			out = grown;
		}
		used += (size_t)sprintf(out + used, "%s%s", used ? "/" : "", host);
		if (!at[length])
			break;
		at += length + 1;
	}
	return out;
}

/* -------- what a cut-off run left -------- */

struct hashes ARRAY(uint64_t); /* of paths below the destination */

static uint64_t path_hash(const char *path)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (; *path; path++)
		hash = (hash ^ (uint8_t)*path) * 1099511628211u;
	return hash;
}

static int compare_hash(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* One JSON string as json.c writes them, in place; returns what follows it. */
static char *read_string(char *at)
{
	char *to = at;

	while (*at && *at != '"') {
		if (at[0] == '\\' && at[1] == 'u') {
			unsigned point = 0;

			(void)sscanf(at + 2, "%4x", &point);
			to += utf8_put(point, to);
			at += 6;
		} else {
			at += *at == '\\' && at[1];
			*to++ = *at++;
		}
	}
	at += *at == '"';
	*to = 0;
	return at;
}

/* The paths and stream files of one manifest line. */
static int keep_paths(void *context, const char *line, struct error *err)
{
	CLEANUP(free_ptr) char *copy = strdup(line);
	char                   *at = copy ? strstr(copy, "\"paths\": [") : NULL;

	if (!copy)
		return error_memory(err);
	at = at ? at + 10 : NULL;
	while (at && *at && *at != ']') {
		char *text = at + 1;

		if (*at != '"') {
			at++;
			continue;
		}
		at = read_string(text);
		if (!array_push((struct hashes *)context, path_hash(text)))
			return error_memory(err);
	}
	while (at && (at = strstr(at, "\"at\": \"")) != NULL) {
		char *text = at + 7;

		at = read_string(text);
		if (!array_push((struct hashes *)context, path_hash(text)))
			return error_memory(err);
	}
	return 0;
}

/* Remove the files below @folder that no line of the manifest speaks of. */
static int sweep_folder(int folder, const char *path, const struct hashes *kept, unsigned depth,
			struct error *err)
{
	int            fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
	DIR           *list = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (!list)
		return error_sys(err, path, "cannot look through what an earlier run left");
	while (result == 0 && (entry = readdir(list)) != NULL) {
		CLEANUP(free_ptr) char *below = NULL;
		struct stat             status;
		uint64_t                hash;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (asprintf(&below, "%s%s%s", path, *path ? "/" : "", entry->d_name) < 0)
			result = error_memory(err);
		else if (fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			result = error_sys(err, below, "cannot look at what an earlier run left");
		else if (S_ISDIR(status.st_mode) && depth < 2 * PATH_DEPTH_MAX) {
			CLEANUP(close_fd) int next =
				openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			result = next < 0 ? error_sys(err, below, "cannot open what an earlier run left")
					  : sweep_folder(next, below, kept, depth + 1, err);
		} else if (*path) { /* the files in the destination itself are lists and markers */
			hash = path_hash(below);
			if ((!kept->count || !bsearch(&hash, kept->items, kept->count, sizeof *kept->items,
						      compare_hash)) &&
			    unlinkat(folder, entry->d_name, 0) < 0)
				result = error_sys(err, below, "cannot remove what an earlier run left half done");
		}
	}
	closedir(list);
	return result;
}

/* What a cut-off run has written and not told is done again from the start. */
static int sweep(struct rebuild *rebuild, struct error *err)
{
	struct hashes kept = { 0 };
	int           result = line_file_each(&rebuild->manifest, keep_paths, &kept, err);

	if (kept.count)
		qsort(kept.items, kept.count, sizeof *kept.items, compare_hash);
	if (result == 0)
		result = sweep_folder(rebuild->root, "", &kept, 0, err);
	array_release(&kept);
	return result;
}

/* -------- content -------- */

static int write_at(int fd, const uint8_t *data, uint64_t length, uint64_t offset, struct error *err)
{
	while (length) {
		ssize_t done = pwrite(fd, data, (size_t)length, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return error_sys(err, NULL, "cannot write a file; what is whole stays, and the same "
						    "command goes on from here");
		data += done;
		offset += (uint64_t)done;
		length -= (uint64_t)done;
	}
	return 0;
}

/* Copy one stream to @fd and learn its digest and grade. */
static int copy_stream(struct rebuilder *me, const struct case_record *record,
		       const struct case_stream *stream, int fd, struct rebuild_stream *result, struct error *err)
{
	const struct volume *volume = &me->rebuild->options->evidence->volumes.items[record->file.volume - 1];
	struct content       content;
	struct content_piece piece;
	struct stream_digest digest;
	uint64_t             end = 0;
	int                  got;

	result->stream = stream;
	result->size_bytes = stream->size_bytes;
	content_open(&content, volume, stream, !record->file.live, &me->buffers);
	content_expect(&content, case_record_extension(record));
	got = stream_digest_start(&digest, &me->digest, err);
	if (got == 0)
		got = 1;
	while (got == 1 && (got = content_next(&content, &piece, err)) == 1) {
		if ((piece.data && write_at(fd, piece.data, piece.length, piece.offset, err) < 0) ||
		    stream_digest_add(&digest, &piece, err) < 0)
			got = -1;
		if (piece.data)
			end = piece.offset + piece.length;
		progress_add(&me->rebuild->progress, piece.data ? piece.length : 0);
	}
	if (got == 0 && end < stream->size_bytes && ftruncate(fd, (off_t)stream->size_bytes) < 0)
		got = error_sys(err, NULL, "cannot give a file its size");
	if (got == 0)
		got = stream_digest_end(&digest, result->sha256, &result->sha256_known, err);
	result->grade = content_grade(&content);
	result->reasons = stream->reasons | content.reasons;
	result->missing = content.missing;
	content.missing = (struct ranges){ 0 };
	content_close(&content);
	if (got == 0 && result->sha256_known)
		case_stream_judge(stream, record->file.live, result->sha256, &result->grade, &result->reasons,
				  &result->missing);
	return got;
}

static void set_times(int fd, const struct case_file *file)
{
	struct timespec times[2] = { ntfs_time_to_timespec(file->times.accessed),
				     ntfs_time_to_timespec(file->times.written) };

	if (file->info_known)
		(void)futimens(fd, times); /* the sidecar has them in full */
}

/*
 * Make a new file called @host in @folder.  *@taken, and -1 with no error: something has the name,
 * and keeps it (what a cut-off run left was swept away before); another name is needed.
 */
static int create_file(int folder, const char *host, bool *taken, struct error *err)
{
	int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(folder, host, flags, 0600);

	*taken = false;
	if (fd < 0 && errno == EEXIST) {
		*taken = true;
		return -1;
	}
	return fd >= 0 ? fd : error_sys(err, host, "cannot make a file in the destination");
}

/* Give the file @from (in @first) another name; where the host has no links, a copy. */
static int link_file(int first, const char *from, int folder, const char *host,
		     bool *taken, struct error *err)
{
	struct stat status;
	int         in, out, result = 0;

	*taken = false;
	if (linkat(first, from, folder, host, 0) == 0)
		return 0;
	if (errno == EEXIST) {
		*taken = true;
		return -1;
	}
	if (errno != EPERM && errno != EMLINK && errno != EOPNOTSUPP && errno != ENOTSUP)
		return error_sys(err, host, "cannot link a name in the destination");
	in = openat(first, from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	out = create_file(folder, host, taken, err);
	if (in < 0 || out < 0 || fstat(in, &status) < 0) {
		result = *taken || out < 0 ? -1 : error_sys(err, host, "cannot copy a file in the destination");
	} else {
		off_t   left = status.st_size;
		ssize_t done = 0;

		while (left > 0 && (done = copy_file_range(in, NULL, out, NULL, (size_t)left, 0)) > 0)
			left -= done;
		if (left > 0)
			result = error_sys(err, host, "cannot copy a file in the destination");
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return result;
}

/* -------- one file -------- */

/* Named streams, and attributes too large for the sidecar, go to files of their own. */
static bool is_beside_content(const struct case_stream *stream)
{
	if (stream->type == ATTRIBUTE_DATA)
		return *stream->name;
	return stream->type == ATTRIBUTE_LOGGED_STREAM || !stream->resident;
}

static int write_side_streams(struct rebuilder *me, const struct case_record *record,
			      struct rebuild_result *result, struct error *err)
{
	for (size_t i = 0; i < record->streams.count; i++) {
		const struct case_stream *stream = &record->streams.items[i];
		struct rebuild_stream     side = { .stream = stream,
						   .grade = stream->grade,
						   .reasons = stream->reasons,
						   .size_bytes = stream->size_bytes };
		char                     *path, *host;
		const char               *last;
		int                       folder, fd, status;
		bool                      taken;

		if (!is_beside_content(stream))
			continue;
		if (stream->grade == GRADE_LOST) {
			for (size_t j = 0; j < stream->missing.count; j++)
				if (!ranges_add(&side.missing, stream->missing.items[j].start,
						stream->missing.items[j].length))
					return error_memory(err);
			if (!array_push(&result->streams, side))
				return error_memory(err);
			continue;
		}
		path = text_format("streams\\%lld-%" PRIu64 "-%u\\%" PRIx32 "-%s", (long long)record->file.volume, record->file.record, record->file.sequence, stream->type, stream->name);
		if (!path)
			return error_memory(err);
		host = host_path(path, "");
		folder = host ? host_tree_parent(&me->tree, path, &last, err) : error_memory(err);
		fd = folder < 0 ? -1 : create_file(folder, strrchr(host, '/') + 1, &taken, err);
		free(path);
		side.at = host;
		if (fd < 0) {
			free(host);
			return -1;
		}
		status = copy_stream(me, record, stream, fd, &side, err);
		close(fd);
		if (status < 0 || !array_push(&result->streams, side)) {
			free(host);
			array_release(&side.missing);
			return status < 0 ? -1 : error_memory(err);
		}
	}
	return 0;
}

/* One name of the record on its way to the host. */
struct placing {
	int  folder;
	char host[HOST_NAME_BYTES]; /* the last component */
};

static int place(struct rebuilder *me, const struct case_record *record, size_t number, const char *path,
		 bool encrypted, enum grade grade, bool twin, struct placing *placing, char **written,
		 struct error *err)
{
	char        ending[ENDING_MAX];
	const char *last;

	placing->folder = host_tree_parent(&me->tree, path, &last, err);
	if (placing->folder < 0)
		return -1;
	name_ending(me->rebuild, record, number, encrypted, grade, twin, ending);
	host_name(last, strlen(last), ending, placing->host);
	free(*written);
	*written = host_path(path, ending);
	return *written ? 0 : error_memory(err);
}

/* Content under its first name; renamed when reading has changed its grade. */
static int write_first(struct rebuilder *me, const struct case_record *record, size_t number, const char *path,
		       struct rebuild_result *result, struct placing *placing, char **written,
		       struct error *err)
{
	const struct case_stream *stream = case_record_content(record);
	struct rebuild_stream     content = { 0 };
	bool                      encrypted = stream->flags & ATTRIBUTE_ENCRYPTED, taken, twin_taken;
	int                       fd, status;

	if (place(me, record, number, path, encrypted, record->file.grade, false, placing, written, err) < 0)
		return -1;
	fd = create_file(placing->folder, placing->host, &taken, err);
	if (taken) {
		if (place(me, record, number, path, encrypted, record->file.grade, true, placing, written, err) < 0)
			return -1;
		fd = create_file(placing->folder, placing->host, &twin_taken, err);
		if (twin_taken)
			return error_set(err, ERROR_IO, placing->host, "has its name taken twice in the destination");
	}
	if (fd < 0)
		return -1;
	status = copy_stream(me, record, stream, fd, &content, err);
	result->missing = content.missing;
	result->grade = content.grade;
	result->reasons = content.reasons;
	result->sha256_known = content.sha256_known;
	memcpy(result->sha256, content.sha256, sizeof result->sha256);
	if (status == 0)
		set_times(fd, &record->file);
	if (close(fd) < 0 && status == 0)
		status = error_sys(err, *written, "cannot write a file");
	if (status < 0) {
		(void)unlinkat(placing->folder, placing->host, 0); /* half a file is none */
		if (!err->path[0])
			snprintf(err->path, sizeof err->path, "%s/%s", me->rebuild->options->to, *written);
		return -1;
	}
	if (result->grade == GRADE_LOST ||
	    strcmp(rebuild_ending(result->grade), rebuild_ending(record->file.grade)) != 0) {
		struct placing lowered;

		if (result->grade == GRADE_LOST) {
			result->sha256_known = false;
			free(TAKE(*written));
			return unlinkat(placing->folder, placing->host, 0) < 0
				       ? error_sys(err, placing->host, "cannot take back a file")
				       : 0;
		}
		if (place(me, record, number, path, encrypted, result->grade, taken, &lowered, written, err) < 0)
			return -1;
		if (renameat2(placing->folder, placing->host, lowered.folder, lowered.host, RENAME_NOREPLACE) < 0) {
			if (errno != EEXIST)
				return error_sys(err, placing->host, "cannot rename a file");
			if (place(me, record, number, path, encrypted, result->grade, true, &lowered, written,
				  err) < 0)
				return -1;
			if (renameat2(placing->folder, placing->host, lowered.folder, lowered.host,
				      RENAME_NOREPLACE) < 0)
				return error_sys(err, placing->host, "cannot rename a file");
		}
		*placing = lowered;
	}
	return 0;
}

static int write_other(struct rebuilder *me, const struct case_record *record, size_t number,
		       const char *path, const struct rebuild_result *result, int first_folder,
		       const char *first_host, char **written, struct error *err)
{
	bool           encrypted = case_record_content(record)->flags & ATTRIBUTE_ENCRYPTED, taken;
	struct placing placing;

	if (place(me, record, number, path, encrypted, result->grade, false, &placing, written, err) < 0)
		return -1;
	if (link_file(first_folder, first_host, placing.folder, placing.host, &taken, err) == 0)
		return 0;
	if (!taken || place(me, record, number, path, encrypted, result->grade, true, &placing, written, err) < 0)
		return -1;
	return link_file(first_folder, first_host, placing.folder, placing.host, &taken, err);
}

/* Content and all names. */
static int write_names(struct rebuilder *me, const struct case_record *record, struct rebuild_result *result,
		       struct written_names *written, struct error *err)
{
	CLEANUP(close_fd) int first_folder = -1;
	struct placing        first = { 0 };
	bool                  begun = false;

	for (size_t i = 0; i < record->names.count; i++) {
		CLEANUP(free_ptr) char *path = target_path(me->rebuild, &record->file, &record->names.items[i]);
		char                   *host = NULL;
		int                     status;

		if (!path)
			continue;
		if (!begun) {
			status = write_first(me, record, i, path, result, &first, &host, err);
			begun = true;
			first_folder = status == 0 ? dup(first.folder) : -1;
			if (status == 0 && result->grade == GRADE_LOST)
				return 0;
		} else {
			status = write_other(me, record, i, path, result, first_folder, first.host, &host, err);
		}
		if (status < 0 || !array_push(written, (struct written_name){ i, host })) {
			free(host);
			return status < 0 ? -1 : error_memory(err);
		}
	}
	return 0;
}

static void count_file(struct rebuild *rebuild, const struct case_record *record,
		       const struct rebuild_result *result, size_t names)
{
	pthread_mutex_lock(&rebuild->workers.lock);
	rebuild->counts->files++;
	rebuild->counts->names += names;
	rebuild->counts->bytes += result->grade == GRADE_LOST ? 0 : record->file.size_bytes;
	rebuild->counts->grades[result->grade]++;
	pthread_mutex_unlock(&rebuild->workers.lock);
}

static int write_file(struct rebuilder *me, const struct case_record *record, struct rebuild_result *result,
		      struct written_names *written, struct error *err)
{
	struct rebuild *rebuild = me->rebuild;

	result->grade = record->file.grade;
	result->reasons = record->file.reasons;
	if (result->grade == GRADE_LOST || !case_record_content(record)) {
		const struct case_stream *stream = case_record_content(record);

		result->grade = GRADE_LOST;
		for (size_t i = 0; stream && i < stream->missing.count; i++)
			if (!ranges_add(&result->missing, stream->missing.items[i].start,
					stream->missing.items[i].length))
				return error_memory(err);
	} else if (write_names(me, record, result, written, err) < 0) {
		return -1;
	}
	if (write_side_streams(me, record, result, err) < 0 ||
	    sidecar_add(&rebuild->sidecar, rebuild->options->store, record, NULL, err) < 0 ||
	    manifest_add(&rebuild->manifest, rebuild->options->store, record, result, written, err) < 0)
		return -1;
	count_file(rebuild, record, result, written->count);
	return 0;
}

static int rebuild_file(struct rebuilder *me, int64_t id, struct error *err)
{
	struct case_record    record;
	struct rebuild_result result = { 0 };
	struct written_names  written = { 0 };
	int                   status = casebook_load_file(&me->book, id, &record, err);

	if (status == 0) {
		struct line_key key = { (uint32_t)record.file.volume, record.file.record, record.file.sequence };

		case_record_unpack(&record);
		if (record.file.volume < 1 ||
		    (size_t)record.file.volume > me->rebuild->options->evidence->volumes.count)
			status = error_set(err, ERROR_VALUE, me->book.path,
					   "the casebook contradicts itself about file %lld", (long long)id);
		else if (!line_file_has(&me->rebuild->manifest, key))
			status = write_file(me, &record, &result, &written, err);
	}
	written_names_release(&written);
	rebuild_result_release(&result);
	case_record_release(&record);
	return status;
}

/* -------- directories -------- */

/* Make a folder under one of its names, or (@times) give it its times. */
static int write_folder(struct rebuilder *me, const struct case_record *record, size_t number, bool times,
			struct written_names *written, struct error *err)
{
	CLEANUP(free_ptr) char *path = target_path(me->rebuild, &record->file, &record->names.items[number]);
	char                   *host;
	int                     folder;

	if (!path)
		return 0;
	folder = host_tree_folder(&me->tree, path, strlen(path), err);
	if (folder < 0)
		return -1;
	if (times)
		set_times(folder, &record->file);
	host = host_path(path, "");
	if (host && array_push(written, (struct written_name){ number, host }))
		return 0;
	free(host);
	return error_memory(err);
}

static int rebuild_folder(struct rebuilder *me, int64_t id, bool times, struct error *err)
{
	CLEANUP(written_names_release) struct written_names written = { 0 };
	struct case_record                                  record;
	struct rebuild                                     *rebuild = me->rebuild;
	int             status = casebook_load_file(&me->book, id, &record, err);
	struct line_key key = { (uint32_t)record.file.volume, record.file.record, record.file.sequence };

	for (size_t i = 0; status == 0 && i < record.names.count; i++)
		status = write_folder(me, &record, i, times, &written, err);
	if (status == 0 && !times) {
		rebuild->counts->directories++;
		if (!line_file_has(&rebuild->sidecar, key))
			status = sidecar_add(&rebuild->sidecar, rebuild->options->store, &record, &written, err);
	}
	case_record_release(&record);
	return status;
}

static int rebuild_folders(struct rebuilder *me, bool times, struct error *err)
{
	for (size_t i = 0; i < me->rebuild->first_file; i++)
		if (rebuild_folder(me, me->rebuild->plan.items[i].file, times, err) < 0)
			return -1;
	return 0;
}

/* -------- workers -------- */

/* Make what was written durable, and only then say that it is done. */
static int sync_progress(struct rebuild *rebuild, struct error *err)
{
	size_t done = line_file_pending(&rebuild->manifest); /* a sidecar line is there before its manifest line */
	size_t beside = line_file_pending(&rebuild->sidecar);

	if (syncfs(rebuild->root) < 0)
		return error_sys(err, rebuild->options->to, "cannot make what was written durable");
	if (line_file_flush(&rebuild->sidecar, beside, err) < 0)
		return -1;
	return line_file_flush(&rebuild->manifest, done, err);
}

/* Count what a batch wrote; now and then make it last. */
static int note_batch(struct rebuild *rebuild, uint64_t bytes, struct error *err)
{
	int result = 0;

	pthread_mutex_lock(&rebuild->workers.lock);
	rebuild->unsynced += bytes;
	if (rebuild->unsynced >= SYNC_BYTES) {
		rebuild->unsynced = 0;
		result = sync_progress(rebuild, err);
	}
	pthread_mutex_unlock(&rebuild->workers.lock);
	return result;
}

static int rebuilder_init(struct rebuilder *me, struct rebuild *rebuild, struct error *err)
{
	*me = (struct rebuilder){ .rebuild = rebuild };
	host_tree_init(&me->tree, rebuild->root);
	return casebook_open(&me->book, rebuild->options->book->path, err);
}

static void rebuilder_release(struct rebuilder *me)
{
	casebook_close(&me->book);
	content_buffers_release(&me->buffers);
	digest_release(&me->digest);
	host_tree_release(&me->tree);
}

static int rebuild_batch(struct rebuilder *me, size_t first, size_t end, struct error *err)
{
	struct rebuild *rebuild = me->rebuild;
	uint64_t        bytes = 0;

	for (size_t i = first; i < end; i++) {
		if (rebuild_file(me, rebuild->plan.items[i].file, err) < 0)
			return -1;
		bytes += rebuild->plan.items[i].size_bytes + 4096;
	}
	return note_batch(rebuild, bytes, err);
}

static int rebuild_worker(void *work, struct error *err)
{
	struct rebuild   *rebuild = work;
	struct rebuilder *me = malloc(sizeof *me);
	size_t            first, end;
	int               status = me ? rebuilder_init(me, rebuild, err) : error_memory(err);

	while (status == 0 && workers_take(&rebuild->workers, rebuild->plan.count, BATCH_FILES, &first, &end))
		status = rebuild_batch(me, first, end, err);
	if (me)
		rebuilder_release(me);
	free(me);
	return status;
}

static int run_workers(struct rebuild *rebuild, struct error *err)
{
	struct error late;

	if (workers_run(&rebuild->workers, rebuild->options->threads, rebuild_worker, rebuild, err) == 0)
		return 0;
	(void)!sync_progress(rebuild, &late); /* so that the next run can go on from here */
	return -1;
}

/* -------- all together -------- */

static int write_security(void *context, int64_t volume, uint32_t id, struct bytes descriptor,
			  struct error *err)
{
	struct line_file *security = context;
	struct line_key   key = { (uint32_t)volume, id, 0 };

	if (line_file_has(security, key))
		return 0;
	return security_add(security, (uint32_t)volume, id, descriptor, err);
}

/* What an earlier run has done counts, too. */
static int count_resumed(void *context, const char *line, struct error *err)
{
	struct rebuild_counts *counts = context;
	char                   grade[16];

	(void)err;
	if (sscanf(line, "{\"volume\": %*u, \"record\": %*u, \"sequence\": %*u, \"grade\": \"%15[a-z]", grade) != 1)
		return 0;
	counts->files++;
	for (enum grade i = 0; i < GRADES; i++)
		if (strcmp(grade, grade_name(i)) == 0)
			counts->grades[i]++;
	return 0;
}

/* Count what a finished rebuild holds, from its manifest. */
static int count_finished(struct rebuild *rebuild, struct error *err)
{
	CLEANUP(free_ptr) char *line = NULL;
	size_t                  room = 0;
	int                     fd = openat(rebuild->root, "manifest.jsonl", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	FILE                   *in = fd < 0 ? NULL : fdopen(fd, "r");
	int                     result = 0;

	if (!in) {
		error_sys(err, rebuild->options->to, "cannot read the manifest of a finished rebuild");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (result == 0 && getline(&line, &room, in) >= 0)
		result = count_resumed(rebuild->counts, line, err);
	fclose(in);
	return result;
}

static int publish(struct rebuild *rebuild, struct error *err)
{
	if (syncfs(rebuild->root) < 0)
		return error_sys(err, rebuild->options->to, "cannot make what was written durable");
	if (line_file_publish(&rebuild->security, err) < 0 || line_file_publish(&rebuild->sidecar, err) < 0 ||
	    line_file_publish(&rebuild->manifest, err) < 0)
		return -1;
	if (renameat(rebuild->root, MARKER, rebuild->root, DONE) < 0 || fsync(rebuild->root) < 0)
		return error_sys(err, rebuild->options->to, "cannot finish the destination");
	return 0;
}

static int open_lists(struct rebuild *rebuild, struct error *err)
{
	static const char *const names[] = { "manifest.jsonl", "sidecar.jsonl", "security.jsonl" };
	struct line_file *const  lists[] = { &rebuild->manifest, &rebuild->sidecar, &rebuild->security };

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if ((rebuild->resumed && line_file_take_back(rebuild->root, names[i], err) < 0) ||
		    line_file_open(lists[i], rebuild->root, names[i], err) < 0)
			return -1;
	return 0;
}

static int rebuild_all(struct rebuild *rebuild, struct rebuilder *me, struct error *err)
{
	const struct rebuild_options *options = rebuild->options;
	uint64_t                      total = 0;
	int                           result;

	if (open_lists(rebuild, err) < 0 ||
	    line_file_each(&rebuild->manifest, count_resumed, rebuild->counts, err) < 0 ||
	    (rebuild->resumed && sweep(rebuild, err) < 0) ||
	    rebuilder_init(me, rebuild, err) < 0 ||
	    casebook_plan(options->book, options->store, &rebuild->plan, err) < 0 ||
	    casebook_displaced(options->book, options->store, &rebuild->displaced, err) < 0 ||
	    casebook_securities(options->book, write_security, &rebuild->security, err) < 0)
		return -1;
	while (rebuild->first_file < rebuild->plan.count && rebuild->plan.items[rebuild->first_file].directory)
		rebuild->first_file++;
	for (size_t i = rebuild->first_file; i < rebuild->plan.count; i++)
		total += rebuild->plan.items[i].size_bytes;
	rebuild->workers.next = rebuild->first_file;
	if (rebuild_folders(me, false, err) < 0)
		return -1;
	progress_start(&rebuild->progress, "rebuilding", total, PROGRESS_BYTES);
	result = run_workers(rebuild, err);
	progress_end(&rebuild->progress);
	if (result < 0 || rebuild_folders(me, true, err) < 0)
		return -1;
	return publish(rebuild, err);
}

static void allow_many_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int rebuild_directory(const struct rebuild_options *options, struct rebuild_counts *counts, struct error *err)
{
	struct rebuild    rebuild = { .options = options, .counts = counts, .root = -1, .workers = WORKERS_READY };
	struct rebuilder *me = calloc(1, sizeof *me);
	bool              done;
	int               result;

	*counts = (struct rebuild_counts){ 0 };
	if (!me)
		return error_memory(err);
	allow_many_descriptors();
	host_tree_init(&me->tree, -1);
	rebuild.manifest.fd = rebuild.sidecar.fd = rebuild.security.fd = -1;
	result = open_destination(&rebuild, &done, err);
	if (result == 0 && done) {
		result = count_finished(&rebuild, err);
	} else if (result == 0) {
		result = rebuild_all(&rebuild, me, err);
	}
	rebuilder_release(me);
	free(me);
	line_file_close(&rebuild.manifest);
	line_file_close(&rebuild.sidecar);
	line_file_close(&rebuild.security);
	array_release(&rebuild.plan);
	array_release(&rebuild.displaced);
	if (rebuild.root >= 0)
		close(rebuild.root);
	return result;
}
