/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_content_check.c - files that are whole, cut, or written over
 *
 * PNG, GIF and JPEG are known small files and what the formats' texts allow; zips are made by libzip.
 */
#include "scan/kind/content_check.h"

#include "tests/unit/unit.h"

#include <string.h>
#include <zip.h>
#include <zlib.h>

/* The verdict on @size bytes in pieces of @piece; the first one is a sector or all. */
static enum content_finding verdict(const char *name, const uint8_t *at, size_t size, size_t piece)
{
	struct content_check check = { 0 };
	enum content_finding found;
	struct error         err;
	size_t               done = 0, part = size < 512 ? size : 512;

	content_check_begin(&check, name);
	for (; done < size; done += part, part = size - done < piece ? size - done : piece) {
		struct blob copy = blob_copy(at + done, part);

		cr_assert(eq(int, content_check_feed(&check, blob_bytes(copy, 0), &err), 0));
		free(copy.at);
	}
	found = content_check_end(&check);
	content_check_release(&check);
	return found;
}

static enum content_finding verdict_of(const char *name, struct blob file)
{
	enum content_finding found = verdict(name, file.at, file.size, 1 << 20);

	cr_expect(eq(int, verdict(name, file.at, file.size, 1), found), "%s: pieces of one byte say otherwise", name);
	cr_expect(eq(int, verdict(name, file.at, file.size, 7), found), "%s: pieces of seven bytes say otherwise", name);
	return found;
}

static void noise(struct blob file, size_t from, size_t length)
{
	uint64_t seed = 11;

	for (size_t i = 0; i < length; i++)
		file.at[from + i] = (uint8_t)dice(&seed);
}

/* -------- PNG -------- */

