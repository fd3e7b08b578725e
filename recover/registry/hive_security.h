/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hive_security.h - a hive comes to belong to a user: who may read and change its keys
 *
 * Keys of a default hive let a new user read at most.  Windows sets that right at the first logon; this does
 * so from outside.
 */
#ifndef RECOVER_REGISTRY_HIVE_SECURITY_H
#define RECOVER_REGISTRY_HIVE_SECURITY_H

#include "core/error.h"
#include "recover/security/sid.h"

/*
 * Give a user full access to the hive, and its root for a possession.
 *
 * What is allowed at the root holds for the keys below it, as if they inherited it.  From keys that hold
 * policies on, and from those on that take nothing from above (a protected DACL, other than that of the key
 * above), it is to read only.  Descriptors that were shared by keys that now differ are no longer so.
 * @bytes, @size  a sound hive, from malloc; both can change
 * Returns 0, or -1 (no sound hive, or a descriptor in it is not sound; too large); the bytes are then good
 * for nothing.
 */
MUST_CHECK int hive_security_grant(uint8_t **bytes, size_t *size, const struct sid *user, struct error *err);

#endif
