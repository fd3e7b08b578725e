/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_environment.c - variables, their expansion, and where Windows has its folders (spec USMT 3.8) */
#include "recover/windows/environment.h"
#include "recover/windows/windows_path.h"
#include "tests/unit/people.h"

#define FOLDERS "Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\"

static void expect_value(const struct environment *environment, const char *name, const char *value)
{
	const struct texts *texts = environment_get(environment, name);

	cr_assert(ne(ptr, (void *)texts, NULL), "%s", name);
	cr_assert(eq(sz, texts->count, 1), "%s", name);
	cr_expect(eq(str, texts->items[0], (char *)value), "%s", name);
}

static void add(struct environment *environment, const char *name, const char *value)
{
	struct error err;

	cr_assert(eq(int, environment_add(environment, name, value, &err), 0));
}

/* -------- expansion -------- */

Test(environment, every_combination_of_values_is_a_text)
{
	struct environment environment = { 0 };
	struct texts       texts;
	struct error       err;
	char              *unknown;

	add(&environment, "Drive", "C:");
	add(&environment, "drive", "D:");
	add(&environment, "DRIVE", "c:"); /* has it */
	add(&environment, "app", "one");
	add(&environment, "app", "two");
	cr_assert(eq(int, environment_expand(&environment, "%DRIVE%\\%App%\\x [*]", &texts, &unknown, &err), 0));
	cr_expect(eq(ptr, unknown, NULL));
	cr_assert(eq(sz, texts.count, 4));
	cr_expect(eq(str, texts.items[0], (char *)"C:\\one\\x [*]"));
	cr_expect(eq(str, texts.items[1], (char *)"C:\\two\\x [*]"));
	cr_expect(eq(str, texts.items[2], (char *)"D:\\one\\x [*]"));
	cr_expect(eq(str, texts.items[3], (char *)"D:\\two\\x [*]"));
	texts_release(&texts);
	environment_release(&environment);
}

struct expansion {
	char text[64], expanded[64], unknown[16];
};

ParameterizedTestParameters(environment, signs_that_are_no_reference_stay)
{
	static struct expansion cases[] = {
		{ "", "", "" },
		{ "%A%", "1", "" },
		{ "%a%%A%", "11", "" },
		{ "100%", "100%", "" },
		{ "%", "%", "" },
		{ "%%", "%%", "" },
		{ "50%\\x%A%", "50%\\x1", "" },     /* no variable has a backslash in its name */
		{ "x%A%y%", "x1y%", "" },
		{ "%PERCENT%A%", "%AA%", "" },      /* a value is not expanded again */
		{ "%A%\\%NOBODY%\\%B%", "", "NOBODY" },
	};

	return CASES(struct expansion, cases);
}

ParameterizedTest(struct expansion *c, environment, signs_that_are_no_reference_stay)
{
	struct environment environment = { 0 };
	struct texts       texts;
	struct error       err;
	char              *unknown;

	add(&environment, "A", "1");
	add(&environment, "PERCENT", "%A");
	cr_assert(eq(int, environment_expand(&environment, c->text, &texts, &unknown, &err), 0));
	cr_assert(eq(sz, texts.count, *c->unknown ? 0 : 1), "%s", c->text);
	if (*c->unknown)
		cr_expect(eq(str, unknown, c->unknown));
	else
		cr_expect(eq(str, texts.items[0], c->expanded));
	free(unknown);
	texts_release(&texts);
	environment_release(&environment);
}

Test(environment, a_variable_without_a_value_stands_for_nothing)
{
	struct environment environment = { 0 }, copy;
	struct texts       texts;
	struct error       err;
	char              *unknown;

	cr_assert(eq(int, environment_declare(&environment, "CSIDL_PRINTERS", &err), 0));
	cr_assert(eq(int, environment_copy(&copy, &environment, &err), 0));
	cr_assert(eq(int, environment_expand(&copy, "%CSIDL_Printers%\\x", &texts, &unknown, &err), 0));
	cr_expect(eq(sz, texts.count, 0));
	cr_expect(eq(ptr, unknown, NULL));
	texts_release(&texts);
	environment_release(&environment);
	environment_release(&copy);
}

