/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * finding_text.h - what a finding means, in a sentence
 *
 * The only place where kinds of findings have words and severity.
 */
#ifndef REPORT_FINDING_TEXT_H
#define REPORT_FINDING_TEXT_H

enum severity {
	SEVERITY_NOTE,    /* good to know */
	SEVERITY_WARNING, /* limits what can be said or had */
};

struct finding_text {
	const char   *kind;     /* as in the casebook */
	enum severity severity;
	const char   *sentence;
};

/* The words for a kind, or a general sentence for one that this program does not know.  Never NULL. */
const struct finding_text *finding_text(const char *kind);

#endif
