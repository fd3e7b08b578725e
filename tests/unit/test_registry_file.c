/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_registry_file.c - expected texts: as regedit exports them */
#include "tests/unit/registry.h"

#include "core/utf16.h"
#include "recover/registry/registry_file.h"

/* The text of a file as ASCII; what is not comes out as '?'. */
static char *text_of(const struct registry_file *file)
{
	struct blob  blob;
	char        *text;
	struct error err;

	cr_assert(eq(int, registry_file_format(file, &blob.at, &blob.size, &err), 0), "%s", err.text);
	cr_assert(eq(int, le16_at(blob.at), 0xfeff));
	text = calloc(blob.size / 2, 1);
	for (size_t i = 1; i < blob.size / 2; i++)
		text[i - 1] = (char)(le16_at(blob.at + 2 * i) < 0x80 ? le16_at(blob.at + 2 * i) : '?');
	free(blob.at);
	return text;
}

static void add(struct registry_file *file, const char *path, const char *name, uint32_t type,
		const void *data, size_t size)
{
	struct registry_value value = { (char *)name, type, (uint8_t *)data, size };
	struct error          err;

	cr_assert(eq(int, registry_file_add(file, path, &value, &err), 0), "%s", err.text);
}

static int parse(struct registry_file *file, const char *text, struct error *err)
{
	struct blob blob = blob_copy(text, strlen(text));
	int         result = registry_file_parse(file, "test.reg", blob_bytes(blob, 0), err);

	free(blob.at);
	return result;
}

Test(registry_file, every_type_has_its_form)
{
	struct registry_file file = { 0 };
	char                *text;

	add(&file, "HKCU\\Software\\A", "", 1, "h\0i\0\0", 6);
	add(&file, "HKCU\\Software\\A", "a\"b\\c", 1, "C\0:\0\\\0\"\0\0", 10);
	add(&file, "HKCU\\Software\\A", "no end", 1, "h\0i", 4);
	add(&file, "HKCU\\Software\\A", "two lines", 1, "a\0\n\0\0", 6);
	add(&file, "HKCU\\Software\\A", "after the end", 1, "a\0\0\0b\0\0", 8);
	add(&file, "HKCU\\Software\\A", "none", 0, "", 0);
	add(&file, "HKCU\\Software\\A", "expand", 2, "%\0\0", 4);
	add(&file, "HKCU\\Software\\A", "binary", 3, "\1\xab", 2);
	add(&file, "HKCU\\Software\\A", "number", 4, "\x78\x56\x34\x12", 4);
	add(&file, "HKCU\\Software\\A", "odd number", 4, "\x78", 1);
	add(&file, "HKCU\\Software\\A", "big", 5, "\x12\x34\x56\x78", 4);
	add(&file, "HKCU\\Software\\A", "multi", 7, "a\0\0\0\0", 6);
	add(&file, "HKCU\\Software\\A", "long", 11, "\1\0\0\0\0\0\0", 8);
	add(&file, "HKCU\\Software\\A", "strange", 0xffff0007, "", 0);
	text = text_of(&file);
	cr_expect(eq(str, text,
		     (char *)"Windows Registry Editor Version 5.00\r\n"
			     "\r\n"
			     "[HKEY_CURRENT_USER\\Software]\r\n"
			     "\r\n"
			     "[HKEY_CURRENT_USER\\Software\\A]\r\n"
			     "@=\"hi\"\r\n"
			     "\"a\\\"b\\\\c\"=\"C:\\\\\\\"\"\r\n"
			     "\"no end\"=hex(1):68,00,69,00\r\n"
			     "\"two lines\"=hex(1):61,00,0a,00,00,00\r\n"
			     "\"after the end\"=hex(1):61,00,00,00,62,00,00,00\r\n"
			     "\"none\"=hex(0):\r\n"
			     "\"expand\"=hex(2):25,00,00,00\r\n"
			     "\"binary\"=hex:01,ab\r\n"
			     "\"number\"=dword:12345678\r\n"
			     "\"odd number\"=hex(4):78\r\n"
			     "\"big\"=hex(5):12,34,56,78\r\n"
			     "\"multi\"=hex(7):61,00,00,00,00,00\r\n"
			     "\"long\"=hex(b):01,00,00,00,00,00,00,00\r\n"
			     "\"strange\"=hex(ffff0007):\r\n"
			     "\r\n"));
	free(text);
	registry_file_release(&file);
}

