/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * copy.h - a file or directory made on a volume like another one somewhere else
 *
 * With its streams, attributes, times, security descriptor and what else
 * volume_file.h keeps, and with one name.
 */
#ifndef RECOVER_ENGINE_COPY_H
#define RECOVER_ENGINE_COPY_H

#include "recover/engine/origin.h"
#include "recover/volume_file.h"

#define COPY_COMMIT_BYTES (256ull << 20) /* between two commits: so much may have to be copied once more */
#define COPY_FILE_BYTES   (64u << 10)    /* a file takes as long as that, be it empty */

/* Where the copy goes.  All borrowed. */
struct copy_place {
	struct volume_writer     *writer; /* onto the destination, from the origin of the file */
	file_ref                  folder;
	const struct ntfs3g_name *name;  /* nothing has it there */
	const struct ntfs3g_name *alias; /* its 8.3 name, NULL: none; left out where it is taken */
	bool                      inherits; /* of a file: its security is what .folder gives */
};

/*
 * Make a directory like @record, without what is in it.
 * @filled  something will be put into it, which a reparse point would hide
 * @unkept  what could not be kept (enum unkept)
 * Returns 0, or -1.
 */
MUST_CHECK int copy_folder(const struct copy_place *place, struct case_record *record, bool filled,
			   file_ref *ref, unsigned *unkept, struct error *err);

/* Copy a file.  Returns 1; 0 when its content cannot be read in full, and nothing was made; -1. */
MUST_CHECK int copy_file(const struct copy_place *place, const struct case_record *record, file_ref *ref,
			 unsigned *unkept, struct error *err);

/* 1 if the contents of a file can be read in full: copy_file could copy it; 0, -1. */
MUST_CHECK int copy_can_be_read(const struct origin *origin, uint32_t item, struct error *err);

/* 1 if two files have streams with the same content, whatever their times; 0, -1. */
MUST_CHECK int copy_has_same_content(const struct origin *a, uint32_t a_item, const struct origin *b, uint32_t b_item,
				     struct error *err);

/* 1 if two files have the same times of creation and writing, and streams with the same content; 0, -1. */
MUST_CHECK int copy_is_same(const struct origin *a, uint32_t a_item, const struct origin *b, uint32_t b_item,
			    struct error *err);

#endif
