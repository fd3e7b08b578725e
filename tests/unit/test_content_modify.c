/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_content_modify.c - expected values: spec USMT 3.7 and the documentation of each function, by hand */
#include "tests/unit/unit.h"

#include "core/arena.h"
#include "core/endian.h"
#include "recover/registry/registry_value.h"
#include "recover/rules/content_modify.h"
#include "recover/rules/rule_call.h"

/* A value as text: a string, a number, bytes in hexadecimal, "a|b|" the strings of a list. */
struct said {
	uint32_t type;
	char     text[48];
};

#define NOTHING { 99, "" } /* there is none */
#define SZ      REGISTRY_STRING
#define EXPAND  REGISTRY_EXPAND_STRING
#define MULTI   REGISTRY_MULTI_STRING
#define DWORD   REGISTRY_DWORD
#define QWORD   REGISTRY_QWORD
#define BINARY  REGISTRY_BINARY

struct changed {
	char              call[80];
	struct said       stored, there;
	enum content_made made;
	struct said       wanted;
};

static void put_units(struct registry_value *value, const char *text)
{
	for (; *text; text++) {
		put_le16(value->data + value->size, *text == '|' ? 0 : (uint8_t)*text);
		value->size += 2;
	}
	put_le16(value->data + value->size, 0);
	value->size += 2;
}

static struct registry_value value_of(const struct said *said)
{
	struct registry_value value = { strdup("Name"), said->type, malloc(2 * sizeof said->text + 2), 0 };
	unsigned              byte;

	if (said->type == SZ || said->type == EXPAND || said->type == MULTI) {
		put_units(&value, said->text);
		return value;
	}
	if (said->type == BINARY) {
		for (const char *at = said->text; sscanf(at, "%2x", &byte) == 1; at += 2)
			value.data[value.size++] = (uint8_t)byte;
		return value;
	}
	value.size = said->type == QWORD ? 8 : 4;
	put_le64(value.data, strtoull(said->text, NULL, 0));
	if (said->type == REGISTRY_DWORD_BIG_ENDIAN)
		put_le32(value.data, __builtin_bswap32((uint32_t)strtoull(said->text, NULL, 0)));
	return value;
}

static void apply(const char *text, const struct said *stored, const struct said *there, int wanted,
		  struct registry_value *made)
{
	struct arena          memory = { 0 };
	struct rule_call      call;
	struct content_modify modify;
	struct registry_value value = value_of(stored), other = value_of(there);
	struct error          err;

	cr_assert(eq(int, rule_call_parse(&call, &memory, text, &err), 0), "%s", err.text);
	cr_assert(that(content_modify_read(&modify, &call)), "%s", text);
	cr_expect(eq(int, content_modify_apply(&modify, &value, there->type == 99 ? NULL : &other, made, &err), wanted), "%s of %s",
		  text, stored->text);
	registry_value_release(&value);
	registry_value_release(&other);
	arena_release(&memory);
}

