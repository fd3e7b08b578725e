/* SPDX-License-Identifier: MIT */
/*
 * image_error.h - one clause that says what is wrong with an image
 *
 * Of the client and of the image reader; MIT, for the reason told in protocol.h.
 */
#ifndef SCAN_IMAGE_IMAGE_ERROR_H
#define SCAN_IMAGE_IMAGE_ERROR_H

#include "scan/image/protocol.h"

/* Print into @text, cut to its room.  Returns -1. */
int image_error(char text[IMAGE_ERROR_BYTES], const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
