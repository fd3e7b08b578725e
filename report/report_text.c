/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report_text.c - a casebook in words; see report.h */
#include "core/cleanup.h"
#include "core/command.h"
#include "core/terminal.h"
#include "core/text.h"
#include "report/finding_text.h"
#include "report/grade_ink.h"
#include "report/grade_why.h"
#include "report/report.h"
#include "scan/layer.h"
#include "report/store_state.h"
#include "report/stored_digest.h"
#include "report/story_text.h"
#include "report/volume_layer.h"

#include <inttypes.h>
#include <string.h>

#define INDENT      11u
#define NAME_COLUMN 13u
#define NAME_BRACKETS 3u /* " ()" around the size behind a name */
#define NAMES_SHOWN 20u /* of each grade, unless all are asked for */

struct text_report {
	FILE                        *out;
	struct casebook             *book;
	const struct report_options *options;
	size_t                       stores, live, only_here;
	uint64_t                     damaged, own;
};

static void print_name(FILE *out, const char *name)
{
	text_print(out, name, strlen(name));
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* "Volume 1   ": text begins in one column behind all labels. */
static void print_label(FILE *out, enum ink ink, const char *label)
{
	int taken = (int)strlen(label);

	ink_print(out, ink, "%s", label);
	fprintf(out, "%*s", taken < (int)INDENT ? (int)INDENT - taken : 1, "");
}

static void print_numbered(FILE *out, const char *label, int64_t number)
{
	char text[40];

	snprintf(text, sizeof text, "%s %" PRId64, label, number);
	print_label(out, INK_HEADING, text);
}

/* Of all bytes of the evidence, as they are now and as the image says of itself, as far as it is known. */
static void print_digest(FILE *out, const char *kind, const char *hex, const char *stored)
{
	if (hex || stored)
		text_line(out, "           %-7s %s%s", kind, hex ? hex : stored, stored_digest_remark(hex, stored));
	if (hex && stored && strcmp(hex, stored) != 0)
		text_line(out, "           %-7s %s", "", stored);
}

static int print_evidence(void *context, const struct case_evidence *evidence, struct error *err)
{
	struct text_report *report = context;

	(void)err;
	print_label(report->out, INK_HEADING, "Evidence");
	text_line(report->out, "%s (%s, %s), opened read-only", evidence->path, evidence->format,
		  text_size(evidence->size_bytes).text);
	print_digest(report->out, "SHA-256", evidence->sha256, NULL);
	print_digest(report->out, "SHA-1", evidence->sha1, evidence->stored_sha1);
	print_digest(report->out, "MD5", evidence->md5, evidence->stored_md5);
	return 0;
}

static bool is_kind(const struct case_layer *layer, enum layer_kind kind)
{
	return strcmp(layer->kind, layer_kind_name(kind)) == 0;
}

static int print_volume(void *context, const struct case_volume *volume, struct error *err)
{
	struct text_report *report = context;
	struct volume_layer within;

	if (volume_layer_find(report->book, volume->id, &within, err) < 0)
		return -1;
	print_numbered(report->out, "Volume", volume->id);
	if (within.found && within.shadow)
		volume_layer_print_shadow(report->out, &within.layer);
	else if (within.found)
		fprintf(report->out, "BitLocker at byte %" PRIu64 ", opened by %s", within.layer.offset_bytes,
			within.opened_by);
	else
		fprintf(report->out, "NTFS at byte %" PRIu64, volume->offset_bytes);
	fprintf(report->out, "%s, %s, clusters of %s, %s MFT records\n", within.found ? "; NTFS" : "",
		text_size(volume->size_bytes).text, text_size(volume->geometry.cluster_bytes).text,
		text_count(volume->mft_records).text);
	if (volume->past)
		fprintf(report->out, "           an older life of volume %" PRIu32 ", before that was formatted\n",
			volume->successor);
	return 0;
}

/* What lies within and was not read. */
static int print_layer(void *context, const struct case_layer *layer, struct error *err)
{
	struct text_report *report = context;
	bool                shadow = is_kind(layer, LAYER_SHADOW);

	(void)err;
	if (layer->volume)
		return 0;
	print_label(report->out, shadow ? INK_HEADING : INK_DOUBT, shadow ? "Earlier" : "Locked");
	if (shadow)
		volume_layer_print_shadow(report->out, layer);
	else
		fprintf(report->out, "BitLocker at byte %" PRIu64, layer->offset_bytes);
	if (strcmp(layer->state, layer_state_name(LAYER_LISTED)) == 0)
		fputs("; not looked into (--shadows does that)", report->out);
	else if (strcmp(layer->state, layer_state_name(LAYER_ELSEWHERE)) == 0)
		fputs("; its blocks lie on another volume, so it cannot be read", report->out);
	else if (layer->why[0]) {
		fputs("; ", report->out);
		print_name(report->out, layer->why);
	}
	if (layer->recovery_id)
		fprintf(report->out, "; the identifier of its recovery key begins with %08X", layer->recovery_id);
	fputc('\n', report->out);
	return 0;
}

static int print_finding(void *context, const char *kind, uint64_t count, struct error *err)
{
	struct text_report        *report = context;
	const struct finding_text *text = finding_text(kind);
	CLEANUP(free_ptr) char    *line = NULL;
	bool                       many = count > 1;

	if (asprintf(&line, "%s%s%s%s", text->sentence, many ? " (" : "", many ? text_count(count).text : "",
		     many ? " times)" : "") < 0) {
		line = NULL;
		return error_memory(err);
	}
	if (text->severity == SEVERITY_WARNING)
		print_label(report->out, INK_DOUBT, "Warning");
	else
		print_label(report->out, INK_HEADING, "Note");
	text_hanging(report->out, line, INDENT, terminal_columns(report->out));
	return 0;
}

static int print_user(void *context, const struct case_user *user, struct error *err)
{
	struct text_report *report = context;

	(void)err;
	fputs("             ", report->out);
	print_name(report->out, user->name);
	fprintf(report->out, ": %s file%s, %s\n", text_count(user->files).text, plural(user->files),
		text_size(user->bytes).text);
	return 0;
}

static int print_part(void *context, const struct case_part *part, struct error *err)
{
	struct text_report *report = context;

	(void)err;
	fprintf(report->out, "             part on volume %lld%s\n", (long long)part->volume,
		part->primary ? " (primary: holds hardlink.main)" : "");
	return 0;
}

static int print_damaged_name(void *context, const struct case_file *file, const struct case_name *name,
			      struct error *err)
{
	struct text_report *report = context;
	const char         *path = name->inside ? name->inside : name->path;
	bool                known = file->grade != GRADE_LOST || file->size_bytes;
	struct text_number  bytes = text_size(file->size_bytes);
	const char         *size = known ? bytes.text : "size not known";

	(void)err;
	fputs("             ", report->out);
	if (report->options->verbose)
		print_name(report->out, path);
	else
		terminal_print_fitting(report->out, path, NAME_COLUMN + (unsigned)strlen(size) + NAME_BRACKETS);
	fprintf(report->out, " (%s)\n", size);
	return 0;
}

/* Files that have the same first reason. */
struct reason_count {
	const char *why;
	uint64_t    files;
};

struct reason_counts {
	enum grade grade;
	struct ARRAY(struct reason_count) all;
};

static int count_reasons(void *context, unsigned reasons, uint64_t files, struct error *err)
{
	struct reason_counts *counts = context;
	const char           *why = grade_why(counts->grade, reasons);

	for (size_t i = 0; i < counts->all.count; i++)
		if (strcmp(counts->all.items[i].why, why) == 0) {
			counts->all.items[i].files += files;
			return 0;
		}
	return array_push(&counts->all, ((struct reason_count){ why, files })) ? 0 : error_memory(err);
}

static int compare_count(const void *a, const void *b)
{
	const struct reason_count *left = a, *right = b;

	if (left->files != right->files)
		return left->files > right->files ? -1 : 1;
	return strcmp(left->why, right->why);
}

static int print_reasons(struct text_report *report, const struct case_store *store, enum grade grade, struct error *err)
{
	struct reason_counts counts = { .grade = grade };
	int                  result = casebook_reasons(report->book, store->id, grade, count_reasons, &counts, err);

	if (counts.all.count)
		qsort(counts.all.items, counts.all.count, sizeof *counts.all.items, compare_count);
	for (size_t i = 0; result == 0 && i < counts.all.count; i++)
		if (*counts.all.items[i].why)
			fprintf(report->out, "             %s: %s\n", text_count(counts.all.items[i].files).text,
				counts.all.items[i].why);
	array_release(&counts.all);
	return result;
}

/* One line a grade that has files, and the names that are lost or damaged. */
static int print_grades(struct text_report *report, const struct case_store *store, struct error *err)
{
	static const char *const sentences[GRADES] = {
		[GRADE_VERIFIED] = "proved by digest",
		[GRADE_INTACT] = "no sign that anything wrote over them",
		[GRADE_SUSPECT] = "no proof of damage, but no proof of the contrary (.suspect)",
		[GRADE_PARTIAL] = "parts are overwritten or unreadable (.partial)",
		[GRADE_LOST] = "only the name is left",
	};
	uint64_t shown = report->options->verbose ? INT64_MAX : NAMES_SHOWN;

	for (enum grade grade = 0; grade < GRADES; grade++) {
		if (!store->grades[grade])
			continue;
		fputs("  ", report->out);
		ink_print(report->out, grade_ink(grade), "%-9s  %s", grade_name(grade),
			  text_count(store->grades[grade]).text);
		fprintf(report->out, ": %s\n", sentences[grade]);
		if (grade < GRADE_SUSPECT)
			continue;
		report->damaged += store->grades[grade];
		if (print_reasons(report, store, grade, err) < 0 ||
		    casebook_damaged(report->book, store->id, grade, shown, print_damaged_name, report, err) < 0)
			return -1;
		if (store->grades[grade] > shown)
			fprintf(report->out, "             ... and %s more (all with -v, or in the manifest)\n",
				text_count(store->grades[grade] - shown).text);
	}
	return 0;
}

static int print_store(void *context, const struct case_store *store, struct error *err)
{
	struct text_report *report = context;

	struct volume_layer within;

	if (volume_layer_find(report->book, store->volume, &within, err) < 0)
		return -1;
	report->stores++;
	report->live += strcmp(store->state, "live") == 0;
	report->only_here += store->only_here != 0;
	report->own += store->others;
	fputc('\n', report->out);
	print_numbered(report->out, "Store", store->id);
	print_name(report->out, store->path);
	if (within.found && within.shadow) {
		fputs("\n  as it was  in ", report->out);
		volume_layer_print_shadow(report->out, &within.layer);
		if (store->same_as)
			fprintf(report->out, "; the same as store %lld", (long long)store->same_as);
	}
	fprintf(report->out, "\n  state      %s\n", store_state_sentence(store, within.shadow));
	if (!store->orphans && strcmp(store->kind, "usmt") != 0)
		fprintf(report->out, "  kind       %s\n",
			strcmp(store->kind, "plain") == 0 ? "plain: a copy, or a hard-link store that lost its marker"
							  : "Holdfast's own");
	fprintf(report->out, "  holds      %s file%s under %s name%s, %s\n", text_count(store->files).text,
		plural(store->files), text_count(store->names).text, plural(store->names),
		text_size(store->bytes).text);
	if (store->derived_names)
		fprintf(report->out, "  derived    %s of the names are derived, not proven (see the manifest)\n",
			text_count(store->derived_names).text);
	if (store->others)
		fprintf(report->out, "  beside     %s of the store's own files (markers, catalogues), counted apart\n",
			text_count(store->others).text);
	if (!store->orphans)
		fprintf(report->out, "  only here  %s file%s, %s: no other name is left\n",
			text_count(store->only_here).text, plural(store->only_here),
			text_size(store->only_here_bytes).text);
	if (!store->orphans && casebook_parts(report->book, store->id, print_part, report, err) < 0)
		return -1;
	if (casebook_users(report->book, store->id, print_user, report, err) < 0)
		return -1;
	return print_grades(report, store, err);
}

/* A command to be copied: a line of its own. */
static void print_command(FILE *out, const char *command, const char *word)
{
	CLEANUP(free_ptr) char *quoted = command_words(1, &(char *){ (char *)word });

	fputs("    ", out);
	ink_print(out, INK_NEXT, "%s%s", command, quoted ? quoted : word);
	fputc('\n', out);
}

static void print_rebuilt_grade(FILE *out, enum grade grade, uint64_t count)
{
	fputs(", ", out);
	ink_print(out, grade_ink(grade), "%s %s", text_count(count).text, grade_name(grade));
	fputs(grade == GRADE_LOST ? " (not among them)" : "", out);
}

static void print_rebuilt(const struct text_report *report)
{
	const struct report_options *options = report->options;

	ink_heading(report->out, "Rebuilt");
	for (size_t i = 0; i < options->rebuilt_count; i++) {
		const struct report_rebuilt *rebuilt = &options->rebuilt[i];

		fputs("  ", report->out);
		print_name(report->out, rebuilt->folder);
		fprintf(report->out, ": %s file%s",
			text_count(rebuilt->files - rebuilt->grades[GRADE_LOST]).text,
			plural(rebuilt->files - rebuilt->grades[GRADE_LOST]));
		for (enum grade grade = GRADE_SUSPECT; grade < GRADES; grade++)
			if (rebuilt->grades[grade])
				print_rebuilt_grade(report->out, grade, rebuilt->grades[grade]);
		fputc('\n', report->out);
	}
	if (report->own)
		text_paragraph(report->out, "The stores' own files (markers, catalogues), counted apart above, are among them.", 2,
			       terminal_columns(report->out));
}

static void print_next(const struct text_report *report)
{
	const struct report_options *options = report->options;
	FILE                        *out = report->out;

	ink_heading(out, "What to do next");
	if (!report->stores && !options->rebuilt_count) {
		text_paragraph(out,
			       "No state store was found. Do not write to this disk. If users' files were deleted "
			       "from it, this gets back what is left of them:",
			       2, terminal_columns(out));
		print_command(out, "holdfast rescue --beside --to DIR ", options->source);
	} else if (!options->rebuilt_count) {
		text_paragraph(out,
			       "Do not write to this disk and do not start Windows from it. Rebuild on another disk; only "
			       "then contents are read, and some of what is called intact may turn out to be suspect:",
			       2, terminal_columns(out));
		if (options->case_path)
			print_command(out, "holdfast rebuild --to DIR ", options->case_path);
		else
			print_command(out, "holdfast rescue --to DIR ", options->source);
	} else {
		text_paragraph(out,
			       "Look into the folders above; manifest.jsonl in each lists every file with its grade "
			       "and SHA-256. Open some files before you believe in them. Keep the disk as it is until "
			       "the users have their files back.",
			       2, terminal_columns(out));
	}
}

static int print_story(struct text_report *report, struct error *err)
{
	CLEANUP(case_story_release) struct case_story told = { 0 };

	if (casebook_load_story(report->book, &told, err) < 0)
		return -1;
	return story_section_print(report->out, &told, report->options->timeline, err);
}

int report_text(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	struct text_report report = { .out = out, .book = book, .options = options };

	if (casebook_evidence(book, print_evidence, &report, err) < 0 ||
	    casebook_volumes(book, print_volume, &report, err) < 0 ||
	    casebook_layers(book, print_layer, &report, err) < 0 ||
	    casebook_finding_counts(book, print_finding, &report, err) < 0 || print_story(&report, err) < 0 ||
	    casebook_stores(book, print_store, &report, err) < 0)
		return -1;
	if (options->rebuilt_count)
		print_rebuilt(&report);
	print_next(&report);
	if (options->case_path) {
		fputs("  Everything found is in the casebook ", out);
		print_name(out, options->case_path);
		fputs(".\n", out);
	}
	if (options->page_path) {
		fputs("  To look at, to search and to print: ", out);
		print_name(out, options->page_path);
		fputc('\n', out);
	}
	return 0;
}

static int find_damage(void *context, const struct case_store *store, struct error *err)
{
	bool *damaged = context;

	(void)err;
	*damaged = *damaged || (!store->same_as && store_is_damaged(store));
	return 0;
}

static int find_warning(void *context, const char *kind, uint64_t count, struct error *err)
{
	bool *damaged = context;

	(void)count;
	(void)err;
	*damaged = *damaged || finding_text(kind)->severity == SEVERITY_WARNING;
	return 0;
}

int report_damaged(struct casebook *book, bool *damaged, struct error *err)
{
	*damaged = false;
	if (casebook_stores(book, find_damage, damaged, err) < 0)
		return -1;
	return casebook_finding_counts(book, find_warning, damaged, err);
}
