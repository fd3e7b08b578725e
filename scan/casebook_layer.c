/* SPDX-License-Identifier: GPL-3.0-or-later */
/* casebook_layer.c - the casebook's volumes within volumes; see casebook.h */
#include "scan/casebook_row.h"

#include <sqlite3.h>

static const char add_layer_sql[] = "INSERT INTO layer VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char get_layers_sql[] = "SELECT * FROM layer ORDER BY id";
static const char get_layers_of_sql[] = "SELECT * FROM layer WHERE volume=? ORDER BY id";

int casebook_add_layer(struct casebook *book, const struct case_layer *layer, struct error *err)
{
	struct row row;

	if (row_begin(book, add_layer_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)layer->id);
	row_int(&row, (uint64_t)layer->evidence);
	row_int(&row, (uint64_t)layer->outer);
	row_int(&row, (uint64_t)layer->volume);
	row_int(&row, (uint64_t)layer->of);
	row_text(&row, layer->kind);
	row_text(&row, layer->state);
	row_int(&row, layer->offset_bytes);
	row_int(&row, layer->length_bytes);
	row_int(&row, layer->partition);
	row_int(&row, layer->number);
	row_int(&row, layer->created);
	row_int(&row, layer->recovery_id);
	row_text(&row, layer->opened_by);
	row_text(&row, layer->why);
	return row_insert(book, &row, err);
}

static int read_layer(struct row *row, case_layer_each *each, void *context, struct error *err)
{
	struct case_layer layer = { .id = (int64_t)get_int(row) };

	layer.evidence = (int64_t)get_int(row);
	layer.outer = (int64_t)get_int(row);
	layer.volume = (int64_t)get_int(row);
	layer.of = (int64_t)get_int(row);
	layer.kind = get_needed_text(row);
	layer.state = get_needed_text(row);
	layer.offset_bytes = get_int(row);
	layer.length_bytes = get_int(row);
	layer.partition = (uint32_t)get_int(row);
	layer.number = (uint32_t)get_int(row);
	layer.created = get_int(row);
	layer.recovery_id = (uint32_t)get_int(row);
	layer.opened_by = get_needed_text(row);
	layer.why = get_needed_text(row);
	return row_whole(row, "a layer", err) < 0 ? -1 : each(context, &layer, err);
}

int casebook_layers(struct casebook *book, case_layer_each *each, void *context, struct error *err)
{
	EACH_ROW(get_layers_sql, (void)0, read_layer(&row, each, context, err));
}

int casebook_layers_of(struct casebook *book, int64_t volume, case_layer_each *each, void *context, struct error *err)
{
	EACH_ROW(get_layers_of_sql, row_int(&row, (uint64_t)volume), read_layer(&row, each, context, err));
}
