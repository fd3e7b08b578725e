/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * answer.h - what an answer is when some of what it needs is not known
 *
 * In this order the weakest of several is their "and", the strongest their "or".
 */
#ifndef RECOVER_ANSWER_H
#define RECOVER_ANSWER_H

enum answer { ANSWER_NO, ANSWER_UNKNOWN, ANSWER_YES };

static inline enum answer answer_not(enum answer answer)
{
	return answer == ANSWER_YES ? ANSWER_NO : answer == ANSWER_NO ? ANSWER_YES : ANSWER_UNKNOWN;
}

#endif
