/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_code.c - see usmt_code.h */
#include "report/usmt_code.h"

#include <stddef.h>

#define CODE(code, meaning) { code, #code, meaning }

static const struct code {
	int         code;
	const char *symbol, *meaning;
} codes[] = {
	CODE(USMT_SUCCESS, "all well"),
	CODE(USMT_DISPLAY_HELP, "help was asked for"),
	CODE(USMT_STATUS_CANCELED, "cancelled by the user, or stopped at an encrypted file"),
	CODE(USMT_WOULD_HAVE_FAILED, "done, but something was left out, which /c allows"),
	CODE(USMT_INVALID_PARAMETERS, "the command line cannot be"),
	CODE(USMT_ERROR_OPTION_PARAM_TOO_LARGE, "an argument is longer than 256 characters"),
	CODE(USMT_INIT_LOGFILE_FAILED, "the log cannot be written"),
	CODE(USMT_ERROR_USE_LAC, "a local account is missing, and /lac is not given"),
	CODE(USMT_INIT_ERROR, "no Windows was found, or several"),
	CODE(USMT_INVALID_STORE_LOCATION, "no usable store there, or one that may not be overwritten"),
	CODE(USMT_UNABLE_GET_SCRIPTFILES, "a rule file is missing or cannot be read"),
	CODE(USMT_FAILED_MIGSTARTUP, "the migration could not be begun"),
	CODE(USMT_UNABLE_FINDMIGUNITS, "the volumes could not be searched"),
	CODE(USMT_FAILED_SETMIGRATIONTYPE, "the migration could not be set up"),
	CODE(USMT_UNABLE_READKEY, "the key cannot be read"),
	CODE(USMT_ERROR_INSUFFICIENT_RIGHTS, "the rights do not suffice"),
	CODE(USMT_UNABLE_DELETE_STORE, "the store could not be deleted"),
	CODE(USMT_ERROR_UNSUPPORTED_PLATFORM, "not on this kind of system"),
	CODE(USMT_ERROR_NO_INVALID_KEY, "the key is wrong"),
	CODE(USMT_ERROR_CORRUPTED_NOTENCRYPTED_STORE, "the store cannot be used"),
	CODE(USMT_UNABLE_TO_READ_CONFIG_FILE, "Config.xml cannot be read"),
	CODE(USMT_ERROR_UNABLE_CREATE_PROGRESS_LOG, "the progress log cannot be written"),
	CODE(USMT_PREFLIGHT_FILE_CREATION_FAILED, "the estimate cannot be written"),
	CODE(USMT_ERROR_CORRUPTED_STORE, "the store is damaged"),
	CODE(USMT_MIGRATION_STOPPED_NONFATAL, "stopped at an error that /c would have passed over"),
	CODE(USMT_INIT_OPERATING_ENVIRONMENT_FAILED, "the users and settings of Windows could not be read"),
	CODE(USMT_UNABLE_DOMIGRATION, "the migration failed"),
};

static const struct code *find(int code)
{
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (codes[i].code == code)
			return &codes[i];
	return NULL;
}

const char *usmt_code_symbol(int code)
{
	const struct code *found = find(code);

	return found ? found->symbol : NULL;
}

const char *usmt_code_meaning(int code)
{
	const struct code *found = find(code);

	return found ? found->meaning : NULL;
}
