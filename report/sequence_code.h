/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_code.h - the error codes of task sequences: what Windows says, what it means, what to do
 *
 * A code is a Win32 number, as programs exit with; an HRESULT, 0x80070000 and such a number; or another
 * HRESULT. A state step gives 0x80070000 and the return code of USMT, so what Windows says of 0x8007000b (of
 * programs in a wrong format) has nothing to do with it: then USMT's own table counts.
 */
#ifndef REPORT_SEQUENCE_CODE_H
#define REPORT_SEQUENCE_CODE_H

#include <stdbool.h>
#include <stdint.h>

#define SEQUENCE_CODE_ABORTED 0x80004004u  /* a group, since one of its steps failed */
#define SEQUENCE_CODE_FAILED 0x80004005u   /* the sequence */
#define SEQUENCE_CODE_OF_WIN32 0x80070000u /* and the number */

struct sequence_code {
	const char *message; /* "Access is denied.", or "Unknown error" */
	const char *source;  /* who knows it: "Windows", "WMI", "Unknown" */
	const char *meaning; /* in a task sequence, one clause; NULL: nothing more is known */
	const char *advice;  /* what to do, one clause; NULL likewise */
	int         usmt;    /* the return code of USMT that it stands for; -1: none */
};

/* What is known of a code.  @of_usmt: a state step failed with it. */
struct sequence_code sequence_code_of(uint32_t code, bool of_usmt);

/* The code with which a state step fails when USMT returned @code. */
uint32_t sequence_code_of_usmt(int code);

#endif
