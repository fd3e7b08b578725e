/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grade_ink.h - the colours of the grades; their words say the same */
#ifndef REPORT_GRADE_INK_H
#define REPORT_GRADE_INK_H

#include "core/terminal.h"
#include "scan/grade.h"

static inline enum ink grade_ink(enum grade grade)
{
	static const enum ink inks[GRADES] = {
		[GRADE_VERIFIED] = INK_GOOD, [GRADE_INTACT] = INK_GOOD, [GRADE_SUSPECT] = INK_DOUBT,
		[GRADE_PARTIAL] = INK_DOUBT, [GRADE_LOST] = INK_BAD,
	};

	return inks[grade];
}

#endif
