/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_volume_story.c - expected values: what libntfs-3g wrote, and when by the clock of this machine */
#include "tests/unit/disk.h"
#include "tests/unit/usn.h"

#include "scan/layer.h"
#include "scan/story/volume_story.h"

#define R(time, component, text)                                                                                   \
	"<![LOG[" text "]LOG]!><time=\"" time "+240\" date=\"10-18-2019\" component=\"" component "\" context=\"\" " \
	"type=\"1\" thread=\"1100\" file=\"x.cpp:1\">\r\n"

static const char smsts[] = R("10:00:00.000", "TSManager", "The task execution engine started execution")
			    R("10:01:00.000", "TSManager", "Calling RebootSystem()");
static const char loadstate[] = "2019-10-18 10:30:00, Info                  [0x000000] Command line: loadstate.exe C:\\S\r\n";

static const file_ref root = (uint64_t)5 << 48 | 5;

/* One volume with what is made of it. */
struct telling {
	struct disk        disk;
	struct namespace   space;
	struct stores      stores;
	struct file_reader reader;
	struct ownership   ownership;
	struct usn_history journal;
	struct chronicle   chronicle;
	uint64_t           began; /* before the volume was made */
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return ntfs_time_from_timespec(time);
}

static void begin(struct telling *it)
{
	*it = (struct telling){ .ownership.bitmap_read = true };
	it->began = now() - NTFS_TIME_PER_SECOND; /* mkntfs knows whole seconds */
	disk_make(&it->disk, "");
}

static void tell(struct telling *it)
{
	struct inventory *inventory = &it->disk.tree.inventory;
	struct error     *err = &it->disk.err;

	disk_read(&it->disk);
	cr_assert(eq(int, namespace_build(&it->space, inventory, err), 0));
	cr_assert(eq(int, stores_find(&it->stores, &it->space, NULL, err), 0));
	cr_assert(eq(int, file_reader_init(&it->reader, inventory, &it->disk.tree.extensions, err), 0));
	cr_assert(eq(int, volume_story_read(&it->chronicle, &it->reader, &it->ownership, &it->stores, &it->journal, err), 0));
}

static void end(struct telling *it)
{
	chronicle_release(&it->chronicle);
	usn_history_release(&it->journal);
	file_reader_release(&it->reader);
	stores_release(&it->stores);
	namespace_release(&it->space);
	disk_release(&it->disk);
}

static void put(struct telling *it, file_ref folder, const char *name, const void *data, size_t size)
{
	ntfs_inode *file = disk_file(&it->disk, folder, name);

	disk_write(&it->disk, file, "", 0, data, size);
	disk_close(&it->disk, file);
}

static file_ref find(struct telling *it, file_ref folder, const char *name)
{
	struct ntfs3g_name units;
	ntfs_inode        *parent = ntfs_inode_open(it->disk.mount.volume, file_ref_record(folder));
	u64                found;

	cr_assert(eq(int, ntfs3g_name(name, strlen(name), "", &units), 0));
	found = ntfs_inode_lookup_by_name(parent, units.units, units.count);
	ntfs_inode_close(parent);
	return found;
}

static void delete(struct telling *it, file_ref folder, const char *name)
{
	struct ntfs3g_name units;
	ntfs_inode        *at = ntfs_inode_open(it->disk.mount.volume, file_ref_record(find(it, folder, name)));
	ntfs_inode        *parent = ntfs_inode_open(it->disk.mount.volume, file_ref_record(folder));

	cr_assert(that(at && parent));
	cr_assert(eq(int, ntfs3g_name(name, strlen(name), "", &units), 0));
	cr_assert(eq(int, ntfs_delete(it->disk.mount.volume, NULL, at, parent, units.units, (u8)units.count), 0));
}

static const struct log_event *event_of(const struct telling *it, enum log_event_kind kind)
{
	for (size_t i = 0; i < it->chronicle.events.list.count; i++)
		if (it->chronicle.events.list.items[i].kind == kind)
			return &it->chronicle.events.list.items[i];
	return NULL;
}

static const struct story_source *source_of(const struct telling *it, const struct log_event *event)
{
	cr_assert(that(event != NULL));
	return &it->chronicle.sources.items[event->artefact];
}

/* -------- logs -------- */

