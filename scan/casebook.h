/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * casebook.h - the SQLite file in which a scan leaves all that it found
 *
 * Written in one pass by scan.c, read by rebuild and by the reports: what they need
 * of names, sizes, run lists and security stands here, so nothing is scanned
 * twice.  casebook*.c are the only door to SQLite.  The schema, with the meaning of every
 * column, is the text casebook_schema in casebook.c.
 */
#ifndef SCAN_CASEBOOK_H
#define SCAN_CASEBOOK_H

#include "scan/case_record.h"

#define CASEBOOK_VERSION 5
#define CASE_BESIDE      0 /* store_file.store of user data that no store held */

struct sqlite3;
struct sqlite3_stmt;

#define CASE_STATEMENTS_MAX 64

struct casebook {
	struct sqlite3 *database;
	struct case_statement {
		const char          *text;
		struct sqlite3_stmt *statement;
	}               statements[CASE_STATEMENTS_MAX]; /* prepared when first used */
	char           *path;     /* NULL: in memory */
	char           *path_new; /* while it is written */
};

/* -------- what it holds -------- */

struct case_evidence {
	int64_t     id;
	const char *path;             /* absolute */
	const char *format;
	const char *map_path;         /* absolute, or NULL */
	uint64_t    size_bytes;
	uint64_t    unreadable_bytes; /* met by the scan */
	uint32_t    sector_bytes;
	const char *fingerprint;      /* SHA-256 of its first and last MiB, hexadecimal */
	const char *sha256, *sha1, *md5; /* of all of it, hexadecimal; NULL: not asked for */
	const char *stored_sha1, *stored_md5; /* what the image says of itself since it was acquired; NULL: nothing */
};

struct case_volume {
	int64_t         id;
	int64_t         evidence;
	uint32_t        partition;    /* 0 if none */
	uint64_t        offset_bytes;
	uint64_t        size_bytes;
	uint64_t        mft_records;
	bool            past;         /* it ended: this is what was at its place before */
	uint32_t        successor;    /* the volume that has the place now, 0 if none is known */
	struct geometry geometry;
};

/*
 * A volume within the evidence: a shadow copy, or a BitLocker volume decrypted (layer.h); an older life of that is
 * one more, at the same place.
 */
struct case_layer {
	int64_t     id;               /* from 1; an outer one comes before those in it */
	int64_t     evidence;
	int64_t     outer;            /* the layer it lies in, 0: in the evidence itself */
	int64_t     volume;           /* that lies in it, 0 if there is none that was read */
	int64_t     of;               /* shadow: the volume as it is now, 0 if that was not looked at */
	const char *kind;             /* shadow, bitlocker */
	const char *state;            /* entered, listed, locked, elsewhere, damaged */
	uint64_t    offset_bytes, length_bytes; /* in what is around it */
	uint32_t    partition;        /* 0 if none */
	uint32_t    number;           /* shadow: from 1, the oldest */
	uint64_t    created;          /* shadow: 100 ns since 1601 */
	uint32_t    recovery_id;      /* bitlocker: how its recovery key's identifier begins; 0 if not known */
	const char *opened_by;        /* bitlocker: recovery key, password, clear key */
	const char *why;              /* what stood in the way, "" if nothing */
};

struct case_store {
	int64_t     id;               /* from 1 */
	int64_t     volume;           /* of its primary part */
	const char *path;             /* of that part: \..\USMT, WTF-8 */
	const char *kind;             /* usmt, holdfast, plain */
	const char *state;            /* live, partial, deleted, remnant */
	bool        orphans;          /* files that may have belonged to a store, not a store */
	uint64_t    files;            /* below File; each once */
	uint64_t    names;            /* of those files, below File */
	uint64_t    derived_names;    /* of .names */
	uint64_t    directories;
	uint64_t    others;           /* files outside File: markers, catalogues */
	uint64_t    bytes;            /* of the files' unnamed streams */
	uint64_t    only_here;        /* files with no name outside */
	uint64_t    only_here_bytes;
	uint64_t    endangered;       /* of those, deleted and not lost: writing to the volume may destroy them */
	uint64_t    endangered_bytes;
	uint64_t    grades[GRADES];   /* files */
	int64_t     same_as;          /* the store that this is in a shadow copy of its volume, 0: told here alone */
};

struct case_part {
	int64_t     store;
	int64_t     volume;
	const char *path;
	bool        primary;          /* holds hardlink.main */
};

struct case_user {
	int64_t     store;
	const char *name;             /* of the profile folder */
	uint64_t    files, bytes;
};

