/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_usmtutils.c - holdfast usmtutils: a store deleted or verified by a command line of UsmtUtils */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/release.h"
#include "recover/engine/verify.h"
#include "recover/usmt/usmt_engine.h"

#include <string.h>

static const char usage[] =
	"Usage: holdfast usmtutils [--on [LETTER=]SOURCE]... /rd StorePath [/y]\n"
	"       holdfast usmtutils [--on [LETTER=]SOURCE]... /verify[:TYPE] StorePath\n"
	"       holdfast usmtutils /ec\n"
	"\n"
	"Delete or verify a hard-link store, by a command line of UsmtUtils. The volumes\n"
	"are named with --on, or in HOLDFAST_VOLUMES=\"C=disk.img@2 D=/dev/sdb1\".\n"
	"StorePath is a folder on a volume, as in C:\\StateStore; its parts on all volumes\n"
	"are meant.\n"
	"\n"
	"  /rd                delete the store; the files keep their other names. Nothing\n"
	"                     is deleted while a file is in the store alone, whatever is\n"
	"                     answered: return code 35\n"
	"  /y                 answer the question with yes\n"
	"  /verify            hold the store against its catalogue; TYPE is summary,\n"
	"                     failureonly (names what is damaged), all (also what was\n"
	"                     written since), or catalog\n"
	"  /ec                list the ciphers for encrypted stores\n"
	"  /extract           for compressed stores alone; the files of ours are plain\n"
	"                     files\n"
	"  /l:FILE            log, on this computer (usmtutils.log)\n"
	"  --overwrite-deleted  write although a deleted store lies on the volume\n"
	"  --json             one JSON document instead of text\n"
	"  -q, --quiet        no progress bar\n"
	"  /?, --help         this text\n"
	"\n"
	"Return code: as UsmtUtils: 0 all well; 11 the command line cannot be; 35 not\n"
	"deleted; 42 the store is damaged; and so on.\n";

static int check(const struct usmt_options *options, enum work_mode *mode, struct error *err)
{
	*mode = usmt_options_has(options, USMT_RD) ? WORK_WRITE : WORK_READ;
	if (usmt_options_has(options, USMT_EXTRACT) || usmt_options_has(options, USMT_DECRYPT))
		return error_set(err, ERROR_USAGE, NULL,
				 "compressed stores are of a format that Microsoft keeps to itself; in a hard-link store the files "
				 "lie as they are, and 'holdfast rebuild' copies them out");
	return 0;
}

/* -------- /rd -------- */

/* "ECHO Y | usmtutils /rd ..." is how task sequences answer. */
static bool is_wanted(const struct usmt_run *run)
{
	char answer[16] = "";

	if (usmt_options_has(&run->options, USMT_Y))
		return true;
	if (run->silent)
		return false;
	fprintf(stderr, "Delete the store at %c:", run->volumes.store_letter);
	text_print(stderr, run->volumes.store, strlen(run->volumes.store));
	fputs(" on all volumes? (Y/N) ", stderr);
	fflush(stderr);
	if (!fgets(answer, sizeof answer, stdin))
		return false;
	return answer[0] == 'y' || answer[0] == 'Y';
}

static int refuse_losing(struct usmt_run *run, const struct release_plan *plan, struct error *err)
{
	for (size_t i = 0; i < plan->lost.count; i++)
		usmt_tell(run, USMT_ERROR, "Only in the store: %s", plan->lost.items[i]);
	if (plan->lost_files > plan->lost.count)
		usmt_tell(run, USMT_ERROR, "... and %s more", text_count(plan->lost_files - plan->lost.count).text);
	for (size_t i = 0; i < plan->holders.count; i++)
		usmt_tell(run, USMT_INFO, "What brings the %s files of %s back: %s",
			  text_count(plan->holders.items[i].files).text, plan->holders.items[i].name,
			  plan->holders.items[i].way_out);
	return error_set(err, ERROR_REFUSED, run->options.store,
			 "holds %s files (%s) that are nowhere else, so nothing was deleted, and /y does not change that; put "
			 "them back first",
			 text_count(plan->lost_files).text, text_size(plan->lost_bytes).text);
}

static int delete_planned(struct usmt_run *run, const struct release_plan *plan, struct error *err)
{
	if (plan->lost_files)
		return refuse_losing(run, plan, err);
	if (release_run(plan, err) < 0)
		return -1;
	if (!plan->directories)
		usmt_tell(run, USMT_INFO, "There is no store at %s", run->options.store);
	else
		usmt_tell(run, USMT_INFO, "Deleted the store at %s: %s files keep their other names", run->options.store,
			  text_count(plan->files).text);
	return 0;
}

static int delete_store(struct usmt_run *run, struct work_volumes *volumes, struct error *err)
{
	struct release_plan plan = { 0 };
	int                 status;

	if (!is_wanted(run))
		return usmt_fail(run, USMT_STATUS_CANCELED,
				 error_set(err, ERROR_REFUSED, run->options.store, "is kept, for nobody said yes; /y does"));
	status = release_plan_make(&plan, volumes, run->volumes.store,
				   usmt_options_has(&run->options, USMT_OVERWRITE_DELETED), err);
	if (status == 0)
		status = delete_planned(run, &plan, err);
	release_plan_release(&plan);
	return usmt_fail(run, USMT_UNABLE_DELETE_STORE, status);
}

