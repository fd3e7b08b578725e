/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_places.c - expected values: places.h */
#include "tests/unit/unit.h"

#include "report/format/places.h"

Test(places, bytes_of_a_volume_in_the_evidence)
{
	static const struct place volume = { .volume = 1, .offset_bytes = 1 << 20, .cluster_bytes = 4096 };
	static const struct place shadow = { .volume = 2, .cluster_bytes = 4096, .within = true };

	cr_expect(eq(u64, place_in_evidence(&volume, 0), 1 << 20));
	cr_expect(eq(u64, place_in_evidence(&volume, 4096), (1 << 20) + 4096));
	cr_expect(eq(u64, place_in_evidence(&volume, NO_OFFSET), NO_OFFSET));
	cr_expect(eq(u64, place_in_evidence(&volume, UINT64_MAX - 1), NO_OFFSET), "behind the end of numbers");
	cr_expect(eq(u64, place_in_evidence(&shadow, 4096), NO_OFFSET));
	cr_expect(eq(u64, place_in_evidence(NULL, 0), NO_OFFSET));
}

Test(places, of_a_casebook)
{
	struct case_volume volumes[] = { { .id = 1, .evidence = 1, .offset_bytes = 512, .geometry.cluster_bytes = 1024 },
					 { .id = 2, .evidence = 1, .geometry.cluster_bytes = 4096 } };
	struct case_layer  layer = { .id = 1, .evidence = 1, .volume = 2, .kind = "shadow", .state = "entered", .opened_by = "", .why = "" };
	struct places      places;
	struct casebook    book;
	struct error       err;

	cr_assert(eq(int, casebook_create(&book, NULL, &err), 0));
	for (size_t i = 0; i < COUNT(volumes); i++)
		cr_assert(eq(int, casebook_add_volume(&book, &volumes[i], &err), 0));
	cr_assert(eq(int, casebook_add_layer(&book, &layer, &err), 0));
	cr_assert(eq(int, casebook_publish(&book, &err), 0));
	cr_assert(eq(int, places_load(&places, &book, &err), 0));
	cr_assert(eq(sz, places.count, 2));
	cr_expect(eq(u64, place_in_evidence(places_find(&places, 1), 1), 513));
	cr_expect(eq(u32, places_find(&places, 1)->cluster_bytes, 1024));
	cr_expect(eq(u64, place_in_evidence(places_find(&places, 2), 1), NO_OFFSET));
	cr_expect(that(!places_find(&places, 3)));
	places_release(&places);
	casebook_close(&book);
}
