/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_volume_recall.c - a volume by libntfs-3g whose table shows a later life of one record, as if it had been used
 * again; the record of before lies in free clusters, as shadow copies and tables that moved leave it
 */
#include "tests/unit/disk.h"

#include "scan/recall/recall.h"
#include "scan/volume_recall.h"

#include <fcntl.h>
#include <unistd.h>

#define RECORD_BYTES 1024u

struct wreck {
	struct disk        disk;
	file_ref           folder, a, b;
	uint64_t           place; /* of the records in free clusters, bytes of the volume; as many as .records */
	size_t             records;
	struct scan        scan;
	struct casebook    book;
	struct volume_scan vs;
	struct file_reader reader;
};

static const struct scan_options options = { .threads = 1 };

static file_ref make_file(struct wreck *it, const char *name)
{
	ntfs_inode *inode = disk_file(&it->disk, it->folder, name);
	file_ref    ref = file_ref_make(inode->mft_no, le16_to_cpu(inode->mrec->sequence_number));

	disk_close(&it->disk, inode);
	return ref;
}

/* \dir with a.txt, b.txt; behind everything, the records of all of them as the table has them. */
static void make(struct wreck *it)
{
	struct inventory *inventory = &it->disk.tree.inventory;
	uint8_t           piece[16 * RECORD_BYTES];
	uint64_t          first;
	int               fd;

	*it = (struct wreck){ .scan = { .options = &options } };
	disk_make(&it->disk, "");
	it->folder = disk_folder(&it->disk, file_ref_make(5, 5), "dir");
	it->a = make_file(it, "a.txt");
	it->b = make_file(it, "b.txt");
	disk_read(&it->disk);
	first = file_ref_record(it->folder);
	it->records = file_ref_record(it->b) - first + 1;
	cr_assert(that(it->records >= 3 && it->records <= 16 && inventory->mft.record_bytes == RECORD_BYTES));
	it->place = 20u << 20;
	fd = open(it->disk.path, O_RDWR | O_CLOEXEC);
	cr_assert(fd >= 0);
	for (size_t i = 0; i < it->records; i++) {
		off_t from = (off_t)mft_offset_of(&inventory->mft, first + i);

		cr_assert(eq(int, pread(fd, piece + i * RECORD_BYTES, RECORD_BYTES, from) == RECORD_BYTES, 1));
	}
	cr_assert(that(pwrite(fd, piece, it->records * RECORD_BYTES, (off_t)it->place) ==
		       (ssize_t)(it->records * RECORD_BYTES)));
	cr_assert(eq(int, close(fd), 0));
}

/* Scan the volume up to here; b.txt's record has been used three times since. */
static void begin(struct wreck *it, bool sweep)
{
	struct sweep_options swept = { .range = { 0, UINT64_MAX }, .threads = 1 };
	struct volume_scan  *vs = &it->vs;
	struct record_watch  watch;
	struct error        *err = &it->disk.err;

	make(it);
	findings_init(&it->scan.findings);
	cr_assert(eq(int, casebook_create(&it->book, NULL, err), 0), "%s", err->text);
	it->scan.book = &it->book;
	vs->scan = &it->scan;
	vs->volume = &it->disk.volumes.items[0];
	if (sweep) {
		cr_assert(that(array_push(&it->scan.sweeps, (struct sweep){ 0 })));
		cr_assert(eq(int, sweep_run(&it->disk.evidence, &swept, &it->scan.sweeps.items[0], err), 0));
	}
	cr_assert(eq(int, index_walk_begin(&vs->indexes, &watch, err), 0));
	cr_assert(eq(int, inventory_read_watched(&vs->inventory, vs->volume, 1, &watch, &it->scan.findings, err), 0));
	vs->inventory.rows[file_ref_record(it->b)].sequence += 3;
	vs->inventory.names.items[vs->inventory.rows[file_ref_record(it->b)].first_name].text =
		vs->inventory.names.items[vs->inventory.rows[file_ref_record(it->a)].first_name].text; /* "a.txt" */
	cr_assert(eq(int, extensions_collect(&vs->extensions, &vs->inventory, err), 0));
	cr_assert(eq(int, file_reader_init(&it->reader, &vs->inventory, &vs->extensions, err), 0));
	cr_assert(eq(int, volume_recall(vs, &it->reader, err), 0), "%s", err->text);
}

static void end(struct wreck *it)
{
	file_reader_release(&it->reader);
	usn_history_release(&it->vs.journal);
	index_walk_release(it->vs.indexes);
	array_release(&it->vs.extensions);
	inventory_release(&it->vs.inventory);
	casebook_close(&it->book);
	sweeps_release(&it->scan.sweeps);
	findings_release(&it->scan.findings);
	disk_release(&it->disk);
}

/* What the casebook has of one kind of fact. */
struct counted {
	const char *source, *verdict;
	uint64_t    count, all;
};

static int count_facts(void *context, int64_t volume, const char *source, const char *verdict, uint64_t count,
		       struct error *err)
{
	struct counted *counted = context;

	(void)err;
	cr_expect(eq(int, (int)volume, 1));
	counted->all += count;
	if (strcmp(source, counted->source) == 0 && strcmp(verdict, counted->verdict) == 0)
		counted->count += count;
	return 0;
}

static struct counted facts_of(struct wreck *it, const char *source, const char *verdict)
{
	struct counted counted = { source, verdict, 0, 0 };

	cr_assert(eq(int, casebook_fact_counts(&it->book, count_facts, &counted, &it->disk.err), 0));
	return counted;
}

static const struct name_row *name_of_b(const struct wreck *it)
{
	const struct inventory *inventory = &it->vs.inventory;

	for (size_t i = 0; i < inventory->names.count; i++) {
		const struct name_row *name = &inventory->names.items[i];

		if (inventory_owner(inventory, name) == it->b && name->units == 5 &&
		    memcmp(inventory_text(inventory, name), "b\0.\0t\0x\0t", 10) == 0)
			return name;
	}
	return NULL;
}

/* The directory's index is all that knows the file. */
Test(volume_recall, name_comes_of_the_index)
{
	struct wreck           it;
	const struct name_row *name;

	begin(&it, false);
	cr_assert(eq(u32, inventory_row_of(&it.vs.inventory, it.b), NO_ROW));
	name = name_of_b(&it);
	cr_assert(that(name != NULL));
	cr_expect(eq(int, name->source, FACT_INDEX));
	cr_expect(eq(u64, name->parent, it.folder));
	cr_expect(eq(u64, facts_of(&it, "index", "named").count, 1));
	cr_expect(eq(u64, facts_of(&it, "index", "named").all, 1)); /* all else stands in records */
	end(&it);
}

/* A sweep finds its record of then: a row of its own, which says the name itself. */
Test(volume_recall, record_comes_of_free_clusters)
{
	struct wreck           it;
	const struct name_row *name;
	uint32_t               row;

	begin(&it, true);
	row = inventory_row_of(&it.vs.inventory, it.b);
	cr_assert(that(row != NO_ROW));
	cr_expect(eq(u64, mft_offset_of(&it.vs.inventory.mft, row), it.place + (it.records - 1) * RECORD_BYTES));
	name = name_of_b(&it);
	cr_assert(that(name != NULL));
	cr_expect(eq(int, name->source, FACT_OLDER_RECORD));
	cr_expect(eq(u64, facts_of(&it, "index", "known").count, 1));
	cr_expect(eq(u64, facts_of(&it, "index", "known").all, 1));
	cr_expect(eq(sz, it.vs.inventory.mft.older.count, 1)); /* of the others the table shows the life itself */
	end(&it);
}
