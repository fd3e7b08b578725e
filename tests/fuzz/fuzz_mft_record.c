/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One FILE record with all that it holds. */
#include "tests/fuzz/fuzz.h"

#include "scan/attribute.h"
#include "scan/attribute_list.h"
#include "scan/file_name.h"
#include "scan/fixup.h"
#include "scan/mft_record.h"
#include "scan/run_list.h"
#include "scan/standard_information.h"

static void look_inside(const struct attribute *attr)
{
	struct bytes                rest = attr->value;
	struct attribute_list_entry entry;
	struct standard_information info;
	struct file_name            name;
	struct run_list             list = { .pairs = attr->pairs, .next_vcn = attr->lowest_vcn };
	struct run                  run;
	struct error                err;

	TOUCH(attr->name);
	TOUCH(attr->value);
	TOUCH(attr->whole);
	(void)attribute_is_named(attr, "$I30");
	if (attr->resident && attr->type == ATTRIBUTE_FILE_NAME && file_name_decode(attr->value, &name, &err) == 0) {
		MUST(name.name.left == 2u * name.name_units);
		TOUCH(name.name);
	}
	if (attr->resident && attr->type == ATTRIBUTE_STANDARD_INFORMATION)
		(void)!standard_information_decode(attr->value, &info, &err);
	while (attr->type == ATTRIBUTE_LIST && attribute_list_next(&rest, &entry, &err) == 1)
		TOUCH(entry.name);
	while (!attr->resident && run_list_next(&list, &run, &err) == 1)
		MUST(run.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t            slot_bytes = size / 512 * 512;
	uint8_t          *slot = malloc(slot_bytes);
	struct mft_record record;
	struct attribute  attr;
	struct bytes      rest;
	struct error      err;
	fixup_torn        torn = 0;

	for (size_t i = 0; i < slot_bytes; i++)
		slot[i] = data[i];
	if (fixup_undo(slot, slot_bytes, 0, &torn, &err) == 0 &&
	    mft_record_decode((struct bytes){ slot, slot_bytes, 0 }, &record, &err) == 0) {
		rest = record.attributes;
		MUST(rest.at + rest.left <= slot + slot_bytes);
		while (attribute_next(&rest, &attr, &err) == 1) {
			(void)fixup_touches(torn, (size_t)(attr.whole.at - slot), attr.whole.left);
			look_inside(&attr);
		}
	}
	free(slot);
	/* what the decoder makes of bytes of odd size */
	if (mft_record_decode((struct bytes){ data, size, 0 }, &record, &err) == 0)
		TOUCH(record.attributes);
	return 0;
}
