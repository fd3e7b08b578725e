/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cmtrace.h - records of a log in CMTrace form, as task sequences, MDT and many others write it
 *
 *   <![LOG[text]LOG]!><time="10:19:13.567+240" date="10-18-2019" component="TSManager" context=""
 *   type="1" thread="1100" file="engine.cxx:144">
 *
 * in one line; the text may have several.  Several threads write at once, power goes, and logs are found in
 * pieces: so records are looked for by their marks, in any bytes, and what stands between them is passed
 * over.  Each byte is looked at a few times at most, whatever it is.
 */
#ifndef SCAN_CMTRACE_H
#define SCAN_CMTRACE_H

#include "core/bytes.h"

#define CMTRACE_BEGIN "<![LOG["
#define CMTRACE_END "]LOG]!>"
#define CMTRACE_TEXT_MAX 65536u /* bytes; a longer text is taken for torn */

enum cmtrace_type { CMTRACE_VERBOSE, CMTRACE_INFO, CMTRACE_WARNING, CMTRACE_ERROR, CMTRACE_TYPES };

enum cmtrace_damage {
	CMTRACE_WHOLE,
	CMTRACE_NO_BEGINNING, /* .text is the end of it: another record was written over its beginning */
	CMTRACE_NO_END,       /* the text, or what is known of it, ends too early */
};

/* The windows lie in the one that was read, bytes as they stand there. */
struct cmtrace_record {
	enum cmtrace_damage damage;
	struct bytes        whole; /* all of it, marks included */
	struct bytes        text;
	uint64_t            time;         /* 100 ns since 1601, UTC; 0: none, or none that a calendar has */
	bool                has_bias;     /* without, .time is that of the machine's clock */
	int                 bias_minutes; /* from the machine's clock to UTC: +240 is four hours west */
	struct bytes        component, context;
	enum cmtrace_type   type;   /* CMTRACE_TYPES: none, or unknown */
	uint32_t            thread; /* 0: none */
	struct bytes        file;
	uint32_t            line; /* of the file, behind a colon or a comma; 0: none */
};

/* Find the next record and move past it.  False at the end. */
bool cmtrace_next(struct bytes *rest, struct cmtrace_record *record);

#endif
