/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * partition_step.c - the step that partitions and formats a disk: OSDDiskPart.exe
 *
 * Refused while a store is on the disk, live or deleted, or a volume of the run is, and where all is to hold or nothing.
 * Spec USMT 5.6.
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

/* What is on a disk cannot be had again once it is partitioned. */
static int refuse_atomic(const struct sequence_step *step, struct error *err)
{
	if (!step->atomic)
		return 0;
	return error_set(err, ERROR_REFUSED, NULL,
			 "a disk that is partitioned cannot become what it was, as --atomic asks; leave --atomic out, or the step");
}

typedef int disk_work(struct disk_plan *plan, const struct work_volumes *volumes, struct disk_consent consent,
		      struct error *err);

static int work_on(struct sequence_step *step, struct disk_plan *plan, disk_work *work, uint32_t *code, struct error *err)
{
	struct disk_consent consent = { step->yes, step->overwrite_deleted };

	*code = 0;
	if (refuse_atomic(step, &step->why) == 0 &&
	    disk_partition_plan(step->variables, step->disks, step->disk_count, plan, &step->why) == 0 &&
	    work(plan, step->volumes, consent, &step->why) == 0)
		return 0;
	if (step->why.kind == ERROR_MEMORY)
		return error_memory(err);
	*code = code_of(&step->why);
	return 0;
}

int partition_step_run(struct sequence_step *step, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	CLEANUP(disk_plan_release) struct disk_plan plan = { 0 };

	(void)item;
	if (work_on(step, &plan, disk_partition_run, code, err) < 0)
		return -1;
	if (*code && plan.protected_path)
		apply_step_log_disk_protected(step->log, plan.index, plan.protected_path);
	return 0;
}

int partition_step_check(struct sequence_step *step, const struct sequence_item *item, uint32_t *code,
			 struct error *err)
{
	CLEANUP(disk_plan_release) struct disk_plan plan = { 0 };

	(void)item;
	return work_on(step, &plan, disk_partition_check, code, err);
}
