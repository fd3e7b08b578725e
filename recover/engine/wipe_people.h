/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wipe_people.h - whose profile a wipe would destroy that no kept store knows of
 *
 * A capture notes every user of the Windows, also those who were left out on purpose.  A profile that is not
 * among them came later, or was never seen: its loss would be noticed by nobody but its user.
 */
#ifndef RECOVER_ENGINE_WIPE_PEOPLE_H
#define RECOVER_ENGINE_WIPE_PEOPLE_H

#include "recover/engine/record_set.h"
#include "recover/engine/work_volume.h"

/* A user of whom something is not in the store though it should be. */
struct wipe_person {
	char *name; /* "CORP\anna" */
	char *path; /* "C:\Users\anna" */
	char *why;
};

struct wipe_people ARRAY(struct wipe_person);

/* A store that stays. */
struct kept_store {
	struct work_volume *volume;
	uint32_t            folder; /* PATH\USMT */
};

struct kept_stores ARRAY(struct kept_store);

/*
 * Refuse when somebody with a profile on the volume is in none of the stores, or when nobody can tell who is there;
 * one who was captured and not in full is added to @people.
 * @stores   those without a list of users say nothing
 * @covered  what stays: a profile that no store knows may be there
 * @without  users who may be lost, as --without-user has them
 * Returns 0, or -1.  wipe_people_release in any case.
 */
MUST_CHECK int wipe_people_check(struct wipe_people *people, struct work_volume *volume,
				 const struct kept_stores *stores, const struct record_set *covered,
				 const char *const *without, size_t without_count, struct error *err);
void           wipe_people_release(struct wipe_people *people);

#endif
