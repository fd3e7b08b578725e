/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_skipped.h - what a run has left out, each by its name
 *
 * Task sequences take a run that skipped files for a success; so whoever asks is told every one of them:
 * in the log, in the progress log, on the terminal, as JSON.
 */
#ifndef RECOVER_USMT_USMT_SKIPPED_H
#define RECOVER_USMT_USMT_SKIPPED_H

#include "core/json.h"
#include "recover/engine/capture.h"
#include "recover/engine/restore.h"
#include "recover/rules/config_file.h"
#include "recover/usmt/usmt_log.h"
#include "recover/usmt/usmt_progress.h"

struct usmt_skipped_item {
	char    *path; /* "C:\Users\a\x.txt" */
	char    *why;
	uint32_t code; /* Win32, as USMT has it in its table */
	enum config_error rating; /* by the ErrorControl of Config.xml */
};

struct usmt_skipped ARRAY(struct usmt_skipped_item);

/* Does it end the run?  Unless somebody has rated it, /c decides. */
static inline bool usmt_skipped_aborts(const struct usmt_skipped_item *item, bool tolerant)
{
	return item->rating == CONFIG_ERROR_UNRATED ? !tolerant : item->rating == CONFIG_ERROR_FATAL;
}

/* Add one; both are copied.  @sys  errno, 0: none */
MUST_CHECK int usmt_skipped_add(struct usmt_skipped *skipped, const char *path, const char *why, int sys,
				struct error *err);

/* Add what a capture or a restore has left out, or kept in doubt. */
MUST_CHECK int usmt_skipped_of_capture(struct usmt_skipped *skipped, const struct capture_result *result,
				       struct error *err);
MUST_CHECK int usmt_skipped_of_restore(struct usmt_skipped *skipped, const struct restore_report *report,
				       struct error *err);
void           usmt_skipped_release(struct usmt_skipped *skipped);

/* Tell all of them. @tolerant  /c was given */
void usmt_skipped_log(const struct usmt_skipped *skipped, bool tolerant, struct usmt_log *log,
		      struct usmt_progress *progress);
void usmt_skipped_print(const struct usmt_skipped *skipped, FILE *out);
void usmt_skipped_json(const struct usmt_skipped *skipped, struct json *json);

#endif