static const uint8_t png_pixel[] = {
	0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x01,
	0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x44, 0x41,
	0x54, 0x78, 0x9c, 0x63, 0x60, 0x60, 0x60, 0x60, 0x00, 0x00, 0x00, 0x05, 0x00, 0x01, 0xa5, 0xf6, 0x45, 0x40, 0x00, 0x00,
	0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

Test(content_check, png_is_sound_or_not)
{
	struct blob file = blob_copy(png_pixel, sizeof png_pixel), longer = blob_zero(sizeof png_pixel + 1);

	cr_expect(eq(int, verdict_of("a.png", file), CONTENT_SOUND));
	for (size_t i = 8; i < file.size; i++) { /* the first eight make it one */
		file.at[i] ^= 0x20;
		cr_expect(eq(int, verdict("a.png", file.at, file.size, 512), i < 16 ? verdict("a.png", file.at, file.size, 512) : CONTENT_BROKEN), "byte %zu", i);
		cr_expect(that(verdict("a.png", file.at, file.size, 512) != CONTENT_SOUND), "byte %zu", i);
		file.at[i] ^= 0x20;
	}
	for (size_t size = 30; size < file.size; size++)
		cr_expect(eq(int, verdict("a.png", file.at, size, 512), CONTENT_BROKEN), "%zu bytes", size);
	memcpy(longer.at, png_pixel, sizeof png_pixel);
	cr_expect(eq(int, verdict_of("a.png", longer), CONTENT_UNKNOWN)); /* the last byte is not checked */
	cr_expect(eq(int, verdict_of("a.txt", file), CONTENT_UNKNOWN));
	cr_expect(eq(int, verdict_of("a.jpg", file), CONTENT_FOREIGN));
	free(file.at);
	free(longer.at);
}

/* -------- GIF -------- */

static const uint8_t gif_pixel[] = { 'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff,
				     0x21, 0xf9, 4, 1, 0, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 1, 0x44, 0, 0x3b };

Test(content_check, gif_reaches_its_trailer)
{
	struct blob file = blob_copy(gif_pixel, sizeof gif_pixel), large = blob_zero(60000);
	size_t      at;

	cr_expect(eq(int, verdict_of("a.gif", file), CONTENT_UNKNOWN));
	for (size_t size = 13; size < file.size; size++)
		cr_expect(eq(int, verdict("a.gif", file.at, size, 512), CONTENT_BROKEN), "%zu bytes", size);
	/* 125 by 450 pixels in codes of eight bits, which stay so since the table is cleared in time */
	memcpy(large.at, "GIF89a\x7d\0\xc2\1\0\0\0\x2c\0\0\0\0\x7d\0\xc2\1\0\7", 24);
	for (at = 24; at < 24 + 450 * 127; at += 127) {
		large.at[at] = 126;
		noise(large, at + 1, 126);
		for (size_t i = 0; i < 126; i++)
			large.at[at + 1 + i] &= 0x7f;
		large.at[at + 1] = 0x80;
	}
	memcpy(large.at + at, "\1\x81", 2);
	at += 2;
	large.at[at] = 0;
	large.at[at + 1] = 0x3b;
	large.size = at + 2;
	cr_expect(eq(int, verdict_of("a.gif", large), CONTENT_UNKNOWN));
	large.at[8]++; /* the screen may be larger than the image */
	cr_expect(eq(int, verdict_of("a.gif", large), CONTENT_UNKNOWN));
	large.at[20]++; /* the image may not be larger than what is there of it */
	cr_expect(eq(int, verdict_of("a.gif", large), CONTENT_BROKEN));
	large.at[20]--;
	noise(large, 20480, 4096);
	cr_expect(eq(int, verdict_of("a.gif", large), CONTENT_BROKEN));
	free(file.at);
	free(large.at);
}

/* -------- JPEG -------- */

/* A known small one: tables, a frame, one scan. */
static const uint8_t jpeg_pixel[] = {
	0xff, 0xd8, 0xff, 0xdb, 0x00, 0x43, 0x00, 0x03, 0x02, 0x02, 0x02, 0x02, 0x02, 0x03, 0x02, 0x02, 0x02, 0x03, 0x03, 0x03, 0x03, 0x04, 0x06, 0x04,
	0x04, 0x04, 0x04, 0x04, 0x08, 0x06, 0x06, 0x05, 0x06, 0x09, 0x08, 0x0a, 0x0a, 0x09, 0x08, 0x09, 0x09, 0x0a, 0x0c, 0x0f, 0x0c, 0x0a, 0x0b, 0x0e,
	0x0b, 0x09, 0x09, 0x0d, 0x11, 0x0d, 0x0e, 0x0f, 0x10, 0x10, 0x11, 0x10, 0x0a, 0x0c, 0x12, 0x13, 0x12, 0x10, 0x13, 0x0f, 0x10, 0x10, 0x10, 0xff,
	0xc9, 0x00, 0x0b, 0x08, 0x00, 0x01, 0x00, 0x01, 0x01, 0x01, 0x11, 0x00, 0xff, 0xcc, 0x00, 0x06, 0x00, 0x10, 0x10, 0x05, 0xff, 0xda, 0x00, 0x08,
	0x01, 0x01, 0x00, 0x00, 0x3f, 0x00, 0xd2, 0xcf, 0x20, 0xff, 0xd9,
};
#define JPEG_SCAN_AT (sizeof jpeg_pixel - 5)

/* The same with a scan of @bytes, stuffed as the format wants, with restarts, and a table and a scan after it. */
static struct blob large_jpeg(size_t bytes)
{
	static const uint8_t more[] = { 0xff, 0xc4, 0, 4, 1, 2, 0xff, 0xff, 0xda, 0, 4, 1, 2, 0x55, 0xff, 0, 0x55 };
	struct blob          file = blob_zero(sizeof jpeg_pixel + 2 * bytes + sizeof more);
	uint64_t             seed = 5;
	size_t               at = JPEG_SCAN_AT;

	memcpy(file.at, jpeg_pixel, JPEG_SCAN_AT);
	for (size_t i = 0; i < bytes; i++) {
		file.at[at++] = (uint8_t)dice(&seed);
		if (file.at[at - 1] == 0xff)
			file.at[at++] = i % 5 == 0 ? (uint8_t)(0xd0 + i % 8) : 0;
	}
	memcpy(file.at + at, more, sizeof more);
	at += sizeof more;
	file.at[at++] = 0xff;
	file.at[at++] = 0xd9;
	file.size = at;
	return file;
}

Test(content_check, jpeg_reaches_its_end)
{
	struct blob file = blob_copy(jpeg_pixel, sizeof jpeg_pixel), large = large_jpeg(40000);

	cr_expect(eq(int, verdict_of("a.jpg", file), CONTENT_UNKNOWN));
	for (size_t size = 24; size < file.size; size++)
		cr_expect(eq(int, verdict("a.jpg", file.at, size, 512), CONTENT_BROKEN), "%zu bytes", size);
	cr_expect(eq(int, verdict_of("a.jpeg", large), CONTENT_UNKNOWN));
	cr_expect(eq(int, verdict("a.jpeg", large.at, large.size - 1, 512), CONTENT_BROKEN));
	noise(large, 20480, 4096);
	cr_expect(eq(int, verdict_of("a.jpeg", large), CONTENT_BROKEN));
	free(file.at);
	free(large.at);
}

/* -------- PDF, MP4 -------- */

Test(content_check, pdf_has_its_last_line)
{
	struct blob file = blob_zero(9000);

	memset(file.at, ' ', file.size);
	memcpy(file.at, "%PDF-1.7\n", 9);
	cr_expect(eq(int, verdict_of("a.pdf", file), CONTENT_BROKEN));
	memcpy(file.at + 9000 - 1024, "%%EOF", 5);
	cr_expect(eq(int, verdict_of("a.pdf", file), CONTENT_UNKNOWN));
	memcpy(file.at + 9000 - 1024, "     ", 5);
	memcpy(file.at + 9000 - 1025, "%%EOF", 5);
	cr_expect(eq(int, verdict_of("a.pdf", file), CONTENT_BROKEN));
	memcpy(file.at + 9000 - 1025, "     ", 5);
	memcpy(file.at + 9000 - 5, "%%EOF", 5);
	cr_expect(eq(int, verdict_of("a.pdf", file), CONTENT_UNKNOWN));
	cr_expect(eq(int, verdict("a.pdf", file.at, file.size - 1, 4096), CONTENT_BROKEN));
	free(file.at);
}

/* ftyp, a box with 64 bits of length, moov, and mdat to the end. */
Test(content_check, mp4_boxes_follow_one_another)
{
	static const uint8_t boxes[] = {
		0, 0, 0, 24, 'f', 't', 'y', 'p', 'i', 's', 'o', 'm', 0, 0, 2, 0, 'i', 's', 'o', 'm', 'm', 'p', '4', '2',
		0, 0, 0, 1, 'f', 'r', 'e', 'e', 0, 0, 0, 0, 0, 0, 0, 20, 1, 2, 3, 4,
		0, 0, 0, 8, 'm', 'o', 'o', 'v',
		0, 0, 0, 12, 'm', 'd', 'a', 't', 9, 9, 9, 9,
	};
	struct blob file = blob_copy(boxes, sizeof boxes);

	cr_expect(eq(int, verdict_of("a.mp4", file), CONTENT_UNKNOWN));
	cr_expect(eq(int, verdict("a.mp4", file.at, file.size - 1, 512), CONTENT_BROKEN));
	cr_expect(eq(int, verdict("a.mp4", file.at, 44, 512), CONTENT_BROKEN)); /* no moov */
	file.at[file.size - 9] = 0; /* to the end */
	cr_expect(eq(int, verdict_of("a.mp4", file), CONTENT_UNKNOWN));
	file.at[file.size - 9] = 7;
	cr_expect(eq(int, verdict_of("a.mp4", file), CONTENT_BROKEN));
	free(file.at);
}

/* -------- zip -------- */

enum zip_shape { ZIP_PLAIN, ZIP_COMMENTED, ZIP_STORED, ZIP_ENCRYPTED };

static struct blob make_zip(enum zip_shape shape)
{
	static uint8_t words[200000], bytes[50000];
	char          *folder = temp_folder(), *path = temp_path(folder, "a.zip");
	uint64_t       seed = 3;
	zip_t         *zip = zip_open(path, ZIP_CREATE, NULL);
	struct blob    file;
	zip_int64_t    member;

	cr_assert(that(zip != NULL));
	for (size_t i = 0; i < sizeof words; i++)
		words[i] = "state store user link\n"[dice(&seed) % 5 * 4 + i % 4];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)dice(&seed);
	cr_assert(that(zip_dir_add(zip, "word", 0) >= 0));
	member = zip_file_add(zip, "word/document.xml", zip_source_buffer(zip, words, sizeof words, 0), 0);
	cr_assert(that(member >= 0));
	if (shape == ZIP_STORED)
		zip_set_file_compression(zip, (zip_uint64_t)member, ZIP_CM_STORE, 0);
	if (shape == ZIP_ENCRYPTED)
		cr_assert(eq(int, zip_file_set_encryption(zip, (zip_uint64_t)member, ZIP_EM_AES_256, "secret"), 0));
	cr_assert(that(zip_file_add(zip, "media/a.bin", zip_source_buffer(zip, bytes, sizeof bytes, 0), 0) >= 0));
	cr_assert(that(zip_file_add(zip, "empty", zip_source_buffer(zip, bytes, 0, 0), 0) >= 0));
	if (shape == ZIP_COMMENTED)
		zip_set_archive_comment(zip, "nothing to see", 14);
	cr_assert(eq(int, zip_close(zip), 0));
	file = temp_read(path);
	free(path);
	temp_remove(folder);
	return file;
}

