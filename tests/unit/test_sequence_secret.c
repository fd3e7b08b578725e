/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sequence_secret.c - expected values: by hand */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_secret.h"

struct hidden {
	char line[96], shown[96];
};

ParameterizedTestParameters(sequence_secret, nothing_secret_is_left_in_a_command_line)
{
	static struct hidden cases[] = {
		{ "", "" },
		{ "loadstate.exe \"C:\\s\" /LAC:s3cret /lae /c", "loadstate.exe \"C:\\s\" /LAC:*** /lae /c" },
		{ "scanstate /key:s3cret", "scanstate /key:***" },
		{ "scanstate /key:\"s3cret s3cret\" /c", "scanstate /key:*** /c" },
		{ "scanstate \"/key:s3cret s3cret\" /c", "scanstate \"/key:***\" /c" },
		{ "scanstate /key: s3cret /c", "scanstate /key: *** /c" },
		{ "scanstate /keyfile s3cret /c", "scanstate /keyfile *** /c" },
		{ "scanstate /Keyfile:\"s3cret", "scanstate /Keyfile:***" },
		{ "cmd /c \"scanstate /key:s3cret\"", "cmd /c \"scanstate /key:***" },
		{ "loadstate /lac /lae", "loadstate /lac /lae" },
		{ "tsenv.exe \"OSDJoinPassword=s3c\"ret s3cret\"", "tsenv.exe \"OSDJoinPassword=***\"" },
		{ "tsenv.exe osdlocaladminPASSWORD=s3cret", "tsenv.exe osdlocaladminPASSWORD=***" },
		{ "tsenv.exe \"OSDStateEncryptDecryptKey=s3cret", "tsenv.exe \"OSDStateEncryptDecryptKey=***" },
		{ "run --set Password=s3cret --set A=b", "run --set Password=*** --set A=b" },
		/* and what is none stays */
		{ "tsenv.exe \"Name=value\" /hiddenflag:False", "tsenv.exe \"Name=value\" /hiddenflag:False" },
		{ "x.exe /keyboard:us /lacy:1 pass=word", "x.exe /keyboard:us /lacy:1 pass=word" },
	};

	return CASES(struct hidden, cases);
}

ParameterizedTest(struct hidden *c, sequence_secret, nothing_secret_is_left_in_a_command_line)
{
	char *shown = sequence_secret_hide(c->line);

	cr_expect(eq(str, shown, c->shown));
	free(shown);
}

Test(sequence_secret, names_say_what_is_one)
{
	cr_expect(that(sequence_secret_is_named("OSDLocalAdminPassword")));
	cr_expect(that(sequence_secret_is_named("PASSWORD")));
	cr_expect(that(sequence_secret_is_named("OSDStateEncryptDecryptKey")));
	cr_expect(that(!sequence_secret_is_named("ProductKeyPass")));
	cr_expect(that(!sequence_secret_is_named("")));
}
