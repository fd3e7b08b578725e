/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_wim_image.c - images of WIM files made by libwim itself, whole and damaged at each of their bytes */
#include "recover/engine/wim_content.h"
#include "recover/engine/wim_image.h"
#include "tests/unit/unit.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wimlib.h>

#define NOISE_BYTES 3000u
#define TEXT_BYTES  70000u /* three chunks of LZX */

static char            *folder, *path;
static struct wim_image image;
static struct error     err;

static void begin(void)
{
	folder = temp_folder();
	path = temp_path(folder, "system.wim");
}

static void end(void)
{
	wim_image_close(&image);
	free(path);
	temp_remove(folder);
}

TestSuite(wim_image, .init = begin, .fini = end);

static void put_file(const char *tree, const char *name, const void *bytes, size_t size)
{
	char *file = temp_path(tree, name);

	temp_write(file, bytes, size);
	free(file);
}

/* "noise", "text", "again" with the same, "empty", "folder/short", and "folder/linked" which is "noise". */
static void make_tree(const char *tree)
{
	struct blob noise = blob_zero(NOISE_BYTES), text = blob_zero(TEXT_BYTES);
	char       *inner = temp_path(tree, "folder"), *first = temp_path(tree, "noise");
	char       *second = temp_path(inner, "linked");
	uint64_t    seed = 3;

	for (size_t i = 0; i < noise.size; i++)
		noise.at[i] = (uint8_t)dice(&seed);
	for (size_t i = 0; i < text.size; i++)
		text.at[i] = (uint8_t)("a line of text "[i % 15] + (i / 1000) % 3);
	cr_assert(mkdir(tree, 0777) == 0);
	cr_assert(mkdir(inner, 0777) == 0);
	put_file(tree, "noise", noise.at, noise.size);
	put_file(tree, "text", text.at, text.size);
	put_file(tree, "again", text.at, text.size);
	put_file(tree, "empty", "", 0);
	put_file(inner, "short", "short", 5);
	cr_assert(link(first, second) == 0);
	free(noise.at);
	free(text.at);
	free(inner);
	free(first);
	free(second);
}

static void make_wim(int type, int write_flags, const char *const *names, size_t count)
{
	char      *tree = temp_path(folder, "tree");
	WIMStruct *wim;

	make_tree(tree);
	cr_assert(eq(int, wimlib_create_new_wim((enum wimlib_compression_type)type, &wim), 0));
	for (size_t i = 0; i < count; i++)
		cr_assert(eq(int, wimlib_add_image(wim, tree, names[i], NULL, 0), 0));
	cr_assert(eq(int, wimlib_write(wim, path, WIMLIB_ALL_IMAGES, write_flags, 1), 0));
	wimlib_free(wim);
	free(tree);
}

static int open_and_verify(void)
{
	int result = wim_image_open(&image, path, NULL, 0, &err);

	return result < 0 ? result : wim_image_verify(&image, &err);
}

/* -------- what is in it -------- */

struct found {
	uint64_t files, folders, bytes, linked, group;
};

static int find(void *context, const struct wim_entry *entry, struct error *why)
{
	struct found *found = context;

	(void)why;
	if (entry->attributes & WIM_DIRECTORY) {
		found->folders++;
		return 0;
	}
	found->files++;
	found->bytes += entry->stream_bytes[0];
	if (entry->link_group) {
		cr_expect(that(!found->linked++ || entry->link_group == found->group));
		found->group = entry->link_group;
	}
	if (strcmp(entry->path, "/folder/short") == 0)
		cr_expect(eq(u64, entry->stream_bytes[0], 5));
	return 0;
}

Test(wim_image, every_name_is_visited)
{
	struct found found = { 0 };

	make_wim(WIMLIB_COMPRESSION_TYPE_LZX, 0, (const char *[]){ "system" }, 1);
	cr_assert(eq(int, wim_image_open(&image, path, NULL, 0, &err), 0), "%s", err.text);
	cr_expect(eq(int, image.index, 1));
	cr_expect(eq(str, (char *)image.name, "system"));
	cr_assert(eq(int, wim_image_walk(&image, find, &found, &err), 0));
	cr_expect(eq(u64, found.folders, 2)); /* with the root */
	cr_expect(eq(u64, found.files, 6));
	cr_expect(eq(u64, found.linked, 2));
	cr_expect(eq(u64, found.bytes, 2 * NOISE_BYTES + 2 * TEXT_BYTES + 5));
}

static int stop(void *context, const struct wim_entry *entry, struct error *why)
{
	(void)entry, (void)why;
	++*(int *)context;
	return 7;
}

Test(wim_image, a_visit_may_end_the_walk)
{
	int visits = 0;

	make_wim(WIMLIB_COMPRESSION_TYPE_NONE, 0, (const char *[]){ "system" }, 1);
	cr_assert(eq(int, wim_image_open(&image, path, NULL, 0, &err), 0));
	cr_expect(eq(int, wim_image_walk(&image, stop, &visits, &err), 7));
	cr_expect(eq(int, visits, 1));
}

/* -------- which image -------- */

