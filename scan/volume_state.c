/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_state.c - see volume_state.h */
#include "scan/volume_state.h"

#include "core/cleanup.h"

#define LOG_RECORD      2u
#define VOLUME_RECORD   3u
#define VOLUME_FLAGS_AT 10u /* in $VOLUME_INFORMATION: le16 */
#define VOLUME_IS_DIRTY 1u

/* Load a file that must be there: 1, 0 when it is not, -1 without memory. */
static int load(struct file_reader *reader, uint32_t record, struct file *file, struct error *err)
{
	const struct inventory *inventory = reader->inventory;

	if (record >= inventory->count || (inventory->rows[record].flags & (ROW_DECODED | ROW_EXTENSION)) != ROW_DECODED)
		return 0;
	return file_load(reader, record, file, err) < 0 ? -1 : 1;
}

static int read_dirty(struct file_reader *reader, struct volume_state *state, struct error *err)
{
	CLEANUP(file_release) struct file file = { 0 };
	const struct file_stream         *info;
	int                               got = load(reader, VOLUME_RECORD, &file, err);

	info = got == 1 ? file_find_stream(&file, ATTRIBUTE_VOLUME_INFORMATION, "") : NULL;
	if (info && info->resident && info->size_bytes >= VOLUME_FLAGS_AT + 2)
		state->dirty = le16_at(info->value + VOLUME_FLAGS_AT) & VOLUME_IS_DIRTY;
	return got < 0 ? -1 : 0;
}

static int read_log(struct file_reader *reader, struct volume_state *state, struct error *err)
{
	CLEANUP(file_release) struct file file = { 0 };
	const struct volume              *volume = reader->inventory->mft.volume;
	const struct file_stream         *log;
	struct ranges                     missing = { 0 };
	uint8_t                           sector[REDO_SECTOR_BYTES];
	int                               got = load(reader, LOG_RECORD, &file, err);

	log = got == 1 ? file_find_stream(&file, ATTRIBUTE_DATA, "") : NULL;
	if (!log || log->resident || !log->runs.count || log->runs.items[0].vcn || log->runs.items[0].lcn == LCN_HOLE)
		return got < 0 ? -1 : 0;
	state->log_offset = volume_byte_of(volume, log->runs.items[0].lcn);
	got = volume_read(volume, state->log_offset, sector, sizeof sector, &missing, err);
	if (got == 0 && !missing.count)
		state->log = log_content_judge((struct bytes){ sector, sizeof sector, state->log_offset }, &state->header,
					       &state->why);
	array_release(&missing);
	return got;
}

int volume_state_read(struct file_reader *reader, struct volume_state *state, struct error *err)
{
	*state = (struct volume_state){ .log_offset = NO_OFFSET };
	return read_dirty(reader, state, err) < 0 || read_log(reader, state, err) < 0 ? -1 : 0;
}
