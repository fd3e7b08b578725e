/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sequence_logger.c - whole logs of ours beside real ones, read by the same reader
 *
 * Each text is reduced to its form: names, values and numbers are left out.  A form of ours must be one of a real log's,
 * or stand in a list below; so must each form of theirs.  And any three of theirs that stand one behind the other in our
 * log do so in a real one.
 */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_action.h"
#include "recover/sequence/sequence_logger.h"
#include "recover/sequence/sequence_start.h"

#include <string.h>

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

TestSuite(sequence_logger, .init = make_folder, .fini = remove_folder);

/* -------- a run -------- */

/* A step whose name has "fails" in it fails, "restarts" asks for a restart, "again" to be run again behind it. */
struct running {
	struct sequence_file      file;
	struct sequence_table     table;
	struct sequence_variables variables;
	struct sequence_machine   machine;
	struct sequence_watch     watch;
	struct sequence_logger    logger;
	struct cmtrace_writer     log;
	bool                      restarted;
};

static int evaluate(void *context, const struct sequence_item *item, enum answer *answer, struct error *err)
{
	struct running *running = context;
	char           *why;

	if (sequence_condition_evaluate(&running->machine, item->condition, answer, &why, err) < 0)
		return -1;
	free(why);
	return 0;
}

static int work(struct running *running, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	char *name, *value;
	bool  secret, again = strstr(item->name, "again") && !running->restarted;

	*code = strstr(item->name, "fails") ? 0x80070005 : 0;
	running->logger.why = *code ? "our word" : NULL;
	if (sequence_action_of(item)->kind == ACTION_SET_VARIABLE &&
	    sequence_action_assignment(item, &running->variables, &name, &value, &secret, err) == 0) {
		cr_assert(eq(int, sequence_variables_assign(&running->variables, name, value, secret, err), 0));
		free(name);
		free(value);
	}
	if (again && sequence_variables_set(&running->variables, "SMSTSRetryRequested", "true", err) < 0)
		return -1;
	if (!again && !strstr(item->name, "restarts"))
		return 0;
	running->restarted = true;
	return sequence_variables_set(&running->variables, "SMSTSRebootRequested", again ? "HD" : "WinPE", err);
}

static int run(void *context, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	struct running *running = context;

	sequence_logger_step(&running->logger, item);
	if (work(running, item, code, err) < 0)
		return -1;
	sequence_logger_step_completed(&running->logger, *code);
	return 0;
}

static int save(void *context, struct error *err)
{
	(void)context;
	(void)err;
	return 0;
}

static int tell(void *context, const struct sequence_event *event, struct error *err)
{
	struct running *running = context;

	(void)err;
	sequence_logger_tell(&running->logger, event);
	return 0;
}

static void begin(struct running *running, const char *const *settings, size_t count)
{
	struct error err = { 0 };

	cr_assert(eq(int, cmtrace_open(&running->log, path, 0, &err), 0), "%s", err.text);
	cr_assert(eq(int, sequence_table_make(&running->table, &running->file, &err), 0));
	cr_assert(eq(int, sequence_start(&running->variables, &running->file, settings, count, 'C', NULL, &err), 0));
	running->logger = (struct sequence_logger){ .log = &running->log, .file = &running->file, .table = &running->table,
						    .variables = &running->variables };
	running->watch = sequence_logger_watch(&running->logger);
	running->machine = (struct sequence_machine){ .variables = &running->variables, .watch = &running->watch };
}

static void release(struct running *running)
{
	struct error err = { 0 };

	cr_expect(eq(int, cmtrace_close(&running->log, &err), 0));
	cmtrace_release(&running->log);
	sequence_variables_release(&running->variables);
	sequence_table_release(&running->table);
	sequence_file_release(&running->file);
}

/* Run the file that was read, to its end, into the log. */
static enum sequence_progress play(struct running *running, const char *const *settings, size_t count)
{
	struct sequence_host   host = { running, evaluate, run, save, tell };
	struct sequence_engine engine = { .table = &running->table, .variables = &running->variables, .host = &host };
	enum sequence_progress progress = SEQUENCE_GOES_ON;
	struct error           err = { 0 };