Test(volume_story, logs_live_and_deleted_and_who_says_it)
{
	struct telling             it;
	const struct story_source *source;
	file_ref                   logs;

	begin(&it);
	logs = disk_folder(&it.disk, root, "Logs");
	put(&it, logs, "smsts.log", smsts, sizeof smsts - 1);
	put(&it, logs, "loadstate.log", loadstate, sizeof loadstate - 1);
	delete (&it, logs, "loadstate.log");
	tell(&it);
	source = source_of(&it, event_of(&it, LOG_RESTART));
	cr_expect(eq(int, source->kind, SOURCE_LOG));
	cr_expect(eq(str, (char *)source->path, "\\Logs\\smsts.log"));
	cr_expect(eq(int, source->proof, PROOF_PROVEN));
	cr_expect(that(source->live && !source->cut));
	cr_expect(eq(u32, source->volume, 1));
	cr_expect(eq(int, source->grade, GRADE_INTACT));
	source = source_of(&it, event_of(&it, LOG_RESTORE_BEGAN));
	cr_expect(eq(str, (char *)source->path, "\\Logs\\loadstate.log"));
	cr_expect(that(!source->live));
	end(&it);
}

/* A hole in the middle: the records before and behind it are told, the torn one is told to be torn. */
Test(volume_story, a_log_with_a_hole)
{
	struct telling          it;
	const struct log_event *event;
	char                    text[3 * 4096];
	ntfs_inode             *file;

	memset(text, ' ', sizeof text);
	memcpy(text, smsts, sizeof smsts - 1);
	memcpy(text + 4096 - 40, "<![LOG[Applying image to C:\\", 28);
	memcpy(text + 2 * 4096, smsts, sizeof smsts - 1);
	begin(&it);
	file = disk_file(&it.disk, root, "smsts.log");
	disk_write(&it.disk, file, "", 0, text, 4096);
	disk_write(&it.disk, file, "", 2 * 4096, text + 2 * 4096, 4096); /* the cluster between is zeros */
	disk_close(&it.disk, file);
	tell(&it);
	event = event_of(&it, LOG_APPLY_BEGAN);
	cr_assert(that(event && event->torn));
	cr_expect(eq(u64, event->offset, 4096 - 40));
	cr_expect(that(!event_of(&it, LOG_RESTART)->torn));
	event = &it.chronicle.events.list.items[it.chronicle.events.list.count - 1];
	cr_expect(eq(int, event->kind, LOG_RESTART));
	cr_expect(that(event->offset > 2 * 4096));
	end(&it);
}

/* -------- pieces -------- */

static void expect_piece(struct telling *it, uint64_t offset, uint32_t length, size_t events, size_t sources)
{
	struct artefact  piece = { .offset = offset, .length = length, .kind = ARTEFACT_LOG_TEXT };
	struct log_event last;
	size_t           had = it->chronicle.events.list.count, sources_had = it->chronicle.sources.count;

	cr_assert(eq(int, volume_story_pieces(&it->chronicle, &it->disk.evidence, 7, &it->disk.volumes, &piece, 1, &it->disk.err), 0));
	cr_expect(eq(sz, it->chronicle.events.list.count - had, events));
	cr_assert(eq(sz, it->chronicle.sources.count - sources_had, sources));
	if (!events)
		return;
	last = it->chronicle.events.list.items[had + events - 1];
	cr_expect(eq(int, source_of(it, &last)->kind, SOURCE_PIECE));
	cr_expect(eq(u64, source_of(it, &last)->place, offset));
	cr_expect(eq(u32, source_of(it, &last)->evidence, 7));
	cr_expect(eq(u32, source_of(it, &last)->volume, 1));
}

Test(volume_story, a_piece_is_told_unless_its_log_was)
{
	struct telling it;
	char           text[8192], other[8192];
	struct blob    image;
	uint8_t       *log, *note;

	memset(text, '\n', sizeof text);
	memcpy(text, smsts, sizeof smsts - 1);
	memcpy(other, text, sizeof other);
	other[sizeof other - 1] = '!';
	text[sizeof text - 1] = '?';
	begin(&it);
	put(&it, root, "smsts.log", text, sizeof text);
	put(&it, root, "note.txt", other, sizeof other);
	tell(&it);
	image = temp_read(it.disk.path);
	log = memmem(image.at, image.size, text, sizeof text);
	note = memmem(image.at, image.size, other, sizeof other);
	cr_assert(that(log && note));
	expect_piece(&it, (uint64_t)(log - image.at), 8192, 0, 0);
	expect_piece(&it, (uint64_t)(log - image.at) + 512, 512, 0, 0);
	expect_piece(&it, (uint64_t)(note - image.at), 8192, 2, 1);
	expect_piece(&it, (uint64_t)(note - image.at) + 4096, 4096, 0, 0);
	free(image.at);
	end(&it);
}

