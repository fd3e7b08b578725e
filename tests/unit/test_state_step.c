/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_state_step.c - expected values: spec USMT 5.5 and 5.7 for what is logged and set; that the state is safe is
 * seen in the volume's tree
 */
#include "tests/unit/disk.h"

#include "recover/engine/state_store.h"
#include "recover/sequence/sequence_step.h"
#include "recover/sequence/state_command.h"
#include "report/sequence_code.h"

#include <string.h>
#include <unistd.h>

/* A volume with a user's file, and a step on it. */
struct bench {
	struct disk               disk;
	struct work_volumes       volumes;
	struct cmtrace_writer     log;
	struct sequence_variables variables;
	struct sequence_step      step;
	struct sequence_notes     notes;
	char                     *log_path;
	struct error              err;
};

static void fill(struct disk *disk)
{
	file_ref    users = disk_folder(disk, FILE_root, "Users"), anna = disk_folder(disk, users, "anna");
	ntfs_inode *letter = disk_file(disk, anna, "letter.txt");

	disk_write(disk, letter, "", 0, "dear reader", 11);
	disk_close(disk, letter);
	cr_assert(eq(int, ntfs3g_end(&disk->mount, &disk->err), 0), "%s", disk->err.text);
	cr_assert(eq(int, ntfs3g_unmount(&disk->mount, &disk->err), 0), "%s", disk->err.text);
}

static void bench_make(struct bench *it)
{
	*it = (struct bench){ 0 };
	disk_make(&it->disk, "");
	fill(&it->disk);
	it->log_path = temp_path(it->disk.folder, "smsts.log");
	cr_assert(eq(int, cmtrace_open(&it->log, it->log_path, 0, &it->err), 0));
	cr_assert(eq(int, work_volumes_open(&it->volumes, &it->disk.path, 1, WORK_CAPTURE, &it->err), 0), "%s", it->err.text);
	it->volumes.items[0].mount.hold = HOLD_END;
	it->step = (struct sequence_step){ .variables = &it->variables, .volumes = &it->volumes, .log = &it->log,
					   .log_folder = it->disk.folder, .notes = &it->notes };
}

static void bench_release(struct bench *it)
{
	cmtrace_release(&it->log);
	sequence_notes_release(&it->notes);
	sequence_variables_release(&it->variables);
	cr_expect(eq(int, work_volumes_close(&it->volumes, &it->err), 0), "%s", it->err.text);
	free(it->log_path);
	free(it->disk.path);
	temp_remove(it->disk.folder);
}

static void set(struct bench *it, const char *name, const char *value)
{
	cr_assert(eq(int, sequence_variables_set(&it->variables, name, value, &it->err), 0));
}

static char *value(struct bench *it, const char *name)
{
	return (char *)sequence_variables_get(&it->variables, name);
}

/* Do the step and, if it succeeds, what the engine does behind it. */
static uint32_t run(struct bench *it, sequence_step_work *work, const char *action)
{
	struct sequence_item item = { .action = action, .type = "SMS_TaskSequence_RunCommandLineAction" };
	uint32_t             code = 1;

	cr_assert(eq(int, work(&it->step, &item, &code, &it->err), 0), "%s", it->err.text);
	if (code == 0)
		cr_assert(eq(int, ntfs3g_end_held(&it->volumes.items[0].mount, &it->err), 0), "%s", it->err.text);
	return code;
}

#define COLLECT "osdmigrateuserstate.exe /collect"
#define APPLY   "osdmigrateuserstate.exe /apply"

static bool is_there(struct bench *it, const char *path)
{
	struct work_volume *volume = &it->volumes.items[0];

	cr_assert(eq(int, work_volume_read(volume, &it->err), 0), "%s", it->err.text);
	return volume_tree_find(&volume->tree, path) != NO_TREE_RECORD;
}

static bool log_has(struct bench *it, const char *text)
{
	struct blob log = temp_read(it->log_path);
	bool        has = memmem(log.at, log.size, text, strlen(text)) != NULL;

	free(log.at);
	return has;
}

