/* SPDX-License-Identifier: GPL-3.0-or-later */
/* package_image.c - see package_image.h */
#include "recover/sequence/package_image.h"

#include "core/cleanup.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_image_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (strcasecmp(dot, ".wim") == 0 || strcasecmp(dot, ".esd") == 0 || strcasecmp(dot, ".swm") == 0);
}

/* The further parts of a split image: install2.swm beside install.swm. */
static bool is_further_part(const char *folder, const char *name)
{
	CLEANUP(free_ptr) char *first = NULL;
	const char             *dot = strrchr(name, '.'), *digits = dot;

	while (digits > name && isdigit((unsigned char)digits[-1]))
		digits--;
	if (strcasecmp(dot, ".swm") != 0 || digits == dot ||
	    asprintf(&first, "%s/%.*s%s", folder, (int)(digits - name), name, dot) < 0)
		return false;
	return access(first, F_OK) == 0;
}

/* The one image in a folder of the host, or in "sources" below it, as in a copy of Windows' medium. */
static int find_in_folder(const char *folder, char **path, struct error *err)
{
	DIR           *directory = opendir(folder);
	struct dirent *entry;
	size_t         found = 0;

	if (!directory)
		return error_sys(err, folder, "cannot be looked into for an image");
	while ((entry = readdir(directory))) {
		if (!is_image_name(entry->d_name) || is_further_part(folder, entry->d_name) ||
		    strcasecmp(entry->d_name, "boot.wim") == 0)
			continue;
		found++;
		free(TAKE(*path));
		if (asprintf(path, "%s/%s", folder, entry->d_name) < 0)
			*path = NULL;
	}
	closedir(directory);
	if (found == 1)
		return *path ? 0 : error_memory(err);
	free(TAKE(*path));
	if (found)
		return error_set(err, ERROR_VALUE, folder, "holds %zu images; name the one that is meant", found);
	return 1;
}

int package_image_find(const char *package, char **path, struct error *err)
{
	CLEANUP(free_ptr) char *sources = NULL;
	struct stat             status;
	int                     found;

	*path = NULL;
	if (stat(package, &status) < 0)
		return error_sys(err, package, "cannot be looked at");
	if (!S_ISDIR(status.st_mode)) {
		*path = strdup(package);
		return *path ? 0 : error_memory(err);
	}
	found = find_in_folder(package, path, err);
	if (found != 1)
		return found;
	if (asprintf(&sources, "%s/sources", package) < 0) {
		sources = NULL;
		return error_memory(err);
	}
	if (stat(sources, &status) == 0 && find_in_folder(sources, path, err) == 0)
		return 0;
	return error_set(err, ERROR_VALUE, package, "holds no image (.wim, .esd, .swm)");
}
