/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_people_file.c - the list of a store's users, written and read back */
#include "recover/windows/people_file.h"
#include "tests/unit/people.h"

Test(people_file, comes_back_as_it_was)
{
	struct windows         windows = windows_of_nobody();
	struct account_choice  choice = { .exclude = (const char *const[]){ "CORP\\*" }, .exclude_count = 1 };
	struct work_volume     volume = { .letter = 'C' };
	struct chosen_accounts accounts;
	struct people_file     file, back;
	struct error           err;
	char                  *bytes;
	size_t                 size;

	add_profile(&windows, ANNA_SID, "PC7", "an\"na\\ \xc3\xa4\xed\xa0\x80", "C:\\Users\\anna")->used = 133500000000000001;
	windows.profiles.items[0].volume = &volume;
	add_profile(&windows, BERT_SID, "CORP", "bert", "C:\\Users\\bert")->trouble = copy_of("its folder is not there");
	windows.profiles.items[1].source = NAME_FROM_CACHE;
	cr_assert(eq(int, account_choice_make(&choice, &windows, &accounts, &err), 0));
	cr_assert(eq(int, people_file_make(&file, &windows, &accounts, &err), 0));
	cr_assert(eq(int, people_file_write(&file, &bytes, &size, &err), 0));
	cr_assert(eq(int, people_file_read(&back, "people.json", bytes, size, &err), 0), "%s", err.text);
	cr_expect(eq(str, back.computer, (char *)"PC7"));
	cr_expect(eq(str, back.machine_sid, (char *)MACHINE_SID));
	cr_assert(eq(sz, back.people.count, 2));
	cr_expect(eq(str, back.people.items[0].name, (char *)"an\"na\\ \xc3\xa4\xed\xa0\x80"), "half a surrogate pair as well");
	cr_expect(eq(str, back.people.items[0].path, (char *)"C:\\Users\\anna"));
	cr_expect(eq(str, back.people.items[0].sid, (char *)ANNA_SID));
	cr_expect(eq(u64, back.people.items[0].used, 133500000000000001));
	cr_expect(that(back.people.items[0].local && back.people.items[0].captured));
	cr_expect(eq(str, back.people.items[1].why, (char *)"excluded by /ue"));
	cr_expect(eq(int, back.people.items[1].source, NAME_FROM_CACHE));
	cr_expect(that(!back.people.items[1].captured && !back.people.items[1].local));
	free(bytes);
	array_release(&accounts);
	people_file_release(&file);
	people_file_release(&back);
	windows_close(&windows);
}

#define USER(what)                                                                                                   \
	"{\"format\":\"holdfast people\",\"version\":1,\"computer\":\"\",\"machine_sid\":\"\",\"users\":[{" what \
	"\"domain\":\"\",\"path\":\"\",\"why\":\"\",\"used\":0}]}"

struct damaged_file {
	char            text[256];
	enum error_kind kind;
};

ParameterizedTestParameters(people_file, what_is_none_is_refused)
{
	static struct damaged_file cases[] = {
		{ "", ERROR_VALUE },
		{ "[]", ERROR_VALUE },
		{ "{\"format\":\"other\",\"version\":1}", ERROR_VALUE },
		{ "{\"format\":\"holdfast people\",\"version\":2}", ERROR_UNSUPPORTED },
		{ "{\"format\":\"holdfast people\",\"version\":1}", ERROR_VALUE },
		{ USER("\"sid\":\"S-1-5-18\",\"name\":\"x\",\"source\":\"rumour\","), ERROR_VALUE },
		{ USER("\"sid\":\"anna\",\"name\":\"x\",\"source\":\"sam\","), ERROR_VALUE },
		{ USER("\"sid\":\"S-1-5-18\",\"source\":\"sam\","), ERROR_VALUE },
		{ USER("\"sid\":\"S-1-5-18\",\"name\":7,\"source\":\"sam\","), ERROR_VALUE },
	};

	return CASES(struct damaged_file, cases);
}

ParameterizedTest(struct damaged_file *c, people_file, what_is_none_is_refused)
{
	struct people_file file;
	struct error       err;

	cr_expect(eq(int, people_file_read(&file, "people.json", c->text, strlen(c->text), &err), -1), "%s", c->text);
	cr_expect(eq(int, err.kind, c->kind), "%s", c->text);
	people_file_release(&file);
}

Test(people_file, more_users_than_a_windows_has_are_refused)
{
	char              *text = NULL;
	size_t             size;
	FILE              *out = open_memstream(&text, &size);
	struct people_file file;
	struct error       err;

	fputs("{\"format\":\"holdfast people\",\"version\":1,\"computer\":\"\",\"machine_sid\":\"\",\"users\":[", out);
	for (int i = 0; i <= 10000; i++)
		fprintf(out,
			"%s{\"sid\":\"S-1-5-21-1-2-3-%d\",\"name\":\"x\",\"domain\":\"\",\"source\":\"sam\","
			"\"path\":\"\",\"used\":0,\"why\":\"\"}",
			i ? "," : "", i);
	fputs("]}", out);
	fclose(out);
	cr_expect(eq(int, people_file_read(&file, "people.json", text, size, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	people_file_release(&file);
	free(text);
}

Test(people_file, the_shortest_one_is_read)
{
	static const char  text[] = USER("\"sid\":\"S-1-5-18\",\"name\":\"x\",\"source\":\"sam\",\"new\":[1],");
	struct people_file file;
	struct error       err;

	cr_expect(eq(int, people_file_read(&file, "people.json", text, strlen(text), &err), 0), "%s", err.text);
	people_file_release(&file);
}
