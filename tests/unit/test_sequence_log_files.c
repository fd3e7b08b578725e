/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sequence_log_files.c - what is put is read back by ntfscat and ntfsls */
#include "tests/unit/unit.h"

#include "recover/engine/file_content.h"
#include "recover/engine/folder_path.h"
#include "recover/sequence/sequence_log_files.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT file_ref_make(5, 5)
#define PLACE SEQUENCE_LOGS_RUNNING

static struct {
	char               *folder, *image, *logs;
	struct work_volumes volumes;
	struct work_volume *volume;
	struct error        err;
} it;

static void open_volume(void)
{
	cr_assert(eq(int, work_volumes_open(&it.volumes, &it.image, 1, WORK_WRITE, &it.err), 0), "%s", it.err.text);
	it.volume = &it.volumes.items[0];
	cr_assert(eq(int, ntfs3g_begin(&it.volume->mount, "test", &it.err), 0), "%s", it.err.text);
}

static void make(void)
{
	it.folder = temp_folder();
	it.image = temp_ntfs(it.folder, "volume.img", 64, "");
	it.logs = temp_path(it.folder, "logs");
	cr_assert(eq(int, mkdir(it.logs, 0700), 0));
	open_volume();
}

static void release(void)
{
	cr_expect(eq(int, work_volumes_close(&it.volumes, &it.err), 0));
	free(it.image);
	free(it.logs);
	temp_remove(it.folder);
}

TestSuite(sequence_log_files, .init = make, .fini = release);

static void commit(void)
{
	cr_assert(eq(int, ntfs3g_commit(&it.volume->mount, &it.err), 0), "%s", it.err.text);
}

static void end(void)
{
	cr_assert(eq(int, ntfs3g_end(&it.volume->mount, &it.err), 0), "%s", it.err.text);
}

/* Others may read it. */
static void close_volume(void)
{
	end();
	cr_assert(eq(int, work_volumes_close(&it.volumes, &it.err), 0), "%s", it.err.text);
	it.volumes = (struct work_volumes){ 0 };
}

static void put(void)
{
	cr_assert(eq(int, sequence_log_files_put(it.volume, PLACE, it.logs, &it.err), 0), "%s", it.err.text);
}

static void write_host(const char *name, const char *text)
{
	char *path = temp_path(it.logs, name);

	temp_write(path, text, strlen(text));
	free(path);
}

static struct blob read_host(const char *name)
{
	char       *path = temp_path(it.logs, name);
	struct blob blob = temp_read(path);

	free(path);
	return blob;
}

/* What a program of ntfs-3g says of the image. */
static struct blob asked(const char *program, const char *path)
{
	char       *out = temp_path(it.folder, "out"), *command;
	struct blob blob;

	cr_assert(asprintf(&command, "PATH=$PATH:/usr/sbin:/sbin %s '%s' %s '%s' > '%s'", program, it.image,
			   strcmp(program, "ntfsls") == 0 ? "-p" : "", path, out) > 0);
	cr_assert(system(command) == 0, "%s", command);
	blob = temp_read(out);
	free(command);
	free(out);
	return blob;
}

static void expect_text(const char *path, const char *text)
{
	struct blob blob = asked("ntfscat", path);

	cr_expect(eq(sz, blob.size, strlen(text)), "%s", path);
	cr_expect(that(blob.size == strlen(text) && memcmp(blob.at, text, blob.size) == 0), "%s", path);
	free(blob.at);
}

static bool lists(const char *path, const char *line)
{
	struct blob blob = asked("ntfsls", path);
	char       *text, *wanted;
	bool        found;

	cr_assert(asprintf(&text, "\n%.*s", (int)blob.size, (char *)blob.at) > 0 && asprintf(&wanted, "\n%s\n", line) > 0);
	found = strstr(text, wanted) != NULL;
	free(wanted);
	free(text);
	free(blob.at);
	return found;
}

