/* SPDX-License-Identifier: MIT */
/*
 * protocol.h - what the main program and the image reader say to one another
 *
 * The image reader (reader.c) is a program of its own: it links libtsk, whose licence (CPL/IPL)
 * does not mix with the GPL of the main program.  So that neither side takes the other's licence
 * on, everything in this folder is under the MIT licence, and includes nothing from outside it.
 *
 * One socket pair (SOCK_SEQPACKET): the client sends a struct image_request, the reader answers
 * with one struct image_reply, and so on in turn.  What does not fit lies in the window, a sealed
 * memfd that both have mapped.  Both sides run on one machine: native byte order.
 * The reader parses hostile files, so the client believes nothing it says without a check.
 */
#ifndef SCAN_IMAGE_PROTOCOL_H
#define SCAN_IMAGE_PROTOCOL_H

#include <assert.h>
#include <stdint.h>

#define IMAGE_MAGIC          0x33464d49u  /* "IMF3"; another layout gets another magic */
#define IMAGE_WINDOW_BYTES   (8u << 20)   /* shared memory: the most that one read can carry */
#define IMAGE_PATHS_MAX      16384u       /* files of one image */
#define IMAGE_PARTITIONS_MAX 4096u        /* entries in one answer */
#define IMAGE_SHADOWS_MAX    512u         /* what Windows keeps of one volume at the most */
#define IMAGE_HOLES_MAX      (IMAGE_WINDOW_BYTES / 16u)
#define IMAGE_KEYS_MAX       64u          /* tried on one volume; each takes a second */
#define IMAGE_DEPTH_MAX      3u           /* volumes within volumes */
#define IMAGE_ERROR_BYTES    200u         /* one clause of text with its NUL */
#define IMAGE_KIND_BYTES     32u          /* name of a format or table with its NUL */

enum image_operation {
	IMAGE_OPEN = 1,   /* paths in the window, one after another, each with its NUL */
	IMAGE_READ,       /* bytes into the window */
	IMAGE_PARTITIONS, /* array of struct image_partition into the window */
	IMAGE_CLOSE,      /* the reader answers, then ends */
	IMAGE_HOLES,      /* array of struct image_hole in the window: bytes that are not to be believed */
	IMAGE_SHADOWS,    /* of the volume at .offset: array of struct image_shadow into the window */
	/* from here on, what is read is a volume within: */
	IMAGE_SHADOW,     /* shadow copy .number of the volume at .offset */
	IMAGE_UNLOCK,     /* the BitLocker volume at .offset, decrypted; keys in the window as paths are in OPEN */
};

/* What the first letter of a key says of the rest. */
enum image_key {
	IMAGE_KEY_RECOVERY = 'r', /* eight groups of six digits */
	IMAGE_KEY_PASSWORD = 'p', /* UTF-8 */
};

struct image_request {
	uint32_t magic;
	uint32_t operation;              /* enum image_operation */
	uint64_t offset;                 /* READ: bytes from the start; SHADOWS, SHADOW, UNLOCK: of the volume */
	uint64_t length;                 /* READ: bytes; SHADOWS, SHADOW, UNLOCK: bytes of the volume */
	uint64_t text_bytes;             /* OPEN, UNLOCK: of all texts in the window */
	uint32_t count;                  /* OPEN: paths, in the order of the image; UNLOCK: keys; HOLES: holes */
	uint32_t sector_bytes;           /* OPEN: of the disk, 0 for what the image says */
	uint32_t number;                 /* SHADOW: from 1, the oldest */
	uint32_t unused;
	char     type[IMAGE_KIND_BYTES]; /* OPEN: "raw", "ewf", "vmdk", "vhd", "aff", "" to detect */
};

/* What the acquirer wrote into the image of all bytes of the disk; zeros where it is not there. */
struct image_digests {
	uint8_t  md5[16], sha1[20];
	uint32_t has_md5, has_sha1; /* 0 or 1 */
	uint32_t unused;
};

struct image_reply {
	uint32_t magic;
	uint32_t operation;               /* as in the request */
	uint32_t failed;                  /* 0 or 1 */
	uint32_t sector_bytes;            /* OPEN: of the disk; PARTITIONS: unit of the table */
	uint64_t size_bytes;              /* OPEN: of the disk in the image; SHADOW, UNLOCK: of the volume */
	uint64_t count;                   /* READ: bytes that are good, from the start of those asked
					     for; PARTITIONS, SHADOWS: entries in the window; UNLOCK, even
					     failed: how the recovery key's identifier begins, 32 bits, or 0 */
	uint64_t bad;                     /* READ: bytes behind them that cannot be had; UNLOCK that
					     failed: 1 if a key is all that lacks */
	char     kind[IMAGE_KIND_BYTES];  /* OPEN: format; PARTITIONS: "gpt", "mbr" or "none"; UNLOCK: what
					     opened it: "recovery key", "password" or "clear key" */
	char     text[IMAGE_ERROR_BYTES]; /* what is wrong: the error if failed, else a remark or "" */
	struct image_digests stored;      /* OPEN */
};

struct image_hole {
	uint64_t start_bytes;  /* from the start of the image; sorted, none overlaps another */
	uint64_t length_bytes;
};

struct image_shadow {
	uint64_t created;   /* 100 ns since 1601 */
	uint64_t size_bytes;
	uint8_t  set[16];   /* the same for copies of several volumes that were made together; 0: not known */
	uint32_t number;    /* from 1, the oldest */
	uint32_t elsewhere; /* 1: its blocks lie on another volume, so it cannot be read */
};

enum image_partition_use {
	IMAGE_PARTITION_ALLOCATED,   /* a partition */
	IMAGE_PARTITION_META,        /* the table itself, or an extended partition around others */
	IMAGE_PARTITION_UNALLOCATED, /* in no partition */
};

struct image_partition {
	uint64_t start_bytes;     /* from the start of the image; start + length never wraps */
	uint64_t length_bytes;    /* as the table says: may reach beyond the end of the image */
	uint32_t use;             /* enum image_partition_use */
	uint32_t number;          /* 1, 2, ... for allocated ones in the order of the disk, else 0 */
	uint32_t slot;            /* as fdisk, sgdisk and Linux number them, 0 if not in the table */
	char     type[44];        /* MBR: "0x07"; GPT: the type's GUID; "" if not in the table */
	char     description[96]; /* type in words, and the name that the table gives, escaped */
};

static_assert(sizeof(struct image_request) == 80, "request has padding");
static_assert(sizeof(struct image_reply) == 320, "reply has padding");
static_assert(sizeof(struct image_partition) == 168, "partition has padding");
static_assert(sizeof(struct image_hole) == 16, "hole has padding");
static_assert(sizeof(struct image_shadow) == 40, "shadow has padding");
static_assert(IMAGE_PARTITIONS_MAX * sizeof(struct image_partition) <= IMAGE_WINDOW_BYTES,
	      "window too small for the partitions");

#endif
