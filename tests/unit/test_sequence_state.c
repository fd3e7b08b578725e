/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sequence_state.c - expected values: the form in sequence_state.h; its checksum is libxxhash's */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_state.h"

#include <string.h>

static const char known[] =
	"holdfast task sequence 1 63d403b06c93125e\n"
	"{\"sequence\": \"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\",\n"
	" \"variables\": [{\"name\": \"_SMSTSNextInstructionPointer\", \"value\": \"3\"}, {\"name\": \"P\", \"value\": \"x\", \"hidden\": true}]}\n";

/* A state as long as a real one. */
static void fill(struct sequence_state *state)
{
	static const char *const variables[][2] = {
		{ "_SMSTSNextInstructionPointer", "12" },
		{ "_SMSTSInstructionStackString", "0 9" },
		{ "OSDStateStorePath", "C:\\_SMSTaskSequence\\UserState" },
		{ "Quoted", "\"a\" \\ / \t\n \xc3\xa9 \xf0\x9f\x98\x80" },
	};
	struct error err;

	for (size_t i = 0; i < DIGEST_BYTES; i++)
		state->digest[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < COUNT(variables); i++)
		cr_assert(eq(int, sequence_variables_set(&state->variables, variables[i][0], variables[i][1], &err), 0));
	cr_assert(eq(int, sequence_variables_set_hidden(&state->variables, "Password", "secret", true, &err), 0));
}

Test(sequence_state, what_was_written_is_read)
{
	struct sequence_state state = { 0 }, back;
	struct error          err = { 0 };
	char                 *bytes;
	size_t                size;

	fill(&state);
	cr_assert(eq(int, sequence_state_write(&state, &bytes, &size, &err), 0));
	cr_assert(eq(int, sequence_state_read(&back, "s", bytes, size, &err), 0), "%s", err.text);
	cr_expect(that(memcmp(back.digest, state.digest, DIGEST_BYTES) == 0));
	cr_assert(that(back.variables.set.count == 5));
	for (size_t i = 0; i < 5; i++) {
		cr_expect(eq(str, back.variables.set.items[i].name, state.variables.set.items[i].name));
		cr_expect(eq(str, back.variables.set.items[i].value, state.variables.set.items[i].value));
		cr_expect(that(back.variables.set.items[i].hidden == state.variables.set.items[i].hidden));
	}
	free(bytes);
	sequence_state_release(&state);
	sequence_state_release(&back);
}

Test(sequence_state, the_form_is_the_one_that_is_described)
{
	struct sequence_state state;
	struct error          err = { 0 };

	cr_assert(eq(int, sequence_state_read(&state, "s", known, sizeof known - 1, &err), 0), "%s", err.text);
	cr_expect(that(state.digest[0] == 0x00 && state.digest[31] == 0x1f));
	cr_expect(eq(str, (char *)sequence_variables_get(&state.variables, "_SMSTSNextInstructionPointer"), "3"));
	cr_expect(that(state.variables.set.count == 2 && sequence_variables_find(&state.variables, "P")->hidden));
	sequence_state_release(&state);
}

Test(sequence_state, torn_or_changed_anywhere_it_is_refused)
{
	struct sequence_state state = { 0 }, back;
	struct error          err = { 0 };
	char                 *bytes;
	size_t                size;

	fill(&state);
	cr_assert(eq(int, sequence_state_write(&state, &bytes, &size, &err), 0));
	for (size_t i = 0; i < size; i++) {
		struct blob cut = blob_copy(bytes, i), bad = blob_copy(bytes, size);

		cr_expect(eq(int, sequence_state_read(&back, "s", (char *)cut.at, i, &err), -1), "%zu bytes", i);
		sequence_state_release(&back);
		bad.at[i] ^= 1;
		cr_expect(eq(int, sequence_state_read(&back, "s", (char *)bad.at, size, &err), -1), "byte %zu", i);
		sequence_state_release(&back);
		free(cut.at);
		free(bad.at);
	}
	memcpy(bytes, "holdfast task sequence 2", 24);
	cr_expect(eq(int, sequence_state_read(&back, "s", bytes, size, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_UNSUPPORTED));
	sequence_state_release(&back);
	free(bytes);
	sequence_state_release(&state);
}
