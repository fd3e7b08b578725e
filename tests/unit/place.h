/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * place.h - a disk with lives: formatted by mkntfs, filled through libntfs-3g, again and again
 *
 * Every sector of every file says whose it is, so what is called sound can be compared with what lies there.
 */
#ifndef TESTS_PLACE_H
#define TESTS_PLACE_H

#include "scan/carve/lives.h"
#include "scan/old_table.h"
#include "tests/unit/disk.h"

#define PLACE_MIB 32u

struct place {
	char            *folder, *path;
	struct error     err;
	struct evidence  evidence; /* these from place_look on */
	struct findings  findings;
	struct artefacts artefacts;
	struct volumes   volumes;
	size_t           present; /* volumes that are there; behind them come the lost ones */
};

/* What is put onto a volume: folders, in each the same number of files. */
struct filling {
	unsigned folders, files;
	uint32_t file_bytes; /* about: each file has another size */
};

void place_make(struct place *it);
void place_release(struct place *it);

/* All that is on it becomes an hour older; then it is formatted with @options (of mkntfs), and filled. */
void place_add_life(struct place *it, const char *options, const char *life, struct filling filling);

/* The same in single steps. */
void place_age(struct place *it);
void place_format(struct place *it, const char *options);
void place_fill(struct place *it, const char *life, struct filling filling);

void place_put(struct place *it, uint64_t at, const uint8_t *bytes, size_t size);
void place_wipe(struct place *it, uint64_t at, size_t length);

/* The first record of the volume at the disk's start, and its mirror, are of when its table had @records. */
void place_forget_records(struct place *it, uint32_t records);

/* Of record @number of that volume: the number at byte @at of the attributes of @type (attribute.h) becomes @value. */
#define ATTRIBUTE_PARENT_AT    0x18u /* of a resident name */
#define ATTRIBUTE_ALLOCATED_AT 0x28u
#define ATTRIBUTE_SIZE_AT      0x30u
#define ATTRIBUTE_VALID_AT     0x38u
void place_change_record(struct place *it, uint32_t number, uint32_t type, unsigned at, uint64_t value);

/* Find what is there, then what was. */
void place_look(struct place *it);

/* Look again at what has changed, with the volumes that are known. */
void place_look_for_lives(struct place *it);

/* What is left of a life. */
struct left {
	size_t files;
	size_t sound, right; /* clusters called sound; with the right bytes */
	size_t wrong;        /* called sound, with other bytes */
	bool   disturbed;
};

/* Of the life that volume @index is said to be; files of others there are wrong. */
struct left place_left(struct place *it, size_t index, const char *life);

#endif