/* The texts stand in the log, in this order. */
static void expect_order(struct bench *it, const char *const *texts, size_t count)
{
	struct blob    log = temp_read(it->log_path);
	const uint8_t *at = log.at;

	for (size_t i = 0; i < count; i++) {
		const uint8_t *found = memmem(at, log.size - (size_t)(at - log.at), texts[i], strlen(texts[i]));

		cr_assert(that(found != NULL), "%s", texts[i]);
		at = found;
	}
	free(log.at);
}

#define LETTER "\\StateStore\\USMT\\File\\C$\\Users\\anna\\letter.txt"

static void capture(struct bench *it)
{
	set(it, "OSDStateStorePath", "C:\\StateStore\\");
	set(it, "_OSDMigrateUseHardlinks", "true");
	set(it, "_SMSTSMachineName", "LIBRARY01");
	cr_assert(eq(u32, run(it, state_step_capture, COLLECT), 0), "%s", it->step.why.text);
}

Test(state_step, a_capture)
{
	static const char *const texts[] = {
		"[ OSDMigrateUserState.exe ]", "Command line: " COLLECT, "USMT binary = scanstate.exe",
		"'_OSDProtectHardLinkStore' TS environment variable is empty",
		"New '_OSDProtectHardLinkStore' TS Environment variable value = 'StateStore'", "EncryptionKey ENV var not found",
		"Source computer name set in environment:LIBRARY01", "Copy using hard links setting enabled.",
		"built-in rules", "Building USMT command successful", "Creating directory \"C:\\StateStore\"",
		"Executing command line: scanstate.exe \"C:\\StateStore\" /o /localonly /efs:hardlink /c /hardlink /nocompress /l:",
		"Process completed with exit code 0", "OSDMigrateUserState finished: 0x00000000",
	};
	struct bench it;
	char        *log;

	bench_make(&it);
	capture(&it);
	cr_expect(that(is_there(&it, LETTER)));
	cr_expect(eq(str, value(&it, "_OSDProtectHardLinkStore"), "StateStore"));
	cr_expect(eq(str, value(&it, STATE_SOURCE_COMPUTER), "LIBRARY01"));
	expect_order(&it, texts, COUNT(texts));
	log = temp_path(it.disk.folder, "scanstate.log");
	cr_expect(eq(int, access(log, R_OK), 0));
	free(log);
	bench_release(&it);
}

Test(state_step, nothing_holds_before_the_sequence_says_so)
{
	struct bench         it;
	struct sequence_item item = { .action = COLLECT, .type = "x" };
	uint32_t             code;

	bench_make(&it);
	set(&it, "OSDStateStorePath", "C:\\StateStore");
	set(&it, "_OSDMigrateUseHardlinks", "true");
	cr_assert(eq(int, state_step_capture(&it.step, &item, &code, &it.err), 0), "%s", it.err.text);
	cr_expect(that(is_there(&it, LETTER)));
	cr_assert(eq(int, work_volumes_close(&it.volumes, &it.err), 0), "%s", it.err.text);
	cr_assert(eq(int, work_volumes_open(&it.volumes, &it.disk.path, 1, WORK_WRITE, &it.err), 0), "%s", it.err.text);
	cr_expect(that(!is_there(&it, LETTER)));
	bench_release(&it);
}

Test(state_step, a_second_capture_keeps_the_first)
{
	struct bench it;

	bench_make(&it);
	capture(&it);
	capture(&it);
	cr_expect(that(is_there(&it, LETTER)));
	cr_expect(that(log_has(&it, "a store was at C:\\StateStore already")));
	bench_release(&it);
}

Test(state_step, options_that_are_there_twice_count_once)
{
	struct bench it;

	bench_make(&it);
	set(&it, "OSDMigrateAdditionalCaptureOptions", "/hardlink /nocompress /o /C");
	capture(&it);
	cr_expect(that(log_has(&it, "2 options are there twice")));
	cr_expect(that(log_has(&it, "Additional user defined options = \"/hardlink /nocompress /o /C\"")));
	bench_release(&it);
}

struct refused {
	char variables[3][64];
	uint32_t code;
	char why[48];
};

