/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_facts.h - what a catalogue knows of a file's names that its store does not show
 *
 * 8.3 names, and which files are copies in the store.  Some 40 bytes a path of which
 * there is such a thing to tell.
 */
#ifndef RECOVER_ENGINE_STORE_FACTS_H
#define RECOVER_ENGINE_STORE_FACTS_H

#include "recover/engine/store_catalogue.h"

#define ALIAS_UNITS_MAX 12u

struct store_fact {
	uint64_t path; /* hash of "\Users\a\x.txt" (restore_path_hash) */
	bool     copied;
	uint8_t  units; /* of .alias, 0: none */
	ntfschar alias[ALIAS_UNITS_MAX];
};

struct store_facts ARRAY(struct store_fact); /* sorted by path */

/*
 * Read the facts of the store in @store_folder; none if it has no catalogue that can be read, or one
 * of another letter.
 * Returns 0, or -1 without memory.  array_release in any case.
 */
MUST_CHECK int store_facts_read(struct store_facts *facts, struct work_volume *volume, uint32_t store_folder,
				char letter, struct error *err);

/* The fact of a path, or NULL. */
const struct store_fact *store_facts_find(const struct store_facts *facts, uint64_t path);

#endif
