/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_read_cmtrace.c - smsts.log and BDD.log as events (log_event.h)
 *
 * Texts of TSManager, OSDMigrateUserState, OSDApplyOS, OSDDiskPart and the scripts of MDT, letter for letter
 * with their slips.
 */
#include "scan/cmtrace.h"
#include "scan/story/log_reading.h"

#define COMPONENT_MAX 40u
#define PENDING_MAX   16u /* components that run a command at once; more take the oldest one's place */
#define TASK_FOLDER   "\\_SMSTaskSequence"

/* A component's command that has not ended yet. */
struct pending {
	char          component[COMPONENT_MAX];
	enum log_work work;
	const char   *path;
};

struct smsts {
	struct log_reading *reading;
	char                component[COMPONENT_MAX]; /* of the record at hand; "" if that is torn */
	struct pending      pending[PENDING_MAX];
	unsigned            oldest;
	const char         *step; /* under way; "" */
	bool                has_number;
	uint32_t            number, resumed;
	const char         *folder; /* of the sequence */
	bool                ended;  /* the end of the sequence has been told */
	const char         *wiping, *applying; /* what; NULL: nothing */
};

#define SAY(smsts, ...) log_say((smsts)->reading, (struct log_event){ __VA_ARGS__ })

static const char *keep(struct smsts *smsts, const char *from, const char *to)
{
	return log_keep(smsts->reading, from, (size_t)(to - from));
}

static const char *keep_rest(struct smsts *smsts, const char *from)
{
	return log_keep(smsts->reading, from, strcspn(from, "\r\n"));
}

/* What stands between @beginning and @end; NULL if the text is not of that form. */
static const char *between(struct smsts *smsts, const char *text, const char *beginning, const char *end)
{
	const char *from = log_after(text, beginning);
	const char *to = from ? strstr(from, end) : NULL;

	return to ? keep(smsts, from, to) : NULL;
}

static bool is_component(const struct smsts *smsts, const char *name)
{
	return strcmp(smsts->component, name) == 0;
}

/* -------- commands -------- */

/* A command begins: what it does is remembered until its exit code comes. */
static void command_begins(struct smsts *smsts, const char *line)
{
	struct log_command command = log_command_read(line);
	struct pending    *pending = NULL;

	for (size_t i = 0; i < PENDING_MAX && !pending; i++)
		if (is_component(smsts, smsts->pending[i].component))
			pending = &smsts->pending[i];
	if (!pending && command.work == LOG_WORK_NONE)
		return;
	if (!pending)
		pending = &smsts->pending[smsts->oldest++ % PENDING_MAX];
	*pending = (struct pending){ .work = command.work };
	memcpy(pending->component, smsts->component, sizeof pending->component);
	if (command.work == LOG_WORK_NONE)
		return;
	pending->path = log_keep(smsts->reading, command.path, command.path_length);
	if (command.work == LOG_WORK_APPLY && smsts->applying)
		return; /* told already */
	SAY(smsts, .kind = log_work_began(command.work), .path = pending->path);
}

static void command_ends(struct smsts *smsts, const char *number)
{
	uint32_t code;

	if (!log_code(number, 10, &code))
		return;
	for (size_t i = 0; i < PENDING_MAX; i++) {
		struct pending *pending = &smsts->pending[i];

		if (pending->work == LOG_WORK_NONE || !pending->path || !is_component(smsts, pending->component))
			continue;
		log_say_ended(smsts->reading, pending->work, code,
			      pending->work == LOG_WORK_APPLY && smsts->applying ? smsts->applying : pending->path);
		if (pending->work == LOG_WORK_APPLY)
			smsts->applying = NULL;
		pending->work = LOG_WORK_NONE;
		return;
	}
}

static bool read_command(struct smsts *smsts, const char *text)
{
	static const char *const begins[] = { "Executing command line: ", "About to run command: " };
	static const char *const ends[] = { "Process completed with exit code ", "Return code from command = ",
					    "USMTUtils completed with exit code " };
	const char *rest;

	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if ((rest = log_after(text, begins[i])))
			return command_begins(smsts, rest), true;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if ((rest = log_after(text, ends[i])))
			return command_ends(smsts, rest), true;
	return false;
}

/* -------- wiping and applying -------- */

