/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_action.c - see sequence_action.h */
#include "recover/sequence/sequence_action.h"

#include "core/cleanup.h"
#include "recover/sequence/sequence_command_line.h"

#include <string.h>
#include <strings.h>

/* -------- tables -------- */

static const struct sequence_action actions[] = {
	[ACTION_OTHER] = { ACTION_OTHER, "other", "runs something that is not known here" },
	[ACTION_SET_VARIABLE] = { ACTION_SET_VARIABLE, "set-variable", "sets a variable" },
	[ACTION_SET_DYNAMIC_VARIABLES] = { ACTION_SET_DYNAMIC_VARIABLES, "set-dynamic-variables",
					   "sets variables by rules" },
	[ACTION_REQUEST_STORE] = { ACTION_REQUEST_STORE, "request-store", "asks for a store of the users' state" },
	[ACTION_CAPTURE] = { ACTION_CAPTURE, "capture", "captures the users' state" },
	[ACTION_RESTORE] = { ACTION_RESTORE, "restore", "restores the users' state" },
	[ACTION_RELEASE_STORE] = { ACTION_RELEASE_STORE, "release-store", "gives the store of the users' state back" },
	[ACTION_PARTITION] = { ACTION_PARTITION, "partition", "partitions and formats the disk" },
	[ACTION_DISK_TOOL] = { ACTION_DISK_TOOL, "disk-tool", "runs a program that may erase a disk" },
	[ACTION_APPLY_SYSTEM] = { ACTION_APPLY_SYSTEM, "apply-system", "wipes the volume and applies a system image" },
	[ACTION_APPLY_DATA] = { ACTION_APPLY_DATA, "apply-data", "wipes a volume and applies a data image" },
	[ACTION_RESTART] = { ACTION_RESTART, "restart", "restarts" },
	[ACTION_SETUP_WINDOWS] = { ACTION_SETUP_WINDOWS, "setup-windows", "starts the new Windows for the first time" },
	[ACTION_GATHER] = { ACTION_GATHER, "gather", "finds out what kind of deployment it is" },
	[ACTION_NEXT_PHASE] = { ACTION_NEXT_PHASE, "next-phase", "begins the next phase" },
	[ACTION_SCANSTATE] = { ACTION_SCANSTATE, "scanstate", "captures by ScanState's command line" },
	[ACTION_LOADSTATE] = { ACTION_LOADSTATE, "loadstate", "restores by LoadState's command line" },
	[ACTION_USMTUTILS] = { ACTION_USMTUTILS, "usmtutils", "runs UsmtUtils" },
};

/* By type, behind "SMS_TaskSequence_" where it is ConfigMgr's. */
static const struct {
	const char               *type;
	enum sequence_action_kind kind;
} types[] = {
	{ "SetVariableAction", ACTION_SET_VARIABLE },
	{ "SetDynamicVariablesAction", ACTION_SET_DYNAMIC_VARIABLES },
	{ "RequestStateStoreAction", ACTION_REQUEST_STORE },
	{ "CaptureUserStateAction", ACTION_CAPTURE },
	{ "RestoreUserStateAction", ACTION_RESTORE },
	{ "ReleaseStateStoreAction", ACTION_RELEASE_STORE },
	{ "PartitionDiskAction", ACTION_PARTITION },
	{ "ApplyOperatingSystemAction", ACTION_APPLY_SYSTEM },
	{ "ApplyDataImageAction", ACTION_APPLY_DATA },
	{ "RebootAction", ACTION_RESTART },
	{ "SetupWindowsAndSMSAction", ACTION_SETUP_WINDOWS },
	{ "BDD_InstallOS", ACTION_APPLY_SYSTEM },
	{ "BDD_Gather", ACTION_GATHER },
};

/* By what the command line runs, the first that fits. */
static const struct {
	const char               *program;
	const char               *option; /* that stands behind it; NULL: any */
	enum sequence_action_kind kind;
} programs[] = {
	{ "tsenv.exe", NULL, ACTION_SET_VARIABLE },
	{ "osdsmpclient.exe", "/release", ACTION_RELEASE_STORE },
	{ "osdsmpclient.exe", NULL, ACTION_REQUEST_STORE },
	{ "osdmigrateuserstate.exe", "/collect", ACTION_CAPTURE },
	{ "osdmigrateuserstate.exe", "/apply", ACTION_RESTORE },
	{ "osddiskpart.exe", NULL, ACTION_PARTITION },
	{ "osdapplyos.exe", "/data:", ACTION_APPLY_DATA },
	{ "osdapplyos.exe", NULL, ACTION_APPLY_SYSTEM },
	{ "osdsetupwindows.exe", NULL, ACTION_SETUP_WINDOWS },
	{ "smsboot.exe", NULL, ACTION_RESTART },
	{ "ztiuserstate.wsf", "/capture", ACTION_CAPTURE },
	{ "ztiuserstate.wsf", "/restore", ACTION_RESTORE },
	{ "ztidiskpart.wsf", NULL, ACTION_PARTITION },
	{ "ltiapply.wsf", "/pe", ACTION_OTHER },
	{ "ltiapply.wsf", "/post", ACTION_OTHER },
	{ "ltiapply.wsf", NULL, ACTION_APPLY_SYSTEM },
	{ "ztigather.wsf", NULL, ACTION_GATHER },
	{ "ztinextphase.wsf", NULL, ACTION_NEXT_PHASE },
	{ "scanstate.exe", NULL, ACTION_SCANSTATE },
	{ "scanstate", NULL, ACTION_SCANSTATE },
	{ "loadstate.exe", NULL, ACTION_LOADSTATE },
	{ "loadstate", NULL, ACTION_LOADSTATE },
	{ "usmtutils.exe", NULL, ACTION_USMTUTILS },
	{ "usmtutils", NULL, ACTION_USMTUTILS },
	{ "diskpart.exe", NULL, ACTION_DISK_TOOL },
	{ "diskpart", NULL, ACTION_DISK_TOOL },
	{ "format.com", NULL, ACTION_DISK_TOOL },
};

