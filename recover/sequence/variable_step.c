/* SPDX-License-Identifier: GPL-3.0-or-later */
/* variable_step.c - see variable_step.h */
#include "recover/sequence/variable_step.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/sequence/sequence_secret.h"

#include <stdarg.h>

#define CODE_INVALID_PARAMETER 0x80070057u

struct setting {
	struct sequence_variables *variables;
	bool                       winpe;
	char                     **note;
};

__attribute__((format(printf, 3, 4))) static int note(const struct setting *setting, struct error *err,
						      const char *format, ...)
{
	va_list list;

	va_start(list, format);
	*setting->note = text_format_list(format, list);
	va_end(list);
	return *setting->note ? 0 : error_memory(err);
}

static int set(const struct setting *setting, const char *name, const char *value, struct error *err)
{
	return sequence_variables_set(setting->variables, name, value, err);
}

static const char *get(const struct setting *setting, const char *name)
{
	return sequence_variables_get(setting->variables, name);
}

static int set_variable(const struct setting *setting, const struct sequence_item *item, uint32_t *code,
			struct error *err)
{
	CLEANUP(free_ptr) char *name = NULL, *value = NULL;
	bool                    secret;

	if (sequence_action_assignment(item, setting->variables, &name, &value, &secret, err) == 0) {
		secret = secret || sequence_secret_is_named(name);
		if (sequence_variables_assign(setting->variables, name, value, secret, err) == 0)
			return note(setting, err, "%s=%s", name, secret ? "(hidden)" : value);
	}
	*code = CODE_INVALID_PARAMETER;
	return err->kind == ERROR_MEMORY ? -1 : note(setting, err, "%s", err->text);
}

static int restart(const struct setting *setting, const struct sequence_item *item, struct error *err)
{
	return set(setting, "SMSTSRebootRequested", sequence_action_target(item, setting->variables), err);
}

/* It restarts out of Windows PE, and is run again in the new Windows. */
static int setup_windows(const struct setting *setting, struct error *err)
{
	if (note(setting, err, "is left to the new Windows itself") < 0)
		return -1;
	if (!setting->winpe)
		return 0;
	if (set(setting, "SMSTSRetryRequested", "true", err) < 0)
		return -1;
	return set(setting, "SMSTSRebootRequested", "HD", err);
}

/* What MDT takes a deployment for that begins in a running Windows, or in Windows PE. */
static int gather(const struct setting *setting, struct error *err)
{
	if (!*get(setting, "DeploymentType") &&
	    set(setting, "DeploymentType", setting->winpe ? "NEWCOMPUTER" : "REFRESH", err) < 0)
		return -1;
	if (!*get(setting, "PHASE") && set(setting, "PHASE", setting->winpe ? "PREINSTALL" : "VALIDATION", err) < 0)
		return -1;
	return note(setting, err, "DeploymentType=%s, PHASE=%s", get(setting, "DeploymentType"), get(setting, "PHASE"));
}

static int next_phase(const struct setting *setting, struct error *err)
{
	const char *next = sequence_action_next_phase(get(setting, "PHASE"));

	if (!next)
		return note(setting, err, "no phase is known behind '%s'", get(setting, "PHASE"));
	if (set(setting, "PHASE", next, err) < 0)
		return -1;
	return note(setting, err, "PHASE=%s", next);
}

bool variable_step_is(enum sequence_action_kind kind)
{
	return kind == ACTION_SET_VARIABLE || kind == ACTION_RESTART || kind == ACTION_SETUP_WINDOWS ||
	       kind == ACTION_GATHER || kind == ACTION_NEXT_PHASE;
}

int variable_step_run(const struct sequence_item *item, struct sequence_variables *variables, bool winpe, char **noted,
		      uint32_t *code, struct error *err)
{
	struct setting setting = { variables, winpe, noted };

	*noted = NULL;
	*code = 0;
	switch (sequence_action_of(item)->kind) {
	case ACTION_SET_VARIABLE:
		return set_variable(&setting, item, code, err);
	case ACTION_RESTART:
		return restart(&setting, item, err);
	case ACTION_SETUP_WINDOWS:
		return setup_windows(&setting, err);
	case ACTION_GATHER:
		return gather(&setting, err);
	case ACTION_NEXT_PHASE:
		return next_phase(&setting, err);
	default:
		return 0;
	}
}
