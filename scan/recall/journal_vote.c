/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal_vote.c - see journal_vote.h */
#include "scan/recall/journal_vote.h"

#define EXTENSIONS_MAX 256u /* of one file that are asked: each record of the journal asks again */

enum life {
	LIFE_SHOWN,   /* the row's */
	LIFE_UNKNOWN, /* over, or the row does not say */
	LIFE_TO_COME, /* the table has not come to it */
};

static enum life life_of(const struct inventory *inventory, file_ref ref)
{
	uint64_t record = file_ref_record(ref);
	uint16_t ahead;

	if (record < FIRST_USER_RECORD)
		return LIFE_UNKNOWN;
	if (record >= inventory->mft.records)
		return LIFE_TO_COME;
	if ((inventory->rows[record].flags & (ROW_DECODED | ROW_EXTENSION | ROW_MISPLACED)) != ROW_DECODED)
		return LIFE_UNKNOWN;
	ahead = (uint16_t)(file_ref_sequence(ref) -
			   file_ref_sequence(inventory_ref(inventory, (uint32_t)record)));
	if (!ahead)
		return LIFE_SHOWN;
	return ahead <= INT16_MAX ? LIFE_TO_COME : LIFE_UNKNOWN;
}

static bool shows_text(const struct inventory *inventory, uint32_t record, struct bytes text)
{
	const struct mft_row  *row = &inventory->rows[record];
	const struct name_row *names = inventory->names.items + row->first_name;

	for (size_t i = 0; i < row->names; i++)
		if (2u * names[i].units == text.left &&
		    memcmp(inventory_text(inventory, &names[i]), text.at, text.left) == 0)
			return true;
	return false;
}

/* In any folder: a link keeps its name, as a rule, wherever it is made. */
static bool is_called(const struct inventory *inventory, const struct extensions *extensions, file_ref file,
		      struct bytes text)
{
	size_t                  count;
	const struct extension *extension = extensions_of(extensions, file, &count);

	if (shows_text(inventory, (uint32_t)file_ref_record(file), text))
		return true;
	for (size_t i = 0; i < count && i < EXTENSIONS_MAX; i++)
		if (shows_text(inventory, extension[i].record, text))
			return true;
	return false;
}

static void vote_on_file(const struct inventory *inventory, const struct extensions *extensions,
			 const struct usn_record *record, struct journal_votes *votes)
{
	enum life life = life_of(inventory, record->file);

	if (life == LIFE_TO_COME)
		votes->differ++;
	else if (life == LIFE_SHOWN && record->name.left) {
		if (is_called(inventory, extensions, record->file, record->name))
			votes->agree++;
		else
			votes->renamed++;
	}
}

static void vote_on_folder(const struct inventory *inventory, file_ref folder, struct journal_votes *votes)
{
	enum life life = life_of(inventory, folder);

	if (life == LIFE_SHOWN && inventory->rows[file_ref_record(folder)].flags & ROW_DIRECTORY)
		votes->agree++;
	else if (life != LIFE_UNKNOWN)
		votes->differ++;
}

void journal_vote(const struct inventory *inventory, const struct extensions *extensions,
		  const struct usn_record *record, struct journal_votes *votes)
{
	vote_on_file(inventory, extensions, record, votes);
	vote_on_folder(inventory, record->parent, votes);
}
