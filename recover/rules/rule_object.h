/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_object.h - single files and values that a rule asks about, where it is evaluated
 *
 * Locations are patterns or plain paths, their variables expanded.
 */
#ifndef RECOVER_RULES_RULE_OBJECT_H
#define RECOVER_RULES_RULE_OBJECT_H

#include "recover/rules/rule_scope.h"

/* The file or directory at "C:\Users\anna"; false if it is not there. */
bool rule_object_file(const struct rule_scope *scope, const char *path, struct work_volume **volume,
		      uint32_t *record);

/*
 * Is there anything that the location means?  Entries of ini files are not known, nor is what a damaged hive holds.
 * Returns 0, or -1.
 */
MUST_CHECK int rule_object_exists(const struct rule_scope *scope, enum object_type type, const char *location,
				  enum answer *answer, struct error *err);

/*
 * The values of the registry that the location means.
 * Returns 1; 0 where part of the registry cannot be read, which is told; or -1.  registry_values_release in any case.
 */
MUST_CHECK int rule_object_values(const struct rule_scope *scope, const char *location,
				  struct registry_values *values, struct error *err);

/* Their texts; those that are none are left out.  Returns the same.  texts_release in any case. */
MUST_CHECK int rule_object_texts(const struct rule_scope *scope, const char *location, struct texts *texts,
				 struct error *err);

#endif
