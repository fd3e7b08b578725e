/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proof_name.c - see proof_name.h */
#include "report/proof_name.h"

const char *proof_name(enum proof proof)
{
	static const char *const names[] = {
		[PROOF_PROVEN] = "proven", [PROOF_DERIVED] = "derived", [PROOF_GUESSED] = "guessed",
	};

	return names[proof];
}
