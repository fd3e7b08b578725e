/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_loadstate.c - holdfast loadstate: a restore by a command line of USMT's LoadState */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/usmt/usmt_engine.h"
#include "recover/usmt/usmt_policy.h"

static const char usage[] =
	"Usage: holdfast loadstate [--on [LETTER=]SOURCE]... StorePath /nocompress\n"
	"                        [/hardlink] [/OPTION]...\n"
	"\n"
	"Restore a store of hard links or of copies as 'holdfast restore' does, by a\n"
	"command line of USMT's LoadState. The volumes are named with --on, or in\n"
	"HOLDFAST_VOLUMES=\"C=disk.img@2 D=/dev/sdb1\", so that a command line can stay as\n"
	"it is. StorePath is a folder on a volume, as in C:\\StateStore.\n"
	"\n"
	"  /i:FILE            rules; may be repeated\n"
	"  /config:FILE       Config.xml\n"
	"  /auto[:FOLDER]     MigDocs.xml and MigApp.xml of the folder, else the built-in\n"
	"                     rules, and /v:5\n"
	"  /ui:USER /ue:USER  take, leave out; DOMAIN\\user with '*', or a SID; may be\n"
	"                     repeated\n"
	"  /uel:DAYS          take who was there since;  /all  everybody\n"
	"  /mu:OLD:NEW        a user becomes another; /md:OLD:NEW a domain; may be\n"
	"                     repeated\n"
	"  /lac[:PASSWORD]    make local accounts that are missing;  /lae  enable them\n"
	"  /l:FILE /progress:FILE /v:LEVEL   logs, on this computer (loadstate.log)\n"
	"  /c                 accept that single files are left out: return code 3, not\n"
	"                     61\n"
	"  --overwrite-deleted  write although a deleted store lies on the volume\n"
	"  --json             one JSON document instead of text\n"
	"  -q, --quiet        no progress bar\n"
	"  /?, --help         this text\n"
	"\n"
	"FILE is of this computer, or, to be read, of a volume: C:\\rules\\my.xml.\n"
	"Return code: as LoadState: 0 all well; 3 files were left out, and /c is given\n"
	"(61: it is not); 11 the command line cannot be; 14 an account is missing; 27 no\n"
	"store is there; and so on.\n";

static int check(const struct usmt_options *options, enum work_mode *mode, struct error *err)
{
	*mode = WORK_WRITE;
	return usmt_engine_check(options, err);
}

static int refuse_missing(struct usmt_run *run, struct work_volumes *volumes, struct error *err)
{
	uint32_t folder;

	if (usmt_engine_find_store(run, volumes, &folder, err) < 0)
		return -1;
	if (folder != NO_TREE_RECORD)
		return 0;
	return usmt_fail(run, USMT_INVALID_STORE_LOCATION,
			 error_set(err, ERROR_REFUSED, run->options.store,
				   "holds no store; 'holdfast status' tells where one is, and 'holdfast rescue' finds deleted ones"));
}

/* Of notes that may be many, the number; the log has them all. */
static void tell_number(struct usmt_run *run, const char *title, const struct restore_notes *notes, const char *between)
{
	if (notes->count)
		usmt_tell(run, USMT_INFO, "%s: %s; the log lists them", title, text_count(notes->count).text);
	for (size_t i = 0; i < notes->count; i++)
		usmt_log_info(&run->log, "%s%s%s", notes->items[i].path, between, notes->items[i].text);
}

static void tell_each(struct usmt_run *run, const struct restore_notes *notes, const char *between)
{
	for (size_t i = 0; i < notes->count; i++)
		usmt_tell(run, USMT_INFO, "%s%s%s", notes->items[i].path, between, notes->items[i].text);
}

/* LoadState ends so when a local account is missing and may not be made. */
static int refuse_missing_people(struct usmt_run *run, const struct restore_report *report, struct error *err)
{
	if (!report->people_missing)
		return 0;
	return usmt_fail(run, USMT_ERROR_USE_LAC,
			 error_set(err, ERROR_REFUSED, NULL,
				   "%s users have no account here, and their files were left in the store; say /lac, or leave them "
				   "out with /ue",
				   text_count(report->people_missing).text));
}

static int tell(struct usmt_run *run, const struct restore_report *report, const struct usmt_migration *migration,
		struct error *err)
{
	tell_each(run, &report->people, " is ");
	usmt_tell(run, USMT_INFO, "Restored %s files (%s names)", text_count(report->files).text,
		  text_count(report->names).text);
	usmt_tell(run, USMT_INFO, "Names added: %s, there already: %s; folders made: %s", text_count(report->added).text,
		  text_count(report->there).text, text_count(report->folders).text);
	if (report->copied)
		usmt_tell(run, USMT_INFO, "Files copied: %s, %s", text_count(report->copied).text,
			  text_size(report->copied_bytes).text);
	if (report->values)
		usmt_tell(run, USMT_INFO, "Values of the registry: %s, newly set: %s", text_count(report->values).text,
			  text_count(report->values_set).text);
	tell_each(run, &report->moved, " is restored to ");
	tell_each(run, &report->first_start, " is for the first start of that Windows: ");
	tell_number(run, "Renamed, for something else has the name", &report->renamed, " is now ");
	tell_number(run, "Left in the store", &report->kept, ": ");
	tell_number(run, "Took the place of what was there", &report->replaced, ": ");
	tell_number(run, "Removed from the target", &report->cleaned, ": ");
	tell_number(run, "Of the rules, not honoured offline", &report->unhonoured, ": ");
	if (report->limited)
		usmt_tell(run, USMT_WARNING, "Not all attributes could be kept of %s files and folders",
			  text_count(report->limited).text);
	for (size_t i = 0; i < UNKEPT_KINDS; i++)
		if (report->unkept[i])
			usmt_tell(run, USMT_WARNING, "Not kept: %s, of %s", rebuild_volume_unkept(i),
				  text_count(report->unkept[i]).text);
	if (usmt_skipped_of_restore(&run->skipped, report, err) < 0 ||
	    usmt_policy_apply(&migration->config, NULL, &run->skipped, err) < 0)
		return -1;
	return refuse_missing_people(run, report, err);
}

static int restore(struct usmt_run *run, struct work_volumes *volumes, const struct usmt_migration *migration,
		   struct error *err)
{
	struct restore_options options = { .store = run->volumes.store,
					   .overwrite_deleted = usmt_options_has(&run->options, USMT_OVERWRITE_DELETED),
					   .migration = migration->options };
	struct restore_report  report = { 0 };
	int                    status;

	usmt_phase(run, "Applying");
	status = restore_run(volumes, &options, &report, err);
	if (status == 0)
		status = tell(run, &report, migration, err);
	restore_report_release(&report);
	return status;
}

static int load_state(struct usmt_run *run, struct work_volumes *volumes, struct error *err)
{
	CLEANUP(usmt_migration_release) struct usmt_migration migration = { 0 };

	usmt_log_info(&run->log, "Starting the migration process");
	if (refuse_missing(run, volumes, err) < 0 || usmt_engine_warn_secondary(run, volumes, err) < 0 ||
	    usmt_migration_make(&migration, run, volumes, err) < 0)
		return -1;
	return restore(run, volumes, &migration, err);
}

const struct usmt_front usmt_loadstate = { USMT_LOADSTATE, usage, "LOADSTATE.EXE", check, load_state };

int cmd_loadstate(int argc, char **argv)
{
	return usmt_run(&usmt_loadstate, argc, argv);
}
