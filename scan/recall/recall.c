/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recall.c - see recall.h */
#include "scan/recall/recall.h"

void recall_release(struct recall *recall)
{
	for (size_t i = 0; i < recall->older.count; i++)
		free(recall->older.items[i].image);
	array_release(&recall->older);
	facts_release(&recall->facts);
	usn_history_release(&recall->journal);
}
