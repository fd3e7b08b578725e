/* SPDX-License-Identifier: GPL-3.0-or-later */
/* casebook.c - see casebook.h */
#include "scan/casebook_row.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "core/utf16.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define APPLICATION_ID 0x48464353 /* "HFCS" */

static const char casebook_schema[] =
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT);\n"
	"CREATE TABLE evidence(id INTEGER PRIMARY KEY, path TEXT, format TEXT, map_path TEXT,"
	" size_bytes INTEGER, sector_bytes INTEGER, unreadable_bytes INTEGER, fingerprint TEXT,"
	" sha256 TEXT, sha1 TEXT, md5 TEXT, stored_sha1 TEXT, stored_md5 TEXT);\n"
	/* bytes of the evidence that could not be read, or that its map file calls unreadable */
	"CREATE TABLE unreadable(evidence INTEGER, start INTEGER, length INTEGER, PRIMARY KEY(evidence, start)) WITHOUT ROWID;\n"
	"CREATE TABLE volume(id INTEGER PRIMARY KEY, evidence INTEGER, partition INTEGER,"
	" offset_bytes INTEGER, size_bytes INTEGER, cluster_bytes INTEGER, record_bytes INTEGER,"
	" sector_bytes INTEGER, index_bytes INTEGER, sectors INTEGER, clusters INTEGER, mft_lcn INTEGER,"
	" mirror_lcn INTEGER, serial INTEGER, mft_records INTEGER,"
	/* past: this life of the place ended; successor: the volume that has it now */
	" past INTEGER, successor INTEGER);\n"
	/* volumes within: shadow copies, and BitLocker volumes decrypted; outer_layer: the one around it, 0 the evidence */
	"CREATE TABLE layer(id INTEGER PRIMARY KEY, evidence INTEGER, outer_layer INTEGER, volume INTEGER,"
	" of_volume INTEGER, kind TEXT, state TEXT, offset_bytes INTEGER, length_bytes INTEGER, partition INTEGER,"
	" number INTEGER, created INTEGER, recovery_id INTEGER, opened_by TEXT, why TEXT);\n"
	"CREATE TABLE store(id INTEGER PRIMARY KEY, volume INTEGER, path TEXT, kind TEXT, state TEXT,"
	" orphans INTEGER, files INTEGER, names INTEGER, derived_names INTEGER, directories INTEGER,"
	" others INTEGER, bytes INTEGER, only_here INTEGER, only_here_bytes INTEGER,"
	" endangered INTEGER, endangered_bytes INTEGER,"
	" verified INTEGER, intact INTEGER, suspect INTEGER, partial INTEGER, lost INTEGER, same_as INTEGER);\n"
	"CREATE TABLE store_part(store INTEGER, volume INTEGER, path TEXT, is_primary INTEGER);\n"
	"CREATE TABLE store_user(store INTEGER, name TEXT, files INTEGER, bytes INTEGER);\n"
	/* times are 100 ns since 1601; grade is 0 verified to 4 lost; reasons: enum grade_reason */
	"CREATE TABLE file(id INTEGER PRIMARY KEY, volume INTEGER, record INTEGER, sequence INTEGER,"
	" live INTEGER, directory INTEGER, info_known INTEGER, link_count INTEGER, size_bytes INTEGER,"
	" created INTEGER, written INTEGER, changed INTEGER, accessed INTEGER, attributes INTEGER,"
	" security_id INTEGER, grade INTEGER, reasons INTEGER, first_lcn INTEGER);\n"
	/* store 0 is user data that was deleted beside the stores */
	"CREATE TABLE store_file(store INTEGER, file INTEGER, only_here INTEGER,"
	" PRIMARY KEY(store, file)) WITHOUT ROWID;\n"
	/* proof is 0 proven, 1 derived, 2 guessed; parent is a file reference as on disk; source says what gives
	   the name, offset where that lies on the volume (-1 where it follows from other names), moment its LSN or USN;
	   times are those of its $FILE_NAME, 0 where no record has it */
	"CREATE TABLE name(file INTEGER, number INTEGER, store INTEGER, path TEXT, inside TEXT,"
	" proof INTEGER, live INTEGER, dos INTEGER, parent INTEGER, source TEXT, offset INTEGER,"
	" moment INTEGER, created INTEGER, written INTEGER, changed INTEGER, accessed INTEGER,"
	" PRIMARY KEY(file, number)) WITHOUT ROWID;\n"
	/* SHA-256 of contents as they were captured, by file reference; one holds while size and time are the same */
	"CREATE TABLE digest(volume INTEGER, file INTEGER, size_bytes INTEGER, written INTEGER, sha256 BLOB,"
	" PRIMARY KEY(volume, file)) WITHOUT ROWID;\n"
	/* names that something else than a record says, whether or not they came to anything; file and parent are
	   file references as on disk; flags: enum fact_flag */
	"CREATE TABLE fact(volume INTEGER, file INTEGER, parent INTEGER, name TEXT, source TEXT, verdict TEXT,"
	" flags INTEGER, offset INTEGER, moment INTEGER, time INTEGER);\n"
	/* type: NTFS attribute type; value: a resident stream's bytes; runs: 24 bytes a run, little-endian
	   VCN, LCN (all ones for a hole) and length in clusters; missing: 16 bytes a range, start and
	   length in bytes */
	"CREATE TABLE stream(file INTEGER, number INTEGER, type INTEGER, name TEXT, flags INTEGER,"
	" unit_shift INTEGER, size_bytes INTEGER, valid_bytes INTEGER, allocated_bytes INTEGER, value BLOB,"
	" runs BLOB, grade INTEGER, reasons INTEGER, missing BLOB, PRIMARY KEY(file, number)) WITHOUT ROWID;\n"
	"CREATE TABLE security(volume INTEGER, id INTEGER, descriptor BLOB,"
	" PRIMARY KEY(volume, id)) WITHOUT ROWID;\n"
	"CREATE TABLE finding(kind TEXT, volume INTEGER, record INTEGER, offset INTEGER, seen INTEGER,"
	" wanted INTEGER);\n"
	"CREATE TABLE finding_count(kind TEXT PRIMARY KEY, count INTEGER);\n"
	/* who says what happened: kind is log, piece, record or journal; place: the number of a file's record, or
	   the byte of the evidence where a piece of a log was found; cut: there was more of it */
	"CREATE TABLE story_source(id INTEGER PRIMARY KEY, kind TEXT, evidence INTEGER, volume INTEGER,"
	" place INTEGER, path TEXT, proof INTEGER, grade INTEGER, live INTEGER, cut INTEGER);\n"
	/* what each record says, copies too; clock: 0 no time, 1 by the machine's clock, 3 UTC, which is
	   bias_minutes behind it; outcome: 0 not told, 1 well, 2 failed; offset: of the record in its source */
	"CREATE TABLE event(id INTEGER PRIMARY KEY, time INTEGER, clock INTEGER, bias_minutes INTEGER, kind TEXT,"
	" outcome INTEGER, code INTEGER, number INTEGER, count INTEGER, step TEXT, path TEXT, said TEXT,"
	" form INTEGER, torn INTEGER, source INTEGER, offset INTEGER);\n"
	/* since the loss of which the story tells; no rows: its moment is not known */
	"CREATE TABLE written_since(volume INTEGER PRIMARY KEY, files INTEGER, bytes INTEGER);\n";

