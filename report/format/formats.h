/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * formats.h - writers of a casebook for other programs; format.h has the table of all
 *
 * The same casebook gives the same bytes.  Times are UTC.  Memory does not grow with the number of files.  Names are
 * escaped as name_escape.h says, whatever the format's own escapes are.
 */
#ifndef REPORT_FORMATS_H
#define REPORT_FORMATS_H

#include "report/report.h"

/*
 * CSV (RFC 4180), a row a name, with a header.  Cells with text are quoted.  One that a spreadsheet would take for a
 * formula has its first character escaped like one of a name.
 */
MUST_CHECK int format_csv(struct casebook *book, const struct report_options *options, FILE *out, struct error *err);

/*
 * The body file of The Sleuth Kit 3: a line a name, for mactime.  Names begin with "V" and the volume's number; % and |
 * are written as mactime takes them back, %25 and %7C.
 */
MUST_CHECK int format_bodyfile(struct casebook *book, const struct report_options *options, FILE *out,
			       struct error *err);

/* Digital Forensics XML 1.2.0: an object a file, and one a named stream. */
MUST_CHECK int format_dfxml(struct casebook *book, const struct report_options *options, FILE *out,
			    struct error *err);

/* CASE/UCO 1.x as JSON-LD, a line an object; identifiers follow from the evidence and what was asked of it. */
MUST_CHECK int format_case(struct casebook *book, const struct report_options *options, FILE *out, struct error *err);

/* JSON lines for Timesketch: the times of files, then the story's events. */
MUST_CHECK int format_timesketch(struct casebook *book, const struct report_options *options, FILE *out,
				 struct error *err);

/*
 * The digests that the casebook knows: those that a capture wrote down, and nothing has changed since.  Files
 * without one are left out, and counted in a comment at the end.
 */

/* For hashdeep: names are those below the folder of a rescue. */
MUST_CHECK int format_hashdeep(struct casebook *book, const struct report_options *options, FILE *out,
			       struct error *err);

/* SQL that makes a hash set with the tables of the NSRL's RDSv3. */
MUST_CHECK int format_nsrl(struct casebook *book, const struct report_options *options, FILE *out, struct error *err);

#endif
