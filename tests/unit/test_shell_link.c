/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_shell_link.c - expected values: MS-SHLLINK 2.1 to 2.3, links put together by hand */
#include "tests/unit/unit.h"

#include "recover/rules/shell_link.h"

#define HEADER 0x4c

struct link {
	char     name[32];
	uint32_t flags;      /* of the header */
	uint16_t items;      /* bytes of the list of items, with HasLinkTargetIDList */
	uint32_t info_flags; /* of LinkInfo */
	char     path[40], suffix[16];
	char     wide[20]; /* the path in UTF-16, "" none */
	int      result;
	char     wanted[48];
};

static void add_text(struct blob *blob, const char *text, bool wide)
{
	for (size_t i = 0; i <= strlen(text); i++) {
		blob->at[blob->size++] = (uint8_t)text[i];
		if (wide)
			blob->at[blob->size++] = 0;
	}
}

/* As an Explorer would write it. */
static struct blob make_link(const struct link *link)
{
	static const uint8_t class_id[] = { 1, 0x14, 2, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46 };
	struct blob          blob = blob_zero(1024), exact;
	size_t               info, header = *link->wide ? 0x24 : 0x1c;

	put_le32(blob.at, HEADER);
	memcpy(blob.at + 4, class_id, sizeof class_id);
	put_le32(blob.at + 0x14, link->flags);
	blob.size = HEADER;
	if (link->flags & 1) {
		put_le16(blob.at + blob.size, link->items);
		memset(blob.at + blob.size + 2, 0xee, link->items);
		blob.size += 2u + link->items;
	}
	info = blob.size;
	put_le32(blob.at + info + 0x04, (uint32_t)header);
	put_le32(blob.at + info + 0x08, link->info_flags);
	put_le32(blob.at + info + 0x0c, (uint32_t)header);
	blob.size = info + header + 0x11; /* a VolumeID without a label */
	put_le32(blob.at + info + 0x10, (uint32_t)(blob.size - info));
	add_text(&blob, link->path, false);
	put_le32(blob.at + info + 0x18, (uint32_t)(blob.size - info));
	add_text(&blob, link->suffix, false);
	if (*link->wide) {
		put_le32(blob.at + info + 0x1c, (uint32_t)(blob.size - info));
		add_text(&blob, link->wide, true);
		put_le32(blob.at + info + 0x20, (uint32_t)(blob.size - info));
		add_text(&blob, link->suffix, true);
	}
	put_le32(blob.at + info, (uint32_t)(blob.size - info));
	exact = blob_copy(blob.at, blob.size);
	free(blob.at);
	return exact;
}

ParameterizedTestParameters(shell_link, local_path)
{
	static struct link cases[] = {
		{ "plain", 2, 0, 1, "C:\\test\\a.txt", "", "", 1, "C:\\test\\a.txt" },
		{ "behind items", 3, 0xbd, 1, "C:\\test\\a.txt", "", "", 1, "C:\\test\\a.txt" },
		{ "empty list of items", 3, 0, 1, "C:\\x", "", "", 1, "C:\\x" },
		{ "with its suffix", 2, 0, 1, "C:\\Users\\", "anna\\x", "", 1, "C:\\Users\\anna\\x" },
		{ "in UTF-16 as well", 2, 0, 1, "C:\\?", "", "C:\\wide", 1, "C:\\wide" },
		{ "in an unknown code page", 2, 0, 1, "C:\\\xe4", "", "", 0, "" },
		{ "that, and in UTF-16", 2, 0, 1, "C:\\\xe4", "", "C:\\ae", 1, "C:\\ae" },
		{ "of a server alone", 2, 0, 2, "", "", "", 0, "" },
		{ "no LinkInfo", 0, 0, 1, "C:\\x", "", "", 0, "" },
		{ "LinkInfo not to be believed", 0x102, 0, 1, "C:\\x", "", "", 0, "" },
	};

	return CASES(struct link, cases);
}

ParameterizedTest(struct link *c, shell_link, local_path)
{
	struct blob  blob = make_link(c);
	char        *path;
	struct error err;

	cr_expect(eq(int, shell_link_local_path(blob_bytes(blob, 0), &path, &err), c->result), "%s", c->name);
	cr_expect(eq(str, path ? path : "", c->wanted), "%s", c->name);
	free(path);
	free(blob.at);
}

/* Cut off anywhere it is broken, or its path is not there: never another one. */
Test(shell_link, cut_off_anywhere)
{
	const struct link link = { "", 3, 7, 1, "C:\\test\\a.txt", "b", "C:\\wide", 1, "" };
	struct blob       whole = make_link(&link);

	for (size_t size = 0; size < whole.size; size++) {
		struct blob  cut = blob_copy(whole.at, size);
		char        *path;
		struct error err;

		cr_expect(eq(int, shell_link_local_path(blob_bytes(cut, 0), &path, &err), -1), "%zu bytes", size);
		cr_expect(that(path == NULL));
		free(cut.at);
	}
	free(whole.at);
}

Test(shell_link, offsets_that_leave_it)
{
	static const size_t   fields[] = { 0x00, 0x10, 0x18, 0x1c, 0x20 };
	static const uint32_t values[] = { 0x7fffffff, 0xffffffff, 0x400 };
	const struct link     link = { "", 2, 0, 1, "C:\\test\\a.txt", "b", "C:\\wide", 1, "" };
	const struct link     narrow = { "", 2, 0, 1, "C:\\test\\a.txt", "b", "", 1, "" };

	for (size_t i = 0; i < COUNT(fields); i++)
		for (size_t j = 0; j < COUNT(values); j++) {
			struct blob  blob = make_link(fields[i] == 0x10 || fields[i] == 0x18 ? &narrow : &link);
			char        *path;
			struct error err;

			put_le32(blob.at + HEADER + fields[i], values[j]);
			cr_expect(eq(int, shell_link_local_path(blob_bytes(blob, 0), &path, &err), -1), "%zx", fields[i]);
			cr_expect(that(path == NULL));
			free(blob.at);
		}
}

Test(shell_link, no_link)
{
	const struct link link = { "", 2, 0, 1, "C:\\x", "", "", 1, "" };
	struct blob       blob = make_link(&link);
	char             *path;
	struct error      err;

	blob.at[4] = 2; /* another class */
	cr_expect(eq(int, shell_link_local_path(blob_bytes(blob, 0), &path, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	free(blob.at);
}
