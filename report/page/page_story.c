/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page_story.c - what happened: in sentences, and as a table from which the script draws the timeline; see page.h */
#include "report/page/page.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"
#include "core/text.h"
#include "report/page/html.h"
#include "report/story_text.h"

#include <inttypes.h>
#include <string.h>

#define EVENTS_SHOWN 3000u /* those left out one by one go first: there may be a million */

enum lane { LANE_SEQUENCE, LANE_CAPTURE, LANE_WIPE, LANE_SYSTEM, LANE_RESTORE, LANE_DELETION, LANE_DISK };

/* Where an event stands in the picture, and what it does there. */
struct place {
	enum lane   lane;
	const char *part; /* began, ended, point */
};

static struct place place_of(enum log_event_kind kind)
{
	static const struct place places[LOG_EVENT_KINDS] = {
		[LOG_SEQUENCE_BEGAN] = { LANE_SEQUENCE, "began" }, [LOG_SEQUENCE_ENDED] = { LANE_SEQUENCE, "ended" },
		[LOG_STEP_BEGAN] = { LANE_SEQUENCE, "point" },     [LOG_STEP_ENDED] = { LANE_SEQUENCE, "point" },
		[LOG_FAILURE_IGNORED] = { LANE_SEQUENCE, "point" }, [LOG_RESTART] = { LANE_SEQUENCE, "point" },
		[LOG_STORE_PATH] = { LANE_CAPTURE, "point" },      [LOG_CAPTURE_BEGAN] = { LANE_CAPTURE, "began" },
		[LOG_CAPTURE_ENDED] = { LANE_CAPTURE, "ended" },   [LOG_LEFT_OUT] = { LANE_CAPTURE, "point" },
		[LOG_LEFT_OUT_SUM] = { LANE_CAPTURE, "point" },    [LOG_PROFILE_LEFT_OUT] = { LANE_CAPTURE, "point" },
		[LOG_WIPE_BEGAN] = { LANE_WIPE, "began" },         [LOG_WIPE_SKIPPED] = { LANE_WIPE, "point" },
		[LOG_WIPE_ENDED] = { LANE_WIPE, "ended" },         [LOG_PARTITION_BEGAN] = { LANE_WIPE, "began" },
		[LOG_PARTITION_ENDED] = { LANE_WIPE, "ended" },    [LOG_APPLY_BEGAN] = { LANE_SYSTEM, "began" },
		[LOG_APPLY_ENDED] = { LANE_SYSTEM, "ended" },      [LOG_SETUP_BEGAN] = { LANE_SYSTEM, "began" },
		[LOG_SETUP_ERROR] = { LANE_SYSTEM, "point" },      [LOG_SETUP_ENDED] = { LANE_SYSTEM, "ended" },
		[LOG_RESTORE_BEGAN] = { LANE_RESTORE, "began" },   [LOG_RESTORE_ENDED] = { LANE_RESTORE, "ended" },
		[LOG_DELETE_BEGAN] = { LANE_DELETION, "began" },   [LOG_DELETE_ENDED] = { LANE_DELETION, "ended" },
		[SHOWN_FORMAT] = { LANE_DISK, "point" },           [SHOWN_STORE] = { LANE_DISK, "point" },
		[SHOWN_STORE_LAST] = { LANE_DISK, "point" },       [SHOWN_LAST_CHANGE] = { LANE_DISK, "point" },
		[SHOWN_DELETE_BEGAN] = { LANE_DELETION, "began" }, [SHOWN_DELETE_ENDED] = { LANE_DELETION, "ended" },
		[SHOWN_BURST_BEGAN] = { LANE_DISK, "began" },      [SHOWN_BURST_ENDED] = { LANE_DISK, "ended" },
	};

	return places[kind];
}

