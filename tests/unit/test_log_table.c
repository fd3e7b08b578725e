/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "scan/attribute.h"
#include "core/utf16.h"
#include "scan/journal/log_table.h"

/* A table of three entries of @entry_bytes, the middle one free, with @first and @last in the others. */
static struct blob make_table(size_t entry_bytes, const uint8_t *first, const uint8_t *last)
{
	struct blob blob = blob_zero(0x18 + 3 * entry_bytes);

	put_le16(blob.at, (uint16_t)entry_bytes);
	put_le16(blob.at + 2, 3);
	put_le16(blob.at + 4, 2);
	memcpy(blob.at + 0x18, first, entry_bytes);
	put_le32(blob.at + 0x18 + entry_bytes, 0x1000);
	memcpy(blob.at + 0x18 + 2 * entry_bytes, last, entry_bytes);
	return blob;
}

/* Two entries as Windows XP and Windows 10 wrote them: $MFT's own data; the index of the root directory. */
static const uint8_t xp_mft[0x2c] = {
	0xff, 0xff, 0xff, 0xff, 0x18, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x86, 0x8f, 0x10, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80,
};
static const uint8_t xp_root[0x2c] = {
	0xff, 0xff, 0xff, 0xff, 0x40, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0xbe, 0x8f, 0x10, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xa0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x10, 0x00, 0x00,
};
static const uint8_t ten_root[0x28] = {
	0xff, 0xff, 0xff, 0xff, 0x00, 0x10, 0x00, 0x00, 0xa0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x05, 0x00, 0x1c, 0x44, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0xd0, 0xe4, 0xbe, 0xcb, 0x01, 0xc0, 0xff, 0xff,
};

static void expect_open(struct bytes entry, file_ref file, uint32_t type, uint32_t index_bytes, uint64_t opened)
{
	struct log_open_attribute open;
	struct error              err;

	cr_assert(eq(int, log_open_attribute_decode(entry, &open, &err), 0));
	cr_expect(eq(u64, open.file, file));
	cr_expect(eq(u32, open.type, type));
	cr_expect(eq(u32, open.index_bytes, index_bytes));
	cr_expect(eq(u64, open.opened_lsn, opened));
}

Test(log_table, only_entries_in_use_are_given_by_their_place)
{
	struct blob            blob = make_table(0x2c, xp_mft, xp_root);
	struct log_table       table;
	struct log_table_entry entry;
	struct error           err;

	cr_assert(eq(int, log_table_open(blob_bytes(blob, 0), &table, &err), 0));
	cr_assert(that(log_table_next(&table, &entry)));
	cr_expect(eq(u32, entry.place, 0x18));
	expect_open(entry.whole, file_ref_make(0, 1), ATTRIBUTE_DATA, 0, 0x108f86);
	cr_assert(that(log_table_next(&table, &entry)));
	cr_expect(eq(u32, entry.place, 0x70));
	expect_open(entry.whole, file_ref_make(5, 5), ATTRIBUTE_INDEX_ALLOCATION, 4096, 0x108fbe);
	cr_expect(that(!log_table_next(&table, &entry)));
	free(blob.at);
}

Test(log_table, newer_entries_have_another_form)
{
	struct blob               blob = blob_copy(ten_root, sizeof ten_root);
	struct log_open_attribute open;
	struct error              err;

	expect_open(blob_bytes(blob, 0), file_ref_make(5, 5), ATTRIBUTE_INDEX_ALLOCATION, 4096, 0x40441c);
	blob.size--;
	cr_expect(eq(int, log_open_attribute_decode(blob_bytes(blob, 0), &open, &err), -1));
	free(blob.at);
}

Test(log_table, a_table_does_not_leave_its_dump)
{
	struct blob whole = make_table(0x28, ten_root, ten_root);

	put_le16(whole.at + 2, 0xffff);
	for (size_t size = 0; size <= whole.size; size++) {
		struct blob            blob = blob_copy(whole.at, size);
		struct log_table       table;
		struct log_table_entry entry;
		struct error           err;
		size_t                 count = 0;

		if (log_table_open(blob_bytes(blob, 0), &table, &err) < 0)
			cr_expect(lt(sz, size, 0x18));
		else
			while (log_table_next(&table, &entry))
				count++;
		cr_expect(eq(sz, count, (size >= 0x40) + (size >= 0x90)), "%zu bytes", size);
		free(blob.at);
	}
	put_le16(whole.at, 0);
	{
		struct log_table table;
		struct error     err;

		cr_expect(eq(int, log_table_open(blob_bytes(whole, 0), &table, &err), -1));
	}
	free(whole.at);
}

