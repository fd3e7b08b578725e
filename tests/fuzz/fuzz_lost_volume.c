/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk, and what a sweep of it tells of volumes that are lost. */
#include "tests/fuzz/sectors.h"

#include "scan/carve/lives.h"
#include "scan/carve/lost_volume.h"

static int take(void *context, const struct artefact *items, size_t count, uint64_t next, struct error *err)
{
	struct artefacts *artefacts = context;

	MUST(next <= SECTORS * 512);
	for (size_t i = 0; i < count; i++)
		if (!array_push(artefacts, items[i]))
			return error_memory(err);
	return 0;
}

static void check_table(const struct old_table *table, const struct geometry *geometry)
{
	uint64_t vcn = 0, slot = 0;

	MUST(table->slots && table->runs.count);
	for (size_t i = 0; i < table->runs.count; i++) {
		MUST(table->runs.items[i].vcn >= vcn && table->runs.items[i].length);
		vcn = table->runs.items[i].vcn + table->runs.items[i].length;
	}
	MUST(table->slots <= (vcn * geometry->cluster_bytes + geometry->record_bytes - 1) / geometry->record_bytes);
	for (size_t i = 0; i < table->absent.count; i++) {
		MUST(table->absent.items[i].start >= slot && table->absent.items[i].length);
		slot = table->absent.items[i].start + table->absent.items[i].length;
	}
	MUST(slot <= table->slots);
}

static void check(const struct evidence *evidence, const struct lost_volume *volume)
{
	const struct geometry *geometry = &volume->geometry;

	MUST((volume->votes >= 2 || volume->signs == LOST_PLACE) && volume->signs);
	MUST(volume->offset_bytes < evidence->size_bytes && volume->offset_bytes % 512 == 0);
	MUST(geometry->cluster_bytes && !(geometry->cluster_bytes & (geometry->cluster_bytes - 1)));
	MUST(geometry->sector_bytes && geometry->record_bytes && geometry->sectors);
	MUST(geometry->mft_lcn < geometry->clusters);
	check_table(&volume->table, geometry);
}

/* The same as volumes, with a boot sector for one that is there or without. */
static void check_lives(struct evidence *evidence, const struct artefacts *artefacts)
{
	static const struct selection all = { .no_sweep = true };
	struct findings               findings;
	struct volumes                volumes = { 0 };
	struct error                  err;

	findings_init(&findings);
	(void)!volumes_find(evidence, &all, &volumes, &findings, &err);
	MUST(lives_from_artefacts(evidence, artefacts->items, artefacts->count, &volumes, &findings, &err) == 0);
	for (size_t i = 0; i < volumes.count; i++) {
		const struct old_table *table = volumes.items[i].table;

		MUST(volumes.items[i].number == i + 1);
		MUST(!table || !table->past || (table->successor && table->successor != i + 1));
		MUST(!table || table->successor <= volumes.count);
		for (size_t j = 1; table && j < table->foreign.count; j++)
			MUST(table->foreign.items[j - 1].start + table->foreign.items[j - 1].length <
			     table->foreign.items[j].start);
	}
	volumes_release(&volumes);
	findings_release(&findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char                path[SECTORS_PATH_SIZE];
	int                 fd = sectors_make_disk(data, size, path);
	struct evidence     evidence = { 0 };
	struct artefacts    artefacts = { 0 };
	struct lost_volumes volumes = { 0 };
	struct error        err;

	if (evidence_open(&evidence, path, NULL, &err) == 0) {
		MUST(carve_sweep(&evidence, (struct range){ 0, UINT64_MAX }, 1, take, &artefacts, &err) == 0);
		MUST(lost_volumes_infer(&evidence, artefacts.items, artefacts.count, &volumes, &err) == 0);
		for (size_t i = 0; i < volumes.count; i++)
			check(&evidence, &volumes.items[i]);
		check_lives(&evidence, &artefacts);
	}
	lost_volumes_release(&volumes);
	array_release(&artefacts);
	evidence_release(&evidence);
	close(fd);
	return 0;
}
