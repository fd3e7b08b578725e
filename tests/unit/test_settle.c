/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What facts about the names of one file come to. */
#include "tests/unit/log_told.h"

#include "core/endian.h"
#include "scan/recall/settle.h"

#define RECORDS 64u
#define FILE_30 (30ull | 2ull << 48) /* its record is another's by now */
#define HOME    (40ull | 1ull << 48)

struct settle_case {
	char              title[64];
	uint8_t           source, flags[2]; /* of two facts about two names in one directory; the second is the later */
	bool              directory;
	enum fact_verdict verdicts[2];
};

ParameterizedTestParameters(settle, names_in_one_directory)
{
	static struct settle_case cases[] = {
		{ "a link, and what went with the file", FACT_LOG, { FACT_UNLINKED, 0 }, false,
		  { VERDICT_NAMED, VERDICT_NAMED } },
		{ "two links", FACT_LOG, { FACT_UNLINKED, FACT_UNLINKED }, false, { VERDICT_NAMED, VERDICT_NAMED } },
		{ "renamed", FACT_LOG, { FACT_RENAMED, 0 }, false, { VERDICT_EARLIER, VERDICT_NAMED } },
		{ "of a directory", FACT_LOG, { FACT_UNLINKED, 0 }, true, { VERDICT_EARLIER, VERDICT_NAMED } },
		{ "a link, by a log from anywhere", FACT_LOG, { FACT_UNLINKED | FACT_CARVED, 0 }, false,
		  { VERDICT_EARLIER, VERDICT_NAMED } },
		{ "a link, torn", FACT_LOG, { FACT_UNLINKED | FACT_TORN, 0 }, false, { VERDICT_EARLIER, VERDICT_NAMED } },
		{ "a link, by the journal", FACT_JOURNAL, { FACT_UNLINKED, 0 }, false, { VERDICT_EARLIER, VERDICT_NAMED } },
		{ "nothing is known of the end", FACT_LOG, { 0, 0 }, false, { VERDICT_EARLIER, VERDICT_NAMED } },
	};

	return CASES(struct settle_case, cases);
}

ParameterizedTest(struct settle_case *c, settle, names_in_one_directory)
{
	static const uint8_t names[2][2] = { "a", "b" };
	struct test_volume   test;
	struct inventory     inventory;
	struct extensions    extensions = { 0 };
	struct facts         facts = { 0 };
	struct error         err;
	uint8_t              nothing[4096] = { 0 };

	test_volume_open(&test, 4096, 64, 1024, 4 * 4096, nothing, sizeof nothing);
	inventory_make(&inventory, &test.volume, RECORDS);
	inventory_row(&inventory, 30, 5, ROW_IN_USE);
	for (uint8_t i = 0; i < 2; i++)
		cr_assert(eq(int, facts_add(&facts, (struct fact){ .file = FILE_30, .parent = HOME, .moment = i + 1u,
								   .space = NAME_WIN32, .source = c->source,
								   .flags = (uint8_t)(c->flags[i] | (c->directory ? FACT_DIRECTORY : 0)) },
					   (struct bytes){ names[i], 2, 0 }, &err), 0));
	cr_assert(eq(int, facts_settle(&facts, &inventory, &extensions, &err), 0));
	for (size_t i = 0; i < 2; i++)
		cr_expect(eq(str, (char *)fact_verdict_name((enum fact_verdict)facts.list.items[i].verdict),
			     (char *)fact_verdict_name(c->verdicts[i])), "%s, name %zu", c->title, i);
	facts_release(&facts);
	inventory_release(&inventory);
	test_volume_close(&test);
}
