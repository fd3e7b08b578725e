/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fact_source.c - see fact_source.h */
#include "scan/fact_source.h"

const char *fact_source_name(enum fact_source source)
{
	static const char *const names[FACT_SOURCES] = { "record", "record-slack", "logfile", "journal",
							 "catalogue", "index", "index-slack", "twin" };

	return names[source];
}
