/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * manifest.h - what a rebuilt store says about itself
 *
 * manifest.jsonl, one line a file:
 *   volume, record, sequence   which file it was
 *   grade                      verified, intact, suspect, partial, lost
 *   size                       bytes of its content
 *   packed                     how it lay on the disk: xpress4k, xpress8k, xpress16k, lzx (Compact OS); here it is plain
 *   names                      below File: "C$/Users/a/x.txt"; all are links to one file
 *   outside                    names in the store but not below File (markers)
 *   paths                      where the names are, below the destination
 *   sha256                     of the content as written, zeros for what is missing; null if lost
 *   missing                    [[offset, length], ...] in bytes
 *   streams                    [{name, type, size, grade, sha256, missing, at}, ...]
 *   proof                      of each name: proven, derived, guessed
 *   told_by                    of each name what says it: record, logfile, index-slack, ... (scan/fact_source.h)
 *   why                        reasons for a grade below intact, in words
 *
 * sidecar.jsonl, one line a file or directory, holds what a host file system does
 * not: paths of a directory, attributes, the four times (100 ns since 1601 UTC), security_id, dos_names,
 * and object_id, reparse_data, ea, ea_information, security_descriptor in base64
 * where the file has them.  Named streams lie in streams/.  security.jsonl
 * gives {volume, record: the security id, sequence: 0, descriptor: base64}.
 */
#ifndef RECOVER_MANIFEST_H
#define RECOVER_MANIFEST_H

#include "recover/line_file.h"
#include "recover/rebuild_result.h"

/* A name as it was written: a path below the destination, and which of the record's names it is. */
struct written_name {
	size_t index; /* in record->names */
	char  *path;
};

struct written_names ARRAY(struct written_name);

static inline void written_names_release(struct written_names *written)
{
	for (size_t i = 0; i < written->count; i++)
		free(written->items[i].path);
	array_release(written);
}

/*
 * Add the manifest's line of one file.
 * @store  whose names count; CASE_BESIDE takes those outside stores
 */
MUST_CHECK int manifest_add(struct line_file *manifest, int64_t store, const struct case_record *record,
			    const struct rebuild_result *result, const struct written_names *written,
			    struct error *err);

/* Add the sidecar's line of a file, or of a directory @written under these names (of a file: NULL). */
MUST_CHECK int sidecar_add(struct line_file *sidecar, int64_t store, const struct case_record *record,
			   const struct written_names *written, struct error *err);

/* Add a security descriptor. */
MUST_CHECK int security_add(struct line_file *security, uint32_t volume, uint32_t id, struct bytes descriptor,
			    struct error *err);

#endif
