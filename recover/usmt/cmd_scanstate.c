/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_scanstate.c - holdfast scanstate: a capture by a command line of USMT's ScanState */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/usmt/usmt_estimate.h"
#include "recover/usmt/usmt_listing.h"
#include "recover/usmt/usmt_policy.h"

#include <string.h>

static const char usage[] =
	"Usage: holdfast scanstate [--on [LETTER=]SOURCE]... StorePath /nocompress\n"
	"                        [/hardlink] [/OPTION]...\n"
	"\n"
	"Capture the users' files into a hard-link store as 'holdfast capture' does, by a\n"
	"command line of USMT's ScanState. The volumes are named with --on, or in\n"
	"HOLDFAST_VOLUMES=\"C=disk.img@2 D=/dev/sdb1\", so that a command line can stay as\n"
	"it is. SOURCE is a raw image or a device; the first is C unless it says\n"
	"otherwise. StorePath is a folder on a volume, as in C:\\StateStore.\n"
	"\n"
	"  /nocompress        without /hardlink: a store of copies of all volumes, on\n"
	"                     that of StorePath alone\n"
	"  /o                 set an older store there aside as its own generation\n"
	"  /i:FILE            rules; may be repeated (else the built-in ones)\n"
	"  /config:FILE       Config.xml\n"
	"  /auto[:FOLDER]     MigDocs.xml and MigApp.xml of the folder, else the built-in\n"
	"                     rules, and /v:5\n"
	"  /genconfig:FILE    write a Config.xml of the rules, and capture nothing\n"
	"  /ui:USER /ue:USER  take, leave out; DOMAIN\\user with '*', or a SID; may be\n"
	"                     repeated\n"
	"  /uel:DAYS          take who was there since;  /all  everybody\n"
	"  /efs:MODE          encrypted files: abort, skip, copyraw, hardlink\n"
	"  /offlinewindir:DIR /offline:FILE   which Windows\n"
	"  /localonly         leave out drives that are mounted as folders\n"
	"  /p[:FILE]          estimate the room that the store would take; capture\n"
	"                     nothing\n"
	"  /listfiles:FILE    list what is in the store\n"
	"  /l:FILE /progress:FILE /v:LEVEL   logs, on this computer (scanstate.log)\n"
	"  /c                 accept that single files are left out: return code 3, not\n"
	"                     61\n"
	"  --overwrite-deleted  write although a deleted store lies on the volume\n"
	"  --json             one JSON document instead of text\n"
	"  -q, --quiet        no progress bar\n"
	"  /?, --help         this text\n"
	"\n"
	"FILE is of this computer, or, to be read, of a volume: C:\\rules\\my.xml.\n"
	"Return code: as ScanState: 0 all well; 3 files were left out, and /c is given\n"
	"(61: it is not); 11 the command line cannot be; 27 a store is there, and /o is\n"
	"not given; and so on.\n";

static int check(const struct usmt_options *options, enum work_mode *mode, struct error *err)
{
	bool captures = !usmt_options_has(options, USMT_GENCONFIG) && !usmt_options_has(options, USMT_P);

	*mode = captures ? WORK_CAPTURE : WORK_READ;
	return usmt_engine_check(options, err);
}

static int refuse_existing(struct usmt_run *run, struct work_volumes *volumes, struct error *err)
{
	uint32_t folder;

	if (usmt_options_has(&run->options, USMT_O))
		return 0;
	if (usmt_engine_find_store(run, volumes, &folder, err) < 0)
		return -1;
	if (folder == NO_TREE_RECORD)
		return 0;
	return usmt_fail(run, USMT_INVALID_STORE_LOCATION,
			 error_set(err, ERROR_REFUSED, run->options.store,
				   "holds a store already; say /o, which keeps it as its own generation, or name another folder"));
}

/* -------- telling -------- */

static void tell_part(struct usmt_run *run, const struct capture_part *part)
{
	const struct uncovered_folders *uncovered = &part->uncovered.folders;

	if (part->unchanged)
		usmt_tell(run, USMT_INFO, "%c: everything is in the store already", part->letter);
	else
		usmt_tell(run, USMT_INFO, "%c: %s files (%s names), %s folders, %s", part->letter,
			  text_count(part->files).text, text_count(part->names).text,
			  text_count(part->directories).text, text_size(part->bytes).text);
	if (*part->set_aside)
		usmt_tell(run, USMT_INFO, "%c: the older store is %s now", part->letter, part->set_aside);
	if (*part->set_aside && part->alone)
		usmt_tell(run, USMT_WARNING, "%c: in %s alone are %s files; 'holdfast restore --generation %s' brings them back",
			  part->letter, part->set_aside, text_count(part->alone).text,
			  part->set_aside + strlen(STORE_OLD_PREFIX));
	if (part->limited)
		usmt_tell(run, USMT_WARNING, "%c: not all attributes could be kept of %s folders or copies", part->letter,
			  text_count(part->limited).text);
	for (size_t i = 0; i < uncovered->count; i++)
		if (uncovered->items[i].kind != UNCOVERED_STORE)
			usmt_tell(run, USMT_WARNING, "%c:%s is not captured, and lost in a wipe: %s", part->letter,
				  uncovered->items[i].path, uncovered_text(&uncovered->items[i]).text);
}

/* Encrypted files that were left out, as was said; or for which all was refused. */
static void tell_encrypted(struct usmt_run *run, const struct capture_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		for (size_t j = 0; j < result->parts[i].encrypted.count; j++)
			usmt_tell(run, USMT_WARNING, "%s is encrypted, and not captured",
				  result->parts[i].encrypted.items[j].path);
}

