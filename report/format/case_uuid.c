/* SPDX-License-Identifier: GPL-3.0-or-later */
/* case_uuid.c - see case_uuid.h */
#include "report/format/case_uuid.h"

#include "core/cleanup.h"

#include <inttypes.h>
#include <string.h>

/* Of casebooks; made once, by chance. */
static const struct uuid casebooks = { { 0x4f, 0x9d, 0x1c, 0x5e, 0x8a, 0x37, 0x4b, 0x62, 0xa1, 0xd4, 0x6e, 0x0b, 0x93,
					 0x2f, 0x75, 0xc8 } };

int uuid_of_name(const struct uuid *space, const char *name, struct uuid *uuid, struct error *err)
{
	CLEANUP(digest_release) struct digest digest = { 0 };
	uint8_t                               sum[DIGEST_BYTES];

	if (digest_start_sha1(&digest, err) < 0 || digest_update(&digest, space->bytes, UUID_BYTES, err) < 0 ||
	    digest_update(&digest, name, strlen(name), err) < 0 || digest_end(&digest, sum, err) < 0)
		return -1;
	memcpy(uuid->bytes, sum, UUID_BYTES);
	uuid->bytes[6] = (uint8_t)(0x50 | (uuid->bytes[6] & 0x0f)); /* version 5 */
	uuid->bytes[8] = (uint8_t)(0x80 | (uuid->bytes[8] & 0x3f)); /* variant of the RFC */
	return 0;
}

static int add_evidence(void *context, const struct case_evidence *evidence, struct error *err)
{
	(void)err;
	fprintf(context, "%s %" PRIu64 "\n", evidence->fingerprint ? evidence->fingerprint : "", evidence->size_bytes);
	return 0;
}

static int describe(FILE *out, struct casebook *book, struct error *err)
{
	static const char *const keys[] = { "tool", "command", "scope" };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		CLEANUP(free_ptr) char *value = NULL;

		if (casebook_meta(book, keys[i], &value, err) < 0)
			return -1;
		fprintf(out, "%s %s\n", keys[i], value ? value : "");
	}
	return casebook_evidence(book, add_evidence, out, err);
}

int uuid_of_case(struct casebook *book, struct uuid *uuid, struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	size_t                  length;
	FILE                   *out = open_memstream(&text, &length);
	int                     result;

	if (!out)
		return error_memory(err);
	result = describe(out, book, err);
	if (fclose(out) != 0 && result == 0)
		result = error_memory(err);
	return result < 0 ? -1 : uuid_of_name(&casebooks, text, uuid, err);
}

struct uuid_text uuid_text(const struct uuid *uuid)
{
	char             hex[2 * UUID_BYTES + 1];
	struct uuid_text result;

	digest_hex_of(uuid->bytes, UUID_BYTES, hex);
	snprintf(result.text, sizeof result.text, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
	return result;
}