/* It is told where it lies, encrypted, in what was opened by its name. */
Test(volume_story, a_piece_of_what_is_decrypted)
{
	struct layer     layer = { .kind = LAYER_BITLOCKER, .offset_bytes = 1 << 20 };
	struct evidence  around = { 0 };
	struct telling   it;
	struct artefact  piece = { .length = 4096, .kind = ARTEFACT_LOG_TEXT };
	struct evidence *disk = &it.disk.evidence;
	char             text[4096];
	struct blob      image;

	memset(text, '\n', sizeof text);
	memcpy(text, smsts, sizeof smsts - 1);
	begin(&it);
	put(&it, root, "note.txt", text, sizeof text);
	tell(&it);
	image = temp_read(it.disk.path);
	piece.offset = (uint64_t)((uint8_t *)memmem(image.at, image.size, text, sizeof text) - image.at);
	free(image.at);
	disk->outer = &around;
	disk->as = &layer;
	cr_assert(eq(int, volume_story_pieces(&it.chronicle, disk, 7, &it.disk.volumes, &piece, 1, &it.disk.err), 0));
	disk->outer = NULL;
	disk->as = NULL;
	cr_expect(eq(u64, it.chronicle.sources.items[it.chronicle.sources.count - 1].place, (1 << 20) + piece.offset));
	end(&it);
}

/* -------- what records show -------- */

static void expect_now(const struct telling *it, const struct log_event *event)
{
	cr_assert(that(event != NULL));
	cr_expect(that(event->time >= it->began && event->time <= now()));
	cr_expect(eq(int, event->form, LOG_FORM_NONE));
	cr_expect(eq(int, event->clock, LOG_CLOCK_UTC));
	cr_expect(eq(u32, event->number, 1));
}

Test(volume_story, an_empty_volume_was_formatted)
{
	struct telling it;

	begin(&it);
	tell(&it);
	expect_now(&it, event_of(&it, SHOWN_FORMAT));
	cr_expect(eq(int, source_of(&it, event_of(&it, SHOWN_FORMAT))->kind, SOURCE_RECORD));
	cr_expect(that(!event_of(&it, SHOWN_LAST_CHANGE)), "the file system's own do not count");
	cr_assert(eq(sz, it.chronicle.volumes.count, 1));
	cr_expect(eq(sz, it.chronicle.volumes.items[0].growths.count, 0), "nor here");
	end(&it);
}

static const char *const store_folders[] = { "S", "USMT", "File", "C$", "Users", "a" };

static void make_store(struct telling *it, file_ref folders[COUNT(store_folders)])
{
	for (size_t i = 0; i < COUNT(store_folders); i++)
		folders[i] = disk_folder(&it->disk, i ? folders[i - 1] : root, store_folders[i]);
	put(it, folders[COUNT(store_folders) - 1], "x.txt", "content", 7);
}

Test(volume_story, a_store_was_made)
{
	struct telling          it;
	const struct log_event *event;
	file_ref                folders[COUNT(store_folders)];
	struct written_since    since;

	begin(&it);
	make_store(&it, folders);
	tell(&it);
	event = event_of(&it, SHOWN_STORE);
	expect_now(&it, event);
	cr_expect(eq(str, (char *)event->path, "\\S\\USMT"));
	cr_expect(eq(u64, source_of(&it, event)->place, file_ref_record(folders[1])));
	cr_expect(that(!event_of(&it, SHOWN_STORE_LAST)), "it is there");
	expect_now(&it, event_of(&it, SHOWN_LAST_CHANGE));
	since = chronicle_since(&it.chronicle.volumes.items[0], it.began);
	cr_expect(eq(u64, since.files, 1), "folders are no files");
	cr_expect(eq(u64, since.bytes, 7));
	end(&it);
}

