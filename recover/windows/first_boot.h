/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * first_boot.h - what only the target Windows itself can do, as files for its first start
 *
 * A local account cannot be made safely from outside: its keys in SAM are sealed with the machine's own.  So a
 * script makes it at the end of Windows Setup, and then knows its SID: gives it its profile, in ProfileList,
 * and its files, whose permissions still speak of the stored SID.  The same for accounts of a domain that got
 * another name.  Names from a disk stand in the script and in the answer file as quoted text and nowhere
 * else; one that no account can have is left out, and the instructions say so.
 */
#ifndef RECOVER_WINDOWS_FIRST_BOOT_H
#define RECOVER_WINDOWS_FIRST_BOOT_H

#include "recover/windows/account_map.h"

#define FIRST_BOOT_SCRIPT       "holdfast-accounts.ps1"
#define FIRST_BOOT_COMMAND      "SetupComplete.cmd"
#define FIRST_BOOT_UNATTEND     "holdfast-unattend.xml"
#define FIRST_BOOT_INSTRUCTIONS "holdfast-accounts.txt"

struct first_boot_options {
	bool        enable;   /* /lae: accounts that are made can be used at once */
	const char *password; /* of /lac; NULL: none is set */
};

struct first_boot_file {
	char  *bytes;
	size_t size;
};

struct first_boot {
	struct first_boot_file script;       /* PowerShell, UTF-8 with a byte order mark, as Windows wants it */
	struct first_boot_file command;      /* starts the script */
	struct first_boot_file unattend;     /* the accounts to be made, for the answer file of Setup */
	struct first_boot_file instructions; /* what to do with the three */
	size_t                 left_out;     /* accounts that none of them speaks of */
};

/*
 * Write the files for those of @accounts that are MAPPED_CREATE or MAPPED_LATER.
 * Returns 1, 0 if there is nothing to be done at the first start, -1: no memory, or a password with
 * characters that none can have.  first_boot_release in any case.
 */
MUST_CHECK int first_boot_make(struct first_boot *files, const struct windows *target,
			       const struct mapped_accounts *accounts, const struct first_boot_options *options,
			       struct error *err);
void           first_boot_release(struct first_boot *files);

#endif
