/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_registry_peers.c - what others make we read, and what we make they read: reglookup, libregf, hivex's
 * programs */
#include "tests/unit/registry.h"

#include "recover/registry/hive_security.h"
#include "recover/registry/registry_file.h"

static char *folder;

static void make_folder(void)
{
	folder = temp_folder();
	setenv("LC_ALL", "C.UTF-8", 1);
}

static void remove_folder(void)
{
	temp_remove(folder);
}

TestSuite(registry_peers, .init = make_folder, .fini = remove_folder);

static struct blob output_of(const char *format, const char *path) __attribute__((format(printf, 1, 0)));

/* What a program writes about a file, ended by a zero; the test is skipped where the program is missing. */
static struct blob output_of(const char *format, const char *path)
{
	struct blob blob = { calloc(1 << 20, 1), 0 };
	char       *command;
	FILE       *program;
	int         status;

	cr_assert(that(asprintf(&command, format, path, path) > 0));
	program = popen(command, "r");
	blob.size = fread(blob.at, 1, (1 << 20) - 1, program);
	status = pclose(program);
	if (WEXITSTATUS(status) == 127)
		cr_skip("%s is not there", command);
	cr_assert(eq(int, status, 0), "%s", command);
	free(command);
	return blob;
}

static void set(struct hive *hive, const char *path, const char *name, uint32_t type, const void *data,
		size_t size)
{
	struct registry_value value = { (char *)name, type, (uint8_t *)data, size };
	struct error          err;

	cr_assert(eq(int, hive_set_value(hive, hive_made(hive, path), &value, &err), 0), "%s", err.text);
}

/* A hive of ours as a file; its path, to be freed. */
static char *save(struct hive *hive)
{
	struct blob saved = hive_saved(hive);
	char       *path = temp_path(folder, "hive");

	temp_write(path, saved.at, saved.size);
	free(saved.at);
	return path;
}

static struct hive filled(struct blob empty)
{
	struct hive hive = hive_of(empty, true);

	set(&hive, "Software\\A", "", 1, "h\0i\0\0", 6);
	set(&hive, "Software\\A", "number", 4, "\x2a\0\0", 4);
	set(&hive, "Software\\A", "binary", 3, "\1\2\xff", 3);
	set(&hive, "Software\\A", "C:\\x/y", 2, "%\0T\0%\0\0", 8);
	set(&hive, "Software\\A", "multi", 7, "a\0\0\0b\0\0\0\0", 10);
	set(&hive, "Software\\A", "long", 11, "\1\0\0\0\0\0\0", 8);
	set(&hive, "Software\\text/html", "empty", 3, "", 0);
	set(&hive, "Software\\\xc3\xa9\xe4\xb8\xad", "\xc3\xa9", 4, "\1\0\0", 4);
	return hive;
}

Test(registry_peers, reglookup_reads_what_we_write)
{
	struct blob empty = hive_empty(), said;
	struct hive hive = filled(empty);
	char       *path = save(&hive);

	said = output_of("reglookup -H %s 2> /dev/null", path);
	cr_expect(eq(str, (char *)said.at,
		     (char *)"/,KEY,,2024-11-23 00:16:53\n"
			     "/Software,KEY,,2024-11-23 00:16:53\n"
			     "/Software/A,KEY,,2024-11-23 00:16:53\n"
			     "/Software/A/,SZ,hi,\n"
			     "/Software/A/number,DWORD,0x0000002A,\n"
			     "/Software/A/binary,BINARY,%01%02%FF,\n"
			     "/Software/A/C:\\x%2Fy,EXPAND_SZ,%25T%25,\n"
			     "/Software/A/multi,MULTI_SZ,a|b,\n"
			     "/Software/A/long,QWORD,0x0000000000000001,\n"
			     "/Software/text%2Fhtml,KEY,,2024-11-23 00:16:53\n"
			     "/Software/text%2Fhtml/empty,BINARY,(null),\n"
			     "/Software/%E9%00-N,KEY,,2024-11-23 00:16:53\n" /* it says UTF-16LE as bytes */
			     "/Software/%E9%00-N/%E9,DWORD,0x00000001,\n"));
	free(said.at);
	free(path);
	hive_close(&hive);
	free(empty.at);
}

