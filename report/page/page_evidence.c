/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page_evidence.c - what was looked at, with what, and what limits the result; see page.h */
#include "report/page/page.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "report/finding_text.h"
#include "report/page/html.h"
#include "report/stored_digest.h"

#include <inttypes.h>
#include <string.h>

#define ROWS_SHOWN 300u /* of images, volumes, and what lies within them: as many as a browser shows at once */

struct row_list {
	struct page *page;
	uint64_t     count; /* of all that came */
};

static void print_more(const struct row_list *list, const char *what)
{
	if (list->count > ROWS_SHOWN)
		fprintf(list->page->out, "<p>And %s more %s: all are in <code>holdfast report --format json</code>.</p>\n",
			text_count(list->count - ROWS_SHOWN).text, what);
}

/* Of all bytes of the evidence, as they are now and as the image says of itself, below its row. */
static void print_digest(FILE *out, const char *kind, const char *hex, const char *stored)
{
	if (!hex && !stored)
		return;
	fprintf(out, "<tr><td></td><td>%s</td><td class=\"hash\" colspan=\"3\">", kind);
	html_text(out, hex ? hex : stored);
	fputs(stored_digest_remark(hex, stored), out);
	if (hex && stored && strcmp(hex, stored) != 0) {
		fputs("<br>", out);
		html_text(out, stored);
	}
	fputs("</td></tr>\n", out);
}

static int print_image(void *context, const struct case_evidence *evidence, struct error *err)
{
	struct row_list *list = context;
	FILE            *out = list->page->out;

	(void)err;
	if (list->count++ >= ROWS_SHOWN)
		return 0;
	fputs("<tr><th scope=\"row\">", out);
	html_name(out, evidence->path);
	fputs("</th><td>", out);
	html_text(out, evidence->format);
	fprintf(out, "</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"hash\">", text_size(evidence->size_bytes).text,
		text_size(evidence->unreadable_bytes).text);
	html_text(out, evidence->fingerprint);
	fputs("</td></tr>\n", out);
	print_digest(out, "SHA-256", evidence->sha256, NULL);
	print_digest(out, "SHA-1", evidence->sha1, evidence->stored_sha1);
	print_digest(out, "MD5", evidence->md5, evidence->stored_md5);
	return 0;
}

static int print_volume(void *context, const struct case_volume *volume, struct error *err)
{
	struct row_list *list = context;

	(void)err;
	if (list->count++ >= ROWS_SHOWN)
		return 0;
	fprintf(list->page->out, "<tr><th scope=\"row\">Volume&#160;%lld%s</th><td class=\"n\">%" PRIu64 "</td><td class=\"n\">%s</td>"
			   "<td class=\"n\">%s</td><td class=\"n\">%s</td><td><code>%016" PRIX64 "</code></td></tr>\n",
		(long long)volume->id, volume->past ? ", an older life" : "", volume->offset_bytes,
		text_size(volume->size_bytes).text, text_size(volume->geometry.cluster_bytes).text,
		text_count(volume->mft_records).text, volume->geometry.serial);
	return 0;
}

static int print_layer(void *context, const struct case_layer *layer, struct error *err)
{
	struct row_list *list = context;
	FILE            *out = list->page->out;

	(void)err;
	if (list->count++ >= ROWS_SHOWN)
		return 0;
	if (page_same(layer->kind, "shadow"))
		fprintf(out, "<li>Shadow copy %" PRIu32 " of %s: ", layer->number, text_time(layer->created).text);
	else
		fprintf(out, "<li>BitLocker at byte %" PRIu64 ": ", layer->offset_bytes);
	html_text(out, layer->state);
	if (layer->volume)
		fprintf(out, ", read as volume %lld", (long long)layer->volume);
	if (layer->recovery_id)
		fprintf(out, "; the identifier of its recovery key begins with %08" PRIX32, layer->recovery_id);
	if (layer->why && layer->why[0]) {
		fputs("; ", out);
		html_text(out, layer->why);
	}
	fputs("</li>\n", out);
	return 0;
}

/* -------- findings -------- */

struct finding_list {
	struct page  *page;
	enum severity severity;
	size_t        count;
};

static int print_finding(void *context, const char *kind, uint64_t count, struct error *err)
{
	struct finding_list       *list = context;
	const struct finding_text *text = finding_text(kind ? kind : "");
	FILE                      *out = list->page->out;

	(void)err;
	if (text->severity != list->severity)
		return 0;
	list->count++;
	fprintf(out, "<li><span class=\"badge %s\">%s</span> ", text->severity == SEVERITY_WARNING ? "bad" : "plain",
		text->severity == SEVERITY_WARNING ? "limits" : "note");
	html_text(out, text->sentence);
	if (count > 1)
		fprintf(out, " <span class=\"dim\">%s times</span>", text_count(count).text);
	fputs("</li>\n", out);
	return 0;
}

