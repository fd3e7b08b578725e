/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * case_record.h - one file with all its names and streams, as it is told to others
 *
 * What a casebook and a catalogue hold of a file, and what a rebuild writes.  A record owns
 * its values and runs; its strings lie in its text.
 */
#ifndef SCAN_CASE_RECORD_H
#define SCAN_CASE_RECORD_H

#include "scan/file.h"
#include "scan/grade.h"
#include "scan/namespace.h"

struct case_file {
	int64_t           id;
	int64_t           volume;
	uint64_t          record;
	uint16_t          sequence; /* of the life that is shown */
	bool              live;
	bool              directory;
	bool              info_known; /* times, attributes and security id are known */
	uint16_t          link_count;
	uint64_t          size_bytes; /* of the unnamed stream */
	struct file_times times;
	uint32_t          attributes;
	uint32_t          security_id;
	enum grade        grade;     /* of the unnamed stream; of a directory, intact */
	unsigned          reasons;   /* enum grade_reason */
	uint64_t          first_lcn; /* where its first run lies, 0 if none: for the order of reading */
};

struct case_name {
	int64_t     store;  /* 0: outside every store */
	const char *path;   /* on the volume: \Users\a\x.txt, WTF-8 */
	const char *inside; /* in a rebuilt store: File\C$\Users\a\x.txt; NULL outside */
	enum proof  proof;
	bool        live;
	bool        dos; /* 8.3 alias of the long name in the same directory */
	file_ref    parent;
};

struct case_stream {
	uint32_t      type;  /* enum attribute_type */
	const char   *name;  /* WTF-8, "" for the unnamed */
	uint16_t      flags; /* enum attribute_flag */
	uint8_t       unit_shift;
	bool          resident;
	uint64_t      size_bytes, valid_bytes, allocated_bytes;
	uint8_t      *value; /* resident: size_bytes of them */
	struct runs   runs;  /* else */
	enum grade    grade;
	unsigned      reasons;
	struct ranges missing; /* bytes, sorted */
};

struct case_names ARRAY(struct case_name);
struct case_streams ARRAY(struct case_stream);

/* A file with everything. */
struct case_record {
	struct case_file    file;
	struct case_names   names;
	struct case_streams streams;
	struct text_buffer  text; /* backs the strings */
};

/*
 * While a record is being filled its text may move, so a kept string is a place in it:
 * case_record_keep copies @length bytes with an end added and sets *@kept to their place, and
 * case_record_settle makes pointers of all places in names and streams (NULL stays NULL).
 * False without memory.
 */
bool case_record_keep(struct case_record *record, const char *text, size_t length, const char **kept);
void case_record_settle(struct case_record *record);

/*
 * Fill the file's size, grade and first cluster from its streams: the grade is that of the unnamed
 * stream; a directory is intact.
 */
void case_record_judge(struct case_record *record);

/* Gives back what a record owns, settled or not. */
void case_record_release(struct case_record *record);

#endif