Test(environment, combinations_without_end_are_refused)
{
	struct environment environment = { 0 };
	struct texts       texts;
	struct error       err;
	char              *unknown, number[16];

	for (int i = 0; i < 100; i++) {
		snprintf(number, sizeof number, "%d", i);
		add(&environment, "N", number);
	}
	cr_expect(eq(int, environment_expand(&environment, "%N%%N%%N%%N%%N%%N%%N%%N%%N%", &texts, &unknown, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	texts_release(&texts);
	environment_release(&environment);
}

/* -------- folders -------- */

Test(environment, without_hives_windows_own_places_hold)
{
	struct windows       windows = windows_of_nobody();
	struct user_profile *anna = add_profile(&windows, ANNA_SID, "PC7", "anna", "C:\\Users\\anna");
	struct environment   environment;
	struct error         err;

	cr_assert(eq(int, environment_make(&environment, &windows, anna, &err), 0));
	expect_value(&environment, "CSIDL_PERSONAL", "C:\\Users\\anna\\Documents");
	expect_value(&environment, "csidl_mydocuments", "C:\\Users\\anna\\Documents");
	expect_value(&environment, "APPDATA", "C:\\Users\\anna\\AppData\\Roaming");
	expect_value(&environment, "CSIDL_LOCAL_APPDATA", "C:\\Users\\anna\\AppData\\Local");
	expect_value(&environment, "CSIDL_STARTUP",
		     "C:\\Users\\anna\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup");
	expect_value(&environment, "CSIDL_QUICKLAUNCH",
		     "C:\\Users\\anna\\AppData\\Roaming\\Microsoft\\Internet Explorer\\Quick Launch");
	expect_value(&environment, "CSIDL_DEFAULT_QUICKLAUNCH",
		     "C:\\Users\\Default\\AppData\\Roaming\\Microsoft\\Internet Explorer\\Quick Launch");
	expect_value(&environment, "CSIDL_DEFAULT_PERSONAL", "C:\\Users\\Default\\Documents");
	expect_value(&environment, "CSIDL_COMMON_STARTMENU", "C:\\ProgramData\\Microsoft\\Windows\\Start Menu");
	expect_value(&environment, "CSIDL_COMMON_VIDEO", "C:\\Users\\Public\\Videos");
	expect_value(&environment, "ALLUSERSPROFILE", "C:\\Users\\Public");
	expect_value(&environment, "SYSTEM16", "C:\\Windows\\system");
	expect_value(&environment, "SYSTEMPROFILE", "C:\\Windows\\System32\\config\\systemprofile");
	expect_value(&environment, "COMMONPROGRAMFILES(X86)", "C:\\Program Files (x86)\\Common Files");
	expect_value(&environment, "HOMEPATH", "\\Users\\anna");
	expect_value(&environment, "USERSID", ANNA_SID);
	expect_value(&environment, "TEMP", "C:\\Users\\anna\\AppData\\Local\\Temp");
	cr_expect(eq(sz, environment_get(&environment, "CSIDL_BITBUCKET")->count, 0));
	environment_release(&environment);
	cr_assert(eq(int, environment_make(&environment, &windows, NULL, &err), 0));
	cr_expect(eq(ptr, (void *)environment_get(&environment, "CSIDL_PERSONAL"), NULL));
	cr_expect(eq(ptr, (void *)environment_get(&environment, "USERPROFILE"), NULL));
	environment_release(&environment);
	cr_assert(eq(int, environment_make(&environment, NULL, NULL, &err), 0));
	expect_value(&environment, "CSIDL_COMMON_DOCUMENTS", "C:\\Users\\Public\\Documents");
	environment_release(&environment);
	windows_close(&windows);
}

Test(environment, before_vista_they_were_others)
{
	struct windows       windows = windows_of_nobody();
	struct user_profile *anna;
	struct environment   environment;
	struct error         err;

	windows.version_major = 5;
	windows.is_64bit = false;
	free(windows.public_folder);
	windows.public_folder = copy_of("C:\\Documents and Settings\\All Users");
	anna = add_profile(&windows, ANNA_SID, "PC7", "anna", "C:\\Documents and Settings\\anna");
	cr_assert(eq(int, environment_make(&environment, &windows, anna, &err), 0));
	expect_value(&environment, "CSIDL_PERSONAL", "C:\\Documents and Settings\\anna\\My Documents");
	expect_value(&environment, "CSIDL_MYMUSIC", "C:\\Documents and Settings\\anna\\My Documents\\My Music");
	expect_value(&environment, "CSIDL_LOCAL_APPDATA",
		     "C:\\Documents and Settings\\anna\\Local Settings\\Application Data");
	expect_value(&environment, "CSIDL_COMMON_APPDATA", "C:\\Documents and Settings\\All Users\\Application Data");
	expect_value(&environment, "CSIDL_COMMON_PROGRAMS", "C:\\Documents and Settings\\All Users\\Start Menu\\Programs");
	expect_value(&environment, "TEMP", "C:\\Documents and Settings\\anna\\Local Settings\\Temp");
	cr_expect(eq(sz, environment_get(&environment, "PROGRAMFILES(X86)")->count, 0));
	cr_expect(eq(sz, environment_get(&environment, "CSIDL_CONTACTS")->count, 0));
	environment_release(&environment);
	windows_close(&windows);
}

Test(environment, hives_come_first_on_the_letters_under_work)
{
	struct windows       windows = windows_of_nobody();
	struct user_profile *anna = add_profile(&windows, ANNA_SID, "PC7", "anna", "D:\\Users\\anna");
	struct blob          empty = hive_empty();
	struct environment   environment;
	struct error         err;

	free(windows.directory);
	windows.directory = copy_of("D:\\Windows");
	windows.letters['C' - 'A'] = 'D'; /* what it calls C is D here */
	windows.letters['D' - 'A'] = 0;
	windows.letters['E' - 'A'] = 'E';
	windows.software = hive_of(empty, true);
	anna->user = hive_of(empty, true);
	registry_set_text(&windows.software, "Microsoft\\Windows\\CurrentVersion", "ProgramFilesDir", "C:\\Programme");
	registry_set_text(&anna->user, FOLDERS "User Shell Folders", "Personal", "E:\\\\Home/\\anna\\");
	registry_set_text(&anna->user, FOLDERS "User Shell Folders", "Desktop", "%USERPROFILE%\\Schreibtisch");
	registry_set_text(&anna->user, FOLDERS "User Shell Folders", "My Music", "D:\\Music"); /* not under work */
	registry_set_text(&anna->user, FOLDERS "User Shell Folders", "My Video", "\\\\srv\\\\video\\anna");
	registry_set_text(&anna->user, FOLDERS "User Shell Folders", "Favorites", "%HOMESHARE%\\Favorites");
	registry_set_text(&anna->user, FOLDERS "Shell Folders", "My Pictures", "C:\\Users\\anna\\Bilder");
	registry_set_text(&anna->user, FOLDERS "Shell Folders", "Cookies", "C:\\Users\\other\\Cookies"); /* a stale copy */
	registry_set_text(&anna->user, "Environment", "WORK", "%USERPROFILE%\\work");
	registry_set_text(&anna->user, "Environment", "USERPROFILE", "C:\\evil");
	registry_set_text(&anna->user, "Environment", "PATH", "C:\\a;C:\\b");
	cr_assert(eq(int, environment_make(&environment, &windows, anna, &err), 0), "%s", err.text);
	expect_value(&environment, "CSIDL_PERSONAL", "E:\\Home\\anna");
	expect_value(&environment, "CSIDL_DESKTOP", "D:\\Users\\anna\\Schreibtisch");
	expect_value(&environment, "CSIDL_MYMUSIC", "D:\\Users\\anna\\Music");
	expect_value(&environment, "CSIDL_MYVIDEO", "\\\\srv\\video\\anna");
	expect_value(&environment, "CSIDL_FAVORITES", "D:\\Users\\anna\\Favorites");
	expect_value(&environment, "CSIDL_MYPICTURES", "D:\\Users\\anna\\Bilder");
	expect_value(&environment, "CSIDL_COOKIES", "D:\\Users\\anna\\AppData\\Local\\Microsoft\\Windows\\INetCookies");
	expect_value(&environment, "PROGRAMFILES", "D:\\Programme");
	expect_value(&environment, "WORK", "D:\\Users\\anna\\work");
	expect_value(&environment, "USERPROFILE", "D:\\Users\\anna");
	expect_value(&environment, "PATH", "C:\\a;C:\\b");
	environment_release(&environment);
	free(empty.at);
	windows_close(&windows);
}

Test(environment, paths_go_to_the_offline_system_and_back)
{
	struct windows windows = windows_of_nobody();
	char          *offline;

	windows.letters['C' - 'A'] = 'D';
	windows.letters['D' - 'A'] = 0;
	offline = windows_path_offline(&windows, "D:\\Users\\anna");
	cr_assert(ne(ptr, offline, NULL));
	cr_expect(eq(str, offline, (char *)"C:\\Users\\anna"));
	free(offline);
	cr_expect(eq(ptr, windows_path_offline(&windows, "C:\\x"), NULL));
	cr_expect(eq(ptr, windows_path_offline(&windows, "\\\\srv\\x"), NULL));
	windows_close(&windows);
}
