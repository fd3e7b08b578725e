/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_state.h - what became of a store, in a sentence */
#ifndef REPORT_STORE_STATE_H
#define REPORT_STORE_STATE_H

#include "scan/casebook.h"

/* Not all of it can be had back as it was, or is known to. */
bool store_is_damaged(const struct case_store *store);

/* One clause, lower case, without a full stop; @shadow: its volume is a shadow copy. */
const char *store_state_sentence(const struct case_store *store, bool shadow);

#endif
