/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fact.c - see fact.h */
#include "scan/recall/fact.h"

int facts_add(struct facts *facts, struct fact fact, struct bytes name, struct error *err)
{
	size_t units = name.left / 2;

	if (!units || units > UINT8_MAX)
		return error_set(err, ERROR_VALUE, NULL, "a name of %zu units is none", units);
	if (facts->text.count > UINT32_MAX - units)
		return error_memory(err);
	fact.text = (uint32_t)facts->text.count;
	fact.units = (uint8_t)units;
	return array_append(&facts->text, name.at, units) && array_push(&facts->list, fact) ? 0 : error_memory(err);
}

void facts_release(struct facts *facts)
{
	array_release(&facts->list);
	array_release(&facts->text);
}
