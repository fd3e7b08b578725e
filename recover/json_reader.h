/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_reader.h - JSON as it was written by core/json.h, read back; the one door to jansson
 *
 * jansson holds UTF-8 alone; names that are none get a stand-in while it has them.
 */
#ifndef RECOVER_JSON_READER_H
#define RECOVER_JSON_READER_H

#include "core/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Parse @length bytes as one document.
 * Returns 0, or -1: ERROR_VALUE with jansson's words for what is none.  json_release in any case.
 */
MUST_CHECK int json_read(const char *text, size_t length, json_t **root, struct error *err);
void           json_release(json_t **root);

enum json_text_form {
	JSON_NAME,      /* one name on a volume: its slashes are its own */
	JSON_PATH,      /* such names with slashes between them, which become backslashes */
	JSON_HOST_PATH, /* a path on the host, as it is */
	JSON_TEXT,      /* any text, slashes as they are */
};

/* A string as WTF-8; to be freed.  NULL if it is none, and *@memory when there was no memory for it. */
char *json_read_text(const json_t *json, enum json_text_form form, bool *memory);

/* True with *@value if it is a number from 0 to @max. */
bool json_read_uint(const json_t *json, uint64_t max, uint64_t *value);

#endif
