/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_first_boot.c - hostile names stay text in PowerShell and in XML; libxml2 and our own lexer judge */
#include "recover/windows/first_boot.h"
#include "tests/unit/people.h"

#include <libxml/parser.h>

#define STORED_SID "S-1-5-21-101-102-103-1001"

struct boot {
	struct windows         target;
	struct people_file     people;
	struct mapped_accounts accounts;
	struct first_boot      files;
	struct error           err;
};

static void begin(struct boot *boot)
{
	*boot = (struct boot){ .target = windows_of_nobody(),
			       .people = { .computer = copy_of("OLDPC"), .machine_sid = copy_of("") } };
}

static void add(struct boot *boot, const char *sid, const char *domain, const char *name, bool local, const char *path)
{
	struct person person = { copy_of(sid), copy_of(name), copy_of(domain), NAME_FROM_SAM, local, false,
				 copy_of(path), 0, true, copy_of("") };

	cr_assert(eq(int, people_file_add(&boot->people, person, &boot->err), 0));
}

static int make(struct boot *boot, const struct account_maps *maps, const struct first_boot_options *options)
{
	cr_assert(eq(int, account_map_make(maps, &boot->target, &boot->people.people, &boot->accounts, &boot->err), 0), "%s",
		  boot->err.text);
	return first_boot_make(&boot->files, &boot->target, &boot->accounts, options, &boot->err);
}

static void end(struct boot *boot)
{
	first_boot_release(&boot->files);
	mapped_accounts_release(&boot->accounts);
	people_file_release(&boot->people);
	windows_close(&boot->target);
}

/* The arguments of the n-th call at the end of the script, read as PowerShell reads single quotes. */
static bool call_of(const struct first_boot_file *script, unsigned number, char arguments[5][128], char *rest, size_t room)
{
	const char *at = script->bytes;

	for (unsigned i = 0; i <= number; i++) {
		at = strstr(at, "\nRestore-Account ");
		if (!at)
			return false;
		at += strlen("\nRestore-Account ");
	}
	for (int i = 0; i < 5; i++) {
		size_t used = 0;

		cr_assert(eq(chr, *at, '\''));
		for (at++; *at != '\'' || at[1] == '\''; at++) {
			at += *at == '\'';
			cr_assert(lt(sz, used, 127));
			arguments[i][used++] = *at;
		}
		arguments[i][used] = 0;
		at += 2;
	}
	snprintf(rest, room, "%.*s", (int)strcspn(at, "\r"), at);
	return true;
}

struct hostile {
	char name[64], password[64];
};

ParameterizedTestParameters(first_boot, quotes_hold)
{
	static struct hostile cases[] = {
		{ "anna", "" },
		{ "O'Neil", "it's" },
		{ "''", "'" },
		{ "a$(calc)", "$env:x" },
		{ "a&b%x%^!`n", "&<>\"%PATH%^|`$()" },
		{ "#{}~", "]]>" },
		{ "\xc3\xa4nna \xf0\x9f\x98\x80", "p\xc3\xa4ss" },
	};

	return CASES(struct hostile, cases);
}

ParameterizedTest(struct hostile *c, first_boot, quotes_hold)
{
	struct account_maps       maps = { .create = true };
	struct first_boot_options options = { .enable = true, .password = *c->password ? c->password : NULL };
	struct boot               boot;
	char                      arguments[5][128], rest[64];
	xmlDoc                   *document;

	begin(&boot);
	add(&boot, STORED_SID, "OLDPC", c->name, true, "C:\\Users\\it's");
	cr_assert(eq(int, make(&boot, &maps, &options), 1), "%s", boot.err.text);
	cr_expect(eq(sz, boot.files.left_out, 0));
	cr_assert(that(call_of(&boot.files.script, 0, arguments, rest, sizeof rest)));
	cr_expect(eq(str, arguments[0], (char *)""));
	cr_expect(eq(str, arguments[1], c->name));
	cr_expect(eq(str, arguments[2], (char *)STORED_SID));
	cr_expect(eq(str, arguments[3], (char *)"C:\\Users\\it's"));
	cr_expect(eq(str, arguments[4], c->password));
	cr_expect(eq(str, rest, (char *)"$true $true"));
	cr_expect(that(!call_of(&boot.files.script, 1, arguments, rest, sizeof rest)));
	document = xmlReadMemory(boot.files.unattend.bytes, (int)boot.files.unattend.size, "unattend", NULL, XML_PARSE_NONET);
	cr_assert(ne(ptr, document, NULL));
	for (xmlNode *node = xmlDocGetRootElement(document); node;
	     node = node->children ? node->children : node->next ? node->next : node->parent ? node->parent->next : NULL) {
		xmlChar *text = xmlNodeGetContent(node);

		if (xmlStrcmp(node->name, (const xmlChar *)"Name") == 0)
			cr_expect(eq(str, (char *)text, c->name));
		if (xmlStrcmp(node->name, (const xmlChar *)"Value") == 0)
			cr_expect(eq(str, (char *)text, c->password));
		xmlFree(text);
	}
	xmlFreeDoc(document);
	cr_expect(eq(ptr, strstr(boot.files.command.bytes, c->name), NULL), "no name reaches cmd.exe");
	end(&boot);
}

