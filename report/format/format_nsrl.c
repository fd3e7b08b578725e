/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_nsrl.c - the digests of a casebook as a hash set like the NSRL's: formats.h */
#include "report/format/formats.h"

#include "report/format/case_uuid.h"
#include "report/format/name_escape.h"
#include "report/format/record_name.h"
#include "scan/casebook_walk.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/*
 * Tables and columns as RDSv3 has them.  A casebook knows SHA-256 alone: the other sums are empty, for they may
 * not be NULL.  VERSION stays empty: this is no release of the NSRL.
 */
static const char tables[] =
	"CREATE TABLE IF NOT EXISTS FILE(sha256 VARCHAR NOT NULL, sha1 VARCHAR NOT NULL, md5 VARCHAR NOT NULL,\n"
	"  crc32 VARCHAR NOT NULL, file_name VARCHAR NOT NULL, file_size INTEGER NOT NULL, package_id INTEGER NOT NULL,\n"
	"  CONSTRAINT PK_FILE__FILE PRIMARY KEY(sha256, sha1, md5, crc32, file_name, file_size, package_id));\n"
	"CREATE TABLE IF NOT EXISTS MFG(manufacturer_id INTEGER NOT NULL, name VARCHAR NOT NULL,\n"
	"  CONSTRAINT PK_MFG__MFG_ID PRIMARY KEY(manufacturer_id));\n"
	"CREATE TABLE IF NOT EXISTS OS(operating_system_id INTEGER NOT NULL, name VARCHAR NOT NULL,\n"
	"  version VARCHAR NOT NULL, manufacturer_id INTEGER NOT NULL,\n"
	"  CONSTRAINT PK_OS__OS_ID PRIMARY KEY(operating_system_id, manufacturer_id));\n"
	"CREATE TABLE IF NOT EXISTS PKG(package_id INTEGER NOT NULL, name VARCHAR NOT NULL, version VARCHAR NOT NULL,\n"
	"  operating_system_id INTEGER NOT NULL, manufacturer_id INTEGER NOT NULL, language VARCHAR NOT NULL,\n"
	"  application_type VARCHAR NOT NULL, CONSTRAINT PK_PGK__PKG_ID PRIMARY KEY(package_id,\n"
	"  operating_system_id, manufacturer_id, language, application_type));\n"
	"CREATE TABLE IF NOT EXISTS VERSION(version VARCHAR UNIQUE NOT NULL, build_set VARCHAR NOT NULL,\n"
	"  build_date TIMESTAMP NOT NULL, release_date TIMESTAMP NOT NULL, description VARCHAR NOT NULL);\n"
	"CREATE VIEW IF NOT EXISTS DISTINCT_HASH AS SELECT DISTINCT sha256, sha1, md5, crc32 FROM FILE;\n";

struct hash_set {
	FILE    *out;
	uint32_t package; /* RDSv3 counts its own from 1; this one lies far above them, and is another for each casebook */
	uint64_t left_out;
};

static const char *quote(char c)
{
	return c == '\'' ? "''" : NULL;
}

static int put_file(void *context, const struct case_record *record, struct error *err)
{
	static const struct name_style style = { .separator = '/', .unsafe = "", .quote = quote };
	struct hash_set               *set = context;
	const struct case_stream      *content = case_record_content(record);
	char                           hex[DIGEST_HEX_SIZE];

	(void)err;
	if (!content || !content->digest_known) {
		set->left_out += !record->file.directory;
		return 0;
	}
	digest_hex(content->digest, hex);
	for (char *at = hex; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	for (size_t i = 0; i < record->names.count; i++) {
		if (record->names.items[i].dos)
			continue;
		fprintf(set->out, "INSERT OR IGNORE INTO FILE(sha256, sha1, md5, crc32, file_name, file_size, package_id)"
				  " VALUES('%s', '', '', '', '", hex);
		/* the sets have names without their folders */
		name_escape(set->out, record_name_last(record->names.items[i].path), &style);
		fprintf(set->out, "', %" PRIu64 ", %" PRIu32 ");\n", content->size_bytes, set->package);
	}
	return 0;
}

int format_nsrl(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	struct hash_set set = { .out = out };
	struct uuid     uuid;

	(void)options;
	if (uuid_of_case(book, &uuid, err) < 0)
		return -1;
	set.package = 0x40000000u | (uint32_t)uuid.bytes[0] << 16 | (uint32_t)uuid.bytes[1] << 8 | uuid.bytes[2];
	fprintf(out, "-- Digests of contents as a capture wrote them down, in the tables of the NSRL's RDSv3: sqlite3 SET < THIS\n"
		     "BEGIN;\n%s"
		     "INSERT OR IGNORE INTO MFG(manufacturer_id, name) VALUES(%" PRIu32 ", 'Holdfast');\n"
		     "INSERT OR IGNORE INTO OS(operating_system_id, name, version, manufacturer_id)"
		     " VALUES(%" PRIu32 ", 'Windows', '', %" PRIu32 ");\n"
		     "INSERT OR IGNORE INTO PKG(package_id, name, version, operating_system_id, manufacturer_id, language,"
		     " application_type) VALUES(%" PRIu32 ", 'Holdfast casebook %s', '" HOLDFAST_VERSION "', %" PRIu32
		     ", %" PRIu32 ", '', 'user data');\n",
		tables, set.package, set.package, set.package, set.package, uuid_text(&uuid).text, set.package, set.package);
	if (casebook_walk(book, CASE_VOLUMES_ALL, put_file, &set, err) < 0)
		return -1;
	fprintf(out, "-- %" PRIu64 " files are left out: the casebook knows no digest of theirs\nCOMMIT;\n", set.left_out);
	return 0;
}
