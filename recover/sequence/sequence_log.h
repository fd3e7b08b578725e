/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_log.h - what the engine of a task sequence says in smsts.log: an event, a function
 *
 * The texts are those of TSManager, letter for letter (with its slips), so that people and programs find in
 * our log what they look for in theirs; tests compare them with real logs.  The engine says what happened, in
 * the order in which TSManager does; the comment of a function has the text.  What the steps themselves say
 * is in state_step_log.h and apply_step_log.h.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_LOG_H
#define RECOVER_SEQUENCE_SEQUENCE_LOG_H

#include "recover/sequence/cmtrace_writer.h"

/* Groups and actions share their sentences: "group" or "action" for KIND. */
enum sequence_kind { SEQUENCE_GROUP, SEQUENCE_ACTION };

/* The last one is our own: nothing is done on a guess. */
enum sequence_skip { SEQUENCE_SKIP_FALSE, SEQUENCE_SKIP_DISABLED, SEQUENCE_SKIP_UNKNOWN };

/* "Evaluating an AND expression"; the last ones, which no log seen has, are worded likewise. */
enum sequence_expression {
	SEQUENCE_AND,
	SEQUENCE_OR,
	SEQUENCE_VARIABLE,
	SEQUENCE_WMI,
	SEQUENCE_NOT,
	SEQUENCE_FILE,
	SEQUENCE_FOLDER,
	SEQUENCE_REGISTRY,
	SEQUENCE_SOFTWARE,
	SEQUENCE_OTHER,
};

enum sequence_result { SEQUENCE_SUCCESS, SEQUENCE_FAILURE, SEQUENCE_REBOOT };

/* -------- begin and end -------- */

/* "Successfully intialized Logging for TS Manager.", "Commandline: C", stars, "... non SMS,
 * standalone mode" */
void sequence_log_begin(struct cmtrace_writer *log, const char *command_line);

/* "PATH does not exist": the folder of the sequence, before it is made */
void sequence_log_folder_missing(struct cmtrace_writer *log, const char *path);

/* "Updated security on object PATH." */
void sequence_log_folder_secured(struct cmtrace_writer *log, const char *path);

/* "We do not find an available volume to store the local data path" */
void sequence_log_no_volume(struct cmtrace_writer *log);

/* "Deleting volume ID file PATH ..." */
void sequence_log_volume_id_deleted(struct cmtrace_writer *log, const char *path);

/* "Parsing task sequence . . ." */
void sequence_log_parsing(struct cmtrace_writer *log);

/* "Task sequence schema version is 3.00", "Current supported ..." */
void sequence_log_schema(struct cmtrace_writer *log, const char *version);

/* "Starting Task Sequence Engine . . . ", stars */
void sequence_log_starting(struct cmtrace_writer *log);

/* "NextInstructionPointer: N": goes on after a restart */
void sequence_log_resumed(struct cmtrace_writer *log, size_t pointer);

/* "The task execution engine started execution" */
void sequence_log_started(struct cmtrace_writer *log);

/* "Executing in non SMS standalone mode. Ignoring send a task execution status message request" */
void sequence_log_no_status_message(struct cmtrace_writer *log);

/* "The task exeuction engine successfully completed the execution" */
void sequence_log_completed(struct cmtrace_writer *log);

/* Stars, "Execution engine result code: Success (0)"; for a failure "Task Sequence Engine failed! Code:
 * enExecutionFail", stars, "Task sequence execution failed with error code 80004005". */
void sequence_log_result(struct cmtrace_writer *log, enum sequence_result result, uint32_t code);

/* "Cleaning Up." */
void sequence_log_cleaning_up(struct cmtrace_writer *log);

/* "Error Task Sequence Manager failed to execute task sequence. Code 0x80004005"; the last line
 * of a failure */
void sequence_log_manager_failed(struct cmtrace_writer *log, uint32_t code);

/* -------- variables -------- */

/* "Set a global environment variable NAME=VALUE"; the value of a secret is not shown */
void sequence_log_variable(struct cmtrace_writer *log, const char *name, const char *value);

/* "Set a TS execution environment variable NAME=VALUE": one that is kept over restarts */
void sequence_log_kept_variable(struct cmtrace_writer *log, const char *name, const char *value);

/* "Set a local default variable NAME": a property of the step */
void sequence_log_default_variable(struct cmtrace_writer *log, const char *name);

/* "Clear local default environment" */
void sequence_log_defaults_cleared(struct cmtrace_writer *log);

