/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_told.h - what is told of a log, kept for a test to look at
 */
#ifndef TESTS_LOG_TOLD_H
#define TESTS_LOG_TOLD_H

#include "core/utf16.h"
#include "scan/journal/log_states.h"
#include "tests/unit/log_maker.h"

#define ROOT (5ull | 5ull << 48)

/* A fact that stays: the name as text, the first bytes of an image. */
struct kept {
	struct log_fact fact;
	char            name[NAME_UTF8_MAX];
	uint8_t         bytes[1024];
};

struct told {
	struct bytes       bytes;
	struct log_reader  reader;
	struct log_file    log;
	struct log_history history;
	struct ARRAY(struct kept) facts;
};

/* A log_fact_taker of a struct told. */
int keep_fact(void *told, const struct log_fact *fact, struct error *err);

/* Look at the log in @blob, which is taken over. */
void open_told(struct told *told, struct blob blob, uint32_t cluster_bytes);

/* Finish @made and gather its facts; then, instead of them, the states of FILE records. */
void tell(struct told *told, struct test_log *made);
void tell_facts(struct told *told);
void tell_states(struct told *told);
void forget(struct told *told, struct blob blob);

/* The fact @index of @kind; how many there are is @count. */
const struct kept *fact_of(const struct told *told, enum log_fact_kind kind, size_t index, size_t count);
size_t             count_of(const struct told *told, enum log_fact_kind kind);

/* -------- what drivers do -------- */

uint64_t forget_transaction(struct test_log *log, uint64_t previous);

/* A hard link of record 30, sequence 2, is removed: first from its directory, then from the record. */
uint64_t remove_link(struct test_log *log, const char *name, uint64_t *entry_lsn);

/* An entry of the open attribute table, version 1. */
void     make_open(uint8_t entry[0x28], uint64_t file, uint32_t type, uint64_t opened);
uint64_t open_attribute(struct test_log *log, uint16_t place, uint64_t file, uint32_t type, const char *name,
			size_t size);

/* -------- DFTT #7 (Windows XP) -------- */

/* The places are those that istat tells. */
#define DFTT_CLUSTER   1024u /* and FILE record */
#define DFTT_LOG       2021u
#define DFTT_LOG_BYTES (2u << 20)
#define DFTT_RECORDS   39u
#define DFTT_MFT       2005u /* sixteen clusters here, the rest there */
#define DFTT_MFT_MORE  4247u

/* The whole image; skipped where it is missing.  To be freed. */
struct blob load_dftt(void);
void        open_dftt(struct told *told, struct blob *image, struct blob *log);

/* The record as it is on the disk, fix-ups undone. */
void load_record(struct blob image, uint64_t record, uint8_t out[DFTT_CLUSTER]);

#endif
