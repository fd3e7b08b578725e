/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * casebook_row.h - rows of the casebook's tables in and out; for the casebook's own files alone
 *
 * Statements are known by the address of their text, which is static, and are prepared once.
 */
#ifndef SCAN_CASEBOOK_ROW_H
#define SCAN_CASEBOOK_ROW_H

#include "scan/casebook.h"

/* Values are bound, and got, from left to right. */
struct row {
	struct sqlite3_stmt *statement;
	int                  column;
	bool                 lacking; /* a text that was needed is not there */
};

/* Begin a row of @text.  Returns 0, or -1 with SQLite's own words. */
MUST_CHECK int row_begin(struct casebook *book, const char *text, struct row *row, struct error *err);

/* Bind the next value; texts and blobs are borrowed until the row is inserted; no data is NULL. */
void row_int(struct row *row, uint64_t value);
void row_text(struct row *row, const char *text);
void row_blob(struct row *row, const void *data, size_t size_bytes);

MUST_CHECK int row_insert(struct casebook *book, struct row *row, struct error *err);

/* Step to the next row: 1, 0 at the end (and reset), -1. */
MUST_CHECK int row_next(struct casebook *book, struct row *row, struct error *err);

/* Get the next value; texts belong to the statement, until the next step. */
uint64_t    get_int(struct row *row);
const char *get_text(struct row *row);

/* A text that every row of ours has: never NULL; a row without it is not whole. */
const char *get_needed_text(struct row *row);

/* Returns 0 if all texts were there that were needed of this row, else -1: the casebook is wrong about @what. */
MUST_CHECK int row_whole(const struct row *row, const char *what, struct error *err);

/* The columns of tables file and name; the strings belong to the statement.  False: no scan has written that. */
bool row_get_file(struct row *row, struct case_file *file);
bool row_get_name(struct row *row, struct case_name *name);

MUST_CHECK int casebook_execute(struct casebook *book, const char *text, struct error *err);
void           casebook_forget_statements(struct casebook *book);

/* What SQLite says, in our words: -1. */
int casebook_error(const struct casebook *book, struct error *err);

/*
 * The body of a function that runs @call (which reads the row into its struct and hands it on) for each row of
 * @text, its values set by @bind.
 */
#define EACH_ROW(text, bind, call)                                       \
	do {                                                              \
		struct row row;                                           \
		int        result;                                        \
                                                                          \
		if (row_begin(book, text, &row, err) < 0)                \
			return -1;                                        \
		bind;                                                     \
		while ((result = row_next(book, &row, err)) == 1)         \
			if ((call) < 0) {                                 \
				sqlite3_reset(row.statement);             \
				return -1;                                \
			}                                                 \
		return result;                                            \
	} while (0)

#endif
