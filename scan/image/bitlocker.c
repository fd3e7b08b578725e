/* SPDX-License-Identifier: MIT */
/* bitlocker.c - see bitlocker.h; MIT, for the reason told in protocol.h */
#include "scan/image/bitlocker.h"

#include "scan/image/image_error.h"

#include <stdlib.h>
#include <string.h>

#define UNIT_BYTES 4096u

/* Read bytes as they lie there.  Returns good bytes from the start. */
static size_t read_below(const struct bitlocker *bitlocker, uint8_t *buffer, size_t length, uint64_t at)
{
	size_t done = 0;

	if (at >= bitlocker->length_bytes)
		return 0;
	if (length > bitlocker->length_bytes - at)
		length = (size_t)(bitlocker->length_bytes - at);
	while (done < length) {
		size_t got = bitlocker->below->read(bitlocker->below->context, buffer + done, length - done,
						    bitlocker->start_bytes + at + done);

		if (!got || got > length - done)
			break;
		done += got;
	}
	return done;
}

/* -------- opening -------- */

/* The first of its recovery keys, as a person knows it: by the eight digits its identifier begins with. */
static void find_recovery(struct bitlocker *bitlocker)
{
	for (size_t i = 0; i < bitlocker->metadata.protector_count && !bitlocker->recovery_id; i++) {
		const struct bitlocker_protector *protector = &bitlocker->metadata.protectors[i];

		if (protector->protection == BITLOCKER_RECOVERY)
			bitlocker->recovery_id = (uint32_t)protector->id[3] << 24 | (uint32_t)protector->id[2] << 16 |
						 (uint32_t)protector->id[1] << 8 | protector->id[0];
	}
}

/* Try one key, or the clear one, on all protectors. */
static bool try_key(struct bitlocker *bitlocker, const char *key, uint32_t sector_bytes)
{
	uint8_t master[BITLOCKER_MASTER_BYTES], volume[BITLOCKER_VOLUME_KEY_MAX];
	bool    good = false;

	for (size_t i = 0; !good && i < bitlocker->metadata.protector_count; i++) {
		size_t length;

		if (!bitlocker_master_key(&bitlocker->metadata.protectors[i], key, master))
			continue;
		length = bitlocker_volume_key(&bitlocker->metadata, master, volume);
		good = length && bitlocker_cipher_init(&bitlocker->cipher, bitlocker->metadata.method, sector_bytes,
						       volume, length) == 0;
	}
	explicit_bzero(master, sizeof master);
	explicit_bzero(volume, sizeof volume);
	return good;
}

/* The first copy of the metadata that makes sense. */
static bool read_metadata(struct bitlocker *bitlocker, const struct bitlocker_start *start)
{
	uint8_t *bytes = malloc(BITLOCKER_METADATA_BYTES);
	bool     found = false;

	for (size_t i = 0; bytes && !found && i < BITLOCKER_COPIES; i++)
		found = read_below(bitlocker, bytes, BITLOCKER_METADATA_BYTES, start->metadata_at[i]) ==
				BITLOCKER_METADATA_BYTES &&
			bitlocker_metadata_decode(bytes, &bitlocker->metadata);
	free(bytes);
	return found;
}

static size_t read_volume(void *context, void *buffer, size_t length, uint64_t offset);