/* A name as something else than a record says it, and what it came to. */
struct case_fact {
	int64_t     volume;
	file_ref    file;             /* 0: not said */
	file_ref    parent;
	const char *name;             /* WTF-8 */
	const char *source;           /* fact_source_name */
	const char *verdict;          /* fact_verdict_name */
	unsigned    flags;            /* enum fact_flag */
	uint64_t    offset;           /* bytes of the volume */
	uint64_t    moment;           /* LSN or USN */
	uint64_t    time;             /* 100 ns since 1601, 0 if not known */
};

/* -------- writing -------- */

/*
 * Begin a casebook at @path, or in memory if NULL.  The file appears under its name when
 * casebook_publish has made it durable; until then it is @path with .new added.
 * Returns 0, or -1: also when something else than a casebook has that name.  casebook_close in any case.
 */
MUST_CHECK int casebook_create(struct casebook *book, const char *path, struct error *err);
MUST_CHECK int casebook_publish(struct casebook *book, struct error *err);
void           casebook_close(struct casebook *book);

MUST_CHECK int casebook_add_meta(struct casebook *book, const char *key, const char *value, struct error *err);
MUST_CHECK int casebook_add_evidence(struct casebook *book, const struct case_evidence *evidence,
				     struct error *err);
/* Bytes of it that cannot be read, sorted. */
MUST_CHECK int casebook_add_unreadable(struct casebook *book, int64_t evidence, const struct ranges *places,
				       struct error *err);
MUST_CHECK int casebook_add_volume(struct casebook *book, const struct case_volume *volume, struct error *err);
MUST_CHECK int casebook_add_layer(struct casebook *book, const struct case_layer *layer, struct error *err);
MUST_CHECK int casebook_add_store(struct casebook *book, const struct case_store *store, struct error *err);
MUST_CHECK int casebook_add_part(struct casebook *book, const struct case_part *part, struct error *err);
MUST_CHECK int casebook_add_user(struct casebook *book, const struct case_user *user, struct error *err);
/* A file with its names and streams; .file.id is set by the caller, counting up. */
MUST_CHECK int casebook_add_file(struct casebook *book, const struct case_record *record, struct error *err);
/* File @file belongs to @store, or is CASE_BESIDE. */
MUST_CHECK int casebook_add_member(struct casebook *book, int64_t store, int64_t file, bool only_here,
				   struct error *err);
MUST_CHECK int casebook_add_security(struct casebook *book, int64_t volume, uint32_t id,
				     struct bytes descriptor, struct error *err);
/* Of several of a file the last is kept. */
MUST_CHECK int casebook_add_digest(struct casebook *book, const struct case_digest *digest, struct error *err);
MUST_CHECK int casebook_add_fact(struct casebook *book, const struct case_fact *fact, struct error *err);
MUST_CHECK int casebook_add_findings(struct casebook *book, struct findings *findings, struct error *err);

/*
 * Reading a file's content may change what was said of it.  Between _begin and _end, on a published
 * casebook, set the grade of a file, and add to its reasons (enum grade_reason); the counts of its stores
 * follow.  A file that is not there is passed over.
 */
MUST_CHECK int casebook_regrade_begin(struct casebook *book, struct error *err);
MUST_CHECK int casebook_regrade(struct casebook *book, uint64_t volume, uint64_t record, uint16_t sequence,
				enum grade grade, unsigned reasons, struct error *err);
MUST_CHECK int casebook_regrade_end(struct casebook *book, struct error *err);

/* -------- reading -------- */

/* Open the casebook at @path for reading.  -1 also when it is none, or of another version. */
MUST_CHECK int casebook_open(struct casebook *book, const char *path, struct error *err);

/* True if the file at @path begins like a casebook. */
bool casebook_is_one(const char *path);

/* Call @each for every row, in the order of ids; it ends early when @each returns -1. */
typedef int case_evidence_each(void *context, const struct case_evidence *evidence, struct error *err);
typedef int case_reasons_each(void *context, unsigned reasons, uint64_t files, struct error *err);
typedef int case_range_each(void *context, const struct range *range, struct error *err);
typedef int case_volume_each(void *context, const struct case_volume *volume, struct error *err);
typedef int case_layer_each(void *context, const struct case_layer *layer, struct error *err);
typedef int case_store_each(void *context, const struct case_store *store, struct error *err);
typedef int case_part_each(void *context, const struct case_part *part, struct error *err);
typedef int case_user_each(void *context, const struct case_user *user, struct error *err);
typedef int case_finding_each(void *context, const char *kind, const struct finding *finding,
			      struct error *err);
