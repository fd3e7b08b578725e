/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page_summary.c - the verdict, what it rests on, and what to do next; see page.h */
#include "report/page/page.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/text.h"
#include "report/page/html.h"

#include <string.h>

static uint64_t whole(const uint64_t of[GRADES])
{
	return of[GRADE_VERIFIED] + of[GRADE_INTACT];
}

/* -------- verdict -------- */

static void print_verdict(struct page *page, uint64_t beside)
{
	const struct page_totals *totals = &page->totals;
	uint64_t                  good = whole(totals->grades);
	FILE                     *out = page->out;

	if (!totals->stores && beside)
		fprintf(out, "No state store was found on this disk, but %s deleted file%s can be looked through",
			text_count(beside).text, page_plural(beside));
	else if (!totals->stores)
		fputs("No state store was found on this disk", out);
	else if (!totals->files)
		fputs("The state store on this disk holds no files", out);
	else if (good == totals->files && totals->live == totals->stores)
		fprintf(out, "Nothing is lost: all %s files are on the disk, whole", text_count(good).text);
	else if (good == totals->files)
		fprintf(out, "All %s files are there, without a sign of damage", text_count(good).text);
	else if (good)
		fprintf(out, "%s of %s files are there without a sign of damage", text_count(good).text, text_count(totals->files).text);
	else
		fprintf(out, "None of %s files can be called whole", text_count(totals->files).text);
}

static void print_lead(struct page *page)
{
	const struct page_totals *totals = &page->totals;
	FILE                     *out = page->out;

	if (!totals->stores) {
		fputs("<p class=\"lead\">A refresh with hard links keeps the users’ files in a state store. None was "
		      "found, neither live nor deleted.</p>\n",
		      out);
		return;
	}
	fprintf(out, "<p class=\"lead\">The users’ files, %s in all, lie in %s state store%s", text_size(totals->bytes).text,
		text_count(totals->stores).text, page_plural(totals->stores));
	if (totals->live == totals->stores)
		fputs(totals->stores == 1 ? ", which is live on the disk." : ", all of them live on the disk.", out);
	else if (totals->live)
		fprintf(out, ", %s of them live, the rest deleted or damaged.", text_count(totals->live).text);
	else
		fputs(totals->stores == 1 ? ", which is deleted or damaged." : ", all of them deleted or damaged.", out);
	if (totals->orphans)
		fprintf(out, " %s more deleted file%s lost %s folders, and what they belonged to is not known.",
			text_count(totals->orphans).text, page_plural(totals->orphans), totals->orphans == 1 ? "its" : "their");
	fputs("</p>\n", out);
}

static void print_only_here(struct page *page)
{
	const struct page_totals *totals = &page->totals;
	const char               *them = totals->only_here == 1 ? "it" : "them";

	if (!totals->only_here)
		return;
	fprintf(page->out, "<p class=\"alert\"><strong>%s file%s (%s) %s nowhere else on this disk.</strong> ",
		text_count(totals->only_here).text, page_plural(totals->only_here), text_size(totals->only_here_bytes).text,
		totals->only_here == 1 ? "is" : "are");
	if (totals->endangered == totals->only_here)
		fprintf(page->out, "Deleted as %s, whatever is written to this disk may destroy %s.</p>\n",
			totals->only_here == 1 ? "it is" : "they are", them);
	else if (totals->endangered)
		fprintf(page->out, "%s of them %s deleted and not lost yet: whatever is written to this disk may destroy %s.</p>\n",
			text_count(totals->endangered).text, totals->endangered == 1 ? "is" : "are",
			totals->endangered == 1 ? "it" : "them");
	else
		fprintf(page->out, "Whoever deletes the store destroys %s.</p>\n", them);
}

static void print_tile(FILE *out, const char *class, const char *word, uint64_t files, uint64_t bytes, const char *meaning)
{
	fprintf(out, "<li class=\"tile %s%s\"><span class=\"tile-word\">%s</span><b>%s</b>"
		     "<span class=\"tile-size\">%s</span><span class=\"tile-means\">%s</span></li>\n",
		class, files ? "" : " none", word, text_count(files).text, bytes ? text_size(bytes).text : "", meaning);
}