/* -------- what a step does -------- */

static enum sequence_action_kind kind_of_command(const char *line)
{
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
		const char *at = command_line_find(line, programs[i].program);

		if (at && (!programs[i].option || strcasestr(at, programs[i].option)))
			return programs[i].kind;
	}
	return ACTION_OTHER;
}

const struct sequence_action *sequence_action_of(const struct sequence_item *item)
{
	static const char prefix[] = "SMS_TaskSequence_";
	const char       *type = item->type;

	if (strncasecmp(type, prefix, sizeof prefix - 1) == 0)
		type += sizeof prefix - 1;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcasecmp(types[i].type, type) == 0)
			return &actions[types[i].kind];
	return &actions[kind_of_command(item->action)];
}

/* -------- its parts -------- */

/* A default of the step by its property, NULL if there is none. */
static const struct sequence_default *find_property(const struct sequence_item *item, const char *property)
{
	for (size_t i = 0; i < item->default_count; i++)
		if (strcasecmp(item->defaults[i].property, property) == 0)
			return &item->defaults[i];
	return NULL;
}

/*
 * NAME=VALUE of a command line: tsenv.exe "NAME=VALUE" /hiddenflag:True.  The value ends with the last quote; without
 * quotes it ends with the line.
 */
static bool split_command(const char *line, char **name, char **value)
{
	const char *program = command_line_find(line, "tsenv.exe"), *at, *end, *sign;

	if (!program)
		return false;
	at = program + strlen("tsenv.exe");
	at += strspn(at, "\" \t");
	end = strrchr(at, '"') ? strrchr(at, '"') : at + strlen(at);
	sign = memchr(at, '=', (size_t)(end - at));
	if (!sign)
		return false;
	*name = strndup(at, (size_t)(sign - at));
	*value = strndup(sign + 1, (size_t)(end - sign - 1));
	return true;
}

int sequence_action_assignment(const struct sequence_item *item, const struct sequence_variables *variables, char **name,
			       char **value, bool *secret, struct error *err)
{
	const struct sequence_default *named = find_property(item, "VariableName"), *valued;
	CLEANUP(free_ptr) char        *raw_name = NULL, *raw_value = NULL;

	*name = *value = NULL;
	*secret = strcasestr(item->action, "/hiddenflag:true") != NULL;
	valued = find_property(item, "VariableValue");
	if (named && valued && *named->value) {
		raw_name = strdup(named->value);
		raw_value = strdup(valued->value);
	} else if (!split_command(item->action, &raw_name, &raw_value)) {
		return error_set(err, ERROR_VALUE, NULL, "does not say which variable it sets: '%.80s'", item->action);
	}
	if (!raw_name || !raw_value)
		return error_memory(err);
	if (sequence_variables_expand(variables, raw_name, name, NULL, err) == 0 &&
	    sequence_variables_expand(variables, raw_value, value, secret, err) == 0)
		return 0;
	free(TAKE(*name));
	return -1;
}

const char *sequence_action_target(const struct sequence_item *item, const struct sequence_variables *variables)
{
	const char *target = sequence_variables_get(variables, "SMSRebootTarget");

	/* MDT's restarts all say WinPE; what is booted is told by the phase that begins */
	if (strcasecmp(sequence_variables_get(variables, "PHASE"), "STATERESTORE") == 0)
		return "HD";
	if (strcasecmp(target, "WinPE") == 0 || (!*target && strcasestr(item->action, "/target:WinPE")))
		return "WinPE";
	return "HD";
}

const char *sequence_action_next_phase(const char *phase)
{
	static const char *const phases[] = { "VALIDATION", "STATECAPTURE", "PREINSTALL", "INSTALL", "POSTINSTALL",
					      "STATERESTORE" };

	for (size_t i = 0; i + 1 < sizeof phases / sizeof phases[0]; i++)
		if (strcasecmp(phases[i], phase) == 0)
			return phases[i + 1];
	return NULL;
}