Test(registry_file, lines_are_folded_at_80)
{
	struct registry_file file = { 0 };
	uint8_t              data[60] = { 0 };
	char                *text;

	add(&file, "HKLM\\K", "n", 3, data, 24); /* 8 + 24 * 3 - 1 = 79 */
	add(&file, "HKLM\\K", "nn", 3, data, sizeof data);
	text = text_of(&file);
	for (char *line = strtok(strdup(text), "\r\n"); line; line = strtok(NULL, "\r\n"))
		cr_expect(le(sz, strlen(line), 80), "%s", line);
	cr_expect(that(strstr(text, "\"nn\"=hex:00,") != NULL));
	cr_expect(that(strstr(text, ",\\\r\n  00,") != NULL));
	free(text);
	registry_file_release(&file);
}

Test(registry_file, keys_come_after_those_they_lie_in)
{
	struct registry_file file = { 0 };
	struct error         err;
	char                *text;

	cr_assert(eq(int, registry_file_add(&file, "HKLM\\SOFTWARE\\A\\B\\C", NULL, &err), 0));
	cr_assert(eq(int, registry_file_add(&file, "HKLM\\SOFTWARE\\A\\B\\D", NULL, &err), 0));
	cr_assert(eq(int, registry_file_add(&file, "HKLM\\SOFTWARE\\A\\BB", NULL, &err), 0));
	text = text_of(&file);
	cr_expect(eq(str, text,
		     (char *)"Windows Registry Editor Version 5.00\r\n"
			     "\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE]\r\n"
			     "\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\r\n"
			     "\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\B]\r\n"
			     "\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\B\\C]\r\n"
			     "\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\B\\D]\r\n"
			     "\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\BB]\r\n"
			     "\r\n"));
	free(text);
	registry_file_release(&file);
}

Test(registry_file, names_that_no_line_can_hold_are_refused)
{
	static const char *const names[] = { "a\nb", "\xc0\x80", "\xed\xa0\x80", "\x7f" };
	struct registry_file     file = { 0 };
	struct error             err;

	for (size_t i = 0; i < COUNT(names); i++) {
		struct registry_value value = { .name = (char *)names[i] };

		cr_expect(eq(int, registry_file_add(&file, "HKLM\\K", &value, &err), -1));
		cr_expect(eq(int, err.kind, ERROR_UNSUPPORTED));
	}
	cr_expect(eq(int, registry_file_add(&file, "HKXX\\K", NULL, &err), -1));
	cr_expect(eq(sz, file.count, 0));
	registry_file_release(&file);
}

Test(registry_file, white_space_and_comments_do_not_matter)
{
	struct registry_file file;
	struct error         err;
	char                *text;

	cr_assert(eq(int,
		     parse(&file,
			   "\xef\xbb\xbf; a comment\n"
			   "windows registry editor version 5.00  \n\n\n"
			   "  [hklm\\Software\\A]  \n"
			   "  \"x\" = \"1\\\\2\\\"\" ; why\n"
			   ";\"y\"=\"2\"\n"
			   "@=DWORD:2a\n"
			   "\"h\"=hex(7):6A , 0,\\ \n\t00,\\\n  00\n"
			   "\"e\"=hex:\n"
			   "[HKEY_CLASSES_ROOT\\text/html]",
			   &err),
		     0),
		  "%s", err.text);
	text = text_of(&file);
	cr_expect(eq(str, text,
		     (char *)"Windows Registry Editor Version 5.00\r\n"
			     "\r\n[HKEY_LOCAL_MACHINE\\Software]\r\n"
			     "\r\n[HKEY_LOCAL_MACHINE\\Software\\A]\r\n"
			     "\"x\"=\"1\\\\2\\\"\"\r\n"
			     "@=dword:0000002a\r\n"
			     "\"h\"=hex(7):6a,00,00,00\r\n"
			     "\"e\"=hex:\r\n"
			     "\r\n[HKEY_CLASSES_ROOT\\text/html]\r\n"
			     "\r\n"));
	free(text);
	registry_file_release(&file);
}

struct bad_text {
	char text[120];
	char why[80];
};

