/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * work_volume.h - a volume that a command works on
 *
 * Named on the command line as [LETTER=]SOURCE.  Written through libntfs-3g over a
 * transaction (.mount), read as a tree by our own reader (.tree).  The tree is of the
 * moment of work_volume_read: of what is committed, and of what is held back behind the last ntfs3g_commit.
 */
#ifndef RECOVER_ENGINE_WORK_VOLUME_H
#define RECOVER_ENGINE_WORK_VOLUME_H

#include "recover/ntfs3g.h"
#include "scan/security_table.h"
#include "scan/volume_tree.h"

struct work_volume {
	char                  letter; /* upper case */
	char                 *source; /* as named, without its letter */
	char                 *path;   /* of the image or device */
	struct evidence       evidence;
	struct volume         volume; /* in .evidence */
	struct ntfs3g         mount;  /* open for writing, or .volume is NULL */
	struct volume_tree    tree;
	struct file_reader    reader;
	struct security_table securities;
	bool                  read; /* the three above are filled */
};

/* A drive that is not NTFS, mounted on the host: its files can be copied from there. */
struct work_folder {
	char  letter; /* upper case */
	char *path;   /* as named, without its letter */
};

struct work_volumes {
	struct work_volume *items; /* in the order named; the first is the primary */
	size_t              count;
	struct work_folder *folders; /* of WORK_CAPTURE alone, in the order named */
	size_t              folder_count;
};

enum work_mode {
	WORK_READ,  /* nothing is written, not even a replay */
	WORK_WRITE, /* opened for writing; a run that was cut off is finished or forgotten first */
	WORK_CAPTURE, /* as WORK_WRITE; behind the first, folders of the host may be named as well */
};

/*
 * Open the volumes named by @operands, @count of them: the letter of the first is C if it has none, those of
 * the others must be given, no letter and no volume twice.  Refused but with WORK_READ: what ntfs3g_mount
 * refuses, and a volume with the dirty bit set; and a folder that lies on one of the volumes.
 * Returns 0, or -1.  work_volumes_close in any case.
 */
MUST_CHECK int work_volumes_open(struct work_volumes *volumes, char *const *operands, size_t count,
				 enum work_mode mode, struct error *err);

/* Close all; what is not committed is forgotten.  -1 when something failed that was not told before. */
MUST_CHECK int work_volumes_close(struct work_volumes *volumes, struct error *err);

/* Are they the same, whatever they are called: by a link, by another path, by the offset of a partition? */
bool work_volume_is_same(const struct work_volume *a, const struct work_volume *b);

/* The volume with that letter, or NULL. */
struct work_volume *work_volumes_find(struct work_volumes *volumes, char letter);

/*
 * Open volumes, let @work work on them, and close them.
 * Returns 0, or -1 with the first error of the three; @work is not called when they cannot be opened.
 */
typedef int work_volumes_work(void *context, struct work_volumes *volumes, struct error *err);
MUST_CHECK int work_volumes_run(char *const *operands, size_t count, enum work_mode mode, work_volumes_work *work,
				void *context, struct error *err);

/*
 * Did this opening find that a run of the command @step had been cut off?  What such a run was to delete
 * does not stand in the way of its going on.
 */
bool work_volume_goes_on(const struct work_volume *volume, const char *step);

/*
 * Read the volume's tree, as it is committed: at first, and again after a commit.
 * Returns 0, or -1; on a volume opened for writing also when parts of it cannot be read: what is not in
 * the tree would be taken for not being there.
 */
MUST_CHECK int work_volume_read(struct work_volume *volume, struct error *err);

/* The same unless it is read already, and nothing has changed since. */
MUST_CHECK int work_volume_read_once(struct work_volume *volume, struct error *err);

/* Give the tree back, if it is read: what is on the volume may have changed. */
void work_volume_forget(struct work_volume *volume);

/*
 * Refuse a volume whose structures contradict each other: nothing on it can be promised.
 * @source  what names the volume on the command line, here and below
 */
MUST_CHECK int work_volume_refuse_damage(const struct volume *volume, const char *source, struct error *err);

/*
 * Refuse to write where a deleted store with files lies that can still be had and have no other name.
 * @allowed  the user said that they may be overwritten
 */
MUST_CHECK int work_volume_refuse_deleted_store(const char *source, bool allowed, struct error *err);

/* Refuse to go on when some of what was read so far could not be had: what was understood may be wrong. */
MUST_CHECK int work_volume_refuse_unreadable(struct work_volume *volume, struct error *err);

/*
 * Refuse a volume opened for reading, with its tree, on which a run of ours was cut off: what that has left says
 * nothing of what is on it.  One that is opened for writing is never refused.
 */
MUST_CHECK int work_volume_refuse_cut_run(struct work_volume *volume, struct error *err);

/* Load a file or directory of the tree in full.  case_record_release in any case. */
MUST_CHECK int work_volume_load(struct work_volume *volume, uint32_t record, struct case_record *to,
				struct error *err);

#endif
