/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ntfs3g.h - the door to libntfs-3g
 *
 * An NTFS volume in an image or on a block device, opened for writing over a
 * transaction of ours (transaction/transaction.h): what the library writes holds
 * when it is committed, whole or not at all.  The library knows no locks and no
 * "sync volume", and an inode that is open must not be opened again; so nothing
 * here keeps a folder open between two calls.  One volume at a time, one thread.
 */
#ifndef RECOVER_NTFS3G_H
#define RECOVER_NTFS3G_H

#include "core/error.h"
#include "core/utf16.h"
#include "recover/transaction/transaction.h"
#include "scan/file_name.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

/* What the library's headers ask for, or they define struct timespec once more. */
#ifndef HAVE_STDIO_H
#define HAVE_STDIO_H 1
#endif
#ifndef HAVE_STDARG_H
#define HAVE_STDARG_H 1
#endif
#ifndef HAVE_SYS_TYPES_H
#define HAVE_SYS_TYPES_H 1
#endif
#ifndef HAVE_SYS_STAT_H
#define HAVE_SYS_STAT_H 1
#endif
#ifndef HAVE_TIME_H
#define HAVE_TIME_H 1
#endif
#ifndef HAVE_CLOCK_GETTIME
#define HAVE_CLOCK_GETTIME 1
#endif
#ifndef HAVE_FFS
#define HAVE_FFS 1
#endif
#ifndef HAVE_DAEMON
#define HAVE_DAEMON 1
#endif
#ifndef HAVE_STRSEP
#define HAVE_STRSEP 1
#endif

/* Names that scan/ has, too, get another one in the library's headers. */
#pragma push_macro("LCN_HOLE")
#undef LCN_HOLE
#define LCN_HOLE LIBRARY_LCN_HOLE
#define MFT_RECORD_IN_USE LIBRARY_RECORD_IN_USE
#include <ntfs-3g/layout.h> /* first: acls.h needs it and does not say so */

#include <ntfs-3g/acls.h>
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/cache.h>
#include <ntfs-3g/device.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/ea.h>
#include <ntfs-3g/index.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/lcnalloc.h>
#include <ntfs-3g/logging.h>
#include <ntfs-3g/mft.h>
#include <ntfs-3g/object_id.h>
#include <ntfs-3g/reparse.h>
#include <ntfs-3g/security.h>
#include <ntfs-3g/unistr.h>
#include <ntfs-3g/volume.h>
#undef LCN_HOLE
#undef MFT_RECORD_IN_USE
#pragma pop_macro("LCN_HOLE")

/* -------- the volume -------- */

/* What of a run waits for ntfs3g_end_held, and can be forgotten until then. */
enum ntfs3g_hold {
	HOLD_NOTHING,
	HOLD_END, /* its end, with all that was written since the last commit before it */
	HOLD_ALL, /* every commit */
};

struct ntfs3g {
	const char          *path;        /* of the image or device, borrowed */
	struct transaction   transaction; /* under everything that the library reads and writes */
	struct replay_report replay;      /* what a crash had left, and what became of it */
	ntfs_volume         *volume;      /* NULL while not mounted */
	bool                 dirty;       /* the volume's dirty bit was set by somebody else */
	bool                 doubtful;    /* something is half done: a commit is refused */
	enum ntfs3g_hold     hold;        /* HOLD_NOTHING unless somebody sets it, while no run is under way */
};

/*
 * Open the volume @offset_bytes into @path for writing, and finish or forget what a run of ours that
 * was cut off has left; else nothing is written before ntfs3g_begin.  Refused, with what to do about it: one that is
 * mounted or that another program has locked, one whose log is not clean, a hibernated one,
 * one shut down with fast start-up.  A volume whose dirty bit is set is mounted, and .dirty says so.
 * Returns 0, or -1.  ntfs3g_unmount in any case.
 */
MUST_CHECK int ntfs3g_mount(struct ntfs3g *mount, const char *path, uint64_t offset_bytes, struct error *err);

/* What is to be done about a volume with the dirty bit set.  Returns -1. */
int ntfs3g_refuse_dirty(const struct ntfs3g *mount, struct error *err);

