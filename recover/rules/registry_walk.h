/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * registry_walk.h - the keys of an offline registry that a pattern means
 *
 * From the key where the pattern's wildcards begin on downwards, through hives that hang in others
 * (HKCU\Software\Classes) as well.
 */
#ifndef RECOVER_RULES_REGISTRY_WALK_H
#define RECOVER_RULES_REGISTRY_WALK_H

#include "recover/rules/pattern.h"
#include "recover/windows/windows.h"

#define REGISTRY_DEPTH_MAX 512u /* keys in one another; as Windows has it */

/* A key: where it is, and what it is called there.  0 to go on, 1 to go no further, -1. */
typedef int registry_each(void *context, const struct hive *hive, hive_key key, const char *path, struct error *err);

/*
 * Hand every key whose node @pattern means to @each.
 * @user  whose HKCU it is; NULL: the machine
 * Returns 0, 1 where @each said so, or -1: a hive is damaged there.
 */
MUST_CHECK int registry_walk(const struct windows *windows, const struct user_profile *user,
			     const struct pattern *pattern, registry_each *each, void *context, struct error *err);

#endif
