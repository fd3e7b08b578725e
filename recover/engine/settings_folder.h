/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings_folder.h - USMT\Settings: what a capture kept besides files, as files that people can read
 *
 *   people.json     the users, which of them were captured, and why others were not (people_file.h)
 *   machine.reg     registry values of the machine that the rules chose
 *   <SID>.reg       those of a user, as HKEY_CURRENT_USER
 *   rules.json      the rules that were used, what each took, and what could not be honoured offline
 *   left-out.txt    what could not be had, if anything (capture_left_out.h)
 *
 * In the primary part of a store; written with what publishes it.
 */
#ifndef RECOVER_ENGINE_SETTINGS_FOLDER_H
#define RECOVER_ENGINE_SETTINGS_FOLDER_H

#include "recover/engine/state_store.h"

#define SETTINGS_FILE_MAX (256u << 20) /* bytes; a larger one is none of ours */

#define SETTINGS_RULES    "rules.json"
#define SETTINGS_LEFT_OUT "left-out.txt"

struct settings_name { char text[256]; };

/* The name of the file with a user's registry values, or with NULL the machine's. */
struct settings_name settings_registry_name(const char *sid);

struct settings_file {
	char    *name; /* "people.json" */
	uint8_t *bytes;
	size_t   size;
};

struct settings_files ARRAY(struct settings_file);

void settings_files_release(struct settings_files *files);

/* Add a file; @bytes, from malloc, is taken over, also when this fails. */
MUST_CHECK int settings_files_add(struct settings_files *files, const char *name, void *bytes, size_t size,
				  struct error *err);

/* The file of that name, or NULL. */
const struct settings_file *settings_files_find(const struct settings_files *files, const char *name);

/* Read those of a store folder (PATH\USMT) of a volume whose tree is read; none if there are none. */
MUST_CHECK int settings_folder_read(struct settings_files *files, struct work_volume *volume, uint32_t store_folder,
				    struct error *err);

/* Read those of a store that a rebuild has put into a folder of the host: @path/USMT/Settings; none if it has none. */
MUST_CHECK int settings_folder_read_host(struct settings_files *files, const char *path, struct error *err);

/* Write them into a store's folder that has none. */
MUST_CHECK int settings_folder_make(const struct settings_files *files, struct ntfs3g *mount, file_ref store_folder,
				    struct error *err);

/* Are both the same?  Their order aside, and what was left out, which is known at the end alone. */
bool settings_files_equal(const struct settings_files *left, const struct settings_files *right);

#endif
