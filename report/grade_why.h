/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * grade_why.h - why a content has its grade, in words
 */
#ifndef REPORT_GRADE_WHY_H
#define REPORT_GRADE_WHY_H

#include "scan/grade.h"

/* The first of @reasons (enum grade_reason) that matter, as one clause; "" for none. */
const char *grade_why(enum grade grade, unsigned reasons);

/* The reason (enum grade_reason) that has these words; 0 for others. */
unsigned grade_reason_of(const char *text);

#endif
