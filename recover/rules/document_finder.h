/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * document_finder.h - where people keep documents: GenerateDocPatterns
 *
 * For the machine: files at the root of each drive, folders at the root that are not the system's, and the public
 * folders; for a user: the profile's own files and folders, and the known folders wherever they are.  Left out are AppData,
 * the system's own trees, and files at a root that are both hidden and of the system.
 */
#ifndef RECOVER_RULES_DOCUMENT_FINDER_H
#define RECOVER_RULES_DOCUMENT_FINDER_H

#include "recover/rules/object_set.h"

struct document_question {
	bool programs;     /* also documents that lie about in the program folders */
	bool exclude;      /* what is left out, instead of what is taken */
	bool system_drive; /* this drive alone */
	int  line;
};

/* Append the patterns.  Returns 0, or -1. */
MUST_CHECK int document_finder_patterns(const struct rule_scope *scope, const struct document_question *question,
					struct object_patterns *patterns, struct error *err);

#endif
