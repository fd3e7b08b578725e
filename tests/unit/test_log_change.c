/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "scan/journal/log_change.h"

/* What a real log (Windows XP) has: a freed cluster run, and where the bitmap lies. */
static const uint8_t clear_bits[] = {
	0x16, 0x00, 0x15, 0x00, 0x28, 0x00, 0x08, 0x00, 0x28, 0x00, 0x08, 0x00, 0x70, 0x00, 0x01, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x16, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe9, 0x0f, 0x00, 0x00, 0x24, 0x00, 0x00, 0x00,
};

Test(log_change, both_sides_may_share_their_data)
{
	struct blob       blob = blob_copy(clear_bits, sizeof clear_bits);
	struct log_change change;
	struct error      err;

	cr_assert(eq(int, log_change_decode(blob_bytes(blob, 0x100), &change, &err), 0));
	cr_expect(eq(u16, change.redo, LOG_CLEAR_BITS));
	cr_expect(eq(u16, change.undo, LOG_SET_BITS));
	cr_expect(eq(u16, change.target, 0x70));
	cr_expect(eq(sz, change.redo_data.left, 8));
	cr_expect(eq(u64, change.redo_data.offset, 0x128));
	cr_expect(that(change.undo_data.at == change.redo_data.at));
	cr_expect(that(!change.redo_cut && !change.undo_cut));
	cr_assert(eq(sz, change.lcns.left, 8));
	cr_expect(eq(u8, change.lcns.at[0], 0x16));
	free(blob.at);
}

Test(log_change, every_cut_is_noticed)
{
	for (size_t size = 0; size < sizeof clear_bits; size++) {
		struct blob       blob = blob_copy(clear_bits, size);
		struct log_change change;
		struct error      err;
		int               got = log_change_decode(blob_bytes(blob, 0), &change, &err);

		cr_assert(eq(int, got, size < 0x20 ? -1 : 0), "%zu bytes", size);
		if (got == 0) {
			cr_expect(that(change.redo_cut && change.undo_cut), "%zu bytes", size);
			cr_expect(eq(sz, change.redo_data.left, size > 0x28 ? size - 0x28 : 0));
			cr_expect(eq(sz, change.lcns.left, size >= 0x28 ? 8 : 0));
		}
		free(blob.at);
	}
}

Test(log_change, data_does_not_begin_in_the_header)
{
	struct blob       blob = blob_copy(clear_bits, sizeof clear_bits);
	struct log_change change;
	struct error      err;

	put_le16(blob.at + 4, 0x1f);
	cr_assert(eq(int, log_change_decode(blob_bytes(blob, 0), &change, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_BOUNDS));
	put_le16(blob.at + 6, 0); /* nothing has no place */
	cr_assert(eq(int, log_change_decode(blob_bytes(blob, 0), &change, &err), 0));
	cr_expect(eq(sz, change.redo_data.left, 0));
	free(blob.at);
}

Test(log_change, operations_have_the_names_of_windows)
{
	cr_expect(eq(str, (char *)log_operation_name(0x03), "DeallocateFileRecordSegment"));
	cr_expect(eq(str, (char *)log_operation_name(0x0f), "DeleteIndexEntryAllocation"));
	cr_expect(eq(str, (char *)log_operation_name(0x1b), "ForgetTransaction"));
	cr_expect(eq(str, (char *)log_operation_name(0x25), "ZeroEndOfFileRecord"));
	cr_expect(that(log_operation_name(0x26) == NULL));
	for (uint16_t operation = 0; operation < 0x26; operation++) {
		const char *name = log_operation_name(operation);

		cr_assert(that(name != NULL), "operation %#x", operation);
		/* what ends so is about FILE records; bitmaps, index buffers and streams are not */
		if (strstr(name, "Root") || strstr(name, "FileRecord"))
			cr_expect(that(log_changes_file_record(operation)), "%s", name);
		if (strstr(name, "Allocation") || strstr(name, "BitMap") || strstr(name, "Dump") || strstr(name, "Nonresident"))
			cr_expect(that(!log_changes_file_record(operation)), "%s", name);
	}
	cr_expect(that(!log_changes_file_record(0x100)));
}
