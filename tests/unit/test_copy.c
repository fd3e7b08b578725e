/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_copy.c - a file copied onto a volume from somewhere else that may not give all of it */
#include "recover/engine/copy.h"

#include "scan/attribute.h"
#include "tests/unit/disk.h"

#define ROOT file_ref_make(5, 5)
#define BYTES 9000u /* more than a record holds */

/* Hands out zeros, the last byte perhaps not. */
struct giver {
	bool whole;
};

static int give(void *context, const struct case_record *record, const struct case_stream *stream, content_each *each,
		void *to, struct verdict *verdict, struct error *err)
{
	const struct giver *giver = context;
	uint8_t             bytes[BYTES] = { 0 };

	(void)record;
	*verdict = (struct verdict){ .grade = giver->whole ? GRADE_INTACT : GRADE_PARTIAL };
	if (!giver->whole)
		cr_assert(that(ranges_add(&verdict->missing, BYTES - 1, 1)));
	return each(to, &(struct content_piece){ 0, stream->size_bytes, bytes }, err);
}

static int no_descriptor(void *context, int64_t volume, uint32_t id, uint8_t **descriptor, size_t *size,
			 struct error *err)
{
	(void)context, (void)volume, (void)id, (void)size, (void)err;
	*descriptor = NULL;
	return 0;
}

static int load(void *context, uint32_t item, struct case_record *to, struct error *err)
{
	struct case_stream content = { .type = ATTRIBUTE_DATA,
				       .name = "",
				       .grade = GRADE_INTACT,
				       .size_bytes = BYTES,
				       .valid_bytes = BYTES,
				       .allocated_bytes = 3 * 4096 };

	(void)context, (void)item;
	*to = (struct case_record){ .file = { .live = true, .link_count = 1 } };
	if (case_record_add_stream(to, content, err) < 0)
		return -1;
	case_record_settle(to);
	case_record_judge(to);
	return 0;
}

static struct origin origin_of(struct giver *giver)
{
	return (struct origin){ .context = giver,
				.source = { giver, "somewhere", give, no_descriptor },
				.load = load };
}

/* Copy the file to \Folder\wanted, and read the volume: what copy_file says. */
static int copy(struct disk *disk, struct giver *giver)
{
	struct origin        origin = origin_of(giver);
	struct volume_writer writer = { .mount = &disk->mount, .source = &origin.source };
	struct ntfs3g_name   name;
	struct copy_place    place = { &writer, disk_folder(disk, ROOT, "Folder"), &name, NULL, false };
	struct case_record   record;
	file_ref             ref;
	unsigned             unkept = 0;
	int                  result;

	cr_assert(eq(int, ntfs3g_name("wanted", 6, "", &name), 0));
	cr_assert(eq(int, load(giver, 0, &record, &disk->err), 0));
	result = copy_file(&place, &record, &ref, &unkept, &disk->err);
	case_record_release(&record);
	volume_writer_release(&writer);
	disk_read(disk);
	return result;
}

/* Names in the file table, of whatever is or was. */
static size_t count_named(const struct disk *disk, const char *word)
{
	const struct inventory *inventory = &disk->tree.inventory;
	size_t                  count = 0;

	for (size_t i = 0; i < inventory->names.count; i++)
		count += utf16_is_word(inventory_text(inventory, &inventory->names.items[i]),
				       inventory->names.items[i].units, word);
	return count;
}

Test(copy, whole)
{
	struct disk  disk;
	struct giver giver = { .whole = true };
	uint32_t     record;

	disk_make(&disk, "");
	cr_expect(eq(int, copy(&disk, &giver), 1), "%s", disk.err.text);
	record = volume_tree_find(&disk.tree, "\\Folder\\wanted");
	cr_assert(ne(u32, record, NO_TREE_RECORD));
	cr_expect(eq(u64, volume_tree_file_bytes(&disk.tree, record), BYTES));
	disk_release(&disk);
}

/* A guard would take it for a deleted file of the store. */
Test(copy, of_one_that_is_not_whole_nothing_is_left)
{
	struct disk  disk;
	struct giver giver = { .whole = false };

	disk_make(&disk, "");
	cr_expect(eq(int, copy(&disk, &giver), 0));
	cr_expect(eq(u32, volume_tree_find(&disk.tree, "\\Folder\\wanted"), NO_TREE_RECORD));
	cr_expect(eq(sz, count_named(&disk, "wanted"), 0));
	cr_expect(eq(sz, count_named(&disk, "Folder"), 1));
	disk_release(&disk);
}

Test(copy, says_beforehand_what_can_be_read)
{
	struct giver  whole = { .whole = true }, torn = { .whole = false };
	struct origin good = origin_of(&whole), bad = origin_of(&torn);
	struct error  err;

	cr_expect(eq(int, copy_can_be_read(&good, 0, &err), 1));
	cr_expect(eq(int, copy_can_be_read(&bad, 0, &err), 0));
}
