/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_table.h - a task sequence as the list of instructions that the engine's pointer walks
 *
 * A group takes two entries, one before its first child and one behind its last; a step takes one.  Numbers
 * begin at 0, and what is disabled keeps its own.  Spec USMT 5.4.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_TABLE_H
#define RECOVER_SEQUENCE_SEQUENCE_TABLE_H

#include "recover/sequence/sequence_file.h"

#define NO_INSTRUCTION UINT32_MAX

enum instruction_kind { INSTRUCTION_STEP, INSTRUCTION_GROUP, INSTRUCTION_GROUP_END };

struct instruction {
	enum instruction_kind       kind;
	const struct sequence_item *item;
	uint32_t                    begin, end; /* of its group; a step's are its own number */
	uint32_t                    open;       /* the innermost group it stands in, or NO_INSTRUCTION; of an end its own */
	uint32_t                    depth;      /* of groups around it */
};

struct sequence_table {
	struct instruction *items;
	uint32_t            count;
};

/* Returns 0, or -1 without memory.  Release in any case; the file must stay. */
MUST_CHECK int sequence_table_make(struct sequence_table *table, const struct sequence_file *file, struct error *err);
void           sequence_table_release(struct sequence_table *table);

/*
 * Which groups are open before the instruction @pointer: their numbers with blanks between them, the outermost
 * first; "" at the top, and behind the last.  To be freed; NULL without memory.
 */
char *sequence_table_stack(const struct sequence_table *table, uint32_t pointer);

#endif