	begin(running, settings, count);
	sequence_logger_begin(&running->logger, "holdfast run x.xml C=/dev/sda2");
	cr_assert(eq(int, sequence_engine_begin(&engine, &err), 0));
	while (progress <= SEQUENCE_WANTS_REBOOT) {
		if (progress == SEQUENCE_WANTS_REBOOT) {
			sequence_logger_end(&running->logger, SEQUENCE_REBOOT, 0);
			sequence_logger_begin(&running->logger, "holdfast run x.xml C=/dev/sda2");
			cr_assert(eq(int, sequence_engine_resume(&engine, &err), 0));
		}
		cr_assert(eq(int, sequence_engine_step(&engine, &progress, &err), 0), "%s", err.text);
	}
	sequence_logger_end(&running->logger, progress == SEQUENCE_HAS_ENDED ? SEQUENCE_SUCCESS : SEQUENCE_FAILURE,
			    progress == SEQUENCE_HAS_ENDED ? 0 : SEQUENCE_CODE_FAILED);
	return progress;
}

static enum sequence_progress play_text(const char *xml, const char *const *settings, size_t count)
{
	struct running         running = { 0 };
	struct error           err = { 0 };
	enum sequence_progress progress;

	cr_assert(eq(int, sequence_file_parse(&running.file, "own.xml", xml, strlen(xml), &err), 0), "%s", err.text);
	progress = play(&running, settings, count);
	release(&running);
	return progress;
}

/* -------- sequences -------- */

#define VARIABLE(name, operator, value) \
	"<expression type='SMS_TaskSequence_VariableConditionExpression'><variable name='Variable'>" name \
	"</variable><variable name='Operator'>" operator "</variable><variable name='Value'>" value \
	"</variable></expression>"
#define WMI(query) \
	"<expression type='SMS_TaskSequence_WMIConditionExpression'><variable name='Namespace'>root\\cimv2</variable>" \
	"<variable name='Query'>" query "</variable></expression>"
#define IF(inside) "<condition>" inside "</condition>"
#define DEFAULTS \
	"<defaultVarList><variable name='PackageID'>X1</variable><variable name='RunAsUser'>false</variable>" \
	"</defaultVarList>"
#define STEP(name, attributes, inside) \
	"<step type='SMS_TaskSequence_RunCommandLineAction' name='" name "' runIn='WinPEandFullOS' " attributes ">" \
	"<action>smsswd.exe /run: x.exe %Name%</action>" inside "</step>"

static const char good_xml[] =
	"<sequence version='3.10' name='Ours'><group name='First'>" IF(
		"<operator type='or'>" VARIABLE("PHASE", "equals", "INSTALL") "</operator>")
	STEP("one", "", DEFAULTS) STEP("off", "disable='true'", DEFAULTS)
	STEP("not here", "", DEFAULTS IF(VARIABLE("PHASE", "equals", "OTHER")))
	STEP("here", "", DEFAULTS IF(VARIABLE("PHASE", "equals", "INSTALL")))
	STEP("one that fails", "continueOnError='true'", DEFAULTS)
	STEP("runs again", "", DEFAULTS) STEP("restarts", "", DEFAULTS) STEP("plain", "", "")
	"</group><group name='Off' disable='true'>" STEP("a", "", "") "</group>"
	"<group name='No'>" IF(WMI("select * from Win32_Battery where Model = 1")) STEP("a", "", "") "</group>"
	"<group name='Third' continueOnError='true'><group name='In it'>" STEP("fails", "retryCount='1'", "")
	STEP("a", "", "") "</group></group></sequence>";

static const char bad_xml[] =
	"<sequence version='3.10'><group name='Only'>" STEP("fails", "", DEFAULTS) "</group></sequence>";

/* -------- forms -------- */

struct forms ARRAY(char *);

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static bool is_one_of(const char *form, const char *const *heads)
{
	for (; *heads; heads++)
		if (begins(form, *heads))
			return true;
	return false;
}