static const char add_meta_sql[] = "INSERT INTO meta VALUES(?,?)";
static const char add_evidence_sql[] = "INSERT INTO evidence VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char add_unreadable_sql[] = "INSERT INTO unreadable VALUES(?,?,?)";
static const char add_volume_sql[] = "INSERT INTO volume VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char add_store_sql[] = "INSERT INTO store VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char add_part_sql[] = "INSERT INTO store_part VALUES(?,?,?,?)";
static const char add_user_sql[] = "INSERT INTO store_user VALUES(?,?,?,?)";
static const char add_member_sql[] = "INSERT OR IGNORE INTO store_file VALUES(?,?,?)";
static const char add_digest_sql[] = "INSERT OR REPLACE INTO digest VALUES(?,?,?,?,?)";
static const char add_security_sql[] = "INSERT OR IGNORE INTO security VALUES(?,?,?)";
static const char add_fact_sql[] = "INSERT INTO fact VALUES(?,?,?,?,?,?,?,?,?,?)";
static const char get_fact_counts_sql[] = "SELECT volume, source, verdict, count(*) FROM fact"
	" GROUP BY volume, source, verdict ORDER BY volume, source, verdict";
static const char add_finding_sql[] = "INSERT INTO finding VALUES(?,?,?,?,?,?)";
static const char add_count_sql[] = "INSERT INTO finding_count VALUES(?,?)";
static const char get_meta_sql[] = "SELECT value FROM meta WHERE key=?";
static const char get_evidence_sql[] = "SELECT * FROM evidence ORDER BY id";
static const char get_unreadable_sql[] = "SELECT start, length FROM unreadable WHERE evidence=? ORDER BY start";
static const char get_volumes_sql[] = "SELECT * FROM volume ORDER BY id";
static const char get_stores_sql[] = "SELECT * FROM store ORDER BY id";
static const char get_parts_sql[] = "SELECT * FROM store_part WHERE store=? ORDER BY is_primary DESC, volume";
static const char get_users_sql[] = "SELECT * FROM store_user WHERE store=? ORDER BY files DESC, name";
static const char get_findings_sql[] = "SELECT * FROM finding ORDER BY rowid";
static const char get_counts_sql[] = "SELECT * FROM finding_count ORDER BY kind";
static const char get_damaged_sql[] = "SELECT f.*, n.* FROM store_file m JOIN file f ON f.id=m.file"
	" JOIN name n ON n.file=f.id AND n.store=m.store AND NOT n.dos"
	" WHERE m.store=? AND f.grade=? AND NOT f.directory GROUP BY f.id"
	" ORDER BY n.inside LIMIT ?";
