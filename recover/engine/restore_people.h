/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restore_people.h - who of a store's users is restored, and as whom
 *
 * The store says who its users are (people_file.h), the target Windows whom it knows; together they give each
 * user's account, SID and profile folder there, and with that the route of their files.
 */
#ifndef RECOVER_ENGINE_RESTORE_PEOPLE_H
#define RECOVER_ENGINE_RESTORE_PEOPLE_H

#include "recover/engine/migration.h"
#include "recover/engine/restore.h"
#include "recover/engine/restore_route.h"
#include "recover/engine/settings_folder.h"
#include "recover/security/security_descriptor.h"

struct sid_changes ARRAY(struct sid_change);

struct restore_people {
	const struct migration_options *options; /* borrowed */
	bool                            has_windows;
	struct windows                  windows;  /* the target; its hives can be changed */
	struct people_file              stored;   /* empty: the store has no list */
	bool                            damaged;  /* it has one of which nothing can be made */
	struct error                    why;      /* then */
	struct people                   chosen;   /* those of .stored that are restored; they borrow all */
	struct mapped_accounts          accounts; /* of .chosen */
	struct user_profile            *made;     /* by account: the profile of one that the target does not know yet */
	struct user_profile           **profiles; /* by account: on the target, or in .made; NULL: is not restored */
	struct sid_changes              sids;     /* that permissions of restored files are to have */
};

/*
 * Open the target and map the users.  A list that is damaged tells of nobody; it is refused if somebody is named.
 * @settings  of the store
 * Returns 0, or -1.  restore_people_close in any case.
 */
MUST_CHECK int restore_people_open(struct restore_people *people, const struct migration_options *options,
				   struct work_volumes *volumes, const struct settings_files *settings,
				   struct error *err);
void           restore_people_close(struct restore_people *people);

/* Add a note for each of them: who that is on the target, and how many are not there. */
MUST_CHECK int restore_people_tell(const struct restore_people *people, struct restore_report *report,
				   struct error *err);

/* Where their profiles go, and whose stay in the store. */
MUST_CHECK int restore_people_route(const struct restore_people *people, struct restore_route *route,
				    struct error *err);

#endif
