/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "recover/security/security_descriptor.h"

/* What was granted is there, and needs not be granted again. */
static void grant(struct bytes bytes)
{
	struct security_grant grant = { .access = 0xf003f, .flags = ACE_FOR_FOLDERS };
	struct error          err;
	struct sid            owner;
	uint8_t              *made, *again;
	size_t                made_size, again_size;

	MUST(sid_parse("S-1-5-21-4-3-2-1-999", &grant.sid));
	if (security_descriptor_grant(bytes, &grant, &grant.sid, &made, &made_size, &err) < 0 || !made)
		return; /* it would be too large, or was there */
	bytes = (struct bytes){ made, made_size, 0 };
	MUST(security_descriptor_check(bytes, &err) == 0);
	MUST(security_descriptor_owner(bytes, &owner) && sid_equal(&owner, &grant.sid));
	MUST(security_descriptor_grant(bytes, &grant, &grant.sid, &again, &again_size, &err) == 0 && !again);
	free(made);
}

/* What is sound stays so with other SIDs, and SIDs changed there and back are what they were. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes      bytes = { data, size, 0 };
	struct sid_change there = { 0 }, back;
	struct error      err;
	struct sid        owner;
	uint8_t          *made, *again;
	size_t            made_size, again_size;

	if (security_descriptor_check(bytes, &err) < 0) {
		MUST(security_descriptor_change(bytes, &there, 1, &made, &made_size, &err) == -1 && !made);
		return 0;
	}
	grant(bytes);
	if (!security_descriptor_owner(bytes, &there.from))
		return 0;
	MUST(sid_parse("S-1-5-21-4-3-2-1-999", &there.to));
	if (security_descriptor_change(bytes, &there, 1, &made, &made_size, &err) < 0)
		return 0; /* it would be too large */
	MUST(!made == sid_equal(&there.from, &there.to));
	if (!made)
		return 0;
	MUST(security_descriptor_check((struct bytes){ made, made_size, 0 }, &err) == 0);
	MUST(security_descriptor_owner((struct bytes){ made, made_size, 0 }, &owner) && sid_equal(&owner, &there.to));
	back = (struct sid_change){ there.to, there.from };
	MUST(security_descriptor_change((struct bytes){ made, made_size, 0 }, &back, 1, &again, &again_size, &err) == 0 && again);
	MUST(security_descriptor_check((struct bytes){ again, again_size, 0 }, &err) == 0);
	free(made);
	free(again);
	return 0;
}
