/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * captured_volume.h - one volume's part of a capture, between looking, linking and publishing
 *
 * Filled by capture.c, worked on by capture_links.c or capture_copy.c, published by capture_publish.c.
 */
#ifndef RECOVER_ENGINE_CAPTURED_VOLUME_H
#define RECOVER_ENGINE_CAPTURED_VOLUME_H

#include "recover/engine/capture_folder.h"
#include "recover/engine/capture_plan.h"
#include "recover/volume_file.h"
#include "scan/catalogue.h"

#include <string.h>

/* A file that has too many names for more: its copy in the store. */
struct copied_file {
	uint32_t record;
	file_ref copy;
};

struct copied_files ARRAY(struct copied_file);

struct captured_volume {
	struct capture      *capture;
	struct work_volume  *volume;
	struct capture_part *told;
	struct state_store   store;
	struct capture_plan  plan;
	bool                 encrypted_told; /* in .told */
	bool                 ours; /* the store that is there has a catalogue of ours */
	bool                 begun; /* writing to it */
	uint32_t             unfinished; /* folder of this capture, as the tree shows it, or NO_TREE_RECORD */
	uint32_t            *there;      /* by planned folder: its mirror as the tree shows it */
	file_ref             new_folder; /* PATH\USMT.new-<uuid> */
	file_ref             files;      /* File in it */
	file_ref            *mirrors;    /* by planned folder */
	file_ref             top;        /* File\<letter>$, where the store is */
	struct copied_files  copies;
	struct live_source   live;
	struct file_source   source;
	struct volume_writer writer;
};

/* The capture as a whole. */
struct capture {
	const struct capture_options *options;
	struct work_volumes          *volumes;
	struct capture_result        *result;
	char                         *path; /* "\StateStore" */
	uint8_t                       uuid[CATALOGUE_UUID_BYTES];
	char                          new_name[sizeof STORE_NEW_PREFIX + 2 * CATALOGUE_UUID_BYTES];
	struct captured_volume                  *parts;   /* by volume */
	struct capture_folder        *folders; /* of the host, copied into the first of them */
	struct progress               progress;
};

/* The primary volume's part has the marker, and what is copied from folders of the host. */
static inline bool captured_volume_is_primary(const struct captured_volume *part)
{
	return part->volume == part->capture->volumes->items;
}

/* Does the volume get a part of the store?  One of copies lies on the first alone. */
static inline bool captured_volume_has_store(const struct captured_volume *part)
{
	return !part->capture->options->copy || captured_volume_is_primary(part);
}

/* A name of the store's own as the library wants it. */
static inline struct ntfs3g_name captured_volume_name(const char *text)
{
	struct ntfs3g_name name = { .count = 0 };

	(void)!ntfs3g_name(text, strlen(text), "", &name); /* ours: it is a name */
	return name;
}

#endif