ParameterizedTestParameters(state_step, what_cannot_be)
{
	static struct refused cases[] = {
		{ { "" }, 0x80070057, "OSDStateStorePath" },
		{ { "OSDStateStorePath=C:\\" }, 0x80070057, "" },
		{ { "OSDStateStorePath=\\\\server\\share" }, 0x80070057, "OSDStateStorePath" },
		{ { "OSDStateStorePath=D:\\Store" }, 0x80070057, "D=" },
		{ { "OSDStateStorePath=C:\\Store", "OSDMigrateMode=Advanced", "OSDMigrateConfigFiles=my.xml" },
		  0x80070000 + 28, "my.xml" },
		{ { "OSDStateStorePath=C:\\Store", "OSDMigrateAdditionalCaptureOptions=/encrypt /key:x" },
		  0x80070000 + 11, "" },
	};

	return CASES(struct refused, cases);
}

ParameterizedTest(struct refused *c, state_step, what_cannot_be)
{
	struct bench it;

	bench_make(&it);
	for (size_t i = 0; i < COUNT(c->variables) && *c->variables[i]; i++) {
		char *sign = strchr(c->variables[i], '=');

		*sign = 0;
		set(&it, c->variables[i], sign + 1);
	}
	cr_expect(eq(u32, run(&it, state_step_capture, COLLECT), c->code), "%s: %s", c->why, it.step.why.text);
	cr_expect(that(*it.step.why.text && strstr(it.step.why.text, c->why)), "%s", it.step.why.text);
	cr_expect(that(log_has(&it, "OSDMigrateUserState finished: 0x8007")));
	cr_expect(that(!*value(&it, "_OSDProtectHardLinkStore")));
	bench_release(&it);
}

/* Take the user's name of the file away, as a wipe does. */
static void remove_original(struct bench *it)
{
	struct work_volume *volume = &it->volumes.items[0];
	struct ntfs3g_name  name;
	ntfs_inode         *folder, *file;

	cr_assert(that(is_there(it, "\\Users\\anna\\letter.txt")));
	cr_assert(eq(int, ntfs3g_name("letter.txt", 10, "", &name), 0));
	cr_assert(eq(int, ntfs3g_begin(&volume->mount, "test", &it->err), 0), "%s", it->err.text);
	folder = ntfs_inode_open(volume->mount.volume, volume_tree_find(&volume->tree, "\\Users\\anna"));
	file = ntfs_inode_open(volume->mount.volume, volume_tree_find(&volume->tree, "\\Users\\anna\\letter.txt"));
	cr_assert(that(folder && file));
	cr_assert(eq(int, ntfs_delete(volume->mount.volume, NULL, file, folder, name.units, (u8)name.count), 0));
	cr_assert(eq(int, ntfs3g_end(&volume->mount, &it->err), 0), "%s", it->err.text);
	cr_assert(eq(int, ntfs3g_end_held(&volume->mount, &it->err), 0), "%s", it->err.text);
	cr_assert(that(!is_there(it, "\\Users\\anna\\letter.txt")));
}

/* A file that a new Windows brings along. */
static void add_another(struct bench *it)
{
	struct work_volume *volume = &it->volumes.items[0];
	struct ntfs3g      *mount = &volume->mount;
	uint32_t            users;
	struct ntfs3g_name  name;
	ntfs_inode         *file;

	cr_assert(that(is_there(it, "\\Users")));
	users = volume_tree_find(&volume->tree, "\\Users");
	cr_assert(eq(int, ntfs3g_name("new.txt", 7, "", &name), 0));
	cr_assert(eq(int, ntfs3g_begin(mount, "test", &it->err), 0), "%s", it->err.text);
	cr_assert(eq(int, ntfs3g_make_file(mount, inventory_ref(&volume->tree.inventory, users), &name, 0, &file, &it->err), 0), "%s", it->err.text);
	cr_assert(eq(int, ntfs3g_close(mount, file, &it->err), 0));
	cr_assert(eq(int, ntfs3g_end(mount, &it->err), 0), "%s", it->err.text);
	cr_assert(eq(int, ntfs3g_end_held(mount, &it->err), 0), "%s", it->err.text);
}

