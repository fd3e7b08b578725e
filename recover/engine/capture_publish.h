/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_publish.h - a store that is whole gets its catalogue, its marker and its name
 */
#ifndef RECOVER_ENGINE_CAPTURE_PUBLISH_H
#define RECOVER_ENGINE_CAPTURE_PUBLISH_H

#include "recover/engine/captured_volume.h"

/*
 * Catalogue, marker and name, and the older store set aside, in the run's last transaction.  The tree
 * shows what is committed.  Returns 0, or -1: then the store is not there.
 */
MUST_CHECK int capture_publish(struct captured_volume *part, struct error *err);

/* Give a folder in PATH, in the tree, the name of the next generation.  Returns 0, or -1. */
MUST_CHECK int capture_publish_set_aside(struct captured_volume *part, const struct store_folder *folder,
					 struct error *err);

#endif