/* The first word about a wipe: it is under way.  @path  something on the volume */
static void wipe_goes_on(struct smsts *smsts, const char *path)
{
	const char *plain = log_after(path, "\\\\?\\");

	if (smsts->wiping)
		return;
	path = plain ? plain : path;
	smsts->wiping = path[0] && path[1] == ':' ? log_keep(smsts->reading, (char[]){ path[0], ':', '\\' }, 3) : "";
	SAY(smsts, .kind = LOG_WIPE_BEGAN, .path = smsts->wiping);
}

/* A step ends: what it was at has ended with it. */
static void work_ends(struct smsts *smsts, enum log_outcome outcome, uint32_t code)
{
	bool has_code = outcome == LOG_FAILED;

	if (smsts->wiping && outcome == LOG_FAILED)
		SAY(smsts, .kind = LOG_WIPE_ENDED, .outcome = outcome, .has_code = has_code, .code = code,
		    .path = smsts->wiping);
	if (smsts->applying)
		SAY(smsts, .kind = LOG_APPLY_ENDED, .outcome = outcome, .has_code = has_code, .code = code,
		    .path = smsts->applying);
	smsts->wiping = smsts->applying = NULL;
}

/* OSDApplyOS.exe */
static bool read_apply(struct smsts *smsts, const char *text)
{
	const char *path, *rest;

	if ((path = between(smsts, text, "Skipping ", " for wipe"))) {
		wipe_goes_on(smsts, path);
		SAY(smsts, .kind = LOG_WIPE_SKIPPED, .path = path);
	} else if ((rest = log_after(text, "Successfully wiped "))) {
		wipe_goes_on(smsts, rest);
		SAY(smsts, .kind = LOG_WIPE_ENDED, .outcome = LOG_WELL, .path = keep_rest(smsts, rest));
		smsts->wiping = NULL;
	} else if ((rest = log_after(text, "Applying image to "))) {
		smsts->wiping = NULL;
		smsts->applying = keep_rest(smsts, rest);
		SAY(smsts, .kind = LOG_APPLY_BEGAN, .path = smsts->applying);
	} else if (!is_component(smsts, "ApplyOperatingSystem")) {
		return false;
	} else if ((rest = log_after(text, "Unable to delete file ")) ||
		   (rest = log_after(text, "Unable to delete directory "))) {
		wipe_goes_on(smsts, rest + (*rest == '\''));
	}
	return true;
}

/* OSDDiskPart.exe */
static bool read_partition(struct smsts *smsts, const char *text)
{
	const char *rest = log_after(text, "OSDDiskPart.exe failed: ");
	uint32_t    code;

	if (!rest || !log_code(rest, 16, &code))
		return false;
	SAY(smsts, .kind = LOG_PARTITION_ENDED, .outcome = LOG_FAILED, .has_code = true, .code = code);
	return true;
}

/* -------- TSManager -------- */

/* "... (Error: 80070005; Source: Windows)" */
static bool code_of_failure(const char *text, uint32_t *code)
{
	const char *at = strstr(text, "(Error: ");

	return at && log_code(at + strlen("(Error: "), 16, code);
}

/* "NAME. " and what Windows says, on a line of its own: a name may have such a point itself. */
static const char *end_of_failed_name(const char *text)
{
	const char *end = text + strcspn(text, "\r\n");

	if (!*end)
		end = strstr(text, ". ") ? strstr(text, ". ") : end;
	while (end > text && strchr(" .", end[-1]))
		end--;
	return end;
}

static void step_ends(struct smsts *smsts, const char *step, enum log_outcome outcome, bool has_code, uint32_t code)
{
	work_ends(smsts, outcome, code);
	SAY(smsts, .kind = LOG_STEP_ENDED, .step = step, .outcome = outcome, .has_code = has_code, .code = code,
	    .has_number = smsts->has_number && strcmp(step, smsts->step) == 0, .number = smsts->number);
	smsts->step = "";
	smsts->has_number = false;
}

static void sequence_ends(struct smsts *smsts, enum log_outcome outcome, const char *step, bool has_code, uint32_t code)
{
	if (!smsts->ended)
		SAY(smsts, .kind = LOG_SEQUENCE_ENDED, .outcome = outcome, .step = step, .has_code = has_code, .code = code);
	smsts->ended = true;
}

