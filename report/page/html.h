/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * html.h - text from anywhere, made harmless in HTML
 */
#ifndef REPORT_PAGE_HTML_H
#define REPORT_PAGE_HTML_H

#include <stdio.h>

/*
 * Print WTF-8 as text or as the value of an attribute in double quotes.  What cannot be seen or
 * changes how its neighbours are shown is written out, as ⟨U+202E⟩; so are bytes that are no UTF-8, as ⟨0xFF⟩.  Of NULL, which an altered
 * casebook may have, nothing is printed.
 */
void html_text(FILE *out, const char *text);
void html_part(FILE *out, const char *text, size_t length); /* of a text, @length bytes */

/* A name from a disk, apart from the text around it: its direction is its own. */
void html_name(FILE *out, const char *name);

#endif
