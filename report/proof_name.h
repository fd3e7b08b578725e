/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proof_name.h - how well a name is known, as in JSON and in files for other programs */
#ifndef REPORT_PROOF_NAME_H
#define REPORT_PROOF_NAME_H

#include "scan/namespace.h"

/* "proven", "derived" or "guessed" */
const char *proof_name(enum proof proof);

#endif
