/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_error.h - errors of ours as codes of a task sequence */
#ifndef RECOVER_SEQUENCE_SEQUENCE_ERROR_H
#define RECOVER_SEQUENCE_SEQUENCE_ERROR_H

#include "core/error.h"

/* The code (report/sequence_code.h) that stands for an error of ours. */
uint32_t sequence_code_of_error(const struct error *err);

#endif
