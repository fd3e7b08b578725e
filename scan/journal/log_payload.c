/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_payload.c - see log_payload.h */
#include "scan/journal/log_payload.h"

#include "core/endian.h"
#include "scan/mft_record.h"

#define SEQUENCE_AT 0x10u /* le16 */
#define FLAGS_AT    0x16u /* le16 */

bool log_payload_is_file_record(struct bytes data)
{
	return data.left >= 0x18 && mft_record_kind(data) == MFT_RECORD_FILE;
}

file_ref log_payload_ref(struct bytes data, uint64_t number)
{
	if (!log_payload_is_file_record(data))
		return file_ref_make(number, 0);
	return file_ref_make(number, file_generation(le16_at(data.at + SEQUENCE_AT),
						     le16_at(data.at + FLAGS_AT) & MFT_RECORD_IN_USE));
}

bool log_payload_entry(struct bytes data, struct index_entry *entry, struct file_name *name)
{
	struct index_node node = { .entries = data };
	struct error      why;

	return index_node_next(&node, entry, &why) == 1 && !entry->last &&
	       file_name_decode(entry->key, name, &why) == 0 && entry->key.left == 0x42 + 2u * name->name_units &&
	       file_ref_sequence(entry->ref) && file_ref_sequence(name->parent);
}
