/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * placement.h - what the rules say of a stored object when it is restored
 *
 * locationModify, merge, contentModify, includeAttributes and excludeAttributes, and the filters of includes that speak of the
 * target, evaluated there without detection: the most specific rule that means the object decides (equal: the one
 * that comes first).  A file that some include wants for itself is kept in the store by NeverRestore, or by
 * IgnoreIrrelevantLinks, only if that is more specific.
 */
#ifndef RECOVER_RULES_PLACEMENT_H
#define RECOVER_RULES_PLACEMENT_H

#include "recover/rules/cleaning_rule.h"
#include "recover/rules/content_modify.h"

enum merge_rule {
	MERGE_DEFAULT,     /* files: name(1).ext; registry: the source's */
	MERGE_SOURCE,      /* the source's takes the name */
	MERGE_DESTINATION, /* what is there stays, the source's is not restored */
	MERGE_PATTERN,     /* .pattern: "<F> (<N>).<E>" */
	MERGE_NEWEST,      /* NewestVersion: of versioned files */
	MERGE_HIGHER, MERGE_LOWER, /* registry numbers */
};

struct placement {
	char           *path;    /* "C:\New\x.txt", "HKCU\New"; NULL: not restored, see .why */
	char           *name;    /* of a value, in that key; NULL: it is a key, or a file */
	enum merge_rule merge;
	char           *pattern; /* of MERGE_PATTERN */
	const char     *why;     /* "a rule keeps it in the store (NeverRestore)" */
	struct content_modify content; /* .call NULL: as it is stored */
	unsigned        drops;   /* enum rule_attributes that it does not bring along */
	bool            screened; /* a shortcut: it comes back only if what it leads to is there */
};

struct placements;

/*
 * Prepare the rules for the target.
 * @rules  borrowed as long as the placements
 * @users  profiles of the target that stored users become, see account_map
 */
MUST_CHECK int placements_make(struct placements **placements, const struct rule_set *rules,
			       struct work_volumes *volumes, const struct windows *windows,
			       const struct user_profile *const *users, size_t user_count, struct error *err);
void           placements_free(struct placements *placements);

/* True if any rule could say something of a file: without one every file goes where it was. */
bool placements_concern_files(const struct placements *placements);

/* Where the file that was at @path goes.  placement_release in any case. */
MUST_CHECK int placements_of_file(const struct placements *placements, const char *path,
				  struct placement *placement, struct error *err);
void           placement_release(struct placement *placement);

/* True if some shortcuts come back only if what they lead to is there. */
bool placements_screen_links(const struct placements *placements);

/* What is removed on the target before. */
const struct cleaning_rules *placements_cleaning(const struct placements *placements);

/* What of the rules cannot be done when objects come back. */
const struct unhonoureds *placements_unhonoured(const struct placements *placements);

/*
 * The same of a value of the registry, @name "" the default one, NULL the key itself: .path is the key that it goes to.
 * @user  of the target, whose HKCU @key may be; NULL: the machine
 */
MUST_CHECK int placements_of_value(const struct placements *placements, const struct user_profile *user,
				   const char *key, const char *name, struct placement *placement,
				   struct error *err);

#endif
