/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_registry_merge.c - expected values: registry_merge.h */
#include "tests/unit/registry.h"

#include "recover/registry/registry_merge.h"

static enum registry_rule rule_by_name(void *context, const char *path, const struct registry_value *value)
{
	cr_expect(eq(str, (char *)path, (char *)context));
	switch (value->name[0]) {
	case 'd':
		return REGISTRY_DESTINATION;
	case 'h':
		return REGISTRY_HIGHER;
	case 'l':
		return REGISTRY_LOWER;
	case 'n':
		return REGISTRY_NEITHER;
	default:
		return REGISTRY_SOURCE;
	}
}

static void add_number(struct registry_values *values, const char *name, uint32_t number)
{
	struct registry_value value;
	struct error          err;

	cr_assert(eq(int, registry_value_make_dword(&value, name, number, &err), 0));
	cr_assert(that(array_push(values, value)));
}

static void expect_number(struct hive *hive, hive_key key, const char *name, uint64_t wanted)
{
	struct registry_value value;
	uint64_t              number = 0;
	struct error          err;

	cr_assert(eq(int, hive_value(hive, key, name, &value, &err), 1), "%s", name);
	cr_expect(that(registry_value_number(&value, &number)), "%s", name);
	cr_expect(eq(u64, number, wanted), "%s", name);
	registry_value_release(&value);
}

Test(registry_merge, each_value_by_its_rule)
{
	static const struct {
		const char *name;
		uint32_t    here, comes, wanted;
	} cases[] = {
		{ "source", 1, 2, 2 }, { "dest", 1, 2, 1 }, { "high1", 1, 2, 2 }, { "high2", 2, 1, 2 },
		{ "low1", 1, 2, 1 },   { "low2", 2, 1, 1 }, { "never", 1, 2, 1 }, { "x", 5, 5, 5 },
	};
	struct blob            empty = hive_empty();
	struct hive            hive = hive_of(empty, true);
	hive_key               key = hive_made(&hive, "A\\B");
	struct registry_values here = { 0 }, comes = { 0 };
	struct registry_merged merged = { 0 };
	struct registry_value  found;
	struct error           err;

	for (size_t i = 0; i < COUNT(cases); i++) {
		add_number(&here, cases[i].name, cases[i].here);
		add_number(&comes, cases[i].name, cases[i].comes);
	}
	add_number(&comes, "dest new", 9);
	add_number(&comes, "never new", 9);
	cr_assert(eq(int, hive_set_values(&hive, key, here.items, here.count, &err), 0));
	cr_assert(eq(int,
		     registry_merge(&hive, hive_root(&hive), "a\\b", &comes, rule_by_name, (char *)"a\\b",
				    &merged, &err),
		     0),
		  "%s", err.text);
	for (size_t i = 0; i < COUNT(cases); i++)
		expect_number(&hive, key, cases[i].name, cases[i].wanted);
	expect_number(&hive, key, "dest new", 9);
	cr_expect(eq(int, hive_value(&hive, key, "never new", &found, &err), 0));
	cr_expect(eq(u64, merged.added, 1));
	cr_expect(eq(u64, merged.replaced, 3));
	cr_expect(eq(u64, merged.kept, 3));
	cr_expect(eq(u64, merged.same, 1));
	cr_expect(eq(u64, merged.left_out, 2));
	cr_expect(eq(u64, merged.keys_made, 0));
	registry_values_release(&here);
	registry_values_release(&comes);
	hive_close(&hive);
	free(empty.at);
}

Test(registry_merge, no_key_is_made_for_values_that_do_not_come)
{
	struct blob            empty = hive_empty();
	struct hive            hive = hive_of(empty, true);
	struct registry_values comes = { 0 }, none = { 0 };
	struct registry_merged merged = { 0 };
	struct error           err;

	add_number(&comes, "never", 1);
	cr_assert(eq(int,
		     registry_merge(&hive, hive_root(&hive), "A", &comes, rule_by_name, (char *)"A", &merged,
				    &err),
		     0));
	cr_expect(not(that(hive_has(&hive, "A"))));
	cr_assert(eq(int,
		     registry_merge(&hive, hive_root(&hive), "B", &none, rule_by_name, NULL, &merged, &err),
		     0));
	cr_expect(that(hive_has(&hive, "B")));
	cr_expect(eq(u64, merged.keys_made, 1));
	registry_values_release(&comes);
	hive_close(&hive);
	free(empty.at);
}

Test(registry_merge, texts_have_no_higher_one_and_the_source_wins)
{
	struct blob            empty = hive_empty();
	struct hive            hive = hive_of(empty, true);
	hive_key               key = hive_made(&hive, "A");
	struct registry_values comes = { 0 };
	struct registry_merged merged = { 0 };
	struct registry_value  text;
	struct error           err;

	cr_assert(eq(int, registry_value_make_text(&text, "high", REGISTRY_STRING, "zzz", &err), 0));
	cr_assert(eq(int, hive_set_value(&hive, key, &text, &err), 0));
	registry_value_release(&text);
	add_number(&comes, "high", 1);
	cr_assert(eq(int,
		     registry_merge(&hive, hive_root(&hive), "A", &comes, rule_by_name, (char *)"A", &merged,
				    &err),
		     0));
	expect_number(&hive, key, "high", 1);
	registry_values_release(&comes);
	hive_close(&hive);
	free(empty.at);
}
