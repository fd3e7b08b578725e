/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_map_file.c - expected values: GNU ddrescue manual, "Mapfile structure" */
#include "tests/unit/unit.h"

#include "scan/map_file.h"

struct map {
	const char  *name, *text;
	uint64_t     size_bytes;
	int          result;
	const char  *says; /* in the error */
	size_t       count;
	struct range ranges[3];
};

static const struct map maps[] = {
	{ "the manual's example",
	  "# Mapfile. Created by GNU ddrescue version 1.30\n"
	  "# Command line: ddrescue -d -c18 /dev/fd0 fdimage mapfile\n"
	  "# current_pos  current_status  current_pass\n"
	  "0x00120000     ?               1\n"
	  "#      pos        size  status\n"
	  "0x00000000  0x00117000  +\n"
	  "0x00117000  0x00000200  -\n"
	  "0x00117200  0x00001000  /\n"
	  "0x00118200  0x00007E00  *\n"
	  "0x00120000  0x00048000  ?\n",
	  0x168000, 0, "", 1, { { 0x117000, 0x51000 } } },
	{ "all read", "0 +\n0 1000 +\n", 1000, 0, "", 0, { { 0 } } },
	{ "decimal, octal, tabs, no pass", "0\t+\n0\t512\t-\n01000\t512\t+\n1024 0x10 ?\n", 1040, 0, "", 2,
	  { { 0, 512 }, { 1024, 16 } } },
	{ "what is not mentioned", "0 ?\n100 100 +\n300 100 +\n", 500, 0, "", 3, { { 0, 100 }, { 200, 100 }, { 400, 100 } } },
	{ "no blocks", "0 ?\n", 500, 0, "", 1, { { 0, 500 } } },
	{ "Windows line ends", "0 +\r\n0 100 +\r\n\r\n", 100, 0, "", 0, { { 0 } } },
	{ "empty", "", 500, -1, "before its status line", 0, { { 0 } } },
	{ "comments alone", "# nothing\n\n", 500, -1, "before its status line", 0, { { 0 } } },
	{ "prose", "hello\n", 500, -1, "line 1", 0, { { 0 } } },
	{ "unknown status", "0 +\n0 100 x\n", 500, -1, "line 2", 0, { { 0 } } },
	{ "no status", "0 +\n0 100\n", 500, -1, "line 2", 0, { { 0 } } },
	{ "negative", "0 +\n-1 100 +\n", 500, -1, "line 2", 0, { { 0 } } },
	{ "overlap", "0 +\n0 100 +\n# here\n50 100 +\n", 500, -1, "line 4", 0, { { 0 } } },
	{ "behind all numbers", "0 +\n0xffffffffffffff00 0x200 +\n", 500, -1, "line 2", 0, { { 0 } } },
	{ "no number", "0 +\n0 99999999999999999999 +\n", 500, -1, "line 2", 0, { { 0 } } },
};

Test(map_file, blocks_that_were_not_read)
{
	char *folder = temp_folder(), *path = temp_path(folder, "map");

	for (size_t i = 0; i < COUNT(maps); i++) {
		const struct map *c = &maps[i];
		struct ranges     got = { 0 };
		struct error      err = { 0 };

		temp_write(path, c->text, strlen(c->text));
		cr_expect(eq(int, map_file_read(path, c->size_bytes, &got, &err), c->result), "%s: %s", c->name, err.text);
		cr_expect(that(strstr(err.text, c->says) != NULL), "%s: %s", c->name, err.text);
		if (c->result == 0) {
			cr_assert(eq(sz, got.count, c->count), "%s", c->name);
			for (size_t j = 0; j < c->count; j++) {
				cr_expect(eq(u64, got.items[j].start, c->ranges[j].start), "%s", c->name);
				cr_expect(eq(u64, got.items[j].length, c->ranges[j].length), "%s", c->name);
			}
		} else {
			cr_expect(eq(int, err.kind, ERROR_VALUE), "%s", c->name);
		}
		array_release(&got);
	}
	free(path);
	temp_remove(folder);
}
