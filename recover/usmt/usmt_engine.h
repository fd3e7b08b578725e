/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_engine.h - what a command line of USMT's means for the engine
 *
 * The one place where options become those of capture, restore and their rules, and
 * where what the engine does not do is refused with what to do instead.
 */
#ifndef RECOVER_USMT_USMT_ENGINE_H
#define RECOVER_USMT_USMT_ENGINE_H

#include "recover/engine/capture_choice.h"
#include "recover/rules/offline_file.h"
#include "recover/usmt/usmt_run.h"

/* Refuse what cannot be done.  Returns 0, or -1 with ERROR_USAGE. */
MUST_CHECK int usmt_engine_check(const struct usmt_options *options, struct error *err);

/* Rules, users and Windows as the command line has them. */
struct usmt_migration {
	struct migration_options options;
	struct usmt_texts        rules;    /* backs .options.rules */
	char                    *windows;  /* backs .options.windows.directory */
	struct config_file       config;   /* /config; empty: none */
	struct offline_file      offline;  /* backs .options.windows.candidates */
	char                    *mappings; /* backs .options.windows.mappings */
};

/*
 * Settle them; rule files and configurations are found, and taken from the volumes where they lie there.
 * @volumes  open; NULL: none
 * Returns 0, or -1 with the code in @run.  usmt_migration_release in any case.
 */
MUST_CHECK int usmt_migration_make(struct usmt_migration *migration, struct usmt_run *run,
				   struct work_volumes *volumes, struct error *err);
void           usmt_migration_release(struct usmt_migration *migration);

/* Say in the logs whose Windows that is, who takes part and who does not, and what of the rules is not honoured. */
void usmt_engine_log_choice(struct usmt_run *run, const struct capture_choice *choice);

/* Write the Config.xml of /genconfig. Returns 0, or -1 with the code in @run. */
MUST_CHECK int usmt_engine_generate_config(const struct usmt_migration *migration, struct usmt_run *run,
					   struct error *err);

/* The store's folder on its volume, read now: PATH\USMT or NO_TREE_RECORD.  Returns 0, or -1. */
MUST_CHECK int usmt_engine_find_store(const struct usmt_run *run, struct work_volumes *volumes, uint32_t *folder,
				      struct error *err);

/* Say so where only secondary parts of the store are to be seen: it may once have been more.  Returns 0, or -1. */
MUST_CHECK int usmt_engine_warn_secondary(struct usmt_run *run, struct work_volumes *volumes, struct error *err);

#endif
