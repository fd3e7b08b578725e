/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fact_source.h - what says a name: the kinds of artefacts that remember one
 */
#ifndef SCAN_FACT_SOURCE_H
#define SCAN_FACT_SOURCE_H

enum fact_source { /* the stronger first: that decides where facts contradict each other */
	FACT_RECORD,       /* an attribute of a FILE record */
	FACT_RECORD_SLACK, /* one that was cut out of its record */
	FACT_OLDER_RECORD, /* a record of a life that the table no longer shows; its moment is an LSN */
	FACT_LOG,          /* $LogFile; its moment is an LSN */
	FACT_JOURNAL,      /* $UsnJrnl:$J; its moment is a USN */
	FACT_CATALOGUE,    /* a block of a store's catalogue */
	FACT_INDEX,        /* an entry in use in a directory's index; its moment is the LSN of the block */
	FACT_INDEX_SLACK,  /* one that is not in use; likewise */
	FACT_TWIN,         /* no place of its own: it follows from another name (store.h) */
	FACT_SOURCES
};

/* "record", "record-slack", "logfile", ...: as in the casebook and in JSON. */
const char *fact_source_name(enum fact_source source);

/* The source of that name; FACT_TWIN, the weakest, for any other text. */
enum fact_source fact_source_of(const char *name);

#endif
