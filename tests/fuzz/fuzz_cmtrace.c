/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "scan/cmtrace.h"

/* The window lies in the one around it. */
static bool is_inside(struct bytes part, struct bytes around)
{
	return !part.at || (part.at >= around.at && part.at + part.left <= around.at + around.left &&
			    part.offset - around.offset == (uint64_t)(part.at - around.at));
}

/* A whole record is the same when it is found alone. */
static void check_alone(const struct cmtrace_record *record)
{
	struct bytes          rest = record->whole;
	struct cmtrace_record alone;

	MUST(cmtrace_next(&rest, &alone));
	MUST(alone.damage == CMTRACE_WHOLE && alone.time == record->time && alone.type == record->type &&
	     alone.line == record->line && alone.text.at == record->text.at &&
	     alone.text.left == record->text.left);
	MUST(!cmtrace_next(&rest, &alone));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes          rest = { data, size, 0x1000 };
	const uint8_t        *end = data;
	struct cmtrace_record record;

	while (cmtrace_next(&rest, &record)) {
		MUST(record.whole.at >= end && rest.at == record.whole.at + record.whole.left &&
		     record.whole.left > 6);
		MUST(rest.at + rest.left == data + size &&
		     rest.offset == 0x1000 + (uint64_t)(rest.at - data));
		MUST(is_inside(record.text, record.whole) && is_inside(record.component, record.whole) &&
		     is_inside(record.context, record.whole) && is_inside(record.file, record.whole));
		MUST(record.text.left <= CMTRACE_TEXT_MAX && record.type <= CMTRACE_TYPES);
		TOUCH(record.text);
		if (record.damage == CMTRACE_WHOLE)
			check_alone(&record);
		end = rest.at;
	}
	MUST(rest.left == 0);
	return 0;
}
