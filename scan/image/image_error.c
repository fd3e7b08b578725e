/* SPDX-License-Identifier: MIT */
/* image_error.c - see image_error.h; MIT, for the reason told in protocol.h */
#include "scan/image/image_error.h"

#include <stdarg.h>
#include <stdio.h>

int image_error(char text[IMAGE_ERROR_BYTES], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, IMAGE_ERROR_BYTES, format, arguments);
	va_end(arguments);
	return -1;
}
