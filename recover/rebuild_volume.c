/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rebuild_volume.c - see rebuild_volume.h */
#include "recover/rebuild_volume.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/work_volume.h"
#include "recover/rebuild.h"
#include "recover/volume_file.h"
#include "recover/volume_marker.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define TWINS_MAX 100u           /* other names tried where one is taken */
#define COMMIT_BYTES (1ull << 30) /* written between two moments that a power cut cannot undo */
#define CACHE_SLOTS 4096u
#define ENDING_MAX 96u
#define INDEX_BYTES 320u /* a name takes in its folder and record, about */
#define ALIAS_UNITS 12u  /* of an 8.3 name */

/* A folder of the tree and where it is. */
struct cached_folder {
	char    *path;
	size_t   length;
	file_ref ref;
};

struct rebuild_volume {
	const struct rebuild_volume_options *options;
	struct rebuild_counts               *counts;
	struct rebuild_volume_notes         *notes;
	struct ntfs3g                        mount;
	struct casebook_source               evidence;
	struct file_source                   source;
	struct volume_writer                 writer;
	struct volume_marker                 marker;
	struct case_plan                     plan;
	size_t                               first_file; /* in the plan, behind the folders */
	struct case_displaced_list           displaced;
	struct progress                      progress;
	char                                *store_path;   /* of its primary part, NULL: none */
	int64_t                              store_volume; /* of that part */
	const char                          *tree_name;    /* "USMT" */
	struct ntfs3g_name                   marker_name, part_name;
	file_ref                             folder; /* FOLDER */
	file_ref                             tree;   /* FOLDER\USMT */
	struct cached_folder                 cache[CACHE_SLOTS];
	uint64_t                             uncommitted; /* bytes, about */
};

const char *rebuild_volume_unkept(size_t bit)
{
	static const char *const words[UNKEPT_KINDS] = {
		"names",
		"8.3 names",
		"damaged or unknown attributes",
		"compression",
		"encryption keys",
		"reparse data",
		"object ids",
		"extended attributes",
		"security descriptors",
		"times and attributes",
	};

	return words[bit];
}

/* -------- what is rebuilt -------- */

static int find_store(void *context, const struct case_store *store, struct error *err)
{
	struct rebuild_volume *rv = context;

	if (store->id != rv->options->store)
		return 0;
	rv->store_volume = store->volume;
	rv->tree_name = store->orphans ? "orphans" : "USMT";
	rv->store_path = strdup(store->path);
	return rv->store_path ? 0 : error_memory(err);
}

static int read_plan(struct rebuild_volume *rv, struct error *err)
{
	const struct rebuild_volume_options *options = rv->options;
	char                                 name[64];

	if (options->store == CASE_BESIDE)
		rv->tree_name = "beside";
	else if (casebook_stores(options->book, find_store, rv, err) < 0)
		return -1;
	if (!rv->tree_name)
		return error_set(err, ERROR_USAGE, options->book->path,
				 "has no store %" PRId64 "; 'holdfast report' lists them", options->store);
	snprintf(name, sizeof name, "%s.holdfast-rebuild", rv->tree_name);
	(void)!ntfs3g_name(name, strlen(name), "", &rv->marker_name);
	snprintf(name, sizeof name, "%s.holdfast-part", rv->tree_name);
	(void)!ntfs3g_name(name, strlen(name), "", &rv->part_name);
	if (casebook_plan(options->book, options->store, &rv->plan, err) < 0 ||
	    casebook_displaced(options->book, options->store, &rv->displaced, err) < 0)
		return -1;
	while (rv->first_file < rv->plan.count && rv->plan.items[rv->first_file].directory)
		rv->first_file++;
	return 0;
}

/* The digest of all that must be the same for a run to go on with another's work. */
static int plan_digest(struct rebuild_volume *rv, uint8_t sum[DIGEST_BYTES], struct error *err)
{
	struct digest *digest = &rv->writer.digest;

	if (digest_start(digest, err) < 0 ||
	    digest_update(digest, &rv->options->store, sizeof rv->options->store, err) < 0)
		return -1;
	for (size_t i = 0; i < rv->options->volume_count; i++) {
		const struct volume *volume = &rv->options->volumes[i];
		const uint64_t       facts[] = { volume->geometry.serial, volume->offset_bytes,
						 volume->size_bytes };

		if (digest_update(digest, facts, sizeof facts, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < rv->plan.count; i++) {
		const struct case_plan_entry *entry = &rv->plan.items[i];
		const uint64_t facts[] = { (uint64_t)entry->file, entry->volume, entry->directory,
					   entry->size_bytes, entry->first_lcn };

		if (digest_update(digest, facts, sizeof facts, err) < 0)
			return -1;
	}
	return digest_end(digest, sum, err);
}

static int load_record(struct rebuild_volume *rv, int64_t id, struct case_record *record, struct error *err)
{
	if (casebook_load_file(rv->options->book, id, record, err) < 0)
		return -1;
	case_record_unpack(record);
	if (record->file.volume < 1 || (uint64_t)record->file.volume > rv->options->volume_count)
		return error_set(err, ERROR_VALUE, rv->options->book->path,
				 "the casebook contradicts itself about file %" PRId64, id);
	return 0;
}

/* -------- paths -------- */

static size_t next_separator(const char *path)
{
	return strcspn(path, "\\/");
}

static bool is_displaced(const struct rebuild_volume *rv, int64_t file, size_t number)
{
	const struct case_displaced *items = rv->displaced.items;
	size_t                       first = partition_point(0, rv->displaced.count, at,
							     items[at].file < file ||
								     (items[at].file == file && items[at].number < number));

	return first < rv->displaced.count && items[first].file == file && items[first].number == number;
}

/*
 * Where a name of the record goes in the tree, "" for the tree itself, to be freed; NULL if it is not
 * in this store.
 */
static char *tree_path(const struct rebuild_volume *rv, const struct case_record *record, size_t number)
{
	const struct case_name *name = &record->names.items[number];
	char                   *path = NULL;

	if (rv->store_path && record->file.directory && record->file.volume == rv->store_volume &&
	    strcasecmp(name->path, rv->store_path) == 0)
		return strdup("");
	if (name->store != rv->options->store)
		return NULL;
	if (rv->options->store == CASE_BESIDE)
		return asprintf(&path, "volume-%" PRId64 "%s", record->file.volume, name->path) < 0 ? NULL
												    : path;
	if (!name->inside)
		return NULL;
	if (strcmp(rv->tree_name, "orphans") == 0 && strncmp(name->inside, "orphans\\", 8) == 0)
		return strdup(name->inside + 8);
	return strdup(name->inside);
}

static uint32_t hash_path(const char *path, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)path[i]) * 16777619u;
	return hash;
}