/*
 * Begin a run of the command @step: the volume's dirty bit is set, and the log says what is at work,
 * until ntfs3g_end.  In between, what is written holds only with the next commit.  With .hold, a run may be under way
 * already: what is done belongs to it.
 */
MUST_CHECK int ntfs3g_begin(struct ntfs3g *mount, const char *step, struct error *err);

/* Make what is written so far hold, all of it or nothing.  Open inodes are not: close them first.  Refused while .doubtful. */
MUST_CHECK int ntfs3g_commit(struct ntfs3g *mount, struct error *err);

/* Commit when so much has gathered that it is time to.  As ntfs3g_commit. */
MUST_CHECK int ntfs3g_commit_if_full(struct ntfs3g *mount, struct error *err);

/* Commit, and end the run: dirty bit and log are clear again. */
MUST_CHECK int ntfs3g_end(struct ntfs3g *mount, struct error *err);

/*
 * With .hold, the three above leave what was written pending, as it says; readers of the volume see it
 * (transaction_lay_over).  This is the end that was held.  Without a run that is under way it does nothing.
 */
MUST_CHECK int ntfs3g_end_held(struct ntfs3g *mount, struct error *err);

/*
 * Close the volume.  What is not committed never happened; a run that is still under way is ended with what
 * it has committed, as a replay would do it, if the device still works.
 * Returns 0; -1 with @err if anything failed since the mount that was not told before.
 */
MUST_CHECK int ntfs3g_unmount(struct ntfs3g *mount, struct error *err);

/* 0 unless a write has failed that the library kept quiet about. */
MUST_CHECK int ntfs3g_check(struct ntfs3g *mount, struct error *err);

/*
 * Lend the transaction under a volume that is not mounted just then to a library that mounts by
 * itself: its ntfs_mount(NTFS3G_LENT, 0) gets the volume over it.  NULL ends the loan.
 */
#define NTFS3G_LENT "holdfast:the volume under work"
void ntfs3g_lend(struct transaction *transaction);

/*
 * In a run that is under way, let @borrow, in which such a library works, have the volume.  Meanwhile @mount is not
 * mounted; what was written holds with the next commit.
 * Returns 0, or -1: the library cannot be given the volume, or failed; the run can only be given up then.
 */
typedef int ntfs3g_borrower(void *context, struct error *err);
MUST_CHECK int ntfs3g_lend_to(struct ntfs3g *mount, ntfs3g_borrower *borrow, void *context, struct error *err);

/* Bytes free. */
MUST_CHECK int ntfs3g_free_bytes(struct ntfs3g *mount, uint64_t *bytes, struct error *err);

/* The library failed with errno; @text says what was tried.  Fills @err and returns -1. */
int ntfs3g_failed(struct ntfs3g *mount, const char *text, struct error *err);

/* -------- names -------- */

#define LINKS_MAX 1000u /* of one file; Windows allows 1024, 8.3 aliases count, and its record has to hold them */

struct ntfs3g_name {
	ntfschar units[NAME_UNITS_MAX];
	uint8_t  count;
};

/*
 * @length bytes of WTF-8 with @ending behind; what is too long is cut before the ending.
 * Returns 0; -1 for an empty name and for bytes that are no WTF-8.
 */
MUST_CHECK int ntfs3g_name(const char *text, size_t length, const char *ending, struct ntfs3g_name *name);

enum ntfs3g_case { NAME_CASE_EXACT, NAME_CASE_ASIDE };

/* Look @name up in @folder: 1 with @ref, 0 if nothing has it, -1.  An exact match goes first. */
MUST_CHECK int ntfs3g_find(struct ntfs3g *mount, file_ref folder, const struct ntfs3g_name *name,
			   enum ntfs3g_case which, file_ref *ref, struct error *err);

/* 1 if @ref is a folder (*@empty says whether anything is in it), 0 if not, or if it is gone. */
MUST_CHECK int ntfs3g_is_folder(struct ntfs3g *mount, file_ref ref, bool *empty, struct error *err);

/* Make a folder with the security that it inherits. */
MUST_CHECK int ntfs3g_make_folder(struct ntfs3g *mount, file_ref parent, const struct ntfs3g_name *name,
				  file_ref *ref, struct error *err);