/* -------- /verify -------- */

/* A line of the report, "NAME<TAB>OK" or "NAME<TAB>CORRUPTED"; what is behind is ours. */
static void report(struct usmt_run *run, char letter, const char *name, bool sound, const char *why)
{
	usmt_log_write(&run->log, sound ? USMT_INFO : USMT_ERROR, 0, 0, "%c:%s %s%s%s", letter, name,
		       sound ? "OK" : "CORRUPTED", why ? ": " : "", why ? why : "");
	if (run->silent || usmt_options_has(&run->options, USMT_JSON))
		return;
	printf("%c:", letter);
	text_print(stdout, name, strlen(name));
	puts(sound ? "\tOK" : "\tCORRUPTED");
}

struct verifying {
	struct usmt_run *run;
	char             letter;
};

static int tell_problem(void *context, const struct verify_problem *problem, struct error *err)
{
	struct verifying *verifying = context;
	enum usmt_verify  type = verifying->run->options.verify;
	bool sound = problem->kind == VERIFY_CHANGED || problem->kind == VERIFY_ATTRIBUTES ||
		     problem->kind == VERIFY_UNKNOWN; /* as its owner left it, or more than was captured */

	(void)err;
	if (type == USMT_VERIFY_ALL || (type == USMT_VERIFY_FAILUREONLY && !sound))
		report(verifying->run, verifying->letter, problem->path ? problem->path : "\\?", sound, problem->text);
	return 0;
}

static void tell_result(struct usmt_run *run, char letter, const struct verify_result *result)
{
	report(run, letter, "CATALOG", result->complete && !result->blocks_lost, NULL);
	usmt_tell(run, USMT_INFO, "%c: %s files, %s folders, %s; missing %s, damaged %s, written since %s", letter,
		  text_count(result->files).text, text_count(result->directories).text, text_size(result->bytes).text,
		  text_count(result->counts[VERIFY_MISSING] + result->counts[VERIFY_NAME]).text,
		  text_count(result->counts[VERIFY_DAMAGED]).text, text_count(result->counts[VERIFY_CHANGED]).text);
}

/* 1 if there is a part of the store there, and it is sound; 0 if there is none. */
static int verify_part(struct usmt_run *run, struct work_volume *volume, struct error *err)
{
	struct verifying     verifying = { run, volume->letter };
	struct state_store   store = { 0 };
	struct verify_result result;
	int                  found = -1;

	if (work_volume_read(volume, err) == 0 && state_store_find(&store, volume, run->volumes.store, err) == 0)
		found = store.current == NO_TREE_RECORD
				? 0
				: verify_store(volume, store.current, false, tell_problem, &verifying, &result, err);
	if (found == 0 && store.current != NO_TREE_RECORD)
		found = error_set(err, ERROR_REFUSED, volume->source,
				  "holds a store without catalogue, which is not holdfast's; there is nothing to hold it against");
	state_store_release(&store);
	if (found <= 0)
		return found;
	tell_result(run, volume->letter, &result);
	if (verify_is_sound(&result))
		return 1;
	return usmt_fail(run, USMT_ERROR_CORRUPTED_STORE,
			 error_set(err, ERROR_REFUSED, run->options.store,
				   "is damaged on %c:; keep what there is, and look with 'holdfast verify' and 'holdfast rescue'",
				   volume->letter));
}

static int verify_parts(struct usmt_run *run, struct work_volumes *volumes, struct error *err)
{
	bool any = false;

	for (size_t i = 0; i < volumes->count; i++) {
		int found = verify_part(run, &volumes->items[i], err);

		if (found < 0)
			return run->code ? -1 : usmt_fail(run, USMT_ERROR_CORRUPTED_NOTENCRYPTED_STORE, -1);
		any = any || found;
	}
	if (any)
		return usmt_engine_warn_secondary(run, volumes, err);
	return usmt_fail(run, USMT_INVALID_STORE_LOCATION,
			 error_set(err, ERROR_REFUSED, run->options.store, "holds no store; 'holdfast status' tells where one is"));
}

/* -------- the command -------- */

static int list_ciphers(struct usmt_run *run)
{
	static const char *const ciphers[] = { "AES_128", "AES_192", "AES_256", "3DES", "3DES_112" };

	usmt_tell(run, USMT_INFO, "Ciphers of USMT's encrypted stores, which are not made here:");
	for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++)
		usmt_tell(run, USMT_INFO, "%s", ciphers[i]);
	return 0;
}

static int work(struct usmt_run *run, struct work_volumes *volumes, struct error *err)
{
	if (usmt_options_has(&run->options, USMT_EC))
		return list_ciphers(run);
	return usmt_options_has(&run->options, USMT_RD) ? delete_store(run, volumes, err)
							: verify_parts(run, volumes, err);
}

const struct usmt_front usmt_usmtutils = { USMT_USMTUTILS, usage, "USMTUTILS.EXE", check, work };

int cmd_usmtutils(int argc, char **argv)
{
	return usmt_run(&usmt_usmtutils, argc, argv);
}
