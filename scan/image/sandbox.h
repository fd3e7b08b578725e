/* SPDX-License-Identifier: MIT */
/*
 * sandbox.h - the image reader locks itself in
 *
 * Part of the image reader; MIT, for the reason told in protocol.h.
 */
#ifndef SCAN_IMAGE_SANDBOX_H
#define SCAN_IMAGE_SANDBOX_H

#include "scan/image/protocol.h"

#include <stddef.h>

/* gcc says it one way, clang the other */
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_SANITIZED 1
#endif
#endif
#ifndef SANDBOX_SANITIZED
#define SANDBOX_SANITIZED 0
#endif

/*
 * From here on, for good: files can be opened for reading only, and only @paths and what lies in
 * their folders; bytes can be written to @socket alone; no program, process or connection can be
 * started; memory is limited to half of the machine's, or 4 GiB if that is more.
 * A kernel without landlock leaves all files open for reading; everything else holds.
 * Returns 0, or -1 with @text.
 */
int sandbox_enter(char *const *paths, size_t path_count, int socket, char text[IMAGE_ERROR_BYTES]);

#endif
