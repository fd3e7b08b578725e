/* SPDX-License-Identifier: GPL-3.0-or-later */
/* finding.c - see finding.h */
#include "scan/finding.h"

const char *finding_kind_name(enum finding_kind kind)
{
	static const char *const names[FINDING_KINDS] = {
		[FINDING_EVIDENCE_CUT_SHORT] = "evidence-cut-short",
		[FINDING_EVIDENCE_UNREADABLE] = "evidence-unreadable",
		[FINDING_EVIDENCE_CHANGED] = "evidence-changed",
		[FINDING_BOOT_FROM_BACKUP] = "boot-from-backup",
		[FINDING_BOOT_BACKUP_DIFFERS] = "boot-backup-differs",
		[FINDING_VOLUME_WITHOUT_TABLE] = "volume-without-table",
		[FINDING_PARTITION_NOT_NTFS] = "partition-not-ntfs",
		[FINDING_TABLE_UNREADABLE] = "table-unreadable",
		[FINDING_VOLUME_WITHOUT_MFT] = "volume-without-mft",
		[FINDING_MFT_FROM_MIRROR] = "mft-from-mirror",
		[FINDING_MFT_MIRROR_DIFFERS] = "mft-mirror-differs",
		[FINDING_MFT_RUNS_ASSUMED] = "mft-runs-assumed",
		[FINDING_MFT_RUNS_INCOMPLETE] = "mft-runs-incomplete",
		[FINDING_MFT_END_FORGOTTEN] = "mft-end-forgotten",
		[FINDING_BITMAP_UNREADABLE] = "bitmap-unreadable",
		[FINDING_RECORD_TORN] = "record-torn",
		[FINDING_RECORD_UNREADABLE] = "record-unreadable",
		[FINDING_RECORD_ALIEN] = "record-alien",
		[FINDING_RECORD_DAMAGED] = "record-damaged",
		[FINDING_RECORD_MISPLACED] = "record-misplaced",
		[FINDING_EXTENSION_ORPHANED] = "extension-orphaned",
		[FINDING_CLUSTER_CROSS_LINKED] = "cluster-cross-linked",
		[FINDING_SECURITY_UNREADABLE] = "security-unreadable",
		[FINDING_RUN_CUT_OFF] = "run-cut-off",
		[FINDING_VOLUME_LOCKED] = "volume-locked",
		[FINDING_SHADOWS_UNREADABLE] = "shadows-unreadable",
		[FINDING_SHADOW_UNREAD] = "shadow-unread",
		[FINDING_CARVED_FOREIGN] = "carved-foreign",
		[FINDING_JOURNAL_FOREIGN] = "journal-foreign",
		[FINDING_OLDER_LIFE] = "older-life",
		[FINDING_OLDER_LIFE_UNPLACED] = "older-life-unplaced",
		[FINDING_VOLUME_INFERRED] = "volume-inferred",
		[FINDING_PAST_LIFE] = "past-life",
	};

	return names[kind];
}

void findings_init(struct findings *findings)
{
	*findings = (struct findings){ .lock = PTHREAD_MUTEX_INITIALIZER };
}

void findings_release(struct findings *findings)
{
	free(findings->items);
	pthread_mutex_destroy(&findings->lock);
}

void findings_add(struct findings *findings, struct finding finding)
{
	pthread_mutex_lock(&findings->lock);
	if (findings->counts[finding.kind]++ < FINDINGS_KEPT)
		(void)array_push(findings, finding);
	pthread_mutex_unlock(&findings->lock);
}

static int compare_finding(const void *a, const void *b)
{
	const struct finding *left = a, *right = b;

	if (left->volume != right->volume)
		return left->volume < right->volume ? -1 : 1;
	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	if (left->record != right->record)
		return left->record < right->record ? -1 : 1;
	return (left->offset > right->offset) - (left->offset < right->offset);
}

void findings_sort(struct findings *findings)
{
	if (findings->count)
		qsort(findings->items, findings->count, sizeof *findings->items, compare_finding);
}