int bitlocker_open(struct bitlocker *bitlocker, const struct source *below, uint64_t offset, uint64_t length,
		   char *const *keys, size_t key_count, struct source *source, char text[IMAGE_ERROR_BYTES])
{
	uint8_t                sector[512];
	struct bitlocker_start start;
	bool                   open;

	*bitlocker = (struct bitlocker){ .below = below, .start_bytes = offset, .opened_by = "clear key" };
	if (offset >= below->size_bytes || !length)
		return image_error(text, "there is no such place");
	bitlocker->length_bytes = length < below->size_bytes - offset ? length : below->size_bytes - offset;
	if (read_below(bitlocker, sector, sizeof sector, 0) != sizeof sector ||
	    !bitlocker_start_decode(sector, &start) || !read_metadata(bitlocker, &start))
		return image_error(text, "its BitLocker metadata are damaged, or of a version that is not known");
	if (start.on_write)
		return image_error(text,
				   "it was not encrypted to its end, and which parts are still plain is not read here; "
				   "let Windows finish (manage-bde -status)");
	find_recovery(bitlocker);
	open = try_key(bitlocker, NULL, start.sector_bytes);
	for (size_t i = 0; !open && i < key_count; i++) {
		bitlocker->opened_by = keys[i][0] == IMAGE_KEY_RECOVERY ? "recovery key" : "password";
		open = try_key(bitlocker, keys[i], start.sector_bytes);
	}
	if (!open)
		return -image_error(text, key_count ? "none of the keys fits" : "it needs a key");
	*source = (struct source){ read_volume, NULL, bitlocker,
				   bitlocker->length_bytes / start.sector_bytes * start.sector_bytes, UNIT_BYTES };
	return 0;
}

void bitlocker_release(struct bitlocker *bitlocker)
{
	bitlocker_cipher_release(&bitlocker->cipher);
	*bitlocker = (struct bitlocker){ .recovery_id = 0 };
}

/* -------- reading -------- */

/* How many bytes from @at lie before @border, @length at the most; all if it is behind us. */
static size_t up_to(uint64_t at, uint64_t border, size_t length)
{
	return at < border && border - at < length ? (size_t)(border - at) : length;
}

/* Is @at in [start, start + bytes)?  Cuts @length at the range's next border. */
static bool is_within(uint64_t at, uint64_t start, uint64_t bytes, size_t *length)
{
	bool within = at >= start && at - start < bytes;

	*length = up_to(at, start, *length);
	if (within && bytes - (at - start) < *length)
		*length = (size_t)(bytes - (at - start));
	return within;
}

/* Whole sectors from @at: how many bytes are good. */
static size_t read_sectors(struct bitlocker *bitlocker, uint8_t *buffer, size_t length, uint64_t at)
{
	const struct bitlocker_metadata *metadata = &bitlocker->metadata;
	uint32_t                         sector_bytes = bitlocker->cipher.sector_bytes;
	uint64_t                         place = at;
	size_t                           got;
	bool                             hidden = false;

	/* Windows shows zeros where the metadata lie */
	for (size_t i = 0; i < BITLOCKER_COPIES; i++)
		hidden = is_within(at, metadata->metadata_at[i], BITLOCKER_METADATA_BYTES, &length) || hidden;
	hidden = is_within(at, metadata->header_at, metadata->header_bytes, &length) || hidden;
	if (is_within(at, 0, metadata->header_bytes, &length))
		place = metadata->header_at + at;
	else if (hidden) {
		memset(buffer, 0, length);
		return length;
	}
	length = up_to(place, metadata->encrypted_bytes, length);
	if (length >= sector_bytes)
		length -= length % sector_bytes;
	got = read_below(bitlocker, buffer, length, place);
	if (place >= metadata->encrypted_bytes)
		return got;
	got -= got % sector_bytes;
	for (size_t i = 0; i < got; i += sector_bytes)
		if (!bitlocker_cipher_sector(&bitlocker->cipher, place + i, buffer + i))
			return i;
	return got;
}

/* One attempt, at any offset: the sectors at both ends are read by themselves. */
static size_t read_volume(void *context, void *buffer, size_t length, uint64_t offset)
{
	struct bitlocker *bitlocker = context;
	uint32_t          sector_bytes = bitlocker->cipher.sector_bytes;
	uint8_t          *to = buffer, sector[4096];
	size_t            done = 0;

	while (done < length) {
		uint64_t at = offset + done;
		size_t   inside = (size_t)(at % sector_bytes), part = length - done, got;

		if (!inside && part >= sector_bytes) {
			got = read_sectors(bitlocker, to + done, part - part % sector_bytes, at);
		} else {
			if (read_sectors(bitlocker, sector, sector_bytes, at - inside) != sector_bytes)
				break;
			got = sector_bytes - inside < part ? sector_bytes - inside : part;
			memcpy(to + done, sector + inside, got);
		}
		if (!got)
			break;
		done += got;
	}
	return done;
}