Test(registry_peers, libregf_reads_large_values)
{
	static const size_t sizes[] = { 16345, 32688, 40000 };
	struct blob         empty = hive_empty(), said;
	struct hive         hive = filled(empty);
	uint8_t            *data = malloc(40000);
	char               *path;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		char name[32], wanted[64];

		snprintf(name, sizeof name, "large%zu", sizes[i]);
		memset(data, 'a' + (int)i, sizes[i]);
		data[sizes[i] - 1] = 'z';
		set(&hive, "Software\\Large", name, 3, data, sizes[i]);
		path = save(&hive);
		said = output_of("regfexport -K Software\\\\Large %s 2>&1", path);
		snprintf(wanted, sizeof wanted, "Data size: %zu", sizes[i]);
		cr_expect(that(strstr((char *)said.at, name) != NULL), "%s", name);
		cr_expect(that(strstr((char *)said.at, wanted) != NULL), "%s", wanted);
		free(said.at);
		said = output_of("reglookup -H -p /Software/Large %s", path);
		cr_expect(gt(sz, said.size, sizes[i])); /* all of it, to its end */
		cr_expect(that(strstr((char *)said.at, "z,\n") != NULL));
		free(said.at);
		free(path);
	}
	hive_close(&hive);
	free(data);
	free(empty.at);
}

Test(registry_peers, hivex_reads_what_we_write)
{
	struct blob empty = hive_empty(), said;
	struct hive hive = filled(empty);
	char       *path = save(&hive);

	said = output_of("hivexget %s 'Software\\A' number", path);
	cr_expect(eq(str, (char *)said.at, (char *)"42\n"));
	free(said.at);
	said = output_of("hivexml %s | xmllint --xpath 'count(//node)' -", path);
	cr_expect(eq(int, atoi((char *)said.at), 5));
	free(said.at);
	free(path);
	hive_close(&hive);
	free(empty.at);
}

static const char additions[] = "Windows Registry Editor Version 5.00\n"
				"\n"
				"[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\n"
				"@=\"default\"\n"
				"\"n\"=dword:0000002a\n"
				"\n"
				"[HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\B]\n"
				"\"m\"=hex(7):61,00,00,00,\\\n  00,00\n";

/* A hive that hivexregedit has filled from a text. */
static struct hive filled_by_hivexregedit(const char *text, size_t size)
{
	struct blob empty = hive_empty(), blob;
	char       *path = temp_path(folder, "hive"), *reg = temp_path(folder, "hive.reg");
	struct hive hive;

	temp_write(path, empty.at, empty.size);
	temp_write(reg, text, size);
	free(output_of("hivexregedit --merge --prefix 'HKEY_LOCAL_MACHINE\\SOFTWARE' %s %s.reg", path).at);
	blob = temp_read(path);
	hive = hive_of(blob, false);
	free(blob.at);
	free(empty.at);
	free(path);
	free(reg);
	return hive;
}

static char *text_at(const struct hive *hive, const char *path, const char *name)
{
	char        *text;
	struct error err;

	cr_assert(eq(int, hive_text_at(hive, path, name, &text, &err), 0), "%s", err.text);
	return text;
}

Test(registry_peers, we_read_what_hivexregedit_writes)
{
	struct hive           hive = filled_by_hivexregedit(additions, sizeof additions - 1);
	struct registry_value value;
	struct error          err;
	hive_key              key;
	char                 *text = text_at(&hive, "a", "");

	cr_expect(eq(str, text, (char *)"default"));
	cr_assert(eq(int, hive_find(&hive, hive_root(&hive), "A\\b", &key, &err), 1));
	cr_assert(eq(int, hive_value(&hive, key, "M", &value, &err), 1));
	cr_expect(eq(u32, value.type, REGISTRY_MULTI_STRING));
	cr_expect(eq(sz, value.size, 6));
	cr_expect(eq(int, memcmp(value.data, "a\0\0\0\0", 6), 0));
	registry_value_release(&value);
	free(text);
	hive_close(&hive);
}

