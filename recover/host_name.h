/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host_name.h - NTFS names on a host file system
 *
 * What a host cannot hold is written as %XXXX, four hexadecimal digits of the
 * UTF-16 unit: the slash, zero, an unpaired surrogate, "." and "..".  A percent
 * sign is escaped only where it would read as such an escape, so the way back is
 * never in doubt.  A name too long for the host is cut and gets "%~" and eight
 * digits of its digest; the manifest has it in full.
 */
#ifndef RECOVER_HOST_NAME_H
#define RECOVER_HOST_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_NAME_BYTES 256u /* with its end */

/*
 * @name  one component, @length bytes of WTF-8
 * @ending  kept whole at the end of the result (".partial"), "" for none
 */
void host_name(const char *name, size_t length, const char *ending, char out[HOST_NAME_BYTES]);

#endif