static bool has_encrypted(const struct capture_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		if (result->parts[i].encrypted.count)
			return true;
	return false;
}

static int tell(struct usmt_run *run, const struct capture_result *result, const struct usmt_migration *migration,
		struct error *err)
{
	const struct migration *chosen = &result->choice.migration;

	usmt_engine_log_choice(run, &result->choice);
	usmt_tell(run, USMT_INFO, "The store is %c:%s\\" STORE_FOLDER, run->volumes.store_letter, result->path);
	for (size_t i = 0; i < result->count; i++)
		tell_part(run, &result->parts[i]);
	if (usmt_skipped_of_capture(&run->skipped, result, err) < 0)
		return -1;
	return usmt_policy_apply(&migration->config, chosen->has_windows ? &chosen->windows : NULL, &run->skipped, err);
}

/* -------- /listfiles -------- */

/* Open it before anything is captured: the list must not fail when all is done. */
static int open_listing(struct usmt_run *run, FILE **out, struct error *err)
{
	const char             *given = usmt_options_value(&run->options, USMT_LISTFILES);
	CLEANUP(free_ptr) char *path = NULL;

	*out = NULL;
	if (!given)
		return 0;
	if (usmt_files_to_write(&run->files, given, &path, err) < 0)
		return usmt_fail(run, USMT_INIT_ERROR, -1);
	*out = fopen(path, "we");
	return *out ? 0 : usmt_fail(run, USMT_INIT_ERROR, error_sys(err, path, "cannot be written as list of files"));
}

static void close_listing(FILE **out)
{
	if (*out)
		fclose(*out);
}

/* -------- working -------- */

static enum efs_mode efs_of(enum usmt_efs efs)
{
	return efs == USMT_EFS_ABORT ? EFS_REFUSE : efs == USMT_EFS_SKIP ? EFS_SKIP : EFS_KEEP;
}

/* Say what to do with encrypted files, in the words of this command line. */
static int refuse_encrypted(struct usmt_run *run, struct error *err)
{
	return usmt_fail(run, USMT_STATUS_CANCELED,
			 error_set(err, ERROR_REFUSED, NULL,
				   "there are encrypted files, and nothing was captured; say /efs:hardlink or /efs:copyraw, which keep "
				   "them as they are, or /efs:skip"));
}

static int capture(struct usmt_run *run, struct work_volumes *volumes, const struct usmt_migration *migration,
		   struct error *err)
{
	struct capture_options options = { .store = run->volumes.store,
					   .copy = !usmt_options_has(&run->options, USMT_HARDLINK),
					   .efs = efs_of(run->options.efs),
					   .new_generation = usmt_options_has(&run->options, USMT_O),
					   .overwrite_deleted = usmt_options_has(&run->options, USMT_OVERWRITE_DELETED),
					   .command = run->command,
					   .migration = migration->options };
	struct capture_result  result = { 0 };
	int                    status;

	usmt_phase(run, "Collecting");
	status = capture_run(&options, volumes, &result, err);
	usmt_phase(run, "Saving");
	tell_encrypted(run, &result);
	if (status < 0 && options.efs == EFS_REFUSE && has_encrypted(&result))
		status = refuse_encrypted(run, err);
	if (status == 0)
		status = tell(run, &result, migration, err);
	capture_result_release(&result);
	return status;
}

/* Drives that are mounted as folders, and are not looked into. */
static void tell_passed_over(struct usmt_run *run)
{
	const char *why = usmt_options_has(&run->options, USMT_LOCALONLY) ? "is left out, for /localonly is given"
			  : usmt_options_has(&run->options, USMT_P)
				  ? "is a folder, and is not in the estimate: its files are copied, so add their size"
				  : "is a folder, and is not looked into";

	for (const char *letter = run->volumes.passed_over; *letter; letter++)
		usmt_tell(run, USMT_WARNING, "%c: %s", *letter, why);
}

static int scan_state(struct usmt_run *run, struct work_volumes *volumes, struct error *err)
{
	CLEANUP(usmt_migration_release) struct usmt_migration migration = { 0 };
	CLEANUP(close_listing) FILE                          *listing = NULL;

	usmt_log_info(&run->log, "Starting the migration process");
	usmt_phase(run, "Scanning");
	tell_passed_over(run);
	if (usmt_options_has(&run->options, USMT_GENCONFIG))
		return usmt_migration_make(&migration, run, volumes, err) < 0
			       ? -1
			       : usmt_engine_generate_config(&migration, run, err);
	if (usmt_options_has(&run->options, USMT_P))
		return usmt_migration_make(&migration, run, volumes, err) < 0
			       ? -1
			       : usmt_estimate(run, volumes, &migration, err);
	if (refuse_existing(run, volumes, err) < 0 || usmt_migration_make(&migration, run, volumes, err) < 0 ||
	    open_listing(run, &listing, err) < 0)
		return -1;
	usmt_log_info(&run->log, "Examining the system to discover the migration units");
	if (capture(run, volumes, &migration, err) < 0)
		return -1;
	return listing ? usmt_listing_write(volumes, run->volumes.store, listing, err) : 0;
}

const struct usmt_front usmt_scanstate = { USMT_SCANSTATE, usage, "SCANSTATE.EXE", check, scan_state };

int cmd_scanstate(int argc, char **argv)
{
	return usmt_run(&usmt_scanstate, argc, argv);
}