ParameterizedTestParameters(content_modify, makes_what_is_said)
{
	static struct changed cases[] = {
		{ "ConvertToDWORD()", { SZ, "17" }, NOTHING, CONTENT_MADE, { DWORD, "17" } },
		{ "ConvertToDWORD()", { EXPAND, " 0x1F " }, NOTHING, CONTENT_MADE, { DWORD, "31" } },
		{ "ConvertToDWORD()", { SZ, "-1" }, NOTHING, CONTENT_MADE, { DWORD, "0xffffffff" } },
		{ "ConvertToDWORD()", { SZ, "010" }, NOTHING, CONTENT_MADE, { DWORD, "10" } },
		{ "ConvertToDWORD()", { BINARY, "0102" }, NOTHING, CONTENT_MADE, { DWORD, "0x201" } },
		{ "ConvertToDWORD()", { QWORD, "7" }, NOTHING, CONTENT_MADE, { DWORD, "7" } },
		{ "ConvertToDWORD()", { QWORD, "0x100000000" }, NOTHING, CONTENT_AS_STORED, NOTHING },
		{ "ConvertToDWORD()", { SZ, "4294967296" }, NOTHING, CONTENT_AS_STORED, NOTHING },
		{ "ConvertToDWORD()", { SZ, "99999999999999999999" }, NOTHING, CONTENT_AS_STORED, NOTHING },
		{ "ConvertToDWORD()", { SZ, "12 monkeys" }, NOTHING, CONTENT_AS_STORED, NOTHING },
		{ "ConvertToDWORD()", { SZ, "" }, NOTHING, CONTENT_AS_STORED, NOTHING },
		{ "ConvertToDWORD()", { BINARY, "" }, NOTHING, CONTENT_AS_STORED, NOTHING },
		{ "ConvertToDWORD()", { BINARY, "010203040506070809" }, NOTHING, CONTENT_AS_STORED, NOTHING },
		{ "ConvertToString()", { DWORD, "42" }, NOTHING, CONTENT_MADE, { SZ, "42" } },
		{ "ConvertToString()", { REGISTRY_DWORD_BIG_ENDIAN, "258" }, NOTHING, CONTENT_MADE, { SZ, "258" } },
		{ "ConvertToString()", { EXPAND, "%A%" }, NOTHING, CONTENT_MADE, { SZ, "%A%" } },
		{ "ConvertToString()", { BINARY, "41" }, NOTHING, CONTENT_AS_STORED, NOTHING },
		{ "ConvertToBinary()", { DWORD, "0x04030201" }, NOTHING, CONTENT_MADE, { BINARY, "01020304" } },
		{ "ConvertToBinary()", { SZ, "A" }, NOTHING, CONTENT_MADE, { BINARY, "41000000" } },
		/* the documentation's example */
		{ "OffsetValue('-2')", { DWORD, "14" }, NOTHING, CONTENT_MADE, { DWORD, "12" } },
		{ "OffsetValue('5')", { SZ, "14" }, { SZ, "1" }, CONTENT_MADE, { SZ, "19" } },
		{ "OffsetValue('-2')", { DWORD, "1" }, NOTHING, CONTENT_MADE, { DWORD, "0xffffffff" } },
		{ "OffsetValue('1')", { REGISTRY_DWORD_BIG_ENDIAN, "255" }, NOTHING, CONTENT_MADE, { REGISTRY_DWORD_BIG_ENDIAN, "256" } },
		{ "OffsetValue('much')", { DWORD, "1" }, NOTHING, CONTENT_AS_STORED, NOTHING },
		{ "OffsetValue('1')", { BINARY, "01" }, NOTHING, CONTENT_AS_STORED, NOTHING },
		{ "SetValueByTable('1, 2,3','one,two','none')", { SZ, "2" }, NOTHING, CONTENT_MADE, { SZ, "two" } },
		{ "SetValueByTable('A,B','x,y')", { SZ, "b" }, NOTHING, CONTENT_MADE, { SZ, "y" } },
		{ "SetValueByTable('1,2','10,0x20')", { DWORD, "2" }, NOTHING, CONTENT_MADE, { DWORD, "32" } },
		{ "SetValueByTable('0x1,2','10,20')", { DWORD, "1" }, NOTHING, CONTENT_MADE, { DWORD, "10" } },
		{ "SetValueByTable('1,2,3','one,two','none')", { SZ, "3" }, NOTHING, CONTENT_MADE, { SZ, "none" } },
		{ "SetValueByTable('1','one','none')", { SZ, "9" }, NOTHING, CONTENT_MADE, { SZ, "none" } },
		{ "SetValueByTable('1','one',NULL)", { SZ, "9" }, { SZ, "here" }, CONTENT_STAYS, NOTHING },
		{ "SetValueByTable('1','one')", { SZ, "9" }, NOTHING, CONTENT_STAYS, NOTHING },
		{ "SetValueByTable('1','one')", { DWORD, "1" }, NOTHING, CONTENT_AS_STORED, NOTHING },
		{ "SetValueByTable('1','one')", { BINARY, "01" }, NOTHING, CONTENT_AS_STORED, NOTHING },
		{ "KeepExisting('Security')", { DWORD, "5" }, { DWORD, "6" }, CONTENT_MADE, { DWORD, "5" } },
		{ "MergeMultiSzContent()", { MULTI, "b|c|" }, { MULTI, "a|B|" }, CONTENT_MADE, { MULTI, "a|B|c|" } },
		{ "MergeMultiSzContent('Add','x','Remove','A')", { MULTI, "b|b|" }, { MULTI, "a|" }, CONTENT_MADE, { MULTI, "b|x|" } },
		{ "MergeMultiSzContent('Remove','b')", { MULTI, "b|" }, NOTHING, CONTENT_MADE, { MULTI, "" } },
		{ "MergeMultiSzContent()", { MULTI, "C:\\x|" }, { SZ, "a" }, CONTENT_MADE, { MULTI, "C:\\x|" } },
		{ "MergeMultiSzContent()", { SZ, "b" }, { MULTI, "a|" }, CONTENT_AS_STORED, NOTHING },
		{ "MergeDelimitedContent(';')", { SZ, "a;b" }, { SZ, "b;c" }, CONTENT_MADE, { SZ, "b;c;a" } },
		{ "MergeDelimitedContent(';')", { SZ, ";a;;b;A;" }, NOTHING, CONTENT_MADE, { SZ, "a;b" } },
		{ "MergeDelimitedContent(';,','Add','z','Remove','b')", { SZ, "a,b" }, { EXPAND, "c;b" }, CONTENT_MADE, { EXPAND, "c;a;z" } },
		{ "MergeDelimitedContent(NULL)", { SZ, "a;b" }, { SZ, "c" }, CONTENT_AS_STORED, NOTHING },
		{ "MergeDelimitedContent(';')", { DWORD, "1" }, { SZ, "c" }, CONTENT_AS_STORED, NOTHING },
	};

	return CASES(struct changed, cases);
}

