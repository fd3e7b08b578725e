/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A piece of a disk. */
#include "tests/fuzz/fuzz.h"

#include "scan/carve/carve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct artefacts whole = { 0 }, front = { 0 };
	struct error     err;
	size_t           own = size / 1024 * 512;

	MUST(carve_window((struct bytes){ data, size, 4096 }, size, &whole, &err) == 0);
	MUST(carve_window((struct bytes){ data, size, 4096 }, own, &front, &err) == 0);
	for (size_t i = 0; i < whole.count; i++) {
		const struct artefact *artefact = &whole.items[i];

		MUST(artefact->kind < ARTEFACT_KINDS && artefact->offset % CARVE_STEP_BYTES == 0);
		MUST(artefact->length && artefact->offset - 4096 + artefact->length <= size);
		MUST(!i || artefact->offset > artefact[-1].offset);
	}
	/* what begins in the front is the same, but that text ends with it */
	MUST(front.count <= whole.count);
	for (size_t i = 0; i < front.count; i++)
		MUST(front.items[i].offset == whole.items[i].offset && front.items[i].kind == whole.items[i].kind);
	array_release(&whole);
	array_release(&front);
	return 0;
}
