/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names: UTF-16 there and back, WTF-8 of anybody's, JSON, the terminal, host names. */
#include "tests/fuzz/fuzz.h"

#include "core/json.h"
#include "core/text.h"
#include "core/utf16.h"
#include "recover/host_name.h"

#include <string.h>

static void there_and_back(const uint8_t *data, size_t units)
{
	char     *text = malloc(3 * units + 1);
	size_t    length = utf16_to_utf8(data, units, text);
	uint16_t *back = malloc(2 * length + 2);
	char      host[HOST_NAME_BYTES];

	MUST(strlen(text) == length);
	MUST(!memchr(text, '/', length) && !memchr(text, '\\', length));
	MUST(utf16_from_utf8(text, length, back) == units);
	for (size_t i = 0; i < units; i++)
		MUST(back[i] == (data[2 * i] | data[2 * i + 1] << 8));
	if (length) {
		host_name(text, length, ".partial", host);
		MUST(strlen(host) < HOST_NAME_BYTES && !strchr(host, '/'));
		host_name(text, length, "", host);
		MUST(host[0] && strcmp(host, ".") != 0 && strcmp(host, "..") != 0);
		MUST(strlen(host) < HOST_NAME_BYTES && !strchr(host, '/'));
	}
	free(back);
	free(text);
}

/* What leaves us is UTF-8 without controls, one line. */
static void check_output(const char *out, size_t length)
{
	const char *at = out;
	uint32_t    point;

	while (at < out + length) {
		MUST(utf8_next(&at, out + length, &point));
		MUST(point >= 0x20 && !(point >= 0x7f && point < 0xa0) && !(point >= 0xd800 && point < 0xe000));
		MUST(point != 0x2028 && point != 0x2029);
		MUST(point >= 0x80 || *(at - 1) == (char)point);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char       *out = NULL;
	size_t      length = 0;
	uint16_t   *units = malloc(2 * size + 2);
	FILE       *stream = open_memstream(&out, &length);
	struct json json = { .out = stream };

	there_and_back(data, size / 2);
	MUST(utf16_from_utf8((const char *)data, size, units) == SIZE_MAX || size || !size);
	MUST(stream);
	json_begin(&json, '[');
	json_text(&json, (const char *)data, size);
	json_base64(&json, data, size);
	json_end(&json, ']');
	fflush(stream);
	check_output(out, length);
	MUST(out[0] == '[' && out[length - 1] == ']');
	rewind(stream);
	text_print(stream, (const char *)data, size);
	fclose(stream);
	check_output(out, length);
	free(out);
	free(units);
	return 0;
}