Test(content_check, zip_is_unpacked_on_the_way)
{
	static const enum zip_shape shapes[] = { ZIP_PLAIN, ZIP_COMMENTED, ZIP_STORED, ZIP_ENCRYPTED };

	for (size_t i = 0; i < COUNT(shapes); i++) {
		struct blob file = make_zip(shapes[i]);
		size_t      middle = file.size / 2 / 4096 * 4096;

		cr_expect(eq(int, verdict_of("a.docx", file), shapes[i] == ZIP_ENCRYPTED ? CONTENT_UNKNOWN : CONTENT_SOUND), "shape %zu", i);
		for (size_t cut = 1; cut < 400; cut += 7)
			cr_expect(eq(int, verdict("a.docx", file.at, file.size - cut, 4096), CONTENT_BROKEN), "shape %zu, %zu bytes less", i, cut);
		for (size_t at = 8192; shapes[i] != ZIP_ENCRYPTED && at < 40000; at += 4096) {
			file.at[at] ^= 1;
			cr_expect(eq(int, verdict("a.docx", file.at, file.size, 4096), CONTENT_BROKEN), "shape %zu, byte %zu", i, at);
			file.at[at] ^= 1;
		}
		memset(file.at + middle, 0, 4096);
		cr_expect(that(shapes[i] == ZIP_ENCRYPTED || verdict_of("a.docx", file) == CONTENT_BROKEN), "shape %zu", i);
		free(file.at);
	}
}