Test(volume_story, files_are_counted_by_the_second)
{
	struct telling       it;
	struct written_since since;
	const size_t         files = 5000; /* more than are kept one by one */
	char                 name[16];
	uint64_t             seconds;

	begin(&it);
	for (size_t i = 0; i < files; i++) {
		snprintf(name, sizeof name, "%zu", i);
		put(&it, root, name, "abc", 3);
	}
	tell(&it);
	seconds = (now() - it.began) / NTFS_TIME_PER_SECOND + 1;
	since = chronicle_since(&it.chronicle.volumes.items[0], it.began);
	cr_expect(eq(u64, since.files, files));
	cr_expect(eq(u64, since.bytes, 3 * files));
	cr_expect(that(it.chronicle.volumes.items[0].growths.count <= seconds));
	end(&it);
}

Test(volume_story, a_deleted_store_had_a_last_sign_of_life)
{
	struct telling          it;
	const struct log_event *event;
	file_ref                folders[COUNT(store_folders)];

	begin(&it);
	make_store(&it, folders);
	delete (&it, folders[COUNT(store_folders) - 1], "x.txt");
	for (size_t i = COUNT(store_folders); i-- > 1;)
		delete (&it, folders[i - 1], store_folders[i]);
	tell(&it);
	event = event_of(&it, SHOWN_STORE_LAST);
	expect_now(&it, event);
	cr_expect(eq(str, (char *)event->path, "\\S\\USMT"));
	cr_expect(that(!source_of(&it, event)->live));
	cr_expect(eq(u64, chronicle_since(&it.chronicle.volumes.items[0], it.began).files, 1), "it was written, though it is gone");
	end(&it);
}

/* -------- what the change journal shows -------- */

#define MINUTE (60 * NTFS_TIME_PER_SECOND)

/* One file or folder is deleted. */
static void journal_delete(struct telling *it, uint64_t *usn, uint64_t time, uint64_t file, uint64_t parent)
{
	uint8_t           bytes[128];
	struct usn_test   test = { 2, *usn, time, file, parent, USN_FILE_DELETE | USN_CLOSE, "x", 0 };
	size_t            length = usn_test_put(bytes, &test);
	struct usn_record record;

	cr_assert(eq(int, usn_record_decode((struct bytes){ bytes, length, 0 }, &record, &it->disk.err), 0));
	cr_assert(eq(int, usn_history_add(&it->journal, &record, USN_FROM_JOURNAL, &it->disk.err), 0));
	*usn += length;
}

/* A file went early; then a wipe elsewhere; then the store, file by file within a second. */
Test(volume_story, the_journal_shows_a_deletion)
{
	struct telling          it;
	const struct log_event *event;
	file_ref                folders[COUNT(store_folders)];
	uint64_t                usn = 4096, time = USN_TEST_TIME;

	begin(&it);
	make_store(&it, folders);
	delete (&it, folders[COUNT(store_folders) - 1], "x.txt");
	for (size_t i = COUNT(store_folders); i-- > 1;)
		delete (&it, folders[i - 1], store_folders[i]);
	journal_delete(&it, &usn, time, file_ref_make(900, 1), folders[3]);
	for (uint64_t i = 0; i < 150; i++)
		journal_delete(&it, &usn, time + 10 * MINUTE + i, file_ref_make(1000 + i, 1), file_ref_make(800, 1));
	for (uint64_t i = 0; i < 120; i++)
		journal_delete(&it, &usn, time + 20 * MINUTE + i, file_ref_make(2000 + i, 1), folders[5]);
	for (uint64_t i = 5; i > 0; i--)
		journal_delete(&it, &usn, time + 20 * MINUTE + 200, folders[i], folders[i - 1]);
	cr_assert(eq(int, usn_history_build(&it.journal, &it.disk.err), 0));
	tell(&it);
	event = event_of(&it, SHOWN_DELETE_BEGAN);
	cr_assert(that(event != NULL));
	cr_expect(eq(str, (char *)event->path, "\\S\\USMT"));
	cr_expect(eq(u64, event->time, time + 20 * MINUTE));
	cr_expect(eq(int, source_of(&it, event)->kind, SOURCE_JOURNAL));
	cr_expect(that(event->offset > 4096 && event->offset < usn));
	event = event_of(&it, SHOWN_DELETE_ENDED);
	cr_expect(eq(u64, event->time, time + 20 * MINUTE + 200));
	cr_expect(eq(u64, event->count, 1 + 120 + 5));
	event = event_of(&it, SHOWN_BURST_BEGAN);
	cr_expect(eq(u64, event->time, time + 10 * MINUTE));
	cr_expect(eq(u64, event->count, 150));
	end(&it);
}
