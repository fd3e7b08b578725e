/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report.h - a casebook in words, and as JSON
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "scan/casebook.h"

/* What a rebuild that came before the report left; the store's id, its folder and its counts. */
struct report_rebuilt {
	int64_t     store;     /* CASE_BESIDE for what no store held */
	const char *folder;
	uint64_t    files, bytes;
	uint64_t    grades[GRADES];
};

struct report_options {
	const char                  *source;        /* as the user named it, for the next command */
	const char                  *case_path;     /* NULL if the casebook was not kept */
	const char                  *page_path;     /* where the page is that goes with it, or NULL */
	const struct report_rebuilt *rebuilt;
	size_t                       rebuilt_count;
	bool                         verbose;       /* all findings and all damaged names */
	bool                         timeline;      /* in the text: every event; JSON has them always */
};

/*
 * Writers: they return 0, or -1 when the casebook cannot be read; report_format_write (format.h) calls them, and sees
 * to it that all they wrote got there.
 */

/* For people: what was on the disk, what can be had, what is lost by name, what to do next. */
MUST_CHECK int report_text(struct casebook *book, const struct report_options *options, FILE *out,
			   struct error *err);

/* One JSON document (DESIGN 3's keys and more); its keys are a promise. */
MUST_CHECK int report_json(struct casebook *book, const struct report_options *options, FILE *out,
			   struct error *err);

/*
 * One HTML page with all of it: for people who look at it, print it, and look for a file; opens without a network.
 * The same casebook gives the same bytes.
 */
MUST_CHECK int report_html(struct casebook *book, const struct report_options *options, FILE *out,
			   struct error *err);

/* True in *@damaged if some store has files that are not whole, or evidence could not be read. */
MUST_CHECK int report_damaged(struct casebook *book, bool *damaged, struct error *err);

#endif
