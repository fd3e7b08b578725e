/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_name_cache.c - the places in which a Windows remembers names, as forensic write-ups describe them */
#include "recover/windows/name_cache.h"
#include "tests/unit/people.h"

#define LOGON  "Microsoft\\Windows\\CurrentVersion\\Authentication\\LogonUI"
#define STORE  "Microsoft\\IdentityStore\\"
#define POLICY "Microsoft\\Windows\\CurrentVersion\\Group Policy\\DataStore\\"
#define DOMAIN "S-1-5-21-7-8-9"
#define ENTRA  "S-1-12-1-1-2-3-4"

static void expect_name(const struct name_cache *cache, const char *sid, const char *domain, const char *name)
{
	const struct cached_name *cached = name_cache_find(cache, sid);

	cr_assert(ne(ptr, (void *)cached, NULL), "%s", sid);
	cr_expect(eq(str, cached->domain, (char *)domain), "%s", sid);
	cr_expect(eq(str, cached->name, (char *)name), "%s", sid);
}

Test(name_cache, every_place_is_looked_at_the_best_first)
{
	/* "CORP" as SECURITY has it, and the domain's SID */
	static const uint8_t name[] = { 8, 0, 10, 0, 8, 0, 0, 0, 'C', 0, 'O', 0, 'R', 0, 'P', 0 };
	static const uint8_t sid[] = { 1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0 };
	struct blob          empty = hive_empty();
	struct hive          software = hive_of(empty, true), security = hive_of(empty, true);
	struct name_cache    cache;
	struct error         err;

	registry_set_text(&software, LOGON "\\SessionData\\1", "LoggedOnUserSID", DOMAIN "-1");
	registry_set_text(&software, LOGON "\\SessionData\\1", "LoggedOnSAMUser", "CORP\\one");
	registry_set_text(&software, LOGON "\\SessionData\\2", "LoggedOnUserSID", "nonsense");
	registry_set_text(&software, LOGON "\\SessionData\\2", "LoggedOnSAMUser", "CORP\\nobody");
	registry_set_text(&software, LOGON, "LastLoggedOnUserSID", DOMAIN "-2");
	registry_set_text(&software, LOGON, "LastLoggedOnSAMUser", "");
	registry_set_text(&software, LOGON, "LastLoggedOnUser", "OTHER\\two");
	registry_set_text(&software, STORE "Cache\\" DOMAIN "-3\\IdentityCache\\" DOMAIN "-3", "SAMName", "three");
	registry_set_text(&software, STORE "Cache\\" DOMAIN "-3\\IdentityCache\\" DOMAIN "-3", "UserName", "three@corp.example");
	registry_set_text(&software, STORE "Cache\\" DOMAIN "-1\\IdentityCache\\" DOMAIN "-1", "SAMName", "worse");
	registry_set_text(&software, STORE "Cache\\" ENTRA "\\IdentityCache\\" ENTRA, "UserName", "e@corp.example");
	registry_set_text(&software, STORE "LogonCache\\{X}\\Sid2Name\\" DOMAIN "-4", "IdentityName", "four@corp.example");
	registry_set_text(&software, POLICY DOMAIN "-5\\0", "szName", "CORP\\five");
	registry_set_text(&software, POLICY "Machine\\0", "szName", "CORP\\PC7$");
	registry_set(&security, "Policy\\PolPrDmN", "", REGISTRY_NONE, name, sizeof name);
	registry_set(&security, "Policy\\PolPrDmS", "", REGISTRY_NONE, sid, sizeof sid);
	cr_assert(eq(int, name_cache_read(&cache, &software, &security, &err), 0), "%s", err.text);
	expect_name(&cache, DOMAIN "-1", "CORP", "one");
	expect_name(&cache, DOMAIN "-2", "OTHER", "two");
	expect_name(&cache, DOMAIN "-3", "", "three");
	expect_name(&cache, DOMAIN "-4", "", "four@corp.example");
	expect_name(&cache, DOMAIN "-5", "CORP", "five");
	expect_name(&cache, ENTRA, "AzureAD", "e@corp.example");
	cr_expect(eq(ptr, (void *)name_cache_find(&cache, DOMAIN), NULL), "the domain is nobody");
	cr_expect(eq(ptr, (void *)name_cache_find(&cache, "nonsense"), NULL));
	cr_expect(eq(str, (char *)name_cache_domain(&cache, DOMAIN "-77"), (char *)"CORP"));
	cr_expect(eq(ptr, (void *)name_cache_domain(&cache, "S-1-5-21-7-8-99-77"), NULL));
	name_cache_release(&cache);
	hive_close(&software);
	hive_close(&security);
	free(empty.at);
}

Test(name_cache, a_domain_is_known_by_its_other_accounts)
{
	struct blob       empty = hive_empty();
	struct hive       software = hive_of(empty, true), none = { 0 };
	struct name_cache cache;
	struct error      err;

	registry_set_text(&software, LOGON, "LastLoggedOnUserSID", DOMAIN "-2");
	registry_set_text(&software, LOGON, "LastLoggedOnSAMUser", "CORP\\two");
	cr_assert(eq(int, name_cache_read(&cache, &software, &none, &err), 0));
	cr_expect(eq(str, (char *)name_cache_domain(&cache, DOMAIN "-3"), (char *)"CORP"));
	name_cache_release(&cache);
	cr_assert(eq(int, name_cache_read(&cache, &none, &none, &err), 0));
	cr_expect(eq(sz, cache.count, 0));
	name_cache_release(&cache);
	hive_close(&software);
	free(empty.at);
}

struct short_name {
	size_t  name_bytes;
	uint8_t length;
};

ParameterizedTestParameters(name_cache, a_name_that_leaves_its_value_is_none)
{
	static struct short_name cases[] = { { 0, 0 }, { 7, 2 }, { 8, 2 }, { 9, 2 }, { 8, 0 }, { 16, 255 } };

	return CASES(struct short_name, cases);
}

ParameterizedTest(struct short_name *c, name_cache, a_name_that_leaves_its_value_is_none)
{
	static const uint8_t sid[] = { 1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0 };
	uint8_t              name[16] = { c->length, 0, 10, 0, 8, 0, 0, 0, 'C' };
	struct blob          empty = hive_empty();
	struct hive          security = hive_of(empty, true), none = { 0 };
	struct name_cache    cache;
	struct error         err;

	registry_set(&security, "Policy\\PolPrDmN", "", REGISTRY_NONE, name, c->name_bytes);
	registry_set(&security, "Policy\\PolPrDmS", "", REGISTRY_NONE, sid, sizeof sid);
	cr_assert(eq(int, name_cache_read(&cache, &none, &security, &err), 0));
	cr_expect(eq(sz, cache.count, 0));
	name_cache_release(&cache);
	hive_close(&security);
	free(empty.at);
}
