/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_catalogue.h - the catalogue of a store, where it lies on a volume
 */
#ifndef RECOVER_ENGINE_STORE_CATALOGUE_H
#define RECOVER_ENGINE_STORE_CATALOGUE_H

#include "recover/engine/state_store.h"
#include "scan/catalogue_file.h"

struct store_catalogue {
	struct catalogue_file     file;
	const struct work_volume *volume;                  /* borrowed */
	struct runs               runs[CATALOGUE_COPIES];  /* of the two files; none where one is missing */
	uint64_t                  blocks[CATALOGUE_COPIES];
};

/*
 * Open the catalogue in the directory @store_folder (USMT, a generation, an unfinished capture).
 * Returns 1; 0 when there is none; -1: no sound block (ERROR_VALUE), another version
 * (ERROR_UNSUPPORTED), no memory.  store_catalogue_close in any case.
 */
MUST_CHECK int store_catalogue_open(struct store_catalogue *catalogue, struct work_volume *volume,
				    uint32_t store_folder, struct error *err);
void           store_catalogue_close(struct store_catalogue *catalogue);

#endif