static int remember_folder(struct rebuild_volume *rv, const char *path, size_t length, file_ref ref,
			   struct error *err)
{
	struct cached_folder *slot = &rv->cache[hash_path(path, length) % CACHE_SLOTS];

	free(slot->path);
	*slot = (struct cached_folder){ strndup(path, length), length, ref };
	return slot->path ? 0 : error_memory(err);
}

/* A folder called @text in @parent, made if it is missing; where a file has the name, one beside it. */
static int enter_folder(struct rebuild_volume *rv, file_ref parent, const char *text, size_t length,
			file_ref *ref, struct error *err)
{
	for (unsigned twin = 0; twin < TWINS_MAX; twin++) {
		struct ntfs3g_name name;
		char               ending[32] = "";
		bool               empty;
		int                found;

		if (twin)
			snprintf(ending, sizeof ending, "%%~%u", twin);
		if (ntfs3g_name(text, length, ending, &name) < 0)
			return error_set(err, ERROR_VALUE, rv->options->book->path,
					 "the casebook has a folder name that is none");
		found = ntfs3g_find(&rv->mount, parent, &name, NAME_CASE_EXACT, ref, err);
		if (found < 0)
			return -1;
		if (!found)
			return ntfs3g_make_folder(&rv->mount, parent, &name, ref, err);
		found = ntfs3g_is_folder(&rv->mount, *ref, &empty, err);
		if (found < 0)
			return -1;
		if (found)
			return 0;
	}
	return error_set(err, ERROR_VALUE, rv->mount.path, "too many files have a folder's name");
}

/* The folder at the first @length bytes of a tree path. */
static int find_folder(struct rebuild_volume *rv, const char *path, size_t length, file_ref *ref,
		       struct error *err)
{
	const struct cached_folder *slot;
	size_t                      start;
	file_ref                    parent;

	while (length && path[length - 1] == '\\')
		length--;
	if (!length) {
		*ref = rv->tree;
		return 0;
	}
	slot = &rv->cache[hash_path(path, length) % CACHE_SLOTS];
	if (slot->path && slot->length == length && memcmp(slot->path, path, length) == 0) {
		*ref = slot->ref;
		return 0;
	}
	for (start = length; start && path[start - 1] != '\\'; start--)
		;
	if (find_folder(rv, path, start, &parent, err) < 0 ||
	    enter_folder(rv, parent, path + start, length - start, ref, err) < 0)
		return -1;
	return remember_folder(rv, path, length, *ref, err);
}

/* A tree path's folder and last component. */
static const char *split_path(const char *path, size_t *folder_length)
{
	const char *slash = strrchr(path, '\\');

	*folder_length = slash ? (size_t)(slash - path) : 0;
	return slash ? slash + 1 : path;
}

/* "USMT/File/C$/x.txt.partial": where a name was put, below FOLDER, as the manifest tells it. */
static char *told_path(const struct rebuild_volume *rv, const char *path, size_t folder_length,
		       const struct ntfs3g_name *name)
{
	size_t tree_length = strlen(rv->tree_name), used;
	char  *told = malloc(tree_length + folder_length + 2 + NAME_UTF8_MAX);

	if (!told)
		return NULL;
	used = (size_t)sprintf(told, "%s/%.*s%s", rv->tree_name, (int)folder_length, path,
			       folder_length ? "/" : "");
	for (size_t i = 0; i < used; i++)
		if (told[i] == '\\')
			told[i] = '/';
	utf16_to_utf8((const uint8_t *)name->units, name->count, told + used);
	return told;
}

/* -------- the names of one file -------- */

/* What is added to a name. @twin  how many were tried before because the name was taken */
static void name_ending(const struct rebuild_volume *rv, const struct case_record *record, size_t number,
			enum grade grade, unsigned unkept, unsigned twin, char ending[ENDING_MAX])
{
	char displaced[48] = "", more[16] = "";

	if (twin || is_displaced(rv, record->file.id, number))
		snprintf(displaced, sizeof displaced, "%%~%" PRIu64 "-%u", record->file.record,
			 record->file.sequence);
	if (twin > 1)
		snprintf(more, sizeof more, "-%u", twin);
	snprintf(ending, ENDING_MAX, "%s%s%s%s", displaced, more,
		 unkept & UNKEPT_ENCRYPTION ? ".encrypted" : "", rebuild_ending(grade));
}

