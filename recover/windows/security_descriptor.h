/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * security_descriptor.h - self-relative security descriptors: who owns a file and who may what
 *
 * Pure.  Format: [MS-DTYP] 2.4: a header of 20 bytes with four offsets, two SIDs, two ACLs of ACEs.
 */
#ifndef RECOVER_WINDOWS_SECURITY_DESCRIPTOR_H
#define RECOVER_WINDOWS_SECURITY_DESCRIPTOR_H

#include "recover/windows/sid.h"

#define SECURITY_DESCRIPTOR_BYTES_MAX 65536u

struct sid_change {
	struct sid from, to;
};

/*
 * Check that a descriptor is whole: revision 1, self-relative, all of it inside @bytes, its ACLs hold their
 * ACEs. Returns 0, or -1 with what is wrong and where.
 */
MUST_CHECK int security_descriptor_check(struct bytes bytes, struct error *err);

/* The owner; false if it has none, or is not sound. */
bool security_descriptor_owner(struct bytes bytes, struct sid *owner);

/*
 * Replace SIDs: in owner and group, and in every ACE of both ACLs; the ACEs keep their order, and all else is
 * as it was.  The parts are laid out anew: header, SACL, DACL, owner, group.
 * @made  to be freed, NULL if none of the SIDs is in it, and it can be kept as it is
 * Returns 0, or -1: not sound, would be too large, no memory.
 */
MUST_CHECK int security_descriptor_change(struct bytes bytes, const struct sid_change *changes, size_t count,
					  uint8_t **made, size_t *size, struct error *err);

#endif
