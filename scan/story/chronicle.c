/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chronicle.c - see chronicle.h */
#include "scan/story/chronicle.h"

void chronicle_release(struct chronicle *chronicle)
{
	for (size_t i = 0; i < chronicle->volumes.count; i++)
		array_release(&chronicle->volumes.items[i].growths);
	array_release(&chronicle->volumes);
	array_release(&chronicle->places);
	array_release(&chronicle->sources);
	log_events_release(&chronicle->events);
	*chronicle = (struct chronicle){ 0 };
}

int chronicle_add_source(struct chronicle *chronicle, const struct story_source *source, uint32_t *index,
			 struct error *err)
{
	struct story_source kept = *source;

	if (chronicle->sources.count >= CHRONICLE_SOURCES_MAX ||
	    chronicle->events.list.count >= CHRONICLE_EVENTS_MAX) {
		chronicle->passed_over++;
		return 0;
	}
	kept.path = arena_text(&chronicle->events.texts, source->path, strlen(source->path));
	if (!kept.path || !array_push(&chronicle->sources, kept))
		return error_memory(err);
	*index = (uint32_t)chronicle->sources.count - 1;
	return 1;
}

int chronicle_add_shown(struct chronicle *chronicle, uint32_t source, struct log_event event, struct error *err)
{
	event.path = arena_text(&chronicle->events.texts, event.path, strlen(event.path));
	event.step = event.said = "";
	event.clock = LOG_CLOCK_UTC;
	event.artefact = source;
	event.order = chronicle->events.list.count;
	event.told = 1;
	return event.path && array_push(&chronicle->events.list, event) ? 0 : error_memory(err);
}

struct written_since chronicle_since(const struct volume_growth *volume, uint64_t time)
{
	struct written_since since = { .volume = volume->volume };

	for (size_t i = volume->growths.count; i-- > 0 && volume->growths.items[i].time >= row_time(time);) {
		since.files += volume->growths.items[i].files;
		since.bytes += volume->growths.items[i].bytes;
	}
	return since;
}