typedef int case_count_each(void *context, const char *kind, uint64_t count, struct error *err);
typedef int case_fact_count_each(void *context, int64_t volume, const char *source, const char *verdict,
				 uint64_t count, struct error *err);
typedef int case_damage_each(void *context, const struct case_file *file, const struct case_name *name,
			     struct error *err);

MUST_CHECK int casebook_evidence(struct casebook *book, case_evidence_each *each, void *context,
				 struct error *err);
/* Where the evidence cannot be read, by offset. */
MUST_CHECK int casebook_unreadable(struct casebook *book, int64_t evidence, case_range_each *each, void *context,
				   struct error *err);
MUST_CHECK int casebook_volumes(struct casebook *book, case_volume_each *each, void *context,
				struct error *err);
MUST_CHECK int casebook_layers(struct casebook *book, case_layer_each *each, void *context, struct error *err);
/* Those that are @volume: one, or none. */
MUST_CHECK int casebook_layers_of(struct casebook *book, int64_t volume, case_layer_each *each, void *context,
				  struct error *err);
MUST_CHECK int casebook_stores(struct casebook *book, case_store_each *each, void *context, struct error *err);
MUST_CHECK int casebook_parts(struct casebook *book, int64_t store, case_part_each *each, void *context,
			      struct error *err);
MUST_CHECK int casebook_users(struct casebook *book, int64_t store, case_user_each *each, void *context,
			      struct error *err);
MUST_CHECK int casebook_findings(struct casebook *book, case_finding_each *each, void *context,
				 struct error *err);
MUST_CHECK int casebook_finding_counts(struct casebook *book, case_count_each *each, void *context,
				       struct error *err);
/* How many facts of each volume and source came to what. */
MUST_CHECK int casebook_fact_counts(struct casebook *book, case_fact_count_each *each, void *context,
				    struct error *err);
/* How many of the users' files of a store with grade @grade have which reasons (enum grade_reason), most first. */
MUST_CHECK int casebook_reasons(struct casebook *book, int64_t store, enum grade grade, case_reasons_each *each,
				void *context, struct error *err);
/* Files of a store with grade @grade, with one of their names in it each, by path; at most @limit. */
MUST_CHECK int casebook_damaged(struct casebook *book, int64_t store, enum grade grade, uint64_t limit,
				case_damage_each *each, void *context, struct error *err);

/* The value of a meta key as a string to be freed, or NULL if there is none. */
MUST_CHECK int casebook_meta(struct casebook *book, const char *key, char **value, struct error *err);

/* What a rebuild will read, in the order of the disk; directories first. */
struct case_plan_entry {
	int64_t  file;
	uint32_t volume;
	bool     directory;
	uint64_t size_bytes;
	uint64_t first_lcn;
};

struct case_plan ARRAY(struct case_plan_entry);

MUST_CHECK int casebook_plan(struct casebook *book, int64_t store, struct case_plan *plan, struct error *err);

/*
 * Names that several files of a store claim (a name used again, an older version): all but the
 * one that is best known, by file and number.  They need another name when files are rebuilt.
 */
struct case_displaced {
	int64_t  file;
	uint32_t number; /* in case_record.names */
};

struct case_displaced_list ARRAY(struct case_displaced);

MUST_CHECK int casebook_displaced(struct casebook *book, int64_t store, struct case_displaced_list *list,
				  struct error *err);

/* The ids of what belongs to a store, directories and CASE_BESIDE too, in their order. */
typedef int case_member_each(void *context, int64_t file, bool only_here, struct error *err);
MUST_CHECK int casebook_members(struct casebook *book, int64_t store, case_member_each *each, void *context,
				struct error *err);

/* All facts that say of which file they speak, as they were written down. */
typedef int case_fact_each(void *context, const struct case_fact *fact, struct error *err);
MUST_CHECK int casebook_facts(struct casebook *book, case_fact_each *each, void *context, struct error *err);

/* Load one file with all its names and streams.  To be released. */
MUST_CHECK int casebook_load_file(struct casebook *book, int64_t file, struct case_record *record,
				  struct error *err);

typedef int case_security_each(void *context, int64_t volume, uint32_t id, struct bytes descriptor,
			       struct error *err);
MUST_CHECK int casebook_securities(struct casebook *book, case_security_each *each, void *context,
				   struct error *err);

/* The security descriptor of an id: @descriptor to be freed, NULL if it is not known. */
MUST_CHECK int casebook_security(struct casebook *book, int64_t volume, uint32_t id, uint8_t **descriptor,
				 size_t *size_bytes, struct error *err);

#endif
