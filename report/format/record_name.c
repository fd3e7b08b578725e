/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record_name.c - see record_name.h */
#include "report/format/record_name.h"

#include <string.h>

const char *record_name_last(const char *path)
{
	const char *last = strrchr(path, '\\');

	return last ? last + 1 : path;
}

/* The less, the better. */
static unsigned rank(const struct case_name *name)
{
	return (name->dos ? 8u : 0) + (name->store ? 4u : 0) + (unsigned)name->proof;
}

const struct case_name *record_name(const struct case_record *record)
{
	const struct case_name *best = NULL;

	for (size_t i = 0; i < record->names.count; i++)
		if (!best || rank(&record->names.items[i]) < rank(best))
			best = &record->names.items[i];
	return best;
}