/* The directory lists another member than the one that is there. */
Test(content_check, zip_directory_has_to_list_what_is_there)
{
	struct blob file = make_zip(ZIP_PLAIN);
	uint8_t    *central = memmem(file.at, file.size, "PK\1\2", 4);

	cr_assert(that(central != NULL));
	central[46 + 16 + 0] ^= 0; /* names do not count */
	central[16] ^= 1;          /* CRC */
	cr_expect(eq(int, verdict_of("a.zip", file), CONTENT_BROKEN));
	central[16] ^= 1;
	central[42] ^= 1; /* place */
	cr_expect(eq(int, verdict_of("a.zip", file), CONTENT_BROKEN));
	central[42] ^= 1;
	cr_expect(eq(int, verdict_of("a.zip", file), CONTENT_SOUND));
	free(file.at);
}

/* A member whose lengths follow it, as programs write that cannot go back; then with 64 bits. */
static struct blob streamed_zip(bool large)
{
	static const char text[] = "a text that is written as it comes, a text that is written as it comes";
	struct blob       file = blob_zero(400);
	z_stream          stream = { 0 };
	uint32_t          crc = (uint32_t)crc32(0, (const uint8_t *)text, sizeof text);
	size_t            at = 30, packed, central;

	memcpy(file.at, "PK\3\4\x2d\0\x08\0\x08\0", 10);
	put_le16(file.at + 26, 1);
	file.at[at++] = 'x';
	if (large) {
		put_le16(file.at + 28, 20);
		put_le32(file.at + 18, UINT32_MAX);
		put_le32(file.at + 22, UINT32_MAX);
		put_le16(file.at + at, 1);
		put_le16(file.at + at + 2, 16);
		at += 20;
	}
	cr_assert(eq(int, deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK));
	stream.next_in = (Bytef *)text;
	stream.avail_in = sizeof text;
	stream.next_out = file.at + at;
	stream.avail_out = 200;
	cr_assert(eq(int, deflate(&stream, Z_FINISH), Z_STREAM_END));
	packed = stream.total_out;
	deflateEnd(&stream);
	at += packed;
	memcpy(file.at + at, "PK\7\x08", 4);
	put_le32(file.at + at + 4, crc);
	if (large) {
		put_le64(file.at + at + 8, packed);
		put_le64(file.at + at + 16, sizeof text);
		at += 24;
	} else {
		put_le32(file.at + at + 8, (uint32_t)packed);
		put_le32(file.at + at + 12, sizeof text);
		at += 16;
	}
	central = at;
	memcpy(file.at + at, "PK\1\2\x2d\0\x2d\0\x08\0\x08\0", 12);
	put_le32(file.at + at + 16, crc);
	put_le32(file.at + at + 20, (uint32_t)packed);
	put_le32(file.at + at + 24, sizeof text);
	put_le16(file.at + at + 28, 1);
	file.at[at + 46] = 'x';
	at += 47;
	memcpy(file.at + at, "PK\5\6\0\0\0\0\1\0\1\0", 12);
	put_le32(file.at + at + 12, 47);
	put_le32(file.at + at + 16, (uint32_t)central);
	file.size = at + 22;
	return file;
}

