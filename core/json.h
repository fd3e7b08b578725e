/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json.h - a JSON writer for documents of any length
 *
 * Writes as it goes, so a manifest of a million lines takes no memory, and
 * writes names that are not valid Unicode: an unpaired surrogate becomes its
 * \uXXXX escape, which libraries that hold UTF-8 cannot do.  Commas and
 * nesting are kept here; the caller opens and closes.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE    *out;
	unsigned indent;  /* blanks a level; 0 writes one line */
	unsigned depth;
	bool     comma;   /* something stands before on this level */
	bool     keyed;   /* a key has been written, its value follows */
};

void json_begin(struct json *json, char bracket);               /* '{' or '[' */
void json_end(struct json *json, char bracket);                 /* '}' or ']' */
void json_key(struct json *json, const char *key);
void json_text(struct json *json, const char *text, size_t length); /* WTF-8 */
void json_string(struct json *json, const char *text);          /* WTF-8, zero-terminated; NULL gives null */
void json_uint(struct json *json, uint64_t value);
void json_int(struct json *json, int64_t value);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);

/* A key with its value. */
void json_key_string(struct json *json, const char *key, const char *text);
void json_key_uint(struct json *json, const char *key, uint64_t value);
void json_key_bool(struct json *json, const char *key, bool value);
void json_key_strings(struct json *json, const char *key, const char *const *texts, size_t count);

/* @size_bytes of @data as a string of base64. */
void json_base64(struct json *json, const uint8_t *data, size_t size_bytes);

#endif
