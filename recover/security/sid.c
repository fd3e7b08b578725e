/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sid.c - see sid.h */
#include "recover/security/sid.h"

#include "core/endian.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#define AUTHORITY_MAX ((UINT64_C(1) << 48) - 1)

struct sid_disk {
	uint8_t revision;     /* 0x00  1 */
	uint8_t count;        /* 0x01  numbers that follow */
	uint8_t authority[6]; /* 0x02  big-endian */
};
static_assert(sizeof(struct sid_disk) == 8, "SID header");

bool sid_take(struct bytes *from, struct sid *sid)
{
	struct bytes    at = *from, numbers;
	struct sid_disk disk;

	if (!bytes_read(&at, &disk, sizeof disk) || disk.revision != 1 || disk.count > SID_NUMBERS_MAX ||
	    !bytes_take(&at, 4u * disk.count, &numbers))
		return false;
	*sid = (struct sid){ .count = disk.count };
	for (size_t i = 0; i < sizeof disk.authority; i++)
		sid->authority = sid->authority << 8 | disk.authority[i];
	for (size_t i = 0; i < disk.count; i++)
		sid->numbers[i] = le32_at(numbers.at + 4 * i);
	*from = at;
	return true;
}

/* "-NUMBER" at *@at, decimal or, for an authority, 0x and hexadecimal. */
static bool take_number(const char **at, uint64_t max, uint64_t *number)
{
	bool hex = (*at)[0] == '-' && (*at)[1] == '0' && tolower((unsigned char)(*at)[2]) == 'x' &&
		   max == AUTHORITY_MAX;
	char *end;

	if (**at != '-' || !isxdigit((unsigned char)(*at)[hex ? 3 : 1]) ||
	    (!hex && !isdigit((unsigned char)(*at)[1])))
		return false;
	*number = strtoull(*at + (hex ? 3 : 1), &end, hex ? 16 : 10); /* what does not fit is the largest */
	*at = end;
	return *number <= max;
}

bool sid_parse(const char *text, struct sid *sid)
{
	const char *at = text + 1;
	struct sid  made = { 0 };
	uint64_t    number;

	if (toupper((unsigned char)*text) != 'S' || !take_number(&at, UINT32_MAX, &number) || number != 1 ||
	    !take_number(&at, AUTHORITY_MAX, &made.authority))
		return false;
	for (; *at; made.count++) {
		if (made.count == SID_NUMBERS_MAX || !take_number(&at, UINT32_MAX, &number))
			return false;
		made.numbers[made.count] = (uint32_t)number;
	}
	*sid = made;
	return true;
}

size_t sid_put(const struct sid *sid, uint8_t out[SID_BYTES_MAX])
{
	struct sid_disk disk = { .revision = 1, .count = sid->count };

	for (unsigned i = 0; i < sizeof disk.authority; i++)
		disk.authority[i] = (uint8_t)(sid->authority >> (40 - 8 * i));
	memcpy(out, &disk, sizeof disk);
	for (size_t i = 0; i < sid->count; i++) {
		struct le32 number = le32_make(sid->numbers[i]);

		memcpy(out + sizeof disk + 4 * i, &number, sizeof number);
	}
	return sizeof disk + 4u * sid->count;
}

struct sid_text sid_text(const struct sid *sid)
{
	struct sid_text made;
	int             length =
		snprintf(made.text, sizeof made.text,
			 sid->authority > UINT32_MAX ? "S-1-0x%012" PRIX64 : "S-1-%" PRIu64, sid->authority);

	for (size_t i = 0; i < sid->count; i++)
		length += snprintf(made.text + length, sizeof made.text - (size_t)length, "-%" PRIu32,
				   sid->numbers[i]);
	return made;
}

bool sid_is_of(const struct sid *sid, const struct sid *domain)
{
	return sid->authority == domain->authority && sid->count == domain->count + 1 &&
	       memcmp(sid->numbers, domain->numbers, domain->count * sizeof domain->numbers[0]) == 0;
}
