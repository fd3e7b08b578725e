/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restore_security.h - restored files whose permissions speak of SIDs that their users no longer have
 *
 * A file that gets a further name shares its security descriptor with its name in the store: it is changed for
 * both.  What is copied gets the changed one at once, through a source that changes it (sid_source).
 *
 * Changing twice has to be changing once.  Where one user gets the SID that another had, what a descriptor says now
 * does not tell whether it was changed already: then only files are changed that still have the one of the
 * catalogue.
 */
#ifndef RECOVER_ENGINE_RESTORE_SECURITY_H
#define RECOVER_ENGINE_RESTORE_SECURITY_H

#include "recover/engine/restore_people.h"
#include "recover/file_source.h"

/* A source of files, with other SIDs in their descriptors. */
struct sid_source {
	struct file_source        from;
	const struct sid_changes *changes; /* borrowed */
};

/* @source is borrowed. */
struct file_source file_source_with_sids(struct sid_source *source);

/* Files that are to get another descriptor. */
struct secured_file {
	uint32_t record;
	uint32_t descriptor; /* in .descriptors */
};

struct secured_files ARRAY(struct secured_file);

struct changed_descriptor {
	uint32_t id;   /* of the volume, or the catalogue, before */
	uint8_t *made; /* NULL: it stays as it is */
	size_t   size;
};

struct changed_descriptors ARRAY(struct changed_descriptor);

struct restore_security {
	struct secured_files       files;
	struct changed_descriptors descriptors;
};

/*
 * Find the files of a store whose descriptors have SIDs that are to change.
 * @store  its folder, PATH\USMT
 * Returns 0, or -1.  restore_security_release in any case.
 */
MUST_CHECK int restore_security_plan(struct restore_security *security, struct work_volume *volume, uint32_t store,
				     const struct sid_changes *changes, struct error *err);
void           restore_security_release(struct restore_security *security);

/* Change them, in a run that has begun. */
MUST_CHECK int restore_security_write(const struct restore_security *security, struct work_volume *volume,
				      struct error *err);

#endif
