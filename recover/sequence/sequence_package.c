/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_package.c - see sequence_package.h */
#include "recover/sequence/sequence_package.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

int sequence_package_parse(struct sequence_package *package, char *text, struct error *err)
{
	char *sign = strchr(text, '=');

	if (!sign || sign == text || !sign[1])
		return error_set(err, ERROR_USAGE, NULL, "--package '%.80s': write ID=PATH, as in PS100001=/srv/install.wim",
				 text);
	if (access(sign + 1, F_OK) < 0)
		return error_sys(err, sign + 1, "cannot be looked at, and a package is to be there");
	*sign = '\0';
	*package = (struct sequence_package){ .id = text, .path = sign + 1 };
	return 0;
}

const struct sequence_package *sequence_packages_find(const struct sequence_package *packages, size_t count,
						      const char *id)
{
	for (size_t i = count; i--;)
		if (strcasecmp(packages[i].id, id) == 0)
			return &packages[i];
	return NULL;
}
