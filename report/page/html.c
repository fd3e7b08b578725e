/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html.c - see html.h */
#include "report/page/html.h"

#include "core/text.h"
#include "core/utf16.h"

#include <inttypes.h>
#include <string.h>

static const char *entity(uint32_t point)
{
	switch (point) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

void html_part(FILE *out, const char *text, size_t length)
{
	const char *end = text + length, *start = text;
	uint32_t    point;

	for (; text < end; start = text) {
		if (!utf8_next(&text, end, &point))
			fprintf(out, "⟨0x%02X⟩", (unsigned char)*text++);
		else if (entity(point))
			fputs(entity(point), out);
		else if (text_is_harmless(point))
			fwrite(start, 1, (size_t)(text - start), out);
		else
			fprintf(out, "⟨U+%04" PRIX32 "⟩", point);
	}
}

void html_text(FILE *out, const char *text)
{
	if (text)
		html_part(out, text, strlen(text));
}

void html_name(FILE *out, const char *name)
{
	fputs("<bdi class=\"name\">", out);
	html_text(out, name);
	fputs("</bdi>", out);
}
