/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_told.c - see log_told.h */
#include "tests/unit/log_told.h"

#include "core/endian.h"
#include "scan/fixup.h"

#include <zip.h>

int keep_fact(void *to, const struct log_fact *fact, struct error *err)
{
	struct told *told = to;
	struct kept  kept = { .fact = *fact };

	(void)err;
	if (fact->kind == LOG_FACT_NAME || fact->kind == LOG_FACT_ENTRY)
		utf16_to_utf8(fact->name.name.at, fact->name.name_units, kept.name);
	if (fact->bytes.left)
		memcpy(kept.bytes, fact->bytes.at, fact->bytes.left < sizeof kept.bytes ? fact->bytes.left : sizeof kept.bytes);
	cr_assert(that(array_push(&told->facts, kept)));
	return 0;
}

void open_told(struct told *told, struct blob blob, uint32_t cluster_bytes)
{
	struct error err;

	*told = (struct told){ .bytes = blob_bytes(blob, 0) };
	told->reader = log_reader_of(&told->bytes);
	cr_assert(eq(int, log_file_open(&told->log, &told->reader, &err), 0), "%s", err.text);
	cr_assert(eq(int, log_history_open(&told->history, &told->log, cluster_bytes, 1024, &err), 0), "%s", err.text);
}

void tell_facts(struct told *told)
{
	struct error err;

	told->facts.count = 0;
	cr_assert(eq(int, log_history_facts(&told->history, keep_fact, told, &err), 0), "%s", err.text);
}

void tell(struct told *told, struct test_log *made)
{
	log_finish(made);
	open_told(told, made->blob, 4096);
	tell_facts(told);
}

void tell_states(struct told *told)
{
	struct error err;

	told->facts.count = 0;
	cr_assert(eq(int, log_history_states(&told->history, keep_fact, told, &err), 0), "%s", err.text);
}

void forget(struct told *told, struct blob blob)
{
	array_release(&told->facts);
	log_history_release(&told->history);
	log_file_release(&told->log);
	free(blob.at);
}

const struct kept *fact_of(const struct told *told, enum log_fact_kind kind, size_t index, size_t count)
{
	const struct kept *found = NULL;
	size_t             seen = 0;

	for (size_t i = 0; i < told->facts.count; i++)
		if (told->facts.items[i].fact.kind == kind && seen++ == index)
			found = &told->facts.items[i];
	cr_assert(eq(sz, seen, count), "facts of kind %d", (int)kind);
	cr_assert(that(found != NULL));
	return found;
}

size_t count_of(const struct told *told, enum log_fact_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < told->facts.count; i++)
		count += told->facts.items[i].fact.kind == kind;
	return count;
}

uint64_t forget_transaction(struct test_log *log, uint64_t previous)
{
	return log_change(log, (struct test_change){ .redo = LOG_FORGET_TRANSACTION, .undo = LOG_COMPENSATION, .previous = previous });
}

uint64_t remove_link(struct test_log *log, const char *name, uint64_t *entry_lsn)
{
	uint8_t entry[256], attribute[256];

	*entry_lsn = log_change(log, (struct test_change){
		.redo = LOG_DELETE_INDEX_ENTRY_ALLOCATION, .undo = LOG_ADD_INDEX_ENTRY_ALLOCATION, .target = 0x40, .undo_data = entry,
		.undo_size = make_index_entry(entry, 30ull | 2ull << 48, ROOT, name), .attribute_offset = 0x58 });
	return log_change(log, (struct test_change){
		.redo = LOG_DELETE_ATTRIBUTE, .undo = LOG_CREATE_ATTRIBUTE, .undo_data = attribute,
		.undo_size = make_file_name(attribute, ROOT, name, 1), .vcn = 7, .block_offset = 4, .record_offset = 0x98,
		.previous = *entry_lsn, .undo_next = *entry_lsn });
}

void make_open(uint8_t entry[0x28], uint64_t file, uint32_t type, uint64_t opened)
{
	memset(entry, 0, 0x28);
	put_le32(entry, 0xffffffff);
	put_le32(entry + 8, type);
	put_le64(entry + 0x10, file);
	put_le64(entry + 0x18, opened);
}

uint64_t open_attribute(struct test_log *log, uint16_t place, uint64_t file, uint32_t type, const char *name, size_t size)
{
	uint8_t entry[0x28];

	make_open(entry, file, type, log->last);
	return log_change(log, (struct test_change){ .redo = LOG_OPEN_NONRESIDENT_ATTRIBUTE, .target = place, .redo_data = entry,
						     .redo_size = sizeof entry, .undo_data = name, .undo_size = size });
}

struct blob load_dftt(void)
{
	static const char name[] = "7-undel-ntfs/7-ntfs-undel.dd";
	struct blob       packed = sample_load("ntfs/dftt/7-undel-ntfs.zip"), image;
	zip_error_t       error;
	zip_t            *archive;
	zip_stat_t        stat;
	zip_file_t       *file;

	archive = zip_open_from_source(zip_source_buffer_create(packed.at, packed.size, 0, &error), ZIP_RDONLY, &error);
	cr_assert(that(archive && zip_stat(archive, name, 0, &stat) == 0));
	image = blob_zero(stat.size);
	file = zip_fopen(archive, name, 0);
	cr_assert(that(file && zip_fread(file, image.at, image.size) == (zip_int64_t)image.size));
	zip_fclose(file);
	zip_close(archive);
	free(packed.at);
	return image;
}

void open_dftt(struct told *told, struct blob *image, struct blob *log)
{
	*image = load_dftt();
	*log = blob_copy(image->at + DFTT_LOG * DFTT_CLUSTER, DFTT_LOG_BYTES);
	open_told(told, *log, DFTT_CLUSTER);
}

void load_record(struct blob image, uint64_t record, uint8_t out[DFTT_CLUSTER])
{
	fixup_torn   torn;
	struct error err;

	memcpy(out, image.at + (record < 16 ? DFTT_MFT + record : DFTT_MFT_MORE + record - 16) * DFTT_CLUSTER, DFTT_CLUSTER);
	cr_assert(eq(int, fixup_undo(out, DFTT_CLUSTER, 0, &torn, &err), 0));
}
