/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_usmt_files.c - expected values: usmt_files.h */
#include "tests/unit/unit.h"

#include "recover/usmt/usmt_files.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *made(const char *folder)
{
	char *rules = temp_path(folder, "Rules"), *path = temp_path(folder, "Rules/MigApp.XML");

	cr_assert(eq(int, mkdir(rules, 0700), 0));
	temp_write(path, "<x/>", 4);
	free(rules);
	return path;
}

Test(usmt_files, this_computer_whatever_slash_and_case)
{
	static const char *const spellings[] = { "Rules/MigApp.XML", "rules\\migapp.xml", "RULES//MIGAPP.xml",
						 ".\\rules\\..\\Rules\\MigApp.xml" };
	char             *folder = temp_folder(), *path = made(folder);
	struct usmt_files files = { 0 };
	struct error      err = { 0 };

	cr_assert(eq(int, chdir(folder), 0));
	for (size_t i = 0; i < COUNT(spellings); i++) {
		const char *found;
		struct stat status;

		cr_expect(eq(int, usmt_files_find(&files, NULL, spellings[i], &found, &err), 0), "%s: %s", spellings[i],
			  err.text);
		cr_expect(that(found && stat(found, &status) == 0 && status.st_size == 4), "%s", spellings[i]);
	}
	usmt_files_release(&files);
	cr_expect(eq(int, access(path, R_OK), 0), "a file of the user's own stays");
	free(path);
	temp_remove(folder);
}

Test(usmt_files, that_case_is_taken_which_is_asked_for)
{
	char             *folder = temp_folder(), *upper = temp_path(folder, "A.xml"), *lower = temp_path(folder, "a.xml");
	struct usmt_files files = { 0 };
	struct error      err;
	const char       *found;

	temp_write(upper, "1", 1);
	temp_write(lower, "2", 1);
	cr_assert(eq(int, usmt_files_find(&files, NULL, lower, &found, &err), 0));
	cr_expect(eq(str, (char *)found, lower));
	cr_assert(eq(int, usmt_files_find(&files, NULL, upper, &found, &err), 0));
	cr_expect(eq(str, (char *)found, upper));
	usmt_files_release(&files);
	free(upper);
	free(lower);
	temp_remove(folder);
}

Test(usmt_files, what_cannot_be_found)
{
	static const char *const paths[] = { "/nowhere/at/all.xml", "nothing.xml", "C:\\rules\\a.xml", "\\\\server\\share\\a.xml",
					     "" };
	struct usmt_files        files = { 0 };

	for (size_t i = 0; i < COUNT(paths); i++) {
		const char  *found;
		struct error err = { 0 };

		cr_expect(eq(int, usmt_files_find(&files, NULL, paths[i], &found, &err), -1), "%s", paths[i]);
		cr_expect(that(found == NULL && *err.text));
	}
	usmt_files_release(&files);
}

Test(usmt_files, where_may_be_written)
{
	static const struct {
		const char *path, *host; /* NULL: refused */
	} cases[] = {
		{ "scan.log", "scan.log" },       { "logs\\scan.log", "logs/scan.log" }, { "/tmp/scan.log", "/tmp/scan.log" },
		{ "C:\\Windows\\scan.log", NULL }, { "c:scan.log", NULL },               { "\\\\server\\share\\scan.log", NULL },
	};

	struct usmt_files files = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error err = { 0 };
		char        *host;

		cr_expect(eq(int, usmt_files_to_write(&files, cases[i].path, &host, &err), cases[i].host ? 0 : -1));
		if (cases[i].host)
			cr_expect(eq(str, host, (char *)cases[i].host));
		else
			cr_expect(that(host == NULL && strstr(err.text, "name ") != NULL), "%s", err.text);
		free(host);
	}
}

Test(usmt_files, a_step_writes_into_its_folder_alone)
{
	static const char *const cases[][2] = {
		{ "scan.log", "/logs/scan.log" },
		{ "C:\\Windows\\CCM\\Logs\\scan.log", "/logs/scan.log" },
		{ "X:scan.log", "/logs/scan.log" },
		{ "/etc/cron.d/scan.log", "/logs/scan.log" },
		{ "\\\\server\\share\\scan.log", "/logs/scan.log" },
		{ "X:\\Smsts.log", "/logs/usmt-Smsts.log" },
		{ "..\\..", "/logs/output" },
		{ "a/.", "/logs/output" },
		{ "C:\\", "/logs/output" },
		{ "", "/logs/output" },
	};
	struct usmt_files files = { .places.written = "/logs" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error err = { 0 };
		char        *host;

		cr_assert(eq(int, usmt_files_to_write(&files, cases[i][0], &host, &err), 0), "%s", cases[i][0]);
		cr_expect(eq(str, host, (char *)cases[i][1]), "%s", cases[i][0]);
		free(host);
	}
}

Test(usmt_files, a_package_is_looked_through)
{
	char             *folder = temp_folder(), *rules = made(folder), *outside = temp_path(folder, "outside.xml");
	char             *package = temp_path(folder, "Package"), *amd64 = temp_path(folder, "Package/AMD64");
	char             *inside = temp_path(folder, "Package/AMD64/MigUser.XML");
	struct usmt_files files = { .places.package = package };
	struct error      err = { 0 };
	const char       *found;
	char             *path;

	cr_assert(eq(int, mkdir(package, 0700), 0));
	cr_assert(eq(int, mkdir(amd64, 0700), 0));
	temp_write(outside, "<x/>", 4);
	temp_write(inside, "<x/>", 4);
	cr_assert(eq(int, chdir(folder), 0));
	cr_expect(eq(int, usmt_package_find(package, "miguser.xml", &path, &err), 1));
	cr_expect(that(path && access(path, R_OK) == 0));
	free(path);
	cr_expect(eq(int, usmt_package_find(package, "outside.xml", &path, &err), 0));
	cr_expect(eq(int, usmt_package_find(package, "..\\outside.xml", &path, &err), 0), "it leaves the package");
	cr_expect(eq(int, usmt_package_find(package, "amd64/../../outside.xml", &path, &err), 0), "it leaves the package");
	cr_expect(eq(int, usmt_package_find(package, "", &path, &err), 0));
	cr_assert(eq(int, usmt_files_find(&files, NULL, "miguser.xml", &found, &err), 0), "%s", err.text);
	cr_expect(that(strstr(found, "/MigUser.XML") != NULL), "%s", found);
	cr_assert(eq(int, usmt_files_find(&files, NULL, "rules\\migapp.xml", &found, &err), 0), "the current folder, then");
	cr_assert(eq(int, usmt_files_find(&files, NULL, outside, &found, &err), 0));
	cr_expect(eq(str, (char *)found, outside));
	usmt_files_release(&files);
	free(inside);
	free(amd64);
	free(package);
	free(outside);
	free(rules);
	temp_remove(folder);
}
