/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page_files.h - the files of a casebook, gathered for the page
 *
 * Read once, kept as columns: some tens of bytes a file.  What the page's script needs to show and to search the list is
 * one block, what it needs for one file and for the map another, digests a third.
 */
#ifndef REPORT_PAGE_PAGE_FILES_H
#define REPORT_PAGE_PAGE_FILES_H

#include "report/page/page_pack.h"
#include "report/page/page_tree.h"
#include "scan/casebook.h"

/* Their names on the page stand in page_files.c. */
enum page_file_column {
	/* what the list needs */
	FILE_ID, FILE_VOLUME, FILE_SIZE, FILE_GRADE, FILE_LIVE, FILE_WRITTEN, FILE_NAMES, NAME_STORE, NAME_SHORT,
	FILE_LIST_COLUMNS,
	/* what one file and the map need */
	FILE_RECORD = FILE_LIST_COLUMNS, FILE_SEQUENCE, FILE_CREATED, FILE_CHANGED, FILE_ACCESSED, FILE_ATTRIBUTES,
	FILE_KNOWN, FILE_LINKS, FILE_REASONS, FILE_STREAMS,
	NAME_PROOF, NAME_LIVE, NAME_PARENT, NAME_SOURCE, NAME_OFFSET, NAME_MOMENT,
	STREAM_TYPE, STREAM_NAME, STREAM_FLAGS, STREAM_SIZE, STREAM_ALLOCATED, STREAM_RESIDENT, STREAM_GRADE, STREAM_REASONS,
	STREAM_RUNS, STREAM_MISSING, STREAM_DIGEST,
	RUN_VCN, RUN_LCN, RUN_LENGTH, MISSING_START, MISSING_LENGTH,
	FACT_FILE, FACT_NAME, FACT_PARENT, FACT_SOURCE, FACT_VERDICT, FACT_FLAGS, FACT_OFFSET, FACT_MOMENT, FACT_TIME,
	PAGE_FILE_COLUMNS
};

struct page_name {
	uint32_t folder, leaf;               /* on its volume */
	uint32_t inside_folder, inside_leaf; /* in its store; NO_FOLDER: outside */
};

/* A file of a store, once. */
struct page_entry {
	uint32_t store;
	uint32_t file;      /* by its place in the columns */
	uint32_t name;      /* the one it is shown under, by its place among all names */
	uint32_t number;    /* the same, by its place among the file's */
	uint8_t  only_here; /* no other name is left */
	uint8_t  own;       /* of the store itself, no user's file: markers, catalogues */
	uint8_t  grade;
	uint64_t size_bytes;
	uint64_t missing_bytes; /* of its content, if that is there in part */
};

struct page_member {
	int64_t  store, file;
	bool     only_here;
};

/* Which file a fact may speak of. */
struct page_file_key {
	uint64_t volume, ref;
	uint32_t file;
};

/* A tree of folders: of a store, or, with .store 0, of a volume. */
struct page_root {
	uint32_t folder;
	int64_t  store, volume;
};

/* Files of somebody, or of all, in a store. */
struct page_sum {
	int64_t     store;
	const char *user;   /* NULL: of all */
	uint64_t    files[GRADES], bytes[GRADES];
	uint64_t    missing_bytes; /* of those that are there in part */
};

struct page_files {
	struct page_column columns[PAGE_FILE_COLUMNS];
	struct page_tree   tree;    /* of the names */
	struct page_tree   others;  /* texts of streams and facts; has no folders */
	struct page_tree   owners;  /* stores, with their users as folders in them */
	struct ARRAY(struct page_name) names;
	struct ARRAY(struct page_entry) entries;   /* once loaded: by store, then as the open tree shows them */
	struct ARRAY(struct page_sum) sums;        /* as owners are numbered; once loaded: by store, then by user */
	struct ARRAY(uint8_t) digests;
	struct ARRAY(struct page_member) members;  /* by file, then by store */
	struct ARRAY(struct page_file_key) keys;
	struct ARRAY(struct page_root) roots;
	uint32_t count;                            /* of files */
};

/* Load all of @book.  Returns 0, or -1.  Release in any case. */
MUST_CHECK int page_files_load(struct page_files *files, struct casebook *book, struct error *err);

/* The sum of store @store, of @user or of all; zeroes if there is none. */
struct page_sum page_files_sum(const struct page_files *files, int64_t store, const char *user);

/* Write the blocks; @about is the JSON text that tells the script of volumes and stores. */
MUST_CHECK int page_files_write(const struct page_files *files, const char *about, size_t about_length, FILE *out,
				struct error *err);
void           page_files_release(struct page_files *files);

#endif
