/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume_file.h - one file, put onto an NTFS volume
 *
 * Content with its holes and its compression, named streams, encrypted streams as
 * they lie on disk, reparse data, EAs, object id, security, attributes and times.
 * Names are the caller's.  What the destination cannot take is left out and said;
 * only a full disk, a failed write and missing memory end the work.
 */
#ifndef RECOVER_VOLUME_FILE_H
#define RECOVER_VOLUME_FILE_H

#include "core/progress.h"
#include "recover/file_source.h"
#include "recover/ntfs3g.h"
#include "recover/rebuild_result.h"

/* What could not be kept of a file. */
enum unkept {
	UNKEPT_NAME = 0x001,   /* more names than NTFS allows, or one that is no name */
	UNKEPT_ALIAS = 0x002,  /* an 8.3 name that something else has there */
	UNKEPT_STREAM = 0x004, /* an attribute that is known to be damaged, or is not known */
	UNKEPT_COMPRESSION =
		0x008, /* clusters above 4 KiB, or NTFS before 3.0: content is whole, not compressed */
	UNKEPT_ENCRYPTION = 0x010, /* $EFS is lost: content stays as it was encrypted, nobody has the key */
	UNKEPT_REPARSE = 0x020,
	UNKEPT_OBJECT_ID = 0x040, /* another file on the destination has it */
	UNKEPT_EA = 0x080,
	UNKEPT_SECURITY = 0x100, /* not known or not valid: it inherits */
	UNKEPT_TIMES = 0x200,    /* not known: those of the rebuild, and no attributes */
};

/* Which id a descriptor of the source has on the destination. */
struct known_security {
	int64_t  volume; /* of the source */
	uint32_t id;
	uint32_t here;
};

struct known_securities ARRAY(struct known_security); /* sorted */

/* What outlives one file.  The first five are the caller's, the rest starts as zeroes. */
struct volume_writer {
	struct ntfs3g            *mount;
	const struct file_source *source;
	bool                      same_volume; /* the source is the destination: security ids stay as they are */
	struct progress          *progress;    /* NULL: none */
	struct digest             digest;
	struct known_securities   securities;
};

void volume_writer_release(struct volume_writer *writer);

/* One file or folder under work. */
struct volume_file {
	ntfs_inode *inode;   /* open */
	unsigned    unkept;  /* enum unkept */
	uint32_t    reparse; /* for ntfs3g_add_name */
	bool        inherits; /* its security stays what its folder gave it */
};

/* The id for ntfs3g_make_file; from elsewhere 0 until volume_file_dress has met the descriptor. */
uint32_t volume_writer_security(const struct volume_writer *writer, const struct case_record *record);

/*
 * Write all streams of @record into @file, which is new.  What is missing is zeros; a stream whose
 * grade is not intact has it behind its name, the unnamed one's is @result's.  When that turns out
 * lost, the rest is left out.
 * Returns 0, or -1.
 */
MUST_CHECK int volume_file_fill(struct volume_writer *writer, struct volume_file *file,
				const struct case_record *record, struct rebuild_result *result,
				struct error *err);

/* Give it security, attributes and times; the last thing before its names. */
MUST_CHECK int volume_file_dress(struct volume_writer *writer, struct volume_file *file,
				 const struct case_record *record, struct error *err);

/* As volume_file_fill, but only read: what the file would be. */
MUST_CHECK int volume_file_judge(struct volume_writer *writer, const struct case_record *record,
				 struct rebuild_result *result, struct error *err);

/* 1 if the data streams of @inode are what @result says, 0 if not, -1. */
MUST_CHECK int volume_file_agrees(struct volume_writer *writer, ntfs_inode *inode,
				  const struct rebuild_result *result, struct error *err);

#endif
