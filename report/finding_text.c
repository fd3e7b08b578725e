/* SPDX-License-Identifier: GPL-3.0-or-later */
/* finding_text.c - see finding_text.h */
#include "report/finding_text.h"

#include <stddef.h>
#include <string.h>

const struct finding_text *finding_text(const char *kind)
{
	static const struct finding_text texts[] = {
		{ "evidence-cut-short", SEVERITY_WARNING,
		  "The image ends before its volume does; what lies behind the end cannot be had." },
		{ "evidence-unreadable", SEVERITY_WARNING,
		  "Parts of the evidence could not be read, or are unread by the map file." },
		{ "evidence-changed", SEVERITY_WARNING,
		  "The digests of the evidence are not those that were written into the image when it was acquired: it is "
		  "damaged, incomplete or was changed since." },
		{ "boot-from-backup", SEVERITY_NOTE,
		  "The boot sector is damaged; its backup at the end of the volume was used." },
		{ "boot-backup-differs", SEVERITY_NOTE, "The boot sector and its backup differ." },
		{ "volume-without-table", SEVERITY_NOTE,
		  "The volume was found by its boot sector; no partition entry points to it." },
		{ "partition-not-ntfs", SEVERITY_NOTE, "A partition holds no NTFS volume." },
		{ "table-unreadable", SEVERITY_WARNING,
		  "The partition table could not be looked at (is holdfast-image installed beside holdfast?);"
		  " volumes were searched for." },
		{ "volume-without-mft", SEVERITY_WARNING,
		  "A volume's file table could not be found; nothing can be said of its files." },
		{ "mft-from-mirror", SEVERITY_NOTE,
		  "The first record of the file table is damaged; its mirror was used." },
		{ "mft-mirror-differs", SEVERITY_NOTE,
		  "The file table's first records differ from their mirror (a sudden stop does that)." },
		{ "mft-runs-assumed", SEVERITY_WARNING,
		  "Where the file table lies is lost; it was read as one piece, so files may be missing." },
		{ "mft-runs-incomplete", SEVERITY_WARNING,
		  "Part of the file table could not be placed; files may be missing." },
		{ "mft-end-forgotten", SEVERITY_WARNING,
		  "The file table has more records than its first one tells of (a sudden stop does that); they were read, "
		  "and the contents of their files are suspect." },
		{ "bitmap-unreadable", SEVERITY_WARNING,
		  "The map of used clusters could not be read; overwriting by unknown files stays unseen." },
		{ "record-torn", SEVERITY_WARNING,
		  "Records of the file table were torn in the middle of a write; their files are suspect." },
		{ "record-unreadable", SEVERITY_WARNING, "Records of the file table could not be read." },
		{ "record-alien", SEVERITY_WARNING, "Something else lies where records of the file table should." },
		{ "record-damaged", SEVERITY_WARNING, "Records of the file table are damaged." },
		{ "record-misplaced", SEVERITY_NOTE, "Records of the file table carry another record's number." },
		{ "extension-orphaned", SEVERITY_NOTE, "Records continue files whose first record is gone." },
		{ "cluster-cross-linked", SEVERITY_WARNING,
		  "Existing files claim the same clusters; at most one of each can be right." },
		{ "security-unreadable", SEVERITY_NOTE, "The table of permissions could not be read." },
		{ "run-cut-off", SEVERITY_WARNING,
		  "A command of holdfast's was cut off on the volume ('holdfast status' says which); 'holdfast "
		  "replay' finishes or forgets what it had begun." },
		{ "volume-locked", SEVERITY_WARNING,
		  "A volume is encrypted by BitLocker and was not opened; give its recovery key with --recovery-key, "
		  "or its password with --password-file." },
		{ "shadows-unreadable", SEVERITY_WARNING,
		  "A volume has shadow copies, but their catalog is damaged; what they hold cannot be told." },
		{ "shadow-unread", SEVERITY_WARNING, "A shadow copy could not be read." },
		{ "carved-foreign", SEVERITY_NOTE,
		  "Blocks that a sweep found have not shown that they are of this volume; what they say was not taken." },
		{ "journal-foreign", SEVERITY_NOTE,
		  "Records of a change journal were left out: nothing shows that they are of this volume since it was "
		  "formatted." },
		{ "older-life", SEVERITY_WARNING,
		  "Records lie behind the end of a file table: what was there before the volume was formatted anew, or "
		  "the end of the table itself, after a sudden stop ('holdfast rescue' looks for all of them, and so "
		  "does 'holdfast scan --carve')." },
		{ "older-life-unplaced", SEVERITY_WARNING,
		  "Records lie behind the end of a file table, and nothing on the disk tells which volume they are of: "
		  "what was there before the volume was formatted anew, or the end of the table itself, after a sudden "
		  "stop. Keep the disk as it is if files are missed." },
		{ "volume-inferred", SEVERITY_NOTE,
		  "A volume was inferred from what is left of it; no boot sector or first record tells of all of it." },
		{ "past-life", SEVERITY_NOTE,
		  "A volume is an older life of its place, before that was formatted; its files exist no more." },
	};
	static const struct finding_text unknown = { "", SEVERITY_NOTE, "A finding of a kind not known here." };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(texts[i].kind, kind) == 0)
			return &texts[i];
	return &unknown;
}
