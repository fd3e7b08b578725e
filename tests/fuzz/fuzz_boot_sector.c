/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "scan/boot_sector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct geometry geometry;
	struct error    err;

	if (boot_sector_decode((struct bytes){ data, size, 0 }, &geometry, &err) < 0) {
		MUST(err.kind == ERROR_BOUNDS || err.kind == ERROR_VALUE);
		return 0;
	}
	MUST(geometry.sector_bytes >= 256 && geometry.sector_bytes <= 4096);
	MUST(geometry.cluster_bytes >= geometry.sector_bytes && geometry.cluster_bytes <= 2u << 20);
	MUST(geometry.record_bytes >= 512 && geometry.record_bytes <= 65536);
	MUST(geometry.record_bytes % 512 == 0 && geometry.index_bytes % 512 == 0);
	MUST(geometry.clusters && geometry.mft_lcn < geometry.clusters);
	MUST(geometry.clusters <= INT64_MAX / geometry.cluster_bytes);
	return 0;
}
