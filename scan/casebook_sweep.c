/* SPDX-License-Identifier: GPL-3.0-or-later */
/* casebook_sweep.c - see casebook_sweep.h */
#include "scan/casebook_sweep.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "scan/casebook_row.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#define APPLICATION_ID 0x48465357 /* "HFSW" */

static const char schema_sql[] =
	"CREATE TABLE IF NOT EXISTS sweep(key TEXT PRIMARY KEY, next INTEGER);\n"
	/* artefacts: struct artefact as it is in memory; the key says for which version */
	"CREATE TABLE IF NOT EXISTS sweep_part(id INTEGER PRIMARY KEY, key TEXT, artefacts BLOB);\n";
static const char get_kind_sql[] = "SELECT application_id, (SELECT count(*) FROM sqlite_master)"
				   " FROM pragma_application_id";
static const char get_next_sql[] = "SELECT next FROM sweep WHERE key=?";
static const char get_parts_sql[] = "SELECT artefacts FROM sweep_part WHERE key=? ORDER BY id";
static const char set_next_sql[] = "INSERT OR REPLACE INTO sweep VALUES(?,?)";
static const char add_part_sql[] = "INSERT INTO sweep_part VALUES(NULL,?,?)";

char *casebook_sweep_path(const char *case_path)
{
	return text_format("%s.sweep", case_path);
}

/* Is it ours, or new? */
static int check_kind(struct casebook *book, struct error *err)
{
	struct row row;
	uint64_t   application, tables;
	int        got;

	if (row_begin(book, get_kind_sql, &row, err) < 0)
		return -1;
	got = row_next(book, &row, err);
	if (got < 0)
		return -1;
	application = got ? get_int(&row) : 0;
	tables = got ? get_int(&row) : 0;
	sqlite3_reset(row.statement);
	if (application == APPLICATION_ID || (!application && !tables))
		return 0;
	return error_set(err, ERROR_REFUSED, book->path,
			 "is there and is not a sweep's progress; it is not written over, move it away");
}

int casebook_sweep_open(struct casebook *book, const char *path, struct error *err)
{
	char pragma[64];

	*book = (struct casebook){ .path = strdup(path) };
	if (!book->path)
		return error_memory(err);
	if (sqlite3_open_v2(path, &book->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
		return error_set(err, ERROR_IO, path, "cannot keep the progress of the sweep there; choose another "
						      "place with --case or --to");
	snprintf(pragma, sizeof pragma, "PRAGMA application_id=%d", APPLICATION_ID);
	if (casebook_execute(book, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL; BEGIN EXCLUSIVE", err) < 0) {
		if (sqlite3_errcode(book->database) == SQLITE_BUSY)
			return error_set(err, ERROR_REFUSED, path, "another run is at this sweep; wait for its end");
		return -1;
	}
	if (check_kind(book, err) < 0 || casebook_execute(book, pragma, err) < 0 ||
	    casebook_execute(book, schema_sql, err) < 0)
		return -1;
	return casebook_execute(book, "COMMIT", err);
}

static int contradiction(const struct casebook *book, struct error *err)
{
	return error_set(err, ERROR_VALUE, book->path, "contradicts itself; remove it, and the sweep begins anew");
}

/* @size_bytes of @blob are artefacts behind those that are there already, and before @end. */
static int take_part(struct casebook *book, const void *blob, size_t size_bytes, uint64_t end, struct artefacts *found,
		     struct error *err)
{
	struct artefact artefact;
	uint64_t        least = found->count ? found->items[found->count - 1].offset + 1 : 0;

	if (size_bytes % sizeof artefact)
		return contradiction(book, err);
	for (size_t at = 0; at < size_bytes; at += sizeof artefact) {
		memcpy(&artefact, (const uint8_t *)blob + at, sizeof artefact);
		if (artefact.kind >= ARTEFACT_KINDS || artefact.offset < least || artefact.offset > end ||
		    artefact.length > end - artefact.offset)
			return contradiction(book, err);
		least = artefact.offset + 1;
		if (!array_push(found, artefact))
			return error_memory(err);
	}
	return 0;
}

static int load_parts(struct casebook *book, const char *key, uint64_t end, struct artefacts *found,
		      struct error *err)
{
	struct row row;
	int        got;

	if (row_begin(book, get_parts_sql, &row, err) < 0)
		return -1;
	row_text(&row, key);
	while ((got = row_next(book, &row, err)) == 1)
		if (take_part(book, sqlite3_column_blob(row.statement, 0),
			      (size_t)sqlite3_column_bytes(row.statement, 0), end, found, err) < 0) {
			sqlite3_reset(row.statement);
			return -1;
		}
	return got;
}

int casebook_sweep_load(struct casebook *book, const char *key, uint64_t end, struct artefacts *found, uint64_t *next,
			struct error *err)
{
	struct row row;
	uint64_t   reached;
	int        got;

	if (row_begin(book, get_next_sql, &row, err) < 0)
		return -1;
	row_text(&row, key);
	got = row_next(book, &row, err);
	if (got <= 0)
		return got;
	reached = get_int(&row);
	sqlite3_reset(row.statement);
	if (reached > end)
		return contradiction(book, err);
	if (load_parts(book, key, end, found, err) < 0)
		return -1;
	*next = reached;
	return 0;
}

int casebook_sweep_add(struct casebook *book, const char *key, const struct artefact *items, size_t count,
		       uint64_t next, struct error *err)
{
	struct row row;

	if (casebook_execute(book, "BEGIN", err) < 0)
		return -1;
	if (count) {
		if (row_begin(book, add_part_sql, &row, err) < 0)
			return -1;
		row_text(&row, key);
		row_blob(&row, items, count * sizeof *items);
		if (row_insert(book, &row, err) < 0)
			return -1;
	}
	if (row_begin(book, set_next_sql, &row, err) < 0)
		return -1;
	row_text(&row, key);
	row_int(&row, next);
	if (row_insert(book, &row, err) < 0)
		return -1;
	return casebook_execute(book, "COMMIT", err);
}

void casebook_sweep_discard(struct casebook *book)
{
	CLEANUP(free_ptr) char *path = TAKE(book->path);

	casebook_close(book);
	if (path)
		(void)unlink(path); /* if it stays, it says what is true */
}
