/* SPDX-License-Identifier: MIT */
/* bitlocker_metadata.c - see bitlocker_metadata.h; MIT, for the reason told in protocol.h */
#include "scan/image/bitlocker_metadata.h"

#include <assert.h>
#include <string.h>

/* -------- as it lies there: all numbers little-endian -------- */

struct metadata_disk {
	uint8_t signature[8];       /* 0x00  "-FVE-FS-" */
	uint8_t block_bytes[2];     /* 0x08 */
	uint8_t version[2];         /* 0x0a  2 */
	uint8_t state[2];           /* 0x0c */
	uint8_t next_state[2];      /* 0x0e */
	uint8_t encrypted_bytes[8]; /* 0x10 */
	uint8_t unknown[4];         /* 0x18 */
	uint8_t header_sectors[4];  /* 0x1c */
	uint8_t metadata_at[3][8];  /* 0x20 */
	uint8_t header_at[8];       /* 0x38 */
	uint8_t entries_end[4];     /* 0x40  bytes, counted from here */
	uint8_t entries_version[4]; /* 0x44 */
	uint8_t entries_header[4];  /* 0x48 */
	uint8_t entries_copy[4];    /* 0x4c */
	uint8_t volume_id[16];      /* 0x50 */
	uint8_t next_nonce[4];      /* 0x60 */
	uint8_t method[2];          /* 0x64  enum bitlocker_method */
	uint8_t unknown_2[2];       /* 0x66 */
	uint8_t created[8];         /* 0x68 */
};
static_assert(sizeof(struct metadata_disk) == 0x70, "metadata header");

struct entry_disk {
	uint8_t length[2];  /* 0x00  bytes, header included */
	uint8_t type[2];    /* 0x02 */
	uint8_t value[2];   /* 0x04 */
	uint8_t version[2]; /* 0x06 */
};
static_assert(sizeof(struct entry_disk) == 8, "entry");

enum entry_type {
	TYPE_MASTER_KEY = 0x0002,
	TYPE_VOLUME_KEY = 0x0003,
	TYPE_VOLUME_HEADER = 0x000f,
};

enum entry_value {
	VALUE_KEY = 0x0001,         /* method 4, key */
	VALUE_STRETCH_KEY = 0x0003, /* method 4, salt 16, entries */
	VALUE_SEALED_KEY = 0x0005,  /* nonce 12, tag 16, bytes */
	VALUE_MASTER_KEY = 0x0008,  /* identifier 16, time 8, unknown 2, protection 2, entries */
	VALUE_PLACE = 0x000f,       /* offset 8, bytes 8 */
};

#define ENTRIES_FROM 0x40u /* in the metadata; .entries_end counts from here */
#define MASTER_BYTES 28u   /* of a master key's entry, before the entries in it */

static uint16_t le16(const uint8_t *b)
{
	return (uint16_t)(b[0] | b[1] << 8);
}

static uint32_t le32(const uint8_t *b)
{
	return (uint32_t)le16(b) | (uint32_t)le16(b + 2) << 16;
}

static uint64_t le64(const uint8_t *b)
{
	return (uint64_t)le32(b) | (uint64_t)le32(b + 4) << 32;
}

/* -------- the first sector -------- */

bool bitlocker_start_decode(const uint8_t sector[512], struct bitlocker_start *start)
{
	static const uint8_t whole[16] = { 0x3b, 0xd6, 0x67, 0x49, 0x29, 0x2e, 0xd8, 0x4a,
					   0x83, 0x99, 0xf6, 0xa3, 0x39, 0xe3, 0xd0, 0x01 };
	static const uint8_t on_write[16] = { 0x3b, 0x4d, 0xa8, 0x92, 0x80, 0xdd, 0x0e, 0x4d,
					      0x9e, 0x4e, 0xb1, 0xe3, 0x28, 0x4e, 0xae, 0xd8 };
	const uint8_t       *at = sector + (memcmp(sector + 3, "-FVE-FS-", 8) == 0 ? 0xa0 : 0x1a8);

	*start = (struct bitlocker_start){ .sector_bytes = le16(sector + 0x0b) };
	start->on_write = memcmp(at, on_write, sizeof on_write) == 0;
	if (!start->on_write && memcmp(at, whole, sizeof whole) != 0)
		return false;
	if (!start->sector_bytes)
		start->sector_bytes = 512;
	for (size_t i = 0; i < BITLOCKER_COPIES; i++)
		start->metadata_at[i] = le64(at + 16 + 8 * i);
	return start->sector_bytes == 512 || start->sector_bytes == 4096;
}

