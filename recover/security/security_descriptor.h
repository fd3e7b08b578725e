/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * security_descriptor.h - self-relative security descriptors: who owns something and who may what
 *
 * Pure.  Format: [MS-DTYP] 2.4: a header of 20 bytes with four offsets, two SIDs, two ACLs of ACEs.
 */
#ifndef RECOVER_SECURITY_SECURITY_DESCRIPTOR_H
#define RECOVER_SECURITY_SECURITY_DESCRIPTOR_H

#include "recover/security/sid.h"

#define SECURITY_DESCRIPTOR_BYTES_MAX 65536u

struct sid_change {
	struct sid from, to;
};

/* Who inherits an ACE. */
enum ace_flags {
	ACE_FOR_FILES = 0x01,   /* OBJECT_INHERIT: files of a folder */
	ACE_FOR_FOLDERS = 0x02, /* CONTAINER_INHERIT: folders of a folder, keys of a key */
	ACE_ONLY_BELOW = 0x08,  /* INHERIT_ONLY: does not count for the thing itself */
	ACE_INHERITED = 0x10,   /* it comes from above */
};

/* What somebody is to be allowed. */
struct security_grant {
	struct sid sid;
	uint32_t   access; /* bits of an access mask */
	uint8_t    flags;  /* enum ace_flags */
};

/*
 * Check that a descriptor is whole: revision 1, self-relative, all of it inside @bytes, its ACLs hold their ACEs.
 * Returns 0, or -1 with what is wrong and where.
 */
MUST_CHECK int security_descriptor_check(struct bytes bytes, struct error *err);

/* The owner; false if it has none, or is not sound. */
bool security_descriptor_owner(struct bytes bytes, struct sid *owner);

/* True if its DACL takes nothing from above. */
bool security_descriptor_is_protected(struct bytes bytes);

/*
 * Replace SIDs: in owner and group, and in every ACE of both ACLs; the ACEs keep their order, and all else is as
 * it was.  The parts are laid out anew: header, SACL, DACL, owner, group.
 * @made  to be freed, NULL if none of the SIDs is in it, and it can be kept as it is
 * Returns 0, or -1: not sound, would be too large, no memory.
 */
MUST_CHECK int security_descriptor_change(struct bytes bytes, const struct sid_change *changes, size_t count,
					  uint8_t **made, size_t *size, struct error *err);

/*
 * Allow somebody something: an ACE after all that are the thing's own, so after what is denied, and before
 * those that it inherited.  A DACL that is not there allows everything already and stays so.
 * @owner  who is to own it, NULL: who does
 * @made   to be freed, NULL if all that is so already; laid out as above
 * Returns 0, or -1: not sound, would be too large, no memory.
 */
MUST_CHECK int security_descriptor_grant(struct bytes bytes, const struct security_grant *grant,
					 const struct sid *owner, uint8_t **made, size_t *size, struct error *err);

/*
 * A new one, protected, that allows just that.
 * @owner  and group
 * @made   to be freed
 */
MUST_CHECK int security_descriptor_make(const struct sid *owner, const struct security_grant *grants, size_t count,
					uint8_t **made, size_t *size, struct error *err);

#endif