static bool read_step(struct smsts *smsts, const char *text)
{
	const char *rest, *step, *number;
	uint32_t    code = 0;
	bool        known;

	if ((step = between(smsts, text, "Start executing an instruction. Instruction name: ", ". Instruction pointer: "))) {
		number = strstr(text, ". Instruction pointer: ") + strlen(". Instruction pointer: ");
		smsts->step = step;
		smsts->has_number = log_code(number, 10, &smsts->number);
	} else if (log_after(text, "Start executing the command line: ")) {
		SAY(smsts, .kind = LOG_STEP_BEGAN, .step = smsts->step, .has_number = smsts->has_number,
		    .number = smsts->number);
	} else if ((step = between(smsts, text, "Successfully completed the action (", ") with the exit win32 code "))) {
		rest = strstr(text, ") with the exit win32 code ") + strlen(") with the exit win32 code ");
		known = log_code(rest, 10, &code);
		step_ends(smsts, step, LOG_WELL, known, code);
	} else if ((rest = log_after(text, "Failed to run the action: "))) {
		step = keep(smsts, rest, end_of_failed_name(rest));
		known = code_of_failure(text, &code);
		step_ends(smsts, step, LOG_FAILED, known, code);
	} else if ((step = between(smsts, text, "Failed to run the last action: ", ". Execution of task sequence failed"))) {
		known = code_of_failure(text, &code);
		sequence_ends(smsts, LOG_FAILED, step, known, code);
	} else if ((step = between(smsts, text, "The execution engine ignored the failure of the action (",
				   ") and continues execution"))) {
		SAY(smsts, .kind = LOG_FAILURE_IGNORED, .step = step);
	} else {
		return false;
	}
	return true;
}

/* "Task sequence 'X' has failed with the error code 0x... in the task sequence step 'Y'." */
static bool read_failure_shown(struct smsts *smsts, const char *text)
{
	static const char mark[] = "' has failed with the error code ";
	const char       *at = log_after(text, "Task sequence '") ? strstr(text, mark) : NULL, *step;
	uint32_t          code;

	if (!at || !log_code(at + sizeof mark - 1, 16, &code))
		return false;
	at = strstr(at, " in the task sequence step '");
	step = at ? between(smsts, at, " in the task sequence step '", "'") : NULL;
	sequence_ends(smsts, LOG_FAILED, step, true, code);
	return true;
}

static bool read_sequence(struct smsts *smsts, const char *text)
{
	const char *rest;
	uint32_t    code;

	if ((rest = log_after(text, "NextInstructionPointer: "))) {
		if (!log_code(rest, 10, &smsts->resumed))
			smsts->resumed = 0;
	} else if (log_after(text, "The task execution engine started execution")) {
		SAY(smsts, .kind = LOG_SEQUENCE_BEGAN, .has_number = smsts->resumed != 0, .number = smsts->resumed);
		smsts->resumed = 0;
		smsts->ended = false;
	} else if (log_after(text, "Execution engine result code: Success")) {
		sequence_ends(smsts, LOG_WELL, NULL, false, 0);
	} else if (((rest = log_after(text, "Task sequence execution failed with error code ")) ||
		    (rest = log_after(text, "Error Task Sequence Manager failed to execute task sequence. Code "))) &&
		   log_code(rest, 16, &code)) {
		sequence_ends(smsts, LOG_FAILED, NULL, true, code);
	} else if (log_after(text, "Calling RebootSystem()")) {
		SAY(smsts, .kind = LOG_RESTART);
	} else {
		return read_failure_shown(smsts, text);
	}
	return true;
}

/* What is said of the store and of the sequence's own folder. */
static bool read_folders(struct smsts *smsts, const char *text)
{
	static const char *const stores[] = {
		"Set a global environment variable OSDStateStorePath=",
		"New '_OSDProtectHardLinkStore' TS Environment variable value = '",
		"Property OSDSTATESTOREPATH is now = ",
		"Property STATESTOREPATH is now = ",
	};
	const char *rest, *at;
	uint32_t    code;

	for (size_t i = 0; i < sizeof stores / sizeof stores[0]; i++)
		if ((rest = log_after(text, stores[i]))) {
			size_t length = strcspn(rest, "'\r\n");

			if (length)
				SAY(smsts, .kind = LOG_STORE_PATH, .path = log_keep(smsts->reading, rest, length));
			return true;
		}
	if ((rest = log_after(text, "Set a global environment variable _SMSTSMDataPath="))) {
		smsts->folder = keep_rest(smsts, rest);
	} else if (log_after(text, "Cleaning up task sequence folder")) {
		SAY(smsts, .kind = LOG_DELETE_BEGAN, .path = smsts->folder);
	} else if ((rest = log_after(text, "RemoveDirectoryW failed (")) && log_code(rest, 16, &code) &&
		   (at = strstr(rest, ") for "))) {
		SAY(smsts, .kind = LOG_DELETE_ENDED, .outcome = LOG_FAILED, .has_code = true, .code = code,
		    .path = keep_rest(smsts, at + strlen(") for ")));
	} else {
		return false;
	}
	return true;
}