/* -------- onto the volume -------- */

Test(sequence_log_files, logs_are_put_and_nothing_else)
{
	char *inner = temp_path(it.logs, "folder.log"), *link = temp_path(it.logs, "link.log");

	write_host("smsts.log", "one\r\n");
	write_host("ScanState.LOG", "");
	write_host("state.xml", "no");
	write_host(".hidden.log", "no");
	write_host(".log", "no");
	cr_assert(that(mkdir(inner, 0700) == 0 && symlink("smsts.log", link) == 0));
	put();
	close_volume();
	expect_text("/_SMSTaskSequence/Logs/smstslog/smsts.log", "one\r\n");
	expect_text("/_SMSTaskSequence/Logs/smstslog/ScanState.LOG", "");
	for (size_t i = 0; i < 5; i++) {
		static const char *const others[] = { "state.xml", ".hidden.log", ".log", "folder.log", "link.log" };

		cr_expect(that(!lists("/_SMSTaskSequence/Logs/smstslog", others[i])), "%s", others[i]);
	}
	cr_expect(that(lists("/_SMSTaskSequence/Logs/smstslog", "smsts.log")));
	free(inner);
	free(link);
}

Test(sequence_log_files, what_is_there_already_is_not_written)
{
	struct blob before, after;

	write_host("smsts.log", "one\r\n");
	write_host("empty.log", "");
	put();
	commit();
	before = temp_read(it.image);
	put();
	cr_expect(eq(sz, it.volume->mount.transaction.overlay.count, 0));
	after = temp_read(it.image);
	cr_expect(that(before.size == after.size && memcmp(before.at, after.at, before.size) == 0));
	free(before.at);
	free(after.at);
	write_host("smsts.log", "one\r\ntwo\r\n");
	put();
	close_volume();
	expect_text("/_SMSTaskSequence/Logs/smstslog/smsts.log", "one\r\ntwo\r\n");
	expect_text("/_SMSTaskSequence/Logs/smstslog/empty.log", "");
}

Test(sequence_log_files, the_same_length_is_not_the_same_log)
{
	write_host("smsts.log", "one\r\n");
	put();
	commit();
	write_host("smsts.log", "two\r\n");
	put();
	close_volume();
	expect_text("/_SMSTaskSequence/Logs/smstslog/smsts.log", "two\r\n");
}

/* A state store, perhaps, has a file of another's under this name as well. */
Test(sequence_log_files, nothing_is_written_through_another_name)
{
	struct ntfs3g_name name, other;
	ntfs_inode        *inode;
	file_ref           folder, ref;
	bool               taken;

	cr_assert(eq(int, folder_path_enter(&it.volume->mount, PLACE, strlen(PLACE), &folder, NULL, &it.err), 0));
	cr_assert(eq(int, file_content_make(&it.volume->mount, folder, "smsts.log", "theirs", 6, &it.err), 0));
	cr_assert(eq(int, ntfs3g_name("smsts.log", 9, "", &name), 0));
	cr_assert(eq(int, ntfs3g_name("other", 5, "", &other), 0));
	cr_assert(eq(int, ntfs3g_find(&it.volume->mount, folder, &name, NAME_CASE_EXACT, &ref, &it.err), 1));
	cr_assert(eq(int, ntfs3g_open(&it.volume->mount, ref, &inode, &it.err), 0));
	cr_assert(eq(int, ntfs3g_add_name(&it.volume->mount, inode, ROOT, &other, NAME_POSIX, 0, &taken, &it.err), 0));
	cr_assert(eq(int, ntfs3g_close(&it.volume->mount, inode, &it.err), 0));
	commit();
	write_host("smsts.log", "ours\r\n");
	put();
	close_volume();
	expect_text("/_SMSTaskSequence/Logs/smstslog/smsts.log", "ours\r\n");
	expect_text("/other", "theirs");
}