/* The 8.3 alias that the record has beside the long name @number, or NULL. */
static const char *alias_of(const struct rebuild_volume *rv, const struct case_record *record, size_t number,
			    char **path)
{
	CLEANUP(free_ptr) char *own = tree_path(rv, record, number);
	size_t                  own_length, length;

	*path = NULL;
	if (!own || !*own)
		return NULL;
	split_path(own, &own_length);
	for (size_t i = 0; i < record->names.count; i++) {
		const char *last;

		if (!record->names.items[i].dos ||
		    record->names.items[i].parent != record->names.items[number].parent)
			continue;
		*path = tree_path(rv, record, i);
		if (!*path)
			continue;
		last = split_path(*path, &length);
		if (length == own_length && memcmp(*path, own, length) == 0)
			return last;
		free(TAKE(*path));
	}
	return NULL;
}

/* Put a name into a folder: 1, 0 if it is taken, -1. */
static int put_name(struct rebuild_volume *rv, struct volume_file *file, file_ref folder,
		    const struct ntfs3g_name *name, enum file_name_space space, struct error *err)
{
	bool taken;

	if (ntfs3g_add_name(&rv->mount, file->inode, folder, name, space, file->reparse, &taken, err) < 0)
		return -1;
	return !taken;
}

/* The alias of a long name that has just been put into @folder. */
static int put_alias(struct rebuild_volume *rv, struct volume_file *file, file_ref folder, const char *alias,
		     struct error *err)
{
	struct ntfs3g_name name;
	int                put = 0;

	if (ntfs3g_name(alias, strlen(alias), "", &name) == 0 && name.count <= ALIAS_UNITS)
		put = put_name(rv, file, folder, &name, NAME_DOS, err);
	if (put == 0)
		file->unkept |= UNKEPT_ALIAS;
	return put < 0 ? -1 : 0;
}

static int note_name(struct rebuild_volume *rv, struct written_names *written, size_t number,
		     const char *path, size_t folder_length, const struct ntfs3g_name *name,
		     struct error *err)
{
	char *told = told_path(rv, path, folder_length, name);

	if (told && array_push(written, (struct written_name){ number, told }))
		return 0;
	free(told);
	return error_memory(err);
}

/* One name, with its alias; another one like it where something has it already. */
static int write_name(struct rebuild_volume *rv, struct volume_file *file, const struct case_record *record,
		      size_t number, const char *path, enum grade grade, struct written_names *written,
		      struct error *err)
{
	CLEANUP(free_ptr) char *alias_path = NULL;
	size_t                  length;
	const char             *last = split_path(path, &length), *alias;
	struct ntfs3g_name      name;
	file_ref                folder;
	int                     put = 0;

	if (find_folder(rv, path, length, &folder, err) < 0)
		return -1;
	alias = number < record->names.count ? alias_of(rv, record, number, &alias_path) : NULL;
	for (unsigned twin = 0; put == 0 && twin < TWINS_MAX; twin++) {
		char ending[ENDING_MAX];

		name_ending(rv, record, number, grade, file->unkept, twin, ending);
		if (ntfs3g_name(last, strlen(last), ending, &name) < 0)
			break;
		if (*ending)
			alias = NULL; /* an alias would be a plain name */
		put = put_name(rv, file, folder, &name, alias ? NAME_WIN32 : NAME_POSIX, err);
	}
	if (put < 0)
		return -1;
	if (put == 0) {
		file->unkept |= UNKEPT_NAME;
		return 0;
	}
	if (alias && put_alias(rv, file, folder, alias, err) < 0)
		return -1;
	return note_name(rv, written, number, path, length, &name, err);
}

/* True if an earlier name of the record goes to the same place. */
static bool is_repeated(const struct rebuild_volume *rv, const struct case_record *record, size_t number,
			const char *path)
{
	for (size_t i = 0; i < number; i++) {
		CLEANUP(free_ptr) char *other = NULL;

		if (record->names.items[i].dos)
			continue;
		other = tree_path(rv, record, i);
		if (other && strcmp(other, path) == 0)
			return true;
	}
	return false;
}

static int write_names(struct rebuild_volume *rv, struct volume_file *file, const struct case_record *record,
		       enum grade grade, struct written_names *written, struct error *err)
{
	char fallback[64];

	for (size_t i = 0; i < record->names.count; i++) {
		CLEANUP(free_ptr) char *path = NULL;

		if (record->names.items[i].dos)
			continue;
		path = tree_path(rv, record, i);
		if (!path || !*path || is_repeated(rv, record, i, path))
			continue;
		if (written->count >= LINKS_MAX) {
			file->unkept |= UNKEPT_NAME;
			break;
		}
		if (write_name(rv, file, record, i, path, grade, written, err) < 0)
			return -1;
	}
	if (written->count)
		return 0;
	/* content without a name that can be written is content all the same */
	snprintf(fallback, sizeof fallback, "unnamed-%" PRIu64 "-%u", record->file.record,
		 record->file.sequence);
	file->unkept |= UNKEPT_NAME;
	return write_name(rv, file, record, record->names.count, fallback, grade, written, err);
}

/* -------- one file -------- */

