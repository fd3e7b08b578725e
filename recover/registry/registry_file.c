/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry_file.c - see registry_file.h */
#include "recover/registry/registry_file.h"

#include "core/cleanup.h"
#include "core/utf16.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <strings.h>

#define FIRST_LINE "Windows Registry Editor Version 5.00"
#define LINE_MAX 80u
#define MARK 0xfeffu

/* -------- what there is -------- */

static const struct {
	const char *brief, *full;
} roots[] = {
	{ "HKLM", "HKEY_LOCAL_MACHINE" }, { "HKCU", "HKEY_CURRENT_USER" },   { "HKU", "HKEY_USERS" },
	{ "HKCR", "HKEY_CLASSES_ROOT" },  { "HKCC", "HKEY_CURRENT_CONFIG" },
};

#define ROOTS (sizeof roots / sizeof roots[0])

/* The root that a path begins with, by either name; ROOTS if none.  *@rest is what follows its name. */
static size_t find_root(const char *path, const char **rest)
{
	size_t length = strcspn(path, "\\"), i = 0;

	*rest = path + length;
	while (i < ROOTS &&
	       !(strlen(roots[i].brief) == length && strncasecmp(roots[i].brief, path, length) == 0) &&
	       !(strlen(roots[i].full) == length && strncasecmp(roots[i].full, path, length) == 0))
		i++;
	return i;
}

void registry_file_release(struct registry_file *file)
{
	for (size_t i = 0; i < file->count; i++) {
		free(file->items[i].path);
		registry_values_release(&file->items[i].values);
	}
	array_release(file);
}

/* The key of that path if it is the last, or a new one; NULL without memory. */
static struct registry_file_key *key_of(struct registry_file *file, const char *path)
{
	char *copy;

	if (file->count && strcmp(file->items[file->count - 1].path, path) == 0)
		return &file->items[file->count - 1];
	copy = strdup(path);
	if (!copy || !array_push(file, (struct registry_file_key){ .path = copy })) {
		free(copy);
		return NULL;
	}
	return &file->items[file->count - 1];
}

/* Decode a point that has one form in UTF-8 only: WTF-8 has a second of those that separate names. */
static bool take_point(const char **at, const char *end, uint32_t *point)
{
	bool second = *at < end && ((unsigned char)**at == 0xc0 || (unsigned char)**at == 0xc1);

	return !second && utf8_next(at, end, point);
}

/* No unit that would end the line, or that others take for no text at all. */
static bool is_printable(uint32_t point)
{
	return point >= 0x20 && point != 0x7f && !(point >= 0xd800 && point < 0xe000) &&
	       (point & 0xfffe) != 0xfffe;
}

static bool is_text(const char *text)
{
	const char *end = text + strlen(text);
	uint32_t    point;

	while (text < end)
		if (!take_point(&text, end, &point) || !is_printable(point))
			return false;
	return true;
}

int registry_file_add(struct registry_file *file, const char *path, const struct registry_value *value,
		      struct error *err)
{
	struct registry_value     copy = { 0 };
	struct registry_file_key *key;
	const char               *rest;

	if (find_root(path, &rest) == ROOTS)
		return error_set(err, ERROR_VALUE, NULL,
				 "'%.100s' does not begin with a root of the registry", path);
	if (!is_text(path) || (value && !is_text(value->name)))
		return error_set(
			err, ERROR_UNSUPPORTED, NULL,
			"the value '%.80s' of '%.100s' has characters in its name that cannot be written as text",
			value ? value->name : "", path);
	key = key_of(file, path);
	if (!key)
		return error_memory(err);
	if (!value)
		return 0;
	if (registry_value_copy(&copy, value, err) < 0 || !array_push(&key->values, copy)) {
		registry_value_release(&copy);
		return error_memory(err);
	}
	return 0;
}

/* -------- writing -------- */

static size_t units_of(const char *text)
{
	const char *end = text + strlen(text);
	size_t      units = 0;
	uint32_t    point;

	while (utf8_next(&text, end, &point))
		units += point > 0xffff ? 2 : 1;
	return units;
}

/* In quotes; returns the units written. */
static size_t put_quoted(FILE *out, const char *text)
{
	size_t units = 2 + units_of(text);

	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\') {
			fputc('\\', out);
			units++;
		}
		fputc(*text, out);
	}
	fputc('"', out);
	return units;
}

/* A string as regedit writes those: its end, and nothing after it; to be freed.  NULL: to be written as
 * bytes. */
