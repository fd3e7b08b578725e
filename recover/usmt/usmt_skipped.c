/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_skipped.c - see usmt_skipped.h */
#include "recover/usmt/usmt_skipped.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/capture_left_out.h"

#include <inttypes.h>
#include <string.h>

int usmt_skipped_add(struct usmt_skipped *skipped, const char *path, const char *why, int sys, struct error *err)
{
	struct usmt_skipped_item item = { .path = strdup(path), .code = usmt_win32_of(sys) };

	if (asprintf(&item.why, "%s%s%s", why, sys ? ": " : "", sys ? strerror(sys) : "") < 0)
		item.why = NULL;
	if (item.path && item.why && array_push(skipped, item))
		return 0;
	free(item.path);
	free(item.why);
	return error_memory(err);
}

static int add_left_out(void *context, const char *path, const char *why, int sys, struct error *err)
{
	return usmt_skipped_add(context, path, why, sys, err);
}

int usmt_skipped_of_capture(struct usmt_skipped *skipped, const struct capture_result *result, struct error *err)
{
	return capture_left_out_each(result, add_left_out, skipped, err);
}

static int add_notes(struct usmt_skipped *skipped, const struct restore_notes *notes, struct error *err)
{
	for (size_t i = 0; i < notes->count; i++)
		if (usmt_skipped_add(skipped, notes->items[i].path, notes->items[i].text, 0, err) < 0)
			return -1;
	return 0;
}

int usmt_skipped_of_restore(struct usmt_skipped *skipped, const struct restore_report *report, struct error *err)
{
	return add_notes(skipped, &report->left_out, err) < 0 ? -1 : add_notes(skipped, &report->doubtful, err);
}

void usmt_skipped_release(struct usmt_skipped *skipped)
{
	for (size_t i = 0; i < skipped->count; i++) {
		free(skipped->items[i].path);
		free(skipped->items[i].why);
	}
	array_release(skipped);
}

void usmt_skipped_log(const struct usmt_skipped *skipped, bool tolerant, struct usmt_log *log,
		      struct usmt_progress *progress)
{
	for (size_t i = 0; i < skipped->count; i++) {
		const struct usmt_skipped_item *item = &skipped->items[i];
		bool                            abort = usmt_skipped_aborts(item, tolerant);
		CLEANUP(free_ptr) char         *what = NULL;
		char                            code[16];

		snprintf(code, sizeof code, "%" PRIu32, item->code);
		usmt_progress_write(progress, "error", "UnableToCopy", "objectName", item->path, "action",
				    abort ? "Abort" : "Ignore", "errorCode", code, NULL);
		if (asprintf(&what, "Read error %s for %s (%s)", code, item->path, item->why) < 0) {
			what = NULL;
			log->failed = true;
			return;
		}
		usmt_log_error(log, item->code, abort, what);
	}
}

void usmt_skipped_print(const struct usmt_skipped *skipped, FILE *out)
{
	if (skipped->count)
		fputs("LEFT OUT, or not to be trusted:\n", out);
	for (size_t i = 0; i < skipped->count; i++) {
		fputs("  ", out);
		text_print(out, skipped->items[i].path, strlen(skipped->items[i].path));
		fputs(" (", out);
		text_print(out, skipped->items[i].why, strlen(skipped->items[i].why));
		fputs(")\n", out);
	}
}

void usmt_skipped_json(const struct usmt_skipped *skipped, struct json *json)
{
	json_key(json, "skipped");
	json_begin(json, '[');
	for (size_t i = 0; i < skipped->count; i++) {
		json_begin(json, '{');
		json_key_string(json, "path", skipped->items[i].path);
		json_key_string(json, "why", skipped->items[i].why);
		json_key_uint(json, "error_code", skipped->items[i].code);
		json_end(json, '}');
	}
	json_end(json, ']');
}
