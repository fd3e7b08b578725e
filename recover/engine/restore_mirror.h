/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restore_mirror.h - what is restored from a store on a volume: the tree File\<letter>$ in it
 */
#ifndef RECOVER_ENGINE_RESTORE_MIRROR_H
#define RECOVER_ENGINE_RESTORE_MIRROR_H

#include "recover/engine/restore_plan.h"

/* One letter's tree in a store. */
struct restore_mirror {
	struct restore_part parts[LETTERS]; /* to A: to Z:, all but their functions and .copies */
	const struct restore_route *route;  /* NULL: everything goes where it was */
	struct work_volume *from;   /* that the store lies on */
	uint32_t            store;  /* folder on .from: USMT, a generation */
	uint32_t            record; /* File\<letter>$ */
	char                letter;
	bool                links; /* once all else is planned: the shortcuts that lead somewhere, and nothing else */
};

/* Plan all that is in it, but shortcuts of which a rule asks whether they lead anywhere; then these. */
MUST_CHECK int restore_mirror_plan(struct restore_mirror *mirror, struct error *err);

#endif
