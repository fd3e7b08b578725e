/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "scan/run_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run_list list = { .pairs = { data, size, 0 } };
	struct run      run;
	struct error    err;
	uint64_t        vcn = 0;
	int             result;

	while ((result = run_list_next(&list, &run, &err)) == 1) {
		MUST(run.vcn == vcn && run.length && run.length <= INT64_MAX);
		MUST(run.lcn == LCN_HOLE || run.lcn + run.length <= INT64_MAX);
		vcn = run.vcn + run.length;
		MUST(vcn > run.vcn);
	}
	MUST(result == 0 || err.kind == ERROR_BOUNDS || err.kind == ERROR_VALUE);
	return 0;
}