Test(sequence_log_files, an_alias_is_no_other_name)
{
	struct ntfs3g_name name, alias;
	ntfs_inode        *inode;
	file_ref           folder, ref, after;
	bool               taken;

	cr_assert(eq(int, folder_path_enter(&it.volume->mount, PLACE, strlen(PLACE), &folder, NULL, &it.err), 0));
	cr_assert(eq(int, ntfs3g_name("scanstate.log", 13, "", &name), 0));
	cr_assert(eq(int, ntfs3g_name("SCANST~1.LOG", 12, "", &alias), 0));
	cr_assert(eq(int, file_content_make(&it.volume->mount, folder, "scanstate.log", "old", 3, &it.err), 0));
	cr_assert(eq(int, ntfs3g_find(&it.volume->mount, folder, &name, NAME_CASE_EXACT, &ref, &it.err), 1));
	cr_assert(eq(int, ntfs3g_open(&it.volume->mount, ref, &inode, &it.err), 0));
	cr_assert(eq(int, ntfs3g_add_alias(&it.volume->mount, inode, folder, &name, &alias, 0, &taken, &it.err), 0), "%s",
		  it.err.text);
	cr_assert(eq(int, ntfs3g_close(&it.volume->mount, inode, &it.err), 0));
	write_host("scanstate.log", "new\r\n");
	put();
	cr_assert(eq(int, ntfs3g_find(&it.volume->mount, folder, &name, NAME_CASE_EXACT, &after, &it.err), 1));
	cr_expect(eq(u64, after, ref));
	close_volume();
	expect_text("/_SMSTaskSequence/Logs/smstslog/scanstate.log", "new\r\n");
}

Test(sequence_log_files, folders_are_there_in_any_case)
{
	static const char other[] = "\\_smstasksequence\\LOGS";
	file_ref          folder;

	cr_assert(eq(int, folder_path_enter(&it.volume->mount, other, strlen(other), &folder, NULL, &it.err), 0));
	write_host("smsts.log", "one\r\n");
	put();
	close_volume();
	expect_text("/_smstasksequence/LOGS/smstslog/smsts.log", "one\r\n");
	cr_expect(that(!lists("/", "_SMSTaskSequence")));
}

Test(sequence_log_files, of_a_huge_log_the_end_is_put)
{
	static const char line[] = "0123456\r\n"; /* nine bytes: none begins where the end is cut off */
	size_t            lines = (SEQUENCE_LOG_BYTES_MAX + (1u << 20)) / 9, size = lines * 9;
	char             *text = malloc(size), *path = temp_path(it.logs, "smsts.log");
	struct blob       blob;

	for (size_t i = 0; i < lines; i++)
		memcpy(text + 9 * i, line, 9);
	temp_write(path, text, size);
	put();
	close_volume();
	blob = asked("ntfscat", "/_SMSTaskSequence/Logs/smstslog/smsts.log");
	/* 16777216 is 9 * 1864135 + 1: one byte of a line is left over */
	cr_assert(eq(sz, blob.size, 9 * 1864135));
	cr_expect(that(memcmp(blob.at, text, blob.size) == 0));
	free(blob.at);
	free(text);
	free(path);
}

