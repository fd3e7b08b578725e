/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manifest_reader.c - see manifest_reader.h */
#include "recover/manifest_reader.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "core/utf16.h"
#include "recover/json_reader.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define START_BYTES 160u /* of a line: key and kind */

/* -------- finding the lines -------- */

static int open_list(struct manifest_reader *reader, struct manifest_list *list, struct error *err)
{
	struct stat status;

	list->fd = openat(reader->root, list->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (list->fd < 0 && errno != ENOENT)
		return error_sys(err, list->name, "cannot open the list");
	if (list->fd >= 0 && (fstat(list->fd, &status) < 0 || !S_ISREG(status.st_mode)))
		return error_set(err, ERROR_VALUE, list->name, "is no plain file");
	return 0;
}

/* Keep one line by its start; @folders takes those of directories, or is NULL. */
static bool add_line(struct manifest_list *list, struct manifest_list *folders, const char *start,
		     struct line_entry entry)
{
	char kind[10] = "";

	if (strspn(start, " \t\r\n") == strlen(start))
		return true;
	if (entry.length > MANIFEST_LINE_MAX ||
	    sscanf(start,
		   " { \"volume\" : %" SCNu32 " , \"record\" : %" SCNu64 " , \"sequence\" : %" SCNu32
		   " , \"kind\" : \"%9[a-z]\"",
		   &entry.key.volume, &entry.key.record, &entry.key.sequence, kind) < 3) {
		list->damaged++;
		return true;
	}
	if (folders && strcmp(kind, "directory") == 0)
		list = folders;
	return array_push(&list->entries, entry);
}

static void close_stream(FILE **stream)
{
	if (*stream)
		fclose(*stream);
}

static int find_lines(struct manifest_list *list, struct manifest_list *folders, struct error *err)
{
	CLEANUP(close_stream) FILE *in = NULL;
	struct line_entry           entry = { 0 };
	char                        start[START_BYTES + 1];
	int                         copy = list->fd < 0 ? -1 : dup(list->fd), c;

	if (list->fd < 0)
		return 0;
	in = copy < 0 ? NULL : fdopen(copy, "r");
	if (!in) {
		(void)error_sys(err, list->name, "cannot read the list");
		if (copy >= 0)
			close(copy);
		return -1;
	}
	do {
		c = getc_unlocked(in);
		if (c != EOF && entry.length++ < START_BYTES)
			start[entry.length - 1] = c ? (char)c : '?';
		if (c != '\n' && (c != EOF || !entry.length))
			continue;
		start[entry.length < START_BYTES ? entry.length : START_BYTES] = 0;
		if (!add_line(list, folders, start, entry))
			return error_memory(err);
		entry = (struct line_entry){ .offset = entry.offset + entry.length };
	} while (c != EOF);
	return ferror(in) ? error_sys(err, list->name, "cannot read the list") : 0;
}

static int compare_line(const void *a, const void *b)
{
	const struct line_entry *left = a, *right = b;
	int                      order = line_key_compare(&left->key, &right->key);

	return order ? order : (left->offset > right->offset) - (left->offset < right->offset);
}

static void sort_lines(struct manifest_list *list)
{
	if (list->entries.count)
		qsort(list->entries.items, list->entries.count, sizeof *list->entries.items, compare_line);
}

/* The first line with that key, or NULL. */
static const struct line_entry *find_line(const struct manifest_list *list, struct line_key key)
{
	size_t first = partition_point(0, list->entries.count, at,
				       line_key_compare(&list->entries.items[at].key, &key) < 0);

	if (first == list->entries.count || line_key_compare(&list->entries.items[first].key, &key) != 0)
		return NULL;
	return &list->entries.items[first];
}

int manifest_reader_open(struct manifest_reader *reader, const char *path, struct error *err)
{
	*reader = (struct manifest_reader){ .path = path,
					    .root = -1,
					    .files = { .name = "manifest.jsonl", .fd = -1 },
					    .sidecars = { .name = "sidecar.jsonl", .fd = -1 },
					    .folders = { .name = "sidecar.jsonl", .fd = -1 },
					    .securities = { .name = "security.jsonl", .fd = -1 } };
	reader->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (reader->root < 0)
		return error_sys(err, path, "cannot open the folder");
	if (open_list(reader, &reader->files, err) < 0 || open_list(reader, &reader->sidecars, err) < 0 ||
	    open_list(reader, &reader->securities, err) < 0)
		return -1;
	if (reader->files.fd < 0)
		return error_set(err, ERROR_VALUE, path,
				 faccessat(reader->root, "manifest.jsonl.part", F_OK, 0) == 0
					 ? "holds a rebuild that was cut off; run the same rebuild again, it goes "
					   "on from there"
					 : "holds no manifest.jsonl; name a folder that 'holdfast rebuild' made, or "
					   "one of the store folders that 'holdfast rescue' made");
	reader->folders.fd = reader->sidecars.fd;
	if (find_lines(&reader->files, NULL, err) < 0 ||
	    find_lines(&reader->sidecars, &reader->folders, err) < 0 ||
	    find_lines(&reader->securities, NULL, err) < 0)
		return -1;
	sort_lines(&reader->sidecars);
	sort_lines(&reader->folders);
	sort_lines(&reader->securities);
	return 0;
}

void manifest_reader_close(struct manifest_reader *reader)
{
	close_fd(&reader->root);
	close_fd(&reader->files.fd);
	close_fd(&reader->sidecars.fd);
	close_fd(&reader->securities.fd);
	array_release(&reader->files.entries);
	array_release(&reader->sidecars.entries);
	array_release(&reader->folders.entries);
	array_release(&reader->securities.entries);
}

/* -------- one line -------- */

/* A path that stays below the directory. */
static bool is_host_path(const char *path)
{
	for (const char *at = path;; at++) {
		size_t length = strcspn(at, "/");

		if (!length || (length == 1 && at[0] == '.') || (length == 2 && at[0] == '.' && at[1] == '.'))
			return false;
		at += length;
		if (!*at)
			return true;
	}
}

/* A line that is being read. */
struct line {
	const struct manifest_reader *reader;
	const struct manifest_list   *list;
	const struct line_entry      *entry;
	json_t                       *root; /* an object */
};

static void line_release(struct line *line)
{
	json_decref(line->root);
}

static int damaged(const struct line *line, const char *what, struct error *err)
{
	char path[sizeof err->path];

	snprintf(path, sizeof path, "%s/%s", line->reader->path, line->list->name);
	(void)error_set(err, ERROR_VALUE, path, "a line is damaged: %s", what);
	err->offset = line->entry->offset;
	return -1;
}

static int read_bytes(const struct line *line, char *to, struct error *err)
{
	size_t length = (size_t)line->entry->length, done = 0;

	while (done < length) {
		ssize_t got = pread(line->list->fd, to + done, length - done,
				    (off_t)(line->entry->offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_sys(err, line->list->name, "cannot read the list");
		if (got == 0)
			return damaged(line, "the list has become shorter", err);
		done += (size_t)got;
	}
	return 0;
}

static int line_parse(struct line *line, struct error *err)
{
	size_t                  length = (size_t)line->entry->length;
	CLEANUP(free_ptr) char *raw = malloc(length);
	struct error            why;

	if (!raw)
		return error_memory(err);
	if (read_bytes(line, raw, err) < 0)
		return -1;
	if (json_read(raw, length, &line->root, &why) < 0)
		return why.kind == ERROR_MEMORY ? error_memory(err) : damaged(line, why.text, err);
	return json_is_object(line->root) ? 0 : damaged(line, "it is no object", err);
}

static bool get_uint(const json_t *object, const char *key, uint64_t max, uint64_t *value)
{
	return json_read_uint(json_object_get(object, key), max, value);
}

static bool take_grade(const json_t *object, enum grade *grade)
{
	const char *name = json_string_value(json_object_get(object, "grade"));

	for (*grade = 0; name && *grade < GRADES; (*grade)++)
		if (strcmp(name, grade_name(*grade)) == 0)
			return true;
	return false;
}

/* A digest, or null. */
static bool take_digest(const json_t *object, struct manifest_content *content)
{
	const json_t *json = json_object_get(object, "sha256");
	const char   *hex = json_string_value(json);
	char          again[DIGEST_HEX_SIZE];

	if (json_is_null(json))
		return true;
	if (!hex || strlen(hex) != DIGEST_HEX_SIZE - 1)
		return false;
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		char digits[3] = { hex[2 * i], hex[2 * i + 1], 0 };

		content->sha256[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	digest_hex(content->sha256, again);
	content->sha256_known = strcasecmp(hex, again) == 0;
	return content->sha256_known;
}

static int take_missing(const struct line *line, const json_t *list, uint64_t size_bytes, struct ranges *missing,
			struct error *err)
{
	size_t  i;
	json_t *pair;

	json_array_foreach(list, i, pair) {
		uint64_t start, length, before = missing->count ? missing->items[missing->count - 1].start +
									  missing->items[missing->count - 1].length
								: 0;

		if (json_array_size(pair) != 2 || !json_read_uint(json_array_get(pair, 0), size_bytes, &start) ||
		    !json_read_uint(json_array_get(pair, 1), size_bytes - start, &length) || !length || start < before)
			return damaged(line, "it lists missing ranges that the file does not have", err);
		if (!ranges_add(missing, start, length))
			return error_memory(err);
	}
	return 0;
}

static int no_text(const struct line *line, bool memory, const char *what, struct error *err)
{
	return memory ? error_memory(err) : damaged(line, what, err);
}

/* A path below the directory into *@path, to be freed. */
static int take_host_path(const struct line *line, const json_t *json, char **path, struct error *err)
{
	bool memory;

	*path = json_read_text(json, JSON_HOST_PATH, &memory);
	if (*path && is_host_path(*path))
		return 0;
	free(TAKE(*path));
	return no_text(line, memory, "a path in it does not stay below its folder", err);
}

static int take_base64(const struct line *line, const json_t *json, uint8_t **bytes, size_t *size,
		       struct error *err)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char       *text = json_string_value(json);
	size_t            length = text ? json_string_length(json) : 0, used = 0;
	uint32_t          gathered = 0;

	if (!text || length % 4)
		return damaged(line, "bytes in it are no base64", err);
	*bytes = malloc(length / 4 * 3 + 1);
	if (!*bytes)
		return error_memory(err);
	*size = length / 4 * 3;
	while (length && text[length - 1] == '=' && *size % 3 != 1) {
		length--;
		--*size;
	}
	for (size_t i = 0; i < length; i++) {
		const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

		if (!digit)
			return damaged(line, "bytes in it are no base64", err);
		gathered = gathered << 6 | (uint32_t)(digit - digits);
		if (i % 4)
			(*bytes)[used++] = (uint8_t)(gathered >> (6 - i % 4 * 2));
	}
	return 0;
}

/* -------- names -------- */

/* One more name: as the manifest tells it, below File; or beside it (@outside). */
static int add_name(const struct line *line, struct case_record *record, const json_t *json, bool outside,
		    bool dos, struct error *err)
{
	bool                    memory;
	CLEANUP(free_ptr) char *text = json_read_text(json, JSON_PATH, &memory), *inside = NULL;
	struct case_name        name = { .store = 1, .live = true, .dos = dos };
	const char             *rest = text;
	bool                    mirrored;

	if (!text || !*text)
		return no_text(line, memory, "a name in it is no text", err);
	if (dos && strncmp(rest, "File\\", 5) == 0)
		rest += 5;
	mirrored = isalpha((unsigned char)rest[0]) && rest[1] == '$' && (rest[2] == '\\' || !rest[2]);
	inside = text_format("%s%s", mirrored ? "File\\" : outside || strncmp(rest, "orphans\\", 8) == 0 ? "" : "\\", rest);
	if (!inside)
		return error_memory(err);
	if (*inside == '\\') { /* from outside every store */
		name.store = 0;
		name.path = inside;
	} else {
		name.inside = inside;
		if (mirrored && !outside)
			name.path = rest[2] ? inside + strlen("File\\C$") : "\\";
	}
	return case_record_add_name(record, name, err);
}

static int add_names(const struct line *line, struct case_record *record, const char *key, struct error *err)
{
	const json_t *list = json_object_get(line->root, key);
	size_t        i;
	json_t       *name;

	json_array_foreach(list, i, name) {
		if (add_name(line, record, name, strcmp(key, "outside") == 0, strcmp(key, "dos_names") == 0,
			     err) < 0)
			return -1;
	}
	return 0;
}

/* -------- manifest.jsonl -------- */

/* Take over a stream and where its content is, also when that fails. */
static int add_stream(struct manifest_entry *entry, struct case_stream stream, struct manifest_content content,
		      struct error *err)
{
	int result = case_record_add_stream(&entry->record, stream, err);

	if (result == 0 && array_push(&entry->contents, content))
		return 0;
	free(content.path);
	return result < 0 ? -1 : error_memory(err);
}

/* The size, the digest and what is missing of a stream that @json speaks of. */
static int take_facts(const struct line *line, const json_t *json, struct case_stream *stream,
		      struct manifest_content *content, struct error *err)
{
	if (!get_uint(json, "size", INT64_MAX, &stream->size_bytes) || !take_grade(json, &stream->grade) ||
	    !take_digest(json, content))
		return damaged(line, "size, grade or digest are none", err);
	stream->valid_bytes = stream->allocated_bytes = stream->size_bytes;
	return take_missing(line, json_object_get(json, "missing"), stream->size_bytes, &stream->missing, err);
}

static int add_content(const struct line *line, struct manifest_entry *entry, struct error *err)
{
	struct case_stream      stream = { .type = ATTRIBUTE_DATA, .name = "" };
	struct manifest_content content = { 0 };
	int                     result = take_facts(line, line->root, &stream, &content, err);

	if (result == 0 && entry->paths.count) {
		content.path = strdup(entry->paths.items[0]);
		result = content.path ? 0 : error_memory(err);
	}
	if (result == 0)
		return add_stream(entry, stream, content, err);
	array_release(&stream.missing);
	return -1;
}

static int add_side_stream(const struct line *line, struct manifest_entry *entry, const json_t *json,
			   struct error *err)
{
	bool                    memory;
	CLEANUP(free_ptr) char *name = json_read_text(json_object_get(json, "name"), JSON_NAME, &memory);
	struct case_stream      stream = { .name = name };
	struct manifest_content content = { 0 };
	const json_t           *at = json_object_get(json, "at");
	uint64_t                type;
	int                     result;

	if (!name)
		return no_text(line, memory, "a stream in it has no name", err);
	if (!get_uint(json, "type", UINT32_MAX, &type))
		return damaged(line, "a stream in it has no type", err);
	stream.type = (uint32_t)type;
	result = take_facts(line, json, &stream, &content, err);
	if (result == 0 && at)
		result = take_host_path(line, at, &content.path, err);
	if (result == 0)
		return add_stream(entry, stream, content, err);
	array_release(&stream.missing);
	return -1;
}

static int add_paths(const struct line *line, struct manifest_entry *entry, struct error *err)
{
	const json_t *list = json_object_get(line->root, "paths");
	size_t        i;
	json_t       *item;

	json_array_foreach(list, i, item) {
		char *path;

		if (take_host_path(line, item, &path, err) < 0)
			return -1;
		if (!array_push(&entry->paths, path)) {
			free(path);
			return error_memory(err);
		}
	}
	return 0;
}

static int read_file_line(const struct line *line, struct manifest_entry *entry, struct error *err)
{
	const json_t *streams = json_object_get(line->root, "streams");
	size_t        i;
	json_t       *stream;

	if (!json_is_array(json_object_get(line->root, "paths")))
		return damaged(line, "it has no paths", err);
	if (add_names(line, &entry->record, "names", err) < 0 ||
	    add_names(line, &entry->record, "outside", err) < 0 || add_paths(line, entry, err) < 0 ||
	    add_content(line, entry, err) < 0)
		return -1;
	json_array_foreach(streams, i, stream)
		if (add_side_stream(line, entry, stream, err) < 0)
			return -1;
	return 0;
}

/* -------- sidecar.jsonl -------- */

static int take_info(const struct line *line, struct case_file *file, struct error *err)
{
	uint64_t attributes, security_id;

	if (!json_object_get(line->root, "attributes"))
		return 0;
	if (!get_uint(line->root, "attributes", UINT32_MAX, &attributes) ||
	    !get_uint(line->root, "security_id", UINT32_MAX, &security_id) ||
	    !get_uint(line->root, "created", UINT64_MAX, &file->times.created) ||
	    !get_uint(line->root, "written", UINT64_MAX, &file->times.written) ||
	    !get_uint(line->root, "changed", UINT64_MAX, &file->times.changed) ||
	    !get_uint(line->root, "accessed", UINT64_MAX, &file->times.accessed))
		return damaged(line, "attributes or times are none", err);
	file->attributes = (uint32_t)attributes;
	file->security_id = (uint32_t)security_id;
	file->info_known = true;
	return 0;
}

static int add_small(const struct line *line, struct manifest_entry *entry, const char *key, uint32_t type,
		     struct error *err)
{
	const json_t      *json = json_object_get(line->root, key);
	struct case_stream stream = { .type = type, .name = "", .resident = true, .grade = GRADE_INTACT };
	size_t             size = 0;

	if (!json)
		return 0;
	if (take_base64(line, json, &stream.value, &size, err) < 0) {
		free(stream.value);
		return -1;
	}
	stream.size_bytes = stream.valid_bytes = stream.allocated_bytes = size;
	return add_stream(entry, stream, (struct manifest_content){ 0 }, err);
}

/* The streams' flags are in the file's attributes. */
static void set_flags(struct case_record *record)
{
	uint32_t attributes = record->file.attributes;

	for (size_t i = 0; i < record->streams.count; i++) {
		struct case_stream *stream = &record->streams.items[i];

		if (stream->type != ATTRIBUTE_DATA)
			continue;
		if (attributes & FILE_IS_COMPRESSED) {
			stream->flags |= ATTRIBUTE_COMPRESSED;
			stream->unit_shift = 4;
		}
		if (attributes & FILE_IS_SPARSE)
			stream->flags |= ATTRIBUTE_SPARSE;
		if (attributes & FILE_IS_ENCRYPTED)
			stream->flags |= ATTRIBUTE_ENCRYPTED;
	}
}

static int read_sidecar_line(const struct line *line, struct manifest_entry *entry, struct error *err)
{
	static const struct {
		const char *key;
		uint32_t    type;
	} small[] = {
		{ "object_id", ATTRIBUTE_OBJECT_ID },
		{ "security_descriptor", ATTRIBUTE_SECURITY_DESCRIPTOR },
		{ "reparse_data", ATTRIBUTE_REPARSE_POINT },
		{ "ea_information", ATTRIBUTE_EA_INFORMATION },
		{ "ea", ATTRIBUTE_EA },
	};

	if (take_info(line, &entry->record.file, err) < 0 ||
	    add_names(line, &entry->record, "dos_names", err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
		if (add_small(line, entry, small[i].key, small[i].type, err) < 0)
			return -1;
	set_flags(&entry->record);
	return 0;
}

/* -------- entries -------- */

static void entry_init(struct manifest_entry *entry, const struct line_key *key, bool directory)
{
	*entry = (struct manifest_entry){ .record.file = { .volume = key->volume,
							   .record = key->record,
							   .sequence = (uint16_t)key->sequence,
							   .live = true,
							   .directory = directory } };
}

int manifest_reader_file(const struct manifest_reader *reader, size_t index, struct manifest_entry *entry,
			 struct error *err)
{
	CLEANUP(line_release) struct line line = { reader, &reader->files, &reader->files.entries.items[index],
						   NULL };
	CLEANUP(line_release) struct line side = { reader, &reader->sidecars,
						   find_line(&reader->sidecars, line.entry->key), NULL };

	entry_init(entry, &line.entry->key, false);
	if (line_parse(&line, err) < 0 || read_file_line(&line, entry, err) < 0)
		return -1;
	entry->sidecar = side.entry != NULL;
	if (side.entry && (line_parse(&side, err) < 0 || read_sidecar_line(&side, entry, err) < 0))
		return -1;
	case_record_settle(&entry->record);
	case_record_judge(&entry->record);
	return 0;
}

int manifest_reader_folder(const struct manifest_reader *reader, size_t index, struct manifest_entry *entry,
			   struct error *err)
{
	CLEANUP(line_release) struct line line = { reader, &reader->folders,
						   &reader->folders.entries.items[index], NULL };

	entry_init(entry, &line.entry->key, true);
	if (line_parse(&line, err) < 0 || add_names(&line, &entry->record, "names", err) < 0 ||
	    add_names(&line, &entry->record, "outside", err) < 0 || add_paths(&line, entry, err) < 0 ||
	    read_sidecar_line(&line, entry, err) < 0)
		return -1;
	entry->sidecar = true;
	case_record_settle(&entry->record);
	case_record_judge(&entry->record);
	return 0;
}

void manifest_entry_release(struct manifest_entry *entry)
{
	for (size_t i = 0; i < entry->contents.count; i++)
		free(entry->contents.items[i].path);
	for (size_t i = 0; i < entry->paths.count; i++)
		free(entry->paths.items[i]);
	array_release(&entry->contents);
	array_release(&entry->paths);
	case_record_release(&entry->record);
}

int manifest_reader_security(const struct manifest_reader *reader, int64_t volume, uint32_t id,
			     uint8_t **descriptor, size_t *size_bytes, struct error *err)
{
	CLEANUP(line_release) struct line line = {
		reader, &reader->securities,
		find_line(&reader->securities, (struct line_key){ (uint32_t)volume, id, 0 }), NULL
	};

	*descriptor = NULL;
	*size_bytes = 0;
	if (!line.entry)
		return 0;
	if (line_parse(&line, err) == 0 && take_base64(&line, json_object_get(line.root, "descriptor"),
						       descriptor, size_bytes, err) == 0)
		return 0;
	free(TAKE(*descriptor));
	return -1;
}

/* -------- content -------- */

/* Is that what a path has that leads to no plain file? */
static bool is_absent(int why)
{
	return why == ENOENT || why == ENOTDIR || why == ELOOP || why == ENXIO || why == ENAMETOOLONG;
}

/* Open @path, one component at a time, the last one with @flags: 1 with *@fd, 0, -1. */
static int open_below(const struct manifest_reader *reader, const char *path, int flags, int *fd, struct error *err)
{
	CLEANUP(free_ptr) char *copy = strdup(path);
	char                   *at = copy;

	*fd = copy ? openat(reader->root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (!copy)
		return error_memory(err);
	while (*fd >= 0 && *at) {
		char *slash = strchr(at, '/');
		int   next;

		if (slash)
			*slash = 0;
		next = openat(*fd, at, (slash ? O_PATH | O_DIRECTORY : flags) | O_NOFOLLOW | O_CLOEXEC);
		close(*fd);
		*fd = next;
		at = slash ? slash + 1 : at + strlen(at);
	}
	if (*fd >= 0)
		return 1;
	return is_absent(errno) ? 0 : error_sys(err, path, "cannot be opened");
}

int manifest_reader_content(const struct manifest_reader *reader, const char *path, int *fd, struct error *err)
{
	struct stat status;
	int         got = open_below(reader, path, O_RDONLY | O_NONBLOCK, fd, err);

	if (got < 1 || (fstat(*fd, &status) == 0 && S_ISREG(status.st_mode)))
		return got;
	close(*fd);
	return 0;
}

int manifest_reader_open_folder(const struct manifest_reader *reader, const char *path, int *fd,
				struct error *err)
{
	if (*path)
		return open_below(reader, path, O_RDONLY | O_DIRECTORY, fd, err);
	*fd = openat(reader->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd < 0 ? error_sys(err, reader->path, "cannot be opened") : 1;
}
