/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * registry_file.h - registry values as text: "Windows Registry Editor Version 5.00"
 *
 * People read it, regedit and hivexregedit take it.  Written as UTF-16LE with its mark and lines of 80
 * characters; a string that is not all printable, or has not its end, is written as bytes; keys come after
 * those they lie in. Read as UTF-16LE or UTF-8, lenient about white space and comments, and strict about all
 * else.  A file that deletes is refused: nothing here means to.
 */
#ifndef RECOVER_REGISTRY_REGISTRY_FILE_H
#define RECOVER_REGISTRY_REGISTRY_FILE_H

#include "recover/registry/hive.h"

#define REGISTRY_FILE_BYTES_MAX (256u * 1024 * 1024)

struct registry_file_key {
	char                  *path; /* "HKLM\Software\X": a short name first */
	struct registry_values values;
};

struct registry_file ARRAY(struct registry_file_key);

void registry_file_release(struct registry_file *file);

/*
 * Add a value, copied; with NULL the key alone.  Those of one key are added one after the other.
 * Returns 0, or -1: no memory, or ERROR_UNSUPPORTED, a name that the text has no way to write.
 */
MUST_CHECK int registry_file_add(struct registry_file *file, const char *path,
				 const struct registry_value *value, struct error *err);

/* The text of it.  @bytes  to be freed */
MUST_CHECK int registry_file_format(const struct registry_file *file, uint8_t **bytes, size_t *size,
				    struct error *err);

/*
 * Read such a text.
 * @name  of it, for messages
 * Returns 0, or -1 with the line and what is wrong there.  registry_file_release in any case.
 */
MUST_CHECK int registry_file_parse(struct registry_file *file, const char *name, struct bytes text,
				   struct error *err);

#endif
