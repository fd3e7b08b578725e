/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_place.h - the folders that a capture is made in: PATH\USMT.new-<uuid>\File\<letter>$
 *
 * In a run that is under way; those that are there already are gone on with.
 */
#ifndef RECOVER_ENGINE_CAPTURE_PLACE_H
#define RECOVER_ENGINE_CAPTURE_PLACE_H

#include "recover/engine/captured_volume.h"

/* Make all but the last, and fill .new_folder and .files.  Returns 0, or -1. */
MUST_CHECK int capture_place_enter(struct captured_volume *part, struct error *err);

/* Make the last for the drive @letter; capture_place_enter has been there.  Returns 0 with *@ref, or -1. */
MUST_CHECK int capture_place_mirror(struct captured_volume *part, char letter, file_ref *ref, struct error *err);

#endif
