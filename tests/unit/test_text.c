/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_text.c - expected values: text.h, ntfs_time.h, and the calendar */
#include "tests/unit/unit.h"

#include "core/ntfs_time.h"
#include "core/text.h"

Test(text, names_cannot_drive_a_terminal)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "\\Users\\\xc3\xa4", "\\Users\\\xc3\xa4" },
		{ "\x1b[31mred", "\\x1b[31mred" },
		{ "a\r\nb\x7f", "a\\x0d\\x0ab\\x7f" },
		{ "\xc2\x9b", "\\x9b" },
		{ "exe\xe2\x80\xaegpj", "exe\\u{202e}gpj" },
		{ "\xe2\x81\xa6\xef\xbb\xbf\xd8\x9c", "\\u{2066}\\u{feff}\\u{61c}" },
		{ "\xed\xa0\x80", "\\u{d800}" },
		{ "\xc0\x80\xc0\xaf", "\\x00/" },
		{ "a\xff" "b\xc3", "a\\xffb\\xc3" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char  *text = NULL;
		size_t length = 0;
		FILE  *out = open_memstream(&text, &length);
		struct blob given = blob_copy(cases[i].text, strlen(cases[i].text));

		text_print(out, (char *)given.at, given.size);
		fclose(out);
		cr_expect(eq(str, text, (char *)cases[i].wanted));
		free(text);
		free(given.at);
	}
}

Test(text, a_line_is_one_line)
{
	char  *text = NULL;
	size_t length = 0;
	FILE  *out = open_memstream(&text, &length);

	text_line(out, "store %s, %d files", "\\a\x1b[0m\nb", 3);
	text_line(out, "%s", "");
	fclose(out);
	cr_expect(eq(str, text, "store \\a\\x1b[0m\\x0ab, 3 files\n\n"));
	free(text);
}

Test(text, counts_and_sizes)
{
	cr_expect(eq(str, text_count(0).text, "0"));
	cr_expect(eq(str, text_count(999).text, "999"));
	cr_expect(eq(str, text_count(1000).text, "1,000"));
	cr_expect(eq(str, text_count(1234567).text, "1,234,567"));
	cr_expect(eq(str, text_count(UINT64_MAX).text, "18,446,744,073,709,551,615"));
	cr_expect(eq(str, text_size(1).text, "1 byte"));
	cr_expect(eq(str, text_size(512).text, "512 bytes"));
	cr_expect(eq(str, text_size(1023).text, "1023 bytes"));
	cr_expect(eq(str, text_size(1536).text, "1.5 KiB"));
	cr_expect(eq(str, text_size((1u << 20) - 1).text, "1.0 MiB"), "never 1024.0 KiB");
	cr_expect(eq(str, text_size(UINT64_C(12) << 30).text, "12.0 GiB"));
	cr_expect(eq(str, text_size(UINT64_MAX).text, "16.0 EiB"));
}

struct paragraph {
	char text[60], wanted[80];
};

ParameterizedTestParameters(text, paragraphs)
{
	static struct paragraph cases[] = {
		{ "", "" },
		{ " \n ", "" },
		{ "one two\nthree", "  one two\n  three\n" },
		{ "one two 3", "  one two\n  3\n" },
		{ "abcdefghijkl m", "  abcdefghijkl\n  m\n" },
		{ "a abcdefghijkl", "  a\n  abcdefghijkl\n" },
		{ "\xc3\xa4\xc3\xa4\xc3\xa4 \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 x", "  \xc3\xa4\xc3\xa4\xc3\xa4 \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\n  x\n" },
	};

	return CASES(struct paragraph, cases);
}

/* Ten characters wide, two blanks before each line. */
ParameterizedTest(struct paragraph *c, text, paragraphs)
{
	char  *text;
	size_t size;
	FILE  *out = open_memstream(&text, &size);

	text_paragraph(out, c->text, 2, 10);
	fclose(out);
	cr_expect(eq(str, text, c->wanted));
	free(text);
}

Test(text, hanging)
{
	char  *text = NULL;
	size_t size;
	FILE  *out = open_memstream(&text, &size);

	fputs("Note  ", out);
	text_hanging(out, "one two three", 6, 13);
	fclose(out);
	cr_expect(eq(str, text, "Note  one two\n      three\n"));
	free(text);
}

Test(text, times)
{
	cr_expect(eq(str, text_time(0).text, "-"));
	cr_expect(eq(str, text_time(116444736000000000).text, "1970-01-01 00:00:00 UTC"));
	cr_expect(eq(str, text_time(1).text, "1601-01-01 00:00:00 UTC"));
	cr_expect(eq(str, text_time(125911584000000000).text, "2000-01-01 00:00:00 UTC"));
	cr_expect(ne(str, text_time(UINT64_MAX).text, ""));
}

Test(ntfs_time, known_moments)
{
	/* MSDN: the difference of the epochs is 11,644,473,600 seconds */
	struct timespec epoch = ntfs_time_to_timespec(116444736000000000), before = ntfs_time_to_timespec(1);

	cr_expect(that(epoch.tv_sec == 0 && epoch.tv_nsec == 0));
	cr_expect(that(before.tv_sec == -INT64_C(11644473600) && before.tv_nsec == 100));
	cr_expect(eq(u64, ntfs_time_from_timespec((struct timespec){ 1, 999999999 }), 116444736019999999));
}

TheoryDataPoints(ntfs_time, way_there_and_back) = {
	DataPoints(uint64_t, 0, 1, 9999999, 10000000, 116444735999999999, 116444736000000000, 116444736000000001,
		   133000000000000000, INT64_MAX),
};

Theory((uint64_t time), ntfs_time, way_there_and_back)
{
	struct timespec there = ntfs_time_to_timespec(time);

	cr_expect(that(there.tv_nsec >= 0 && there.tv_nsec < 1000000000));
	cr_expect(eq(u64, ntfs_time_from_timespec(there), time));
}
