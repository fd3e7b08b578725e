/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sam.h - the accounts that a machine has of its own
 *
 * Format: SAM\Domains\Account: V ends with the machine's SID; Users\Names\<name> has the RID as the type of
 * its default value; Users\<RID>\F has flags at 0x38.  Seen in hives of Windows XP to 11.
 */
#ifndef RECOVER_WINDOWS_SAM_H
#define RECOVER_WINDOWS_SAM_H

#include "recover/registry/hive.h"

struct local_account {
	char    *name;
	uint32_t rid;
	bool     disabled;
};

struct local_accounts ARRAY(struct local_account); /* in the hive's order: by name */

/*
 * Read the accounts and the machine's SID out of a SAM hive.
 * @machine_sid  "S-1-5-21-a-b-c", to be freed, NULL if it is not there
 * Returns 0, or -1.  local_accounts_release and free in any case.
 */
MUST_CHECK int sam_read(const struct hive *hive, struct local_accounts *accounts, char **machine_sid,
			struct error *err);
void           local_accounts_release(struct local_accounts *accounts);

/* The account of that name, case aside, or with that RID; NULL if there is none. */
const struct local_account *local_account_named(const struct local_accounts *accounts, const char *name);
const struct local_account *local_account_of_rid(const struct local_accounts *accounts, uint32_t rid);

#endif
