/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sequence_standing.c - expected values: sequence_state.h, and the engine's variables as ConfigMgr has them */
#include "recover/engine/file_content.h"
#include "recover/sequence/sequence_standing.h"
#include "tests/unit/disk.h"

#include <string.h>

#define ROOT file_ref_make(5, 5)

struct said {
	const char *name, *value;
};

static const struct said under_way[] = {
	{ "_SMSTSPackageName", "Refresh\x1b[2J" },
	{ "_SMSTSNextInstructionPointer", "7" },
	{ "_SMSTSInstructionTableSize", "21" },
	{ "_SMSTSCurrentActionName", "Apply Operating System" },
	{ "_SMSTSLastActionName", "Apply Operating System" },
	{ "_SMSTSLastActionRetCode", "0" },
	{ "_SMSTSLastActionSucceeded", "true" },
	{ "OSDStateStorePath", "C:\\StateStore" },
};

static const struct said failed[] = {
	{ "_SMSTSPackageName", "Refresh" },
	{ "_SMSTSNextInstructionPointer", "9" },
	{ "_SMSTSInstructionTableSize", "21" },
	{ "_SMSTSCurrentActionName", "Restore User Files and Settings" },
	{ "_SMSTSLastActionName", "Restore User Files and Settings" },
	{ "_SMSTSLastActionRetCode", "-2147024869" }, /* 0x8007001B */
	{ "_SMSTSLastActionSucceeded", "false" },
	{ SEQUENCE_FAILED, "true" },
	{ SEQUENCE_FAILED_OF_USMT, "true" },
	{ SEQUENCE_FAILED_WHY, "there is no store" },
};

static void fill(struct sequence_standing *it, const struct said *said, size_t count)
{
	struct error err;

	*it = (struct sequence_standing){ .begun = true };
	memset(it->state.digest, 0xa5, DIGEST_BYTES);
	for (size_t i = 0; i < count; i++)
		cr_assert(eq(int, sequence_variables_set(&it->state.variables, said[i].name, said[i].value, &err), 0));
}

static char *printed(const struct sequence_standing *it)
{
	char  *text = NULL;
	size_t length = 0;
	FILE  *out = open_memstream(&text, &length);

	sequence_standing_print(it, out);
	fclose(out);
	return text;
}

static char *as_json(const struct sequence_standing *it)
{
	char       *text = NULL;
	size_t      length = 0;
	struct json json = { .out = open_memstream(&text, &length) };

	json_begin(&json, '{');
	sequence_standing_json(it, &json);
	json_end(&json, '}');
	fclose(json.out);
	return text;
}

static void expect_in(char *text, const char *wanted)
{
	cr_expect(that(strstr(text, wanted) != NULL), "no '%s' in: %s", wanted, text);
}

Test(sequence_standing, none)
{
	struct sequence_standing it = { 0 };
	char                    *text = printed(&it);

	cr_expect(eq(str, text, ""));
	cr_expect(that(sequence_standing_next(&it) == NULL));
	free(text);
	text = as_json(&it);
	cr_expect(eq(str, text, "{\"sequence\": null}"));
	free(text);
}

Test(sequence_standing, under_way)
{
	struct sequence_standing it;
	char                    *text;

	fill(&it, under_way, COUNT(under_way));
	text = printed(&it);
	expect_in(text, "a task sequence is under way on it: Refresh\\x1b[2J\n");
	expect_in(text, "the last action was \"Apply Operating System\": done, with the code 0x00000000\n");
	expect_in(text, "stands at instruction 7, the last one is 20\n");
	expect_in(text, "state store: C:\\StateStore\n");
	cr_expect(that(!strchr(text, '\x1b')));
	free(text);
	text = sequence_standing_next(&it);
	expect_in(text, "it goes on where it stands");
	expect_in(text, "'holdfast run --restart'");
	free(text);
	text = as_json(&it);
	expect_in(text, "\"broken\": null, \"sha256\": \"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\"");
	expect_in(text, "\"failed\": false, \"why\": null, \"next_instruction\": 7, \"instructions\": 21");
	expect_in(text, "\"last_action\": {\"name\": \"Apply Operating System\", \"succeeded\": true, \"code\": \"0x00000000\"");
	expect_in(text, "\"store\": \"C:\\\\StateStore\"");
	free(text);
	sequence_standing_release(&it);
}

Test(sequence_standing, failed)
{
	struct sequence_standing it;
	char                    *text;

	fill(&it, failed, COUNT(failed));
	text = printed(&it);
	expect_in(text, "a task sequence has FAILED on it: Refresh\n");
	expect_in(text, "in the step \"Restore User Files and Settings\"\n");
	expect_in(text, "return code 27, USMT_INVALID_STORE_LOCATION");
	expect_in(text, "there is no store\n");
	expect_in(text, "stands at instruction 9,");
	free(text);
	text = sequence_standing_next(&it);
	expect_in(text, "OSDStateStorePath; then run the same");
	expect_in(text, "goes on with the step that failed");
	free(text);
	text = as_json(&it);
	expect_in(text, "\"failed\": true, \"why\": \"there is no store\"");
	expect_in(text, "\"code\": \"0x8007001B\"");
	expect_in(text, "\"usmt_code\": 27");
	free(text);
	sequence_standing_release(&it);
}

