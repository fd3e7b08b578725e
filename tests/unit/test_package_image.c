/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_package_image.c - which file of a package is the image; package_image.h */
#include "recover/sequence/package_image.h"
#include "tests/unit/unit.h"

#include <sys/stat.h>

struct package {
	char  name[32];
	char  files[4][32]; /* "sources/" is a folder */
	char  image[32];    /* "": none can be told */
	char  why[32];
};

static void fill(const char *folder, const struct package *package)
{
	char *sources = temp_path(folder, "sources");

	cr_assert(that(mkdir(sources, 0700) == 0));
	free(sources);
	for (size_t i = 0; i < COUNT(package->files) && package->files[i][0]; i++) {
		char *path = temp_path(folder, package->files[i]);

		temp_write(path, "x", 1);
		free(path);
	}
}

ParameterizedTestParameters(package_image, is_the_one_that_there_is)
{
	static struct package packages[] = {
		{ "alone", { "install.wim", "readme.txt" }, "install.wim", "" },
		{ "packed", { "System.ESD" }, "System.ESD", "" },
		{ "split", { "install.swm", "install2.swm", "install3.swm" }, "install.swm", "" },
		{ "a part without its first", { "install2.swm" }, "install2.swm", "" },
		{ "medium", { "setup.exe", "sources/boot.wim", "sources/install.wim" }, "sources/install.wim", "" },
		{ "two", { "a.wim", "b.wim" }, "", "holds 2 images" },
		{ "only what boots", { "boot.wim" }, "", "holds no image" },
		{ "empty", { "" }, "", "holds no image" },
	};

	return CASES(struct package, packages);
}

ParameterizedTest(struct package *c, package_image, is_the_one_that_there_is)
{
	char        *folder = temp_folder(), *found = NULL, *wanted;
	struct error err;
	int          result;

	fill(folder, c);
	result = package_image_find(folder, &found, &err);
	cr_assert(eq(int, result, c->image[0] ? 0 : -1), "%s", c->name);
	if (c->image[0]) {
		wanted = temp_path(folder, c->image);
		cr_expect(eq(str, found, wanted), "%s", c->name);
		free(wanted);
	} else {
		cr_expect(that(!found && strncmp(err.text, c->why, strlen(c->why)) == 0), "%s: %s", c->name, err.text);
	}
	free(found);
	temp_remove(folder);
}

Test(package_image, a_file_is_itself)
{
	char        *folder = temp_folder(), *path = temp_path(folder, "anything"), *found;
	struct error err;

	cr_expect(eq(int, package_image_find(path, &found, &err), -1));
	cr_expect(that(!found));
	temp_write(path, "x", 1);
	cr_assert(eq(int, package_image_find(path, &found, &err), 0));
	cr_expect(eq(str, found, path));
	free(found);
	free(path);
	temp_remove(folder);
}
