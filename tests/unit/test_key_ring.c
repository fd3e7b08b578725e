/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_key_ring.c - keys as people type them, and that they stay nowhere */
#include "tests/unit/unit.h"

#include "scan/key_ring.h"

#include <string.h>
#include <unistd.h>

#define RECOVERY "000011-111111-222222-333333-444444-555555-666666-720885" /* each group a multiple of eleven */

struct typed {
	const char *text;
	const char *why; /* NULL: it is taken */
};

Test(key_ring, recovery_keys)
{
	static const struct typed cases[] = {
		{ RECOVERY, NULL },
		{ "000011 111111 222222 333333 444444 555555 666666 720885", NULL },
		{ "000011111111222222333333444444555555666666720885", NULL },
		{ "000012-111111-222222-333333-444444-555555-666666-720885", "group 1 of the recovery key is mistyped" },
		{ "000011-111111-222222-333333-444444-555555-666666-720886", "group 8 of the recovery key is mistyped" },
		/* 65536 times eleven: no number of 16 bits */
		{ "000011-111111-222222-333333-444444-555555-666666-720896", "group 8 of the recovery key is mistyped" },
		{ "000011-111111-222222-333333-444444-555555-666666", "group 8 is none" },
		{ "000011-111111-22222-333333-444444-555555-666666-720885", "group 3 is none" },
		{ RECOVERY "0", "no more than eight groups" },
		{ "", "group 1 is none" },
		{ "secret", "group 1 is none" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct key_ring ring = { .count = 0 };
		struct error    err = { .kind = ERROR_NONE };
		char            value[80];
		bool            taken;
		int             result;

		snprintf(value, sizeof value, "%s", cases[i].text);
		result = key_ring_option(&ring, KEY_RING_RECOVERY, value, NULL, &taken, &err);
		cr_expect(that(taken));
		cr_expect(eq(int, result, cases[i].why ? -1 : 0), "%s", cases[i].text);
		if (cases[i].why)
			cr_expect(that(err.kind == ERROR_USAGE && strstr(err.text, cases[i].why)), "%s", err.text);
		else
			cr_expect(eq(str, ring.keys[0], "r" RECOVERY));
		cr_expect(eq(sz, strspn(value, "*"), strlen(cases[i].text)), "what was typed is still there");
		key_ring_release(&ring);
	}
}

Test(key_ring, recorded_command_line_has_stars)
{
	struct key_ring ring = { .count = 0 };
	struct error    err;
	char            value[] = RECOVERY, line[] = "holdfast scan --recovery-key=" RECOVERY " disk.img";
	bool            taken;

	cr_assert(eq(int, key_ring_option(&ring, KEY_RING_RECOVERY, value, line, &taken, &err), 0));
	cr_expect(that(strstr(line, "--recovery-key=****") && strstr(line, " disk.img")));
	cr_expect(that(!strpbrk(line + strlen("holdfast scan --recovery-key="), "0123456789")), "%s", line);
	cr_assert(eq(int, key_ring_option(&ring, 'x', value, line, &taken, &err), 0));
	cr_expect(that(!taken));
	key_ring_release(&ring);
	cr_expect(that(!ring.count && !ring.keys[0]));
}

Test(key_ring, passwords)
{
	static const struct {
		const char *file, *key; /* NULL: refused */
	} cases[] = { { "Gr\xc3\xbc\xc3\x9f" "e\nsecond line\n", "pGr\xc3\xbc\xc3\x9f" "e" },
		      { "windows\r\n", "pwindows" },
		      { "no end", "pno end" },
		      { " with spaces ", "p with spaces " },
		      { "", NULL },
		      { "\nempty first line", NULL } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		char            path[] = "/tmp/holdfast-password-XXXXXX";
		int             fd = mkstemp(path);
		struct key_ring ring = { .count = 0 };
		struct error    err;
		bool            taken;

		cr_assert(that(fd >= 0 && write(fd, cases[i].file, strlen(cases[i].file)) >= 0));
		close(fd);
		cr_expect(eq(int, key_ring_option(&ring, KEY_RING_PASSWORD, path, NULL, &taken, &err),
			     cases[i].key ? 0 : -1));
		if (cases[i].key)
			cr_expect(eq(str, ring.keys[0], (char *)cases[i].key));
		unlink(path);
		key_ring_release(&ring);
	}
}