/* In the local encoding, as hivexregedit wants it. */
Test(registry_peers, hivexregedit_takes_our_text)
{
	struct registry_file file = { 0 };
	struct blob          blob, plain;
	struct hive          hive;
	struct error         err;
	char                *reg = temp_path(folder, "ours.reg"), *text;
	struct {
		const char           *path;
		struct registry_value value;
	} given[] = {
		{ "HKLM\\SOFTWARE\\X\\Y\\Z", { (char *)"q\"b\\", 1, (uint8_t *)"C\0:\0\\\0\0", 8 } },
		{ "HKLM\\SOFTWARE\\X\\Y\\Z", { (char *)"", 1, (uint8_t *)"d\0\0", 4 } },
		{ "HKLM\\SOFTWARE\\X\\Y\\Z", { (char *)"b", 3, (uint8_t *)additions, 100 } },
		{ "HKLM\\SOFTWARE\\X\\Other", { (char *)"n", 4, (uint8_t *)"\1\2\3\4", 4 } },
		{ "HKLM\\SOFTWARE\\X\\Other", { (char *)"bare", 2, (uint8_t *)"a\0b\0", 4 } },
	};

	for (size_t i = 0; i < COUNT(given); i++)
		cr_assert(eq(int, registry_file_add(&file, given[i].path, &given[i].value, &err), 0));
	cr_assert(eq(int, registry_file_format(&file, &blob.at, &blob.size, &err), 0));
	temp_write(reg, blob.at, blob.size);
	plain = output_of("iconv -f UTF-16 -t UTF-8 %s", reg);
	hive = filled_by_hivexregedit((char *)plain.at, plain.size);
	for (size_t i = 0; i < COUNT(given); i++) {
		struct registry_value value;
		hive_key              key;

		cr_assert(eq(int,
			     hive_find(&hive, hive_root(&hive), given[i].path + strlen("HKLM\\SOFTWARE\\"),
				       &key, &err),
			     1));
		cr_assert(eq(int, hive_value(&hive, key, given[i].value.name, &value, &err), 1), "%s",
			  given[i].value.name);
		cr_expect(eq(u32, value.type, given[i].value.type));
		cr_assert(eq(sz, value.size, given[i].value.size), "%s", given[i].value.name);
		cr_expect(eq(int, memcmp(value.data, given[i].value.data, value.size), 0), "%s",
			  given[i].value.name);
		registry_value_release(&value);
	}
	text = text_at(&hive, "X\\Y\\Z", "q\"b\\");
	cr_expect(eq(str, text, (char *)"C:\\"));
	free(text);
	hive_close(&hive);
	registry_file_release(&file);
	free(blob.at);
	free(plain.at);
	free(reg);
}

Test(registry_peers, we_read_the_text_that_hivexregedit_exports)
{
	struct blob          empty = hive_empty(), said;
	struct hive          hive = filled(empty);
	char                *path = save(&hive);
	struct registry_file file;
	struct error         err;

	said = output_of("hivexregedit --export --prefix 'HKEY_LOCAL_MACHINE\\SOFTWARE' %s '\\Software\\A'",
			 path);
	cr_assert(eq(int,
		     registry_file_parse(&file, "export", blob_bytes((struct blob){ said.at, said.size }, 0),
					 &err),
		     0),
		  "%s", err.text);
	cr_assert(eq(sz, file.count, 1));
	cr_expect(eq(str, file.items[0].path, (char *)"HKLM\\SOFTWARE\\Software\\A"));
	cr_assert(eq(sz, file.items[0].values.count, 6));
	registry_file_release(&file);
	free(said.at);
	free(path);
	hive_close(&hive);
	free(empty.at);
}

/* The lines of reglookup -s: owner, group, SACL, DACL; and libregf reads it to its end. */
Test(registry_peers, others_see_whose_a_hive_is)
{
#define ALL  "QRY_VAL SET_VAL CREATE_KEY ENUM_KEYS NOTIFY CREATE_LNK DELETE R_CONT W_DAC W_OWNER:CI"
#define READ "QRY_VAL ENUM_KEYS NOTIFY R_CONT:CI"
#define USER "S-1-5-21-1-2-3-1001"
#define BUT(owner, access) \
	",KEY,,2024-11-23 00:16:53," owner ",S-1-5-32-544,,S-1-5-18:ALLOW:" ALL "|S-1-5-32-544:ALLOW:" ALL \
	"|" USER ":ALLOW:" access ",\n"
	struct blob  empty = hive_empty(), blob, said;
	struct hive  hive = filled(empty);
	struct sid   user;
	struct error err;
	char        *path = temp_path(folder, "hive");

	hive_made(&hive, "Software\\Policies");
	blob = hive_saved(&hive);
	cr_assert(that(sid_parse(USER, &user)));
	cr_assert(eq(int, hive_security_grant(&blob.at, &blob.size, &user, &err), 0), "%s", err.text);
	temp_write(path, blob.at, blob.size);
	said = output_of("reglookup -s -H -t KEY %s 2> /dev/null", path);
	cr_expect(eq(str, (char *)said.at,
		     (char *)"/" BUT(USER, ALL)
			     "/Software" BUT("S-1-5-32-544", ALL)
			     "/Software/A" BUT("S-1-5-32-544", ALL)
			     "/Software/Policies" BUT("S-1-5-32-544", READ)
			     "/Software/text%2Fhtml" BUT("S-1-5-32-544", ALL)
			     "/Software/%E9%00-N" BUT("S-1-5-32-544", ALL)));
	free(said.at);
	said = output_of("regfinfo %s 2>&1", path);
	cr_expect(that(strstr((char *)said.at, "(key:) Policies\n") != NULL), "%s", said.at);
	free(said.at);
	free(path);
	free(blob.at);
	hive_close(&hive);
	free(empty.at);
}