static const char *words_of(const struct log_event *event)
{
	static const char *const words[LOG_EVENT_KINDS] = {
		"Sequence began", "Sequence ended", "Step began", "Step ended", "Failure ignored", "Store chosen",
		"Capture began", "Capture ended", "Left out", "Left out, in all", "Profile left out", "Wipe began", "Spared by the wipe",
		"Wipe ended", "Partitioning began", "Partitioning ended", "Image: applying began", "Image: applying ended",
		"Restore began", "Restore ended", "Deletion began", "Deletion ended", "Restart", "Windows Setup began",
		"Windows Setup error", "Windows Setup ended", "Volume formatted", "Store made", "Last sign of the store",
		"Last change of a file", "Deletion of the store began", "Deletion of the store ended", "Burst of deletions began",
		"Burst of deletions ended",
	};

	if (event->kind == LOG_SEQUENCE_BEGAN && event->has_number)
		return "Sequence went on";
	return words[event->kind];
}

static const char *clock_note(enum log_clock clock)
{
	if (clock == LOG_CLOCK_LOCAL)
		return "the machine’s clock, zone unknown";
	return clock == LOG_CLOCK_ASSUMED ? "zone by another log" : "";
}

/* -------- the table -------- */

static void print_time(FILE *out, const struct log_event *event)
{
	struct text_number time = text_time(event->time);

	if (event->clock == LOG_CLOCK_NONE || strlen(time.text) < 19) {
		fputs("<td class=\"when dim\">not known</td>", out);
		return;
	}
	if (event->clock == LOG_CLOCK_LOCAL)
		time.text[19] = '\0';
	fprintf(out, "<td class=\"when\">%s", time.text);
	if (*clock_note(event->clock))
		fprintf(out, " <span class=\"dim\">(%s)</span>", clock_note(event->clock));
	fputs("</td>", out);
}

static void print_what(FILE *out, const struct log_event *event)
{
	fprintf(out, "<td>%s", words_of(event));
	if (event->outcome != LOG_UNTOLD)
		fprintf(out, " <span class=\"badge %s\">%s</span>", event->outcome == LOG_FAILED ? "bad" : "good",
			event->outcome == LOG_FAILED ? "failed" : "well");
	fputs("</td><td>", out);
	if (*event->step)
		html_name(out, event->step);
	fputs(*event->step && *event->path ? " · " : "", out);
	if (*event->path)
		html_name(out, event->path);
	if (event->count)
		fprintf(out, " %s object%s", text_count(event->count).text, page_plural(event->count));
	if (event->has_code)
		fprintf(out, " <code>0x%08" PRIX32 "</code>", event->code);
	fputs("</td>", out);
}

static void print_source(FILE *out, const struct story_source *source, const struct log_event *event)
{
	fputs("<td class=\"source\">", out);
	switch (source->kind) {
	case SOURCE_LOG:
	case SOURCE_KINDS:
		html_name(out, source->path);
		fprintf(out, ", byte %" PRIu64 "%s", event->offset, source->live ? "" : ", deleted");
		break;
	case SOURCE_PIECE:
		fprintf(out, "piece of a log at byte %" PRIu64 " of the evidence, byte %" PRIu64, source->place, event->offset);
		break;
	case SOURCE_RECORD:
		fprintf(out, "record %" PRIu64, source->place);
		break;
	case SOURCE_JOURNAL:
		fprintf(out, "change journal, USN %" PRIu64, event->offset);
		break;
	}
	if (source->volume)
		fprintf(out, ", volume %" PRIu32, source->volume);
	fputs(event->torn ? ", torn</td>" : "</td>", out);
}

static void print_event(struct page *page, const struct log_event *event)
{
	const struct story_source *source = &page->told.chronicle.sources.items[event->artefact];
	struct place               place = place_of(event->kind);
	FILE                      *out = page->out;

	fprintf(out, "<tr data-lane=\"%d\" data-part=\"%s\"", (int)place.lane, place.part);
	if (event->clock != LOG_CLOCK_NONE)
		fprintf(out, " data-time=\"%.3f\"", (double)event->time / 1e7 - 11644473600.0);
	if (event->outcome == LOG_FAILED)
		fputs(" data-failed", out);
	if (event == story_loss(&page->told.story))
		fputs(" data-loss", out);
	fputc('>', out);
	print_time(out, event);
	print_what(out, event);
	print_source(out, source, event);
	fputs("</tr>\n", out);
}