struct choice {
	char name[24];
	int  index; /* -1: refused */
};

ParameterizedTestParameters(wim_image, images_are_chosen)
{
	static struct choice cases[] = {
		{ "", -1 },    { ":", -1 },  { ":1", 1 },   { ":2", 2 },        { ":3", -1 },          { ":0", -1 },
		{ ":-1", -1 }, { ":*", -1 }, { ":all", -1 }, { ":Home: N", 2 }, { ":Pro", 1 }, { ":pro", -1 },
	};

	return CASES(struct choice, cases);
}

ParameterizedTest(struct choice *c, wim_image, images_are_chosen)
{
	char operand[512];

	make_wim(WIMLIB_COMPRESSION_TYPE_XPRESS, 0, (const char *[]){ "Pro", "Home: N" }, 2);
	snprintf(operand, sizeof operand, "%s%s", path, c->name);
	cr_expect(eq(int, wim_image_open(&image, operand, NULL, 0, &err), c->index < 0 ? -1 : 0), "%s", c->name);
	if (c->index > 0)
		cr_expect(eq(int, image.index, c->index), "%s", c->name);
	else
		cr_expect(eq(int, err.kind, ERROR_USAGE), "%s", c->name);
}

/* -------- damage -------- */

struct form {
	char name[16];
	int  type, flags;
};

ParameterizedTestParameters(wim_image, damage_is_noticed)
{
	static struct form cases[] = {
		{ "plain", WIMLIB_COMPRESSION_TYPE_NONE, 0 },
		{ "XPRESS", WIMLIB_COMPRESSION_TYPE_XPRESS, 0 },
		{ "LZX", WIMLIB_COMPRESSION_TYPE_LZX, 0 },
		{ "LZMS", WIMLIB_COMPRESSION_TYPE_LZMS, 0 },
		{ "solid", WIMLIB_COMPRESSION_TYPE_LZX, WIMLIB_WRITE_FLAG_SOLID },
		{ "pipable", WIMLIB_COMPRESSION_TYPE_LZX, WIMLIB_WRITE_FLAG_PIPABLE },
		{ "table", WIMLIB_COMPRESSION_TYPE_LZX, WIMLIB_WRITE_FLAG_CHECK_INTEGRITY },
	};

	return CASES(struct form, cases);
}

ParameterizedTest(struct form *c, wim_image, damage_is_noticed)
{
	struct blob whole;
	unsigned    noticed = 0, tried = 0;

	make_wim(c->type, c->flags, (const char *[]){ "system" }, 1);
	cr_assert(eq(int, open_and_verify(), 0), "%s: %s", c->name, err.text);
	wim_image_close(&image);
	whole = temp_read(path);
	/* behind the header, and one of what is solid, lie the contents; behind those, also what nobody needs */
	for (size_t at = c->flags & WIMLIB_WRITE_FLAG_SOLID ? 240 : 208; at < whole.size; at += 97) {
		whole.at[at] ^= 0x10;
		temp_write(path, whole.at, whole.size);
		whole.at[at] ^= 0x10;
		tried++;
		noticed += open_and_verify() < 0;
		if (at < NOISE_BYTES && !(c->flags & WIMLIB_WRITE_FLAG_PIPABLE))
			cr_expect(eq(u32, noticed, tried), "%s: byte %zu", c->name, at);
		wim_image_close(&image);
	}
	cr_expect(ge(u32, noticed, tried * 2 / 3), "%s: %u of %u", c->name, noticed, tried);
	for (size_t size = 0; size < whole.size; size += size < 300 ? 17 : 391) {
		temp_write(path, whole.at, size);
		cr_expect(lt(int, open_and_verify(), 0), "%s: %zu bytes of it", c->name, size);
		wim_image_close(&image);
	}
	free(whole.at);
}

/* -------- contents that no maker would write -------- */

struct odd_content {
	char     name[32];
	uint64_t offset, packed_bytes, bytes;
	uint32_t table[2]; /* of where chunks begin, at byte 0 of the file */
	int      code;
};

/* A file of 100 bytes: a table, then zeros */
ParameterizedTestParameters(wim_image, odd_chunk_tables)
{
	static struct odd_content cases[] = {
		{ "beyond the file", 90, 20, 20, { 0, 0 }, WIMLIB_ERR_UNEXPECTED_END_OF_FILE },
		{ "offset that wraps", UINT64_MAX - 4, 20, 20, { 0, 0 }, WIMLIB_ERR_UNEXPECTED_END_OF_FILE },
		{ "table larger than all", 0, 100, 1ull << 40, { 0, 0 }, WIMLIB_ERR_DECOMPRESSION },
		{ "most bytes that there are", 0, 100, UINT64_MAX, { 0, 0 }, WIMLIB_ERR_DECOMPRESSION },
		{ "chunks that go back", 0, 100, 3 * 32768, { 60, 20 }, WIMLIB_ERR_DECOMPRESSION },
		{ "chunk behind the end", 0, 100, 3 * 32768, { 20, 93 }, WIMLIB_ERR_DECOMPRESSION },
		{ "chunk of nothing", 0, 100, 3 * 32768, { 0, 20 }, WIMLIB_ERR_DECOMPRESSION },
		{ "no compressed data", 0, 100, 3 * 32768, { 20, 40 }, WIMLIB_ERR_DECOMPRESSION },
		{ "more than it unpacks to", 0, 100, 50, { 0, 0 }, WIMLIB_ERR_DECOMPRESSION },
	};

	return CASES(struct odd_content, cases);
}

