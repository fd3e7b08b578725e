/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * registry_arrival.h - stored registry values on their way into hives: where each goes, and by which rule
 *
 * First all that comes is routed (placement.h), then what destinationCleanup means is removed, then it is
 * merged. What comes is never removed, but takes its place as if it had been: so a run that was cut off, or
 * is run again, ends the same.  All of it in memory; which hives were changed is known afterwards.
 */
#ifndef RECOVER_ENGINE_REGISTRY_ARRIVAL_H
#define RECOVER_ENGINE_REGISTRY_ARRIVAL_H

#include "recover/engine/restore.h"
#include "recover/registry/registry_merge.h"
#include "recover/rules/placement.h"

/* A value that comes, or a key. */
struct registry_arrival {
	const struct user_profile *user;  /* of the target, whose HKCU .key may be; NULL: the machine */
	char                      *key;   /* "HKCU\Software\X" */
	struct registry_place      place; /* of .key */
	struct registry_value      value; /* .name NULL: the key alone */
	enum registry_rule         rule;
	struct content_modify      content; /* .call NULL: as it is stored */
	bool   anew; /* what is there is to be removed: it comes as if there were nothing */
	size_t order;
};

struct registry_arrivals {
	struct registry_arrival *items; /* sorted by place once all are there */
	size_t                   count, capacity;
	const struct windows    *windows;
	const struct placements *placements; /* NULL: each goes where it was, and the stored value wins */
	struct restore_report   *report;
	struct ARRAY(const struct hive *) changed;
};

void registry_arrivals_release(struct registry_arrivals *arrivals);

/*
 * Add what a stored file (registry_file.h) has.
 * @name  of the file, for messages
 * @user  of the target, whose values they become; NULL: the machine's
 * Returns 0, or -1.  What has no place is told in the report.
 */
MUST_CHECK int registry_arrivals_add(struct registry_arrivals *arrivals, const struct user_profile *user,
				     const char *name, struct bytes file, struct error *err);

/* Clean, then merge all.  Values and what was removed are told in the report. */
MUST_CHECK int registry_arrivals_merge(struct registry_arrivals *arrivals, struct error *err);

/* Was the hive changed by it? */
bool registry_arrivals_changed(const struct registry_arrivals *arrivals, const struct hive *hive);

/* -------- for registry_cleaning.c -------- */

/* Note that a hive has been changed. */
MUST_CHECK int registry_arrivals_touch(struct registry_arrivals *arrivals, const struct hive *hive,
				       struct error *err);

/* What comes to a place, or NULL.  @name  NULL: the key, or anything in it or below it */
struct registry_arrival *registry_arrivals_find(const struct registry_arrivals *arrivals,
						const struct registry_place *place, const char *name);

#endif