/* What the engine says in words that are in no log here: of Microsoft's documents, and at the end our own. */
static const char *const ours_alone[] = {
	"Failed to run the action: ",
	"The task sequence execution engine failed executing the action",
	"The execution of the group (",
	"The execution engine ignored the failure of the ",
	"Failed to run the last action: ",
	"Task sequence '",
	"Task Sequence Engine failed! Code: enExecutionFail",
	"Task sequence execution failed with error code ",
	"Error Task Sequence Manager failed to execute task sequence. Code ",
	"Execution engine result code: Reboot",
	"The action () initiated a reboot request",
	"Reboot to WinPE",
	"The group () has been skipped because the condition could not be evaluated",
	"The action () has been skipped because the condition could not be evaluated",
	"Holdfast: ",
	NULL,
};

/* What the real engine tells of servers, services, firmware and files that are not ours. */
static const char *const theirs_alone[] = {
	"CLibSMSMessageWinHttpTransport::Send: ",
	"Client push lock file found.",
	"Command line for extension ",
	"Compiling Config policy",
	"Config policies compiled successfully",
	"Deleting volume ID file ",
	"End TS policy compilation",
	"Executing as a standalone exe",
	"Failed to create ",
	"Failed to find property ",
	"MP server ",
	"New/Changed ActualConfig policy instance",
	"No logging settings found in TS environement",
	"No variables found in default variable list",
	"OSD type of task sequence.",
	"Path variable ",
	"Policy ",
	"Reading logging settings from TS environment to set TS logging",
	"Request was successful.",
	"Sending StatusMessage",
	"Set command line: ",
	"Setting authenticator",
	"Setting the authenticator.",
	"Start to compile TS policy",
	"Sub TS variable ",
	"Successfully registered Task Sequencing COM Interface.",
	"Successfully save execution state and environment to local hard disk",
	"TSUEFIDrive: ",
	"Total RequestedConfig policy instance",
	"UEFI: ",
	"Updated security on object ",
	"Updating settings in ",
	"Waiting for policy to be compiled in ",
	"_OSDGinaIsConfigured variable ",
	"_SMSTSServiceStartType variable ",
	"C:\\_SMSTaskSequence does not exist",
	"D:\\_SMSTaskSequence does not exist",
	NULL,
};

/* One form behind another where no real log here is like ours, and why that is right. */
static const char *const pairs_alone[][2] = {
	/* a step without any default */
	{ "Set a global environment variable _SMSTSNextInstructionPointer=", "Set a global environment variable _SMSTSLogPath=" },
	/* a step that is run again at once */
	{ "Set a global environment variable _SMSTSLastActionRetryCount=", "Expand a string: " },
	/* theirs runs bcdedit.exe in between */
	{ "Created volatile registry entry for pending reboot initiated by this task sequence", "Calling RebootSystem()" },
	/* a restart: theirs ends here, for the machine does */
	{ "Save the current environment block",
	  "****************************************************************************" },
	/* a restart in the full system: theirs, in Windows PE, asks before where the logs are to go */
	{ "Clear local default environment", "The action () requested a retry" },
	/* a sequence that ends with what was run: theirs skips the last group */
	{ "Set a global environment variable _SMSTSLastActionRetryCount=",
	  "The task exeuction engine successfully completed the execution" },
	/* the next run in the same log */
	{ "Cleaning Up.", "Successfully intialized Logging for TS Manager." },
};

/* A text without what is different each time.  To be freed. */
static char *form_of(struct bytes text)
{
	static const char *const heads[] = {
		"Expand a string: ",
		"Start executing the command line: ",
		"Executing command line: ",
		"Commandline: ",
		"Set a local default variable ",
		"Start executing an instruction. Instruction name: ",
		NULL,
	};
	static const char message[] =
		"Executing in non SMS standalone mode. Ignoring send a task execution status message request";
	char *form = strndup((const char *)text.at, text.left), *open = strchr(form, '('), *close = strrchr(form, ')');

	if (strcmp(form, "Not in SSL") == 0) { /* a message is sent: said instead where there is a server */
		free(form);
		return strdup(message);
	}
	for (size_t i = 0; heads[i]; i++)
		if (begins(form, heads[i])) {
			form[strlen(heads[i])] = '\0';
			return form;
		}
	if (begins(form, "Set a ") && strchr(form, '='))
		strchr(form, '=')[1] = '\0';
	else if (open && close)
		memmove(open + 1, close, strlen(close) + 1);
	for (char *at = form + strcspn(form, "0123456789"); *at; at += strcspn(at, "0123456789")) {
		memmove(at + 1, at + strspn(at, "0123456789."), strlen(at + strspn(at, "0123456789.")) + 1);
		*at++ = '#';
	}
	return form;
}

