/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_payload.h - FILE records and index entries as the data of a log record has them
 *
 * Pure.
 */
#ifndef SCAN_LOG_PAYLOAD_H
#define SCAN_LOG_PAYLOAD_H

#include "scan/file_name.h"
#include "scan/index_node.h"

/* The header of a FILE record: whole, or as much of it as is logged when one is freed. */
bool log_payload_is_file_record(struct bytes data);

/*
 * The life of the record @number that such a header shows, as references to it have it; sequence 0 where @data
 * is none.
 */
file_ref log_payload_ref(struct bytes data, uint64_t number);

/* A whole index entry of a directory at the start of @data, and its key.  False if there is none. */
bool log_payload_entry(struct bytes data, struct index_entry *entry, struct file_name *name);

#endif
