/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * manifest_reader.h - a rebuilt directory, read back by what it says about itself
 *
 * The way back from manifest.h: every line of manifest.jsonl, with its line of
 * sidecar.jsonl, becomes a case_record as it comes from a casebook or a volume, with
 * the places on the host where its content lies.  Lines are found once, at the
 * start, and read when they are asked for; any thread may ask.
 *
 * The lists may have been written by anybody: a path that is absolute or has an empty
 * part, "." or ".." in it makes its line damaged, and no link is followed below the directory.
 * Names on the volume are names and nothing else: they may be "..".
 */
#ifndef RECOVER_MANIFEST_READER_H
#define RECOVER_MANIFEST_READER_H

#include "core/digest.h"
#include "recover/line_file.h"
#include "scan/case_record.h"

#define MANIFEST_LINE_MAX (32u << 20) /* bytes; a longer line counts as damaged */

/* Where the lines of one list are. */
struct manifest_list {
	const char         *name;    /* "manifest.jsonl" */
	int                 fd;      /* -1: there is no such list */
	struct line_entries entries;
	uint64_t            damaged; /* lines that do not begin with a key, or are too long: not among them */
};

struct manifest_reader {
	const char          *path;       /* of the directory, borrowed */
	int                  root;
	struct manifest_list files;      /* manifest.jsonl, in its order */
	struct manifest_list sidecars;   /* sidecar.jsonl, of files, by key */
	struct manifest_list folders;    /* sidecar.jsonl, of directories, by key; it has no .damaged */
	struct manifest_list securities; /* security.jsonl, by key */
};

/* Where the content of a stream is. */
struct manifest_content {
	char   *path; /* below the directory; NULL: nowhere, or in the stream's .value */
	bool    sha256_known;
	uint8_t sha256[DIGEST_BYTES];
};

struct manifest_contents ARRAY(struct manifest_content);
struct manifest_paths    ARRAY(char *);

/*
 * A file or directory.  In .record: .file.volume, .record and .sequence are the key; a name's .inside is
 * "File\C$\Users\a\x.txt" or "orphans\...", its .path "\Users\a\x.txt", for other things in the store
 * (hardlink.main) NULL; of DOS aliases .dos is set.  Streams have sizes, grades, what is missing, and
 * flags as the file's attributes say, but no runs; small attributes (reparse data, EAs, object id,
 * security descriptor) are resident ones with their .value.
 */
struct manifest_entry {
	struct case_record       record;
	struct manifest_contents contents; /* one for each of record.streams */
	struct manifest_paths    paths;    /* of its names, below the directory; a file's are links of one another */
	bool                     sidecar;  /* there is a line in sidecar.jsonl */
};

/*
 * Open the directory @path that a rebuild has left, and find its lines.
 * Returns 0, or -1: no such directory, or no manifest in it.  manifest_reader_close in any case.
 */
MUST_CHECK int manifest_reader_open(struct manifest_reader *reader, const char *path, struct error *err);
void           manifest_reader_close(struct manifest_reader *reader);

/*
 * Read file @index of .files, or directory @index of .folders.  manifest_entry_release in any case.
 * Returns 0, or -1: ERROR_VALUE for a damaged line, which says nothing about others.
 */
MUST_CHECK int manifest_reader_file(const struct manifest_reader *reader, size_t index,
				    struct manifest_entry *entry, struct error *err);
MUST_CHECK int manifest_reader_folder(const struct manifest_reader *reader, size_t index,
				      struct manifest_entry *entry, struct error *err);
void           manifest_entry_release(struct manifest_entry *entry);

/*
 * The security descriptor of an id: @descriptor to be freed, NULL if it is not known.
 * Returns 0, or -1: ERROR_VALUE for a damaged line.
 */
MUST_CHECK int manifest_reader_security(const struct manifest_reader *reader, int64_t volume, uint32_t id,
					uint8_t **descriptor, size_t *size_bytes, struct error *err);

/*
 * Open the file at @path, one of an entry's, for reading.
 * Returns 1 with *@fd, to be closed; 0 when no plain file is there; -1 when it cannot be opened.
 */
MUST_CHECK int manifest_reader_content(const struct manifest_reader *reader, const char *path, int *fd,
				       struct error *err);

/* The same for a folder; "" is the directory itself. */
MUST_CHECK int manifest_reader_open_folder(const struct manifest_reader *reader, const char *path, int *fd,
					   struct error *err);

#endif