static char *plain_string(const struct registry_value *value)
{
	char *text;

	if (value->type != REGISTRY_STRING || value->size < 2 || value->size % 2)
		return NULL;
	text = registry_value_text(value);
	if (text && (!is_text(text) || 2 * (units_of(text) + 1) != value->size)) {
		free(text);
		text = NULL;
	}
	return text;
}

static void put_bytes(FILE *out, const struct registry_value *value, size_t column)
{
	column += (size_t)(value->type == REGISTRY_BINARY ? fprintf(out, "hex:")
							  : fprintf(out, "hex(%" PRIx32 "):", value->type));
	for (size_t i = 0; i < value->size; i++) {
		if (column + sizeof "xx,\\" - 1 > LINE_MAX) {
			fputs("\\\r\n  ", out);
			column = 2;
		}
		column += (size_t)fprintf(out, i + 1 < value->size ? "%02x," : "%02x", value->data[i]);
	}
}

static void put_value(FILE *out, const struct registry_value *value)
{
	CLEANUP(free_ptr) char *text = plain_string(value);
	size_t                  column = 1;

	if (value->name[0])
		column = put_quoted(out, value->name);
	else
		fputc('@', out);
	fputc('=', out);
	if (text)
		put_quoted(out, text);
	else if (value->type == REGISTRY_DWORD && value->size == 4)
		fprintf(out, "dword:%08" PRIx32, le32_at(value->data));
	else
		put_bytes(out, value, column + 1);
	fputs("\r\n", out);
}

static void put_path(FILE *out, const char *path, size_t length)
{
	const char *rest;
	size_t      root = find_root(path, &rest);

	fprintf(out, "\r\n[%s%.*s]\r\n", roots[root].full, (int)(length - (size_t)(rest - path)), rest);
}

/* Everything up to a separator of @path lies at the beginning of @before, too. */
static bool is_above(const char *path, size_t length, const char *before)
{
	return strncasecmp(path, before, length) == 0 && (before[length] == 0 || before[length] == '\\');
}

/* The keys that this one lies in, below its hive's root, if the one before did not lie there. */
static void put_parents(FILE *out, const char *path, const char *before)
{
	const char *end = strchr(path, '\\');

	while (end && (end = strchr(end + 1, '\\')))
		if (!is_above(path, (size_t)(end - path), before))
			put_path(out, path, (size_t)(end - path));
}

/* WTF-8 text as UTF-16LE with its mark. */
static int encode(const char *text, size_t length, uint8_t **bytes, size_t *size, struct error *err)
{
	struct le16 *units = malloc((length + 1) * sizeof *units);

	if (!units)
		return error_memory(err);
	units[0] = le16_make(MARK);
	*size = (1 + utf16_le_from_utf8(text, length, units + 1)) * sizeof *units;
	*bytes = (uint8_t *)units;
	return 0;
}

int registry_file_format(const struct registry_file *file, uint8_t **bytes, size_t *size, struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	size_t                  length = 0;
	FILE                   *out = open_memstream(&text, &length);
	const char             *before = "";

	*bytes = NULL;
	*size = 0;
	if (!out)
		return error_memory(err);
	fputs(FIRST_LINE "\r\n", out);
	for (size_t i = 0; i < file->count; i++) {
		const struct registry_file_key *key = &file->items[i];

		put_parents(out, key->path, before);
		put_path(out, key->path, strlen(key->path));
		for (size_t v = 0; v < key->values.count; v++)
			put_value(out, &key->values.items[v]);
		before = key->path;
	}
	fputs("\r\n", out);
	if (fclose(out) != 0)
		return error_memory(err);
	return encode(text, length, bytes, size, err);
}

/* -------- reading -------- */

struct reader {
	const char           *name;
	const char           *at, *end; /* WTF-8, ended by a zero */
	int                   line;
	struct registry_file *file;
	char                 *path; /* of the key that values belong to; NULL before the first */
};

