/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sam.c - accounts by the layout that sam.h describes; F and V as chntpw's sam.h has their offsets */
#include "recover/windows/sam.h"
#include "tests/unit/people.h"

#define ACCOUNT "SAM\\Domains\\Account"

static void add(struct hive *hive, const char *name, uint32_t rid, uint16_t flags, size_t f_bytes)
{
	uint8_t f[80] = { 0 };
	char    path[128];

	put_le16(f + 0x38, flags);
	snprintf(path, sizeof path, ACCOUNT "\\Users\\Names\\%s", name);
	registry_set(hive, path, "", rid, "", 0);
	snprintf(path, sizeof path, ACCOUNT "\\Users\\%08X", rid);
	registry_set(hive, path, "F", REGISTRY_BINARY, f, f_bytes);
}

Test(sam, accounts_and_the_machine)
{
	static const uint8_t  v[40] = { 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 1, 4, 0, 0, 0, 0, 0, 5,
					21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0 };
	struct blob           empty = hive_empty();
	struct hive           hive = hive_of(empty, true);
	struct local_accounts accounts;
	struct error          err;
	char                 *sid;

	registry_set(&hive, ACCOUNT, "V", REGISTRY_BINARY, v, sizeof v);
	add(&hive, "Administrator", 500, 0x0211, 80);
	add(&hive, "\xc3\x84nne", 1001, 0x0210, 80);
	add(&hive, "short", 0xfffffff0, 0x0001, 0x39); /* no room for the flags */
	cr_assert(eq(int, sam_read(&hive, &accounts, &sid, &err), 0), "%s", err.text);
	cr_expect(eq(str, sid, (char *)MACHINE_SID));
	cr_assert(eq(sz, accounts.count, 3));
	cr_expect(that(local_account_named(&accounts, "administrator")->disabled));
	cr_expect(eq(u32, local_account_named(&accounts, "\xc3\xa4NNE")->rid, 1001));
	cr_expect(that(!local_account_of_rid(&accounts, 1001)->disabled));
	cr_expect(that(!local_account_of_rid(&accounts, 0xfffffff0)->disabled));
	cr_expect(eq(ptr, (void *)local_account_of_rid(&accounts, 1), NULL));
	free(sid);
	local_accounts_release(&accounts);
	hive_close(&hive);
	free(empty.at);
}

Test(sam, an_empty_one_has_nobody)
{
	static const uint8_t  v[24] = { 1, 5, 0, 0, 0, 0, 0, 5, 21 }; /* the bytes end before its five numbers */
	struct blob           empty = hive_empty();
	struct hive           hive = hive_of(empty, true);
	struct local_accounts accounts;
	struct error          err;
	char                 *sid;

	cr_assert(eq(int, sam_read(&hive, &accounts, &sid, &err), 0));
	cr_expect(that(!sid && !accounts.count));
	for (size_t size = 0; size <= sizeof v; size += 8) {
		registry_set(&hive, ACCOUNT, "V", REGISTRY_BINARY, v, size);
		cr_assert(eq(int, sam_read(&hive, &accounts, &sid, &err), 0));
		cr_expect(eq(ptr, sid, NULL), "%zu bytes", size);
	}
	hive_close(&hive);
	free(empty.at);
}
