/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * registry_merge.h - values come into a hive that may have them already: a rule for each says which stays
 */
#ifndef RECOVER_REGISTRY_REGISTRY_MERGE_H
#define RECOVER_REGISTRY_REGISTRY_MERGE_H

#include "recover/registry/hive.h"

enum registry_rule {
	REGISTRY_SOURCE,      /* what comes */
	REGISTRY_DESTINATION, /* what is there */
	REGISTRY_HIGHER,      /* of two numbers the higher; what comes, where they are not both numbers */
	REGISTRY_LOWER,       /* likewise */
	REGISTRY_NEITHER,     /* it does not come at all */
};

/* Which rule a value of the key at @path has. */
typedef enum registry_rule registry_rule_of(void *context, const char *path,
					    const struct registry_value *value);

struct registry_merged {
	uint64_t keys_made;
	uint64_t added;    /* values that were not there */
	uint64_t replaced; /* that were, with other data */
	uint64_t same;     /* that were just so */
	uint64_t kept;     /* what is there stays, by its rule */
	uint64_t left_out; /* REGISTRY_NEITHER */
};

/*
 * Merge the values of one key.
 * @root, @path  the key; it is made if a value comes, or if there are none at all
 * @merged       counts are added
 * Returns 0, or -1: nothing has been changed but, perhaps, keys made.
 */
MUST_CHECK int registry_merge(struct hive *hive, hive_key root, const char *path,
			      const struct registry_values *values, registry_rule_of *rule_of, void *context,
			      struct registry_merged *merged, struct error *err);

#endif