ParameterizedTest(struct odd_content *c, wim_image, odd_chunk_tables)
{
	struct wim_content  content = { c->offset, c->packed_bytes, c->bytes, true, { 0 } };
	struct wim_contents contents = { .items = &content, .count = 1 };
	uint8_t             file[100] = { 0 };

	put_le32(file, c->table[0]);
	put_le32(file + 4, c->table[1]);
	temp_write(path, file, sizeof file);
	cr_expect(eq(int, wim_contents_verify(&contents, path,
					      (struct wim_packing){ WIMLIB_COMPRESSION_TYPE_XPRESS, 32768 }),
		     c->code),
		  "%s", c->name);
}

Test(wim_image, compressed_content_where_nothing_is_compressed)
{
	struct wim_content  content = { 0, 100, 200, true, { 0 } };
	struct wim_contents contents = { .items = &content, .count = 1 };
	uint8_t             file[100] = { 0 };

	temp_write(path, file, sizeof file);
	cr_expect(eq(int, wim_contents_verify(&contents, path, (struct wim_packing){ WIMLIB_COMPRESSION_TYPE_NONE, 0 }),
		     WIMLIB_ERR_DECOMPRESSION));
}

/* -------- what is refused as it is opened -------- */

/* Say in the file that its contents are encrypted, as an ESD out of the update catalogue does: in its XML. */
static void declare_encrypted(void)
{
	static const char xml[] = "<WIM><IMAGE INDEX=\"1\"/><ESD><ENCRYPTED/></ESD></WIM>";
	struct blob       whole = temp_read(path), longer = blob_zero(whole.size + 2 * sizeof xml);

	memcpy(longer.at, whole.at, whole.size);
	put_le16(longer.at + whole.size, 0xfeff);
	for (size_t i = 0; xml[i]; i++)
		put_le16(longer.at + whole.size + 2 + 2 * i, (uint8_t)xml[i]);
	/* the XML's place stands at 0x48 of the header: size and flags, offset, size before compression */
	put_le64(longer.at + 0x48, 2 * sizeof xml);
	put_le64(longer.at + 0x50, whole.size);
	put_le64(longer.at + 0x58, 2 * sizeof xml);
	temp_write(path, longer.at, longer.size);
	free(whole.at);
	free(longer.at);
}

Test(wim_image, encrypted_as_its_xml_says)
{
	make_wim(WIMLIB_COMPRESSION_TYPE_LZX, WIMLIB_WRITE_FLAG_SOLID, (const char *[]){ "system" }, 1);
	declare_encrypted();
	cr_expect(eq(int, wim_image_open(&image, path, NULL, 0, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_UNSUPPORTED));
	cr_expect(ne(ptr, strstr(err.text, "decrypt it first"), NULL), "%s", err.text);
}

/* Nothing says so: its bytes are noise, from @start on. */
static void encrypt(size_t start)
{
	struct blob whole = temp_read(path);
	uint64_t    seed = 5;

	for (size_t i = start; i < whole.size; i++)
		whole.at[i] = (uint8_t)dice(&seed);
	temp_write(path, whole.at, whole.size);
	free(whole.at);
}

Test(wim_image, encrypted_as_a_whole)
{
	make_wim(WIMLIB_COMPRESSION_TYPE_LZX, 0, (const char *[]){ "system" }, 1);
	encrypt(0);
	cr_expect(eq(int, wim_image_open(&image, path, NULL, 0, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	cr_expect(ne(ptr, strstr(err.text, "decrypt it first"), NULL), "%s", err.text);
}

Test(wim_image, encrypted_behind_its_header)
{
	make_wim(WIMLIB_COMPRESSION_TYPE_LZX, 0, (const char *[]){ "system" }, 1);
	encrypt(208);
	cr_expect(eq(int, wim_image_open(&image, path, NULL, 0, &err), -1));
	cr_expect(ne(ptr, strstr(err.text, "copy it again, or take another"), NULL), "%s", err.text);
}

/* An image of gigabytes is read once, however many steps ask. */
Test(wim_image, what_was_verified_is_not_read_again)
{
	make_wim(WIMLIB_COMPRESSION_TYPE_LZX, 0, (const char *[]){ "system" }, 1);
	cr_assert(eq(int, open_and_verify(), 0), "%s", err.text);
	encrypt(208);
	cr_expect(eq(int, wim_image_verify(&image, &err), 0));
	wim_image_close(&image);
	cr_expect(eq(int, open_and_verify(), -1));
}

Test(wim_image, what_is_no_wim)
{
	temp_write(path, "MSWIM and nothing more", 22);
	cr_expect(eq(int, wim_image_open(&image, path, NULL, 0, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
}
