/* SPDX-License-Identifier: GPL-3.0-or-later */
/* version_resource.c - see version_resource.h */
#include "recover/rules/version_resource.h"

#include "core/endian.h"
#include "core/utf16.h"

#include <assert.h>
#include <stdlib.h>

#define RESOURCE_VERSION   16u         /* the type's id */
#define RESOURCE_DIRECTORY 0x80000000u /* in .offset: a directory, no data */
#define FIXED_SIGNATURE    0xfeef04bdu

struct coff_disk {
	uint8_t     signature[4];    /* 0x00  "PE", two zeros */
	struct le16 machine;         /* 0x04 */
	struct le16 sections;        /* 0x06 */
	struct le32 unused[3];       /* 0x08  time stamp, symbols */
	struct le16 optional_bytes;  /* 0x14  of the header behind this one */
	struct le16 characteristics; /* 0x16 */
};
static_assert(sizeof(struct coff_disk) == 24, "COFF header");

struct section_disk {
	uint8_t     name[8];       /* 0x00 */
	struct le32 virtual_bytes; /* 0x08 */
	struct le32 address;       /* 0x0c  when loaded */
	struct le32 raw_bytes;     /* 0x10 */
	struct le32 raw_offset;    /* 0x14  in the file */
	struct le32 unused[4];     /* 0x18  relocations, line numbers, flags */
};
static_assert(sizeof(struct section_disk) == 40, "section header");

struct directory_disk {
	struct le32 unused[3]; /* 0x00 */
	struct le16 named;     /* 0x0c  entries with a name, they come first */
	struct le16 numbered;  /* 0x0e  entries with an id */
};
static_assert(sizeof(struct directory_disk) == 16, "resource directory");

struct entry_disk {
	struct le32 id;     /* 0x00 */
	struct le32 offset; /* 0x04  from the resources' start; RESOURCE_DIRECTORY */
};

struct data_disk {
	struct le32 address; /* 0x00  when loaded */
	struct le32 bytes;   /* 0x04 */
	struct le32 unused[2];
};

struct fixed_disk {
	struct le32 signature; /* 0x00  FIXED_SIGNATURE */
	struct le32 structure; /* 0x04 */
	struct le32 file[2];    /* 0x08  most significant first */
	struct le32 product[2]; /* 0x10 */
};

/* -------- PE -------- */

struct program {
	struct bytes file, sections;
	uint32_t     resources; /* address, 0 none */
};

/* Bytes at an address of the loaded program, up to the end of what its section has in the file. */
static bool bytes_at(const struct program *program, uint32_t address, struct bytes *bytes)
{
	struct bytes        sections = program->sections;
	struct section_disk disk;

	while (bytes_read(&sections, &disk, sizeof disk)) {
		uint32_t start = le32_get(disk.address), size = le32_get(disk.raw_bytes);

		if (address < start || address - start >= size)
			continue;
		return bytes_sub(program->file, le32_get(disk.raw_offset), size, bytes) &&
		       bytes_sub(*bytes, address - start, size - (address - start), bytes);
	}
	return false;
}

/* Read the headers: 1, 0 if it is no program. */
static int read_program(struct program *program, struct error *err)
{
	struct bytes     at = program->file, optional, word;
	struct coff_disk coff;
	uint32_t         header;
	size_t           directories;

	if (at.left < 0x40 || at.at[0] != 'M' || at.at[1] != 'Z')
		return 0;
	header = le32_at(at.at + 0x3c);
	if (!bytes_sub(program->file, header, sizeof coff, &at) || memcmp(at.at, "PE\0", 4) != 0)
		return 0;
	memcpy(&coff, at.at, sizeof coff);
	(void)bytes_sub(program->file, header + sizeof coff, program->file.left - header - sizeof coff, &at);
	if (!bytes_take(&at, le16_get(coff.optional_bytes), &optional) ||
	    !bytes_take(&at, le16_get(coff.sections) * sizeof(struct section_disk), &program->sections))
		return error_at(err, ERROR_BOUNDS, header, "headers leave the program");
	if (optional.left < 2)
		return 0;
	directories = le16_at(optional.at) == 0x20b ? 112 : 96;
	if (le16_at(optional.at) != 0x20b && le16_at(optional.at) != 0x10b)
		return error_at(err, ERROR_VALUE, optional.offset, "program of an unknown kind");
	if (bytes_sub(optional, directories - 4, 4, &word) && le32_at(word.at) > 2 &&
	    bytes_sub(optional, directories + 16, 4, &word))
		program->resources = le32_at(word.at);
	return 1;
}

/* The offset of an entry of the directory at @offset: that of @id, or with 0 the first.  1, 0, -1. */
static int find_entry(struct bytes resources, uint32_t offset, uint32_t id, uint32_t *found, struct error *err)
{
	struct bytes          at;
	struct directory_disk directory;
	struct entry_disk     entry;

	if (offset > resources.left || !bytes_sub(resources, offset, resources.left - offset, &at) ||
	    !bytes_read(&at, &directory, sizeof directory))
		return error_at(err, ERROR_BOUNDS, resources.offset, "resources leave the program");
	for (unsigned i = 0; i < le16_get(directory.named) + le16_get(directory.numbered); i++) {
		if (!bytes_read(&at, &entry, sizeof entry))
			return error_at(err, ERROR_BOUNDS, at.offset, "resources leave the program");
		*found = le32_get(entry.offset);
		if (!id || le32_get(entry.id) == id)
			return 1;
	}
	return 0;
}