/* -------- MDT -------- */

static bool read_mdt_failure(struct smsts *smsts, const char *text)
{
	const char *rest, *at;
	uint32_t    code = 0;
	bool        known;

	if ((rest = log_after(text, "ZTI ERROR - Non-zero return code by ")) && (at = strstr(rest, ", rc = "))) {
		known = log_code(at + strlen(", rc = "), 10, &code);
		step_ends(smsts, keep(smsts, rest, at), LOG_FAILED, known, code);
	} else if ((rest = log_after(text, "ZTI ERROR - Unhandled error returned by ")) && (at = strchr(rest, ':'))) {
		step_ends(smsts, keep(smsts, rest, at), LOG_FAILED, false, 0);
	} else if ((rest = log_after(text, "Litetouch deployment failed, Return Code = "))) {
		known = log_code(rest, 10, &code);
		sequence_ends(smsts, LOG_FAILED, NULL, known, code);
	} else {
		return false;
	}
	return true;
}

static bool read_mdt(struct smsts *smsts, const char *text)
{
	static const char done[] = " processing completed successfully.";
	const char       *rest, *path;
	size_t            length = strlen(smsts->component);

	if (length && (rest = log_after(text, smsts->component)) && log_after(rest, done)) {
		step_ends(smsts, keep(smsts, text, rest), LOG_WELL, false, 0);
	} else if (log_after(text, "LTI beginning deployment")) {
		SAY(smsts, .kind = LOG_SEQUENCE_BEGAN);
		smsts->ended = false;
	} else if (log_after(text, "LTI initiating task sequence-requested reboot.")) {
		SAY(smsts, .kind = LOG_RESTART);
	} else if (log_after(text, "Cleaning off old operating system")) {
		wipe_goes_on(smsts, "");
	} else if (is_component(smsts, "LTIApply") && (rest = log_after(text, "Skipping "))) {
		wipe_goes_on(smsts, rest);
		SAY(smsts, .kind = LOG_WIPE_SKIPPED, .path = keep_rest(smsts, rest));
	} else if ((path = between(smsts, text, "LTI applying image ", " using "))) {
		smsts->applying = path;
		SAY(smsts, .kind = LOG_APPLY_BEGAN, .path = path);
	} else {
		return read_mdt_failure(smsts, text);
	}
	return true;
}

/* -------- records -------- */

/*
 * MDT's scripts write +000 whatever the zone is; they have no thread.  Windows' programs have, and know.
 */
static void take_time(struct log_event *now, const struct cmtrace_record *record)
{
	bool known = record->has_bias && (record->bias_minutes || record->thread);

	now->time = record->time;
	now->bias_minutes = known ? record->bias_minutes : 0;
	now->clock = !record->time ? LOG_CLOCK_NONE : known ? LOG_CLOCK_UTC : LOG_CLOCK_LOCAL;
}

static void take_component(struct smsts *smsts, struct bytes component)
{
	size_t length = component.left < COMPONENT_MAX ? component.left : COMPONENT_MAX - 1;

	memset(smsts->component, 0, COMPONENT_MAX);
	if (length)
		memcpy(smsts->component, component.at, length);
}

void log_read_cmtrace(struct log_reading *reading, struct bytes text)
{
	struct smsts          smsts = { .reading = reading, .step = "", .folder = TASK_FOLDER };
	struct cmtrace_record record;

	for (size_t i = 0; i < PENDING_MAX; i++)
		smsts.pending[i].work = LOG_WORK_NONE;
	while (!reading->failed && cmtrace_next(&text, &record)) {
		take_time(&reading->now, &record);
		take_component(&smsts, record.component);
		reading->now.torn = record.damage != CMTRACE_WHOLE;
		reading->now.offset = record.whole.offset;
		log_reading_take(reading, record.text);
		(void)(read_command(&smsts, reading->text) || read_step(&smsts, reading->text) ||
		       read_sequence(&smsts, reading->text) || read_folders(&smsts, reading->text) ||
		       read_partition(&smsts, reading->text) || read_mdt(&smsts, reading->text) ||
		       read_apply(&smsts, reading->text));
	}
}
