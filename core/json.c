/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.c - see json.h */
#include "core/json.h"

#include "core/base64.h"
#include "core/text.h"
#include "core/utf16.h"

#include <inttypes.h>
#include <string.h>

static void json_line(struct json *json)
{
	if (json->indent)
		fprintf(json->out, "\n%*s", (int)(json->depth * json->indent), "");
}

/* What stands before a value or a key. */
static void json_before(struct json *json)
{
	if (json->keyed) {
		json->keyed = false;
		return;
	}
	if (json->comma)
		fputs(json->indent || json->depth == 0 ? "," : ", ", json->out);
	if (json->depth)
		json_line(json);
	json->comma = true;
}

void json_begin(struct json *json, char bracket)
{
	json_before(json);
	fputc(bracket, json->out);
	json->depth++;
	json->comma = false;
}

void json_end(struct json *json, char bracket)
{
	bool empty = !json->comma;

	json->depth--;
	if (!empty)
		json_line(json);
	fputc(bracket, json->out);
	json->comma = json->depth > 0;
}

/* How much of a text stands for itself, as most of it does. */
static size_t plain_length(const char *text, const char *end)
{
	const char *at = text;

	while (at < end && *at >= ' ' && *at < 0x7f && *at != '"' && *at != '\\')
		at++;
	return (size_t)(at - text);
}

void json_text(struct json *json, const char *text, size_t length)
{
	const char *at = text, *end = text + length, *start;
	uint32_t    point;

	json_before(json);
	fputc('"', json->out);
	while (at < end) {
		size_t plain = plain_length(at, end);

		fwrite(at, 1, plain, json->out);
		start = at += plain;
		if (at == end)
			break;
		if (!utf8_next(&at, end, &point)) {
			at++;
			fputs("\\ufffd", json->out);
		} else if (point == '"' || point == '\\') {
			fprintf(json->out, "\\%c", (char)point);
		} else if (point < 0x10000 && !text_is_harmless(point)) {
			fprintf(json->out, "\\u%04" PRIx32, point);
		} else if (!text_is_harmless(point)) {
			fprintf(json->out, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff));
		} else if (point < 0x80) { /* a slash in a name is two bytes here and one there */
			fputc((int)point, json->out);
		} else {
			fwrite(start, 1, (size_t)(at - start), json->out);
		}
	}
	fputc('"', json->out);
}

void json_string(struct json *json, const char *text)
{
	if (text)
		json_text(json, text, strlen(text));
	else
		json_null(json);
}

void json_key(struct json *json, const char *key)
{
	json_string(json, key);
	fputs(": ", json->out);
	json->keyed = true;
}

void json_uint(struct json *json, uint64_t value)
{
	json_before(json);
	fprintf(json->out, "%" PRIu64, value);
}

void json_int(struct json *json, int64_t value)
{
	json_before(json);
	fprintf(json->out, "%" PRId64, value);
}

void json_bool(struct json *json, bool value)
{
	json_before(json);
	fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json)
{
	json_before(json);
	fputs("null", json->out);
}

void json_key_string(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	json_string(json, text);
}

void json_key_uint(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_uint(json, value);
}

void json_key_bool(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}

void json_key_strings(struct json *json, const char *key, const char *const *texts, size_t count)
{
	json_key(json, key);
	json_begin(json, '[');
	for (size_t i = 0; i < count; i++)
		json_string(json, texts[i]);
	json_end(json, ']');
}

void json_base64(struct json *json, const uint8_t *data, size_t size_bytes)
{
	json_before(json);
	fputc('"', json->out);
	base64_print(json->out, data, size_bytes);
	fputc('"', json->out);
}
