/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A first sector, and behind it a copy of the metadata, as far as it goes. */
#include "tests/fuzz/fuzz.h"

#include "scan/image/bitlocker_metadata.h"

#include <string.h>

static void look_at_start(const uint8_t sector[512])
{
	struct bitlocker_start start;

	if (bitlocker_start_decode(sector, &start))
		MUST(start.sector_bytes == 512 || start.sector_bytes == 4096);
}

static void look_at_metadata(const uint8_t bytes[BITLOCKER_METADATA_BYTES])
{
	static struct bitlocker_metadata metadata;

	if (!bitlocker_metadata_decode(bytes, &metadata))
		return;
	MUST(metadata.protector_count <= BITLOCKER_PROTECTORS_MAX);
	MUST(metadata.volume_key.length && metadata.volume_key.length <= BITLOCKER_SEALED_MAX);
	for (size_t i = 0; i < metadata.protector_count; i++)
		MUST(metadata.protectors[i].master.length <= BITLOCKER_SEALED_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = calloc(1, BITLOCKER_METADATA_BYTES); /* exactly, for ASan's sake */
	size_t   head = size < 512 ? size : 512, rest = size - head;

	MUST(bytes);
	if (head)
		memcpy(bytes, data, head);
	look_at_start(bytes);
	memset(bytes, 0, head);
	if (rest)
		memcpy(bytes, data + head, rest < BITLOCKER_METADATA_BYTES ? rest : BITLOCKER_METADATA_BYTES);
	look_at_metadata(bytes);
	free(bytes);
	return 0;
}
