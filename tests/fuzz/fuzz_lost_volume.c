/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk, as a list of sectors each with its number in two bytes before it; the others are zeros. */
#include "tests/fuzz/fuzz.h"

#include "core/endian.h"
#include "scan/carve/lost_volume.h"

#include <sys/mman.h>
#include <unistd.h>

#define SECTORS 4096u /* of 512 bytes */

static int make_image(const uint8_t *data, size_t size)
{
	int fd = memfd_create("disk", MFD_CLOEXEC);

	MUST(fd >= 0 && ftruncate(fd, SECTORS * 512) == 0);
	for (; size >= 514; data += 514, size -= 514)
		MUST(pwrite(fd, data + 2, 512, le16_at(data) % SECTORS * 512) == 512);
	return fd;
}

static int take(void *context, const struct artefact *items, size_t count, uint64_t next, struct error *err)
{
	struct artefacts *artefacts = context;

	MUST(next <= SECTORS * 512);
	for (size_t i = 0; i < count; i++)
		if (!array_push(artefacts, items[i]))
			return error_memory(err);
	return 0;
}

static void check(const struct evidence *evidence, const struct lost_volume *volume)
{
	const struct geometry *geometry = &volume->geometry;

	MUST(volume->votes >= 2 && volume->signs);
	MUST(volume->offset_bytes < evidence->size_bytes && volume->offset_bytes % 512 == 0);
	MUST(geometry->cluster_bytes && !(geometry->cluster_bytes & (geometry->cluster_bytes - 1)));
	MUST(geometry->sector_bytes && geometry->record_bytes && geometry->sectors);
	MUST(geometry->mft_lcn < geometry->clusters);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int                 fd = make_image(data, size);
	struct evidence     evidence = { 0 };
	struct artefacts    artefacts = { 0 };
	struct lost_volumes volumes = { 0 };
	struct error        err;
	char                path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (evidence_open(&evidence, path, NULL, &err) == 0) {
		MUST(carve_sweep(&evidence, (struct range){ 0, UINT64_MAX }, 1, take, &artefacts, &err) == 0);
		MUST(lost_volumes_infer(&evidence, artefacts.items, artefacts.count, &volumes, &err) == 0);
		for (size_t i = 0; i < volumes.count; i++)
			check(&evidence, &volumes.items[i]);
	}
	lost_volumes_release(&volumes);
	array_release(&artefacts);
	evidence_release(&evidence);
	close(fd);
	return 0;
}
