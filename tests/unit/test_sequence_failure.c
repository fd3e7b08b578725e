/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sequence_failure.c - expected values: ConfigMgr's own sentence, winerror.h, and the return codes in Microsoft's
 * documentation of USMT
 */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_failure.h"
#include "recover/sequence/sequence_hook.h"
#include "report/sequence_code.h"

#include <string.h>

static const struct sequence_item outer = { .group = true, .name = "Execute" };
static const struct sequence_item inner = { .group = true, .name = "State Restore", .parent = (struct sequence_item *)&outer };
static const struct sequence_item step = { .name = "Restore User Files and Settings",
					   .type = "SMS_TaskSequence_RestoreUserStateAction",
					   .parent = (struct sequence_item *)&inner };

static const struct sequence_failure failed = { .item = &step,
						.pointer = 7,
						.code = 0x8007001b,
						.of_usmt = true,
						.why = "there is no store at \\StateStore",
						.name = "Refresh",
						.sequence = "deploy/ts.xml",
						.volumes = "C=disk.img@2 D=/dev/sdb1",
						.store = "C:\\StateStore" };

static char *printed(const struct sequence_failure *failure)
{
	char  *text = NULL;
	size_t length = 0;
	FILE  *out = open_memstream(&text, &length);

	sequence_failure_print(failure, out);
	fclose(out);
	return text;
}

static char *as_json(const struct sequence_failure *failure)
{
	char       *text = NULL;
	size_t      length = 0;
	struct json json = { .out = open_memstream(&text, &length) };

	json_begin(&json, '{');
	sequence_failure_json(failure, &json);
	json_end(&json, '}');
	fclose(json.out);
	return text;
}

static void expect_in(char *text, const char *wanted)
{
	cr_expect(that(strstr(text, wanted) != NULL), "no '%s' in: %s", wanted, text);
}

Test(sequence_failure, all_that_is_to_be_known)
{
	char       *text = printed(&failed);
	const char *at = text;
	static const char *const facts[] = {
		"The sequence FAILED in \"Restore User Files and Settings\" (instruction 7, in the groups Execute > State "
		"Restore)\n",
		"Task sequence 'Refresh' has failed with the error code 0x8007001B in the task sequence step 'Restore User "
		"Files and Settings'.\n",
		"return code 27, USMT_INVALID_STORE_LOCATION",
		"there is no store at \\StateStore\n",
		"the users' files are in C:\\StateStore",
		"Next: see with 'holdfast status'",
		"> holdfast run deploy/ts.xml C=disk.img@2 D=/dev/sdb1\n",
		"goes on with this step\n",
		"> holdfast run --restart deploy/ts.xml C=disk.img@2 D=/dev/sdb1\n",
		"older generation",
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		at = strstr(at, facts[i]);
		cr_assert(that(at != NULL), "'%s' is not behind what stands before it: %s", facts[i], text);
	}
	cr_expect(that(!strstr(text, "sector")), "what Windows calls 27 has nothing to do with it");
	free(text);
}

Test(sequence_failure, without_a_store)
{
	struct sequence_failure failure = failed;
	char                   *text;

	failure.store = NULL;
	failure.why = "";
	failure.name = "";
	failure.of_usmt = false;
	failure.code = 0x80070070;
	failure.item = &(struct sequence_item){ .name = "Apply", .type = "BDD_InstallOS" };
	text = printed(&failure);
	expect_in(text, "FAILED in \"Apply\" (instruction 7)\n");
	expect_in(text, "Task sequence 'ts.xml' has failed with the error code 0x80070070");
	expect_in(text, "There is not enough space on the disk.");
	expect_in(text, "no state store holds the users' files");
	cr_expect(that(!strstr(text, "older generation")));
	cr_expect(that(!strstr(text, "\n  \n")), "an empty reason is an empty line");
	free(text);
}

