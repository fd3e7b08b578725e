/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_log.c - see sequence_log.h */
#include "recover/sequence/sequence_log.h"

#include "recover/sequence/sequence_secret.h"
#include "report/sequence_code.h"

#include <inttypes.h>
#include <string.h>

#define SAY(type, ...) cmtrace_say(log, type, "TSManager", __VA_ARGS__)

/* Rules of several lengths, as they stand in the logs. */
#define STARS_50 "**************************************************"
#define STARS_76 "****************************************************************************"
#define DASHES \
	"!--------------------------------------------------------------------------------------------!"

static const char *kind_word(enum sequence_kind kind)
{
	return kind == SEQUENCE_GROUP ? "group" : "action";
}

/* -------- begin and end -------- */

void sequence_log_begin(struct cmtrace_writer *log, const char *command_line)
{
	SAY(CMTRACE_INFO, "Successfully intialized Logging for TS Manager.");
	SAY(CMTRACE_INFO, "Commandline: %s", command_line);
	SAY(CMTRACE_INFO, STARS_50);
	SAY(CMTRACE_INFO, "TSManager executing in non SMS, standalone mode");
}

void sequence_log_folder_missing(struct cmtrace_writer *log, const char *path)
{
	SAY(CMTRACE_INFO, "%s does not exist", path);
}

void sequence_log_folder_secured(struct cmtrace_writer *log, const char *path)
{
	SAY(CMTRACE_INFO, "Updated security on object %s.", path);
}

void sequence_log_no_volume(struct cmtrace_writer *log)
{
	SAY(CMTRACE_WARNING, "We do not find an available volume to store the local data path");
}

void sequence_log_volume_id_deleted(struct cmtrace_writer *log, const char *path)
{
	SAY(CMTRACE_INFO, "Deleting volume ID file %s ...", path);
}

void sequence_log_parsing(struct cmtrace_writer *log)
{
	SAY(CMTRACE_INFO, "Parsing task sequence . . .");
}

void sequence_log_schema(struct cmtrace_writer *log, const char *version)
{
	SAY(CMTRACE_VERBOSE, "Task sequence schema version is %s", version);
	SAY(CMTRACE_VERBOSE, "Current supported schema version is 3.10 and 3.00");
}

void sequence_log_starting(struct cmtrace_writer *log)
{
	SAY(CMTRACE_INFO, "Starting Task Sequence Engine . . . ");
	SAY(CMTRACE_INFO, STARS_76);
}

void sequence_log_resumed(struct cmtrace_writer *log, size_t pointer)
{
	SAY(CMTRACE_INFO, "NextInstructionPointer: %zu", pointer);
}

void sequence_log_started(struct cmtrace_writer *log)
{
	SAY(CMTRACE_INFO, "The task execution engine started execution");
}

void sequence_log_no_status_message(struct cmtrace_writer *log)
{
	SAY(CMTRACE_INFO,
	    "Executing in non SMS standalone mode. Ignoring send a task execution status message request");
}

void sequence_log_completed(struct cmtrace_writer *log)
{
	SAY(CMTRACE_INFO, "The task exeuction engine successfully completed the execution");
}

void sequence_log_result(struct cmtrace_writer *log, enum sequence_result result, uint32_t code)
{
	if (result == SEQUENCE_FAILURE)
		SAY(CMTRACE_ERROR, "Task Sequence Engine failed! Code: enExecutionFail");
	SAY(CMTRACE_INFO, STARS_76);
	if (result == SEQUENCE_FAILURE)
		SAY(CMTRACE_ERROR, "Task sequence execution failed with error code %08" PRIX32, code);
	else if (result == SEQUENCE_REBOOT)
		SAY(CMTRACE_WARNING, "Execution engine result code: Reboot (2)");
	else
		SAY(CMTRACE_INFO, "Execution engine result code: Success (0)");
}

void sequence_log_cleaning_up(struct cmtrace_writer *log)
{
	SAY(CMTRACE_INFO, "Cleaning Up.");
}

void sequence_log_manager_failed(struct cmtrace_writer *log, uint32_t code)
{
	SAY(CMTRACE_ERROR, "Error Task Sequence Manager failed to execute task sequence. Code 0x%08" PRIX32,
	    code);
}

/* -------- variables -------- */