ParameterizedTest(struct changed *c, content_modify, makes_what_is_said)
{
	struct registry_value wanted = value_of(&c->wanted), made;

	apply(c->call, &c->stored, &c->there, c->made, &made);
	if (c->made == CONTENT_MADE) {
		cr_expect(eq(str, made.name, "Name"));
		cr_expect(eq(u32, made.type, wanted.type), "%s of %s", c->call, c->stored.text);
		cr_assert(eq(sz, made.size, wanted.size), "%s of %s", c->call, c->stored.text);
		cr_expect(eq(int, memcmp(made.data, wanted.data, wanted.size), 0), "%s of %s", c->call, c->stored.text);
	}
	registry_value_release(&made);
	registry_value_release(&wanted);
}

/* What has been set is what the target has the next time: that makes the same of it. */
ParameterizedTestParameters(content_modify, again_it_makes_the_same)
{
	static struct changed cases[] = {
		{ "OffsetValue('-2')", { DWORD, "14" }, { DWORD, "14" }, CONTENT_MADE, NOTHING },
		{ "MergeMultiSzContent('Add','x','Remove','a')", { MULTI, "b|a|" }, { MULTI, "c|" }, CONTENT_MADE, NOTHING },
		{ "MergeDelimitedContent(';','Add','x')", { SZ, "a;b;c" }, { SZ, "c;d;b" }, CONTENT_MADE, NOTHING },
	};

	return CASES(struct changed, cases);
}

ParameterizedTest(struct changed *c, content_modify, again_it_makes_the_same)
{
	struct registry_value once, twice, value = value_of(&c->stored);
	struct arena          memory = { 0 };
	struct rule_call      call;
	struct content_modify modify;
	struct error          err;

	apply(c->call, &c->stored, &c->there, c->made, &once);
	cr_assert(eq(int, rule_call_parse(&call, &memory, c->call, &err), 0));
	cr_assert(that(content_modify_read(&modify, &call)));
	cr_assert(eq(int, content_modify_apply(&modify, &value, &once, &twice, &err), CONTENT_MADE));
	cr_assert(eq(sz, twice.size, once.size), "%s", c->call);
	cr_expect(eq(int, memcmp(twice.data, once.data, once.size), 0), "%s", c->call);
	registry_value_release(&once);
	registry_value_release(&twice);
	registry_value_release(&value);
	arena_release(&memory);
}

Test(content_modify, nobody_knows_others)
{
	static const char *const others[] = { "ConvertScreenSaver()", "MergeShellLibraries()", "MigSysHelper.ConvertToDWORD()" };
	struct arena             memory = { 0 };
	struct rule_call         call;
	struct content_modify    modify;
	struct error             err;

	for (size_t i = 0; i < COUNT(others); i++) {
		cr_assert(eq(int, rule_call_parse(&call, &memory, others[i], &err), 0));
		cr_expect(that(!content_modify_read(&modify, &call)), "%s", others[i]);
	}
	cr_expect(that(!content_modify_read(&modify, NULL)));
	arena_release(&memory);
}
