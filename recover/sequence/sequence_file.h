/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_file.h - a task sequence as its file has it: of MDT (ts.xml), or of ConfigMgr
 *
 * ConfigMgr's is read by itself, as the object.xml of a console export, or as the exported .zip.  What is
 * not known in it is a remark; what is broken is an error with its line.  Format: spec USMT 5.3.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_FILE_H
#define RECOVER_SEQUENCE_SEQUENCE_FILE_H

#include "core/digest.h"
#include "recover/sequence/sequence_condition.h"

enum sequence_environment { SEQUENCE_ANYWHERE, SEQUENCE_WINPE, SEQUENCE_FULL_OS };

/* A variable of the whole sequence, or a step's default. */
struct sequence_default {
	const char *name, *property, *value;
	bool        secret;
};

struct sequence_item {
	int         line;
	bool        group;
	const char *name, *description;
	bool        disabled, continue_on_error;
	const struct sequence_condition *condition; /* NULL: none */
	struct sequence_item *parent, *child, *next; /* child: a group's first */

	/* of steps alone */
	const char               *type; /* "SMS_TaskSequence_RunCommandLineAction" if it is left out */
	const char               *action, *start_in;
	enum sequence_environment environment;
	struct sequence_default  *defaults;
	size_t                    default_count;
	int64_t                  *success_codes;
	size_t                    success_count;
	unsigned                  retry_count, timeout_minutes; /* 0: none */
};

struct sequence_file {
	const char              *path;    /* as named */
	const char              *version; /* "3.10" */
	const char              *name, *description; /* "" if it has none */
	struct sequence_item    *items;   /* the first of those at the top */
	size_t                   entries; /* of the instruction table */
	struct sequence_default *globals;
	size_t                   global_count;
	const char             **references; /* ids of packages */
	size_t                   reference_count;
	struct xml_remarks       remarks;
	uint8_t                  digest[DIGEST_BYTES]; /* of the sequence's XML */
	struct xml_document      document, outer;      /* outer: what it was taken out of */
	struct arena             memory;
};

/*
 * Read a task sequence from the host, or parse its bytes.
 * Returns 0, or -1: file, line, what is wrong and what would be right.  Release in any case.
 */
MUST_CHECK int sequence_file_read(struct sequence_file *file, const char *path, struct error *err);
MUST_CHECK int sequence_file_parse(struct sequence_file *file, const char *name, const void *bytes, size_t size,
				   struct error *err);
void           sequence_file_release(struct sequence_file *file);

/* Is it among the step's success codes? */
bool sequence_item_succeeds(const struct sequence_item *item, uint32_t code);

#endif