/* What stands in a file need not make sense. */
Test(sequence_standing, nonsense)
{
	static const struct said cases[][2] = {
		{ { "_SMSTSNextInstructionPointer", "x" }, { "_SMSTSInstructionTableSize", "7" } },
		{ { "_SMSTSNextInstructionPointer", "3" }, { "_SMSTSInstructionTableSize", "99999999999999999999" } },
		{ { "_SMSTSNextInstructionPointer", "3 " }, { "_SMSTSLastActionRetCode", "4294967296" } },
		{ { "_SMSTSNextInstructionPointer", "-9999999999" }, { "_SMSTSLastActionRetCode", "-2147483649" } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sequence_standing it;
		char                    *text;

		fill(&it, cases[i], 2);
		text = printed(&it);
		expect_in(text, "at which instruction it stands is not told\n");
		cr_expect(that(!strstr(text, "last action")), "%s", text);
		free(text);
		text = as_json(&it);
		expect_in(text, "\"last_action\": null");
		free(text);
		sequence_standing_release(&it);
	}
}

Test(sequence_standing, behind_the_last_instruction)
{
	static const struct said all[] = { { "_SMSTSNextInstructionPointer", "21" }, { "_SMSTSInstructionTableSize", "21" } };
	struct sequence_standing it;
	char                    *text;

	fill(&it, all, 2);
	text = printed(&it);
	expect_in(text, "all of its 21 instructions are done\n");
	free(text);
	sequence_standing_release(&it);
}

Test(sequence_standing, secrets_are_not_told)
{
	struct sequence_standing it;
	struct error             err;
	char                    *text;

	fill(&it, under_way, COUNT(under_way));
	cr_assert(eq(int, sequence_variables_set_hidden(&it.state.variables, "OSDStateStorePath", "secret", true, &err), 0));
	text = printed(&it);
	cr_expect(that(!strstr(text, "secret")), "%s", text);
	free(text);
	text = as_json(&it);
	cr_expect(that(!strstr(text, "secret")), "%s", text);
	expect_in(text, "\"store\": null");
	free(text);
	sequence_standing_release(&it);
}

Test(sequence_standing, long_values_are_cut)
{
	struct sequence_standing it;
	struct error             err;
	char                    *text, *value = malloc(3000001);

	fill(&it, under_way, COUNT(under_way));
	memset(value, 'x', 3000000);
	value[3000000] = '\0';
	cr_assert(eq(int, sequence_variables_set(&it.state.variables, "_SMSTSPackageName", value, &err), 0));
	text = printed(&it);
	cr_expect(that(strlen(text) < 1000));
	free(text);
	free(value);
	sequence_standing_release(&it);
}

/* -------- on a volume -------- */

static void read_of(struct disk *disk, struct sequence_standing *it)
{
	struct work_volume volume = { .letter = 'C', .source = disk->path, .volume = disk->volumes.items[0], .tree = disk->tree };

	cr_assert(eq(int, file_reader_init(&volume.reader, &volume.tree.inventory, &volume.tree.extensions, &disk->err), 0));
	cr_expect(eq(int, sequence_standing_read(it, &volume, &disk->err), 0), "%s", disk->err.text);
	file_reader_release(&volume.reader);
}

/* A volume with \_SMSTaskSequence, and this in its file; nothing: no file. */
static void read_from_disk(const char *bytes, size_t size, struct sequence_standing *it)
{
	struct disk disk;
	file_ref    folder;

	disk_make(&disk, "");
	folder = disk_folder(&disk, ROOT, "_SMSTaskSequence");
	if (bytes)
		cr_assert(eq(int, file_content_make(&disk.mount, folder, "holdfast.env", bytes, size, &disk.err), 0));
	disk_read(&disk);
	read_of(&disk, it);
	disk_release(&disk);
}

Test(sequence_standing, found_on_a_volume)
{
	struct sequence_standing given, it;
	struct error             err;
	char                    *bytes;
	size_t                   size;

	fill(&given, failed, COUNT(failed));
	cr_assert(eq(int, sequence_state_write(&given.state, &bytes, &size, &err), 0));
	read_from_disk(bytes, size, &it);
	cr_expect(that(it.begun && !it.broken), "%s", it.why.text);
	cr_expect(that(it.state.variables.set.count == COUNT(failed)));
	sequence_standing_release(&it);
	read_from_disk(NULL, 0, &it);
	cr_expect(that(!it.begun));
	sequence_standing_release(&it);
	sequence_standing_release(&given);
	free(bytes);
}

Test(sequence_standing, broken)
{
	static const char *const bad[] = { "", "holdfast task sequence 1 0123456789abcdef\n{}",
					   "holdfast task sequence 2 0123456789abcdef\n{}" };
	static const char *const wanted[] = { "is no saved task sequence", "damaged", "another version" };

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct sequence_standing it;
		char                    *text;

		read_from_disk(bad[i], strlen(bad[i]), &it);
		cr_assert(that(it.begun && it.broken));
		text = printed(&it);
		expect_in(text, "cannot be read: \\_SMSTaskSequence\\holdfast.env ");
		expect_in(text, wanted[i]);
		cr_expect(that(strchr(text, '\n') == text + strlen(text) - 1), "one line: %s", text);
		free(text);
		text = sequence_standing_next(&it);
		expect_in(text, "cannot go on");
		expect_in(text, wanted[i]);
		free(text);
		text = as_json(&it);
		expect_in(text, wanted[i]);
		expect_in(text, "\"sha256\": null");
		free(text);
		sequence_standing_release(&it);
	}
}
