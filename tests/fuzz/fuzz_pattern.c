/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "recover/rules/pattern.h"

#include <string.h>

/* "pattern\npattern\nnode\nleaf" */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char          *text = calloc(1, size + 1), *rest = text, *parts[4];
	struct pattern one, other = { 0 };
	struct error   err;

	MUST(text);
	if (size)
		memcpy(text, data, size);
	for (size_t i = 0; i < 4; i++) {
		parts[i] = rest;
		rest += strcspn(rest, "\n");
		if (*rest)
			*rest++ = 0;
	}
	if (pattern_parse(&one, (enum object_type)(size % 3), parts[0], &err) == 0 &&
	    pattern_parse(&other, (enum object_type)(size % 3), parts[1], &err) == 0) {
		MUST(pattern_compare(&one, &one) == 0);
		MUST(pattern_compare(&one, &other) == -pattern_compare(&other, &one));
		(void)pattern_matches(&one, parts[2], parts[3]);
		(void)pattern_matches(&other, parts[2], NULL);
	}
	pattern_release(&one);
	pattern_release(&other);
	free(text);
	return 0;
}