static const char *shown(const char *name, const char *value)
{
	return sequence_secret_is_named(name) && *value ? "********" : value;
}

void sequence_log_variable(struct cmtrace_writer *log, const char *name, const char *value)
{
	SAY(CMTRACE_VERBOSE, "Set a global environment variable %s=%s", name, shown(name, value));
}

void sequence_log_kept_variable(struct cmtrace_writer *log, const char *name, const char *value)
{
	SAY(CMTRACE_VERBOSE, "Set a TS execution environment variable %s=%s", name, shown(name, value));
}

void sequence_log_default_variable(struct cmtrace_writer *log, const char *name)
{
	SAY(CMTRACE_VERBOSE, "Set a local default variable %s", name);
}

void sequence_log_defaults_cleared(struct cmtrace_writer *log)
{
	SAY(CMTRACE_VERBOSE, "Clear local default environment");
}

void sequence_log_expanding(struct cmtrace_writer *log, const char *text)
{
	SAY(CMTRACE_VERBOSE, "Expand a string: %s", text);
}

void sequence_log_environment_saved(struct cmtrace_writer *log)
{
	SAY(CMTRACE_VERBOSE, "Save the current environment block");
	cmtrace_flush(log);
}

void sequence_log_environment_not_saved(struct cmtrace_writer *log, uint32_t code)
{
	SAY(CMTRACE_WARNING, "Failed to save environment to  (%08" PRIX32 ")", code);
}

/* -------- instructions -------- */

void sequence_log_instruction(struct cmtrace_writer *log, const char *name, size_t pointer)
{
	SAY(CMTRACE_INFO, "Start executing an instruction. Instruction name: %s. Instruction pointer: %zu",
	    name, pointer);
}

void sequence_log_evaluating(struct cmtrace_writer *log, enum sequence_expression expression)
{
	static const char *const names[] = {
		[SEQUENCE_AND] = "an AND expression",
		[SEQUENCE_OR] = "an OR expression",
		[SEQUENCE_VARIABLE] = "a variable condition expression",
		[SEQUENCE_WMI] = "a WMI condition expression",
		[SEQUENCE_NOT] = "a NOT expression",
		[SEQUENCE_FILE] = "a file condition expression",
		[SEQUENCE_FOLDER] = "a folder condition expression",
		[SEQUENCE_REGISTRY] = "a registry condition expression",
		[SEQUENCE_SOFTWARE] = "a software condition expression",
		[SEQUENCE_OTHER] = "a condition expression",
	};

	SAY(CMTRACE_INFO, "Evaluating %s", names[expression]);
}

void sequence_log_condition_true(struct cmtrace_writer *log, enum sequence_kind kind, const char *name)
{
	SAY(CMTRACE_INFO, "The condition for the %s (%s) is evaluated to be true", kind_word(kind), name);
}

void sequence_log_skipped(struct cmtrace_writer *log, enum sequence_kind kind, const char *name,
			  enum sequence_skip why)
{
	static const char *const reasons[] = {
		[SEQUENCE_SKIP_FALSE] = "the condition is evaluated to be false",
		[SEQUENCE_SKIP_DISABLED] = "it is disabled",
		[SEQUENCE_SKIP_UNKNOWN] = "the condition could not be evaluated",
	};

	SAY(why == SEQUENCE_SKIP_UNKNOWN ? CMTRACE_WARNING : CMTRACE_INFO,
	    "The %s (%s) has been skipped because %s", kind_word(kind), name, reasons[why]);
}

void sequence_log_instruction_skipped(struct cmtrace_writer *log, const char *name)
{
	SAY(CMTRACE_INFO, "Execution of the instruction (%s) has been skipped", name);
}

void sequence_log_group_started(struct cmtrace_writer *log, const char *name)
{
	SAY(CMTRACE_INFO, "The group (%s) has been successfully started", name);
}

void sequence_log_group_completed(struct cmtrace_writer *log, const char *name)
{
	SAY(CMTRACE_INFO, "The group (%s) has been successfully completed", name);
}

