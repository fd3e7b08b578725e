/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fact_source.c - see fact_source.h */
#include "scan/fact_source.h"

#include <string.h>

static const char *const source_names[FACT_SOURCES] = { "record", "record-slack", "older-record", "logfile", "journal",
							"catalogue", "index", "index-slack", "twin" };

const char *fact_source_name(enum fact_source source)
{
	return source_names[source];
}

enum fact_source fact_source_of(const char *name)
{
	enum fact_source source = 0;

	while (source < FACT_TWIN && strcmp(source_names[source], name ? name : "") != 0)
		source++;
	return source;
}
