/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_maker.c - see log_maker.h */
#include "tests/unit/log_maker.h"

#define HEADER 0x30u

static uint8_t *page_of(struct test_log *log, size_t page)
{
	return log->blob.at + page * LOG_PAGE;
}

static uint64_t lsn_here(const struct test_log *log)
{
	return log->pass << (64 - log->bits) | (log->page * LOG_PAGE + log->at) / 8;
}

static void open_page(struct test_log *log)
{
	uint8_t *page = page_of(log, log->page);

	memset(page, 0, LOG_PAGE);
	memcpy(page, "RCRD", 4);
	put_le16(page + 4, 0x28);
	put_le16(page + 6, 9);
	put_le16(page + 0x14, 1);
	put_le16(page + 0x16, 1);
	put_le16(page + 0x18, LOG_DATA);
	log->at = LOG_DATA;
}

void log_turn_page(struct test_log *log)
{
	if (++log->page == log->blob.size / LOG_PAGE) {
		log->page = log->first;
		log->pass++;
	}
	open_page(log);
}

void log_begin(struct test_log *log, unsigned major, size_t pages)
{
	*log = (struct test_log){ .blob = blob_zero(pages * LOG_PAGE), .major = major, .first = major == 1 ? 4 : 34, .pass = 2,
				  .bits = 67 };
	memset(log->blob.at, 0xff, log->blob.size);
	while (log->blob.size >> (67 - log->bits))
		log->bits--;
	log->page = log->first;
	open_page(log);
}

static void put_bytes(struct test_log *log, const uint8_t *data, size_t size, uint64_t lsn)
{
	while (size) {
		size_t room = LOG_PAGE - log->at, n = size < room ? size : room;

		if (!room) {
			log_turn_page(log);
			continue;
		}
		memcpy(page_of(log, log->page) + log->at, data, n);
		put_le64(page_of(log, log->page) + 8, lsn);
		log->at += n;
		data += n;
		size -= n;
	}
}

uint64_t log_append(struct test_log *log, uint32_t type, uint32_t transaction, uint64_t previous, uint64_t undo_next,
		    const void *data, size_t size)
{
	uint8_t  header[HEADER] = { 0 };
	uint64_t lsn;

	if (LOG_PAGE - log->at < HEADER)
		log_turn_page(log);
	lsn = lsn_here(log);
	put_le64(header, lsn);
	put_le64(header + 8, previous);
	put_le64(header + 0x10, undo_next);
	put_le32(header + 0x18, (uint32_t)size);
	put_le32(header + 0x20, type);
	put_le32(header + 0x24, transaction);
	put_le16(header + 0x28, log->at + HEADER + size > LOG_PAGE);
	put_bytes(log, header, sizeof header, lsn);
	put_bytes(log, data, size, lsn);
	log->at = (log->at + 7) / 8 * 8;
	put_le16(page_of(log, log->page) + 0x18, (uint16_t)log->at);
	put_le32(page_of(log, log->page) + 0x10, 1);
	put_le64(page_of(log, log->page) + 0x20, lsn);
	return log->last = lsn;
}

uint64_t log_change(struct test_log *log, struct test_change change)
{
	uint8_t  data[0x10000] = { 0 };
	size_t   redo = 0x28, undo = redo + (change.redo_size + 7) / 8 * 8;

	put_le16(data, change.redo);
	put_le16(data + 2, change.undo);
	put_le16(data + 4, (uint16_t)redo);
	put_le16(data + 6, (uint16_t)change.redo_size);
	put_le16(data + 8, (uint16_t)undo);
	put_le16(data + 0xa, (uint16_t)change.undo_size);
	put_le16(data + 0xc, change.target);
	put_le16(data + 0x10, change.record_offset);
	put_le16(data + 0x12, change.attribute_offset);
	put_le16(data + 0x14, change.block_offset);
	put_le16(data + 0x16, change.block_sectors);
	put_le64(data + 0x18, change.vcn);
	if (change.redo_size)
		memcpy(data + redo, change.redo_data, change.redo_size);
	if (change.undo_size)
		memcpy(data + undo, change.undo_data, change.undo_size);
	return log_append(log, 1, change.transaction ? change.transaction : 0x18, change.previous, change.undo_next, data,
			  undo + (change.undo_size + 7) / 8 * 8);
}

void log_copy(struct test_log *log, size_t page, size_t copy)
{
	uint8_t *to = page_of(log, copy);

	memcpy(to, page_of(log, page), LOG_PAGE);
	if (log->major == 1)
		put_le64(to + 8, page * LOG_PAGE);
	else
		put_le32(to + 0x3c, (uint32_t)(page * LOG_PAGE));
}

