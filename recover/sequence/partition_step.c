/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * partition_step.c - the step that partitions and formats a disk: OSDDiskPart.exe
 *
 * Refused while a store is on the disk, live or deleted, or a volume of the run is.  Spec USMT 5.6.
 */
#include "recover/sequence/sequence_step.h"

#include "core/cleanup.h"
#include "recover/sequence/apply_step_log.h"
#include "recover/sequence/sequence_error.h"
#include "report/sequence_code.h"

#define CODE_ACCESS_DENIED 5u
#define CODE_NOT_FOUND     0x80070002u

static uint32_t code_of(const struct error *why)
{
	return why->kind == ERROR_REFUSED ? CODE_ACCESS_DENIED
	       : why->kind == ERROR_USAGE ? CODE_NOT_FOUND
					  : sequence_code_of_error(why);
}

int partition_step_run(struct sequence_step *step, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	CLEANUP(disk_plan_release) struct disk_plan plan = { 0 };
	struct disk_consent                         consent = { step->yes, step->overwrite_deleted };

	(void)item;
	*code = 0;
	if (disk_partition_plan(step->variables, step->disks, step->disk_count, &plan, &step->why) == 0 &&
	    disk_partition_run(&plan, step->volumes, consent, &step->why) == 0)
		return 0;
	if (step->why.kind == ERROR_MEMORY) {
		*err = step->why;
		return -1;
	}
	if (plan.protected_path)
		apply_step_log_disk_protected(step->log, plan.index, plan.protected_path);
	*code = code_of(&step->why);
	return 0;
}