/* -------- entries -------- */

struct entry {
	uint16_t       type, value;
	const uint8_t *data;
	size_t         length;
};

/* The next entry of @at, which moves on; false at the end or where entries make no sense any more. */
static bool next_entry(const uint8_t **at, const uint8_t *end, struct entry *entry)
{
	struct entry_disk disk;
	size_t            length;

	if ((size_t)(end - *at) < sizeof disk)
		return false;
	memcpy(&disk, *at, sizeof disk);
	length = le16(disk.length);
	if (length < sizeof disk || length > (size_t)(end - *at))
		return false;
	*entry = (struct entry){ le16(disk.type), le16(disk.value), *at + sizeof disk, length - sizeof disk };
	*at += length;
	return true;
}

static void take_sealed(const struct entry *entry, struct bitlocker_sealed *sealed)
{
	const size_t head = sizeof sealed->nonce + sizeof sealed->tag;

	if (entry->length <= head || entry->length - head > sizeof sealed->bytes)
		return;
	memcpy(sealed->nonce, entry->data, sizeof sealed->nonce);
	memcpy(sealed->tag, entry->data + sizeof sealed->nonce, sizeof sealed->tag);
	sealed->length = entry->length - head;
	memcpy(sealed->bytes, entry->data + head, sealed->length);
}

static void take_protector(const struct entry *entry, struct bitlocker_metadata *metadata)
{
	struct bitlocker_protector *protector = &metadata->protectors[metadata->protector_count];
	const uint8_t              *at = entry->data + MASTER_BYTES, *end = entry->data + entry->length;
	struct entry                inner;

	if (entry->length < MASTER_BYTES || metadata->protector_count == BITLOCKER_PROTECTORS_MAX)
		return;
	*protector = (struct bitlocker_protector){ .protection = le16(entry->data + 26) };
	memcpy(protector->id, entry->data, sizeof protector->id);
	while (next_entry(&at, end, &inner)) {
		if (inner.value == VALUE_STRETCH_KEY && inner.length >= 4 + sizeof protector->salt) {
			memcpy(protector->salt, inner.data + 4, sizeof protector->salt);
		} else if (inner.value == VALUE_KEY && inner.length >= 4 + sizeof protector->clear_key) {
			memcpy(protector->clear_key, inner.data + 4, sizeof protector->clear_key);
			protector->has_clear_key = true;
		} else if (inner.value == VALUE_SEALED_KEY) {
			take_sealed(&inner, &protector->master);
		}
	}
	metadata->protector_count++;
}

bool bitlocker_metadata_decode(const uint8_t bytes[BITLOCKER_METADATA_BYTES], struct bitlocker_metadata *metadata)
{
	struct metadata_disk disk;
	const uint8_t       *at, *end;
	struct entry         entry;
	size_t               length;

	memcpy(&disk, bytes, sizeof disk);
	length = le32(disk.entries_end);
	if (memcmp(disk.signature, "-FVE-FS-", 8) != 0 || le16(disk.version) != 2 ||
	    length < sizeof disk - ENTRIES_FROM || length > BITLOCKER_METADATA_BYTES - ENTRIES_FROM)
		return false;
	*metadata = (struct bitlocker_metadata){ .method = le16(disk.method),
						 .encrypted_bytes = le64(disk.encrypted_bytes),
						 .header_at = le64(disk.header_at),
						 .header_bytes = (uint64_t)le32(disk.header_sectors) * 512 };
	for (size_t i = 0; i < BITLOCKER_COPIES; i++)
		metadata->metadata_at[i] = le64(disk.metadata_at[i]);
	at = bytes + sizeof disk;
	end = bytes + ENTRIES_FROM + length;
	while (next_entry(&at, end, &entry)) {
		if (entry.type == TYPE_MASTER_KEY && entry.value == VALUE_MASTER_KEY) {
			take_protector(&entry, metadata);
		} else if (entry.type == TYPE_VOLUME_KEY && entry.value == VALUE_SEALED_KEY) {
			take_sealed(&entry, &metadata->volume_key);
		} else if (entry.type == TYPE_VOLUME_HEADER && entry.value == VALUE_PLACE && entry.length >= 16) {
			metadata->header_at = le64(entry.data);
			metadata->header_bytes = le64(entry.data + 8);
		}
	}
	return metadata->volume_key.length != 0;
}
