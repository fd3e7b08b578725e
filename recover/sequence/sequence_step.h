/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_step.h - what the steps of a task sequence are given to work with, and how they answer
 *
 * The volumes are open for writing and the ends of their runs are held (recover/ntfs3g.h): what a step does last, on
 * all volumes, holds together with the sequence's own progress, or not at all.  A step that fails leaves what it wrote
 * since the last commit to be forgotten.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_STEP_H
#define RECOVER_SEQUENCE_SEQUENCE_STEP_H

#include "recover/engine/work_volume.h"
#include "recover/sequence/cmtrace_writer.h"
#include "recover/sequence/disk_partition.h"
#include "recover/sequence/sequence_file.h"
#include "recover/sequence/sequence_package.h"
#include "recover/sequence/sequence_variable.h"

#define SEQUENCE_STORE "_HoldfastStore" /* a variable of our own: where a step has captured, "C:\\StateStore" */

/* What a step has to say to people: a line of smsts.log, and below the step on the terminal. */
struct sequence_note {
	const struct sequence_item *item;
	char                       *text;
};

struct sequence_notes ARRAY(struct sequence_note);

struct sequence_step {
	struct sequence_variables     *variables;
	struct work_volumes           *volumes;    /* the first is that of the store, if the step has one */
	char                           drive;      /* letter of the one that the user named first: Windows' own */
	const struct sequence_package *packages;
	size_t                         package_count;
	const char                    *image;      /* WIM[:INDEX|:NAME] for a step whose package nobody has named; NULL */
	struct cmtrace_writer         *log;        /* smsts.log */
	const char                    *log_folder; /* of the host, where the other logs go; it is there */
	bool                           overwrite_deleted;
	bool                           yes;        /* --yes: what no store has may be lost */
	bool                           atomic;     /* nothing is to hold before the end */
	const struct disk_target      *disks; /* --disk */
	size_t                         disk_count;
	struct sequence_notes         *notes;      /* all of the run */
	struct error                   why;        /* of a code that says failure: what is wrong and what to do */
};

/*
 * A step's work.
 * @code  0, or what it fails with, as ConfigMgr would say it; .why says more
 * Returns 0, also when it fails; -1 when the sequence cannot go on: no memory, the device failed.
 */
typedef int sequence_step_work(struct sequence_step *step, const struct sequence_item *item, uint32_t *code,
			       struct error *err);

/* Say something; without memory the log alone has it. */
void sequence_step_note(struct sequence_step *step, const struct sequence_item *item, enum cmtrace_type type,
			const char *format, ...) __attribute__((format(printf, 4, 5)));
void sequence_notes_release(struct sequence_notes *notes);

/* state_step.c: capture and restore of the users' state, and where it is kept. */
sequence_step_work state_step_request, state_step_capture, state_step_restore, state_step_release;

/* usmt_step.c: a command line of ScanState, LoadState or UsmtUtils. */
sequence_step_work usmt_step_run;

/* Let the store of a command line of ScanState's outlive what wipes its volume: _OSDProtectHardLinkStore. */
MUST_CHECK int usmt_step_protect(struct sequence_step *step, const struct sequence_item *item, struct error *err);

/* The drive of the store in such a line; 0: it names none. */
MUST_CHECK int usmt_step_drive(const struct sequence_step *step, const struct sequence_item *item, char *letter,
			       struct error *err);

/* apply_step.c: wipe a volume but for what is protected, and apply an image to it. */
sequence_step_work apply_step_system, apply_step_data;

/*
 * What a step that applies an image needs on its volume, so that the new system fits beside the old one; the image
 * is opened, and not verified.  Returns 0, or -1.
 */
struct apply_step_room {
	char     letter;
	uint64_t bytes_needed, bytes_free;
};
MUST_CHECK int apply_step_room(struct sequence_step *step, const struct sequence_item *item,
			       struct apply_step_room *room, struct error *err);

/*
 * Which image such a step would apply, and where to.
 * @letter  of the volume
 * @image   "image 1 (Windows) of install.wim"; to be freed
 * Returns 0; 1 if nobody has said where the image lies, which @err then does; or -1.
 */
MUST_CHECK int apply_step_look(struct sequence_step *step, const struct sequence_item *item, char *letter, char **image,
			       struct error *err);

/* partition_step.c: partition and format a disk that holds no store; or only look whether it would be refused. */
sequence_step_work partition_step_run, partition_step_check;

#endif
