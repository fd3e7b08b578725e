/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transaction.h - changes to a volume that happen whole or not at all
 *
 * What libntfs-3g writes below a volume is collected and made durable together.
 * A power cut at any moment, with unflushed writes lost or reordered and sectors
 * torn, leaves the state of the last commit, or (once replayed) of the next:
 *
 * 1. A write to clusters that were free at the last commit goes to the device at once:
 *    nothing refers to them.  Every other change waits in the overlay.
 * 2. No cluster that was in use at the last commit is used for anything else before the next:
 *    the library sees them as taken (space_map.h).
 * 3. Nothing is put in place before the images of all changed blocks, their descriptors and
 *    what went to free clusters are durable, and a header, durable as well, says so.
 * 4. The header is taken back only when everything in place is durable, and before any cluster
 *    or log block is written for the next transaction.
 * 5. A replay writes only when every sector that it will replace is as it was or as it will be:
 *    anything else means that somebody wrote to the volume since.
 * 6. Until a commit has returned, nothing that it holds may be called done.  After an error nothing
 *    more is written.
 *
 * Order is asserted below (block_device.h), by each single write.  The log lies in
 * $LogFile's clusters, whose content is given up, and goes on in free clusters; its
 * format is scan/redo_log.h.  Memory: .resident_max images besides those of $Bitmap,
 * and some 150 bytes a changed block; what is more is written into the log early.
 *
 * From transaction_begin to transaction_end a run is under way; several
 * transactions may follow one another in it.  Setting the volume's dirty bit in the
 * first and clearing it in the last is the caller's (recover/ntfs3g.h).
 */
#ifndef RECOVER_TRANSACTION_TRANSACTION_H
#define RECOVER_TRANSACTION_TRANSACTION_H

#include "recover/transaction/log_space.h"
#include "recover/transaction/overlay.h"
#include "recover/transaction/space_map.h"

struct transaction {
	struct block_device device;
	struct space_map    map;
	struct overlay      overlay;
	struct log_space    log;
	struct redo_header  header;       /* of the run, while one is under way */
	bool                running;
	bool                masked;       /* $LogFile is shown as 0xff; clear until the library has judged it */
	size_t              resident_max; /* images in memory; $Bitmap's may be more */
	uint64_t            commits;
	uint64_t            writes;       /* calls of transaction_write */
};

/* What transaction_open found in the log, and did. */
struct replay_report {
	bool               found;     /* a run had been cut off; .header says which */
	bool               finished;  /* its last transaction held: it is in place now */
	struct redo_header header;
	uint64_t           blocks;    /* of it that were not in place before */
};

/*
 * Open the volume @offset_bytes into @path for writing, and finish or forget what a crash left in
 * its log; of a run that was cut off nothing but the dirty bit is left then.
 * Returns 0, or -1: the device is refused (block_device.h), the log is damaged or of another version,
 * or somebody wrote to the volume since the crash.  transaction_close in any case.
 */
MUST_CHECK int transaction_open(struct transaction *transaction, const char *path, uint64_t offset_bytes,
				struct replay_report *report, struct error *err);

/* Forget what is not committed, and close the device. */
void transaction_close(struct transaction *transaction);

/*
 * Read @length bytes at @offset of the volume as the transaction will leave it: 0, or -1 with errno,
 * remembered: what was not read cannot have been understood, and nothing may be committed on it.
 */
MUST_CHECK int transaction_read(struct transaction *transaction, uint64_t offset, void *to, size_t length);

/*
 * Put what is pending over @bytes, which were read from the device at @offset of the volume: for readers that do not
 * go through transaction_read.  Several threads may, as long as none writes.
 * Returns 0, or -1 with errno.
 */
MUST_CHECK int transaction_lay_over(struct transaction *transaction, uint64_t offset, uint8_t *bytes, size_t length);

/* Write them: 0, or -1 with errno, remembered.  Outside a run nothing reaches the device. */
MUST_CHECK int transaction_write(struct transaction *transaction, uint64_t offset, const void *from,
				 size_t length);

/* Begin a run of the command @step: from here on the log says so.  0, or -1. */
MUST_CHECK int transaction_begin(struct transaction *transaction, const char *step, uint64_t now_100ns,
				 struct error *err);

/*
 * Make durable and put in place all that was written since the last commit.
 * @last  byte of the volume whose block is put in place behind all others, 0: none
 * Returns 0; -1: before the commit point the volume is as it was, after it a replay finishes.
 */
MUST_CHECK int transaction_commit(struct transaction *transaction, uint64_t last, struct error *err);

/* Forget what was written since the last commit; whatever was mounted over it is stale. */
void transaction_forget(struct transaction *transaction);

/*
 * Forget it in the middle of a run, and what kept it from being committed, so that the run can be ended.
 * False when it cannot: the device has failed, or a replay has to finish what was committed.
 */
bool transaction_rewind(struct transaction *transaction);

/* Bytes that wait for the commit. */
uint64_t transaction_pending_bytes(const struct transaction *transaction);

/* True when enough has gathered that a caller with much to do should commit. */
bool transaction_is_full(const struct transaction *transaction);

/* End the run: $LogFile becomes 0xff.  All must be committed. */
MUST_CHECK int transaction_end(struct transaction *transaction, struct error *err);

#endif