ParameterizedTestParameters(registry_file, what_is_wrong_is_told_with_its_line)
{
#define FIRST "Windows Registry Editor Version 5.00\n"
	static struct bad_text cases[] = {
		{ "", "line 1: the first line is not" },
		{ "REGEDIT4\n", "line 1: the first line is not" },
		{ FIRST "\"a\"=\"b\"", "line 2: a value stands before" },
		{ FIRST "[HKLM\\A", "line 2: ']' is missing" },
		{ FIRST "[HKLX\\A]", "line 2: 'HKLX\\A' does not begin" },
		{ FIRST "[HKLM\\\\A]", "line 2: a key has no name" },
		{ FIRST "[HKLM\\A\\]", "line 2: a key has no name" },
		{ FIRST "[-HKLM\\A]", "line 2: a key would be deleted" },
		{ FIRST "[HKLM\\A]\n\"a\"=-", "line 3: the value 'a' would be deleted" },
		{ FIRST "[HKLM\\A]\n\"a\"=hex:1,\\\n2,g", "line 4: a byte is two" },
		{ FIRST "[HKLM\\A]\n\"a\"=hex:123", "line 3: a byte is two" },
		{ FIRST "[HKLM\\A]\n\"a\"=hex:1,\n", "line 3: a byte is two" },
		{ FIRST "[HKLM\\A]\n\"a\"=hex:1 2", "line 3: more follows" },
		{ FIRST "[HKLM\\A]\n\"a\"=hex(:1", "line 3: a type is" },
		{ FIRST "[HKLM\\A]\n\"a\"=hex(123456789):1", "line 3: a type is" },
		{ FIRST "[HKLM\\A]\n\"a\"=dword:", "line 3: a number is" },
		{ FIRST "[HKLM\\A]\n\"a\"=dword:123456789", "line 3: a number is" },
		{ FIRST "[HKLM\\A]\n\"a\"=\"b", "line 3: a quotation does not end" },
		{ FIRST "[HKLM\\A]\n\"a\"=\"b\nc\"", "line 3: a quotation does not end" },
		{ FIRST "[HKLM\\A]\n\"a\"=\"b\\", "line 3: a quotation does not end" },
		{ FIRST "[HKLM\\A]\n\"a\"=\"b\\n\"", "line 3: '\\n' means nothing" },
		{ FIRST "[HKLM\\A]\n\"a\"\"b\"", "line 3: '=' is missing" },
		{ FIRST "[HKLM\\A]\nx", "line 3: neither a key nor" },
		{ "\xff", "this is no text" },
	};

	return CASES(struct bad_text, cases);
}

ParameterizedTest(struct bad_text *c, registry_file, what_is_wrong_is_told_with_its_line)
{
	struct registry_file file;
	struct error         err;

	cr_assert(eq(int, parse(&file, c->text, &err), -1), "%s", c->text);
	cr_expect(eq(int, strncmp(err.text, c->why, strlen(c->why)), 0), "%s, wanted %s", err.text, c->why);
	cr_expect(eq(str, err.path, (char *)"test.reg"));
	registry_file_release(&file);
}

/* Values of all types and many sizes come back as they went. */
Test(registry_file, the_way_there_and_back)
{
	struct registry_file file = { 0 }, again;
	struct blob          blob;
	uint64_t             seed = 7;
	struct error         err;

	for (uint32_t i = 0; i < 200; i++) {
		uint8_t data[100];
		char    name[32];
		size_t  size = dice(&seed) % (sizeof data + 1);

		for (size_t b = 0; b < size; b++)
			data[b] = (uint8_t)(dice(&seed) % (i % 2 ? 256 : 64) * (i % 3 ? 1 : (b + 1) % 2));
		snprintf(name, sizeof name, "n%u\xc3\xa9\\\"\xf0\x90\x80\x80", (unsigned)i);
		add(&file, "HKU\\S-1-5-21\\X", i ? name : "", i % 13, data, size);
	}
	cr_assert(eq(int, registry_file_format(&file, &blob.at, &blob.size, &err), 0));
	cr_assert(eq(int, registry_file_parse(&again, "again", blob_bytes(blob, 0), &err), 0), "%s",
		  err.text);
	cr_assert(eq(sz, again.count, 2)); /* and the key above */
	cr_assert(eq(sz, again.items[1].values.count, 200));
	cr_expect(eq(str, again.items[1].path, (char *)"HKU\\S-1-5-21\\X"));
	for (size_t i = 0; i < 200; i++) {
		struct registry_value *a = &file.items[0].values.items[i],
				      *b = &again.items[1].values.items[i];

		cr_expect(eq(str, a->name, b->name));
		cr_expect(eq(u32, a->type, b->type));
		cr_assert(eq(sz, a->size, b->size));
		cr_expect(eq(int, a->size ? memcmp(a->data, b->data, a->size) : 0, 0));
	}
	free(blob.at);
	registry_file_release(&file);
	registry_file_release(&again);
}