/*
 * Make an empty file and leave it open.  @security  an id of this volume's, 0: inherited
 * To be closed by ntfs3g_close.
 */
MUST_CHECK int ntfs3g_make_file(struct ntfs3g *mount, file_ref folder, const struct ntfs3g_name *name,
				uint32_t security, ntfs_inode **inode, struct error *err);

/* Open a file or folder; *@inode is NULL when this life of the record is over. */
MUST_CHECK int ntfs3g_open(struct ntfs3g *mount, file_ref ref, ntfs_inode **inode, struct error *err);

/* Write the record, and the entries in its folders where they are stale; give the inode back. */
MUST_CHECK int ntfs3g_close(struct ntfs3g *mount, ntfs_inode *inode, struct error *err);

/* Write the record, leaving it open.  Entries in its folders wait for the close. */
MUST_CHECK int ntfs3g_write_record(struct ntfs3g *mount, ntfs_inode *inode, struct error *err);

/* Give an open file or folder this security descriptor. */
MUST_CHECK int ntfs3g_set_security(struct ntfs3g *mount, ntfs_inode *inode, const uint8_t *descriptor, size_t size,
				   struct error *err);

file_ref ntfs3g_ref(const ntfs_inode *inode);

/*
 * Give an open file (or folder) one more name, with the sizes, times and attributes that it has now.
 * @space    enum file_name_space; a long name with an alias is NAME_WIN32, the alias NAME_DOS
 * @reparse  the tag of its reparse data, or the packed size of its EAs, 0 if it has neither
 * @taken    something has this name there: nothing was done, 0 is returned
 */
MUST_CHECK int ntfs3g_add_name(struct ntfs3g *mount, ntfs_inode *inode, file_ref folder,
			       const struct ntfs3g_name *name, enum file_name_space space, uint32_t reparse,
			       bool *taken, struct error *err);

/*
 * Give an open file (or folder), one of whose names is @name, the 8.3 name @alias beside it.
 * @reparse, @taken  as for ntfs3g_add_name
 */
MUST_CHECK int ntfs3g_add_alias(struct ntfs3g *mount, ntfs_inode *inode, file_ref folder,
				const struct ntfs3g_name *name, const struct ntfs3g_name *alias,
				uint32_t reparse, bool *taken, struct error *err);

/*
 * Many names in one folder: enter it, link files into it, leave it; nothing else may be done to the
 * folder or to inodes that are open in between, and nothing be committed.
 */
MUST_CHECK int ntfs3g_enter(struct ntfs3g *mount, file_ref folder, ntfs_inode **inode, struct error *err);
MUST_CHECK int ntfs3g_leave(struct ntfs3g *mount, ntfs_inode *folder, struct error *err);

/*
 * Give the file @file, which is not open, one more name in the folder that was entered; as
 * ntfs3g_add_name, and nothing of the file itself changes but its names.
 */
MUST_CHECK int ntfs3g_link_into(struct ntfs3g *mount, ntfs_inode *folder, file_ref file,
				const struct ntfs3g_name *name, enum file_name_space space, bool *taken,
				struct error *err);

/* Take one of several names from an open file; -1 also when it has not this one, or no other. */
MUST_CHECK int ntfs3g_drop_name(struct ntfs3g *mount, ntfs_inode *inode, file_ref folder,
				const struct ntfs3g_name *name, struct error *err);

/* 1 if the open file has @name in @folder, by its own record. */
MUST_CHECK int ntfs3g_has_name(struct ntfs3g *mount, ntfs_inode *inode, file_ref folder,
			       const struct ntfs3g_name *name, struct error *err);

/* Take a name, with its alias, from an open file, and close it; a file that has no other name is deleted. */
MUST_CHECK int ntfs3g_delete_name(struct ntfs3g *mount, ntfs_inode *inode, file_ref folder,
				  const struct ntfs3g_name *name, struct error *err);

/* Delete a file with all its names.  0 also when it is gone. */
MUST_CHECK int ntfs3g_delete_file(struct ntfs3g *mount, file_ref ref, struct error *err);

#endif