static const char get_reasons_sql[] = "SELECT f.reasons, count(*) FROM store_file m JOIN file f ON f.id=m.file"
	" JOIN store s ON s.id=m.store WHERE m.store=? AND f.grade=? AND NOT f.directory AND (s.orphans OR EXISTS(SELECT 1"
	" FROM name n WHERE n.file=m.file AND n.store=m.store AND NOT n.dos AND n.inside LIKE 'File\\%'))"
	" GROUP BY f.reasons ORDER BY count(*) DESC, f.reasons";
static const char get_plan_sql[] = "SELECT f.id, f.volume, f.directory, f.size_bytes, f.first_lcn FROM store_file m"
	" JOIN file f ON f.id=m.file WHERE m.store=?"
	" ORDER BY f.directory DESC, f.volume, f.first_lcn, f.id";
static const char get_members_sql[] = "SELECT file, only_here FROM store_file WHERE store=? ORDER BY file";
static const char get_facts_sql[] = "SELECT * FROM fact WHERE file<>0 ORDER BY rowid";
static const char get_securities_sql[] = "SELECT * FROM security ORDER BY volume, id";
static const char get_displaced_sql[] = "SELECT file, number FROM (SELECT n.file, n.number, row_number() OVER"
	" (PARTITION BY coalesce(n.inside, f.volume || n.path) ORDER BY f.grade=4, n.live DESC,"
	" n.proof, f.grade, f.changed DESC, f.id) AS rank"
	" FROM store_file m JOIN file f ON f.id=m.file JOIN name n ON n.file=f.id"
	" AND n.store=m.store AND NOT n.dos WHERE m.store=? AND NOT f.directory)"
	" WHERE rank>1 ORDER BY file, number";
static const char get_key_sql[] = "SELECT id, grade, reasons FROM file WHERE volume=? AND record=? AND sequence=?";
static const char set_grade_sql[] = "UPDATE file SET grade=?2, reasons=?3 WHERE id=?1";
/* where a partial content has its gaps is in the manifest alone */
static const char set_content_sql[] = "UPDATE stream SET grade=?2, reasons=?3 WHERE file=?1 AND type=128 AND name=''"
				      " AND ?2<>3";
static const char move_grade_sql[] = "UPDATE store SET verified=verified-(?2=0)+(?3=0), intact=intact-(?2=1)+(?3=1),"
	" suspect=suspect-(?2=2)+(?3=2), partial=partial-(?2=3)+(?3=3),"
	" lost=lost-(?2=4)+(?3=4) WHERE id IN (SELECT m.store FROM store_file m"
	" JOIN store s ON s.id=m.store WHERE m.file=?1 AND (s.orphans OR EXISTS(SELECT 1 FROM"
	" name n WHERE n.file=m.file AND n.store=m.store AND NOT n.dos"
	" AND n.inside LIKE 'File\\%')))";
static const char get_security_sql[] = "SELECT descriptor FROM security WHERE volume=? AND id=?";

/* -------- life -------- */

/* Make room at @path for a new file: only what an earlier run left there is removed. */
static int make_room(const char *path, struct error *err)
{
	struct stat status;

	if (lstat(path, &status) < 0)
		return errno == ENOENT ? 0 : error_sys(err, path, "cannot write a casebook there");
	if (!(S_ISREG(status.st_mode) && status.st_size == 0) && !casebook_is_one(path))
		return error_set(err, ERROR_REFUSED, path,
				 "is there and is no casebook; the new one is written under that name first: move "
				 "it away, or choose another place with --case or --to");
	return unlink(path) < 0 ? error_sys(err, path, "cannot replace what an earlier run left") : 0;
}