/* A sentence, and on a line of its own what Windows says of the code. */
#define SAY_CODE(code, format, ...)                                                                \
	do {                                                                                       \
		struct sequence_code known_ = sequence_code_of(code, false);                       \
                                                                                                   \
		SAY(CMTRACE_ERROR, format " \n%s (Error: %08" PRIX32 "; Source: %s)", __VA_ARGS__, \
		    known_.message, (uint32_t)(code), known_.source);                              \
	} while (0)

void sequence_log_group_failed(struct cmtrace_writer *log, const char *name)
{
	SAY_CODE(
		SEQUENCE_CODE_ABORTED,
		"The execution of the group (%s) has failed and the execution has been aborted. An action failed.",
		name);
}

/* -------- actions -------- */

void sequence_log_command(struct cmtrace_writer *log, const char *command_line)
{
	SAY(CMTRACE_INFO, "Start executing the command line: %s", command_line);
	SAY(CMTRACE_INFO, DASHES);
}

void sequence_log_process_started(struct cmtrace_writer *log, const char *command_line)
{
	SAY(CMTRACE_INFO, "Executing command line: %s with options (0, 4)", command_line);
}

void sequence_log_process_completed(struct cmtrace_writer *log, uint32_t code)
{
	SAY(CMTRACE_INFO, "Process completed with exit code %" PRIu32, code);
	SAY(CMTRACE_INFO, DASHES);
}

void sequence_log_action_succeeded(struct cmtrace_writer *log, const char *name, uint32_t code)
{
	SAY(CMTRACE_INFO, "Successfully completed the action (%s) with the exit win32 code %" PRIu32, name,
	    code);
}

void sequence_log_action_failed(struct cmtrace_writer *log, const char *name, uint32_t code)
{
	SAY_CODE(code, "Failed to run the action: %s.", name);
}

void sequence_log_action_retried(struct cmtrace_writer *log, const char *name, uint32_t code)
{
	SAY(CMTRACE_WARNING, "Holdfast: the action (%s) failed with %08" PRIX32 " and is run again", name,
	    code);
}

void sequence_log_explained(struct cmtrace_writer *log, const char *component, uint32_t code, bool of_usmt)
{
	struct sequence_code known = sequence_code_of(code, of_usmt);

	if (known.meaning)
		cmtrace_say(log, CMTRACE_WARNING, component, "Holdfast: %s%s%s", known.meaning,
			    known.advice ? "; " : "", known.advice ? known.advice : "");
}

void sequence_log_failure_ignored(struct cmtrace_writer *log, enum sequence_kind kind, const char *name)
{
	SAY(CMTRACE_WARNING,
	    "The execution engine ignored the failure of the %s (%s) and continues execution",
	    kind_word(kind), name);
}

void sequence_log_last_action_failed(struct cmtrace_writer *log, const char *name, uint32_t code)
{
	SAY_CODE(code, "Failed to run the last action: %s. Execution of task sequence failed.", name);
}

void sequence_log_failure_reported(struct cmtrace_writer *log, const char *name, const char *group,
				   uint32_t code, const char *output)
{
	SAY(CMTRACE_ERROR,
	    "The task sequence execution engine failed executing the action (%s) in the group (%s) with the error code "
	    "%" PRIu32 " \nAction output: %s",
	    name, group, code, output);
}

void sequence_log_failure_shown(struct cmtrace_writer *log, const char *sequence, const char *name,
				uint32_t code)
{
	SAY(CMTRACE_ERROR,
	    "Task sequence '%s' has failed with the error code 0x%08" PRIX32
	    " in the task sequence step '%s'.",
	    sequence, code, name);
}

/* -------- restarts -------- */

void sequence_log_retry(struct cmtrace_writer *log, const char *name)
{
	SAY(CMTRACE_INFO, "The action (%s) requested a retry", name);
}

void sequence_log_reboot_requested(struct cmtrace_writer *log, const char *name)
{
	SAY(CMTRACE_INFO, "The action (%s) initiated a reboot request", name);
}

void sequence_log_rebooting(struct cmtrace_writer *log, bool to_winpe)
{
	SAY(CMTRACE_INFO, "Reboot to %s", to_winpe ? "WinPE" : "local harddisk");
	SAY(CMTRACE_INFO,
	    "Created volatile registry entry for pending reboot initiated by this task sequence");
}

void sequence_log_reboot(struct cmtrace_writer *log)
{
	SAY(CMTRACE_INFO, "Calling RebootSystem()");
}
