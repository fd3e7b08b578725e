/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sequence_log.c - expected values: the records of real logs, one by one, with their types; where there
 * is no real one, lines of Microsoft's knowledge base (2797676) and of screenshots (spec USMT 5.5, 5.6, 5.10)
 */
#include "tests/unit/unit.h"

#include "recover/sequence/apply_step_log.h"
#include "recover/sequence/sequence_log.h"
#include "recover/sequence/state_step_log.h"
#include "report/sequence_code.h"

#include <string.h>

#define MDT "usmt/smsts-mdt-winpe-2019.log"
#define CONFIGMGR "usmt/smsts-configmgr-fullos-2019.log"

static char *folder, *path;

static void make_folder(void)
{
	folder = temp_folder();
	path = temp_path(folder, "smsts.log");
}

static void remove_folder(void)
{
	free(path);
	temp_remove(folder);
}

TestSuite(sequence_log, .init = make_folder, .fini = remove_folder);

static struct cmtrace_writer opened(void)
{
	struct cmtrace_writer log;
	struct error          err = { 0 };

	cr_assert(eq(int, cmtrace_open(&log, path, 0, &err), 0), "%s", err.text);
	return log;
}

/* The log that was written, closed. */
static struct blob taken(struct cmtrace_writer *log)
{
	struct error err = { 0 };

	cr_assert(eq(int, cmtrace_close(log, &err), 0), "%s", err.text);
	cmtrace_release(log);
	return temp_read(path);
}

/* -------- beside a real log -------- */

/* What TSManager says and we do not: it has a COM interface, servers and firmware, and other programs talk in
 * between. */
