/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_mft_record.c - expected values: libntfs-3g layout.h, MFT_RECORD; test_cases.py of dfir_ntfs */
#include "tests/unit/unit.h"

#include "scan/fixup.h"
#include "scan/mft_record.h"

/* A record of 1024 bytes with no attribute but the end marker. */
static struct blob empty_record(void)
{
	struct blob slot = blob_zero(1024);

	memcpy(slot.at, "FILE", 4);
	put_le16(slot.at + 0x04, 0x30);
	put_le16(slot.at + 0x06, 3);
	put_le64(slot.at + 0x08, 0x1122334455667788);
	put_le16(slot.at + 0x10, 7);
	put_le16(slot.at + 0x12, 2);
	put_le16(slot.at + 0x14, 0x38);
	put_le16(slot.at + 0x16, 3);
	put_le32(slot.at + 0x18, 0x40);
	put_le32(slot.at + 0x1c, 1024);
	put_le64(slot.at + 0x20, 0x0005000000000030);
	put_le16(slot.at + 0x28, 1);
	put_le32(slot.at + 0x2c, 4711);
	put_le32(slot.at + 0x38, 0xffffffff);
	return slot;
}

Test(mft_record, every_field_is_where_the_format_has_it)
{
	struct blob       slot = empty_record();
	struct mft_record record;
	struct error      err;

	cr_assert(eq(int, mft_record_decode(blob_bytes(slot, 0x9000), &record, &err), 0));
	cr_expect(eq(u64, record.lsn, 0x1122334455667788));
	cr_expect(eq(u16, record.sequence, 7));
	cr_expect(eq(u16, record.link_count, 2));
	cr_expect(eq(u16, record.flags, MFT_RECORD_IN_USE | MFT_RECORD_DIRECTORY));
	cr_expect(eq(u64, file_ref_record(record.base), 0x30));
	cr_expect(eq(u16, file_ref_sequence(record.base), 5));
	cr_expect(eq(u32, record.number, 4711));
	cr_expect(eq(u32, record.in_use_bytes, 0x40));
	cr_expect(eq(u64, record.attributes.offset, 0x9038));
	cr_expect(eq(sz, record.attributes.left, 8));
	free(slot.at);
}

Test(mft_record, short_header_has_no_number) /* NTFS 1.2, and the ntfs3 driver */
{
	struct blob       slot = empty_record();
	struct mft_record record;
	struct error      err;

	put_le16(slot.at + 0x04, 0x2a);
	cr_assert(eq(int, mft_record_decode(blob_bytes(slot, 0), &record, &err), 0));
	cr_expect(eq(u32, record.number, MFT_RECORD_NO_NUMBER));
	free(slot.at);
}

Test(mft_record, header_alone_is_not_read_past)
{
	struct blob       whole = empty_record(), slot;
	struct mft_record record;
	struct error      err;

	put_le16(whole.at + 0x14, 0x2a);
	put_le32(whole.at + 0x18, 0x2a);
	slot = blob_copy(whole.at, 0x2a);
	cr_assert(eq(int, mft_record_decode(blob_bytes(slot, 0), &record, &err), 0));
	cr_expect(eq(u32, record.number, MFT_RECORD_NO_NUMBER));
	free(slot.at);
	free(whole.at);
}

struct slot_kind {
	char                 name[24];
	uint8_t              raw[4];
	uint8_t              size;
	enum mft_record_kind kind;
};

ParameterizedTestParameters(mft_record, kind_is_told_by_the_signature)
{
	static struct slot_kind cases[] = {
		{ "record", "FILE", 4, MFT_RECORD_FILE },  { "marked torn", "BAAD", 4, MFT_RECORD_BAAD },
		{ "never used", "", 4, MFT_RECORD_EMPTY }, { "index block", "INDX", 4, MFT_RECORD_ALIEN },
		{ "lower case", "file", 4, MFT_RECORD_ALIEN }, { "cut short", "FIL", 3, MFT_RECORD_ALIEN },
		{ "nothing", "", 0, MFT_RECORD_ALIEN },
	};
	return CASES(struct slot_kind, cases);
}

