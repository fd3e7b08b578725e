/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fact.h - a name that something else than a record remembers
 *
 * One fact is what one place on the disk says: this file had this name in this directory.  It carries where
 * that stands and where it stands in time; what is to be made of it is settled later, with all other facts
 * beside it (settle.h).  Nothing is judged here.
 */
#ifndef SCAN_FACT_H
#define SCAN_FACT_H

#include "scan/fact_source.h"
#include "scan/inventory.h"

enum fact_flag {
	FACT_CARVED    = 1, /* the artefact was found by its looks, outside the place where the volume keeps such */
	FACT_RENAMED   = 2, /* the name ended while the file went on: it got another */
	FACT_UNLINKED  = 4, /* likewise: this link was removed, and the file had others */
	FACT_DIRECTORY = 8, /* the file is a directory */
	FACT_TORN      = 16, /* some bytes may be of another state */
	FACT_IN_USE    = 32, /* with FACT_CARVED: the block of an index that has it had it in use when it was written */
};

struct fact {
	file_ref file;   /* 0 if it does not say */
	file_ref parent;
	uint64_t offset; /* of what says it: bytes of the volume */
	uint64_t moment; /* LSN or USN, 0 if not known */
	uint32_t time;   /* row_time (inventory.h) at which the name was in force, 0 if not known */
	uint32_t text;   /* where its units begin in facts.text */
	uint8_t  units;  /* UTF-16 units */
	uint8_t  space;  /* enum file_name_space; NAME_WIN32 if it does not say */
	uint8_t  source; /* enum fact_source */
	uint8_t  flags;  /* enum fact_flag */
	uint8_t  verdict; /* enum fact_verdict, once settled (settle.h) */
};

struct fact_list ARRAY(struct fact);

struct facts {
	struct fact_list  list;
	struct text_arena text; /* UTF-16LE units, as they lie on disk */
};

/* Add @fact with the UTF-16LE bytes @name; .text and .units are set here.  Returns 0, or -1 without memory. */
MUST_CHECK int facts_add(struct facts *facts, struct fact fact, struct bytes name, struct error *err);
void           facts_release(struct facts *facts);

/* The UTF-16LE bytes of a fact's name, 2 * units of them. */
static inline const uint8_t *facts_text(const struct facts *facts, const struct fact *fact)
{
	return (const uint8_t *)(facts->text.items + fact->text);
}

#endif
