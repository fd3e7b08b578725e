/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * finding.h - facts about evidence and volumes that a person should know
 *
 * Scanning goes on after damage; what it met is filed here.  The sentence and
 * the severity of each kind stand in report/finding_text.c alone.
 */
#ifndef SCAN_FINDING_H
#define SCAN_FINDING_H

#include "core/array.h"

#include <pthread.h>

#define NO_RECORD UINT64_MAX

enum finding_kind {
	FINDING_EVIDENCE_CUT_SHORT,     /* seen, wanted: bytes of the image, of the volume */
	FINDING_EVIDENCE_UNREADABLE,    /* seen: bytes that could not be read */
	FINDING_EVIDENCE_CHANGED,       /* its digests are not those that the image says of itself */
	FINDING_BOOT_FROM_BACKUP,
	FINDING_BOOT_BACKUP_DIFFERS,
	FINDING_VOLUME_WITHOUT_TABLE,   /* found by search, no partition entry points to it */
	FINDING_PARTITION_NOT_NTFS,     /* seen: partition number */
	FINDING_TABLE_UNREADABLE,       /* partition tables could not be looked at */
	FINDING_VOLUME_WITHOUT_MFT,     /* its records could not be found at all */
	FINDING_MFT_FROM_MIRROR,        /* record 0 was taken from $MFTMirr */
	FINDING_MFT_MIRROR_DIFFERS,     /* record */
	FINDING_MFT_RUNS_ASSUMED,       /* $MFT's run list is lost; taken as one piece */
	FINDING_MFT_RUNS_INCOMPLETE,    /* seen, wanted: records that can be placed, that there should be */
	FINDING_MFT_END_FORGOTTEN,      /* seen, wanted: records that are there, that $MFT's record tells of */
	FINDING_BITMAP_UNREADABLE,      /* $Bitmap could not be used to lower grades */
	FINDING_RECORD_TORN,            /* record, offset; seen: torn strides */
	FINDING_RECORD_UNREADABLE,
	FINDING_RECORD_ALIEN,           /* something that is no FILE record lies in the MFT */
	FINDING_RECORD_DAMAGED,         /* header or an attribute does not decode */
	FINDING_RECORD_MISPLACED,       /* seen: number it carries */
	FINDING_EXTENSION_ORPHANED,     /* seen: base record; its names count */
	FINDING_CLUSTER_CROSS_LINKED,   /* record; offset of the cluster */
	FINDING_SECURITY_UNREADABLE,    /* $Secure:$SDS could not be read */
	FINDING_RUN_CUT_OFF,            /* holdfast's log in $LogFile; seen: enum redo_state, 0 unknown */
	FINDING_VOLUME_LOCKED,          /* BitLocker, and no key; offset of the evidence; seen: partition; wanted: how
					   the recovery key's identifier begins, 0 if that is not known */
	FINDING_SHADOWS_UNREADABLE,     /* shadow copies are there and cannot be listed */
	FINDING_SHADOW_UNREAD,          /* seen: number of a shadow copy that cannot be read */
	FINDING_CARVED_FOREIGN,         /* seen: blocks found by a sweep that have not shown whose they are */
	FINDING_JOURNAL_FOREIGN,        /* seen, wanted: records of it that were left out, that were taken */
	FINDING_OLDER_LIFE,             /* seen: records of another life right behind the table; no sweep was made */
	FINDING_OLDER_LIFE_UNPLACED,    /* the same, and a sweep has not found what volume they are of */
	FINDING_VOLUME_INFERRED,        /* found by what is left of it; offset: of the evidence; seen: votes;
					   wanted: enum lost_sign */
	FINDING_PAST_LIFE,              /* seen: its records; wanted: number of the volume at its place now */
	FINDING_KINDS,
};

struct finding {
	enum finding_kind kind;
	uint32_t          volume;  /* number from 1, 0 for the evidence itself */
	uint64_t          record;  /* MFT record, or NO_RECORD */
	uint64_t          offset;  /* bytes from the start of the volume, or NO_OFFSET */
	uint64_t          seen;
	uint64_t          wanted;
};

/* Keeps the first FINDINGS_KEPT of each kind and counts all.  Any thread may add. */
#define FINDINGS_KEPT 1000u

struct findings {
	pthread_mutex_t lock;
	struct finding *items;
	size_t          count, capacity;
	uint64_t        counts[FINDING_KINDS];
};

/* "record-torn" and so on: as in the casebook and in JSON. */
const char *finding_kind_name(enum finding_kind kind);

void findings_init(struct findings *findings);
void findings_release(struct findings *findings);

/* File a finding; silently kept back (but counted) when there are too many or no memory. */
void findings_add(struct findings *findings, struct finding finding);

/* In the order volume, kind, record, offset: the same for the same evidence. */
void findings_sort(struct findings *findings);

#endif