/* The first data of the type's first name: type, name and language are a directory each. */
static int find_version(const struct program *program, struct bytes *block, struct error *err)
{
	struct bytes     resources, at;
	struct data_disk data;
	uint32_t         offset = 0;

	if (!program->resources || !bytes_at(program, program->resources, &resources))
		return 0;
	for (unsigned level = 0; level < 3; level++) {
		int found = find_entry(resources, offset, level ? 0 : RESOURCE_VERSION, &offset, err);

		if (found <= 0)
			return found;
		if (!(offset & RESOURCE_DIRECTORY) != (level == 2))
			return error_at(err, ERROR_VALUE, resources.offset, "resources are not in three levels");
		offset &= ~RESOURCE_DIRECTORY;
	}
	if (!bytes_sub(resources, offset, sizeof data, &at))
		return error_at(err, ERROR_BOUNDS, resources.offset, "resources leave the program");
	memcpy(&data, at.at, sizeof data);
	if (!bytes_at(program, le32_get(data.address), &at) || !bytes_take(&at, le32_get(data.bytes), block))
		return error_at(err, ERROR_BOUNDS, resources.offset, "version leaves the program");
	block->offset = 0; /* what is in it is aligned to its start */
	return 1;
}

/* -------- VS_VERSIONINFO -------- */

/* One block: length, length of the value, type, key, value, blocks inside. */
struct version_block {
	const uint8_t *key; /* UTF-16LE */
	size_t         key_units;
	struct bytes   value, inside;
};

static void align(struct bytes *at)
{
	struct bytes skipped;
	size_t       skip = (size_t)(-at->offset & 3);

	(void)bytes_take(at, skip < at->left ? skip : at->left, &skipped);
}

/* Cut off the next block.  False at the end, and where it leaves what it is in. */
static bool next_block(struct bytes *from, struct version_block *block)
{
	struct bytes head, at;
	size_t       length, value, units = 0;
	bool         text;

	align(from);
	if (!bytes_sub(*from, 0, 6, &head))
		return false;
	length = le16_at(head.at);
	text = le16_at(head.at + 4) == 1;
	value = le16_at(head.at + 2) * (text ? 2u : 1u);
	if (length < 6 || !bytes_take(from, length, &at) || !bytes_take(&at, 6, &head))
		return false;
	while (2 * units + 2 <= at.left && le16_at(at.at + 2 * units))
		units++;
	*block = (struct version_block){ .key = at.at, .key_units = units };
	if (!bytes_take(&at, 2 * units + 2, &head))
		return false;
	align(&at);
	if (!bytes_take(&at, value < at.left ? value : at.left, &block->value)) /* makers count it differently */
		return false;
	block->inside = at;
	return true;
}

static void read_numbers(struct version_resource *version, struct bytes value)
{
	struct fixed_disk fixed;

	if (!bytes_read(&value, &fixed, sizeof fixed) || le32_get(fixed.signature) != FIXED_SIGNATURE)
		return;
	version->numbers = true;
	for (unsigned i = 0; i < 4; i++) {
		unsigned shift = i % 2 ? 0 : 16;

		version->file[i] = (uint16_t)(le32_get(fixed.file[i / 2]) >> shift);
		version->product[i] = (uint16_t)(le32_get(fixed.product[i / 2]) >> shift);
	}
}

int version_resource_find(struct version_resource *version, struct bytes file, struct error *err)
{
	struct program       program = { .file = file };
	struct version_block block;
	struct bytes         at;
	int                  found = read_program(&program, err);

	*version = (struct version_resource){ 0 };
	if (found == 1)
		found = find_version(&program, &version->block, err);
	if (found != 1)
		return found;
	at = version->block;
	if (!next_block(&at, &block) || !utf16_is_word(block.key, block.key_units, "VS_VERSION_INFO"))
		return error_at(err, ERROR_VALUE, 0, "version is none");
	read_numbers(version, block.value);
	return 1;
}

/* The text of @tag in one table. */
static char *text_in(struct bytes table, const char *tag)
{
	struct version_block string;

	while (next_block(&table, &string)) {
		size_t units = 0;
		char  *text;

		if (!utf16_is_word(string.key, string.key_units, tag))
			continue;
		while (2 * units + 2 <= string.value.left && le16_at(string.value.at + 2 * units))
			units++;
		text = malloc(3 * units + 1);
		if (text)
			utf16_to_text(string.value.at, units, text);
		return text;
	}
	return NULL;
}

char *version_resource_text(const struct version_resource *version, const char *tag)
{
	struct bytes         at = version->block;
	struct version_block whole, part, table;
	char                *text = NULL;

	if (!next_block(&at, &whole))
		return NULL;
	while (!text && next_block(&whole.inside, &part))
		while (!text && utf16_is_word(part.key, part.key_units, "StringFileInfo") &&
		       next_block(&part.inside, &table))
			text = text_in(table.inside, tag);
	return text;
}
