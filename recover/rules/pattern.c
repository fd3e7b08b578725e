/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pattern.c - see pattern.h */
#include "recover/rules/pattern.h"

#include "core/utf16.h"
#include "scan/upcase.h"

#include <string.h>
#include <strings.h>

/* -------- reading -------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The character at @at is taken literally: an odd number of '^' stands before it. */
static bool is_escaped(const char *text, size_t at)
{
	size_t before = at;

	while (before && text[before - 1] == '^')
		before--;
	return (at - before) % 2;
}

/* Where the leaf's bracket opens; @length if there is no leaf. */
static size_t find_leaf(const char *text, size_t length)
{
	if (!length || text[length - 1] != ']' || is_escaped(text, length - 1))
		return length;
	for (size_t i = length - 1; i-- > 0;)
		if (text[i] == '[' && !is_escaped(text, i))
			return i;
	return length;
}

/*
 * Copy @length bytes of a pattern as .node and .leaf have them: PATTERN_ANY, no escapes, upper case, which is
 * never longer.  Two stars or separators are one.
 */
static int read_part(const char *text, size_t length, bool file, char **part, struct error *err)
{
	const char *at = text, *end = text + length;
	char       *to = malloc(length + 1);

	*part = to;
	if (!to)
		return error_memory(err);
	while (at < end) {
		const bool  escape = *at == '^' && at + 1 < end && strchr("[]*^", at[1]);
		const char *from = at += escape;
		uint32_t    point;
		char        plain;

		if (!utf8_next(&at, end, &point) || point == PATTERN_ANY)
			return error_set(err, ERROR_VALUE, NULL, "pattern '%s' has bytes that are no text", text);
		plain = at - from == 1 ? *from : 0;
		if (plain == '*' && !escape)
			plain = PATTERN_ANY;
		if (plain == '/' && file)
			plain = '\\';
		if (plain != PATTERN_ANY && plain != '\\' && plain != '/')
			to += utf8_put(point < 0x10000 ? upcase_unit((uint16_t)point) : point, to);
		else if (to == *part || plain == '/' || to[-1] != plain)
			*to++ = plain;
	}
	*to = 0;
	return 0;
}

void pattern_shorten_root(char *node)
{
	static const char *const roots[][2] = {
		{ "HKEY_LOCAL_MACHINE", "HKLM" }, { "HKEY_CURRENT_USER", "HKCU" },
		{ "HKEY_CLASSES_ROOT", "HKCR" },  { "HKEY_USERS", "HKU" },
	};

	for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
		size_t length = strlen(roots[i][0]), brief = strlen(roots[i][1]);

		if (strncasecmp(node, roots[i][0], length) != 0 || (node[length] && node[length] != '\\'))
			continue;
		memcpy(node, roots[i][1], brief);
		memmove(node + brief, node + length, strlen(node + length) + 1);
		return;
	}
}

/* Take off what the end of a node says: separators, and that all below is meant. */
static void settle_node(struct pattern *pattern)
{
	size_t length = strlen(pattern->node);

	pattern->anywhere = length == 1 && pattern->node[0] == PATTERN_ANY;
	if (length >= 2 && pattern->node[length - 1] == PATTERN_ANY && pattern->node[length - 2] == '\\') {
		pattern->below = true;
		length -= 2;
	}
	while (length && pattern->node[length - 1] == '\\')
		length--;
	pattern->node[length] = 0;
	if (pattern->type == OBJECT_REGISTRY)
		pattern_shorten_root(pattern->node);
}

int pattern_parse(struct pattern *pattern, enum object_type type, const char *text, struct error *err)
{
	size_t length, leaf, node;

	*pattern = (struct pattern){ .type = type };
	while (is_blank(*text))
		text++;
	length = strlen(text);
	while (length && is_blank(text[length - 1]) && !is_escaped(text, length - 1))
		length--;
	leaf = find_leaf(text, length);
	for (node = leaf; node && is_blank(text[node - 1]);)
		node--;
	if (!node)
		return error_set(err, ERROR_VALUE, NULL, "pattern '%s' names no folder or key before the '['", text);
	if (leaf == length && strstr(text, " [") && text[length - 1] != ']')
		return error_set(err, ERROR_VALUE, NULL, "pattern '%s' has a '[' without its ']'", text);
	if (leaf == length && text[length - 1] == ']' && !is_escaped(text, length - 1))
		return error_set(err, ERROR_VALUE, NULL, "pattern '%s' has a ']' without its '['; write '^]' in names",
				 text);
	if (read_part(text, node, type != OBJECT_REGISTRY, &pattern->node, err) < 0 ||
	    (leaf < length && read_part(text + leaf + 1, length - leaf - 2, false, &pattern->leaf, err) < 0))
		return -1;
	settle_node(pattern);
	return 0;
}

