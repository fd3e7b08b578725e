/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stored_digest.c - see stored_digest.h */
#include "report/stored_digest.h"

#include <string.h>

const char *stored_digest_remark(const char *hex, const char *stored)
{
	if (!stored)
		return "";
	if (!hex)
		return ", says the image (not checked; --hash-evidence does)";
	return strcmp(hex, stored) == 0 ? ", as the image says" : ", but the image says:";
}