ParameterizedTest(struct slot_kind *c, mft_record, kind_is_told_by_the_signature)
{
	struct blob slot = blob_copy(c->raw, c->size);

	cr_expect(eq(int, mft_record_kind(blob_bytes(slot, 0)), c->kind), "%s", c->name);
	free(slot.at);
}

struct bad_record {
	char            name[40];
	uint16_t        at;
	uint8_t         bytes, size_shift; /* of value; slot of 1024 >> size_shift */
	uint32_t        value;
	enum error_kind kind;
};

ParameterizedTestParameters(mft_record, damage_is_refused)
{
	static struct bad_record cases[] = {
		{ "another signature", 0, 4, 0, 0x58444e49, ERROR_VALUE },
		{ "never used", 0, 4, 0, 0, ERROR_VALUE },
		{ "attributes in the header", 0x14, 2, 0, 0x28, ERROR_BOUNDS },
		{ "attributes behind the use", 0x14, 2, 0, 0x48, ERROR_BOUNDS },
		{ "attributes behind the record", 0x14, 2, 0, 0xfff8, ERROR_BOUNDS },
		{ "use up to behind the record", 0x18, 4, 0, 1025, ERROR_BOUNDS },
		{ "use of nearly everything", 0x18, 4, 0, 0xffffffff, ERROR_BOUNDS },
		{ "use of nothing", 0x18, 4, 0, 0, ERROR_BOUNDS },
		{ "slot of 32 bytes", 0x28, 2, 5, 0, ERROR_BOUNDS },
	};
	return CASES(struct bad_record, cases);
}

ParameterizedTest(struct bad_record *c, mft_record, damage_is_refused)
{
	struct blob       whole = empty_record(), slot;
	struct mft_record record = { .sequence = 999 };
	struct error      err;

	if (c->bytes == 4)
		put_le32(whole.at + c->at, c->value);
	else
		put_le16(whole.at + c->at, (uint16_t)c->value);
	slot = blob_copy(whole.at, 1024u >> c->size_shift);
	cr_assert(eq(int, mft_record_decode(blob_bytes(slot, 0x800), &record, &err), -1), "%s", c->name);
	cr_expect(eq(int, err.kind, c->kind), "%s", c->name);
	cr_expect(ge(u64, err.offset, 0x800), "%s", c->name);
	cr_expect(eq(u16, record.sequence, 999), "%s wrote its result", c->name);
	free(slot.at);
	free(whole.at);
}

Test(mft_record, no_prefix_is_read_past)
{
	struct blob whole = empty_record();

	for (size_t size = 0; size < 80; size++) {
		struct blob       slot = blob_copy(whole.at, size);
		struct mft_record record;
		struct error      err;

		cr_expect(eq(int, mft_record_decode(blob_bytes(slot, 0), &record, &err), size < 0x40 ? -1 : 0),
			  "%zu bytes", size);
		free(slot.at);
	}
	free(whole.at);
}

Test(mft_record, windows_record) /* asserted by its origin */
{
	struct blob       slot = sample_load("ntfs/dfir_ntfs/frs.bin");
	struct mft_record record;
	fixup_torn        torn;
	struct error      err;

	cr_assert(eq(int, fixup_undo(slot.at, slot.size, 0, &torn, &err), 0));
	cr_assert(eq(int, mft_record_decode(blob_bytes(slot, 0), &record, &err), 0));
	cr_expect(eq(u16, record.flags, MFT_RECORD_IN_USE));
	cr_expect(eq(u16, record.sequence, 2));
	cr_expect(eq(u16, record.link_count, 1));
	cr_expect(eq(u64, record.base, 0));
	cr_expect(eq(u64, record.lsn, 31832129));
	cr_expect(eq(u32, record.number, 11072));
	free(slot.at);
}
