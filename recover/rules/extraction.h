/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extraction.h - files and folders whose names stand in values of the registry
 *
 * ExtractSingleFile(separators, hints), ExtractMultipleFiles(separators, hints), ExtractDirectory(separators, levels to
 * trim, suffix); of Windows's own library ExtractSingleFileAnsiBin and ...UnicodeBin, for paths in binary values.
 */
#ifndef RECOVER_RULES_EXTRACTION_H
#define RECOVER_RULES_EXTRACTION_H

#include "recover/rules/rule_scope.h"

struct found_path {
	char *path;    /* "C:\Mail\anna.pst" */
	char *pattern; /* "C:\Mail [anna.pst]" */
};

struct found_paths ARRAY(struct found_path);
void found_paths_release(struct found_paths *found);

/*
 * Append what the values at @location name; a single file only if it is there.
 * Returns 0, also for a filter that is not known, which is told; or -1.
 */
MUST_CHECK int extraction_find(const struct rule_scope *scope, const struct rule_call *filter, const char *location,
			       struct found_paths *found, struct error *err);

#endif