static void make_restart(struct test_log *log, size_t page, uint64_t current)
{
	uint8_t *at = page_of(log, page), *area = at + 0x30, *client = area + 0x40;

	memset(at, 0, LOG_PAGE);
	memcpy(at, "RSTR", 4);
	put_le16(at + 4, 0x1e);
	put_le16(at + 6, 9);
	put_le32(at + 0x10, LOG_PAGE);
	put_le32(at + 0x14, LOG_PAGE);
	put_le16(at + 0x18, 0x30);
	put_le16(at + 0x1a, log->major == 1 ? 1 : 0);
	put_le16(at + 0x1c, (uint16_t)log->major);
	put_le64(area, current);
	put_le16(area + 8, 1);
	put_le16(area + 0xa, 0xffff);
	put_le32(area + 0x10, log->bits);
	put_le16(area + 0x14, 0xe0);
	put_le16(area + 0x16, 0x40);
	put_le64(area + 0x18, log->blob.size);
	put_le16(area + 0x24, HEADER);
	put_le16(area + 0x26, LOG_DATA);
	put_le64(client, current - 1);
	put_le64(client + 8, current);
	put_le32(client + 0x1c, 8);
	memcpy(client + 0x20, "N\0T\0F\0S", 8);
	log_fix_page(at, 0x1e, 7);
}

void log_fix_page(uint8_t *page, size_t array, uint16_t usn)
{
	put_le16(page + array, usn);
	for (size_t i = 1; i <= LOG_PAGE / 512; i++) {
		memcpy(page + array + 2 * i, page + 512 * i - 2, 2);
		put_le16(page + 512 * i - 2, usn);
	}
}

void log_finish(struct test_log *log)
{
	make_restart(log, 0, log->last);
	make_restart(log, 1, log->last - 1);
	for (size_t i = 2; i < log->blob.size / LOG_PAGE; i++)
		if (memcmp(page_of(log, i), "RCRD", 4) == 0)
			log_fix_page(page_of(log, i), 0x28, 5);
	log->fixed = true;
}

/* -------- what is in records -------- */

static size_t put_name(uint8_t *value, uint64_t parent, const char *name, uint8_t space)
{
	size_t units = strlen(name);

	memset(value, 0, 0x42 + 2 * units);
	put_le64(value, parent);
	value[0x40] = (uint8_t)units;
	value[0x41] = space;
	for (size_t i = 0; i < units; i++)
		value[0x42 + 2 * i] = (uint8_t)name[i];
	return 0x42 + 2 * units;
}

size_t make_file_name(uint8_t *out, uint64_t parent, const char *name, uint8_t space)
{
	size_t value = put_name(out + 0x18, parent, name, space), size = (0x18 + value + 7) / 8 * 8;

	memset(out, 0, 0x18);
	memset(out + 0x18 + value, 0, size - 0x18 - value);
	put_le32(out, 0x30);
	put_le32(out + 4, (uint32_t)size);
	put_le16(out + 0x0e, 2);
	put_le32(out + 0x10, (uint32_t)value);
	put_le16(out + 0x14, 0x18);
	out[0x16] = 1;
	return size;
}

size_t make_index_entry(uint8_t *out, uint64_t file, uint64_t parent, const char *name)
{
	size_t key = put_name(out + 0x10, parent, name, 1), size = (0x10 + key + 7) / 8 * 8;

	memset(out, 0, 0x10);
	memset(out + 0x10 + key, 0, size - 0x10 - key);
	put_le64(out, file);
	put_le16(out + 8, (uint16_t)size);
	put_le16(out + 0xa, (uint16_t)key);
	return size;
}

size_t make_record(uint8_t out[1024], uint16_t sequence, uint64_t parent, const char *name)
{
	size_t at = 0x38;

	memset(out, 0, 1024);
	memcpy(out, "FILE", 4);
	put_le16(out + 4, 0x30);
	put_le16(out + 6, 3);
	put_le16(out + 0x10, sequence);
	put_le16(out + 0x12, 1);
	put_le16(out + 0x14, 0x38);
	put_le16(out + 0x16, 1);
	at += make_file_name(out + at, parent, name, 1);
	put_le32(out + at, 0xffffffff);
	put_le32(out + 0x18, (uint32_t)at + 8);
	put_le32(out + 0x1c, 1024);
	put_le16(out + 0x28, 3);
	return at + 8;
}
