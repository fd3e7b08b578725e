/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * numbered_name.h - what something is called where its name is taken: name(1).ext
 *
 * Pure.  The number goes before the last dot of a file's name, unless that begins it,
 * and to the end of a directory's.  A name that gets too long is cut before its number.
 */
#ifndef RECOVER_ENGINE_NUMBERED_NAME_H
#define RECOVER_ENGINE_NUMBERED_NAME_H

#include "recover/ntfs3g.h"
#include "scan/upcase.h"

#define NUMBERED_NAME_MAX 99999u

/* @number  0 for the name itself, up to NUMBERED_NAME_MAX */
void numbered_name(const struct ntfs3g_name *name, bool directory, unsigned number, struct ntfs3g_name *out);

/*
 * The same by a rule's @pattern, "<F> (<N>).<E>": <F> the name without its extension, <N> the number, <E> the extension.
 * @number  1 or more
 */
void numbered_name_of_pattern(const struct ntfs3g_name *name, const char *pattern, unsigned number,
			      struct ntfs3g_name *out);

/* True if @other is @name, or what some number makes of it, case aside. */
bool numbered_name_is_of(const struct ntfs3g_name *other, const struct ntfs3g_name *name, bool directory,
			 const struct upcase *upcase);

/* True if they are the same, case aside. */
bool numbered_name_equal(const struct ntfs3g_name *a, const struct ntfs3g_name *b,
			 const struct upcase *upcase);

#endif