/* What was left out is told one by one only where there is room. */
static size_t count_minor(const struct story *story)
{
	size_t minor = 0;

	for (size_t i = 0; i < story->timeline.count; i++)
		minor += story->timeline.items[i].kind == LOG_LEFT_OUT;
	return minor;
}

static void print_table(struct page *page)
{
	const struct story *story = &page->told.story;
	size_t              shown = 0, major = story->timeline.count - count_minor(story);
	size_t              room = major < EVENTS_SHOWN ? EVENTS_SHOWN - major : 0; /* for minor ones */

	fputs("<details class=\"events\"><summary>All events as a table</summary><div class=\"scroll\"><table id=\"events\">"
	      "<caption>Events, and who says so</caption><thead><tr><th scope=\"col\">Time</th><th scope=\"col\">Event</th>"
	      "<th scope=\"col\">Of what</th><th scope=\"col\">Source</th></tr></thead><tbody>\n",
	      page->out);
	for (size_t i = 0; i < story->timeline.count && shown < EVENTS_SHOWN; i++) {
		const struct log_event *event = &story->timeline.items[i];

		if (event->kind == LOG_LEFT_OUT) {
			if (!room)
				continue;
			room--;
		}
		print_event(page, event);
		shown++;
	}
	fputs("</tbody></table></div>", page->out);
	if (shown < story->timeline.count)
		fprintf(page->out, "<p>%s more events are in the casebook (<code>holdfast report --timeline</code>).</p>",
			text_count(story->timeline.count - shown).text);
	fputs("</details>\n", page->out);
}

/* -------- the section -------- */

/* Length of a time as text_time writes it; 0 if there is none here. */
static size_t time_length(const char *text)
{
	static const char form[] = "0000-00-00 00:00:00";
	size_t            i;

	for (i = 0; form[i]; i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return 0;
	return strncmp(text + i, " UTC", 4) == 0 ? i + 4 : i;
}

/* A sentence, in which no time is broken over two lines. */
static void print_sentence(FILE *out, const char *line)
{
	const char *at = line;
	size_t      length;

	while (*at) {
		length = time_length(at);
		if (!length) {
			at++;
			continue;
		}
		html_part(out, line, (size_t)(at - line));
		fputs("<time>", out);
		html_part(out, at, length);
		fputs("</time>", out);
		line = at += length;
	}
	html_text(out, line);
}

static int print_sentences(struct page *page, struct error *err)
{
	CLEANUP(free_ptr) char *text = story_text(&page->told, err);
	char                   *line, *rest = text;

	if (!text)
		return -1;
	fputs("<ul class=\"story\">\n", page->out);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (!*line)
			continue;
		fputs("<li>", page->out);
		print_sentence(page->out, line);
		fputs("</li>\n", page->out);
	}
	fputs("</ul>\n", page->out);
	return 0;
}

int page_story(struct page *page, struct error *err)
{
	fputs("<section id=\"story\"><h2>What happened</h2>\n", page->out);
	if (print_sentences(page, err) < 0)
		return -1;
	if (page->told.story.timeline.count) {
		fputs("<figure id=\"timeline\" class=\"script\" hidden><figcaption>Timeline <span class=\"dim\" id=\"timeline-range\"></span>"
		      "</figcaption><div class=\"tools\" id=\"timeline-tools\"></div><div id=\"timeline-view\"></div>"
		      "<p class=\"says\" id=\"timeline-says\" aria-live=\"polite\"></p></figure>\n",
		      page->out);
		print_table(page);
	}
	fputs("</section>\n", page->out);
	return 0;
}