static void count_file(struct rebuild_volume *rv, const struct case_record *record,
		       const struct rebuild_result *result, size_t names, unsigned unkept)
{
	rv->counts->files++;
	rv->counts->names += names;
	rv->counts->bytes += result->grade == GRADE_LOST ? 0 : record->file.size_bytes;
	rv->counts->grades[result->grade]++;
	rv->counts->limited += unkept != 0;
	for (size_t i = 0; i < UNKEPT_KINDS; i++)
		rv->notes->unkept[i] += unkept >> i & 1;
}

static int tell_file(struct rebuild_volume *rv, const struct case_record *record,
		     const struct rebuild_result *result, const struct written_names *written,
		     unsigned unkept, struct error *err)
{
	if (rv->options->done && rv->options->done(rv->options->context, record, result, written, err) < 0)
		return -1;
	count_file(rv, record, result, written->count, unkept);
	return 0;
}

/* Content first, then what it wears, then its names, and at last its working name goes. */
static int make_file(struct rebuild_volume *rv, struct volume_file *file, const struct case_record *record,
		     struct rebuild_result *result, struct written_names *written, struct error *err)
{
	if (volume_file_fill(&rv->writer, file, record, result, err) < 0)
		return -1;
	if (result->grade == GRADE_LOST)
		return 0;
	if (volume_file_dress(&rv->writer, file, record, err) < 0 ||
	    ntfs3g_write_record(&rv->mount, file->inode, err) < 0)
		return -1;
	/* the names are put in with all that is known by now, so none is stale */
	file->inode->state &= ~(1ul << NI_FileNameDirty);
	if (write_names(rv, file, record, result->grade, written, err) < 0 ||
	    ntfs3g_write_record(&rv->mount, file->inode, err) < 0)
		return -1;
	return ntfs3g_drop_name(&rv->mount, file->inode, rv->folder, &rv->part_name, err);
}

/* Half a file is none. */
static void take_back(struct rebuild_volume *rv, struct volume_file *file, file_ref ref)
{
	struct error late;

	if ((file->inode && ntfs3g_close(&rv->mount, TAKE(file->inode), &late) < 0) ||
	    ntfs3g_delete_file(&rv->mount, ref, &late) < 0)
		rv->mount.doubtful = true;
}

/* Write a file anew; @entry is filled with what the marker is to say of it. */
static int write_file(struct rebuild_volume *rv, const struct case_record *record,
		      struct marker_entry *entry, struct rebuild_result *result,
		      struct written_names *written, struct error *err)
{
	struct volume_file file = { 0 };

	if (ntfs3g_make_file(&rv->mount, rv->folder, &rv->part_name,
			     volume_writer_security(&rv->writer, record), &file.inode, err) < 0)
		return -1;
	*entry = (struct marker_entry){ .ref = ntfs3g_ref(file.inode) };
	if (make_file(rv, &file, record, result, written, err) < 0) {
		take_back(rv, &file, entry->ref);
		return -1;
	}
	entry->unkept = file.unkept;
	if (result->grade == GRADE_LOST) {
		take_back(rv, &file, entry->ref);
		*entry = (struct marker_entry){ 0 };
		return ntfs3g_check(&rv->mount, err);
	}
	return ntfs3g_close(&rv->mount, TAKE(file.inode), err);
}

static int copy_missing(struct rebuild_result *result, const struct case_record *record, struct error *err)
{
	const struct case_stream *stream = case_record_content(record);

	result->grade = GRADE_LOST;
	result->reasons = record->file.reasons;
	for (size_t i = 0; stream && i < stream->missing.count; i++)
		if (!ranges_add(&result->missing, stream->missing.items[i].start,
				stream->missing.items[i].length))
			return error_memory(err);
	return 0;
}

/* A file of an earlier run: 1 if all of it is there, as it should be. */
static int check_names(struct rebuild_volume *rv, file_ref ref, const struct case_record *record,
		       enum grade grade, unsigned unkept, struct written_names *written, struct error *err)
{
	for (size_t i = 0; i < record->names.count; i++) {
		CLEANUP(free_ptr) char *path = record->names.items[i].dos ? NULL : tree_path(rv, record, i);
		char                    ending[ENDING_MAX];
		const char             *last;
		struct ntfs3g_name      name;
		file_ref                folder, found;
		size_t                  length;
		int                     there = 0;

		if (!path || !*path || is_repeated(rv, record, i, path) || written->count >= LINKS_MAX)
			continue;
		last = split_path(path, &length);
		if (find_folder(rv, path, length, &folder, err) < 0)
			return -1;
		for (unsigned twin = 0; there == 0 && twin < 2; twin++) {
			name_ending(rv, record, i, grade, unkept, twin, ending);
			if (ntfs3g_name(last, strlen(last), ending, &name) < 0)
				break;
			there = ntfs3g_find(&rv->mount, folder, &name, NAME_CASE_EXACT, &found, err);
			if (there == 1 && found != ref)
				there = 0;
		}
		if (there <= 0)
			return there;
		if (note_name(rv, written, i, path, length, &name, err) < 0)
			return -1;
	}
	return written->count > 0;
}

static void forget_names(struct written_names *written)
{
	for (size_t i = 0; i < written->count; i++)
		free(written->items[i].path);
	array_release(written);
}

static int check_file(struct rebuild_volume *rv, const struct case_record *record,
		      const struct marker_entry *entry, struct rebuild_result *result,
		      struct written_names *written, struct error *err)
{
	ntfs_inode *inode;
	int         same;

