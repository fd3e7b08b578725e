/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_settings.h - what a capture writes into USMT\Settings (settings_folder.h)
 *
 * The same system and rules give the same bytes.
 */
#ifndef RECOVER_ENGINE_CAPTURE_SETTINGS_H
#define RECOVER_ENGINE_CAPTURE_SETTINGS_H

#include "recover/engine/migration.h"
#include "recover/engine/settings_folder.h"

MUST_CHECK int capture_settings_make(struct settings_files *files, const struct migration *migration,
				     const struct rule_selection *selection, struct error *err);

#endif
