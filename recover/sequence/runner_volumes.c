/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner_volumes.c - part of sequence_run.c: the volumes of a run, opened, read and let go of */
#include "recover/sequence/runner.h"

#include <ctype.h>

/* The first volume is C: unless it says otherwise; from here on it says so. */
int runner_take_operands(struct runner *run, struct error *err)
{
	run->operands = calloc(run->options->operand_count + 1, sizeof *run->operands);
	if (!run->operands)
		return error_memory(err);
	for (size_t i = 0; i < run->options->operand_count; i++) {
		const char *operand = run->options->operands[i];
		bool        said = i || (isalpha((unsigned char)operand[0]) && operand[1] == '=');

		if (asprintf(&run->operands[i], "%s%s", said ? "" : "C=", operand) < 0) {
			run->operands[i] = NULL;
			return error_memory(err);
		}
	}
	run->drive = (char)toupper((unsigned char)run->operands[0][0]);
	return 0;
}

/* What is read of them is of the past. */
void runner_forget(struct runner *run)
{
	windows_close(&run->windows);
	run->machine.windows = NULL;
	run->looked = false;
	for (size_t i = 0; i < run->volumes.count; i++)
		work_volume_forget(&run->volumes.items[i]);
}

/* What is not committed is forgotten. */
int runner_close_volumes(struct runner *run, struct error *err)
{
	bool open = run->open;

	runner_forget(run);
	run->open = false;
	return open ? work_volumes_close(&run->volumes, err) : 0;
}

/* Where state and logs are kept. */
struct work_volume *runner_data_volume(struct runner *run)
{
	return work_volumes_find(&run->volumes, run->data);
}

int runner_open_volumes(struct runner *run, struct error *err)
{
	run->open = true;
	if (work_volumes_open(&run->volumes, run->operands, run->options->operand_count, WORK_CAPTURE, err) < 0)
		return -1;
	for (size_t i = 0; i < run->volumes.count; i++)
		run->volumes.items[i].mount.hold = run->options->atomic ? HOLD_ALL : HOLD_END;
	if (run->data && !runner_data_volume(run))
		return error_set(err, ERROR_REFUSED, NULL, "%c:, which holds the state of the sequence, is no NTFS volume any more",
				 run->data);
	return 0;
}

/* Open the volumes in another order; what a run before had left on them is not forgotten (work_volume_goes_on). */
static int reopen_volumes(struct runner *run, struct error *err)
{
	struct replay_report replays['Z' - 'A' + 1] = { 0 };

	for (size_t i = 0; i < run->volumes.count; i++)
		replays[run->volumes.items[i].letter - 'A'] = run->volumes.items[i].mount.replay;
	if (runner_close_volumes(run, err) < 0 || runner_open_volumes(run, err) < 0)
		return -1;
	for (size_t i = 0; i < run->volumes.count; i++)
		run->volumes.items[i].mount.replay = replays[run->volumes.items[i].letter - 'A'];
	return 0;
}

/* Make the volume with that letter the first, if there is one: a store's volume has to be. */
int runner_put_first(struct runner *run, char letter, struct error *err)
{
	size_t number = 0;

	letter = (char)toupper((unsigned char)letter);
	if (run->volumes.items[0].letter == letter || !work_volumes_find(&run->volumes, letter))
		return 0;
	if (run->options->atomic)
		return error_set(err, ERROR_USAGE, NULL,
				 "the store lies on %c:, so with --atomic that volume has to be named first", letter);
	while (toupper((unsigned char)run->operands[number][0]) != letter)
		number++;
	for (char *operand = run->operands[number]; number; number--) {
		run->operands[number] = run->operands[number - 1];
		run->operands[number - 1] = operand;
	}
	return reopen_volumes(run, err);
}

int runner_look(struct runner *run, struct error *err)
{
	int found;

	if (run->looked)
		return 0;
	for (size_t i = 0; i < run->volumes.count; i++)
		if (work_volume_read_once(&run->volumes.items[i], err) < 0)
			return -1;
	found = windows_open(&run->windows, &run->volumes, &run->options->windows, err);
	if (found < 0)
		return -1;
	run->machine.windows = found == 1 ? &run->windows : NULL;
	run->looked = true;
	return 0;
}

/* Make hold what the steps have left to hold: the data volume, which says that it is done, last. */
int runner_end_held(struct runner *run, struct error *err)
{
	struct work_volume *last = runner_data_volume(run);

	for (size_t i = 0; i < run->volumes.count; i++)
		if (&run->volumes.items[i] != last && ntfs3g_end_held(&run->volumes.items[i].mount, err) < 0)
			return -1;
	return ntfs3g_end_held(&last->mount, err);
}