/* The forms of all that the engine says in a log; of a real one, up to its end. */
static void read_forms(struct blob log, bool real, struct forms *forms)
{
	struct bytes          rest = blob_bytes(log, 0);
	struct cmtrace_record record;

	while (cmtrace_next(&rest, &record)) {
		if (!real)
			cr_expect(that(record.damage == CMTRACE_WHOLE && record.time && record.thread && record.line &&
				       record.type < CMTRACE_TYPES));
		if (record.component.left != 9 || memcmp(record.component.at, "TSManager", 9) != 0)
			continue;
		cr_assert(that(array_push(forms, form_of(record.text))));
		if (real && strcmp(forms->items[forms->count - 1], "Cleaning Up.") == 0)
			return;
	}
}

static void read_real_forms(const char *sample, struct forms *forms)
{
	struct blob log = sample_load(sample);

	read_forms(log, true, forms);
	free(log.at);
}

static void forms_release(struct forms *forms)
{
	for (size_t i = 0; i < forms->count; i++)
		free(forms->items[i]);
	array_release(forms);
}

static bool has(const struct forms *forms, const char *form)
{
	for (size_t i = 0; i < forms->count; i++)
		if (strcmp(forms->items[i], form) == 0)
			return true;
	return false;
}

/* Do these three stand one behind the other anywhere, but for what they alone say? */
static bool follow(const struct forms *forms, char *const three[3])
{
	const char *before[2] = { "", "" };

	for (size_t i = 0; i < forms->count; i++) {
		if (is_one_of(forms->items[i], theirs_alone))
			continue;
		if (strcmp(before[0], three[0]) == 0 && strcmp(before[1], three[1]) == 0 &&
		    strcmp(forms->items[i], three[2]) == 0)
			return true;
		before[0] = before[1];
		before[1] = forms->items[i];
	}
	return false;
}

/* Is one of the three a line that is ours alone, or two of them a pair that is? */
static bool are_ours(char *const three[3])
{
	for (size_t i = 0; i < 3; i++)
		if (is_one_of(three[i], ours_alone))
			return true;
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < COUNT(pairs_alone); j++)
			if (strcmp(pairs_alone[j][0], three[i]) == 0 && strcmp(pairs_alone[j][1], three[i + 1]) == 0)
				return true;
	return false;
}

Test(sequence_logger, a_log_of_ours_reads_like_a_real_one)
{
	static const char *const install[] = { "PHASE=INSTALL" };
	static const char *const pe[] = { "PHASE=PREINSTALL", "DeploymentType=NEWCOMPUTER" };
	struct forms             ours = { 0 }, theirs = { 0 };
	struct running           mdt = { 0 };
	struct blob              sample, log;
	struct error             err = { 0 };

	read_real_forms("usmt/smsts-mdt-winpe-2019.log", &theirs);
	read_real_forms("usmt/smsts-configmgr-fullos-2019.log", &theirs);
	cr_assert(gt(sz, theirs.count, 1800));

	cr_assert(eq(int, play_text(good_xml, install, 1), SEQUENCE_HAS_ENDED));
	cr_assert(eq(int, play_text(bad_xml, NULL, 0), SEQUENCE_HAS_FAILED));
	sample = sample_load("usmt/mdt-ts-W10ENT-X64.xml");
	cr_assert(eq(int, sequence_file_parse(&mdt.file, "mdt", sample.at, sample.size, &err), 0), "%s", err.text);
	cr_assert(eq(int, play(&mdt, pe, 2), SEQUENCE_HAS_ENDED));
	release(&mdt);
	log = temp_read(path);
	read_forms(log, false, &ours);
	cr_assert(gt(sz, ours.count, 500));

	for (size_t i = 0; i < ours.count; i++)
		cr_expect(that(is_one_of(ours.items[i], ours_alone) || has(&theirs, ours.items[i])), "ours alone: %s",
			  ours.items[i]);
	for (size_t i = 0; i < theirs.count; i++)
		cr_expect(that(is_one_of(theirs.items[i], theirs_alone) || has(&ours, theirs.items[i])), "theirs alone: %s",
			  theirs.items[i]);
	for (size_t i = 0; i + 2 < ours.count; i++)
		cr_expect(that(are_ours(ours.items + i) || follow(&theirs, ours.items + i)), "in no real log:\n%s\n%s\n%s",
			  ours.items[i], ours.items[i + 1], ours.items[i + 2]);
	forms_release(&ours);
	forms_release(&theirs);
	free(sample.at);
	free(log.at);
}

