/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_json.c - expected values: RFC 8259, RFC 4648 10, json.h */
#include "tests/unit/unit.h"

#include "core/json.h"

struct out {
	char       *text;
	size_t      length;
	struct json json;
};

static void begin(struct out *it, unsigned indent)
{
	*it = (struct out){ 0 };
	it->json = (struct json){ .out = open_memstream(&it->text, &it->length), .indent = indent };
}

static void expect(struct out *it, const char *wanted)
{
	fclose(it->json.out);
	cr_expect(eq(str, it->text, (char *)wanted));
	free(it->text);
}

static void document(struct json *json)
{
	json_begin(json, '{');
	json_key_uint(json, "a", UINT64_MAX);
	json_key(json, "b");
	json_begin(json, '[');
	json_bool(json, true);
	json_null(json);
	json_begin(json, '{');
	json_end(json, '}');
	json_begin(json, '[');
	json_end(json, ']');
	json_end(json, ']');
	json_key_string(json, "c", NULL);
	json_key_bool(json, "d", false);
	json_end(json, '}');
}

Test(json, one_line)
{
	struct out it;

	begin(&it, 0);
	document(&it.json);
	expect(&it, "{\"a\": 18446744073709551615, \"b\": [true, null, {}, []], \"c\": null, \"d\": false}");
}

Test(json, strings)
{
	static const char *const texts[] = { "a", NULL, "\"" };
	struct out               it;

	begin(&it, 0);
	json_begin(&it.json, '{');
	json_key_strings(&it.json, "none", NULL, 0);
	json_key_strings(&it.json, "some", texts, COUNT(texts));
	json_end(&it.json, '}');
	expect(&it, "{\"none\": [], \"some\": [\"a\", null, \"\\\"\"]}");
}

Test(json, indented)
{
	struct out it;

	begin(&it, 2);
	document(&it.json);
	expect(&it, "{\n  \"a\": 18446744073709551615,\n  \"b\": [\n    true,\n    null,\n    {},\n    []\n  ],\n"
		    "  \"c\": null,\n  \"d\": false\n}");
}

Test(json, strings_are_escaped)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "", "\"\"" },
		{ "C$\\Users\\\"a\"", "\"C$\\\\Users\\\\\\\"a\\\"\"" },
		{ "\x01\n\t\x1b\x7f", "\"\\u0001\\u000a\\u0009\\u001b\\u007f\"" },
		{ "\xc2\x85\xe2\x80\xa8", "\"\\u0085\\u2028\"" },
		{ "\xc3\xa4\xf0\x9f\x98\x80", "\"\xc3\xa4\xf0\x9f\x98\x80\"" },
		{ "\xed\xa0\x80x\xed\xbf\xbf", "\"\\ud800x\\udfff\"" },
		{ "\xc0\x80\xc0\xaf\xc1\x9c", "\"\\u0000/\\\\\"" },
		{ "a\xff\xc3", "\"a\\ufffd\\ufffd\"" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct out it;

		begin(&it, 0);
		json_string(&it.json, cases[i].text);
		expect(&it, cases[i].wanted);
	}
}

Test(json, base64)
{
	static const char *const cases[][2] = { { "", "\"\"" },           { "f", "\"Zg==\"" },
						{ "fo", "\"Zm8=\"" },     { "foo", "\"Zm9v\"" },
						{ "foob", "\"Zm9vYg==\"" }, { "foobar", "\"Zm9vYmFy\"" },
						{ "\xff\xef\xbe", "\"/+++\"" } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct blob data = blob_copy(cases[i][0], strlen(cases[i][0]));
		struct out  it;

		begin(&it, 0);
		json_base64(&it.json, data.at, data.size);
		expect(&it, cases[i][1]);
		free(data.at);
	}
}
