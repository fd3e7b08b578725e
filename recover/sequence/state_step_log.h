/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * state_step_log.h - what the steps that capture and restore the user state say in smsts.log
 *
 * The texts of OSDMigrateUserState.exe, component OSDUSMT, with its slips.  A step says them in the order in
 * which they stand here.  What ours does better it says in its own words, by sequence_step_note.
 */
#ifndef RECOVER_SEQUENCE_STATE_STEP_LOG_H
#define RECOVER_SEQUENCE_STATE_STEP_LOG_H

#include "recover/sequence/cmtrace_writer.h"

/* "[ OSDMigrateUserState.exe ]" between signs, "Command line: C", "Running module version V", "Initializing
 * from environment successful" */
void state_step_log_begin(struct cmtrace_writer *log, const char *command_line);

/* "Trying to resolve package path for packageID - ID", "USMT package path = 'PATH'" */
void state_step_log_package(struct cmtrace_writer *log, const char *id, const char *path);

/* "USMT binary = PATH", "Initiailization succeeded" */
void state_step_log_binary(struct cmtrace_writer *log, const char *path);

/* "'_OSDProtectHardLinkStore' TS environment variable is empty" (if @before is), "New ... value = 'STORE'" */
void state_step_log_protected(struct cmtrace_writer *log, const char *before, const char *store);

/* "EncryptionKey ENV var not found. This may be because Local state Store is used.", "Building Default USMT
 * params successful" */
void state_step_log_defaults(struct cmtrace_writer *log);

/* "Source computer name set in environment:NAME" */
void state_step_log_source_computer(struct cmtrace_writer *log, const char *name);

/* "Copy using hard links setting enabled." */
void state_step_log_hard_links(struct cmtrace_writer *log);

/* "ConfigFile list = "a.xml,b.xml"", "Adding config files to user params successful" */
void state_step_log_config_files(struct cmtrace_writer *log, const char *list);

/* "Additional user defined options = "OPTIONS"", "Building user defined params successful" */
void state_step_log_options(struct cmtrace_writer *log, const char *options);

/* "Building USMT command successful" */
void state_step_log_command_built(struct cmtrace_writer *log);

/* "Creating directory "PATH"", "Securing store ..", "Path is not a UNC Path. Trying it as a local path." */
void state_step_log_store_made(struct cmtrace_writer *log, const char *path);

/* "Executing command line: C"; what follows /key:, /keyfile: and /lac: is not shown */
void state_step_log_usmt_started(struct cmtrace_writer *log, const char *command_line);

/*
 * "Process completed with exit code N", and what that means for the step; for a failure our own word as well.
 * @file  the log of the tool, "scanstate.log"
 */
void state_step_log_usmt_completed(struct cmtrace_writer *log, int code, const char *file);

/* "Building usmtutils.exe to clean up the hardlinks.", "Executing command line: ... usmtutils.exe /rd "PATH""
 */
void state_step_log_store_deleting(struct cmtrace_writer *log, const char *path);

/* "USMTUtils completed with exit code N" */
void state_step_log_store_deleted(struct cmtrace_writer *log, int code);

/* "OSDMigrateUserState finished: 0x00000000" */
void state_step_log_finished(struct cmtrace_writer *log, uint32_t code);

/* -------- MDT: ZTIUserState.wsf -------- */

/* "User state restore bypassed." */
void state_step_log_mdt_bypassed(struct cmtrace_writer *log, bool restore);

/* "------ Performing State Capture ------" */
void state_step_log_mdt_begin(struct cmtrace_writer *log, bool restore);

/* "No user state to restore, exiting." */
void state_step_log_mdt_nothing(struct cmtrace_writer *log);

/* "About to run command: C"; secrets are not shown */
void state_step_log_mdt_command(struct cmtrace_writer *log, const char *command_line);

/* "Return code from command = N", and what that means for the step. */
void state_step_log_mdt_completed(struct cmtrace_writer *log, int code, bool restore);

#endif