/* -------- what no real log here tells -------- */

/* All that was told as lines: type, text. */
static char *told(void)
{
	struct blob           log = temp_read(path);
	struct bytes          rest = blob_bytes(log, 0);
	struct cmtrace_record record;
	char                 *lines;
	size_t                size;
	FILE                 *out = open_memstream(&lines, &size);

	while (cmtrace_next(&rest, &record))
		fprintf(out, "%d %.*s\n", (int)record.type, (int)record.text.left, (const char *)record.text.at);
	fclose(out);
	free(log.at);
	return lines;
}

#define EXPECT_TOLD(lines, ...) cr_expect(that(strstr(lines, __VA_ARGS__)), "%s", lines)
#define NO_MESSAGE \
	"1 Executing in non SMS standalone mode. Ignoring send a task execution status message request\n"

Test(sequence_logger, a_failure_that_ends_it)
{
	char *lines;

	cr_assert(eq(int, play_text(bad_xml, NULL, 0), SEQUENCE_HAS_FAILED));
	lines = told();
	EXPECT_TOLD(lines,
		    "1 Process completed with exit code 2147942405\n"
		    "1 !--------------------------------------------------------------------------------------------!\n"
		    "3 Failed to run the action: fails. \r\nAccess is denied. (Error: 80070005; Source: Windows)\n"
		    "2 Holdfast: ");
	EXPECT_TOLD(lines,
		    "3 The task sequence execution engine failed executing the action (fails) in the group (Only) with the "
		    "error code 2147942405 \r\nAction output: our word\n" NO_MESSAGE
		    "0 Set a global environment variable _SMSTSLastActionRetCode=-2147024891\n"
		    "0 Set a global environment variable _SMSTSLastActionName=fails\n"
		    "0 Set a global environment variable _SMSTSLastActionSucceeded=false\n"
		    "0 Clear local default environment\n"
		    "3 The execution of the group (Only) has failed and the execution has been aborted. An action failed. "
		    "\r\nOperation aborted (Error: 80004004; Source: Windows)\n" NO_MESSAGE
		    "3 Failed to run the last action: fails. Execution of task sequence failed. \r\nAccess is denied. "
		    "(Error: 80070005; Source: Windows)\n" NO_MESSAGE
		    "3 Task sequence 'own.xml' has failed with the error code 0x80070005 in the task sequence step 'fails'.\n"
		    "3 Task Sequence Engine failed! Code: enExecutionFail\n"
		    "1 ****************************************************************************\n"
		    "3 Task sequence execution failed with error code 80004005\n"
		    "1 Cleaning Up.\n"
		    "3 Error Task Sequence Manager failed to execute task sequence. Code 0x80004005\n");
	free(lines);
}

