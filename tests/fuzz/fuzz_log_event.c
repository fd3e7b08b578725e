/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "scan/story/story.h"

#include <string.h>

/* Every text is a string, and every place lies in the log. */
static void check_event(const struct log_event *event, size_t size)
{
	MUST(event->kind < LOG_EVENT_KINDS && event->outcome <= LOG_FAILED && event->clock <= LOG_CLOCK_UTC);
	MUST(event->offset >= 0x1000 && event->offset <= 0x1000 + size && event->told);
	MUST(strlen(event->step) <= size && strlen(event->path) <= size && strlen(event->said) <= LOG_SAID_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log_events events = { 0 };
	struct story      story;
	struct error      err;
	uint32_t          told = 0;

	MUST(log_events_read(&events, (struct bytes){ data, size, 0x1000 }, 1, &err) == 0);
	MUST(events.list.count <= 2 * size);
	for (size_t i = 0; i < events.list.count; i++)
		check_event(&events.list.items[i], size);
	MUST(log_events_read(&events, (struct bytes){ data, size, 0x1000 }, 2, &err) == 0);
	MUST(story_tell(&story, &events, &err) == 0);
	for (size_t i = 0; i < story.timeline.count; i++) {
		check_event(&story.timeline.items[i], size);
		MUST(!i || story.timeline.items[i - 1].time <= story.timeline.items[i].time);
		told += story.timeline.items[i].told;
	}
	MUST(told == events.list.count);
	story_release(&story);
	log_events_release(&events);
	return 0;
}
