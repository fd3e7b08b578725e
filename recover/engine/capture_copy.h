/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_copy.h - the chosen files of all volumes, copied into a store on the first of them
 *
 * A restore the other way round: names and directories of each volume are planned (restore_plan.h) onto
 * File\<letter>$ of a store folder, and what is missing there is written, a file whole or not at all.
 * Names of one file are names of one copy.  Planning again after that plans nothing.  A file that cannot be
 * read in full is left out and told.
 */
#ifndef RECOVER_ENGINE_CAPTURE_COPY_H
#define RECOVER_ENGINE_CAPTURE_COPY_H

#include "recover/engine/captured_volume.h"

/*
 * 1 if a folder of the store's volume, as the tree shows it, has copies of all that is planned and can be read; 0,
 * -1.  Contents are compared.
 * @tell  with 1, tell the files that cannot be read, as capture_copy_make does
 */
MUST_CHECK int capture_copy_is_there(struct capture *capture, uint32_t store_folder, bool tell, struct error *err);

/* 1 if all that is in an unfinished store is copied from what is planned, folders of the host aside; 0, -1. */
MUST_CHECK int capture_copy_is_usable(struct capture *capture, uint32_t store_folder, struct error *err);

/*
 * Copy what is not there yet, in the run that is under way on the store's volume; in several transactions, all
 * committed in the end.  The tree shows the folders of capture_place.h.
 * Returns 0, or -1: there is no room for it (nothing was copied), the disk fails, no memory.
 */
MUST_CHECK int capture_copy_make(struct capture *capture, struct error *err);

#endif