Test(sequence_logger, failures_that_do_not_matter)
{
	static const char *const install[] = { "PHASE=INSTALL" };
	char                    *lines;

	cr_assert(eq(int, play_text(good_xml, install, 1), SEQUENCE_HAS_ENDED));
	lines = told();
	EXPECT_TOLD(lines,
		    "0 Set a global environment variable _SMSTSLastActionSucceeded=false\n"
		    "0 Clear local default environment\n"
		    "2 The execution engine ignored the failure of the action (one that fails) and continues execution\n"
		    "0 Set a global environment variable _SMSTSNextInstructionPointer=6\n");
	EXPECT_TOLD(lines,
		    "2 Holdfast: the action (fails) failed with 80070005 and is run again\n"
		    "0 Set a global environment variable _SMSTSLastActionRetryCount=1\n"
		    "0 Expand a string: smsswd.exe /run: x.exe %Name%\n");
	EXPECT_TOLD(lines,
		    "3 The execution of the group (Third) has failed and the execution has been aborted. An action failed. "
		    "\r\nOperation aborted (Error: 80004004; Source: Windows)\n" NO_MESSAGE
		    "2 The execution engine ignored the failure of the group (Third) and continues execution\n"
		    "0 Set a global environment variable _SMSTSNextInstructionPointer=22\n");
	free(lines);
}

Test(sequence_logger, restarts)
{
	static const char *const install[] = { "PHASE=INSTALL" };
	char                    *lines;

	cr_assert(eq(int, play_text(good_xml, install, 1), SEQUENCE_HAS_ENDED));
	lines = told();
	EXPECT_TOLD(lines,
		    "0 Clear local default environment\n"
		    "1 The action (runs again) requested a retry\n"
		    "1 Reboot to local harddisk\n"
		    "1 Created volatile registry entry for pending reboot initiated by this task sequence\n"
		    "1 Calling RebootSystem()\n"
		    "0 Set a global environment variable _SMSTSNextInstructionPointer=6\n");
	EXPECT_TOLD(lines,
		    "1 NextInstructionPointer: 6\n"
		    "0 Set a global environment variable _SMSTSInstructionTableSize=22\n");
	EXPECT_TOLD(lines,
		    "1 The action (restarts) initiated a reboot request\n"
		    "1 Reboot to WinPE\n");
	EXPECT_TOLD(lines,
		    "2 Execution engine result code: Reboot (2)\n"
		    "1 Successfully intialized Logging for TS Manager.\n");
	free(lines);
}

Test(sequence_logger, secrets_are_not_shown)
{
	static const char xml[] =
		"<sequence version='3.10'>"
		"<step type='SMS_TaskSequence_SetVariableAction' name='a'><action>tsenv.exe \"Pin=s3cret\" "
		"/hiddenflag:True</action><defaultVarList><variable name='VariableName' property='VariableName'>Pin</variable>"
		"<variable name='VariableValue' property='VariableValue'>s3cret</variable></defaultVarList></step>"
		"<step type='SMS_TaskSequence_SetVariableAction' name='b'><action>tsenv.exe \"OSDJoinPassword=s3cret\"</action>"
		"</step>"
		"<step type='SMS_TaskSequence_SetVariableAction' name='c'><action>tsenv.exe s3cret /hiddenflag:True</action></step>"
		"<step name='d'><action>scanstate.exe C:\\s /encrypt /key:s3cret /c</action>" IF(
			VARIABLE("Pin", "equals", "s3cret") VARIABLE("OSDJoinPassword", "notEquals", "s3cret2")) "</step>"
		"</sequence>";
	struct running           running = { 0 };
	struct error             err = { 0 };
	char                    *lines;

	cr_assert(eq(int, sequence_file_parse(&running.file, "x", xml, strlen(xml), &err), 0), "%s", err.text);
	cr_assert(eq(int, sequence_variables_set_hidden(&running.variables, "_SMSTSLogPath", "s3cret", true, &err), 0));
	cr_assert(eq(int, play(&running, NULL, 0), SEQUENCE_HAS_ENDED));
	release(&running);
	lines = told();
	cr_expect(that(!strstr(lines, "s3cret")), "%s", lines);
	EXPECT_TOLD(lines, "1 Executing command line: tsenv.exe \"Pin=********\" /hiddenflag:True with options");
	EXPECT_TOLD(lines, "1 Executing command line: tsenv.exe \"OSDJoinPassword=***\" with options");
	EXPECT_TOLD(lines, "1 Executing command line: scanstate.exe C:\\s /encrypt /key:*** /c with options");
	EXPECT_TOLD(lines, "0 Expand a string: Pin\n0 Expand a string: ********\n");
	EXPECT_TOLD(lines, "_SMSTSLogPath=********\n");
	free(lines);
}
