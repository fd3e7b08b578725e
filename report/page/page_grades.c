/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page_grades.c - grades in words, as marks and as bars; see page.h */
#include "report/page/page.h"

#include "core/text.h"

#include <inttypes.h>
#include <string.h>

#define BAR_UNITS 1000u
#define BAR_LEAST 6u   /* what is there at all is seen */

const char *page_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

bool page_same(const char *text, const char *word)
{
	return text && strcmp(text, word) == 0;
}

const char *page_grade_word(enum grade grade)
{
	static const char *const words[GRADES] = { "Verified", "Intact", "Suspect", "Partial", "Lost" };

	return words[grade];
}

const char *page_grade_meaning(enum grade grade)
{
	static const char *const meanings[GRADES] = {
		[GRADE_VERIFIED] = "The content is proved by a digest from before.",
		[GRADE_INTACT] = "No sign that anything wrote over the content.",
		[GRADE_SUSPECT] = "No proof of damage, but no proof of the contrary: open it and look.",
		[GRADE_PARTIAL] = "Some of the content is overwritten or unreadable; the rest can be had.",
		[GRADE_LOST] = "Only the name is left.",
	};

	return meanings[grade];
}

void page_mark(FILE *out, enum grade grade)
{
	fprintf(out,
		"<svg class=\"mark\" viewBox=\"0 0 12 12\" aria-hidden=\"true\"><rect class=\"g%d\" width=\"12\" height=\"12\" rx=\"2\"/>"
		"<rect class=\"p%d\" width=\"12\" height=\"12\" rx=\"2\"/></svg>",
		(int)grade, (int)grade);
}

/* Widths that fill the bar; the largest gives what the small ones need to be seen. */
static void share_out(const uint64_t files[GRADES], uint64_t sum, unsigned width[GRADES])
{
	unsigned used = 0, largest = 0;

	for (unsigned i = 0; i < GRADES; i++) {
		width[i] = (unsigned)((double)files[i] / (double)sum * BAR_UNITS);
		if (files[i] && width[i] < BAR_LEAST)
			width[i] = BAR_LEAST;
		used += width[i];
		if (files[i] > files[largest])
			largest = i;
	}
	width[largest] += BAR_UNITS - used;
}

void page_bar(FILE *out, const uint64_t files[GRADES])
{
	uint64_t    sum = 0;
	unsigned    width[GRADES], at = 0;
	const char *comma = "";

	for (enum grade grade = 0; grade < GRADES; grade++)
		sum += files[grade];
	if (!sum)
		return;
	share_out(files, sum, width);
	fputs("<svg class=\"bar\" viewBox=\"0 0 1000 16\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"", out);
	for (enum grade grade = 0; grade < GRADES; grade++)
		if (files[grade]) {
			fprintf(out, "%s%s %s", comma, text_count(files[grade]).text, grade_name(grade));
			comma = ", ";
		}
	fputs("\">", out);
	for (enum grade grade = 0; grade < GRADES; grade++) {
		if (width[grade])
			fprintf(out, "<rect class=\"g%d\" x=\"%u\" width=\"%u\" height=\"16\"/><rect class=\"p%d\" x=\"%u\" width=\"%u\" height=\"16\"/>",
				(int)grade, at, width[grade], (int)grade, at, width[grade]);
		at += width[grade];
	}
	fputs("</svg>", out);
}
