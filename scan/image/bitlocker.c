/* SPDX-License-Identifier: MIT */
/* bitlocker.c - see bitlocker.h; MIT, for the reason told in protocol.h */
#include "scan/image/bitlocker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define UNIT_BYTES 4096u

__attribute__((format(printf, 2, 3)))
static int fail(char text[IMAGE_ERROR_BYTES], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, IMAGE_ERROR_BYTES, format, arguments);
	va_end(arguments);
	return -1;
}

static void close_volume(struct bitlocker *bitlocker)
{
	if (!bitlocker->volume)
		return;
	libbde_volume_close(bitlocker->volume, NULL);
	libbde_volume_free(&bitlocker->volume, NULL);
}

/* Open once, with @key or without.  Returns 1 when it is unlocked, 0 when it is not, -1 when it cannot be opened. */
static int try_key(struct bitlocker *bitlocker, const char *key)
{
	const uint8_t *text = (const uint8_t *)(key ? key + 1 : NULL);
	int            set = 1, opened;

	close_volume(bitlocker);
	if (libbde_volume_initialize(&bitlocker->volume, NULL) != 1)
		return -1;
	if (key && *key == IMAGE_KEY_RECOVERY)
		set = libbde_volume_set_utf8_recovery_password(bitlocker->volume, text, strlen(key + 1), NULL);
	else if (key)
		set = libbde_volume_set_utf8_password(bitlocker->volume, text, strlen(key + 1), NULL);
	if (set != 1)
		return 0;
	range_handle_begin(&bitlocker->range);
	opened = libbde_volume_open_file_io_handle(bitlocker->volume, bitlocker->range.bfio, LIBBDE_OPEN_READ, NULL);
	return opened == 1 && libbde_volume_is_locked(bitlocker->volume, NULL) != 0 ? 0 : opened;
}

/* The first of its recovery keys, as a person knows it: by the eight digits its identifier begins with. */
static void find_recovery(struct bitlocker *bitlocker)
{
	int count = 0;

	if (libbde_volume_get_number_of_key_protectors(bitlocker->volume, &count, NULL) != 1)
		return;
	for (int i = 0; i < count && !bitlocker->recovery_id; i++) {
		libbde_key_protector_t *protector = NULL;
		uint16_t                type = 0;
		uint8_t                 id[16] = { 0 };

		if (libbde_volume_get_key_protector(bitlocker->volume, i, &protector, NULL) == 1 &&
		    libbde_key_protector_get_type(protector, &type, NULL) == 1 &&
		    type == LIBBDE_KEY_PROTECTION_TYPE_RECOVERY_PASSWORD &&
		    libbde_key_protector_get_identifier(protector, id, sizeof id, NULL) == 1)
			bitlocker->recovery_id = (uint32_t)id[3] << 24 | (uint32_t)id[2] << 16 |
						 (uint32_t)id[1] << 8 | id[0];
		if (protector)
			libbde_key_protector_free(&protector, NULL);
	}
}

static size_t read_volume(void *context, void *buffer, size_t length, uint64_t offset)
{
	struct bitlocker *bitlocker = context;
	ssize_t           got;

	range_handle_begin(&bitlocker->range);
	got = libbde_volume_read_buffer_at_offset(bitlocker->volume, buffer, length, (off64_t)offset, NULL);
	return got <= 0 || (size_t)got > length ? 0 : (size_t)got;
}

int bitlocker_open(struct bitlocker *bitlocker, const struct source *below, uint64_t offset, uint64_t length,
		   char *const *keys, size_t key_count, struct source *source, char text[IMAGE_ERROR_BYTES])
{
	size64_t size = 0;
	int      open;

	*bitlocker = (struct bitlocker){ .opened_by = "clear key" };
	if (range_handle_open(&bitlocker->range, below, offset, length) < 0)
		return fail(text, "cannot open BitLocker: out of memory, or no such place");
	open = try_key(bitlocker, NULL);
	if (open < 0)
		return fail(text, "its BitLocker metadata are damaged, or of a version that is not known");
	find_recovery(bitlocker);
	for (size_t i = 0; open == 0 && i < key_count; i++) {
		open = try_key(bitlocker, keys[i]);
		bitlocker->opened_by = keys[i][0] == IMAGE_KEY_RECOVERY ? "recovery key" : "password";
		if (open < 0)
			open = 0; /* some keys it cannot even try */
	}
	if (!open)
		return -fail(text, key_count ? "none of the keys fits" : "it needs a key");
	if (libbde_volume_get_size(bitlocker->volume, &size, NULL) != 1 || !size || size > INT64_MAX)
		return fail(text, "its BitLocker metadata do not tell its size");
	*source = (struct source){ read_volume, NULL, bitlocker, size, UNIT_BYTES };
	return 0;
}

void bitlocker_release(struct bitlocker *bitlocker)
{
	close_volume(bitlocker);
	range_handle_release(&bitlocker->range);
	*bitlocker = (struct bitlocker){ .recovery_id = 0 };
}
