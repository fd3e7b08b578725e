/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_state.c - see store_state.h */
#include "report/store_state.h"

#include <string.h>

bool store_is_damaged(const struct case_store *store)
{
	return store->grades[GRADE_SUSPECT] || store->grades[GRADE_PARTIAL] || store->grades[GRADE_LOST];
}

const char *store_state_sentence(const struct case_store *store, bool shadow)
{
	const char *state = store->state ? store->state : "";

	if (store->orphans)
		return "deleted files whose folders are lost; what they belonged to is not known";
	if (strcmp(state, "live") == 0 && store_is_damaged(store))
		return shadow ? "live: it is in the shadow copy, but not all of its files are sound"
			      : "live: it is on the volume, but not all of its files are sound";
	if (strcmp(state, "live") == 0)
		return shadow ? "live: it is in the shadow copy, whole" : "live: it is on the volume, whole";
	if (strcmp(state, "partial") == 0)
		return "partial: some of it is there, some has been deleted";
	if (strcmp(state, "deleted") == 0)
		return "deleted";
	return "remnant: deleted, and its folders are lost in part";
}
