/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_html.c - names that would be markup, or change how a page is read */
#include "report/page/html.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect(const char *text, const char *wanted)
{
	char  *got = NULL;
	size_t length = 0;
	FILE  *out = open_memstream(&got, &length);

	html_text(out, text);
	fclose(out);
	cr_expect_str_eq(got, wanted, "%s: %s", text, got);
	free(got);
}

Test(html, markup_is_text)
{
	expect("a & b", "a &amp; b");
	expect("</script><b>", "&lt;/script&gt;&lt;b&gt;");
	expect("\" onload='x'", "&quot; onload=&#39;x&#39;");
}

Test(html, what_is_odd_is_seen)
{
	expect("a\x1b[31m\n\x7f", "a⟨U+001B⟩[31m⟨U+000A⟩⟨U+007F⟩");
	expect("\xc2\x85", "⟨U+0085⟩");                /* a C1 control: next line */
	expect("x\xe2\x80\xaegpj", "x⟨U+202E⟩gpj");     /* right-to-left override */
	expect("\xed\xa0\x80", "⟨U+D800⟩");             /* an unpaired surrogate */
	expect("\xc0\x80", "⟨U+0000⟩");                 /* a zero in a name */
	expect("a\xff z", "a⟨0xFF⟩ z");                 /* no UTF-8 */
}

Test(html, letters_stay)
{
	expect("山田 résumé 😀", "山田 résumé 😀");
	expect("שלום", "שלום");
}

Test(html, a_name_stands_apart)
{
	char  *got = NULL;
	size_t length = 0;
	FILE  *out = open_memstream(&got, &length);

	html_name(out, "<x>");
	fclose(out);
	cr_expect_str_eq(got, "<bdi class=\"name\">&lt;x&gt;</bdi>");
	free(got);
}

Test(html, a_part_ends_where_it_says)
{
	char  *got = NULL;
	size_t length = 0;
	FILE  *out = open_memstream(&got, &length);

	html_part(out, "a<b>c", 3);
	fclose(out);
	cr_expect_str_eq(got, "a&lt;b");
	free(got);
}