Test(content_check, zip_written_in_one_go)
{
	for (int large = 0; large < 2; large++) {
		struct blob file = streamed_zip(large);

		cr_expect(eq(int, verdict_of("a.zip", file), CONTENT_SOUND), "large %d", large);
		file.at[60] ^= 1;
		cr_expect(eq(int, verdict_of("a.zip", file), CONTENT_BROKEN), "large %d", large);
		free(file.at);
	}
}

/* -------- all -------- */

Test(content_check, nothing_is_said_of_what_was_not_seen)
{
	struct content_check check = { 0 };
	struct blob          file = blob_copy(png_pixel, sizeof png_pixel);
	struct error         err;

	content_check_begin(&check, "a.png");
	content_check_give_up(&check); /* its beginning is missing */
	cr_assert(eq(int, content_check_feed(&check, blob_bytes(file, 0), &err), 0));
	cr_expect(eq(int, content_check_end(&check), CONTENT_UNKNOWN));
	content_check_begin(&check, "a.png");
	cr_assert(eq(int, content_check_feed(&check, (struct bytes){ file.at, 40, 0 }, &err), 0));
	content_check_give_up(&check);
	cr_expect(eq(int, content_check_end(&check), CONTENT_UNKNOWN));
	content_check_begin(&check, "a.jpg"); /* what was seen stays seen */
	cr_assert(eq(int, content_check_feed(&check, blob_bytes(file, 0), &err), 0));
	content_check_give_up(&check);
	cr_expect(eq(int, content_check_end(&check), CONTENT_FOREIGN));
	content_check_release(&check);
	free(file.at);
}