static int print_findings(struct page *page, struct error *err)
{
	struct finding_list warnings = { page, SEVERITY_WARNING, 0 }, notes = { page, SEVERITY_NOTE, 0 };

	fputs("<h3>What limits the result</h3>\n<ul class=\"findings\">\n", page->out);
	if (casebook_finding_counts(page->book, print_finding, &warnings, err) < 0 ||
	    casebook_finding_counts(page->book, print_finding, &notes, err) < 0)
		return -1;
	if (!warnings.count && !notes.count)
		fputs("<li>Nothing was met that limits it.</li>\n", page->out);
	fputs("</ul>\n", page->out);
	return 0;
}

/* -------- with what -------- */

static int print_meta(struct page *page, const char *key, const char *word, struct error *err)
{
	CLEANUP(free_ptr) char *value = NULL;

	if (casebook_meta(page->book, key, &value, err) < 0)
		return -1;
	if (!value)
		return 0;
	fprintf(page->out, "<div><dt>%s</dt><dd>", word);
	html_name(page->out, value);
	fputs("</dd></div>\n", page->out);
	return 0;
}

static int print_custody(struct page *page, struct error *err)
{
	fputs("<h3>How it was found</h3>\n<dl class=\"custody\">\n", page->out);
	if (print_meta(page, "tool", "Scanned by", err) < 0 || print_meta(page, "command", "Command", err) < 0 ||
	    print_meta(page, "machine", "On", err) < 0 || print_meta(page, "began", "Begun", err) < 0 ||
	    print_meta(page, "ended", "Ended", err) < 0)
		return -1;
	if (page->options->case_path) {
		fputs("<div><dt>Casebook</dt><dd>", page->out);
		html_name(page->out, page->options->case_path);
		fputs("</dd></div>\n", page->out);
	}
	fputs("<div><dt>This page</dt><dd>holdfast " HOLDFAST_VERSION ", from the casebook alone; the evidence was opened read-only</dd></div>\n"
	      "<div><dt>Times</dt><dd>UTC, unless a log’s clock is named</dd></div>\n</dl>\n",
	      page->out);
	return 0;
}

static void print_glossary(struct page *page)
{
	fputs("<h3>What the grades mean</h3>\n<dl class=\"grades\">\n", page->out);
	for (enum grade grade = 0; grade < GRADES; grade++) {
		fputs("<div><dt>", page->out);
		page_mark(page->out, grade);
		fprintf(page->out, " %s</dt><dd>%s</dd></div>\n", page_grade_word(grade), page_grade_meaning(grade));
	}
	fputs("<div><dt>Files, names</dt><dd>A store’s files are those below its folder File, each counted once under however many names, "
	      "8.3 aliases left out. Its own files (markers, catalogues), files whose folders are lost and files beside the stores are "
	      "counted apart; the list of files holds all of them.</dd></div>\n"
	      "<div><dt>Only here</dt><dd>All names of the file lie in the store: whoever deletes that, destroys the file.</dd></div>\n"
	      "<div><dt>Proven, derived, guessed</dt><dd>How a name is known: by the file’s own record and its folders; by something "
	      "else that remembers it; or its way to the root is not known.</dd></div>\n</dl>\n",
	      page->out);
}

int page_evidence(struct page *page, struct error *err)
{
	struct row_list images = { .page = page }, volumes = { .page = page }, layers = { .page = page };
	FILE           *out = page->out;

	fputs("<section id=\"evidence\"><h2>Evidence</h2>\n<div class=\"scroll\"><table><caption>Looked at</caption><thead><tr>"
	      "<th scope=\"col\">Image or device</th><th scope=\"col\">Form</th><th scope=\"col\" class=\"n\">Size</th>"
	      "<th scope=\"col\" class=\"n\">Unreadable</th><th scope=\"col\">SHA-256 of its first and last MiB</th></tr></thead><tbody>\n",
	      out);
	if (casebook_evidence(page->book, print_image, &images, err) < 0)
		return -1;
	fputs("</tbody></table></div>\n", out);
	print_more(&images, "images");
	fputs("<div class=\"scroll\"><table><caption>NTFS volumes in it</caption><thead><tr><th scope=\"col\">Volume</th>"
	      "<th scope=\"col\" class=\"n\">At byte</th><th scope=\"col\" class=\"n\">Size</th><th scope=\"col\" class=\"n\">Clusters of</th>"
	      "<th scope=\"col\" class=\"n\">MFT records</th><th scope=\"col\">Serial</th></tr></thead><tbody>\n",
	      out);
	if (casebook_volumes(page->book, print_volume, &volumes, err) < 0)
		return -1;
	fputs("</tbody></table></div>\n", out);
	print_more(&volumes, "volumes");
	fputs("<ul class=\"layers\">", out);
	if (casebook_layers(page->book, print_layer, &layers, err) < 0)
		return -1;
	fputs("</ul>\n", out);
	print_more(&layers, "shadow copies and BitLocker volumes");
	if (print_findings(page, err) < 0 || print_custody(page, err) < 0)
		return -1;
	print_glossary(page);
	fputs("</section>\n", out);
	return 0;
}
