/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_content_kind.c - expected values: the formats' own first bytes */
#include "scan/kind/content_kind.h"

#include "tests/unit/unit.h"

#define HEAD_BYTES 600u

struct head_case {
	char     name[40];
	uint16_t at, length; /* the bytes, and where they stand */
	uint8_t  bytes[64];
	bool     agrees;
};

#define BYTES(...) .length = sizeof((uint8_t[]){ __VA_ARGS__ }), .bytes = { __VA_ARGS__ }
#define JPEG  BYTES(0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 1, 0, 96, 0, 96, 0, 0)
#define PNG   BYTES(0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0)
#define OLE   BYTES(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
		    0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 42, 0, 0, 0, \
		    0, 0, 0, 0, 0, 16, 0, 0, 44, 0, 0, 0)
#define ZIP   BYTES('P', 'K', 3, 4, 20, 0, 0, 0, 8, 0, 0, 0, 33, 88, 1, 2, 3, 4, 5, 0, 0, 0, 7, 0, 0, 0, 5, 0, 0, 0, 'a', '.', 't', 'x', 't')
#define PDF   BYTES('%', 'P', 'D', 'F', '-', '1', '.', '7', '\n')
#define TEXT  BYTES('D', 'e', 'a', 'r', ' ', 'A', 'l', 'i', 'c', 'e', ',', '\n')
#define SQL   BYTES('S', 'Q', 'L', 'i', 't', 'e', ' ', 'f', 'o', 'r', 'm', 'a', 't', ' ', '3', 0, 16, 0, 1, 1, 0, 64, 32, 32)
#define MP4   BYTES(0, 0, 0, 24, 'f', 't', 'y', 'p', 'i', 's', 'o', 'm', 0, 0, 2, 0, 'i', 's', 'o', 'm', 'm', 'p', '4', '2')
#define GIF   BYTES('G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0x80, 0, 0)
#define PST   BYTES('!', 'B', 'D', 'N', 1, 2, 3, 4, 'S', 'M', 23, 0)
#define NOISE BYTES(0x8d, 0x1c, 0x9e, 0x33, 0xb7, 0x02, 0xe5, 0xf1, 0x60, 0x91)

static struct head_case head_cases[] = {
	{ "IMG_1.JPG", JPEG, .agrees = true },
	{ "C$/x.y/IMG.jpeg", JPEG, .agrees = true },
	{ "a.jpg", PNG },
	{ "a.jpg", NOISE },
	{ "a.jpg", TEXT },
	{ "a.jpg", BYTES(0) },
	{ "a.png", PNG, .agrees = true },
	{ "a.png", JPEG },
	{ "a.gif", GIF, .agrees = true },
	{ "a.gif", PDF },
	{ "a.pdf", PDF, .agrees = true },
	{ "a.pdf", ZIP },
	{ "a.zip", ZIP, .agrees = true },
	{ "a.docx", ZIP, .agrees = true },
	{ "a.docx", OLE, .agrees = true }, /* with a password */
	{ "a.docx", JPEG },
	{ "a.xlsx", TEXT },
	{ "a.doc", OLE, .agrees = true },
	{ "a.doc", ZIP, .agrees = true },
	{ "a.doc", BYTES('{', '\\', 'r', 't', 'f', '1', '\\', 'a', 'n', 's', 'i'), .agrees = true },
	{ "a.xls", BYTES('<', 'h', 't', 'm', 'l', '>', '<', 't', 'a', 'b', 'l', 'e', '>'), .agrees = true },
	{ "a.doc", NOISE },
	{ "a.doc", PDF },
	{ "a.mp4", MP4, .agrees = true },
	{ "a.mp4", NOISE },
	{ "a.sqlite", SQL, .agrees = true },
	{ "a.sqlite", ZIP },
	{ "a.pst", PST, .agrees = true },
	{ "a.pst", NOISE },
	{ "a.pst", BYTES(0) },
};

ParameterizedTestParameters(content_kind, beginnings)
{
	return CASES(struct head_case, head_cases);
}

ParameterizedTest(struct head_case *c, content_kind, beginnings)
{
	const struct content_kind *kind = content_kind_of(c->name);
	struct kind_looker         looker = { 0 };
	struct blob                head = blob_zero(HEAD_BYTES);

	/* text goes on as text, the rest with bytes of all values */
	for (size_t i = 0; i < HEAD_BYTES && c->length > 1; i++)
		head.at[i] = i < c->length ? c->bytes[i] : c->bytes[0] == 'D' || c->bytes[0] == '<' || c->bytes[0] == '{' ? 'x' : (uint8_t)(i * 37);
	cr_assert(kind != NULL, "%s", c->name);
	cr_expect(eq(int, content_kind_agrees(&looker, kind, blob_bytes(head, 0)), c->agrees), "%s, byte %02x", c->name, c->bytes[0]);
	kind_looker_release(&looker);
	free(head.at);
}

Test(content_kind, names_that_promise_nothing)
{
	static const char *const names[] = { "", "x", "x.", ".", "x.txt", "x.dat", "x.jpg.bak", "jpg", "a.jpg\\b", "a.jpg/b", "x.a b", "x. jpg", "x.jpg jpeg",
					     "x.averyveryverylongextension" };

	for (size_t i = 0; i < COUNT(names); i++)
		cr_expect(that(!content_kind_of(names[i])), "%s", names[i]);
	cr_expect(that(content_kind_of(".JpG") != NULL));
}