Test(log_table, names_follow_one_another)
{
	static const uint8_t dump[] = { 0x44, 0, 8, 0, '$', 0, 'I', 0, '3', 0, '0', 0, 0, 0,
					0x70, 0, 4, 0, '$', 0, 'J', 0, 0, 0, 0, 0, 0, 0 };
	struct blob               blob = blob_copy(dump, sizeof dump);
	struct bytes              at = blob_bytes(blob, 0);
	struct log_attribute_name name;
	struct error              err;

	cr_assert(eq(int, log_attribute_name_next(&at, &name, &err), 1));
	cr_expect(eq(u32, name.place, 0x44));
	cr_expect(that(utf16_is_word(name.name.at, name.name.left / 2, "$I30")));
	cr_assert(eq(int, log_attribute_name_next(&at, &name, &err), 1));
	cr_expect(eq(u32, name.place, 0x70));
	cr_expect(that(utf16_is_word(name.name.at, name.name.left / 2, "$J")));
	cr_expect(eq(int, log_attribute_name_next(&at, &name, &err), 0));
	at = blob_bytes(blob, 0);
	put_le16(blob.at + 2, 200);
	cr_expect(eq(int, log_attribute_name_next(&at, &name, &err), -1));
	free(blob.at);
}

struct dirty_case {
	size_t size, vcn_at;
};

ParameterizedTestParameters(log_table, a_dirty_page_has_two_forms)
{
	static struct dirty_case cases[] = { { 0x44, 0x14 }, { 0x40, 0x10 } }; /* four LCNs each */

	return CASES(struct dirty_case, cases);
}

ParameterizedTest(struct dirty_case *c, log_table, a_dirty_page_has_two_forms)
{
	struct blob           blob = blob_zero(c->size);
	struct log_dirty_page page;
	struct error          err;

	put_le32(blob.at + 4, 0x70);
	put_le32(blob.at + 8, 0x1000);
	put_le32(blob.at + 0xc, 4);
	put_le64(blob.at + c->vcn_at, 7);
	put_le64(blob.at + c->vcn_at + 8, 0x109562);
	put_le64(blob.at + c->vcn_at + 0x28, 4112);
	cr_assert(eq(int, log_dirty_page_decode(blob_bytes(blob, 0), &page, &err), 0));
	cr_expect(eq(u32, page.target, 0x70));
	cr_expect(eq(u32, page.length, 0x1000));
	cr_expect(eq(u64, page.vcn, 7));
	cr_expect(eq(u64, page.oldest_lsn, 0x109562));
	cr_assert(eq(sz, page.lcns.left, 32));
	cr_expect(eq(u64, le64_at(page.lcns.at + 24), 4112));
	put_le32(blob.at + 0xc, 0xffffffff); /* as many as there are */
	cr_assert(eq(int, log_dirty_page_decode(blob_bytes(blob, 0), &page, &err), 0));
	cr_expect(eq(sz, page.lcns.left, 32));
	free(blob.at);
}

Test(log_table, a_transaction_and_a_checkpoint)
{
	struct blob            blob = blob_zero(0x70);
	struct log_transaction transaction;
	struct log_checkpoint  checkpoint;
	struct error           err;

	for (size_t i = 0; i < blob.size; i += 8)
		put_le64(blob.at + i, 0x100 + i);
	put_le32(blob.at + 4, LOG_TRANSACTION_COMMITTED);
	cr_assert(eq(int, log_transaction_decode(blob_bytes(blob, 0), &transaction, &err), 0));
	cr_expect(eq(u8, transaction.state, LOG_TRANSACTION_COMMITTED));
	cr_expect(eq(u64, transaction.first_lsn, 0x108));
	cr_expect(eq(u64, transaction.previous_lsn, 0x110));
	cr_expect(eq(u64, transaction.undo_next_lsn, 0x118));
	put_le64(blob.at + 0x50, 4096);
	cr_assert(eq(int, log_checkpoint_decode(blob_bytes(blob, 0), &checkpoint, &err), 0));
	cr_expect(eq(u64, checkpoint.start_lsn, 0x108));
	cr_expect(eq(u64, checkpoint.open_attributes_lsn, 0x110));
	cr_expect(eq(u64, checkpoint.names_lsn, 0x118));
	cr_expect(eq(u64, checkpoint.dirty_pages_lsn, 0x120));
	cr_expect(eq(u64, checkpoint.transactions_lsn, 0x128));
	cr_expect(eq(u32, checkpoint.cluster_bytes, 4096));
	blob.size = 0x40;
	cr_assert(eq(int, log_checkpoint_decode(blob_bytes(blob, 0), &checkpoint, &err), 0));
	cr_expect(eq(u32, checkpoint.cluster_bytes, 0));
	blob.size--;
	cr_expect(eq(int, log_checkpoint_decode(blob_bytes(blob, 0), &checkpoint, &err), -1));
	free(blob.at);
}
