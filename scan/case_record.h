/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * case_record.h - a file with everything: what a casebook tells of it, and what a writer takes
 *
 * The same whether it comes from a casebook, from a live volume or from a
 * catalogue.  A record owns all that it points to.
 */
#ifndef SCAN_CASE_RECORD_H
#define SCAN_CASE_RECORD_H

#include "core/digest.h"
#include "scan/file.h"
#include "scan/grade.h"
#include "scan/namespace.h"
#include "scan/wof.h"

struct case_file {
	int64_t           id;
	int64_t           volume;
	uint64_t          record;
	uint16_t          sequence;   /* of the life that is shown */
	bool              live;
	bool              directory;
	bool              info_known; /* times, attributes and security id are known */
	uint16_t          link_count;
	uint64_t          size_bytes; /* of the unnamed stream */
	struct file_times times;
	uint32_t          attributes;
	uint32_t          security_id;
	enum grade        grade;      /* of the unnamed stream; of a directory, intact */
	unsigned          reasons;    /* enum grade_reason */
	uint64_t          first_lcn;  /* where its first run lies, 0 if none: for the order of reading */
};

struct case_name {
	int64_t     store;            /* 0: outside every store */
	const char *path;             /* on the volume: \Users\a\x.txt, WTF-8 */
	const char *inside;           /* in a rebuilt store: File\C$\Users\a\x.txt; NULL outside */
	enum proof  proof;
	bool        live;
	bool        dos;              /* 8.3 alias of the long name in the same directory */
	file_ref    parent;
	enum fact_source source;      /* what says so */
	uint64_t    offset;           /* of that, bytes of the volume; NO_OFFSET: it follows from others */
	uint64_t    moment;           /* LSN or USN, as its source counts; 0 if not known */
	struct file_times times;      /* of its $FILE_NAME; zeros where no record has it */
};

struct case_stream {
	uint32_t      type;           /* enum attribute_type */
	const char   *name;           /* WTF-8, "" for the unnamed */
	uint16_t      flags;          /* enum attribute_flag */
	uint8_t       unit_shift;
	bool          resident;
	uint64_t      size_bytes, valid_bytes, allocated_bytes;
	uint8_t      *value;          /* resident: size_bytes of them */
	struct runs   runs;           /* else */
	enum grade    grade;
	unsigned      reasons;
	struct ranges missing;        /* bytes, sorted */
	bool          digest_known;   /* of the content, from before */
	uint8_t       digest[DIGEST_BYTES]; /* SHA-256 */
	enum wof_format wof;          /* how the content is packed, after case_record_unpack */
	uint64_t      packed_bytes;   /* as it lies there: with .wof, all but .size_bytes speaks of that */
};

/* What a store's catalogue says of a file's content. */
struct case_digest {
	int64_t  volume;
	file_ref file;
	uint64_t size_bytes;
	uint64_t written;              /* as its $STANDARD_INFORMATION had it */
	uint8_t  sum[DIGEST_BYTES];    /* SHA-256 of the unnamed stream */
};

struct case_digests ARRAY(struct case_digest);

struct case_names   ARRAY(struct case_name);
struct case_streams ARRAY(struct case_stream);

struct case_record {
	struct case_file    file;
	struct case_names   names;
	struct case_streams streams;
	struct text_buffer  text;     /* backs the strings */
};

/*
 * Putting a record together: add names and streams, then settle.  Their strings are copied into
 * .text, which moves as it grows: only after case_record_settle may they be read.
 * case_record_add_stream takes over .value, .runs and .missing, also when it fails.
 * Return 0, or -1 without memory.
 */
MUST_CHECK int case_record_add_name(struct case_record *record, struct case_name name, struct error *err);
MUST_CHECK int case_record_add_stream(struct case_record *record, struct case_stream stream,
				      struct error *err);
void           case_record_settle(struct case_record *record);

/*
 * What the digest @sum of a stream's content, as it was read, says of it: the one from before proves all of it, whatever
 * became of the clusters; another one makes a deleted file suspect, while a live one may have been
 * changed.  Packed content is left alone: a capture sees its hole.
 */
void case_stream_judge(const struct case_stream *stream, bool live, const uint8_t sum[DIGEST_BYTES], enum grade *grade,
		       unsigned *reasons, struct ranges *missing);

/* Fill a settled record's size, grade and first cluster from its streams; a directory is intact. */
void case_record_judge(struct case_record *record);

/*
 * A settled record of a WOF-compressed file becomes what its reader sees: the unnamed stream takes over
 * what held its content, which is no stream any more, and the reparse point goes.  Where the content
 * cannot be had from here, that stream is lost.  Others stay as they are.
 */
void case_record_unpack(struct case_record *record);

/* The unnamed $DATA, or NULL. */
const struct case_stream *case_record_content(const struct case_record *record);

/* The extension that all its long names have, with the dot; "" if there is none, or they differ. */
const char *case_record_extension(const struct case_record *record);

/*
 * Fill an empty record with what was read of @file: its row (but for the id) and the streams that a
 * rebuilt file has, whose values and runs move over.  Names are the caller's to add.
 * @ownership  by which the contents are graded
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int case_record_take(struct case_record *record, struct file *file, const struct volume *volume,
				const struct ownership *ownership, struct error *err);

void case_record_release(struct case_record *record);

#endif