static bool is_theirs_alone(const struct cmtrace_record *record)
{
	static const char *const beginnings[] = {
		"Successfully registered Task Sequencing COM Interface.",
		"Executing as a standalone exe",
		"UEFI: ",
		"No logging settings found in TS environement",
		"Not in SSL",
		"_OSDGinaIsConfigured variable ",
		"_SMSTSServiceStartType variable ",
		"Command line for extension ",
		"Set command line: ",
		"TSUEFIDrive: ",
		"OSD type of task sequence.",
		"Path variable ",
		"No variables found in default variable list",
		"Sub TS variable ",
		"Executing command line: \"bcdedit.exe\"",
	};

	if (record->component.left != 9 || memcmp(record->component.at, "TSManager", 9) != 0)
		return true;
	for (size_t i = 0; i < COUNT(beginnings); i++)
		if (record->text.left >= strlen(beginnings[i]) &&
		    memcmp(record->text.at, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

static bool is_same(struct bytes a, struct bytes b)
{
	return a.left == b.left && memcmp(a.at, b.at, a.left) == 0;
}

/* Move to the record after which ours begin: the @nth one that has this text. */
static void skip_to(struct bytes *theirs, const char *text, int nth)
{
	struct bytes          before = *theirs;
	struct cmtrace_record record;

	while (cmtrace_next(theirs, &record)) {
		if (record.text.left == strlen(text) && memcmp(record.text.at, text, record.text.left) == 0 &&
		    --nth == 0) {
			*theirs = before;
			return;
		}
		before = *theirs;
	}
	cr_assert(that(false), "%s is not in the real log", text);
}

/* Our command lines tell the options, as newer ones do. */
static void without_options(struct bytes *text)
{
	static const char options[] = " with options (0, 4)";
	size_t            length = sizeof options - 1;

	if (text->left > length && memcmp(text->at + text->left - length, options, length) == 0)
		text->left -= length;
}

/* Each of our records is one of theirs, in order, but for what they alone say.  Returns how many. */
static size_t compare(struct blob ours, struct bytes theirs)
{
	struct bytes          rest = blob_bytes(ours, 0);
	struct cmtrace_record our, their;
	size_t                count = 0;

	for (; cmtrace_next(&rest, &our); count++) {
		do
			cr_assert(that(cmtrace_next(&theirs, &their)), "theirs ends after %zu", count);
		while (is_theirs_alone(&their));
		without_options(&our.text);
		without_options(&their.text);
		cr_assert(that(is_same(our.text, their.text)), "%zu\nours:   %.*s\ntheirs: %.*s", count,
			  (int)our.text.left, (const char *)our.text.at, (int)their.text.left,
			  (const char *)their.text.at);
		cr_expect(eq(int, our.type, their.type), "%.*s", (int)our.text.left,
			  (const char *)our.text.at);
		cr_expect(that(is_same(our.component, their.component)));
	}
	return count;
}

/* -------- an engine, as far as its words go -------- */

struct steps {
	struct cmtrace_writer *log;
	const char            *folder;   /* "D:\_SMSTaskSequence" */
	bool                   messages; /* says that no status message is sent */
	const char            *log_path;
};

static void message(const struct steps *steps)
{
	if (steps->messages)
		sequence_log_no_status_message(steps->log);
}

static void set_both(struct cmtrace_writer *log, const char *name, const char *value)
{
	sequence_log_variable(log, name, value);
	sequence_log_kept_variable(log, name, value);
}

static void save(const struct steps *steps, const char *next, const char *stack)
{
	sequence_log_folder_secured(steps->log, steps->folder);
	set_both(steps->log, "_SMSTSNextInstructionPointer", next);
	set_both(steps->log, "_SMSTSInstructionStackString", stack);
	sequence_log_environment_saved(steps->log);
}

static void saved(const struct steps *steps, const char *next, const char *stack)
{
	save(steps, next, stack);
	sequence_log_variable(steps->log, "_SMSTSLastActionRetryCount", "0");
}

static void begin(const struct steps *steps, const char *name, unsigned pointer)
{
	char number[16];

	snprintf(number, sizeof number, "%u", pointer);
	sequence_log_instruction(steps->log, name, pointer);
	sequence_log_variable(steps->log, "_SMSTSCurrentActionName", name);
	sequence_log_variable(steps->log, "_SMSTSNextInstructionPointer", number);
}

static void compare_variable(const struct steps *steps, const char *operator, const char * name,
			     const char *value)
{
	sequence_log_evaluating(steps->log, SEQUENCE_VARIABLE);
	sequence_log_expanding(steps->log, operator);
	sequence_log_expanding(steps->log, name);
	sequence_log_expanding(steps->log, value);
}

static void group_started(const struct steps *steps, const char *name)
{
	sequence_log_group_started(steps->log, name);
	message(steps);
}

static void group_skipped(const struct steps *steps, const char *name)
{
	sequence_log_skipped(steps->log, SEQUENCE_GROUP, name, SEQUENCE_SKIP_FALSE);
	message(steps);
	sequence_log_instruction_skipped(steps->log, name);
	sequence_log_variable(steps->log, "_SMSTSLastActionRetryCount", "0");
}

/* @where  the environment that the step supports, as it is expanded */
static void run(const struct steps *steps, const char *name, const char *command, const char *where)
{
	sequence_log_expanding(steps->log, command);
	sequence_log_expanding(steps->log, "");
	sequence_log_command(steps->log, command);
	sequence_log_expanding(steps->log, where);
	sequence_log_process_started(steps->log, command);
	sequence_log_process_completed(steps->log, 0);
	sequence_log_action_succeeded(steps->log, name, 0);
	message(steps);
	sequence_log_variable(steps->log, "_SMSTSLastActionRetCode", "0");
	sequence_log_variable(steps->log, "_SMSTSLastActionName", name);
	sequence_log_variable(steps->log, "_SMSTSLastActionSucceeded", "true");
}

static void defaults(const struct steps *steps, const char *const *names)
{
	for (; *names; names++)
		sequence_log_default_variable(steps->log, *names);
	sequence_log_variable(steps->log, "_SMSTSLogPath", steps->log_path);
}

static void finish(const struct steps *steps)
{
	sequence_log_expanding(steps->log, "%_SMSTSMDataPath%\\Logs");
	sequence_log_defaults_cleared(steps->log);
}

/* A whole step of an MDT sequence. */
static void step(const struct steps *steps, const char *name, unsigned pointer, const char *const *names,
		 const char *command, const char *where, const char *next, const char *stack)
{
	begin(steps, name, pointer);
	defaults(steps, names);
	run(steps, name, command, where);
	finish(steps);
	saved(steps, next, stack);
}

/* From the first word to the third group, in which one within it begins. */
static void play_mdt(const struct steps *steps)
{
	static const char *const rules[] = { "GatherLocalOnly", "RulesFile", NULL };
	static const char *const power[] = {
		"PackageID",   "RunAsUser", "SMSTSRunCommandLineUserName", "SMSTSRunCommandLineUserPassword",
		"LoadProfile", NULL
	};
	struct cmtrace_writer *log = steps->log;

	sequence_log_begin(log, "\"TsManager.exe\" /standalone");
	for (char letter = 'C'; letter <= 'E'; letter++) {
		char id[] = "C:\\_SMSTSVolumeID.7159644d-f741-45d5-ab29-0ad8aa4771ca";

		id[0] = letter;
		sequence_log_volume_id_deleted(log, id);
	}
	sequence_log_parsing(log);
	sequence_log_schema(log, "3.00");
	sequence_log_starting(log);
	sequence_log_variable(log, "_SMSTSNextInstructionPointer", "0");
	sequence_log_variable(log, "_SMSTSInstructionTableSize", "100");
	sequence_log_variable(log, "SMSTSRebootRequested", "");
	sequence_log_variable(log, "SMSTSRebootMessage", "");
	sequence_log_variable(log, "SMSTSRebootReason", "");
	sequence_log_variable(log, "SMSTSRetryRequested", "");
	sequence_log_started(log);
	message(steps);
	message(steps);

	begin(steps, "Initialization", 0);
	group_started(steps, "Initialization");
	saved(steps, "1", "0");
	step(steps, "Gather local only", 1, rules, "cscript.exe \"%SCRIPTROOT%\\ZTIGather.wsf\"", "", "2",
	     "0");
	step(steps, "Set High Performance Profile", 2, power,
	     "cscript.exe \"%SCRIPTROOT%\\Set-PowerCFG.wsf\" /High", "WinPEandFullOS", "3", "0");
	begin(steps, "Initialization", 3);
	sequence_log_group_completed(log, "Initialization");
	message(steps);
	saved(steps, "4", "");

	begin(steps, "Validation", 4);
	sequence_log_evaluating(log, SEQUENCE_AND);
	sequence_log_evaluating(log, SEQUENCE_OR);
	compare_variable(steps, "equals", "PHASE", "VALIDATION");
	group_skipped(steps, "Validation");
	begin(steps, "State Capture", 9);
	sequence_log_evaluating(log, SEQUENCE_AND);
	compare_variable(steps, "equals", "PHASE", "STATECAPTURE");
	group_skipped(steps, "State Capture");

	begin(steps, "Preinstall", 23);
	sequence_log_evaluating(log, SEQUENCE_AND);
	compare_variable(steps, "equals", "PHASE", "PREINSTALL");
	sequence_log_condition_true(log, SEQUENCE_GROUP, "Preinstall");
	group_started(steps, "Preinstall");
	saved(steps, "24", "23");
	step(steps, "Gather local only", 24, rules, "cscript.exe \"%SCRIPTROOT%\\ZTIGather.wsf\"", "", "25",
	     "23");
	begin(steps, "New Computer only", 25);
	sequence_log_evaluating(log, SEQUENCE_AND);
	compare_variable(steps, "equals", "DeploymentType", "NEWCOMPUTER");
	sequence_log_condition_true(log, SEQUENCE_GROUP, "New Computer only");
	group_started(steps, "New Computer only");
	saved(steps, "26", "23 25");
}

Test(sequence_log, the_beginning_of_an_mdt_sequence)
{
	struct blob           sample = sample_load(MDT), ours;
	struct bytes          theirs = blob_bytes(sample, 0);
	struct cmtrace_writer log = opened();
	struct steps          steps = { &log, "D:\\_SMSTaskSequence", true, "X:\\WINDOWS\\TEMP\\SMSTSLog" };

	play_mdt(&steps);
	ours = taken(&log);
	skip_to(&theirs, "Successfully intialized Logging for TS Manager.", 1);
	cr_expect(eq(sz, compare(ours, theirs), 193));
	free(ours.at);
	free(sample.at);
}

Test(sequence_log, conditions_of_actions)
{
	struct blob           sample = sample_load(MDT), ours;
	struct bytes          theirs = blob_bytes(sample, 0);
	struct cmtrace_writer log = opened();
	struct steps          steps = { &log, "C:\\_SMSTaskSequence", true, "X:\\WINDOWS\\TEMP\\SMSTSLog" };
	const char *bios = "Format and Partition Disk (BIOS)", *uefi = "Format and Partition Disk (UEFI)";

	sequence_log_evaluating(&log, SEQUENCE_AND);
	compare_variable(&steps, "notEquals", "IsUEFI", "True");
	sequence_log_condition_true(&log, SEQUENCE_ACTION, bios);
	run(&steps, bios, "cscript.exe \"%SCRIPTROOT%\\ZTIDiskpart.wsf\"", "WinPEandFullOS");
	finish(&steps);
	sequence_log_folder_missing(&log, "D:\\_SMSTaskSequence");
	ours = taken(&log);
	skip_to(&theirs, "Set a local default variable OSDPartitionStyle", 1);
	theirs.at += 1; /* inside that record: the next one is the first */
	theirs.left -= 1;
	skip_to(&theirs, "Evaluating an AND expression", 1);
	cr_expect(eq(sz, compare(ours, theirs), 22));
	free(ours.at);
	temp_write(path, "", 0);

	log = opened();
	sequence_log_skipped(&log, SEQUENCE_ACTION, uefi, SEQUENCE_SKIP_FALSE);
	message(&steps);
	sequence_log_defaults_cleared(&log);
	sequence_log_instruction_skipped(&log, uefi);
	ours = taken(&log);
	skip_to(&theirs,
		"The action (Format and Partition Disk (UEFI)) has been skipped because the condition is evaluated to be false",
		1);
	cr_expect(eq(sz, compare(ours, theirs), 4));
	free(ours.at);
	free(sample.at);
}

Test(sequence_log, a_restart_and_what_follows)
{
	static const char *const client[] = { "SMSClientInstallProperties", "_SMSClientPackageID", NULL };
	const char              *name = "Setup Windows and Configuration Manager";
	struct blob              sample = sample_load(CONFIGMGR), ours;
	struct bytes             theirs = blob_bytes(sample, 0);
	struct cmtrace_writer    log = opened();
	struct steps steps = { &log, "C:\\_SMSTaskSequence", false, "C:\\WINDOWS\\CCM\\Logs\\SMSTSLog" };

	sequence_log_retry(&log, name);
	sequence_log_rebooting(&log, false);
	ours = taken(&log);
	skip_to(&theirs, "The action (Setup Windows and Configuration Manager) requested a retry", 1);
	cr_expect(eq(sz, compare(ours, theirs), 3));
	free(ours.at);
	temp_write(path, "", 0);

	log = opened();
	sequence_log_reboot(&log);
	sequence_log_folder_secured(&log, "C:\\_SMSTSVolumeID.7159644d-f741-45d5-ab29-0ad8aa4771ca");
	sequence_log_folder_secured(&log, "S:\\_SMSTSVolumeID.7159644d-f741-45d5-ab29-0ad8aa4771ca");
	save(&steps, "33", "0 18"); /* the same again */
	sequence_log_expanding(&log, "%_SMSTSMDataPath%\\Logs");
	ours = taken(&log);
	skip_to(&theirs, "Calling RebootSystem()", 1);
	cr_expect(eq(sz, compare(ours, theirs), 10));
	free(ours.at);
	temp_write(path, "", 0);

	log = opened();
	sequence_log_parsing(&log);
	sequence_log_schema(&log, "3.10");
	sequence_log_starting(&log);
	sequence_log_resumed(&log, 33);
	sequence_log_variable(&log, "_SMSTSInstructionTableSize", "85");
	sequence_log_variable(&log, "SMSTSRebootRequested", "");
	sequence_log_variable(&log, "SMSTSRebootMessage", "");
	sequence_log_variable(&log, "SMSTSRebootReason", "");
	sequence_log_variable(&log, "SMSTSRetryRequested", "");
	sequence_log_started(&log);
	begin(&steps, name, 33);
	defaults(&steps, client);
	run(&steps, name, "OSDSetupWindows.exe", "WinPEandFullOS");
	sequence_log_defaults_cleared(&log);
	saved(&steps, "34", "0 18");
	begin(&steps, "Set CcmExec to Auto", 34);
	sequence_log_skipped(&log, SEQUENCE_ACTION, "Set CcmExec to Auto", SEQUENCE_SKIP_DISABLED);
	sequence_log_defaults_cleared(&log);
	sequence_log_instruction_skipped(&log, "Set CcmExec to Auto");
	ours = taken(&log);
	skip_to(&theirs, "Parsing task sequence . . .", 1);
	cr_expect(eq(sz, compare(ours, theirs), 44));
	free(ours.at);
	free(sample.at);
}

Test(sequence_log, the_end_of_a_sequence)
{
	struct blob           sample = sample_load(CONFIGMGR), ours;
	struct bytes          theirs = blob_bytes(sample, 0);
	struct cmtrace_writer log = opened();
	struct steps steps = { &log, "C:\\_SMSTaskSequence", false, "C:\\WINDOWS\\CCM\\Logs\\SMSTSLog" };

	begin(&steps, "Gather Logs on Failure", 77);
	sequence_log_evaluating(&log, SEQUENCE_AND);
	compare_variable(&steps, "equals", "_SMSTSLastActionSucceeded", "false");
	group_skipped(&steps, "Gather Logs on Failure");
	sequence_log_completed(&log);
	sequence_log_result(&log, SEQUENCE_SUCCESS, 0);
	sequence_log_cleaning_up(&log);
	ours = taken(&log);
	skip_to(&theirs,
		"Start executing an instruction. Instruction name: Gather Logs on Failure. Instruction pointer: 77",
		1);
	cr_expect(eq(sz, compare(ours, theirs), 15));
	free(ours.at);
	free(sample.at);
}

Test(sequence_log, a_wmi_condition_and_a_disabled_group)
{
	struct blob           sample = sample_load(CONFIGMGR), ours;
	struct bytes          theirs = blob_bytes(sample, 0);
	struct cmtrace_writer log = opened();
	struct steps          steps = { &log, "C:\\_SMSTaskSequence", false, "" };

	begin(&steps, "Install VMware Tools", 38);
	sequence_log_evaluating(&log, SEQUENCE_AND);
	sequence_log_evaluating(&log, SEQUENCE_WMI);
	sequence_log_expanding(&log, "root\\cimv2");
	sequence_log_expanding(
		&log, "select * from win32_ComputerSystem where model = \"VMware Virtual Platform\"");
	group_skipped(&steps, "Install VMware Tools");
	begin(&steps, "Install Software", 41);
	ours = taken(&log);
	skip_to(&theirs,
		"Start executing an instruction. Instruction name: Install VMware Tools. Instruction pointer: 38",
		1);
	cr_expect(eq(sz, compare(ours, theirs), 13));
	free(ours.at);
	free(sample.at);
}

/* -------- where there is no real log -------- */

/* Our records as lines: type, component, text. */
static char *lines_of(struct cmtrace_writer *log)
{
	struct blob           ours = taken(log);
	struct bytes          rest = blob_bytes(ours, 0);
	struct cmtrace_record record;
	char                 *lines;
	size_t                size;
	FILE                 *out = open_memstream(&lines, &size);

	while (cmtrace_next(&rest, &record))
		fprintf(out, "%d %.*s %.*s\n", (int)record.type, (int)record.component.left,
			(const char *)record.component.at, (int)record.text.left,
			(const char *)record.text.at);
	fclose(out);
	free(ours.at);
	return lines;
}

#define EXPECT_LINES(log, expected)                   \
	do {                                          \
		char *lines_ = lines_of(log);         \
                                                      \
		cr_expect(eq(str, lines_, expected)); \
		free(lines_);                         \
	} while (0)

Test(sequence_log, a_failure)
{
	struct cmtrace_writer log = opened();

	sequence_log_action_failed(&log, "Apply Windows PE", 0x80041002);
	sequence_log_group_failed(&log, "Capture Image");
	sequence_log_last_action_failed(&log, "Apply Windows PE", 0x80041002);
	sequence_log_result(&log, SEQUENCE_FAILURE, SEQUENCE_CODE_FAILED);
	sequence_log_manager_failed(&log, SEQUENCE_CODE_FAILED);
	sequence_log_action_failed(&log, "Capture", 0x80070070);
	sequence_log_failure_ignored(&log, SEQUENCE_ACTION, "Capture");
	sequence_log_action_retried(&log, "Capture", 0x80070070);
	sequence_log_skipped(&log, SEQUENCE_GROUP, "Restore", SEQUENCE_SKIP_UNKNOWN);
	sequence_log_failure_shown(&log, "Refresh", "Capture", 0x80070070);
	sequence_log_failure_reported(&log, "Capture", "State Capture", 0x80070070, "none");
	EXPECT_LINES(
		&log,
		"3 TSManager Failed to run the action: Apply Windows PE. \r\nNot found (Error: 80041002; Source: WMI)\n"
		"3 TSManager The execution of the group (Capture Image) has failed and the execution has been aborted. An "
		"action failed. \r\nOperation aborted (Error: 80004004; Source: Windows)\n"
		"3 TSManager Failed to run the last action: Apply Windows PE. Execution of task sequence failed. \r\nNot "
		"found (Error: 80041002; Source: WMI)\n"
		"3 TSManager Task Sequence Engine failed! Code: enExecutionFail\n"
		"1 TSManager ****************************************************************************\n"
		"3 TSManager Task sequence execution failed with error code 80004005\n"
		"3 TSManager Error Task Sequence Manager failed to execute task sequence. Code 0x80004005\n"
		"3 TSManager Failed to run the action: Capture. \r\nThere is not enough space on the disk. (Error: "
		"80070070; Source: Windows)\n"
		"2 TSManager The execution engine ignored the failure of the action (Capture) and continues execution\n"
		"2 TSManager Holdfast: the action (Capture) failed with 80070070 and is run again\n"
		"2 TSManager The group (Restore) has been skipped because the condition could not be evaluated\n"
		"3 TSManager Task sequence 'Refresh' has failed with the error code 0x80070070 in the task sequence step "
		"'Capture'.\n"
		"3 TSManager The task sequence execution engine failed executing the action (Capture) in the group (State "
		"Capture) with the error code 2147942512 \r\nAction output: none\n");
}

Test(sequence_log, reboot_result)
{
	struct cmtrace_writer log = opened();

	sequence_log_reboot_requested(&log, "Restart");
	sequence_log_rebooting(&log, true);
	sequence_log_result(&log, SEQUENCE_REBOOT, 0);
	sequence_log_no_volume(&log);
	sequence_log_environment_not_saved(&log, 0x80070057);
	EXPECT_LINES(
		&log,
		"1 TSManager The action (Restart) initiated a reboot request\n"
		"1 TSManager Reboot to WinPE\n"
		"1 TSManager Created volatile registry entry for pending reboot initiated by this task sequence\n"
		"1 TSManager ****************************************************************************\n"
		"2 TSManager Execution engine result code: Reboot (2)\n"
		"2 TSManager We do not find an available volume to store the local data path\n"
		"2 TSManager Failed to save environment to  (80070057)\n");
}

Test(sequence_log, secrets_are_not_shown)
{
	struct cmtrace_writer log = opened();

	sequence_log_variable(&log, "OSDMigrateLocalAccountPassword", "s3cret");
	sequence_log_kept_variable(&log, "osdjoinPASSWORD", "s3cret");
	sequence_log_variable(&log, "OSDStateEncryptDecryptKey", "s3cret");
	sequence_log_variable(&log, "OSDLocalAdminPassword", "");
	state_step_log_usmt_started(
		&log,
		"loadstate.exe \"C:\\s\" /LAC:s3cret /lae /key:\"s3cret \\\"s3cret\" /keyfile:s3cret /c /lac: x");
	EXPECT_LINES(
		&log,
		"0 TSManager Set a global environment variable OSDMigrateLocalAccountPassword=********\n"
		"0 TSManager Set a TS execution environment variable osdjoinPASSWORD=********\n"
		"0 TSManager Set a global environment variable OSDStateEncryptDecryptKey=********\n"
		"0 TSManager Set a global environment variable OSDLocalAdminPassword=\n"
		"1 OSDUSMT Executing command line: loadstate.exe \"C:\\s\" /LAC:*** /lae /key:*** /keyfile:*** /c /lac:*** x\n");
}

Test(sequence_log, every_expression_has_words)
{
	struct cmtrace_writer log = opened();

	for (int i = SEQUENCE_AND; i <= SEQUENCE_OTHER; i++)
		sequence_log_evaluating(&log, (enum sequence_expression)i);
	EXPECT_LINES(&log, "1 TSManager Evaluating an AND expression\n"
			   "1 TSManager Evaluating an OR expression\n"
			   "1 TSManager Evaluating a variable condition expression\n"
			   "1 TSManager Evaluating a WMI condition expression\n"
			   "1 TSManager Evaluating a NOT expression\n"
			   "1 TSManager Evaluating a file condition expression\n"
			   "1 TSManager Evaluating a folder condition expression\n"
			   "1 TSManager Evaluating a registry condition expression\n"
			   "1 TSManager Evaluating a software condition expression\n"
			   "1 TSManager Evaluating a condition expression\n");
}

Test(sequence_log, a_capture)
{
	struct cmtrace_writer log = opened();

	state_step_log_begin(&log, "\"osdmigrateuserstate.exe\" /collect");
	state_step_log_binary(&log, "C:\\u\\scanstate.exe");
	state_step_log_protected(&log, "", "USMTDemo");
	state_step_log_defaults(&log);
	state_step_log_source_computer(&log, "PARKREC01");
	state_step_log_hard_links(&log);
	state_step_log_config_files(&log, "migdocs.xml,migapp.xml");
	state_step_log_options(&log, "/hardlink /nocompress");
	state_step_log_command_built(&log);
	state_step_log_store_made(&log, "c:\\USMTDemo");
	state_step_log_usmt_started(&log, "scanstate.exe \"c:\\USMTDemo\" /o");
	state_step_log_usmt_completed(&log, 0, "scanstate.log");
	state_step_log_finished(&log, 0);
	EXPECT_LINES(
		&log,
		"1 OSDUSMT ==============================[ OSDMigrateUserState.exe ]==============================\n"
		"1 OSDUSMT Command line: \"osdmigrateuserstate.exe\" /collect\n"
		"1 OSDUSMT Running module version " HOLDFAST_VERSION "\n"
		"1 OSDUSMT Initializing from environment successful\n"
		"1 OSDUSMT USMT binary = C:\\u\\scanstate.exe\n"
		"1 OSDUSMT Initiailization succeeded\n"
		"1 OSDUSMT '_OSDProtectHardLinkStore' TS environment variable is empty\n"
		"1 OSDUSMT New '_OSDProtectHardLinkStore' TS Environment variable value = 'USMTDemo'\n"
		"1 OSDUSMT EncryptionKey ENV var not found. This may be because Local state Store is used.\n"
		"1 OSDUSMT Building Default USMT params successful\n"
		"1 OSDUSMT Source computer name set in environment:PARKREC01\n"
		"1 OSDUSMT Copy using hard links setting enabled.\n"
		"1 OSDUSMT ConfigFile list = \"migdocs.xml,migapp.xml\"\n"
		"1 OSDUSMT Adding config files to user params successful\n"
		"1 OSDUSMT Additional user defined options = \"/hardlink /nocompress\"\n"
		"1 OSDUSMT Building user defined params successful\n"
		"1 OSDUSMT Building USMT command successful\n"
		"1 OSDUSMT Creating directory \"c:\\USMTDemo\"\n"
		"1 OSDUSMT Securing store ..\n"
		"1 OSDUSMT Path is not a UNC Path. Trying it as a local path.\n"
		"1 OSDUSMT Executing command line: scanstate.exe \"c:\\USMTDemo\" /o\n"
		"1 OSDUSMT Process completed with exit code 0\n"
		"1 OSDUSMT USMT completed with exit code 0\n"
		"1 OSDUSMT OSDMigrateUserState finished: 0x00000000\n");
}

Test(sequence_log, a_restore_that_leaves_something_out)
{
	struct cmtrace_writer log = opened();

	state_step_log_usmt_completed(&log, 3, "loadstate.log");
	state_step_log_store_deleting(&log, "C:\\USMTDemo");
	state_step_log_store_deleted(&log, 0);
	EXPECT_LINES(
		&log,
		"1 OSDUSMT Process completed with exit code 3\n"
		"2 OSDUSMT USMT returned exit code (0x00000003). There were some errors which were ignored due to /c "
		"switch\n"
		"2 OSDUSMT Holdfast: done, but something was left out, which /c allows; see in the log's summary what was "
		"left out before anything is wiped or released\n"
		"1 OSDUSMT Building usmtutils.exe to clean up the hardlinks.\n"
		"1 OSDUSMT Executing command line: cmd /q /c ECHO Y | usmtutils.exe /rd \"C:\\USMTDemo\"\n"
		"1 OSDUSMT USMTUtils completed with exit code 0\n");
}

Test(sequence_log, usmt_codes_are_told_in_hexadecimal)
{
	struct cmtrace_writer log = opened();
	char                 *lines;

	state_step_log_usmt_completed(&log, 38, "scanstate.log");
	state_step_log_finished(&log, sequence_code_of_usmt(38));
	lines = lines_of(&log);
	cr_expect(that(strstr(lines, "0 OSDUSMT uExitCode == 0, HRESULT=80070026 (") != NULL));
	cr_expect(that(
		strstr(lines,
		       "3 OSDUSMT USMT returned exit code (0x00000026). Look USMT log file scanstate.log for "
		       "detail error message.\n") != NULL));
	cr_expect(that(strstr(lines, "2 OSDUSMT Holdfast: the store cannot be used; the store is empty") !=
		       NULL));
	cr_expect(that(strstr(lines, "3 OSDUSMT OSDMigrateUserState finished: 0x80070026\n") != NULL));
	free(lines);
}

Test(sequence_log, a_wipe_and_an_image)
{
	struct cmtrace_writer log = opened();

	apply_step_log_wipe_skipped(&log, "C:\\USMTDemo");
	apply_step_log_wiped(&log, "C:\\");
	apply_step_log_image(&log, "C:\\", 1);
	apply_step_log_disk_protected(&log, 0, "c:\\USMTDemo");
	EXPECT_LINES(
		&log,
		"1 ApplyOperatingSystem Skipping C:\\USMTDemo for wipe\n"
		"1 ApplyOperatingSystem Successfully wiped C:\\\n"
		"1 ApplyOperatingSystem Applying image to C:\\\n"
		"1 ApplyOperatingSystem Applying image 1\n"
		"3 OSDDiskPart Disk 0 contains protected path \"c:\\USMTDemo\"\n"
		"3 OSDDiskPart Attempt to partition disk containing a protected path. Disk index = 0\n"
		"3 OSDDiskPart OSDDiskPart.exe failed: 0x00000005\n");
}
