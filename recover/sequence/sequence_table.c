/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_table.c - see sequence_table.h */
#include "recover/sequence/sequence_table.h"

#include "core/cleanup.h"

static uint32_t add(struct sequence_table *table, enum instruction_kind kind, const struct sequence_item *item,
		    uint32_t open, uint32_t depth)
{
	uint32_t number = table->count++;

	table->items[number] = (struct instruction){ kind, item, number, number, open, depth };
	return number;
}

static void add_all(struct sequence_table *table, const struct sequence_item *item, uint32_t open, uint32_t depth)
{
	for (; item; item = item->next) {
		uint32_t begin, end;

		if (!item->group) {
			add(table, INSTRUCTION_STEP, item, open, depth);
			continue;
		}
		begin = add(table, INSTRUCTION_GROUP, item, open, depth);
		add_all(table, item->child, begin, depth + 1);
		end = add(table, INSTRUCTION_GROUP_END, item, begin, depth);
		table->items[begin].end = end;
		table->items[end].begin = begin;
	}
}

int sequence_table_make(struct sequence_table *table, const struct sequence_file *file, struct error *err)
{
	*table = (struct sequence_table){ .items = calloc(file->entries + 1, sizeof *table->items) };
	if (!table->items)
		return error_memory(err);
	add_all(table, file->items, NO_INSTRUCTION, 0);
	return 0;
}

void sequence_table_release(struct sequence_table *table)
{
	free(table->items);
	*table = (struct sequence_table){ 0 };
}

static void print_open(const struct sequence_table *table, uint32_t group, FILE *out)
{
	if (group == NO_INSTRUCTION)
		return;
	print_open(table, table->items[group].open, out);
	fprintf(out, "%s%u", table->items[group].open == NO_INSTRUCTION ? "" : " ", group);
}

char *sequence_table_stack(const struct sequence_table *table, uint32_t pointer)
{
	char  *text = NULL;
	size_t length;
	FILE  *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	if (pointer < table->count)
		print_open(table, table->items[pointer].open, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