static void print_tiles(struct page *page)
{
	const struct page_totals *totals = &page->totals;
	const uint64_t           *files = totals->grades, *bytes = totals->grade_bytes;
	char                      some[96];

	if (!totals->files)
		return;
	snprintf(some, sizeof some, "can be had but for %s that %s missing", text_size(totals->missing_bytes).text,
		 totals->missing_bytes == 1 ? "is" : "are");
	fputs("<ul class=\"tiles\" aria-label=\"What can be had back\">\n", page->out);
	print_tile(page->out, "t1", "Whole", whole(files), whole(bytes), "no sign that anything wrote over them");
	print_tile(page->out, "t2", "Suspect", files[GRADE_SUSPECT], bytes[GRADE_SUSPECT], "can be had; open each and look");
	print_tile(page->out, "t3", "Partial", files[GRADE_PARTIAL], bytes[GRADE_PARTIAL],
		   files[GRADE_PARTIAL] ? some : "some of each can be had");
	print_tile(page->out, "t4", "Lost", files[GRADE_LOST], bytes[GRADE_LOST], "only the names are left");
	fputs("</ul>\n", page->out);
	page_bar(page->out, files);
}

/* -------- what to do next -------- */

/* To be copied, so its argument is quoted as a shell reads it. */
static void print_command(FILE *out, const char *before, const char *argument)
{
	CLEANUP(free_ptr) char *quoted = command_words(1, &(char *){ (char *)argument });

	fputs("<code class=\"command\">", out);
	html_text(out, before);
	html_name(out, quoted ? quoted : argument);
	fputs("</code>", out);
}

static void print_rebuilt(struct page *page)
{
	const struct report_options *options = page->options;
	FILE                        *out = page->out;

	fputs("<li>The files have been rebuilt:<ul>\n", out);
	for (size_t i = 0; i < options->rebuilt_count; i++) {
		const struct report_rebuilt *rebuilt = &options->rebuilt[i];

		fputs("<li>", out);
		html_name(out, rebuilt->folder);
		fprintf(out, ": %s file%s", text_count(rebuilt->files - rebuilt->grades[GRADE_LOST]).text,
			page_plural(rebuilt->files - rebuilt->grades[GRADE_LOST]));
		for (enum grade grade = GRADE_SUSPECT; grade <= GRADE_PARTIAL; grade++)
			if (rebuilt->grades[grade])
				fprintf(out, ", %s of them %s (their names end in .%s)",
					text_count(rebuilt->grades[grade]).text, grade_name(grade), grade_name(grade));
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
	if (page->totals.own)
		fputs("<p>The stores’ own files (markers, catalogues), which the verdict does not count, are among them.</p>\n", out);
	fputs("</li>\n<li>Open some of the files before you believe in them; <code>manifest.jsonl</code> in each folder has "
	      "the grade and the SHA-256 of every file.</li>\n<li>Keep the disk as it is until the users have their files back.</li>\n",
	      out);
}

static void print_next(struct page *page)
{
	const struct report_options *options = page->options;
	FILE                        *out = page->out;

	fputs("<section id=\"next\"><h2>What to do next</h2>\n<ol class=\"steps\">\n", out);
	if (options->rebuilt_count) {
		print_rebuilt(page);
	} else {
		fputs("<li>Do not write to this disk, and do not start Windows from it.</li>\n<li>", out);
		if (!page->totals.stores) {
			fputs("If users’ files were deleted from it, this gets back what is left of them, onto another disk: ", out);
			print_command(out, "holdfast rescue --beside --to DIR ", options->source);
		} else {
			fputs("Rebuild the files on another disk: ", out);
			print_command(out, options->case_path ? "holdfast rebuild --to DIR " : "holdfast rescue --to DIR ",
				      options->case_path ? options->case_path : options->source);
		}
		fputs("</li>\n<li>Open some of the files before you believe in them", out);
		fputs(page->totals.grades[GRADE_SUSPECT] ? ", those called suspect first.</li>\n" : ".</li>\n", out);
	}
	fputs("</ol></section>\n", out);
}

int page_summary(struct page *page, struct error *err)
{
	struct page_sum beside = page_files_sum(&page->files, CASE_BESIDE, NULL);
	uint64_t        count = 0;

	(void)err;
	for (enum grade grade = 0; grade < GRADE_LOST; grade++)
		count += beside.files[grade];
	fputs("<section id=\"verdict\"><h1>", page->out);
	print_verdict(page, count);
	fputs("</h1>\n", page->out);
	print_lead(page);
	print_tiles(page);
	if (page->totals.stores && count)
		fprintf(page->out, "<p>Beside the stores, %s deleted file%s of the users can be looked through.</p>\n",
			text_count(count).text, page_plural(count));
	print_only_here(page);
	fputs("</section>\n", page->out);
	print_next(page);
	return 0;
}