Test(state_step, a_restore_keeps_the_store)
{
	struct bench it;

	bench_make(&it);
	capture(&it);
	remove_original(&it);
	cr_assert(eq(u32, run(&it, state_step_restore, APPLY), 0), "%s", it.step.why.text);
	cr_expect(that(is_there(&it, "\\Users\\anna\\letter.txt")));
	cr_expect(that(is_there(&it, LETTER)), "the store is never deleted");
	cr_expect(that(log_has(&it, "loadstate.exe \"C:\\StateStore\" /ue:LIBRARY01\\* /c /hardlink /nocompress /l:")));
	cr_expect(that(log_has(&it, "C:\\StateStore is kept, though all its files are elsewhere as well")));
	bench_release(&it);
}

/* The run that used to destroy everything: behind a wipe, the sequence is begun again. */
Test(state_step, what_is_only_in_the_store_is_counted)
{
	struct bench it;

	bench_make(&it);
	capture(&it);
	remove_original(&it);
	add_another(&it);
	capture(&it);
	cr_expect(that(!is_there(&it, LETTER)));
	cr_assert(that(is_there(&it, "\\StateStore\\USMT.generation-1\\File\\C$\\Users\\anna\\letter.txt")));
	cr_expect(eq(u32, run(&it, state_step_restore, APPLY), 0), "%s", it.step.why.text);
	cr_expect(that(log_has(&it, "C:\\StateStore is kept: 1 file is nowhere else")));
	bench_release(&it);
}

Test(state_step, rules_of_the_package)
{
	static const char rules[] =
		"<migration urlid=\"http://x/y\"><component type=\"Documents\" context=\"System\"><displayName>x</displayName>"
		"<role role=\"Data\"><rules><include><objectSet><pattern type=\"File\">C:\\Users\\* [*]</pattern>"
		"</objectSet></include></rules></role></component></migration>";
	struct bench      it;
	char             *user, *app, *line;

	bench_make(&it);
	user = temp_path(it.disk.folder, "MigUser.xml");
	app = temp_path(it.disk.folder, "migapp.xml");
	temp_write(app, rules, sizeof rules - 1);
	it.step.packages = &(struct sequence_package){ "PS1", it.disk.folder };
	it.step.package_count = 1;
	set(&it, "_OSDMigrateUsmtPackageID", "ps1");
	capture(&it);
	cr_expect(that(!log_has(&it, "/i:")), "one of two is not enough");
	temp_write(user, rules, sizeof rules - 1);
	capture(&it);
	cr_assert(that(asprintf(&line, "/i:\"%s//MigUser.xml\" /i:\"%s//migapp.xml\"", it.disk.folder, it.disk.folder) > 0));
	cr_expect(that(log_has(&it, line)), "%s", line);
	cr_expect(that(log_has(&it, "Trying to resolve package path for packageID - ps1")));
	free(line);
	free(app);
	free(user);
	bench_release(&it);
}

Test(state_step, something_is_in_the_way)
{
	struct bench it;

	bench_make(&it);
	set(&it, "OSDStateStorePath", "C:\\Users\\anna\\letter.txt");
	cr_expect(eq(u32, run(&it, state_step_capture, COLLECT), 0x80070005), "%s", it.step.why.text);
	cr_expect(that(*it.step.why.text != 0));
	bench_release(&it);
}

Test(state_step, a_restore_without_a_store)
{
	struct bench it;

	bench_make(&it);
	set(&it, "OSDStateStorePath", "C:\\Nothing");
	cr_expect(eq(u32, run(&it, state_step_restore, APPLY), 0x80070000 + 27));
	cr_expect(that(strstr(it.step.why.text, "holds no store") != NULL), "%s", it.step.why.text);
	bench_release(&it);
}

/* -------- MDT -------- */

#define MDT(what) "cscript.exe \"%SCRIPTROOT%\\ZTIUserState.wsf\" /" what

Test(state_step, mdt_keeps_its_store_where_it_always_does)
{
	struct bench it;

	bench_make(&it);
	cr_expect(eq(u32, run(&it, state_step_restore, MDT("restore")), 0), "there is nothing to restore");
	cr_expect(that(log_has(&it, "No user state to restore, exiting.")));
	cr_assert(eq(u32, run(&it, state_step_capture, MDT("capture")), 0), "%s", it.step.why.text);
	cr_expect(that(is_there(&it, LETTER)));
	cr_expect(eq(str, value(&it, "OSDStateStorePath"), "C:\\StateStore"));
	remove_original(&it);
	cr_assert(eq(u32, run(&it, state_step_restore, MDT("restore")), 0), "%s", it.step.why.text);
	cr_expect(that(is_there(&it, "\\Users\\anna\\letter.txt")));
	cr_expect(that(log_has(&it, "About to run command: loadstate.exe \"C:\\StateStore\" /v:5 /c /lac /hardlink")));
	bench_release(&it);
}