Test(sequence_failure, when_nothing_has_changed_there_is_nothing_to_go_on_with)
{
	struct sequence_failure failure = failed;
	char                   *text;

	failure.untouched = true;
	text = printed(&failure);
	expect_in(text, "Nothing on the volumes has been changed");
	expect_in(text, "begins anew");
	cr_expect(that(!strstr(text, "--restart") && !strstr(text, "goes on") && !strstr(text, "are in C:")), "%s", text);
	free(text);
	text = as_json(&failure);
	expect_in(text, "\"untouched\": true");
	expect_in(text, "\"anew\": null");
	free(text);
}

/* Names come from a file that somebody else has written. */
Test(sequence_failure, names_cannot_drive_a_terminal)
{
	struct sequence_item    group = { .group = true, .name = "\x1b]0;g\x07" };
	struct sequence_item    item = { .name = "a\x1b[2Jb\nc", .type = "x", .parent = &group };
	struct sequence_failure failure = failed;
	char                   *text;

	failure.item = &item;
	failure.name = "n\x1b[1m";
	failure.why = "w\r\x1b[1m";
	failure.store = "C:\\s\x1b[1m";
	failure.sequence = "my \x1b[1m.xml";
	text = printed(&failure);
	cr_expect(that(!strchr(text, '\x1b') && !strchr(text, '\r') && !strchr(text, '\x07')), "%s", text);
	expect_in(text, "a\\x1b[2Jb\\x0ac");
	expect_in(text, "holdfast run 'my ");
	free(text);
}

Test(sequence_failure, as_json)
{
	char *text = as_json(&failed);

	expect_in(text, "{\"failure\": {\"sequence\": \"Refresh\", \"instruction\": 7, \"step\": \"Restore User Files and Settings\"");
	expect_in(text, "\"groups\": [\"Execute\", \"State Restore\"]");
	expect_in(text, "\"code\": \"0x8007001B\"");
	expect_in(text, "\"usmt_code\": 27, \"usmt_symbol\": \"USMT_INVALID_STORE_LOCATION\"");
	expect_in(text, "\"why\": \"there is no store at \\\\StateStore\"");
	expect_in(text, "\"store\": \"C:\\\\StateStore\"");
	expect_in(text, "\"again\": \"holdfast run deploy/ts.xml C=disk.img@2 D=/dev/sdb1\"");
	expect_in(text, "\"anew\": \"holdfast run --restart deploy/ts.xml C=disk.img@2 D=/dev/sdb1\"");
	cr_expect(that(text[strlen(text) - 1] == '}'));
	free(text);
}

struct failing {
	uint32_t code;
	bool     of_usmt;
	char     wanted[80];
};

ParameterizedTestParameters(sequence_failure, codes)
{
	static struct failing cases[] = {
		{ 0x80070005, false, "0x80070005 (Access is denied.): " },
		{ 5, false, "exit code 5 (Access is denied.): " },
		{ 194, false, "exit code 194 (Unknown error): " },
		{ 0, false, "exit code 0: it is not among" },
		{ 0x800705b4, false, "0x800705B4 (This operation returned because the timeout period expired.): " },
		{ 0x80004005, true, "0x80004005 (Unspecified error): " },
		{ 0x87d00215, false, "0x87D00215 (Unknown error): " },
		{ 26, true, "USMT's return code 26, USMT_INIT_ERROR: " },
		{ 0x80070048, true, "USMT's return code 72, USMT_UNABLE_DOMIGRATION: " },
		{ 0x80070099, true, "USMT's return code 153: " },
	};

	return CASES(struct failing, cases);
}

ParameterizedTest(struct failing *c, sequence_failure, codes)
{
	char  *text = NULL;
	size_t length = 0;
	FILE  *out = open_memstream(&text, &length);

	sequence_failure_explain(c->code, c->of_usmt, "", out);
	fclose(out);
	cr_expect(that(strncmp(text, c->wanted, strlen(c->wanted)) == 0 && length > strlen(c->wanted) + 1), "%s", text);
	free(text);
}
