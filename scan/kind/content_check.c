/* SPDX-License-Identifier: GPL-3.0-or-later */
/* content_check.c - see content_check.h */
#include "scan/kind/content_check.h"

#include "scan/kind/format_check.h"

#include <stdlib.h>

static const struct format_check *const formats[FORMATS] = {
	[FORMAT_PNG] = &format_check_png, [FORMAT_JPEG] = &format_check_jpeg, [FORMAT_GIF] = &format_check_gif,
	[FORMAT_PDF] = &format_check_pdf, [FORMAT_ZIP] = &format_check_zip,   [FORMAT_MP4] = &format_check_mp4,
};

static void drop_format(struct content_check *check)
{
	if (check->format && check->format->release)
		check->format->release(check->state);
	free(check->state);
	check->state = NULL;
	check->format = NULL;
}

void content_check_begin(struct content_check *check, const char *name)
{
	drop_format(check);
	check->kind = content_kind_of(name);
	check->at = 0;
	check->foreign = false;
}

static int look_at_head(struct content_check *check, struct bytes head, struct error *err)
{
	check->foreign = !content_kind_agrees(&check->looker, check->kind, head);
	if (check->foreign)
		return 0;
	check->format = formats[content_format_of(head)];
	if (!check->format)
		return 0;
	check->state = calloc(1, check->format->state_bytes);
	if (!check->state) {
		check->format = NULL;
		return error_memory(err);
	}
	return 0;
}

int content_check_feed(struct content_check *check, struct bytes piece, struct error *err)
{
	if (!check->kind || !piece.left)
		return 0;
	if (!check->at && look_at_head(check, piece, err) < 0)
		return -1;
	check->at += piece.left;
	if (check->format)
		check->format->feed(check->state, piece);
	return 0;
}

void content_check_give_up(struct content_check *check)
{
	drop_format(check);
	if (!check->at)
		check->kind = NULL; /* not even the beginning was seen */
}

enum content_finding content_check_end(struct content_check *check)
{
	enum content_finding found = check->foreign ? CONTENT_FOREIGN : CONTENT_UNKNOWN;

	if (check->format)
		found = check->format->end(check->state);
	drop_format(check);
	check->kind = NULL;
	return found;
}

void content_check_release(struct content_check *check)
{
	drop_format(check);
	kind_looker_release(&check->looker);
}
