/* SPDX-License-Identifier: GPL-3.0-or-later */
/* casebook_walk.c - see casebook_walk.h */
#include "scan/casebook_walk.h"

#include "core/cleanup.h"
#include "scan/casebook_row.h"

#include <sqlite3.h>

static const char get_ids_sql[] = "SELECT id FROM file WHERE volume BETWEEN ? AND ?"
				  " ORDER BY volume, record, sequence, id";
/* by the key of store_file, which begins with the store */
static const char get_membership_sql[] = "SELECT total(m.store=0), total(m.only_here)"
	" FROM (SELECT 0 AS id UNION ALL SELECT id FROM store) s"
	" CROSS JOIN store_file m ON m.store=s.id AND m.file=?";

static int walk_file(struct casebook *book, int64_t file, case_record_each *each, void *context, struct error *err)
{
	CLEANUP(case_record_release) struct case_record record = { 0 };

	if (casebook_load_file(book, file, &record, err) < 0)
		return -1;
	return each(context, &record, err);
}

int casebook_walk(struct casebook *book, int64_t volume, case_record_each *each, void *context, struct error *err)
{
	uint64_t first = (uint64_t)volume, last = volume == CASE_VOLUMES_ALL ? INT64_MAX : first;

	EACH_ROW(get_ids_sql, (row_int(&row, first), row_int(&row, last)),
		 walk_file(book, (int64_t)get_int(&row), each, context, err));
}

static int read_membership(struct row *row, struct case_membership *membership)
{
	membership->beside = get_int(row);
	membership->only_here = get_int(row);
	return 0;
}

int casebook_membership(struct casebook *book, int64_t file, struct case_membership *membership, struct error *err)
{
	EACH_ROW(get_membership_sql, row_int(&row, (uint64_t)file), read_membership(&row, membership));
}
