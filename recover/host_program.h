/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host_program.h - another program of the host, run on a file in memory
 *
 * No program is let near a disk: it works on a file of the disk's size that lies in memory, sparse, and what
 * it has written there is put into its place by us, when and where we say.
 */
#ifndef RECOVER_HOST_PROGRAM_H
#define RECOVER_HOST_PROGRAM_H

#include "core/error.h"

#define HOST_PROGRAM_FILE "/proc/self/fd/3" /* what the program calls the file */

/* A new file in memory, of @size_bytes, nothing but a hole: its descriptor, or -1. */
MUST_CHECK int host_program_file(uint64_t size_bytes, struct error *err);

/*
 * Run a program, without a shell: @arguments with the program's name first, NULL last.  It is looked for in
 * PATH and in the system's folders.
 * @input    what it reads from standard input; its output is thrown away
 * @fd       the file
 * @package  the one that brings the program, for the sentence when it is missing
 * Returns 0, or -1: it is not there (ERROR_UNSUPPORTED), or failed, and the text has its last words.
 */
MUST_CHECK int host_program_run(const char *const *arguments, const char *input, int fd, const char *package,
				struct error *err);

#endif
