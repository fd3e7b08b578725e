/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sam.c - see sam.h */
#include "recover/windows/sam.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "recover/security/sid.h"
#include "recover/windows/account_name.h"

#include <inttypes.h>
#include <string.h>

#define ACCOUNT "SAM\\Domains\\Account"
#define FLAGS_OFFSET 0x38u /* in F */
#define FLAG_DISABLED 0x0001u
#define MACHINE_NUMBERS 4u                      /* 21 and three of the machine's own */
#define MACHINE_BYTES (8 + 4 * MACHINE_NUMBERS) /* of its SID */

void local_accounts_release(struct local_accounts *accounts)
{
	for (size_t i = 0; i < accounts->count; i++)
		free(accounts->items[i].name);
	array_release(accounts);
}

const struct local_account *local_account_named(const struct local_accounts *accounts, const char *name)
{
	for (size_t i = 0; i < accounts->count; i++)
		if (account_same(accounts->items[i].name, name))
			return &accounts->items[i];
	return NULL;
}

const struct local_account *local_account_of_rid(const struct local_accounts *accounts, uint32_t rid)
{
	for (size_t i = 0; i < accounts->count; i++)
		if (accounts->items[i].rid == rid)
			return &accounts->items[i];
	return NULL;
}

/* A value at a path from the root: 1, 0 if it is not there, -1. */
static int value_at(const struct hive *hive, const char *path, const char *name, struct registry_value *value,
		    struct error *err)
{
	hive_key key;
	int      found = hive_find(hive, hive_root(hive), path, &key, err);

	return found == 1 ? hive_value(hive, key, name, value, err) : found;
}

static int read_machine_sid(const struct hive *hive, char **machine_sid, struct error *err)
{
	CLEANUP(registry_value_release) struct registry_value value = { 0 };
	struct bytes                                          end;
	struct sid                                            sid;
	int found = value_at(hive, ACCOUNT, "V", &value, err);

	if (found <= 0)
		return found;
	if (value.size < MACHINE_BYTES)
		return 0;
	end = (struct bytes){ value.data + value.size - MACHINE_BYTES, MACHINE_BYTES, 0 };
	if (!sid_take(&end, &sid) || sid.count != MACHINE_NUMBERS || sid.authority != 5 ||
	    sid.numbers[0] != 21)
		return 0;
	*machine_sid = strdup(sid_text(&sid).text);
	return *machine_sid ? 0 : error_memory(err);
}

static int read_disabled(const struct hive *hive, struct local_account *account, struct error *err)
{
	CLEANUP(registry_value_release) struct registry_value value = { 0 };
	char                                                  path[sizeof ACCOUNT "\\Users\\FFFFFFFF"];
	int                                                   found;

	snprintf(path, sizeof path, ACCOUNT "\\Users\\%08" PRIX32, account->rid);
	found = value_at(hive, path, "F", &value, err);
	if (found == 1 && value.size >= FLAGS_OFFSET + 2)
		account->disabled = le16_at(value.data + FLAGS_OFFSET) & FLAG_DISABLED;
	return found < 0 ? -1 : 0;
}

/* The account that a key below Names is called after. */
static int add_account(const struct hive *hive, hive_key key, struct local_accounts *accounts,
		       struct error *err)
{
	CLEANUP(registry_value_release) struct registry_value value = { 0 };
	CLEANUP(free_ptr) char                               *name = NULL;
	struct local_account                                  account = { 0 };
	int                                                   found = hive_value(hive, key, "", &value, err);

	if (found <= 0)
		return found;
	if (hive_key_name(hive, key, &name, err) < 0)
		return -1;
	account = (struct local_account){ .name = name, .rid = value.type };
	if (read_disabled(hive, &account, err) < 0)
		return -1;
	if (!array_push(accounts, account))
		return error_memory(err);
	name = NULL;
	return 0;
}

int sam_read(const struct hive *hive, struct local_accounts *accounts, char **machine_sid, struct error *err)
{
	struct hive_keys names = { 0 };
	hive_key         key;
	int              result;

	*accounts = (struct local_accounts){ 0 };
	*machine_sid = NULL;
	if (read_machine_sid(hive, machine_sid, err) < 0)
		return -1;
	result = hive_find(hive, hive_root(hive), ACCOUNT "\\Users\\Names", &key, err);
	if (result == 1)
		result = hive_children(hive, key, &names, err);
	for (size_t i = 0; result == 0 && i < names.count; i++)
		result = add_account(hive, names.items[i], accounts, err);
	array_release(&names);
	return result;
}
