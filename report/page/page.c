/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page.c - a casebook as one HTML page; see page.h, and report.h for the door */
#include "report/page/page.h"

#include "core/cleanup.h"
#include "report/page/html.h"
#include "report/page/page_asset.h"
#include "report/volume_layer.h"

#include <string.h>

/* Patterns over the colours, so that no grade is told by its colour alone. */
static const char patterns[] =
	"<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>"
	"<pattern id=\"dots\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
	"<circle cx=\"2\" cy=\"2\" r=\"1.1\"/><circle cx=\"5\" cy=\"5\" r=\"1.1\"/></pattern>"
	"<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
	"<path d=\"M-1 1l2-2M0 6l6-6M5 7l2-2\"/></pattern>"
	"<pattern id=\"cross\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
	"<path d=\"M0 0l6 6M6 0l-6 6\"/></pattern></defs></svg>\n";

/* Of the evidence, as its user knows it: the path without its folders. */
static const char *last_name(const struct case_evidence *evidence)
{
	const char *slash = strrchr(evidence->path, '/');

	return slash && slash[1] ? slash + 1 : evidence->path;
}

static int print_title_name(void *context, const struct case_evidence *evidence, struct error *err)
{
	struct page *page = context;

	(void)err;
	fputs(evidence->id > 1 ? ", " : ": ", page->out);
	html_text(page->out, last_name(evidence));
	return 0;
}

static int print_head(struct page *page, struct error *err)
{
	FILE *out = page->out;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src ",
	      out);
	if (page_asset_print_hash(page_script(), out, err) < 0)
		return -1;
	fputs("; style-src ", out);
	if (page_asset_print_hash(page_style(), out, err) < 0)
		return -1;
	fputs("; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
	      "<title>Holdfast report",
	      out);
	if (casebook_evidence(page->book, print_title_name, page, err) < 0)
		return -1;
	fputs("</title>\n<style>", out);
	fwrite(page_style().text, 1, page_style().length, out);
	fputs("</style>\n</head>\n<body>\n", out);
	fputs(patterns, out);
	return 0;
}

static int print_evidence_name(void *context, const struct case_evidence *evidence, struct error *err)
{
	struct page *page = context;

	(void)err;
	fputs(evidence->id > 1 ? ", " : "", page->out);
	html_name(page->out, last_name(evidence));
	return 0;
}

static int print_masthead(struct page *page, struct error *err)
{
	fputs("<a class=\"skip\" href=\"#verdict\">To the verdict</a>\n<header><p class=\"brand\">Holdfast <span>recovery report</span></p>"
	      "<p class=\"subject\">",
	      page->out);
	if (casebook_evidence(page->book, print_evidence_name, page, err) < 0)
		return -1;
	fputs("</p></header>\n<nav aria-label=\"Sections\"><a href=\"#verdict\">Verdict</a><a href=\"#story\">What happened</a>", page->out);
	if (page->totals.stores || page->totals.orphans)
		fputs("<a href=\"#stores\">Stores</a>", page->out);
	fputs("<a class=\"script\" hidden href=\"#files\">Files</a><a class=\"script\" hidden href=\"#map\">Map</a>"
	      "<a href=\"#evidence\">Evidence</a></nav>\n<main>\n",
	      page->out);
	return 0;
}

static int print_data(struct page *page, struct error *err)
{
	CLEANUP(free_ptr) char *about = NULL;
	size_t                  length = 0;
	FILE                   *memory = open_memstream(&about, &length);
	int                     result;

	if (!memory)
		return error_memory(err);
	result = page_about(page, memory, err);
	if (fclose(memory) != 0 && result == 0)
		result = error_memory(err);
	if (result < 0)
		return -1;
	return page_files_write(&page->files, about, length, page->out, err);
}

static int print_page(struct page *page, struct error *err)
{
	if (print_head(page, err) < 0 || print_masthead(page, err) < 0 || page_summary(page, err) < 0 ||
	    page_story(page, err) < 0 || page_stores(page, err) < 0)
		return -1;
	fwrite(page_explorer().text, 1, page_explorer().length, page->out);
	if (page_evidence(page, err) < 0)
		return -1;
	fputs("</main>\n", page->out);
	if (print_data(page, err) < 0)
		return -1;
	fputs("<script>", page->out);
	fwrite(page_script().text, 1, page_script().length, page->out);
	fputs("</script>\n</body>\n</html>\n", page->out);
	return 0;
}

/* -------- totals -------- */

static int add_store(void *context, const struct case_store *store, struct error *err)
{
	struct page        *page = context;
	struct page_totals *totals = &page->totals;
	struct page_sum     sum = page_files_sum(&page->files, store->id, NULL);
	struct volume_layer within;

	if (store->same_as)
		return 0;
	if (store->orphans) {
		totals->orphans += store->files;
		return 0;
	}
	if (volume_layer_find(page->book, store->volume, &within, err) < 0)
		return -1;
	totals->stores++;
	totals->live += !within.shadow && page_same(store->state, "live");
	totals->files += store->files;
	totals->bytes += store->bytes;
	totals->only_here += store->only_here;
	totals->only_here_bytes += store->only_here_bytes;
	totals->endangered += store->endangered;
	totals->missing_bytes += sum.missing_bytes;
	for (enum grade grade = 0; grade < GRADES; grade++) {
		totals->grades[grade] += store->grades[grade];
		totals->grade_bytes[grade] += sum.bytes[grade];
	}
	return 0;
}

static void page_release(struct page *page)
{
	case_story_release(&page->told);
	page_files_release(&page->files);
}

int report_html(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	CLEANUP(page_release) struct page page = { .out = out, .book = book, .options = options };

	if (page_files_load(&page.files, book, err) < 0 || casebook_load_story(book, &page.told, err) < 0 ||
	    casebook_stores(book, add_store, &page, err) < 0)
		return -1;
	return print_page(&page, err);
}
