/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_catalogue.c - blocks of a catalogue; their magic, version and checksums are made right */
#include "tests/fuzz/fuzz.h"

#include "scan/catalogue_record.h"
#include "scan/mft_record.h"

struct input {
	const uint8_t *data;
	size_t         size;
};

/* The second copy has the blocks as they came. */
static int read_input(void *context, unsigned copy, uint64_t number, uint8_t block[CATALOGUE_BLOCK_BYTES],
		      struct error *err)
{
	const struct input          *input = context;
	size_t                       start = number * CATALOGUE_BLOCK_BYTES, left = input->size - start;
	struct catalogue_header_disk disk;

	(void)err;
	MUST(start < input->size);
	memset(block, 0, CATALOGUE_BLOCK_BYTES);
	memcpy(block, input->data + start, left < CATALOGUE_BLOCK_BYTES ? left : CATALOGUE_BLOCK_BYTES);
	if (copy == 1)
		return 0;
	memcpy(&disk, block, sizeof disk);
	memcpy(disk.magic, CATALOGUE_MAGIC, sizeof disk.magic);
	disk.version = le16_make(CATALOGUE_VERSION);
	memcpy(block, &disk, sizeof disk);
	disk.checksum = le64_make(catalogue_checksum(block));
	memcpy(block, &disk, sizeof disk);
	return 0;
}

static void look_at_stream(const struct catalogue_file *file, const struct case_stream *stream)
{
	uint64_t vcn = 0;

	MUST(catalogue_is_name(stream->name, strlen(stream->name)));
	if (stream->resident) {
		struct bytes value = { stream->value, stream->size_bytes, 0 };

		MUST(stream->size_bytes <= CATALOGUE_VALUE_MAX && !stream->runs.count);
		TOUCH(value);
	}
	for (size_t i = 0; i < stream->runs.count; i++) {
		const struct run *run = &stream->runs.items[i];

		MUST(run->vcn >= vcn && run->length && run->vcn + run->length > run->vcn);
		MUST(run->lcn == LCN_HOLE ||
		     (run->lcn < file->header.clusters && run->length <= file->header.clusters - run->lcn));
		vcn = run->vcn + run->length;
	}
}

/* What is made of it is a record, and reads to its end. */
static void look_at_record(const struct catalogue_entry *entry, uint32_t record_bytes)
{
	uint8_t          *image = malloc(record_bytes);
	struct mft_record record;
	struct attribute  attribute;
	struct error      err;
	int               more = 1;

	MUST(image != NULL);
	if (catalogue_record_make(entry, image, record_bytes)) {
		MUST(mft_record_decode((struct bytes){ image, record_bytes, 0 }, &record, &err) == 0);
		while (more == 1)
			more = attribute_next(&record.attributes, &attribute, &err);
		MUST(more == 0);
	}
	free(image);
}

static void look_at_entry(const struct catalogue_file *file, const struct catalogue_entry *entry)
{
	const struct case_record *record = &entry->record;
	struct bytes              descriptor;

	MUST(entry->digests.count == record->streams.count);
	for (size_t i = 0; i < record->names.count; i++) {
		const struct case_name *name = &record->names.items[i];

		MUST(catalogue_is_path(name->path, strlen(name->path)));
		MUST(!name->store == !name->inside);
		MUST(!name->inside || strcmp(name->inside + strlen("File\\C$"), name->path) == 0);
	}
	for (size_t i = 0; i < record->streams.count; i++) {
		MUST(!entry->whole || record->streams.items[i].grade == GRADE_INTACT);
		look_at_stream(file, &record->streams.items[i]);
	}
	look_at_record(entry, 1024);
	look_at_record(entry, 4096);
	if (catalogue_file_security(file, record->file.security_id, &descriptor))
		TOUCH(descriptor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input           input = { data, size };
	uint64_t               blocks = (size + CATALOGUE_BLOCK_BYTES - 1) / CATALOGUE_BLOCK_BYTES;
	struct catalogue_file  file;
	struct catalogue_entry entry;
	struct error           err;
	int                    result;

	if (catalogue_file_open(&file, read_input, &input, blocks, &err) == 0) {
		while ((result = catalogue_file_next(&file, &entry, &err)) == 1) {
			look_at_entry(&file, &entry);
			catalogue_entry_release(&entry);
		}
		MUST(result == 0 || err.kind == ERROR_MEMORY);
		catalogue_entry_release(&entry);
		for (size_t i = 0; i < file.texts.count; i++)
			MUST(catalogue_file_text(&file, file.texts.items[i].key));
	}
	catalogue_file_release(&file);
	return 0;
}