Test(sequence_log_files, what_is_in_the_way_is_named)
{
	static const char above[] = "\\_SMSTaskSequence";
	struct error      err = { 0 };
	file_ref          folder, inner;

	cr_assert(eq(int, folder_path_enter(&it.volume->mount, above, strlen(above), &folder, NULL, &it.err), 0));
	cr_assert(eq(int, file_content_make(&it.volume->mount, folder, "Logs", "", 0, &it.err), 0));
	write_host("smsts.log", "one\r\n");
	cr_expect(eq(int, sequence_log_files_put(it.volume, PLACE, it.logs, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_REFUSED));
	cr_expect(that(strstr(err.text, "'Logs'")), "%s", err.text);

	cr_assert(eq(int, folder_path_step(&it.volume->mount, folder, "smsts.log", 9, &inner, NULL, &it.err), 0));
	cr_expect(eq(int, sequence_log_files_put(it.volume, above, it.logs, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_REFUSED));
	cr_expect(that(strstr(err.text, "'smsts.log'")), "%s", err.text);
	close_volume();
}

/* -------- from the volume -------- */

static void fetch(void)
{
	cr_assert(eq(int, sequence_log_files_fetch(it.volume, PLACE, it.logs, &it.err), 0), "%s", it.err.text);
}

static void expect_host(const char *name, const char *text)
{
	struct blob blob = read_host(name);

	cr_expect(that(blob.size == strlen(text) && memcmp(blob.at, text, blob.size) == 0), "%s", name);
	free(blob.at);
}

Test(sequence_log_files, a_host_gets_the_logs_that_it_has_not)
{
	file_ref folder, inner;
	char    *path;

	cr_assert(eq(int, folder_path_enter(&it.volume->mount, PLACE, strlen(PLACE), &folder, NULL, &it.err), 0));
	cr_assert(eq(int, file_content_make(&it.volume->mount, folder, "smsts.log", "begun\r\n", 7, &it.err), 0));
	cr_assert(eq(int, file_content_make(&it.volume->mount, folder, "loadstate.log", "theirs", 6, &it.err), 0));
	cr_assert(eq(int, file_content_make(&it.volume->mount, folder, "state.xml", "no", 2, &it.err), 0));
	cr_assert(eq(int, file_content_make(&it.volume->mount, folder, "..log", "no", 2, &it.err), 0));
	cr_assert(eq(int, folder_path_step(&it.volume->mount, folder, "folder.log", 10, &inner, NULL, &it.err), 0));
	end();
	cr_assert(eq(int, work_volume_read(it.volume, &it.err), 0), "%s", it.err.text);
	write_host("loadstate.log", "ours");
	fetch();
	expect_host("smsts.log", "begun\r\n");
	expect_host("loadstate.log", "ours");
	path = temp_path(it.logs, "state.xml");
	cr_expect(that(access(path, F_OK) != 0));
	free(path);
	path = temp_path(it.logs, "folder.log");
	cr_expect(that(access(path, F_OK) != 0));
	free(path);
	path = temp_path(it.logs, "..log");
	cr_expect(that(access(path, F_OK) != 0));
	free(path);
}

Test(sequence_log_files, a_volume_without_logs_gives_none)
{
	end();
	cr_assert(eq(int, work_volume_read(it.volume, &it.err), 0), "%s", it.err.text);
	fetch();
	cr_expect(eq(int, rmdir(it.logs), 0), "nothing is in it");
	cr_expect(eq(int, sequence_log_files_fetch(it.volume, PLACE, it.logs, &it.err), -1), "and no folder is made");
}

Test(sequence_log_files, a_name_that_the_host_cannot_have_is_left)
{
	static const char  text[] = "a/../../b.log";
	struct ntfs3g_name name = { .count = sizeof text - 1 };
	ntfs_inode        *inode;
	file_ref           folder;

	for (size_t i = 0; i < name.count; i++)
		name.units[i] = cpu_to_le16((uint16_t)text[i]);
	cr_assert(eq(int, folder_path_enter(&it.volume->mount, PLACE, strlen(PLACE), &folder, NULL, &it.err), 0));
	cr_assert(eq(int, ntfs3g_make_file(&it.volume->mount, folder, &name, 0, &inode, &it.err), 0), "%s", it.err.text);
	cr_assert(eq(int, ntfs3g_close(&it.volume->mount, inode, &it.err), 0));
	end();
	cr_assert(eq(int, work_volume_read(it.volume, &it.err), 0), "%s", it.err.text);
	fetch();
	cr_expect(eq(int, rmdir(it.logs), 0), "nothing is in it");
}