	if (volume_file_judge(&rv->writer, record, result, err) < 0)
		return -1;
	if (!entry->ref)
		return result->grade == GRADE_LOST;
	if (ntfs3g_open(&rv->mount, entry->ref, &inode, err) < 0)
		return -1;
	if (!inode || result->grade == GRADE_LOST)
		return inode ? ntfs3g_close(&rv->mount, inode, err) : 0;
	same = volume_file_agrees(&rv->writer, inode, result, err);
	if (ntfs3g_close(&rv->mount, inode, err) < 0)
		return -1;
	if (same == 1)
		same = check_names(rv, entry->ref, record, result->grade, entry->unkept, written, err);
	return same;
}

/* A file that an earlier run has finished: 1 if it is as it should be, 0 if it is taken away now, -1. */
static int resume_file(struct rebuild_volume *rv, const struct case_record *record,
		       struct marker_entry *entry, struct rebuild_result *result,
		       struct written_names *written, struct error *err)
{
	int whole = check_file(rv, record, entry, result, written, err);

	if (whole)
		return whole;
	forget_names(written);
	rebuild_result_release(result);
	*result = (struct rebuild_result){ 0 };
	if (entry->ref && ntfs3g_delete_file(&rv->mount, entry->ref, err) < 0)
		return -1;
	return 0;
}

static int rebuild_one(struct rebuild_volume *rv, const struct case_record *record, uint64_t index,
		       struct rebuild_result *result, struct written_names *written, struct error *err)
{
	struct marker_entry entry;
	int                 whole = 0;

	if (volume_marker_get(&rv->marker, index, &entry, err) < 0)
		return -1;
	if (entry.state == MARKER_DONE)
		whole = resume_file(rv, record, &entry, result, written, err);
	if (whole < 0)
		return -1;
	if (!whole) {
		entry = (struct marker_entry){ 0 };
		if (record->file.grade == GRADE_LOST || !case_record_content(record)) {
			if (copy_missing(result, record, err) < 0)
				return -1;
		} else if (write_file(rv, record, &entry, result, written, err) < 0) {
			return -1;
		}
		entry.state = MARKER_DONE;
		if (volume_marker_set(&rv->marker, index, &entry, err) < 0)
			return -1;
	}
	return tell_file(rv, record, result, written, entry.unkept, err);
}

static int rebuild_file(struct rebuild_volume *rv, size_t number, struct error *err)
{
	struct case_record    record = { 0 };
	struct rebuild_result result = { 0 };
	struct written_names  written = { 0 };
	int                   status = load_record(rv, rv->plan.items[number].file, &record, err);

	if (status == 0)
		status = rebuild_one(rv, &record, number - rv->first_file, &result, &written, err);
	forget_names(&written);
	rebuild_result_release(&result);
	case_record_release(&record);
	return status;
}

/* @done  files are whole; when something else is half done, those of the last commit stay */
static int tell_full(const struct rebuild_volume *rv, size_t done, struct error *err)
{
	if (rv->mount.doubtful)
		return error_set(err, ERROR_IO, rv->mount.path,
				 "the destination volume is full; the files that are on it are whole; make room there "
				 "and run the same command, it goes on from there");
	return error_set(err, ERROR_IO, rv->mount.path,
			 "the destination volume is full; %s of %s files are on it, whole; make room "
			 "there and run the same command, it goes on from here",
			 text_count(done).text, text_count(rv->plan.count - rv->first_file).text);
}

