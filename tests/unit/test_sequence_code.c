/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sequence_code.c - expected values: what FormatMessage gives on Windows 10, and lines of real logs in
 * Microsoft's knowledge base (2797676, 2670374)
 */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_error.h"
#include "report/sequence_code.h"
#include "report/usmt_code.h"

#include <errno.h>
#include <string.h>

struct message {
	uint32_t code;
	char     message[80], source[16];
};

ParameterizedTestParameters(sequence_code, messages)
{
	static struct message cases[] = {
		{ 0x80070005, "Access is denied.", "Windows" },
		{ 5, "Access is denied.", "Windows" },
		{ 1, "Incorrect function.", "Windows" },
		{ 0x80070070, "There is not enough space on the disk.", "Windows" },
		{ 0x80070002, "The system cannot find the file specified.", "Windows" },
		{ 0x80070091, "The directory is not empty.", "Windows" },
		{ 0x8007000b, "An attempt was made to load a program with an incorrect format.", "Windows" },
		{ 0x80070026, "Reached the end of the file.", "Windows" },
		{ 0x80070047, "No more connections can be made to this remote computer at this time be",
		  "Windows" },
		{ 0x800705b4, "This operation returned because the timeout period expired.", "Windows" },
		{ 0x80004005, "Unspecified error", "Windows" },
		{ 0x80004004, "Operation aborted", "Windows" },
		{ 0x80041002, "Not found", "WMI" },
		{ 0x80070017, "Data error (cyclic redundancy check).", "Windows" },
		{ 0x80070490, "Element not found.", "Windows" },
		{ 0x80070057, "The parameter is incorrect.", "Windows" },
		{ 0x80070534, "No mapping between account names and security IDs was done.", "Windows" },
		{ 0x8007018b, "Access to the cloud file is denied.", "Windows" },
		{ 0x80041001, "Generic failure", "WMI" },
		{ 0x4005, "Unknown error", "Unknown" },
		{ 0x87d00215, "Unknown error", "Unknown" },
		{ 0xffffffff, "Unknown error", "Unknown" },
	};

	return CASES(struct message, cases);
}

ParameterizedTest(struct message *c, sequence_code, messages)
{
	struct sequence_code known = sequence_code_of(c->code, false);

	cr_expect(that(strncmp(known.message, c->message, strlen(c->message)) == 0), "%x: %s", c->code,
		  known.message);
	cr_expect(eq(str, (char *)known.source, c->source), "%x", c->code);
}

Test(sequence_code, a_state_step_means_usmt)
{
	struct sequence_code known = sequence_code_of(0x8007000b, true);

	cr_expect(eq(u32, sequence_code_of_usmt(USMT_INVALID_PARAMETERS), 0x8007000b));
	cr_expect(eq(u32, sequence_code_of_usmt(38), 0x80070026));
	cr_expect(eq(str, (char *)known.message,
		     "An attempt was made to load a program with an incorrect format."));
	cr_expect(eq(str, (char *)known.meaning, (char *)usmt_code_meaning(11)));
	cr_expect(that(strstr(known.advice, "OSDStateStorePath") != NULL));
	cr_expect(that(strstr(sequence_code_of(0x80070026, true).advice, "holdfast scan") != NULL));
	cr_expect(that(sequence_code_of(0x80070099, true).meaning == NULL), "none of USMT's");
	cr_expect(eq(str, (char *)sequence_code_of(SEQUENCE_CODE_FAILED, true).meaning,
		     (char *)sequence_code_of(SEQUENCE_CODE_FAILED, false).meaning));
}

Test(sequence_code, every_code_of_usmt_means_something)
{
	for (int code = 0; code <= 72; code++)
		if (usmt_code_symbol(code))
			cr_expect(that(sequence_code_of(sequence_code_of_usmt(code), true).meaning != NULL),
				  "%d", code);
}

/* Those that people meet; see the cases in Microsoft's knowledge base and in its documentation of USMT. */
Test(sequence_code, what_people_meet_comes_with_advice)
{
	static const uint32_t met[] = { 0x80070001, 0x80070002, 0x80070003, 0x80070005, 0x80070008, 0x8007000b, 0x8007000d,
					0x8007000e, 0x80070013, 0x80070015, 0x80070017, 0x80070020, 0x80070027, 0x80070032,
					0x80070035, 0x80070043, 0x80070057, 0x80070070, 0x8007007b, 0x8007007e, 0x80070091,
					0x800700c1, 0x8007018b, 0x8007045d, 0x80070490, 0x8007052e, 0x80070534, 0x80070570,
					0x800705b4, 0x80070643, 0x8007089a, 0x80004004, 0x80004005, 0x4005,     0x80041001,
					0x80041002 };

	for (size_t i = 0; i < COUNT(met); i++)
		cr_expect(that(sequence_code_of(met[i], false).meaning && sequence_code_of(met[i], false).advice), "%x", met[i]);
	for (int code = USMT_STATUS_CANCELED; code <= USMT_UNABLE_DOMIGRATION; code++)
		if (usmt_code_symbol(code) && code != USMT_FAILED_SETMIGRATIONTYPE)
			cr_expect(that(sequence_code_of(sequence_code_of_usmt(code), true).advice != NULL), "%d", code);
}

Test(sequence_code, usmt_is_told_apart)
{
	cr_expect(eq(int, sequence_code_of(0x8007001b, true).usmt, 27));
	cr_expect(eq(int, sequence_code_of(27, true).usmt, 27));
	cr_expect(eq(int, sequence_code_of(0x8007001b, false).usmt, -1));
	cr_expect(eq(int, sequence_code_of(0x80004005, true).usmt, -1));
}

Test(sequence_code, words_are_clauses)
{
	for (uint32_t code = 0; code < 0x10000; code++)
		for (int usmt = 0; usmt < 2; usmt++) {
			struct sequence_code known = sequence_code_of(code, usmt);

			cr_expect(that(known.meaning || !known.advice), "%u", code);
			cr_expect(that(!known.advice || known.advice[strlen(known.advice) - 1] != '.'), "%u",
				  code);
			cr_expect(that(!known.meaning || known.meaning[strlen(known.meaning) - 1] != '.'),
				  "%u", code);
		}
}

Test(sequence_code, errors_of_ours)
{
	cr_expect(eq(u32, sequence_code_of_error(&(struct error){ .kind = ERROR_REFUSED }), 0x80070005));
	cr_expect(eq(u32, sequence_code_of_error(&(struct error){ .kind = ERROR_IO, .sys = ENOSPC }),
		     0x80070070));
	cr_expect(eq(u32, sequence_code_of_error(&(struct error){ .kind = ERROR_IO, .sys = ENOENT }),
		     0x80070002));
	cr_expect(eq(u32, sequence_code_of_error(&(struct error){ .kind = ERROR_VALUE }), 0x80070570));
	cr_expect(eq(u32, sequence_code_of_error(&(struct error){ .kind = ERROR_USAGE }), 0x80070057));
	cr_expect(eq(u32, sequence_code_of_error(&(struct error){ .kind = ERROR_MEMORY }), 0x8007000e));
	cr_expect(eq(u32, sequence_code_of_error(&(struct error){ .kind = ERROR_UNSUPPORTED }), 0x80070032));
	cr_expect(eq(u32, sequence_code_of_error(&(struct error){ 0 }), 0));
}
