/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_step.c - see sequence_step.h */
#include "recover/sequence/sequence_step.h"

#include "core/cleanup.h"
#include "core/text.h"

#include <stdarg.h>

void sequence_step_note(struct sequence_step *step, const struct sequence_item *item, enum cmtrace_type type,
			const char *format, ...)
{
	CLEANUP(free_ptr) char *text = NULL;
	va_list                 arguments;

	va_start(arguments, format);
	text = text_format_list(format, arguments);
	va_end(arguments);
	cmtrace_say(step->log, type, "Holdfast", "Holdfast: %s", text ? text : "?");
	if (text && array_push(step->notes, (struct sequence_note){ item, text }))
		text = NULL; /* it is kept */
}

void sequence_notes_release(struct sequence_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		free(notes->items[i].text);
	array_release(notes);
}