Test(first_boot, typographic_quotes_are_doubled)
{
	struct account_maps       maps = { .create = true };
	struct first_boot_options options = { 0 };
	struct boot               boot;

	begin(&boot);
	add(&boot, STORED_SID, "OLDPC", "a\xe2\x80\x99;calc", true, "C:\\Users\\a"); /* ; is not allowed: left out */
	add(&boot, "S-1-5-21-101-102-103-1002", "OLDPC", "b\xe2\x80\x98x", true, "C:\\Users\\b");
	cr_assert(eq(int, make(&boot, &maps, &options), 1));
	cr_expect(eq(sz, boot.files.left_out, 1));
	cr_expect(ne(ptr, strstr(boot.files.script.bytes, "'b\xe2\x80\x98\xe2\x80\x98x'"), NULL));
	cr_expect(eq(ptr, strstr(boot.files.script.bytes, "calc"), NULL));
	cr_expect(ne(ptr, strstr(boot.files.instructions.bytes, "LEFT OUT"), NULL));
	end(&boot);
}

struct no_account {
	char name[64];
};

ParameterizedTestParameters(first_boot, what_no_account_can_be_called_is_left_out)
{
	static struct no_account cases[] = {
		{ "" },        { "..." },      { "a\nb" },         { "a\x1b[31m" },        { "a/b" },  { "a\"b" },
		{ "a\tb" },    { "a|b" },      { "a@b" },          { "123456789012345678901" }, { "a\xed\xa0\x80" },
		{ "a\xc2\x85" }, { "a\xff" },  { "a\xe2\x80\xa8" }, { "<x>" },
	};

	return CASES(struct no_account, cases);
}

ParameterizedTest(struct no_account *c, first_boot, what_no_account_can_be_called_is_left_out)
{
	struct account_maps       maps = { .create = true };
	struct first_boot_options options = { 0 };
	struct boot               boot;
	char                      arguments[5][128], rest[64];

	begin(&boot);
	add(&boot, STORED_SID, "OLDPC", c->name, true, "C:\\Users\\a");
	cr_assert(eq(int, make(&boot, &maps, &options), 1));
	cr_expect(eq(sz, boot.files.left_out, 1), "%s", c->name);
	cr_expect(that(!call_of(&boot.files.script, 0, arguments, rest, sizeof rest)));
	cr_expect(eq(ptr, strstr(boot.files.unattend.bytes, "<LocalAccount "), NULL));
	for (const char *at = boot.files.instructions.bytes; *at; at++)
		cr_expect(that(*at == '\r' || *at == '\n' || (unsigned char)*at >= 0x20), "escaped for the reader");
	end(&boot);
}

Test(first_boot, only_what_cannot_be_done_before)
{
	struct account_rename     users[] = { { "CORP\\bert", "NEW\\bert" } };
	struct account_maps       maps = { users, 1, NULL, 0, false };
	struct first_boot_options options = { .password = "secret" };
	struct boot               boot;
	char                      arguments[5][128], rest[64];

	begin(&boot);
	boot.target.letters['C' - 'A'] = 'D'; /* its C is D here */
	boot.target.letters['D' - 'A'] = 0;
	free(boot.target.profiles_folder);
	boot.target.profiles_folder = copy_of("D:\\Users");
	add(&boot, BERT_SID, "CORP", "bert", false, "D:\\Users\\bert");
	add(&boot, "S-1-5-21-7-8-9-1106", "CORP", "carla", false, "D:\\Users\\carla"); /* as she was */
	add(&boot, STORED_SID, "OLDPC", "anna", true, "D:\\Users\\anna");              /* missing, no /lac */
	cr_assert(eq(int, make(&boot, &maps, &options), 1));
	cr_assert(that(call_of(&boot.files.script, 0, arguments, rest, sizeof rest)));
	cr_expect(eq(str, arguments[0], (char *)"NEW"));
	cr_expect(eq(str, arguments[1], (char *)"bert"));
	cr_expect(eq(str, arguments[3], (char *)"C:\\Users\\bert"), "as the target calls it");
	cr_expect(eq(str, arguments[4], (char *)""), "a domain's account gets no password");
	cr_expect(eq(str, rest, (char *)"$false $false"));
	cr_expect(that(!call_of(&boot.files.script, 1, arguments, rest, sizeof rest)));
	end(&boot);
}

Test(first_boot, nothing_to_do_gives_no_files)
{
	struct account_maps       maps = { 0 };
	struct first_boot_options options = { 0 }, bad = { .password = "a\nb" };
	struct boot               boot;

	begin(&boot);
	add(&boot, BERT_SID, "CORP", "bert", false, "C:\\Users\\bert");
	cr_expect(eq(int, make(&boot, &maps, &options), 0));
	cr_expect(eq(ptr, boot.files.script.bytes, NULL));
	cr_expect(eq(int, first_boot_make(&boot.files, &boot.target, &boot.accounts, &bad, &boot.err), -1));
	cr_expect(eq(int, boot.err.kind, ERROR_USAGE));
	end(&boot);
}