Test(state_step, mdt_bypasses)
{
	struct bench it;

	bench_make(&it);
	set(&it, "UserDataLocation", "none");
	cr_expect(eq(u32, run(&it, state_step_capture, MDT("capture")), 0));
	cr_expect(that(!is_there(&it, "\\StateStore")));
	cr_expect(that(log_has(&it, "User state capture bypassed.")));
	bench_release(&it);
}

/* -------- where the store is -------- */

Test(state_step, a_store_is_always_local)
{
	struct bench it;

	bench_make(&it);
	set(&it, "_SMSTSUserStatePath", "C:\\_SMSTaskSequence\\UserState");
	cr_expect(eq(u32, run(&it, state_step_request, "osdsmpclient.exe /capture"), 0));
	cr_expect(eq(str, value(&it, "OSDStateStorePath"), "C:\\_SMSTaskSequence\\UserState"));
	set(&it, "OSDStateStorePath", "C:\\Mine");
	cr_expect(eq(u32, run(&it, state_step_request, "osdsmpclient.exe /capture"), 0));
	cr_expect(eq(str, value(&it, "OSDStateStorePath"), "C:\\Mine"));
	cr_expect(eq(u32, run(&it, state_step_release, "osdsmpclient.exe /release"), 0));
	cr_expect(eq(str, value(&it, "OSDStateStorePath"), "C:\\Mine"));
	bench_release(&it);
}

/* -------- command lines of USMT's -------- */

Test(state_step, a_command_line_is_run)
{
	struct bench it;
	char        *log;

	bench_make(&it);
	set(&it, "Store", "C:\\StateStore");
	cr_assert(eq(u32, run(&it, usmt_step_run,
			      "smsswd.exe /run:PS1 cmd /c \"\"%X%\\scanstate.exe\" \"%Store%\" /hardlink /nocompress "
			      "/l:C:\\Windows\\my.log > nul 2>&1\""),
		     0),
		  "%s", it.step.why.text);
	cr_expect(that(is_there(&it, LETTER)));
	cr_expect(eq(str, value(&it, "_OSDProtectHardLinkStore"), "StateStore"));
	log = temp_path(it.disk.folder, "my.log");
	cr_expect(eq(int, access(log, R_OK), 0));
	free(log);
	cr_expect(eq(u32, run(&it, usmt_step_run, "scanstate C:\\StateStore /hardlink /nocompress"), 27));
	cr_expect(that(strstr(it.step.why.text, "/o") != NULL), "%s", it.step.why.text);
	cr_expect(eq(u32, run(&it, usmt_step_run, "scanstate C:\\StateStore /hardlink"), 11));
	bench_release(&it);
}

Test(state_step, a_store_with_the_only_names_is_not_deleted)
{
	struct bench it;

	bench_make(&it);
	capture(&it);
	remove_original(&it);
	cr_expect(eq(u32, run(&it, usmt_step_run, "cmd /q /c ECHO Y | C:\\u\\usmtutils.exe /rd \"C:\\StateStore\""), 35));
	cr_expect(that(is_there(&it, LETTER)));
	cr_assert(eq(u32, run(&it, usmt_step_run, "loadstate.exe C:\\StateStore /hardlink /nocompress"), 0), "%s",
		  it.step.why.text);
	cr_expect(eq(u32, run(&it, usmt_step_run, "usmtutils.exe /rd \"C:\\StateStore\""), 2), "nobody said yes");
	cr_expect(that(is_there(&it, LETTER)));
	cr_expect(eq(u32, run(&it, usmt_step_run, "cmd /q /c ECHO Y | C:\\u\\usmtutils.exe /rd \"C:\\StateStore\""), 0), "%s",
		  it.step.why.text);
	cr_expect(that(!is_there(&it, LETTER)));
	cr_expect(that(is_there(&it, "\\Users\\anna\\letter.txt")));
	bench_release(&it);
}