int casebook_create(struct casebook *book, const char *path, struct error *err)
{
	CLEANUP(free_ptr) char *path_new = NULL;
	char                    text[128];

	*book = (struct casebook){ 0 };
	if (path) {
		book->path = strdup(path);
		path_new = text_format("%s.new", path);
		if (!book->path || !path_new)
			return error_memory(err);
		if (make_room(path_new, err) < 0)
			return -1;
		book->path_new = TAKE(path_new); /* what is there from now on is ours */
	}
	/* threads take turns in writing it, so SQLite need not lock */
	if (sqlite3_open_v2(path ? book->path_new : ":memory:", &book->database,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return error_set(err, ERROR_IO, book->path_new,
				 "cannot write a casebook there; choose another place with --case or --to");
	/* one in memory has few rows, and each table at least a page */
	snprintf(text, sizeof text, "PRAGMA page_size=%d; PRAGMA application_id=%d; PRAGMA user_version=%d;",
		 path ? 16384 : 4096, APPLICATION_ID, CASEBOOK_VERSION);
	if (casebook_execute(book, text, err) < 0 ||
	    casebook_execute(book, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
			  "PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY;",
		    err) < 0 ||
	    casebook_execute(book, "BEGIN", err) < 0 ||
	    casebook_execute(book, casebook_schema, err) < 0)
		return -1;
	return 0;
}

static int sync_path(const char *path, int flags, struct error *err)
{
	CLEANUP(close_fd) int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return error_sys(err, path, "cannot make the casebook durable");
	return 0;
}

int casebook_publish(struct casebook *book, struct error *err)
{
	CLEANUP(free_ptr) char *folder = NULL;
	CLEANUP(free_ptr) char *path = NULL;

	if (casebook_execute(book, "CREATE INDEX file_record ON file(volume, record)", err) < 0 ||
	    casebook_execute(book, "COMMIT", err) < 0)
		return -1;
	if (!book->path)
		return 0;
	path = strdup(book->path);
	folder = strdup(book->path);
	if (!path || !folder)
		return error_memory(err);
	casebook_forget_statements(book);
	if (sqlite3_close(book->database) != SQLITE_OK)
		return casebook_error(book, err);
	book->database = NULL;
	if (sync_path(book->path_new, O_RDONLY, err) < 0)
		return -1;
	if (rename(book->path_new, book->path) < 0)
		return error_sys(err, book->path, "cannot put the casebook in its place");
	free(TAKE(book->path_new));
	if (sync_path(dirname(folder), O_RDONLY | O_DIRECTORY, err) < 0)
		return -1;
	casebook_close(book);
	return casebook_open(book, path, err);
}

void casebook_close(struct casebook *book)
{
	casebook_forget_statements(book);
	sqlite3_close(TAKE(book->database));
	if (book->path_new)
		unlink(book->path_new); /* never published */
	free(TAKE(book->path_new));
	free(TAKE(book->path));
}

bool casebook_is_one(const char *path)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char                  head[72];

	return fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head &&
	       memcmp(head, "SQLite format 3", 16) == 0 && memcmp(head + 68, "HFCS", 4) == 0;
}

static int get_pragma(struct casebook *book, const char *text, int64_t *value, struct error *err)
{
	sqlite3_stmt *pragma = NULL;
	bool          got = sqlite3_prepare_v2(book->database, text, -1, &pragma, NULL) == SQLITE_OK &&
		   sqlite3_step(pragma) == SQLITE_ROW;

	*value = got ? sqlite3_column_int64(pragma, 0) : 0;
	sqlite3_finalize(pragma);
	return got ? 0 : casebook_error(book, err);
}

int casebook_open(struct casebook *book, const char *path, struct error *err)
{
	int64_t version;

	*book = (struct casebook){ .path = strdup(path) };
	if (!book->path)
		return error_memory(err);
	if (access(path, R_OK) < 0)
		return error_sys(err, path, "cannot open the casebook");
	if (!casebook_is_one(path))
		return error_set(err, ERROR_VALUE, path, "is no Holdfast casebook");
	if (sqlite3_open_v2(path, &book->database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		return casebook_error(book, err);
	if (get_pragma(book, "PRAGMA user_version", &version, err) < 0)
		return -1;
	if (version != CASEBOOK_VERSION)
		return error_set(err, ERROR_UNSUPPORTED, path,
				 "is a casebook of version %lld and this program knows version %d; scan the "
				 "evidence again with this program, or use the one that wrote it",
				 (long long)version, CASEBOOK_VERSION);
	return 0;
}

/* -------- writing -------- */

int casebook_add_meta(struct casebook *book, const char *key, const char *value, struct error *err)
{
	struct row row;

	if (row_begin(book, add_meta_sql, &row, err) < 0)
		return -1;
	row_text(&row, key);
	row_text(&row, value);
	return row_insert(book, &row, err);
}

int casebook_add_evidence(struct casebook *book, const struct case_evidence *evidence, struct error *err)
{
	struct row row;

	if (row_begin(book, add_evidence_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)evidence->id);
	row_text(&row, evidence->path);
	row_text(&row, evidence->format);
	row_text(&row, evidence->map_path);
	row_int(&row, evidence->size_bytes);
	row_int(&row, evidence->sector_bytes);
	row_int(&row, evidence->unreadable_bytes);
	row_text(&row, evidence->fingerprint);
	row_text(&row, evidence->sha256);
	row_text(&row, evidence->sha1);
	row_text(&row, evidence->md5);
	row_text(&row, evidence->stored_sha1);
	row_text(&row, evidence->stored_md5);
	return row_insert(book, &row, err);
}

int casebook_add_unreadable(struct casebook *book, int64_t evidence, const struct ranges *places, struct error *err)
{
	struct row row;

	for (size_t i = 0; i < places->count; i++) {
		if (row_begin(book, add_unreadable_sql, &row, err) < 0)
			return -1;
		row_int(&row, (uint64_t)evidence);
		row_int(&row, places->items[i].start);
		row_int(&row, places->items[i].length);
		if (row_insert(book, &row, err) < 0)
			return -1;
	}
	return 0;
}

int casebook_add_volume(struct casebook *book, const struct case_volume *volume, struct error *err)
{
	struct row row;

	if (row_begin(book, add_volume_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)volume->id);
	row_int(&row, (uint64_t)volume->evidence);
	row_int(&row, volume->partition);
	row_int(&row, volume->offset_bytes);
	row_int(&row, volume->size_bytes);
	row_int(&row, volume->geometry.cluster_bytes);
	row_int(&row, volume->geometry.record_bytes);
	row_int(&row, volume->geometry.sector_bytes);
	row_int(&row, volume->geometry.index_bytes);
	row_int(&row, volume->geometry.sectors);
	row_int(&row, volume->geometry.clusters);
	row_int(&row, volume->geometry.mft_lcn);
	row_int(&row, volume->geometry.mirror_lcn);
	row_int(&row, volume->geometry.serial);
	row_int(&row, volume->mft_records);
	row_int(&row, volume->past);
	row_int(&row, volume->successor);
	return row_insert(book, &row, err);
}

int casebook_add_store(struct casebook *book, const struct case_store *store, struct error *err)
{
	struct row row;

	if (row_begin(book, add_store_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)store->id);
	row_int(&row, (uint64_t)store->volume);
	row_text(&row, store->path);
	row_text(&row, store->kind);
	row_text(&row, store->state);
	row_int(&row, store->orphans);
	row_int(&row, store->files);
	row_int(&row, store->names);
	row_int(&row, store->derived_names);
	row_int(&row, store->directories);
	row_int(&row, store->others);
	row_int(&row, store->bytes);
	row_int(&row, store->only_here);
	row_int(&row, store->only_here_bytes);
	row_int(&row, store->endangered);
	row_int(&row, store->endangered_bytes);
	for (size_t i = 0; i < GRADES; i++)
		row_int(&row, store->grades[i]);
	row_int(&row, (uint64_t)store->same_as);
	return row_insert(book, &row, err);
}

int casebook_add_part(struct casebook *book, const struct case_part *part, struct error *err)
{
	struct row row;

	if (row_begin(book, add_part_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)part->store);
	row_int(&row, (uint64_t)part->volume);
	row_text(&row, part->path);
	row_int(&row, part->primary);
	return row_insert(book, &row, err);
}

int casebook_add_user(struct casebook *book, const struct case_user *user, struct error *err)
{
	struct row row;

	if (row_begin(book, add_user_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)user->store);
	row_text(&row, user->name);
	row_int(&row, user->files);
	row_int(&row, user->bytes);
	return row_insert(book, &row, err);
}

int casebook_add_member(struct casebook *book, int64_t store, int64_t file, bool only_here, struct error *err)
{
	struct row row;

	if (row_begin(book, add_member_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)store);
	row_int(&row, (uint64_t)file);
	row_int(&row, only_here);
	return row_insert(book, &row, err);
}

int casebook_add_security(struct casebook *book, int64_t volume, uint32_t id, struct bytes descriptor,
			  struct error *err)
{
	struct row row;

	if (row_begin(book, add_security_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)volume);
	row_int(&row, id);
	row_blob(&row, descriptor.at, descriptor.left);
	return row_insert(book, &row, err);
}

int casebook_add_digest(struct casebook *book, const struct case_digest *digest, struct error *err)
{
	struct row row;

	if (row_begin(book, add_digest_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)digest->volume);
	row_int(&row, digest->file);
	row_int(&row, digest->size_bytes);
	row_int(&row, digest->written);
	row_blob(&row, digest->sum, sizeof digest->sum);
	return row_insert(book, &row, err);
}

int casebook_add_fact(struct casebook *book, const struct case_fact *fact, struct error *err)
{
	struct row row;

	if (row_begin(book, add_fact_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)fact->volume);
	row_int(&row, fact->file);
	row_int(&row, fact->parent);
	row_text(&row, fact->name);
	row_text(&row, fact->source);
	row_text(&row, fact->verdict);
	row_int(&row, fact->flags);
	row_int(&row, fact->offset);
	row_int(&row, fact->moment);
	row_int(&row, fact->time);
	return row_insert(book, &row, err);
}

int casebook_add_findings(struct casebook *book, struct findings *findings, struct error *err)
{
	struct row row;

	findings_sort(findings);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		if (row_begin(book, add_finding_sql, &row, err) < 0)
			return -1;
		row_text(&row, finding_kind_name(finding->kind));
		row_int(&row, finding->volume);
		row_int(&row, finding->record);
		row_int(&row, finding->offset);
		row_int(&row, finding->seen);
		row_int(&row, finding->wanted);
		if (row_insert(book, &row, err) < 0)
			return -1;
	}
	for (enum finding_kind kind = 0; kind < FINDING_KINDS; kind++) {
		if (!findings->counts[kind])
			continue;
		if (row_begin(book, add_count_sql, &row, err) < 0)
			return -1;
		row_text(&row, finding_kind_name(kind));
		row_int(&row, findings->counts[kind]);
		if (row_insert(book, &row, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- regrading -------- */

/* Close the connection and open another one on the same file. */
static int reopen(struct casebook *book, int flags, struct error *err)
{
	casebook_forget_statements(book);
	sqlite3_close(TAKE(book->database));
	if (sqlite3_open_v2(book->path, &book->database, flags, NULL) != SQLITE_OK)
		return casebook_error(book, err);
	return 0;
}

int casebook_regrade_begin(struct casebook *book, struct error *err)
{
	if (reopen(book, SQLITE_OPEN_READWRITE, err) < 0)
		return -1;
	return casebook_execute(book, "BEGIN", err);
}

static int set_grade(struct casebook *book, const char *sql, uint64_t id, enum grade grade, uint64_t reasons,
		     struct error *err)
{
	struct row row;

	if (row_begin(book, sql, &row, err) < 0)
		return -1;
	row_int(&row, id);
	row_int(&row, grade);
	row_int(&row, reasons);
	return row_insert(book, &row, err);
}

int casebook_regrade(struct casebook *book, uint64_t volume, uint64_t record, uint16_t sequence,
		     enum grade grade, unsigned reasons, struct error *err)
{
	struct row row;
	uint64_t   id, was, all;
	int        result;

	if (row_begin(book, get_key_sql, &row, err) < 0)
		return -1;
	row_int(&row, volume);
	row_int(&row, record);
	row_int(&row, sequence);
	result = row_next(book, &row, err);
	if (result <= 0)
		return result;
	id = get_int(&row);
	was = get_int(&row);
	all = grade > GRADE_INTACT ? get_int(&row) | reasons : 0;
	sqlite3_reset(row.statement);
	if (was == grade)
		return 0;
	if (set_grade(book, set_grade_sql, id, grade, all, err) < 0 ||
	    set_grade(book, set_content_sql, id, grade, all, err) < 0 ||
	    row_begin(book, move_grade_sql, &row, err) < 0)
		return -1;
	row_int(&row, id);
	row_int(&row, was);
	row_int(&row, grade);
	return row_insert(book, &row, err);
}

int casebook_regrade_end(struct casebook *book, struct error *err)
{
	if (casebook_execute(book, "COMMIT", err) < 0)
		return -1;
	return reopen(book, SQLITE_OPEN_READONLY, err);
}

/* -------- reading -------- */

static int read_evidence(struct row *row, case_evidence_each *each, void *context, struct error *err)
{
	struct case_evidence evidence = { .id = (int64_t)get_int(row) };

	evidence.path = get_needed_text(row);
	evidence.format = get_needed_text(row);
	evidence.map_path = get_text(row);
	evidence.size_bytes = get_int(row);
	evidence.sector_bytes = (uint32_t)get_int(row);
	evidence.unreadable_bytes = get_int(row);
	evidence.fingerprint = get_needed_text(row);
	evidence.sha256 = get_text(row);
	evidence.sha1 = get_text(row);
	evidence.md5 = get_text(row);
	evidence.stored_sha1 = get_text(row);
	evidence.stored_md5 = get_text(row);
	return row_whole(row, "the evidence", err) < 0 ? -1 : each(context, &evidence, err);
}

int casebook_evidence(struct casebook *book, case_evidence_each *each, void *context, struct error *err)
{
	EACH_ROW(get_evidence_sql, (void)0, read_evidence(&row, each, context, err));
}

static int read_unreadable(struct row *row, case_range_each *each, void *context, struct error *err)
{
	struct range range = { .start = get_int(row) };

	range.length = get_int(row);
	return each(context, &range, err);
}

int casebook_unreadable(struct casebook *book, int64_t evidence, case_range_each *each, void *context, struct error *err)
{
	EACH_ROW(get_unreadable_sql, row_int(&row, (uint64_t)evidence), read_unreadable(&row, each, context, err));
}

static int read_volume(struct row *row, case_volume_each *each, void *context, struct error *err)
{
	struct case_volume volume = { .id = (int64_t)get_int(row) };

	volume.evidence = (int64_t)get_int(row);
	volume.partition = (uint32_t)get_int(row);
	volume.offset_bytes = get_int(row);
	volume.size_bytes = get_int(row);
	volume.geometry.cluster_bytes = (uint32_t)get_int(row);
	volume.geometry.record_bytes = (uint32_t)get_int(row);
	volume.geometry.sector_bytes = (uint32_t)get_int(row);
	volume.geometry.index_bytes = (uint32_t)get_int(row);
	volume.geometry.sectors = get_int(row);
	volume.geometry.clusters = get_int(row);
	volume.geometry.mft_lcn = get_int(row);
	volume.geometry.mirror_lcn = get_int(row);
	volume.geometry.serial = get_int(row);
	volume.mft_records = get_int(row);
	volume.past = get_int(row);
	volume.successor = (uint32_t)get_int(row);
	return each(context, &volume, err);
}

int casebook_volumes(struct casebook *book, case_volume_each *each, void *context, struct error *err)
{
	EACH_ROW(get_volumes_sql, (void)0, read_volume(&row, each, context, err));
}

static int read_store(struct row *row, case_store_each *each, void *context, struct error *err)
{
	struct case_store store = { .id = (int64_t)get_int(row) };

	store.volume = (int64_t)get_int(row);
	store.path = get_needed_text(row);
	store.kind = get_needed_text(row);
	store.state = get_needed_text(row);
	store.orphans = get_int(row);
	store.files = get_int(row);
	store.names = get_int(row);
	store.derived_names = get_int(row);
	store.directories = get_int(row);
	store.others = get_int(row);
	store.bytes = get_int(row);
	store.only_here = get_int(row);
	store.only_here_bytes = get_int(row);
	store.endangered = get_int(row);
	store.endangered_bytes = get_int(row);
	for (size_t i = 0; i < GRADES; i++)
		store.grades[i] = get_int(row);
	store.same_as = (int64_t)get_int(row);
	return row_whole(row, "a store", err) < 0 ? -1 : each(context, &store, err);
}

int casebook_stores(struct casebook *book, case_store_each *each, void *context, struct error *err)
{
	EACH_ROW(get_stores_sql, (void)0, read_store(&row, each, context, err));
}

static int read_part(struct row *row, case_part_each *each, void *context, struct error *err)
{
	struct case_part part = { .store = (int64_t)get_int(row) };

	part.volume = (int64_t)get_int(row);
	part.path = get_needed_text(row);
	part.primary = get_int(row);
	return row_whole(row, "a store", err) < 0 ? -1 : each(context, &part, err);
}

int casebook_parts(struct casebook *book, int64_t store, case_part_each *each, void *context,
		   struct error *err)
{
	EACH_ROW(get_parts_sql, row_int(&row, (uint64_t)store), read_part(&row, each, context, err));
}

static int read_user(struct row *row, case_user_each *each, void *context, struct error *err)
{
	struct case_user user = { .store = (int64_t)get_int(row) };

	user.name = get_needed_text(row);
	user.files = get_int(row);
	user.bytes = get_int(row);
	return row_whole(row, "users", err) < 0 ? -1 : each(context, &user, err);
}

int casebook_users(struct casebook *book, int64_t store, case_user_each *each, void *context,
		   struct error *err)
{
	EACH_ROW(get_users_sql, row_int(&row, (uint64_t)store), read_user(&row, each, context, err));
}

static int read_fact_count(struct row *row, case_fact_count_each *each, void *context, struct error *err)
{
	int64_t     volume = (int64_t)get_int(row);
	const char *source = get_needed_text(row), *verdict = get_needed_text(row);

	return row_whole(row, "facts", err) < 0 ? -1 : each(context, volume, source, verdict, get_int(row), err);
}

int casebook_fact_counts(struct casebook *book, case_fact_count_each *each, void *context, struct error *err)
{
	EACH_ROW(get_fact_counts_sql, (void)0, read_fact_count(&row, each, context, err));
}

static int read_finding(struct row *row, case_finding_each *each, void *context, struct error *err)
{
	const char    *kind = get_needed_text(row);
	struct finding finding = { .volume = (uint32_t)get_int(row) };

	finding.record = get_int(row);
	finding.offset = get_int(row);
	finding.seen = get_int(row);
	finding.wanted = get_int(row);
	return row_whole(row, "findings", err) < 0 ? -1 : each(context, kind, &finding, err);
}

int casebook_findings(struct casebook *book, case_finding_each *each, void *context, struct error *err)
{
	EACH_ROW(get_findings_sql, (void)0, read_finding(&row, each, context, err));
}

static int read_finding_count(struct row *row, case_count_each *each, void *context, struct error *err)
{
	const char *kind = get_needed_text(row);
	uint64_t    count = get_int(row);

	return row_whole(row, "findings", err) < 0 ? -1 : each(context, kind, count, err);
}

int casebook_finding_counts(struct casebook *book, case_count_each *each, void *context, struct error *err)
{
	EACH_ROW(get_counts_sql, (void)0, read_finding_count(&row, each, context, err));
}

static int read_reasons(struct row *row, case_reasons_each *each, void *context, struct error *err)
{
	unsigned reasons = (unsigned)get_int(row);

	return each(context, reasons, get_int(row), err);
}

int casebook_reasons(struct casebook *book, int64_t store, enum grade grade, case_reasons_each *each, void *context,
		     struct error *err)
{
	EACH_ROW(get_reasons_sql, (row_int(&row, (uint64_t)store), row_int(&row, grade)),
		 read_reasons(&row, each, context, err));
}

static int read_damaged(struct casebook *book, struct row *row, case_damage_each *each, void *context,
			struct error *err)
{
	struct case_file file;
	struct case_name name;

	if (!row_get_file(row, &file) || !row_get_name(row, &name))
		return error_set(err, ERROR_VALUE, book->path, "the casebook contradicts itself about what is damaged");
	return each(context, &file, &name, err);
}

int casebook_damaged(struct casebook *book, int64_t store, enum grade grade, uint64_t limit,
		     case_damage_each *each, void *context, struct error *err)
{
	EACH_ROW(get_damaged_sql,
		 (row_int(&row, (uint64_t)store), row_int(&row, grade), row_int(&row, limit)),
		 read_damaged(book, &row, each, context, err));
}

int casebook_meta(struct casebook *book, const char *key, char **value, struct error *err)
{
	struct row row;
	int        result;

	*value = NULL;
	if (row_begin(book, get_meta_sql, &row, err) < 0)
		return -1;
	row_text(&row, key);
	result = row_next(book, &row, err);
	if (result == 1) {
		const char *text = get_text(&row);

		*value = strdup(text ? text : "");
		sqlite3_reset(row.statement);
		if (!*value)
			return error_memory(err);
	}
	return result < 0 ? -1 : 0;
}

static int read_plan(struct row *row, struct case_plan *plan, struct error *err)
{
	struct case_plan_entry entry = { .file = (int64_t)get_int(row) };

	entry.volume = (uint32_t)get_int(row);
	entry.directory = get_int(row);
	entry.size_bytes = get_int(row);
	entry.first_lcn = get_int(row);
	return array_push(plan, entry) ? 0 : error_memory(err);
}

int casebook_plan(struct casebook *book, int64_t store, struct case_plan *plan, struct error *err)
{
	EACH_ROW(get_plan_sql, row_int(&row, (uint64_t)store), read_plan(&row, plan, err));
}

static int read_member(struct row *row, case_member_each *each, void *context, struct error *err)
{
	int64_t file = (int64_t)get_int(row);

	return each(context, file, get_int(row), err);
}

int casebook_members(struct casebook *book, int64_t store, case_member_each *each, void *context, struct error *err)
{
	EACH_ROW(get_members_sql, row_int(&row, (uint64_t)store), read_member(&row, each, context, err));
}

static int read_fact(struct row *row, case_fact_each *each, void *context, struct error *err)
{
	struct case_fact fact = { .volume = (int64_t)get_int(row) };

	fact.file = get_int(row);
	fact.parent = get_int(row);
	fact.name = get_needed_text(row);
	fact.source = get_needed_text(row);
	fact.verdict = get_needed_text(row);
	fact.flags = (unsigned)get_int(row);
	fact.offset = get_int(row);
	fact.moment = get_int(row);
	fact.time = get_int(row);
	return row_whole(row, "facts", err) < 0 ? -1 : each(context, &fact, err);
}

int casebook_facts(struct casebook *book, case_fact_each *each, void *context, struct error *err)
{
	EACH_ROW(get_facts_sql, (void)0, read_fact(&row, each, context, err));
}

static int read_security(struct row *row, case_security_each *each, void *context, struct error *err)
{
	int64_t      volume = (int64_t)get_int(row);
	uint32_t     id = (uint32_t)get_int(row);
	struct bytes descriptor = { sqlite3_column_blob(row->statement, 2),
				    (size_t)sqlite3_column_bytes(row->statement, 2), 0 };

	return each(context, volume, id, descriptor, err);
}

int casebook_securities(struct casebook *book, case_security_each *each, void *context, struct error *err)
{
	EACH_ROW(get_securities_sql, (void)0, read_security(&row, each, context, err));
}

static int read_displaced(struct row *row, struct case_displaced_list *list, struct error *err)
{
	struct case_displaced displaced = { .file = (int64_t)get_int(row) };

	displaced.number = (uint32_t)get_int(row);
	return array_push(list, displaced) ? 0 : error_memory(err);
}

int casebook_displaced(struct casebook *book, int64_t store, struct case_displaced_list *list,
		       struct error *err)
{
	EACH_ROW(get_displaced_sql, row_int(&row, (uint64_t)store), read_displaced(&row, list, err));
}

int casebook_security(struct casebook *book, int64_t volume, uint32_t id, uint8_t **descriptor,
		      size_t *size_bytes, struct error *err)
{
	struct row row;
	int        result;

	*descriptor = NULL;
	*size_bytes = 0;
	if (row_begin(book, get_security_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)volume);
	row_int(&row, id);
	result = row_next(book, &row, err);
	if (result == 1) {
		const void *blob = sqlite3_column_blob(row.statement, 0);

		*size_bytes = (size_t)sqlite3_column_bytes(row.statement, 0);
		*descriptor = malloc(*size_bytes + 1);
		if (*descriptor && blob)
			memcpy(*descriptor, blob, *size_bytes);
		sqlite3_reset(row.statement);
		if (!*descriptor)
			return error_memory(err);
	}
	return result < 0 ? -1 : 0;
}

