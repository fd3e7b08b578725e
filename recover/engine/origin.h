/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * origin.h - where files that are restored come from: a live volume, or a folder that a rebuild made
 *
 * A file or directory of an origin is a number: a record of the volume's tree, or
 * its place in the folder's list.
 */
#ifndef RECOVER_ENGINE_ORIGIN_H
#define RECOVER_ENGINE_ORIGIN_H

#include "recover/engine/work_volume.h"
#include "recover/file_source.h"
#include "recover/manifest_reader.h"

struct origin {
	void              *context;
	struct file_source source; /* contents, security descriptors */
	bool               other_security; /* of a volume: .source gives others than those that lie there */

	/* Load a file or directory in full.  Returns 0, or -1.  case_record_release in any case. */
	int (*load)(void *context, uint32_t item, struct case_record *to, struct error *err);
};

/* A volume as an origin. */
struct volume_origin {
	struct work_volume *volume; /* borrowed; its tree is read */
	struct live_source  live;
};

/* @from is borrowed. */
struct origin origin_of_volume(struct volume_origin *from, struct work_volume *volume);
void          volume_origin_release(struct volume_origin *from);

/* A folder that a rebuild made as an origin: its files, then its directories, as the lists have them. */
struct folder_origin {
	struct manifest_reader   reader;
	struct manifest_contents contents; /* of the file that was loaded last */
	struct digest            digest;
	uint8_t                 *buffer;
};

#define NOTHING_KNOWN UINT32_MAX /* the item of a directory that is in no list */

/*
 * Open the folder @path, which is borrowed.  A content that is not what the manifest says is lost.
 * Returns 0, or -1.  folder_origin_release in any case.
 */
MUST_CHECK int origin_of_folder(struct folder_origin *from, const char *path, struct origin *origin,
				struct error *err);
void           folder_origin_release(struct folder_origin *from);

#endif
