/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * state_store.h - what lies at a store path of a volume
 *
 *   PATH\USMT                    the store: File\<letter>$\..., hardlink.main, holdfast.cat, Settings
 *   PATH\USMT.generation-N       an older one, set aside by a later capture
 *   PATH\USMT.new-<uuid>         one that a capture has not finished
 *
 * Records are those of the volume's tree; NO_TREE_RECORD where there is none.
 */
#ifndef RECOVER_ENGINE_STATE_STORE_H
#define RECOVER_ENGINE_STATE_STORE_H

#include "recover/engine/work_volume.h"

#define STORE_FOLDER          "USMT"
#define STORE_NEW_PREFIX      "USMT.new-"
#define STORE_OLD_PREFIX      "USMT.generation-"
#define STORE_FILES           "File"
#define STORE_MARKER          "hardlink.main"
#define STORE_CATALOGUE       "holdfast.cat"
#define STORE_CATALOGUE_COPY  "holdfast.cat2"
#define STORE_SETTINGS        "Settings"


struct store_folder {
	uint32_t record;
	uint32_t number; /* of a generation; 0: none */
	char    *name;   /* "USMT.generation-2" */
};

struct store_folders ARRAY(struct store_folder);

struct state_store {
	char                *path;    /* "\StateStore" */
	uint32_t             folder;  /* PATH itself */
	uint32_t             current; /* PATH\USMT */
	struct store_folders older;   /* generations, by number */
	struct store_folders unfinished;
};

/*
 * Check @text as PATH and bring it into the form "\a\b".
 * Returns 0 with *@path to be freed, or -1 with ERROR_USAGE: a root, with a drive, no Windows name, too long.
 */
MUST_CHECK int store_path_parse(const char *text, char **path, struct error *err);

/*
 * Look at @path on a volume whose tree is read.
 * Returns 0, or -1: something that is no folder is in the way, or no memory.  Release in any case.
 */
MUST_CHECK int state_store_find(struct state_store *store, const struct work_volume *volume, const char *path,
				struct error *err);
void           state_store_release(struct state_store *store);

/* Read the N of a generation, 1 or more, decimal; false if @text is none. */
MUST_CHECK bool generation_number_parse(const char *text, uint32_t *number);

/* The N of "USMT.generation-N", or 0: it is no such name. */
uint32_t state_store_number(const char *name);

/* Generation @number of the store, or with 0 the current one; NO_TREE_RECORD if it is not there. */
uint32_t state_store_generation(const struct state_store *store, uint32_t number);

/* Say that generation @number is not there, and which are.  Returns -1. */
int state_store_no_generation(const struct state_store *store, const struct work_volume *volume, uint32_t number,
			      struct error *err);

/* The child of a directory by its WTF-8 name, case aside; NO_TREE_RECORD if there is none, or no directory. */
uint32_t state_store_child(const struct work_volume *volume, uint32_t directory, const char *name);

/* The directory USMT*\File\<letter>$ of a store folder, or NO_TREE_RECORD. */
uint32_t state_store_mirror(const struct work_volume *volume, uint32_t store_folder, char letter);

/* True if a name stands somewhere below the directory @above (or it is @above's own). */
bool state_store_is_below(const struct work_volume *volume, uint32_t name, uint32_t above);

/* True if a directory holds File\<letter>$: a store, whoever made it and wherever it lies. */
bool state_store_is_one(const struct volume_tree *tree, uint32_t directory);

#endif
