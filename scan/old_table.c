/* SPDX-License-Identifier: GPL-3.0-or-later */
/* old_table.c - see old_table.h */
#include "scan/old_table.h"

void old_table_release(struct old_table *table)
{
	array_release(&table->runs);
	array_release(&table->foreign);
	array_release(&table->absent);
	*table = (struct old_table){ 0 };
}
