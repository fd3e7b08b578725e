/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_hashdeep.c - the digests of a casebook for hashdeep: formats.h */
#include "report/format/formats.h"

#include "report/format/name_escape.h"
#include "scan/casebook_walk.h"

#include <inttypes.h>
#include <string.h>

struct hash_list {
	FILE            *out;
	struct casebook *book;
	uint64_t         left_out;
};

/* Where a rescue puts it. */
static void put_path(FILE *out, const struct case_file *file, const struct case_name *name,
		     const struct case_membership *membership)
{
	static const struct name_style style = { .separator = '/', .unsafe = "" };

	if (name->store && name->inside) {
		fprintf(out, "store-%" PRId64 "/%s", name->store, strncmp(name->inside, "orphans\\", 8) == 0 ? "" : "USMT/");
		name_escape(out, name->inside, &style);
	} else {
		fprintf(out, "%svolume-%" PRId64, membership->beside ? "beside/" : "", file->volume);
		name_escape(out, name->path, &style);
	}
}

/* A rescue gives a stored file its names in stores alone. */
static bool is_told(const struct case_record *record, const struct case_name *name)
{
	bool stored = false;

	for (size_t i = 0; i < record->names.count; i++)
		stored = stored || record->names.items[i].store;
	return !name->dos && (name->store || !stored);
}

static int put_file(void *context, const struct case_record *record, struct error *err)
{
	struct hash_list         *list = context;
	const struct case_stream *content = case_record_content(record);
	struct case_membership    membership = { 0 };
	char                      hex[DIGEST_HEX_SIZE];

	if (!content || !content->digest_known) {
		list->left_out += !record->file.directory;
		return 0;
	}
	if (casebook_membership(list->book, record->file.id, &membership, err) < 0)
		return -1;
	digest_hex(content->digest, hex);
	for (size_t i = 0; i < record->names.count; i++) {
		if (!is_told(record, &record->names.items[i]))
			continue;
		fprintf(list->out, "%" PRIu64 ",%s,", content->size_bytes, hex);
		put_path(list->out, &record->file, &record->names.items[i], &membership);
		fputc('\n', list->out);
	}
	return 0;
}

int format_hashdeep(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	struct hash_list list = { .out = out, .book = book };

	(void)options;
	fputs("%%%% HASHDEEP-1.0\n"
	      "%%%% size,sha256,filename\n"
	      "## Digests of contents as a capture wrote them down; names are those below the folder of a rescue:\n"
	      "## hashdeep -c sha256 -l -r -a -k LIST store-1/USMT/File\n"
	      "##\n",
	      out);
	if (casebook_walk(book, CASE_VOLUMES_ALL, put_file, &list, err) < 0)
		return -1;
	fprintf(out, "## %" PRIu64 " files are left out: the casebook knows no digest of theirs\n", list.left_out);
	return 0;
}
