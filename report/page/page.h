/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page.h - the HTML page: what its sections share; report.h has the door to it
 *
 * What a reader must know stands in the page as plain HTML, and needs no script: verdict, what to do, what happened, stores,
 * evidence.  The list of files and the map are drawn by the script from the data blocks (page_files.h).
 */
#ifndef REPORT_PAGE_PAGE_H
#define REPORT_PAGE_PAGE_H

#include "report/page/page_files.h"
#include "report/report.h"
#include "scan/casebook_story.h"

/* What is counted of all stores but the orphans; a store that is told twice counts once. */
struct page_totals {
	uint64_t stores, live;   /* live: on the disk as it is now, not in a shadow copy */
	uint64_t files, bytes;
	uint64_t only_here, only_here_bytes, endangered;
	uint64_t grades[GRADES], grade_bytes[GRADES];
	uint64_t missing_bytes;  /* of partial files */
	uint64_t orphans;        /* files whose folders are lost */
	uint64_t own;            /* of the stores themselves; not among .files */
};

struct page {
	FILE                        *out;
	struct casebook             *book;
	const struct report_options *options;
	struct page_files            files;
	struct page_totals           totals;
	struct case_story            told;
};

/* Sections, in their order on the page.  Return 0, or -1. */
MUST_CHECK int page_summary(struct page *page, struct error *err);
MUST_CHECK int page_story(struct page *page, struct error *err);
MUST_CHECK int page_stores(struct page *page, struct error *err);
MUST_CHECK int page_evidence(struct page *page, struct error *err);

/* What the script must know of volumes, stores and words, as JSON. */
MUST_CHECK int page_about(struct page *page, FILE *out, struct error *err);

/* -------- parts of sections -------- */

/* An "s" for many. */
const char *page_plural(uint64_t count);

/* Texts of a casebook, which may lack any that belongs there. */
bool page_same(const char *text, const char *word);

/* A word for a grade as a heading, and what it means for whoever asks for his files. */
const char *page_grade_word(enum grade grade);
const char *page_grade_meaning(enum grade grade);

/* A bar of the grades' shares, readable as a sentence; nothing if there is nothing. */
void page_bar(FILE *out, const uint64_t files[GRADES]);

/* A mark with the grade's colour and pattern, for keys and tables. */
void page_mark(FILE *out, enum grade grade);

#endif
