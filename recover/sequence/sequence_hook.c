/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_hook.c - see sequence_hook.h */
#include "recover/sequence/sequence_hook.h"

#include "core/cleanup.h"
#include "recover/sequence/process.h"
#include "recover/usmt/usmt_volumes.h"
#include "report/sequence_code.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define TYPE_BEGIN "SMS_TaskSequence_"
#define TYPE_END   "Action"
#define MINUTE_MS  60000u

/* -------- which -------- */

int sequence_hook_parse(struct sequence_hook *hook, char *text, struct error *err)
{
	char       *sign = strchr(text, '=');
	struct stat status;

	if (!sign || sign == text || !sign[1])
		return error_set(err, ERROR_USAGE, NULL,
				 "--hook '%.80s': write TYPE=PROGRAM, as in SetupWindowsAndSMS=/srv/setup.sh", text);
	if (stat(sign + 1, &status) < 0 || !S_ISREG(status.st_mode) || access(sign + 1, X_OK) < 0)
		return error_set(err, ERROR_USAGE, sign + 1,
				 "is no program that can be run: write its path, and make it executable");
	*sign = '\0';
	*hook = (struct sequence_hook){ .type = text, .program = sign + 1 };
	return 0;
}

/* Where a type's own name begins, and its length. */
static const char *own_name(const char *type, size_t *length)
{
	const size_t begin = strlen(TYPE_BEGIN), end = strlen(TYPE_END);

	if (strncasecmp(type, TYPE_BEGIN, begin) == 0)
		type += begin;
	*length = strlen(type);
	if (*length > end && strcasecmp(type + *length - end, TYPE_END) == 0)
		*length -= end;
	return type;
}

static bool is_of_type(const char *said, const char *type)
{
	size_t      said_length, length;
	const char *said_name = own_name(said, &said_length), *name = own_name(type, &length);

	return said_length == length && strncasecmp(said_name, name, length) == 0;
}

const struct sequence_hook *sequence_hooks_find(const struct sequence_hook *hooks, size_t count,
						const struct sequence_item *item)
{
	for (size_t i = count; !item->group && i--;)
		if (is_of_type(hooks[i].type, item->type))
			return &hooks[i];
	return NULL;
}

/* -------- running -------- */

/* "HOLDFAST_VOLUMES=C=disk.img@2 D=/dev/sdb1"; to be freed. */
static char *tell_volumes(char *const *volumes, size_t count, struct error *err)
{
	char  *text = NULL;
	size_t size = 0;
	FILE  *out = open_memstream(&text, &size);

	if (!out) {
		(void)error_memory(err);
		return NULL;
	}
	fputs(USMT_VOLUMES_VARIABLE "=", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? " " : "", volumes[i]);
	if (fclose(out) == 0)
		return text;
	free(text);
	(void)error_memory(err);
	return NULL;
}

/* The variable lists them with blanks between. */
static int refuse_blanks(const struct sequence_hook *hook, char *const *volumes, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (volumes[i][strcspn(volumes[i], " \t\n")])
			return error_set(err, ERROR_USAGE, hook->program,
					 "cannot be told of the volume '%.80s', which has a blank in it: name it by a link "
					 "that has none", volumes[i]);
	return 0;
}

/* Our own environment, with @volumes in the place of what said so there; the list alone is to be freed. */
static char **make_environment(char *volumes, struct error *err)
{
	const size_t name = strlen(USMT_VOLUMES_VARIABLE "=");
	size_t       count = 0, kept = 0;
	char       **all;

	while (environ && environ[count])
		count++;
	all = calloc(count + 2, sizeof *all);
	if (!all) {
		(void)error_memory(err);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], volumes, name) != 0)
			all[kept++] = environ[i];
	all[kept] = volumes;
	return all;
}

static uint32_t code_of(const struct process_end *end)
{
	switch (end->how) {
	case PROCESS_TIMED_OUT:
		return SEQUENCE_CODE_TIMEOUT;
	case PROCESS_SIGNALLED:
		return SEQUENCE_CODE_FAILED;
	default:
		return (uint32_t)end->number;
	}
}

int sequence_hook_run(const struct sequence_hook *hook, const struct sequence_item *item,
		      const struct sequence_variables *variables, char *const *volumes, size_t volume_count,
		      uint32_t *code, struct error *err)
{
	CLEANUP(free_ptr) char  *command = NULL;
	CLEANUP(free_ptr) char  *told = NULL;
	CLEANUP(free_ptr) char **environment = NULL;
	struct process_end       end;

	if (refuse_blanks(hook, volumes, volume_count, err) < 0 ||
	    sequence_variables_expand(variables, item->action, &command, NULL, err) < 0)
		return -1;
	told = tell_volumes(volumes, volume_count, err);
	environment = told ? make_environment(told, err) : NULL;
	if (!environment ||
	    process_run((char *[]){ (char *)hook->program, (char *)item->type, (char *)item->name, command, NULL },
			environment, (uint64_t)item->timeout_minutes * MINUTE_MS, PROCESS_GRACE_MS, &end, err) < 0)
		return -1;
	*code = code_of(&end);
	return 0;
}
