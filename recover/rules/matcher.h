/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * matcher.h - many file patterns at once over the names of a volume
 *
 * One walk down the tree.  The literal beginning of a pattern is looked up, so that a pattern is alive only below the
 * directory where its wildcards begin; those are carried down as the states of an automaton; leaves are looked up by name
 * and by extension.  No path is ever put together, and where no pattern is alive nobody goes.
 *
 * Names compare by the volume's own upper-case table.  What a junction or a link points to is not its content.
 * The file system's own files are no names.
 */
#ifndef RECOVER_RULES_MATCHER_H
#define RECOVER_RULES_MATCHER_H

#include "recover/rules/pattern.h"
#include "scan/volume_tree.h"

/* A name that some patterns mean. */
struct match {
	const struct volume_tree *tree;
	uint32_t                  record, name; /* of the tree */
	const uint32_t           *patterns;     /* indices, in no order */
	size_t                    count;        /* 1 or more */
};

/* 0 to go on, 1 to go no further, -1. */
typedef int matcher_each(void *context, const struct match *match, struct error *err);

/*
 * Hand every name that a pattern means to @each; directories before what is in them.
 * @letter    of the volume
 * @patterns  of files; borrowed
 * @except    directory that is passed over with all below it, or NO_TREE_RECORD
 * Returns 0, 1 where @each said so, or -1.
 */
MUST_CHECK int matcher_walk(const struct volume_tree *tree, char letter, const struct pattern *const *patterns,
			    size_t count, uint32_t except, matcher_each *each, void *context, struct error *err);

#endif
