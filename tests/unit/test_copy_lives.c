/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_copy_lives.c - expected values: file_ref.h, a freed record counts one up */
#include "tests/unit/unit.h"

#include "scan/copy_lives.h"

#define RECORDS 64u

Test(copy_lives, what_a_record_shows_need_not_be_in_use)
{
	struct known_lives known = { 0 };
	struct volume      volume = { .number = 3 };
	struct inventory   inventory;
	struct error       err;

	inventory_make(&inventory, &volume, RECORDS);
	inventory_row(&inventory, 40, 7, ROW_IN_USE);
	inventory_row(&inventory, 41, 7, 0); /* its life was 6 */
	inventory.rows[42].sequence = 7;     /* does not decode */
	cr_assert(eq(int, lives_add(&known, 3, &inventory, &err), 0));
	cr_expect(that(lives_has(&known, 3, file_ref_make(40, 7)) && lives_shows(&known, 3, file_ref_make(40, 7))));
	cr_expect(that(!lives_has(&known, 3, file_ref_make(41, 6)) && lives_shows(&known, 3, file_ref_make(41, 6))));
	cr_expect(that(!lives_shows(&known, 3, file_ref_make(41, 7)))); /* is still to come */
	cr_expect(that(!lives_shows(&known, 3, file_ref_make(42, 6)) && !lives_shows(&known, 3, file_ref_make(42, 7))));
	cr_expect(that(!lives_shows(&known, 2, file_ref_make(40, 7)))); /* another volume's */
	cr_expect(that(!lives_shows(&known, 3, file_ref_make(RECORDS, 7))));
	lives_release(&known);
	free(inventory.rows);
}