/* "Expand a string: TEXT": the text as it was before */
void sequence_log_expanding(struct cmtrace_writer *log, const char *text);

/* "Save the current environment block"; what was logged up to here is durable then */
void sequence_log_environment_saved(struct cmtrace_writer *log);

/* "Failed to save environment to  (80070057)", which does not end a sequence */
void sequence_log_environment_not_saved(struct cmtrace_writer *log, uint32_t code);

/* -------- instructions -------- */

/* "Start executing an instruction. Instruction name: NAME. Instruction pointer: N" */
void sequence_log_instruction(struct cmtrace_writer *log, const char *name, size_t pointer);

/* "Evaluating an AND expression" */
void sequence_log_evaluating(struct cmtrace_writer *log, enum sequence_expression expression);

/* "The condition for the KIND (NAME) is evaluated to be true" */
void sequence_log_condition_true(struct cmtrace_writer *log, enum sequence_kind kind, const char *name);

/* "The KIND (NAME) has been skipped because the condition is evaluated to be false", "... because it is
 * disabled" */
void sequence_log_skipped(struct cmtrace_writer *log, enum sequence_kind kind, const char *name,
			  enum sequence_skip why);

/* "Execution of the instruction (NAME) has been skipped": the engine's word after that */
void sequence_log_instruction_skipped(struct cmtrace_writer *log, const char *name);

/* "The group (NAME) has been successfully started" */
void sequence_log_group_started(struct cmtrace_writer *log, const char *name);

/* "The group (NAME) has been successfully completed" */
void sequence_log_group_completed(struct cmtrace_writer *log, const char *name);

/* "The execution of the group (NAME) has failed and the execution has been aborted. An action failed. ..." */
void sequence_log_group_failed(struct cmtrace_writer *log, const char *name);

/* -------- actions -------- */

/* "Start executing the command line: C", a rule; C before variables are put in */
void sequence_log_command(struct cmtrace_writer *log, const char *command_line);

/* "Executing command line: C with options (0, 4)" */
void sequence_log_process_started(struct cmtrace_writer *log, const char *command_line);

/* "Process completed with exit code N", a rule */
void sequence_log_process_completed(struct cmtrace_writer *log, uint32_t code);

/* "Successfully completed the action (NAME) with the exit win32 code N" */
void sequence_log_action_succeeded(struct cmtrace_writer *log, const char *name, uint32_t code);

/* "Failed to run the action: NAME. <message> (Error: 80070005; Source: Windows)" */
void sequence_log_action_failed(struct cmtrace_writer *log, const char *name, uint32_t code);

/* Our own: the action failed with a code, and is run again */
void sequence_log_action_retried(struct cmtrace_writer *log, const char *name, uint32_t code);

/* Our own word on a code, where there is one: "Holdfast: what it means; what to do".  @component says it. */
void sequence_log_explained(struct cmtrace_writer *log, const char *component, uint32_t code, bool of_usmt);

/* "The execution engine ignored the failure of the action (NAME) and continues execution" */
void sequence_log_failure_ignored(struct cmtrace_writer *log, enum sequence_kind kind, const char *name);

/* "Failed to run the last action: NAME. Execution of task sequence failed. ...": what ended the sequence */
void sequence_log_last_action_failed(struct cmtrace_writer *log, const char *name, uint32_t code);

/* "The task sequence execution engine failed executing the action (NAME) in the group (GROUP) with the error
 * code N Action output: ..."; @code as a plain number, @output may be "" */
void sequence_log_failure_reported(struct cmtrace_writer *log, const char *name, const char *group,
				   uint32_t code, const char *output);

/* "Task sequence 'SEQUENCE' has failed with the error code 0x... in the task sequence step 'NAME'." */
void sequence_log_failure_shown(struct cmtrace_writer *log, const char *sequence, const char *name,
				uint32_t code);

/* -------- restarts -------- */

/* "The action (NAME) requested a retry": it is run again after the restart */
void sequence_log_retry(struct cmtrace_writer *log, const char *name);

/* "The action (NAME) initiated a reboot request" */
void sequence_log_reboot_requested(struct cmtrace_writer *log, const char *name);

/* "Reboot to local harddisk" or "Reboot to WinPE", "Created volatile registry entry ..." */
void sequence_log_rebooting(struct cmtrace_writer *log, bool to_winpe);

/* "Calling RebootSystem()" */
void sequence_log_reboot(struct cmtrace_writer *log);

#endif