static int rebuild_files(struct rebuild_volume *rv, struct error *err)
{
	for (size_t i = rv->first_file; i < rv->plan.count; i++) {
		if (rv->options->stop && *rv->options->stop)
			return error_set(
				err, ERROR_REFUSED, rv->mount.path,
				"stopped after %s of %s files, which are whole; the same command goes on "
				"from here",
				text_count(i - rv->first_file).text,
				text_count(rv->plan.count - rv->first_file).text);
		if (rebuild_file(rv, i, err) < 0) {
			if (err->sys == ENOSPC && strcmp(err->path, rv->mount.path) == 0)
				(void)tell_full(rv, i - rv->first_file, err);
			return -1;
		}
		rv->uncommitted += rv->plan.items[i].size_bytes + 4096;
		if (rv->uncommitted < COMMIT_BYTES && !transaction_is_full(&rv->mount.transaction))
			continue;
		rv->uncommitted = 0;
		if (ntfs3g_commit(&rv->mount, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- folders -------- */

/* Give a folder its alias. */
static int alias_folder(struct rebuild_volume *rv, struct volume_file *file, const char *path,
			const char *alias, struct error *err)
{
	size_t             length;
	const char        *last = split_path(path, &length);
	struct ntfs3g_name name, short_name;
	file_ref           parent;
	bool               taken;
	int                had;

	if (ntfs3g_name(alias, strlen(alias), "", &short_name) < 0 || short_name.count > ALIAS_UNITS ||
	    ntfs3g_name(last, strlen(last), "", &name) < 0)
		return 0;
	if (find_folder(rv, path, length, &parent, err) < 0)
		return -1;
	/* not if a file had the name, and this is its twin */
	had = ntfs3g_has_name(&rv->mount, file->inode, parent, &name, err);
	if (had == 1)
		had = ntfs3g_has_name(&rv->mount, file->inode, parent, &short_name, err) == 0;
	if (had != 1)
		return had;
	if (ntfs3g_add_alias(&rv->mount, file->inode, parent, &name, &short_name, file->reparse, &taken, err) < 0)
		return -1;
	if (taken)
		file->unkept |= UNKEPT_ALIAS;
	return 0;
}

static int dress_folder(struct rebuild_volume *rv, const struct case_record *record, size_t number,
			const char *path, unsigned *unkept, struct error *err)
{
	CLEANUP(free_ptr) char *alias_path = NULL;
	const char             *alias = *path ? alias_of(rv, record, number, &alias_path) : NULL;
	struct volume_file      file = { 0 };
	struct rebuild_result   result = { 0 };
	file_ref                ref;
	int                     status;

	if (find_folder(rv, path, strlen(path), &ref, err) < 0 ||
	    ntfs3g_open(&rv->mount, ref, &file.inode, err) < 0)
		return -1;
	if (!file.inode)
		return error_set(err, ERROR_VALUE, rv->mount.path, "a folder that was made is gone");
	status = volume_file_fill(&rv->writer, &file, record, &result, err);
	if (status == 0)
		status = volume_file_dress(&rv->writer, &file, record, err);
	if (status == 0 && alias)
		status = alias_folder(rv, &file, path, alias, err);
	rebuild_result_release(&result);
	*unkept |= file.unkept;
	if (status == 0)
		return ntfs3g_close(&rv->mount, file.inode, err);
	(void)ntfs_inode_close(file.inode);
	rv->mount.doubtful = true;
	return -1;
}

enum folder_pass { FOLDERS_MAKE, FOLDERS_DRESS };

static int rebuild_folder(struct rebuild_volume *rv, const struct case_record *record, enum folder_pass pass,
			  struct error *err)
{
	unsigned unkept = 0;
	bool     any = false;

	for (size_t i = 0; i < record->names.count; i++) {
		CLEANUP(free_ptr) char *path = record->names.items[i].dos ? NULL : tree_path(rv, record, i);
		file_ref                ref;

		if (!path || is_repeated(rv, record, i, path))
			continue;
		any = true;
		if (pass == FOLDERS_MAKE ? find_folder(rv, path, strlen(path), &ref, err) < 0
					 : dress_folder(rv, record, i, path, &unkept, err) < 0)
			return -1;
	}
	if (pass == FOLDERS_DRESS) {
		rv->counts->directories += any;
		rv->counts->limited += unkept != 0;
		for (size_t i = 0; i < UNKEPT_KINDS; i++)
			rv->notes->unkept[i] += unkept >> i & 1;
	}
	return 0;
}

static int rebuild_folders(struct rebuild_volume *rv, enum folder_pass pass, struct error *err)
{
	for (size_t i = 0; i < rv->first_file; i++) {
		struct case_record record = { 0 };
		int                status = load_record(rv, rv->plan.items[i].file, &record, err);

		if (status == 0)
			status = rebuild_folder(rv, &record, pass, err);
		case_record_release(&record);
		if (status < 0)
			return -1;
	}
	return 0;
}

/* -------- is there room? -------- */

static uint64_t round_up(uint64_t bytes, uint64_t unit)
{
	return bytes > UINT64_MAX - unit ? UINT64_MAX : (bytes + unit - 1) / unit * unit;
}

static uint64_t add_bytes(uint64_t sum, uint64_t more)
{
	return more > UINT64_MAX - sum ? UINT64_MAX : sum + more;
}

/* Clusters that a stream will take, in bytes. */
static uint64_t stream_room(const struct rebuild_volume *rv, const struct case_record *record,
			    const struct case_stream *stream)
{
	const ntfs_volume *volume = rv->mount.volume;
	uint64_t           cluster = rv->options->volumes[record->file.volume - 1].geometry.cluster_bytes;
	uint64_t           solid = round_up(stream->size_bytes, volume->cluster_size), kept = 0;

	if (stream->grade == GRADE_LOST || stream->resident || volume->major_ver < 3 ||
	    !(stream->flags & (ATTRIBUTE_SPARSE | ATTRIBUTE_COMPRESSED)) ||
	    (stream->flags & ATTRIBUTE_COMPRESSED && volume->cluster_size > 4096))
		return stream->grade == GRADE_LOST ? 0 : solid;
	for (size_t i = 0; i < stream->runs.count; i++)
		if (stream->runs.items[i].lcn != LCN_HOLE)
			kept = add_bytes(
				kept, round_up(stream->runs.items[i].length * cluster, volume->cluster_size));
	if (stream->flags & ATTRIBUTE_COMPRESSED)
		kept = add_bytes(kept, kept / 8); /* the library compresses a little worse than Windows */
	return kept < solid ? kept : solid;
}

/* What the files that are not there yet will take: @exact reads each record. */
static int sum_room(struct rebuild_volume *rv, bool exact, uint64_t *bytes, struct error *err)
{
	uint64_t each = rv->mount.volume->mft_record_size + 2 * INDEX_BYTES;

	*bytes = round_up(rv->first_file * (each + rv->mount.volume->indx_record_size), 4096);
	for (size_t i = rv->first_file; i < rv->plan.count; i++) {
		struct marker_entry entry = { 0 };
		struct case_record  record = { 0 };
		int                 status = 0;

		if (rv->marker.inode && volume_marker_get(&rv->marker, i - rv->first_file, &entry, err) < 0)
			return -1;
		if (entry.state == MARKER_DONE)
			continue;
		if (!exact) {
			*bytes = add_bytes(*bytes, each + round_up(rv->plan.items[i].size_bytes,
								   rv->mount.volume->cluster_size));
			continue;
		}
		status = load_record(rv, rv->plan.items[i].file, &record, err);
		if (status == 0 && record.file.grade != GRADE_LOST) {
			*bytes = add_bytes(*bytes, each + record.names.count * INDEX_BYTES);
			for (size_t j = 0; j < record.streams.count; j++)
				*bytes =
					add_bytes(*bytes, stream_room(rv, &record, &record.streams.items[j]));
		}
		case_record_release(&record);
		if (status < 0)
			return -1;
	}
	return 0;
}

static int check_room(struct rebuild_volume *rv, struct error *err)
{
	uint64_t wanted, room;

	if (ntfs3g_free_bytes(&rv->mount, &room, err) < 0 || sum_room(rv, false, &wanted, err) < 0)
		return -1;
	if (wanted > room / 16 * 15 && sum_room(rv, true, &wanted, err) < 0)
		return -1;
	if (wanted <= room)
		return 0;
	return error_set(
		err, ERROR_REFUSED, rv->mount.path,
		"has too little room: the store needs about %s there (%s bytes) and %s are free (%s bytes)",
		text_size(wanted).text, text_count(wanted).text, text_size(room).text, text_count(room).text);
}

/* -------- the destination -------- */

static int refuse_evidence(const struct rebuild_volume_options *options, struct error *err)
{
	for (size_t i = 0; i < options->volume_count; i++)
		if (evidence_holds(options->volumes[i].evidence, options->image))
			return error_set(
				err, ERROR_REFUSED, options->image,
				"is the evidence or lies on it, and evidence is never written to; choose "
				"another disk");
	return 0;
}

static int folder_component(const struct rebuild_volume *rv, const char *text, size_t length,
			    struct ntfs3g_name *name, struct error *err)
{
	bool dots = length <= 2 && strncmp(text, "..", length) == 0;

	if (length > 3 * NAME_UNITS_MAX || dots || ntfs3g_name(text, length, "", name) < 0 ||
	    ntfs_forbidden_names(rv->mount.volume, name->units, name->count, TRUE))
		return error_set(err, ERROR_USAGE, rv->options->image,
				 "cannot hold a folder called '%.*s'; Windows knows no such name",
				 (int)length, text);
	return 0;
}

/*
 * Find FOLDER, in any case: 1, 0 if a part of it is missing.
 * @make  make what is missing
 */
static int open_target(struct rebuild_volume *rv, bool make, struct error *err)
{
	const char *at = rv->options->folder;

	rv->folder = ROOT_RECORD;
	while (*at) {
		size_t             length = next_separator(at);
		struct ntfs3g_name name;
		file_ref           next;
		bool               empty;
		int                found;

		if (length) {
			if (folder_component(rv, at, length, &name, err) < 0)
				return -1;
			found = ntfs3g_find(&rv->mount, rv->folder, &name, NAME_CASE_ASIDE, &next, err);
			if (found < 0)
				return -1;
			if (!found && !make)
				return 0;
			if (!found && ntfs3g_make_folder(&rv->mount, rv->folder, &name, &next, err) < 0)
				return -1;
			found = ntfs3g_is_folder(&rv->mount, next, &empty, err);
			if (found < 0)
				return -1;
			if (!found)
				return error_set(
					err, ERROR_REFUSED, rv->options->image,
					"has something called '%.*s' that is no folder, or a damaged "
					"one; choose another, or run 'chkdsk /f' on the volume in Windows",
					(int)length, at);
			if (file_ref_record(next) < FIRST_USER_RECORD)
				return error_set(err, ERROR_REFUSED, rv->options->image,
						 "'%.*s' belongs to the file system; choose another folder",
						 (int)length, at);
			rv->folder = next;
		}
		at += length + (at[length] != 0);
	}
	return 1;
}

/* Is there anything of that name in FOLDER that is not an empty folder? */
static int is_in_the_way(struct rebuild_volume *rv, const struct ntfs3g_name *name, struct error *err)
{
	file_ref ref;
	bool     empty;
	int      found = ntfs3g_find(&rv->mount, rv->folder, name, NAME_CASE_ASIDE, &ref, err);

	if (found <= 0)
		return found;
	found = ntfs3g_is_folder(&rv->mount, ref, &empty, err);
	return found < 0 ? -1 : !(found && empty);
}

/*
 * What is there already: an unfinished run of ours (rv->marker is open then), or nothing.
 * Anything else is refused.
 */
static int look_at_target(struct rebuild_volume *rv, const uint8_t digest[DIGEST_BYTES], struct error *err)
{
	struct ntfs3g_name tree;
	file_ref           ref;
	int                found = open_target(rv, false, err);

	if (found <= 0)
		return found;
	found = ntfs3g_find(&rv->mount, rv->folder, &rv->marker_name, NAME_CASE_EXACT, &ref, err);
	if (found < 0)
		return -1;
	if (found) {
		found = volume_marker_open(&rv->marker, &rv->mount, ref, digest,
					   rv->plan.count - rv->first_file, err);
		if (found < 0)
			return -1;
		if (!found)
			return error_set(
				err, ERROR_REFUSED, rv->options->image,
				"holds an unfinished rebuild of something else in %.80s; choose another "
				"folder, or delete '%s' and '%s.holdfast-rebuild' there",
				rv->options->folder, rv->tree_name, rv->tree_name);
		rv->notes->continued = true;
		return 0;
	}
	(void)!ntfs3g_name(rv->tree_name, strlen(rv->tree_name), "", &tree);
	found = is_in_the_way(rv, &tree, err);
	if (found == 0)
		found = is_in_the_way(rv, &rv->part_name, err);
	if (found <= 0)
		return found;
	return error_set(
		err, ERROR_REFUSED, rv->options->image,
		"already holds '%s' in %.80s, a finished rebuild or another store; choose another folder",
		rv->tree_name, rv->options->folder);
}

/* What a run that was cut off has left is no deleted store: it found none when it began. */
static int guard_target(const struct rebuild_volume *rv, struct error *err)
{
	const struct rebuild_volume_options *options = rv->options;

	if (work_volume_refuse_damage(options->onto, options->destination, err) < 0)
		return -1;
	return work_volume_refuse_deleted_store(options->destination,
						options->overwrite_deleted || rv->notes->continued, err);
}

/* From here on the volume is written to. */
static int prepare_target(struct rebuild_volume *rv, const uint8_t digest[DIGEST_BYTES], struct error *err)
{
	struct ntfs3g_name tree;
	bool               empty;
	int                found;

	if (ntfs3g_begin(&rv->mount, "rebuild", err) < 0 || open_target(rv, true, err) < 0)
		return -1;
	if (!rv->notes->continued &&
	    volume_marker_create(&rv->marker, &rv->mount, rv->folder, &rv->marker_name, digest,
				 rv->plan.count - rv->first_file, err) < 0) {
		rv->mount.doubtful = true; /* half a marker would be taken for another run's */
		return -1;
	}
	(void)!ntfs3g_name(rv->tree_name, strlen(rv->tree_name), "", &tree);
	found = ntfs3g_find(&rv->mount, rv->folder, &tree, NAME_CASE_ASIDE, &rv->tree, err);
	if (found == 1)
		found = ntfs3g_is_folder(&rv->mount, rv->tree, &empty, err);
	if (found == 0)
		return ntfs3g_make_folder(&rv->mount, rv->folder, &tree, &rv->tree, err);
	return found < 0 ? -1 : 0;
}

static int finish_target(struct rebuild_volume *rv, struct error *err)
{
	file_ref marker = rv->marker.ref;

	if (volume_marker_close(&rv->marker, err) < 0)
		return -1;
	return ntfs3g_delete_file(&rv->mount, marker, err);
}

static int write_all(struct rebuild_volume *rv, const uint8_t digest[DIGEST_BYTES], struct error *err)
{
	uint64_t total = 0;
	int      status;

	for (size_t i = rv->first_file; i < rv->plan.count; i++)
		total += rv->plan.items[i].size_bytes;
	if (prepare_target(rv, digest, err) < 0 || rebuild_folders(rv, FOLDERS_MAKE, err) < 0)
		return -1;
	progress_start(&rv->progress, "rebuilding", total, PROGRESS_BYTES);
	status = rebuild_files(rv, err);
	progress_end(&rv->progress);
	if (status < 0 || rebuild_folders(rv, FOLDERS_DRESS, err) < 0)
		return -1;
	return finish_target(rv, err);
}

/*
 * Leave the volume as it should be left, however far we came: with the files that are whole, unless
 * the library or the disk has failed; then as of the last commit.  The first error counts.
 */
static int leave(struct rebuild_volume *rv, int status, struct error *err)
{
	struct error late;

	if (volume_marker_close(&rv->marker, &late) < 0 && status == 0) {
		*err = late;
		status = -1;
	}
	if (rv->mount.transaction.running && !rv->mount.doubtful && ntfs3g_check(&rv->mount, &late) == 0 &&
	    ntfs3g_end(&rv->mount, &late) < 0 && status == 0) {
		*err = late;
		status = -1;
	}
	if (ntfs3g_unmount(&rv->mount, &late) < 0 && status == 0) {
		*err = late;
		status = -1;
	}
	return status;
}

static int run(struct rebuild_volume *rv, struct error *err)
{
	uint8_t digest[DIGEST_BYTES];

	if (refuse_evidence(rv->options, err) < 0 || read_plan(rv, err) < 0 ||
	    plan_digest(rv, digest, err) < 0 ||
	    ntfs3g_mount(&rv->mount, rv->options->image, rv->options->onto->offset_bytes, err) < 0 ||
	    look_at_target(rv, digest, err) < 0)
		return -1;
	if (rv->mount.dirty)
		return ntfs3g_refuse_dirty(&rv->mount, err);
	if (guard_target(rv, err) < 0 || check_room(rv, err) < 0)
		return -1;
	return write_all(rv, digest, err);
}

int rebuild_volume(const struct rebuild_volume_options *options, struct rebuild_counts *counts,
		   struct rebuild_volume_notes *notes, struct error *err)
{
	struct rebuild_volume *rv = calloc(1, sizeof *rv);
	int                    status;

	*counts = (struct rebuild_counts){ 0 };
	*notes = (struct rebuild_volume_notes){ 0 };
	if (!rv)
		return error_memory(err);
	rv->options = options;
	rv->counts = counts;
	rv->notes = notes;
	rv->mount.transaction.device.fd = -1;
	rv->evidence = (struct casebook_source){ .book = options->book, .volumes = options->volumes };
	rv->source = file_source_of_casebook(&rv->evidence);
	rv->writer = (struct volume_writer){ .mount = &rv->mount,
					     .source = &rv->source,
					     .progress = &rv->progress };
	status = leave(rv, run(rv, err), err);
	volume_writer_release(&rv->writer);
	content_buffers_release(&rv->evidence.buffers);
	array_release(&rv->plan);
	array_release(&rv->displaced);
	free(rv->store_path);
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		free(rv->cache[i].path);
	free(rv);
	return status;
}
