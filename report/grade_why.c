/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grade_why.c - see grade_why.h */
#include "report/grade_why.h"

#include <string.h>

/* Those that matter most come first. */
static const struct {
	unsigned    reason;
	const char *text;
} words[] = {
	{ WHY_NO_DATA, "the record has no content, or was used again by another file" },
	{ WHY_OVERWRITTEN, "clusters were taken by files that exist now" },
	{ WHY_UNREADABLE, "the evidence cannot be read there" },
	{ WHY_RUNS_LOST, "part of the list of clusters is gone" },
	{ WHY_UNDECODABLE, "a compressed part does not decode" },
	{ WHY_ELSEWHERE, "the file only points to where its content is kept, and that is not here" },
	{ WHY_METADATA, "file system structures lie where content should be" },
	{ WHY_CROSS_LINKED, "another existing file claims the same clusters" },
	{ WHY_CONTESTED, "other deleted files held the same clusters, and which came last is not proven" },
	{ WHY_DIGEST, "the content is not what it was when it was captured: its digest is another" },
	{ WHY_CONTENT, "the content is not what a file of this kind holds, or not all of it" },
	{ WHY_DISCARDED, "long stretches hold nothing but zeros; the disk has discarded them, it seems (TRIM)" },
	{ WHY_ZEROS, "clusters hold nothing but zeros; the disk may have discarded them (TRIM)" },
	{ WHY_NOT_KEPT, "a shadow copy keeps only what was in use when it was made" },
	{ WHY_HIDDEN_LIVES, "files came and went after the deletion, and what they wrote over is not known" },
	{ WHY_FORGOTTEN, "the file table does not tell of the file's record, which lies behind its end" },
	{ WHY_TORN, "the record is half of another state" },
	{ WHY_SIZES_LOST, "the size is taken from the clusters" },
	{ WHY_LIST_LOST, "its records were joined without their list" },
	{ WHY_TWICE, "its list names a cluster twice" },
};

const char *grade_why(enum grade grade, unsigned reasons)
{
	if (grade <= GRADE_INTACT)
		return "";
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (reasons & words[i].reason)
			return words[i].text;
	return "";
}

unsigned grade_reason_of(const char *text)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i].text, text) == 0)
			return words[i].reason;
	return 0;
}
