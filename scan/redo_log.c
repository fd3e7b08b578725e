/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redo_log.c - see redo_log.h */
#include "scan/redo_log.h"

#include "core/checksum.h"

#include <inttypes.h>
#include <string.h>

static const uint8_t header_magic[16] = "HOLDFASTREDOLOG";
static const uint8_t descriptor_magic[8] = "HFREDO\0";

uint64_t redo_checksum(const void *data, size_t size_bytes)
{
	return checksum(data, size_bytes);
}

void redo_sector_checksums(const uint8_t *block, size_t size_bytes, uint64_t sums[REDO_SECTORS])
{
	for (size_t i = 0; i < REDO_SECTORS; i++) {
		size_t start = i * REDO_SECTOR_BYTES, left = start < size_bytes ? size_bytes - start : 0;

		sums[i] = left ? redo_checksum(block + start,
					       left < REDO_SECTOR_BYTES ? left : REDO_SECTOR_BYTES)
			       : 0;
		if (left && !sums[i])
			sums[i] = 1; /* 0 means something else */
	}
}

bool redo_next_sectors(const uint64_t before[REDO_SECTORS], size_t *first, size_t *count)
{
	while (*first < REDO_SECTORS && !before[*first])
		++*first;
	for (*count = 0; *first + *count < REDO_SECTORS && before[*first + *count];)
		++*count;
	return *count > 0;
}

void redo_header_encode(const struct redo_header *header, struct redo_header_disk *disk)
{
	*disk = (struct redo_header_disk){ .version = le32_make(REDO_VERSION),
					   .state = le32_make((uint32_t)header->state),
					   .serial = le64_make(header->serial),
					   .size = le64_make(header->size_bytes),
					   .transaction = le64_make(header->transaction),
					   .blocks = le64_make(header->blocks),
					   .descriptor = le64_make(header->descriptor),
					   .last = le64_make(header->last),
					   .started = le64_make(header->started) };
	memcpy(disk->magic, header_magic, sizeof disk->magic);
	memcpy(disk->run, header->run, sizeof disk->run);
	memcpy(disk->step, header->step, strnlen(header->step, sizeof disk->step));
	disk->checksum = le64_make(redo_checksum(disk, offsetof(struct redo_header_disk, checksum)));
}

void redo_descriptor_encode(const struct redo_descriptor *descriptor, struct redo_descriptor_disk *disk)
{
	*disk = (struct redo_descriptor_disk){ .transaction = le64_make(descriptor->transaction),
					       .number = le64_make(descriptor->number),
					       .next = le64_make(descriptor->next),
					       .count = le32_make(descriptor->count) };
	memcpy(disk->magic, descriptor_magic, sizeof disk->magic);
	memcpy(disk->run, descriptor->run, sizeof disk->run);
	for (uint32_t i = 0; i < descriptor->count; i++) {
		const struct redo_entry *entry = &descriptor->entries[i];
		struct redo_entry_disk  *out = &disk->entries[i];

		out->block = le64_make(entry->block);
		out->image = le64_make(entry->image);
		out->checksum = le64_make(entry->checksum);
		for (size_t j = 0; j < REDO_SECTORS; j++)
			out->before[j] = le64_make(entry->before[j]);
	}
	disk->checksum = le64_make(redo_checksum(disk, sizeof *disk));
}

int redo_header_decode(struct bytes sector, struct redo_header *header, struct error *err)
{
	struct redo_header_disk disk;
	uint64_t                offset = sector.offset;

	if (!bytes_read(&sector, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, offset, "the log's first sector is cut short");
	if (memcmp(disk.magic, header_magic, sizeof disk.magic) != 0)
		return 0;
	if (le32_get(disk.version) != REDO_VERSION)
		return error_at(err, ERROR_UNSUPPORTED, offset,
				"the log was written by another version of holdfast (format %" PRIu32
				", this one knows %u); use that version's 'replay'",
				le32_get(disk.version), REDO_VERSION);
	if (le64_get(disk.checksum) != redo_checksum(&disk, offsetof(struct redo_header_disk, checksum)) ||
	    (le32_get(disk.state) != REDO_RUNNING && le32_get(disk.state) != REDO_COMMITTED))
		return error_at(err, ERROR_VALUE, offset,
				"the log's header is damaged; image the disk and use 'holdfast rescue' on the image, or "
				"let 'chkdsk /f' mend the volume in Windows");
	*header = (struct redo_header){ .state = (enum redo_state)le32_get(disk.state),
					.serial = le64_get(disk.serial),
					.size_bytes = le64_get(disk.size),
					.transaction = le64_get(disk.transaction),
					.blocks = le64_get(disk.blocks),
					.descriptor = le64_get(disk.descriptor),
					.last = le64_get(disk.last),
					.started = le64_get(disk.started) };
	memcpy(header->run, disk.run, sizeof header->run);
	memcpy(header->step, disk.step, sizeof disk.step);
	return 1;
}

int redo_descriptor_decode(struct bytes block, struct redo_descriptor *descriptor, struct error *err)
{
	struct redo_descriptor_disk disk;
	uint64_t                    offset = block.offset, checksum;

	if (!bytes_read(&block, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, offset, "a block of the log is cut short");
	checksum = le64_get(disk.checksum);
	disk.checksum = le64_make(0);
	if (memcmp(disk.magic, descriptor_magic, sizeof disk.magic) != 0 ||
	    le32_get(disk.count) > REDO_ENTRIES_MAX || checksum != redo_checksum(&disk, sizeof disk))
		return error_at(err, ERROR_VALUE, offset, "a block of the log is damaged");
	*descriptor = (struct redo_descriptor){ .transaction = le64_get(disk.transaction),
						.number = le64_get(disk.number),
						.next = le64_get(disk.next),
						.count = le32_get(disk.count) };
	memcpy(descriptor->run, disk.run, sizeof descriptor->run);
	for (uint32_t i = 0; i < descriptor->count; i++) {
		struct redo_entry *entry = &descriptor->entries[i];

		entry->block = le64_get(disk.entries[i].block);
		entry->image = le64_get(disk.entries[i].image);
		entry->checksum = le64_get(disk.entries[i].checksum);
		for (size_t j = 0; j < REDO_SECTORS; j++)
			entry->before[j] = le64_get(disk.entries[i].before[j]);
	}
	return 0;
}