void pattern_release(struct pattern *pattern)
{
	free(pattern->node);
	free(pattern->leaf);
	*pattern = (struct pattern){ 0 };
}

char *pattern_escape(const char *name)
{
	char *escaped = malloc(2 * strlen(name) + 1), *to = escaped;

	for (; escaped && *name; name++) {
		if (strchr("[]*^", *name))
			*to++ = '^';
		*to++ = *name;
	}
	if (escaped)
		*to = 0;
	return escaped;
}

char *pattern_upper(const char *text)
{
	const char *end = text + strlen(text);
	char       *upper = malloc(strlen(text) + 1), *to = upper;

	while (upper && text < end) {
		const char *from = text;
		uint32_t    point;

		if (utf8_next(&text, end, &point) && point > 0x7f && point < 0x10000)
			to += utf8_put(upcase_unit((uint16_t)point), to);
		else if (text - from > 1) /* one beyond the table, or a separator in a name */
			to = mempcpy(to, from, (size_t)(text - from));
		else
			*to++ = (char)upcase_unit((uint8_t)*from), text = from + 1;
	}
	if (upper)
		*to = 0;
	return upper;
}

/* -------- matching -------- */

/* The next code point in upper case; 0 at the end and where the text is no WTF-8. */
static uint32_t next_upper(const char **at, const char *end)
{
	uint32_t    point;
	const char *from = *at;

	if (!utf8_next(at, end, &point))
		return 0;
	if (*at - from == 2 && point < 0x80) /* a separator in a name: not the one of paths */
		return 0x110000 + point;
	return point < 0x10000 ? upcase_unit((uint16_t)point) : point;
}

/*
 * Does @glob mean all of @text up to @end, or, with @below, up to one of its separators?  After a star that
 * did not fit, only the last one need be tried further on.
 */
static bool glob_matches(const char *glob, const char *text, const char *end, bool below)
{
	const char *glob_end = glob + strlen(glob), *star = NULL, *retry = NULL;

	for (;;) {
		const char *next_glob = glob, *next_text = text;
		uint32_t    point;

		if (glob == glob_end && (text == end || (below && *text == '\\')))
			return true;
		if (glob < glob_end && *glob == PATTERN_ANY) {
			star = ++glob;
			retry = text;
			continue;
		}
		point = next_upper(&next_text, end);
		if (point && glob < glob_end && next_upper(&next_glob, glob_end) == point) {
			glob = next_glob;
			text = next_text;
			continue;
		}
		if (!star || retry == end || !next_upper(&retry, end))
			return false;
		glob = star;
		text = retry;
	}
}

static bool leaf_is_all(const char *leaf)
{
	return leaf[0] == PATTERN_ANY && !leaf[1];
}

bool pattern_means_node(const struct pattern *pattern, const char *node)
{
	size_t length = strlen(node);

	while (length && node[length - 1] == '\\')
		length--;
	return glob_matches(pattern->node, node, node + length, pattern->below);
}

bool pattern_means_leaf(const struct pattern *pattern, const char *leaf)
{
	if (!leaf)
		return !pattern->leaf || leaf_is_all(pattern->leaf);
	return pattern->leaf && glob_matches(pattern->leaf, leaf, leaf + strlen(leaf), false);
}

bool pattern_matches(const struct pattern *pattern, const char *node, const char *leaf)
{
	return pattern_means_leaf(pattern, leaf) && pattern_means_node(pattern, node);
}

/* -------- precedence -------- */

struct specificity {
	bool   literal;   /* no wildcard at all */
	size_t beginning; /* bytes before the first wildcard */
	size_t total;     /* bytes that are no wildcard */
};

static struct specificity specificity_of(const char *text, bool below)
{
	struct specificity of = { .beginning = strcspn(text, (char[]){ PATTERN_ANY, 0 }) };

	for (const char *at = text; *at; at++)
		of.total += *at != PATTERN_ANY;
	of.literal = !below && !text[of.beginning];
	if (below) { /* the separator before the star that is not in the text */
		of.beginning += !text[of.beginning];
		of.total++;
	}
	return of;
}

static int compare_specificity(struct specificity left, struct specificity right)
{
	if (left.literal != right.literal)
		return left.literal ? 1 : -1;
	if (left.beginning != right.beginning)
		return left.beginning > right.beginning ? 1 : -1;
	return (left.total > right.total) - (left.total < right.total);
}

int pattern_compare(const struct pattern *left, const struct pattern *right)
{
	static const char all[] = { PATTERN_ANY, 0 };
	int               node = compare_specificity(specificity_of(left->node, left->below),
						     specificity_of(right->node, right->below));

	if (node)
		return node;
	return compare_specificity(specificity_of(left->leaf ? left->leaf : all, false),
				   specificity_of(right->leaf ? right->leaf : all, false));
}
