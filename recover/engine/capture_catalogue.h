/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_catalogue.h - what a store holds, written into it
 */
#ifndef RECOVER_ENGINE_CAPTURE_CATALOGUE_H
#define RECOVER_ENGINE_CAPTURE_CATALOGUE_H

#include "recover/engine/capture.h"
#include "recover/engine/catalogue_writer.h"

struct capture_catalogue {
	struct work_volume  *volume;       /* its tree shows the store as it is committed */
	uint32_t             store_folder; /* record of PATH\USMT.new-<uuid> */
	const char          *store_path;   /* "\StateStore" */
	const uint8_t       *uuid;
	uint32_t             generation;
	bool                 digests;
	const char          *command;
	struct capture_result *result;     /* counts of the parts that this store holds are filled */
};

/*
 * Write both copies of the catalogue of a store into its folder; they hold with the next commit.
 * Returns 0, or -1.
 */
MUST_CHECK int capture_catalogue_write(const struct capture_catalogue *capture, struct error *err);

#endif
