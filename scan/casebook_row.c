/* SPDX-License-Identifier: GPL-3.0-or-later */
/* casebook_row.c - see casebook_row.h */
#include "scan/casebook_row.h"

#include "core/cleanup.h"

#include <sqlite3.h>

int casebook_error(const struct casebook *book, struct error *err)
{
	int         code = book->database ? sqlite3_errcode(book->database) : SQLITE_NOMEM;
	const char *name = book->path_new ? book->path_new : book->path;

	if (code == SQLITE_NOMEM)
		return error_memory(err);
	if (code == SQLITE_FULL)
		return error_set(err, ERROR_IO, name, "no room left for the casebook; free some space or "
						      "choose another disk, then run again");
	return error_set(err, ERROR_IO, name, "the casebook fails: %s", sqlite3_errmsg(book->database));
}

/* Prepared when first used; NULL with SQLite's error. */
static sqlite3_stmt *statement(struct casebook *book, const char *text)
{
	struct case_statement *it = book->statements, *end = it + CASE_STATEMENTS_MAX;

	while (it < end && it->text && it->text != text)
		it++;
	if (it == end)
		return NULL;
	if (!it->text && sqlite3_prepare_v3(book->database, text, -1, SQLITE_PREPARE_PERSISTENT, &it->statement,
					    NULL) == SQLITE_OK)
		it->text = text;
	return it->text ? it->statement : NULL;
}

void casebook_forget_statements(struct casebook *book)
{
	for (size_t i = 0; i < CASE_STATEMENTS_MAX; i++) {
		sqlite3_finalize(book->statements[i].statement);
		book->statements[i] = (struct case_statement){ 0 };
	}
}

int row_begin(struct casebook *book, const char *text, struct row *row, struct error *err)
{
	*row = (struct row){ .statement = statement(book, text) };
	return row->statement ? 0 : casebook_error(book, err);
}

void row_int(struct row *row, uint64_t value)
{
	sqlite3_bind_int64(row->statement, ++row->column, (sqlite3_int64)value);
}

void row_text(struct row *row, const char *text)
{
	sqlite3_bind_text(row->statement, ++row->column, text, -1, SQLITE_STATIC);
}

void row_blob(struct row *row, const void *data, size_t size_bytes)
{
	if (data)
		sqlite3_bind_blob64(row->statement, ++row->column, data, size_bytes, SQLITE_STATIC);
	else
		sqlite3_bind_null(row->statement, ++row->column);
}

int row_insert(struct casebook *book, struct row *row, struct error *err)
{
	int code = sqlite3_step(row->statement);

	sqlite3_reset(row->statement);
	return code == SQLITE_DONE ? 0 : casebook_error(book, err);
}

int row_next(struct casebook *book, struct row *row, struct error *err)
{
	int code = sqlite3_step(row->statement);

	row->column = 0;
	row->lacking = false;
	if (code == SQLITE_ROW)
		return 1;
	sqlite3_reset(row->statement);
	return code == SQLITE_DONE ? 0 : casebook_error(book, err);
}

uint64_t get_int(struct row *row)
{
	return (uint64_t)sqlite3_column_int64(row->statement, row->column++);
}

const char *get_text(struct row *row)
{
	return (const char *)sqlite3_column_text(row->statement, row->column++);
}

const char *get_needed_text(struct row *row)
{
	const char *text = get_text(row);

	row->lacking = row->lacking || !text;
	return text ? text : "";
}

int row_whole(const struct row *row, const char *what, struct error *err)
{
	return row->lacking ? error_set(err, ERROR_VALUE, NULL, "the casebook contradicts itself about %s", what) : 0;
}

int casebook_execute(struct casebook *book, const char *text, struct error *err)
{
	return sqlite3_exec(book->database, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : casebook_error(book, err);
}
