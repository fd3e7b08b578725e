/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_recall.c - see volume_recall.h */
#include "scan/volume_recall.h"

#include "core/cleanup.h"
#include "core/utf16.h"
#include "scan/recall/settle.h"

static int tell_facts(struct volume_scan *vs, const struct facts *facts, struct error *err)
{
	char text[NAME_UTF8_MAX];

	for (size_t i = 0; i < facts->list.count; i++) {
		const struct fact *fact = &facts->list.items[i];
		struct case_fact   row = { .volume = vs->volume->number,
					   .file = fact->file,
					   .parent = fact->parent,
					   .name = text,
					   .source = fact_source_name(fact->source),
					   .verdict = fact_verdict_name(fact->verdict),
					   .flags = fact->flags,
					   .offset = fact->offset,
					   .moment = fact->moment,
					   .time = row_time_100ns(fact->time) };

		utf16_to_utf8(facts_text(facts, fact), fact->units, text);
		if (casebook_add_fact(vs->scan->book, &row, err) < 0)
			return -1;
	}
	return 0;
}

static int tell_digests(struct volume_scan *vs, const struct case_digests *digests, struct error *err)
{
	for (size_t i = 0; i < digests->count; i++)
		if (casebook_add_digest(vs->scan->book, &digests->items[i], err) < 0)
			return -1;
	return 0;
}

/* Older records become rows, one for each life, and extension records among them are found. */
static int add_older(struct volume_scan *vs, struct older_records *older, struct error *err)
{
	older_keep_best(older, 0);
	if (!older->count)
		return 0;
	array_release(&vs->extensions);
	if (inventory_add_older(&vs->inventory, older, err) < 0)
		return -1;
	return extensions_collect(&vs->extensions, &vs->inventory, err);
}

static int gather(struct volume_scan *vs, struct recall *recall, struct error *err)
{
	struct range           range = { vs->volume->offset_bytes, vs->volume->size_bytes };
	const struct sweep    *sweep = sweeps_find(&vs->scan->sweeps, vs->volume->evidence);
	size_t                 count = 0;
	const struct artefact *items = sweep ? sweep_part(sweep, range, &count) : NULL;

	if (recall_indexes(recall, err) < 0 || recall_log(recall, err) < 0 ||
	    recall_journal(recall, items, count, err) < 0 || recall_catalogues(recall, items, count, err) < 0)
		return -1;
	return recall_carved(recall, items, count, err);
}

int volume_recall(struct volume_scan *vs, struct file_reader *reader, struct error *err)
{
	CLEANUP(recall_release) struct recall recall = { .indexes = vs->indexes,
							 .inventory = &vs->inventory,
							 .reader = reader,
							 .findings = &vs->scan->findings,
							 .threads = vs->scan->options->threads };

	if (gather(vs, &recall, err) < 0 || add_older(vs, &recall.older, err) < 0 ||
	    facts_settle(&recall.facts, &vs->inventory, &vs->extensions, err) < 0)
		return -1;
	vs->journal = recall.journal;
	recall.journal = (struct usn_history){ 0 };
	return tell_digests(vs, &recall.digests, err) < 0 ? -1 : tell_facts(vs, &recall.facts, err);
}
