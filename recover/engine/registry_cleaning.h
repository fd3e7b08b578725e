/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * registry_cleaning.h - what destinationCleanup removes from the hives of the target
 *
 * Values that a pattern means, and keys that it means once nothing is in them any more.  What comes from the
 * store stays, and so do the keys above it.
 */
#ifndef RECOVER_ENGINE_REGISTRY_CLEANING_H
#define RECOVER_ENGINE_REGISTRY_CLEANING_H

#include "recover/engine/registry_arrival.h"

/* Remove, in memory; each is told in the report.  @arrivals  sorted */
MUST_CHECK int registry_cleaning_run(struct registry_arrivals *arrivals, const struct cleaning_rules *rules,
				     struct error *err);

#endif
