/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restore_registry.h - stored registry values come into the hives of the target Windows
 *
 * Planned in memory: hives are changed, checked and held as new contents.  Written in the restore's own transaction,
 * so that each hive is the old or the new one, whole.  Users whom the target does not know yet get an
 * entry in ProfileList and a hive of their own, made from the target's default one and opened to them.  What cannot be
 * done from outside (accounts, SIDs that only the target will know) is written as files for its first start.
 */
#ifndef RECOVER_ENGINE_RESTORE_REGISTRY_H
#define RECOVER_ENGINE_RESTORE_REGISTRY_H

#include "recover/engine/restore.h"
#include "recover/engine/restore_people.h"
#include "recover/rules/placement.h"

/* A file of the target that gets new content. */
struct new_content {
	struct work_volume *volume;
	char               *path;    /* on it, "\Windows\System32\config\SOFTWARE" */
	uint32_t            record;  /* of the tree, or NO_TREE_RECORD: it is made, with the folders above it */
	uint8_t            *bytes;
	size_t              size;
	uint8_t            *security; /* descriptor of its folder, where that has to be made; NULL: it inherits one */
	size_t              security_size;
};

struct new_contents ARRAY(struct new_content);

struct restore_registry {
	struct new_contents contents; /* to be written; none: everything is as it should be */
};

/*
 * Plan.  Without a Windows, and without settings, there is nothing to do; what could not be done is told in
 * @report.
 * @placements  what the rules say of values, NULL: nothing
 * Returns 0, or -1.  restore_registry_release in any case.
 */
MUST_CHECK int restore_registry_plan(struct restore_registry *registry, struct restore_people *people,
				     const struct settings_files *settings, const struct placements *placements,
				     struct restore_report *report, struct error *err);
void           restore_registry_release(struct restore_registry *registry);

/* True if something on the volume is to be written. */
bool restore_registry_concerns(const struct restore_registry *registry, const struct work_volume *volume);

/* How much that is. */
uint64_t restore_registry_bytes(const struct restore_registry *registry, const struct work_volume *volume);

/* Write what belongs on a volume whose run has begun. */
MUST_CHECK int restore_registry_write(const struct restore_registry *registry, struct work_volume *volume,
				      struct error *err);

#endif
