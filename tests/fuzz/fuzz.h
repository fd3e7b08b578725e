/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz.h - what the fuzz targets share
 *
 * A target is one function, in one file, linked with libFuzzer (clang
 * -fsanitize=fuzzer) or with replay.c, which feeds it files.  It ends the program
 * by a sanitizer's word or by MUST, and is quick for any input.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What holds for every input. */
#define MUST(condition)                                                                    \
	do {                                                                               \
		if (!(condition)) {                                                        \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                           \
		}                                                                          \
	} while (0)

/* Read every byte of a window, so that one outside is noticed. */
#define TOUCH(window)                                                \
	do {                                                         \
		volatile uint8_t seen_ = 0;                          \
                                                                     \
		for (size_t i_ = 0; i_ < (window).left; i_++)        \
			seen_ = (uint8_t)(seen_ ^ (window).at[i_]);  \
	} while (0)

#endif
