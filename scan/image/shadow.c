/* SPDX-License-Identifier: MIT */
/* shadow.c - see shadow.h; MIT, for the reason told in protocol.h */
#include "scan/image/shadow.h"

#include "scan/image/image_error.h"


#define BLOCK_BYTES 16384u /* the least that a shadow copy keeps */

int shadow_open(struct shadow *shadow, const struct source *below, uint64_t offset, uint64_t length,
		char text[IMAGE_ERROR_BYTES])
{
	*shadow = (struct shadow){ .size_bytes = 0 };
	if (range_handle_open(&shadow->range, below, offset, length) < 0 ||
	    libvshadow_volume_initialize(&shadow->volume, NULL) != 1)
		return image_error(text, "cannot look for shadow copies: out of memory, or no such place");
	range_handle_begin(&shadow->range, 0);
	if (libvshadow_volume_open_file_io_handle(shadow->volume, shadow->range.bfio, LIBVSHADOW_OPEN_READ,
						  NULL) != 1)
		return image_error(text, "the catalog of its shadow copies is damaged, or cannot be read");
	return 0;
}

void shadow_release(struct shadow *shadow)
{
	if (shadow->store)
		libvshadow_store_free(&shadow->store, NULL);
	if (shadow->volume) {
		libvshadow_volume_close(shadow->volume, NULL);
		libvshadow_volume_free(&shadow->volume, NULL);
	}
	range_handle_release(&shadow->range);
	*shadow = (struct shadow){ .size_bytes = 0 };
}

static size_t count_stores(struct shadow *shadow)
{
	int count = 0;

	if (libvshadow_volume_get_number_of_stores(shadow->volume, &count, NULL) != 1 || count < 0)
		return 0;
	return (size_t)count < IMAGE_SHADOWS_MAX ? (size_t)count : IMAGE_SHADOWS_MAX;
}

/* What cannot be told of a copy stays 0; that it is there is told in any case. */
static struct image_shadow describe(libvshadow_store_t *store, size_t index)
{
	struct image_shadow told = { .number = (uint32_t)index + 1 };
	size64_t            size = 0;

	(void)libvshadow_store_get_creation_time(store, &told.created, NULL);
	(void)libvshadow_store_get_copy_set_identifier(store, told.set, sizeof told.set, NULL);
	if (libvshadow_store_get_volume_size(store, &size, NULL) == 1)
		told.size_bytes = size;
	told.elsewhere = libvshadow_store_has_in_volume_data(store, NULL) != 1;
	return told;
}

size_t shadow_list(struct shadow *shadow, struct image_shadow *list)
{
	size_t count = count_stores(shadow);

	for (size_t i = 0; i < count; i++) {
		libvshadow_store_t *store = NULL;

		range_handle_begin(&shadow->range, 0);
		list[i] = (struct image_shadow){ .number = (uint32_t)i + 1, .elsewhere = 1 };
		if (libvshadow_volume_get_store(shadow->volume, (int)i, &store, NULL) == 1)
			list[i] = describe(store, i);
		if (store)
			libvshadow_store_free(&store, NULL);
	}
	return count;
}

static size_t read_store(void *context, void *buffer, size_t length, uint64_t offset)
{
	struct shadow *shadow = context;
	ssize_t        got;

	range_handle_begin(&shadow->range, length);
	got = libvshadow_store_read_buffer_at_offset(shadow->store, buffer, length, (off64_t)offset, NULL);
	return got <= 0 || (size_t)got > length ? 0 : (size_t)got;
}

int shadow_choose(struct shadow *shadow, uint32_t number, struct source *source, char text[IMAGE_ERROR_BYTES])
{
	size_t   count = count_stores(shadow);
	size64_t size = 0;

	if (!number || number > count)
		return image_error(text, "there is no shadow copy %u of this volume, but %zu in all", number, count);
	range_handle_begin(&shadow->range, 0);
	if (libvshadow_volume_get_store(shadow->volume, (int)number - 1, &shadow->store, NULL) != 1)
		return image_error(text, "shadow copy %u of this volume is damaged", number);
	if (libvshadow_store_has_in_volume_data(shadow->store, NULL) != 1)
		return image_error(text, "the blocks of shadow copy %u lie on another volume, which is not read here", number);
	if (libvshadow_store_get_volume_size(shadow->store, &size, NULL) != 1 || !size || size > INT64_MAX)
		return image_error(text, "shadow copy %u of this volume does not tell its size", number);
	shadow->size_bytes = size;
	*source = (struct source){ read_store, NULL, shadow, size, BLOCK_BYTES };
	return 0;
}
