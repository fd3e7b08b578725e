/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sequence_variable.c - expected values: sequence_variable.h */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_variable.h"

#include <string.h>

Test(sequence_variable, case_counts_not_and_empty_is_not_there)
{
	struct sequence_variables variables = { 0 };
	struct error              err = { 0 };

	cr_expect(eq(str, (char *)sequence_variables_get(&variables, "a"), ""));
	cr_assert(eq(int, sequence_variables_set(&variables, "OSDStateStorePath", "C:\\a", &err), 0));
	cr_expect(eq(str, (char *)sequence_variables_get(&variables, "osdSTATEstorePATH"), "C:\\a"));
	cr_assert(eq(int, sequence_variables_set(&variables, "OSDSTATESTOREPATH", "C:\\b", &err), 0));
	cr_expect(that(variables.set.count == 1));
	cr_expect(eq(str, (char *)sequence_variables_get(&variables, "OSDStateStorePath"), "C:\\b"));
	cr_assert(eq(int, sequence_variables_set(&variables, "OSDStateStorePath", "", &err), 0));
	cr_expect(that(!sequence_variables_find(&variables, "OSDStateStorePath") && variables.set.count == 0));
	sequence_variables_release(&variables);
}

Test(sequence_variable, what_is_set_holds_against_a_steps_default)
{
	struct sequence_variables variables = { 0 };
	struct error              err = { 0 };

	cr_assert(eq(int, sequence_variables_set(&variables, "Mode", "Advanced", &err), 0));
	cr_assert(eq(int, sequence_variables_add_default(&variables, "Mode", "Simple", false, &err), 0));
	cr_assert(eq(int, sequence_variables_add_default(&variables, "Verbose", "false", false, &err), 0));
	cr_expect(eq(str, (char *)sequence_variables_get(&variables, "Mode"), "Advanced"));
	cr_expect(eq(str, (char *)sequence_variables_get(&variables, "Verbose"), "false"));
	sequence_variables_clear_defaults(&variables);
	cr_expect(eq(str, (char *)sequence_variables_get(&variables, "Mode"), "Advanced"));
	cr_expect(that(!sequence_variables_find(&variables, "Verbose")));
	sequence_variables_release(&variables);
}

Test(sequence_variable, a_step_may_not_set_what_is_the_engines)
{
	struct sequence_variables variables = { 0 };
	struct error              err = { 0 };

	cr_assert(eq(int, sequence_variables_assign(&variables, "_SMSTSInWinPE", "true", false, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_REFUSED));
	cr_assert(eq(int, sequence_variables_assign(&variables, "", "true", false, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	cr_assert(eq(int, sequence_variables_assign(&variables, "a=b", "true", false, &err), -1));
	cr_assert(eq(int, sequence_variables_assign(&variables, "Mine", "true", true, &err), 0));
	cr_expect(that(sequence_variables_find(&variables, "mine")->hidden && sequence_variables_true(&variables, "MINE")));
	cr_assert(eq(int, sequence_variables_set(&variables, "Mine", "other", &err), 0));
	cr_expect(that(sequence_variables_find(&variables, "mine")->hidden));
	cr_assert(eq(int, sequence_variables_set(&variables, "_SMSTSInWinPE", "true", &err), 0));
	sequence_variables_release(&variables);
}

struct expansion {
	char text[48];
	char expanded[64];
};

ParameterizedTestParameters(sequence_variable, expanding)
{
	static struct expansion cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "%OSDisk%\\USMT", "C:\\USMT" },
		{ "%osdISK%%OSDISK%", "C:C:" },
		{ "%unknown%", "%unknown%" },
		{ "100%%OSDisk%", "100%C:" },
		{ "%%OSDisk%%", "%C:%" },
		{ "50% and %OSDisk%", "50% and C:" },
		{ "%OSDisk", "%OSDisk" },
		{ "%twice%", "%OSDisk%" }, /* values are not expanded again */
		{ "%default%", "d" },
		{ "%", "%" },
	};

	return CASES(struct expansion, cases);
}

ParameterizedTest(struct expansion *c, sequence_variable, expanding)
{
	struct sequence_variables variables = { 0 };
	struct error              err = { 0 };
	char                     *expanded;
	bool                      secret = false;

	cr_assert(eq(int, sequence_variables_set(&variables, "OSDisk", "C:", &err), 0));
	cr_assert(eq(int, sequence_variables_set(&variables, "twice", "%OSDisk%", &err), 0));
	cr_assert(eq(int, sequence_variables_add_default(&variables, "default", "d", true, &err), 0));
	cr_assert(eq(int, sequence_variables_expand(&variables, c->text, &expanded, &secret, &err), 0));
	cr_expect(eq(str, expanded, c->expanded));
	cr_expect(that(secret == (strcmp(c->text, "%default%") == 0)));
	free(expanded);
	sequence_variables_release(&variables);
}

Test(sequence_variable, what_grows_without_bounds_ends)
{
	struct sequence_variables variables = { 0 };
	struct error              err = { 0 };
	char                     *big = malloc(SEQUENCE_VALUE_BYTES_MAX + 2), *expanded, text[64];

	memset(big, 'x', SEQUENCE_VALUE_BYTES_MAX + 1);
	big[SEQUENCE_VALUE_BYTES_MAX + 1] = '\0';
	cr_expect(eq(int, sequence_variables_set(&variables, "big", big, &err), -1));
	big[SEQUENCE_VALUE_BYTES_MAX] = '\0';
	cr_assert(eq(int, sequence_variables_set(&variables, "big", big, &err), 0));
	cr_expect(eq(int, sequence_variables_expand(&variables, "%big%%big%", &expanded, NULL, &err), -1));
	cr_expect(eq(ptr, expanded, NULL));
	for (unsigned i = 1; i < SEQUENCE_VARIABLES_MAX; i++) {
		snprintf(text, sizeof text, "n%u", i);
		cr_assert(eq(int, sequence_variables_set(&variables, text, "v", &err), 0));
	}
	cr_expect(eq(int, sequence_variables_set(&variables, "one too many", "v", &err), -1));
	cr_expect(eq(int, sequence_variables_set(&variables, "n7", "w", &err), 0));
	free(big);
	sequence_variables_release(&variables);
}
