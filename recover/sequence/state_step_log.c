/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state_step_log.c - see state_step_log.h */
#include "recover/sequence/state_step_log.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/sequence/sequence_log.h"
#include "recover/sequence/sequence_secret.h"
#include "report/sequence_code.h"
#include "report/usmt_code.h"

#include <inttypes.h>
#include <string.h>

#define COMPONENT "OSDUSMT"
#define SAY(type, ...) cmtrace_say(log, type, COMPONENT, __VA_ARGS__)
#define EQUALS_30 "=============================="

void state_step_log_begin(struct cmtrace_writer *log, const char *command_line)
{
	SAY(CMTRACE_INFO, EQUALS_30 "[ OSDMigrateUserState.exe ]" EQUALS_30);
	SAY(CMTRACE_INFO, "Command line: %s", command_line);
	SAY(CMTRACE_INFO, "Running module version %s", HOLDFAST_VERSION);
	SAY(CMTRACE_INFO, "Initializing from environment successful");
}

void state_step_log_package(struct cmtrace_writer *log, const char *id, const char *path)
{
	SAY(CMTRACE_INFO, "Trying to resolve package path for packageID - %s", id);
	SAY(CMTRACE_INFO, "USMT package path = '%s'", path);
}

void state_step_log_binary(struct cmtrace_writer *log, const char *path)
{
	SAY(CMTRACE_INFO, "USMT binary = %s", path);
	SAY(CMTRACE_INFO, "Initiailization succeeded");
}

void state_step_log_protected(struct cmtrace_writer *log, const char *before, const char *store)
{
	if (!*before)
		SAY(CMTRACE_INFO, "'_OSDProtectHardLinkStore' TS environment variable is empty");
	SAY(CMTRACE_INFO, "New '_OSDProtectHardLinkStore' TS Environment variable value = '%s'", store);
}

void state_step_log_defaults(struct cmtrace_writer *log)
{
	SAY(CMTRACE_INFO, "EncryptionKey ENV var not found. This may be because Local state Store is used.");
	SAY(CMTRACE_INFO, "Building Default USMT params successful");
}

void state_step_log_source_computer(struct cmtrace_writer *log, const char *name)
{
	SAY(CMTRACE_INFO, "Source computer name set in environment:%s", name);
}

void state_step_log_hard_links(struct cmtrace_writer *log)
{
	SAY(CMTRACE_INFO, "Copy using hard links setting enabled.");
}

void state_step_log_config_files(struct cmtrace_writer *log, const char *list)
{
	SAY(CMTRACE_INFO, "ConfigFile list = \"%s\"", list);
	SAY(CMTRACE_INFO, "Adding config files to user params successful");
}

void state_step_log_options(struct cmtrace_writer *log, const char *options)
{
	SAY(CMTRACE_INFO, "Additional user defined options = \"%s\"", options);
	SAY(CMTRACE_INFO, "Building user defined params successful");
}

void state_step_log_command_built(struct cmtrace_writer *log)
{
	SAY(CMTRACE_INFO, "Building USMT command successful");
}

void state_step_log_store_made(struct cmtrace_writer *log, const char *path)
{
	SAY(CMTRACE_INFO, "Creating directory \"%s\"", path);
	SAY(CMTRACE_INFO, "Securing store ..");
	SAY(CMTRACE_INFO, "Path is not a UNC Path. Trying it as a local path.");
}

void state_step_log_usmt_started(struct cmtrace_writer *log, const char *command_line)
{
	CLEANUP(free_ptr) char *shown = sequence_secret_hide(command_line);

	SAY(CMTRACE_INFO, "Executing command line: %s", shown ? shown : "");
}

void state_step_log_usmt_completed(struct cmtrace_writer *log, int code, const char *file)
{
	SAY(CMTRACE_INFO, "Process completed with exit code %d", code);
	if (code == USMT_SUCCESS) {
		SAY(CMTRACE_INFO, "USMT completed with exit code %d", code);
		return;
	}
	if (code == USMT_WOULD_HAVE_FAILED) {
		SAY(CMTRACE_WARNING,
		    "USMT returned exit code (0x%08X). There were some errors which were ignored due to /c switch",
		    (unsigned)code);
	} else {
		SAY(CMTRACE_VERBOSE, "uExitCode == 0, HRESULT=%08" PRIx32 " (%s,%d)",
		    sequence_code_of_usmt(code), __FILE_NAME__, __LINE__);
		SAY(CMTRACE_ERROR,
		    "USMT returned exit code (0x%08X). Look USMT log file %s for detail error message.",
		    (unsigned)code, file);
	}
	sequence_log_explained(log, COMPONENT, sequence_code_of_usmt(code), true);
}

void state_step_log_store_deleting(struct cmtrace_writer *log, const char *path)
{
	SAY(CMTRACE_INFO, "Building usmtutils.exe to clean up the hardlinks.");
	SAY(CMTRACE_INFO, "Executing command line: cmd /q /c ECHO Y | usmtutils.exe /rd \"%s\"", path);
}

void state_step_log_store_deleted(struct cmtrace_writer *log, int code)
{
	SAY(code ? CMTRACE_ERROR : CMTRACE_INFO, "USMTUtils completed with exit code %d", code);
}

void state_step_log_finished(struct cmtrace_writer *log, uint32_t code)
{
	SAY(code ? CMTRACE_ERROR : CMTRACE_INFO, "OSDMigrateUserState finished: 0x%08" PRIX32, code);
}

/* -------- MDT: ZTIUserState.wsf -------- */

#define SAY_MDT(type, ...) cmtrace_say(log, type, "ZTIUserState", __VA_ARGS__)

void state_step_log_mdt_bypassed(struct cmtrace_writer *log, bool restore)
{
	SAY_MDT(CMTRACE_INFO, "User state %s bypassed.", restore ? "restore" : "capture");
}

void state_step_log_mdt_begin(struct cmtrace_writer *log, bool restore)
{
	SAY_MDT(CMTRACE_INFO, "------ Performing State %s ------", restore ? "Restore" : "Capture");
}

void state_step_log_mdt_nothing(struct cmtrace_writer *log)
{
	SAY_MDT(CMTRACE_INFO, "No user state to restore, exiting.");
}

void state_step_log_mdt_command(struct cmtrace_writer *log, const char *command_line)
{
	CLEANUP(free_ptr) char *shown = sequence_secret_hide(command_line);

	SAY_MDT(CMTRACE_INFO, "About to run command: %s", shown ? shown : "");
}

void state_step_log_mdt_completed(struct cmtrace_writer *log, int code, bool restore)
{
	SAY_MDT(CMTRACE_INFO, "Return code from command = %d", code);
	if (code == USMT_SUCCESS)
		return;
	if (code == USMT_WOULD_HAVE_FAILED)
		SAY_MDT(CMTRACE_WARNING, "USMT_WOULD_HAVE_FAILED - At least one error was skipped as a result of /c.");
	else
		SAY_MDT(CMTRACE_ERROR, "ZTI ERROR - Non-zero return code from %s, RC = %d", restore ? "Loadstate" : "Scanstate",
			code);
	sequence_log_explained(log, "ZTIUserState", sequence_code_of_usmt(code), true);
}
