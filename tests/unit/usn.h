/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usn.h - records of the change journal for the suites that read them, laid out by hand */
#ifndef TESTS_USN_H
#define TESTS_USN_H

#include "scan/journal/usn_journal.h"

#define USN_TEST_TIME 131926810400000000ull /* 2019-01-22 */

struct usn_test {
	unsigned    version;
	uint64_t    usn, time;
	uint64_t    file, parent;
	uint32_t    reasons;
	const char *name; /* ASCII */
	uint32_t    attributes; /* 0: 0x20, a file to be archived */
};

/* Put a record at @at, which has room for it; returns its length. */
size_t usn_test_put(uint8_t *at, const struct usn_test *test);

#endif