static int wrong(const struct reader *reader, struct error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int wrong(const struct reader *reader, struct error *err, const char *format, ...)
{
	char    what[200];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	return error_set(err, ERROR_VALUE, reader->name, "line %d: %s", reader->line, what);
}

static void skip_spaces(struct reader *reader)
{
	reader->at += strspn(reader->at, " \t\r");
}

/* Past empty lines and comments to what is next; false at the end. */
static bool skip_lines(struct reader *reader)
{
	for (;;) {
		skip_spaces(reader);
		if (*reader->at == ';')
			reader->at += strcspn(reader->at, "\n");
		if (*reader->at != '\n')
			return reader->at < reader->end;
		reader->at++;
		reader->line++;
	}
}

static int end_line(struct reader *reader, struct error *err)
{
	skip_spaces(reader);
	if (*reader->at == ';')
		reader->at += strcspn(reader->at, "\n");
	if (*reader->at && *reader->at != '\n')
		return wrong(reader, err, "more follows than belongs there: '%.20s'", reader->at);
	return 0;
}

static bool take_word(struct reader *reader, const char *word)
{
	if (strncasecmp(reader->at, word, strlen(word)) != 0)
		return false;
	reader->at += strlen(word);
	return true;
}

/* "text", with \" and \\ in it; to be freed. */
static int take_quoted(struct reader *reader, char **text, struct error *err)
{
	char *out = *text = malloc(strcspn(reader->at, "\n") + 1);

	if (!out)
		return error_memory(err);
	for (reader->at++; *reader->at != '"'; reader->at++) {
		bool escaped = *reader->at == '\\';

		reader->at += escaped;
		if (!*reader->at || *reader->at == '\n' || *reader->at == '\r')
			return wrong(reader, err, "a quotation does not end on its line");
		if (escaped && *reader->at != '\\' && *reader->at != '"')
			return wrong(reader, err, "'\\%c' means nothing, write '\\\\' for a backslash",
				     *reader->at);
		*out++ = *reader->at;
	}
	*out = 0;
	reader->at++;
	return 0;
}

/* Up to @digits hexadecimal digits. */
static bool take_hex(struct reader *reader, size_t digits, uint32_t *number)
{
	size_t taken = 0;

	for (*number = 0; taken < digits && isxdigit((unsigned char)*reader->at); taken++, reader->at++) {
		int c = tolower((unsigned char)*reader->at);

		*number = *number << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return taken > 0 && !isxdigit((unsigned char)*reader->at);
}

/* White space, and line ends after a backslash. */
static void skip_folds(struct reader *reader)
{
	for (;;) {
		size_t spaces;

		skip_spaces(reader);
		if (*reader->at != '\\')
			return;
		spaces = strspn(reader->at + 1, " \t\r");
		if (reader->at[1 + spaces] != '\n')
			return;
		reader->at += 2 + spaces;
		reader->line++;
	}
}

static int take_bytes(struct reader *reader, struct registry_value *value, struct error *err)
{
	struct ARRAY(uint8_t) bytes = { 0 };
	uint32_t              byte;

	skip_folds(reader);
	while (isxdigit((unsigned char)*reader->at) || bytes.count) {
		if (!take_hex(reader, 2, &byte)) {
			array_release(&bytes);
			return wrong(reader, err, "a byte is two hexadecimal digits, not '%.10s'",
				     reader->at);
		}
		if (!array_push(&bytes, (uint8_t)byte)) {
			array_release(&bytes);
			return error_memory(err);
		}
		skip_folds(reader);
		if (*reader->at != ',')
			break;
		reader->at++;
		skip_folds(reader);
	}
	value->data = bytes.items;
	value->size = bytes.count;
	return 0;
}

static int take_typed(struct reader *reader, struct registry_value *value, struct error *err)
{
	value->type = REGISTRY_BINARY;
	if (*reader->at == '(') {
		reader->at++;
		if (!take_hex(reader, 8, &value->type) || *reader->at != ')')
			return wrong(reader, err, "a type is a hexadecimal number in brackets");
		reader->at++;
	}
	if (*reader->at != ':')
		return wrong(reader, err, "a colon is missing after 'hex'");
	reader->at++;
	return take_bytes(reader, value, err);
}

/* @value  has its name; is filled as far as it went, to be released in any case */
static int take_data(struct reader *reader, struct registry_value *value, struct error *err)
{
	CLEANUP(free_ptr) char *name = TAKE(value->name), *text = NULL;
	uint32_t                number;

	if (*reader->at == '"')
		return take_quoted(reader, &text, err) < 0
			       ? -1
			       : registry_value_make_text(value, name, REGISTRY_STRING, text, err);
	if (take_word(reader, "dword:")) {
		skip_spaces(reader);
		return take_hex(reader, 8, &number)
			       ? registry_value_make_dword(value, name, number, err)
			       : wrong(reader, err, "a number is up to 8 hexadecimal digits");
	}
	if (*reader->at == '-')
		return wrong(reader, err, "the value '%.80s' would be deleted, which is not done here", name);
	if (!take_word(reader, "hex"))
		return wrong(reader, err, "neither a quotation, 'dword:' nor 'hex:', but '%.20s'",
			     reader->at);
	value->name = TAKE(name);
	return take_typed(reader, value, err);
}

static int take_value(struct reader *reader, struct error *err)
{
	CLEANUP(registry_value_release) struct registry_value value = { 0 };

	if (!reader->path)
		return wrong(reader, err, "a value stands before the first key");
	if (*reader->at == '"') {
		if (take_quoted(reader, &value.name, err) < 0)
			return -1;
	} else if (*reader->at == '@') {
		reader->at++;
		value.name = strdup("");
		if (!value.name)
			return error_memory(err);
	} else {
		return wrong(reader, err, "neither a key nor a value begins with '%.20s'", reader->at);
	}
	skip_spaces(reader);
	if (*reader->at != '=')
		return wrong(reader, err, "'=' is missing after the name of a value");
	reader->at++;
	skip_spaces(reader);
	if (take_data(reader, &value, err) < 0 || end_line(reader, err) < 0)
		return -1;
	return registry_file_add(reader->file, reader->path, &value, err);
}

/* The path between the brackets, with the root's short name; to be freed. */
static int normal_path(const struct reader *reader, const char *path, char **normal, struct error *err)
{
	const char *rest;
	size_t      root = find_root(path, &rest);

	if (root == ROOTS)
		return wrong(reader, err, "'%.80s' does not begin with a root of the registry", path);
	if (strstr(rest, "\\\\") || (*rest && rest[strlen(rest) - 1] == '\\'))
		return wrong(reader, err, "a key has no name in '%.80s'", path);
	return asprintf(normal, "%s%s", roots[root].brief, rest) < 0 ? error_memory(err) : 0;
}

static int take_key(struct reader *reader, struct error *err)
{
	const char             *begin = reader->at + 1, *end = begin + strcspn(begin, "\n");
	CLEANUP(free_ptr) char *path = NULL;

	reader->at = end;
	while (end > begin && strchr(" \t\r", end[-1]))
		end--;
	if (end == begin || end[-1] != ']')
		return wrong(reader, err, "']' is missing at the end of a key");
	if (*begin == '-')
		return wrong(reader, err, "a key would be deleted, which is not done here");
	path = strndup(begin, (size_t)(end - 1 - begin));
	if (!path)
		return error_memory(err);
	free(TAKE(reader->path));
	if (normal_path(reader, path, &reader->path, err) < 0) {
		reader->path = NULL;
		return -1;
	}
	return registry_file_add(reader->file, reader->path, NULL, err);
}

/* The text as WTF-8, ended by a zero and with none in it. */
static int decode(const char *name, struct bytes text, char **decoded, size_t *length, struct error *err)
{
	const char *at;
	uint32_t    point;

	*decoded = malloc(text.left / 2 * 3 + text.left + 1);
	if (!*decoded)
		return error_memory(err);
	if (text.left >= 2 && le16_at(text.at) == MARK) {
		if (text.left % 2)
			return error_set(err, ERROR_BOUNDS, name, "the text ends within a character");
		*length = utf16_to_text(text.at + 2, text.left / 2 - 1, *decoded);
	} else {
		if (text.left >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)
			text = (struct bytes){ text.at + 3, text.left - 3, text.offset + 3 };
		if (text.left)
			memcpy(*decoded, text.at, text.left);
		*length = text.left;
		(*decoded)[*length] = 0;
	}
	at = *decoded;
	while (at < *decoded + *length)
		if (!take_point(&at, *decoded + *length, &point) || !point)
			return error_set(err, ERROR_VALUE, name, "this is no text in UTF-16LE or UTF-8");
	return 0;
}

static int read_all(struct reader *reader, struct error *err)
{
	if (!skip_lines(reader) || !take_word(reader, FIRST_LINE))
		return wrong(reader, err, "the first line is not '" FIRST_LINE "'");
	if (end_line(reader, err) < 0)
		return -1;
	while (skip_lines(reader)) {
		if ((*reader->at == '[' ? take_key(reader, err) : take_value(reader, err)) < 0) {
			if (err->kind != ERROR_MEMORY)
				snprintf(err->path, sizeof err->path, "%s", reader->name);
			return -1;
		}
	}
	return 0;
}

int registry_file_parse(struct registry_file *file, const char *name, struct bytes text, struct error *err)
{
	CLEANUP(free_ptr) char *decoded = NULL;
	struct reader           reader = { .name = name, .line = 1, .file = file };
	size_t                  length = 0;
	int                     result;

	*file = (struct registry_file){ 0 };
	if (text.left > REGISTRY_FILE_BYTES_MAX)
		return error_set(err, ERROR_UNSUPPORTED, name, "a text of %zu bytes is too large", text.left);
	if (decode(name, text, &decoded, &length, err) < 0)
		return -1;
	reader.at = decoded;
	reader.end = decoded + length;
	result = read_all(&reader, err);
	free(reader.path);
	return result;
}
