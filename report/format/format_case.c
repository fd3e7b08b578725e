/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_case.c - a casebook as CASE/UCO in JSON-LD: formats.h */
#include "report/format/formats.h"

#include "core/cleanup.h"
#include "core/json.h"
#include "core/text.h"
#include "report/format/case_uuid.h"
#include "report/format/iso_time.h"
#include "report/format/name_escape.h"
#include "report/format/places.h"
#include "report/format/record_name.h"
#include "report/grade_why.h"
#include "report/proof_name.h"
#include "scan/casebook_walk.h"

#include <inttypes.h>
#include <string.h>

struct document {
	struct json      json;
	struct casebook *book;
	struct places    places;
	struct uuid      space;      /* of all identifiers in it */
	char             object[64]; /* being written: what its identifier follows from */
	unsigned         parts;      /* facets and sums that it has so far: they are nodes with names of their own */
	bool             found;      /* a file */
};

/* -------- identifiers -------- */

/* "kb:UUID" of what @name says. */
static int put_id_of(struct document *document, const char *name, struct error *err)
{
	struct uuid uuid;
	char        id[64];

	if (uuid_of_name(&document->space, name, &uuid, err) < 0)
		return -1;
	snprintf(id, sizeof id, "kb:%s", uuid_text(&uuid).text);
	json_string(&document->json, id);
	return 0;
}

static int put_id(struct document *document, const char *kind, int64_t number, struct error *err)
{
	char name[64];

	snprintf(name, sizeof name, "%s %" PRId64, kind, number);
	return put_id_of(document, name, err);
}

/* {"@id": ...} as the value that is due. */
static int put_reference(struct document *document, const char *kind, int64_t number, struct error *err)
{
	json_begin(&document->json, '{');
	json_key(&document->json, "@id");
	if (put_id(document, kind, number, err) < 0)
		return -1;
	json_end(&document->json, '}');
	return 0;
}

static int put_key_reference(struct document *document, const char *key, const char *kind, int64_t number,
			     struct error *err)
{
	json_key(&document->json, key);
	return put_reference(document, kind, number, err);
}

/* Begin an object of the graph, on a line of its own. */
static int begin_object(struct document *document, const char *kind, int64_t number, struct error *err)
{
	snprintf(document->object, sizeof document->object, "%s %" PRId64, kind, number);
	document->parts = 0;
	fputc('\n', document->json.out);
	json_begin(&document->json, '{');
	json_key(&document->json, "@id");
	return put_id_of(document, document->object, err);
}

/* Begin a part of the object: UCO knows no nodes without a name. */
static int begin_part(struct document *document, const char *type, struct error *err)
{
	char name[96];

	snprintf(name, sizeof name, "%s part %u", document->object, ++document->parts);
	json_begin(&document->json, '{');
	json_key(&document->json, "@id");
	if (put_id_of(document, name, err) < 0)
		return -1;
	json_key_string(&document->json, "@type", type);
	return 0;
}

/* -------- values -------- */

static void put_typed(struct json *json, const char *key, const char *type, const char *value)
{
	json_key(json, key);
	json_begin(json, '{');
	json_key_string(json, "@type", type);
	json_key_string(json, "@value", value);
	json_end(json, '}');
}

static void put_time(struct json *json, const char *key, const struct case_file *file, uint64_t time)
{
	struct iso_time text = iso_time(time);

	if (file->info_known && *text.text)
		put_typed(json, key, "xsd:dateTime", text.text);
}

static int put_name(struct json *json, const char *key, const char *name, struct error *err)
{
	CLEANUP(free_ptr) char *escaped = name_escaped(name, '\\');

	if (!escaped)
		return error_memory(err);
	json_key_string(json, key, escaped);
	return 0;
}

/* None if it is not known, or none at all. */
static int put_hash(struct document *document, const char *method, const char *hex, struct error *err)
{
	if (!hex || strlen(hex) % 2 || hex[strspn(hex, "0123456789abcdefABCDEF")])
		return 0;
	if (begin_part(document, "uco-types:Hash", err) < 0)
		return -1;
	put_typed(&document->json, "uco-types:hashMethod", "uco-vocabulary:HashNameVocab", method);
	put_typed(&document->json, "uco-types:hashValue", "xsd:hexBinary", hex);
	json_end(&document->json, '}');
	return 0;
}

/* -------- evidence and volumes -------- */

static int put_evidence_digests(struct document *document, const struct case_evidence *evidence, struct error *err)
{
	struct json *json = &document->json;

	if (!evidence->sha256)
		return 0;
	if (begin_part(document, "uco-observable:ContentDataFacet", err) < 0)
		return -1;
	json_key_uint(json, "uco-observable:sizeInBytes", evidence->size_bytes);
	json_key(json, "uco-observable:hash");
	json_begin(json, '[');
	if (put_hash(document, "SHA256", evidence->sha256, err) < 0 || put_hash(document, "SHA1", evidence->sha1, err) < 0 ||
	    put_hash(document, "MD5", evidence->md5, err) < 0)
		return -1;
	json_end(json, ']');
	json_end(json, '}');
	return 0;
}

/* In words, what is no sum of its bytes as they are now; nothing if it is not known. */
static int put_said(struct json *json, const char *what, const char *hex, struct error *err)
{
	CLEANUP(free_ptr) char *text = hex ? text_format("%s: %s", what, hex) : NULL;

	if (hex && !text)
		return error_memory(err);
	if (hex)
		json_string(json, text);
	return 0;
}

static int put_evidence(void *context, const struct case_evidence *evidence, struct error *err)
{
	struct document *document = context;
	struct json     *json = &document->json;

	if (begin_object(document, "evidence", evidence->id, err) < 0)
		return -1;
	json_key_string(json, "@type", "uco-observable:Image");
	json_key(json, "uco-core:description");
	json_begin(json, '[');
	if (put_said(json, "SHA-256 of its first and last MiB", evidence->fingerprint, err) < 0 ||
	    put_said(json, "SHA-1 that the image says of itself", evidence->stored_sha1, err) < 0 ||
	    put_said(json, "MD5 that the image says of itself", evidence->stored_md5, err) < 0)
		return -1;
	json_end(json, ']');
	json_key(json, "uco-core:hasFacet");
	json_begin(json, '[');
	if (begin_part(document, "uco-observable:FileFacet", err) < 0 ||
	    put_name(json, "uco-observable:filePath", evidence->path, err) < 0)
		return -1;
	json_key_uint(json, "uco-observable:sizeInBytes", evidence->size_bytes);
	json_end(json, '}');
	if (begin_part(document, "uco-observable:ImageFacet", err) < 0)
		return -1;
	json_key_string(json, "uco-observable:imageType", evidence->format);
	json_end(json, '}');
	if (put_evidence_digests(document, evidence, err) < 0)
		return -1;
	json_end(json, ']');
	json_end(json, '}');
	return 0;
}

/* That something lies at @offset bytes of something else, or somewhere in it. */
static int put_range(struct document *document, uint64_t offset, uint64_t size, struct error *err)
{
	if (begin_part(document, "uco-observable:DataRangeFacet", err) < 0)
		return -1;
	json_key_uint(&document->json, "uco-observable:rangeOffset", offset);
	json_key_uint(&document->json, "uco-observable:rangeSize", size);
	json_end(&document->json, '}');
	return 0;
}

/* @place is the relation's own kind. */
static int begin_contained(struct document *document, const char *place, const char *kind, int64_t number,
			   const char *around, int64_t around_number, struct error *err)
{
	struct json *json = &document->json;

	if (begin_object(document, place, number, err) < 0)
		return -1;
	json_key_string(json, "@type", "uco-observable:ObservableRelationship");
	if (put_key_reference(document, "uco-core:source", kind, number, err) < 0 ||
	    put_key_reference(document, "uco-core:target", around, around_number, err) < 0)
		return -1;
	json_key_string(json, "uco-core:kindOfRelationship", "Contained_Within");
	json_key_bool(json, "uco-core:isDirectional", true);
	json_key(json, "uco-core:hasFacet");
	json_begin(json, '[');
	return 0;
}

static void end_contained(struct json *json)
{
	json_end(json, ']');
	json_end(json, '}');
}

static int put_volume(void *context, const struct case_volume *volume, struct error *err)
{
	struct document    *document = context;
	struct json        *json = &document->json;
	const struct place *place = places_find(&document->places, volume->id);
	char                serial[20];

	if (begin_object(document, "volume", volume->id, err) < 0)
		return -1;
	json_key_string(json, "@type", "uco-observable:FileSystem");
	json_key(json, "uco-core:hasFacet");
	json_begin(json, '[');
	if (begin_part(document, "uco-observable:FileSystemFacet", err) < 0)
		return -1;
	json_key_string(json, "uco-observable:fileSystemType", "NTFS");
	json_key_uint(json, "uco-observable:clusterSize", volume->geometry.cluster_bytes);
	json_end(json, '}');
	if (begin_part(document, "uco-observable:VolumeFacet", err) < 0)
		return -1;
	snprintf(serial, sizeof serial, "%016" PRIX64, volume->geometry.serial);
	json_key_string(json, "uco-observable:volumeID", serial);
	json_key_uint(json, "uco-observable:sectorSize", volume->geometry.sector_bytes);
	json_end(json, '}');
	json_end(json, ']');
	json_end(json, '}');
	if (begin_contained(document, "place of volume", "volume", volume->id, "evidence", volume->evidence, err) < 0)
		return -1;
	if (place && !place->within && put_range(document, volume->offset_bytes, volume->size_bytes, err) < 0)
		return -1;
	end_contained(json);
	return 0;
}

/* -------- files -------- */

static const char *content_status(const struct case_file *file)
{
	if (file->grade <= GRADE_INTACT)
		return "recovered";
	if (file->grade == GRADE_PARTIAL)
		return "partially recovered";
	return file->grade == GRADE_LOST && file->reasons & WHY_OVERWRITTEN ? "overwritten" : "unknown";
}

static const char *name_status(const struct case_name *name)
{
	if (!name)
		return "unknown";
	return name->proof == PROOF_GUESSED ? "partially recovered" : "recovered";
}

static int put_recovered(struct document *document, const struct case_file *file, const struct case_name *name,
			 struct error *err)
{
	static const char type[] = "uco-vocabulary:RecoveredObjectStatusVocab";
	struct json      *json = &document->json;

	if (begin_part(document, "uco-observable:RecoveredObjectFacet", err) < 0)
		return -1;
	put_typed(json, "uco-observable:contentRecoveredStatus", type, content_status(file));
	put_typed(json, "uco-observable:metadataRecoveredStatus", type, file->info_known ? "recovered" : "unknown");
	put_typed(json, "uco-observable:nameRecoveredStatus", type, name_status(name));
	json_end(json, '}');
	return 0;
}

static int put_file_facet(struct document *document, const struct case_file *file, const struct case_name *name,
			  struct error *err)
{
	struct json *json = &document->json;

	if (begin_part(document, "uco-observable:FileFacet", err) < 0)
		return -1;
	if (name && (put_name(json, "uco-observable:fileName", record_name_last(name->path), err) < 0 ||
		     put_name(json, "uco-observable:filePath", name->path, err) < 0))
		return -1;
	json_key_bool(json, "uco-observable:isDirectory", file->directory);
	json_key_uint(json, "uco-observable:sizeInBytes", file->size_bytes);
	put_time(json, "uco-observable:observableCreatedTime", file, file->times.created);
	put_time(json, "uco-observable:modifiedTime", file, file->times.written);
	put_time(json, "uco-observable:metadataChangeTime", file, file->times.changed);
	put_time(json, "uco-observable:accessedTime", file, file->times.accessed);
	json_end(json, '}');
	return 0;
}

static int put_record_facet(struct document *document, const struct case_file *file, struct error *err)
{
	if (begin_part(document, "uco-observable:MftRecordFacet", err) < 0)
		return -1;
	json_key_uint(&document->json, "uco-observable:mftFileID", file->record);
	json_key_uint(&document->json, "uco-observable:ntfsHardLinkCount", file->link_count);
	json_end(&document->json, '}');
	return 0;
}

/* What was captured is what is here only as long as nothing speaks against it. */
static int put_digest(struct document *document, const char *key, const struct case_stream *stream, struct error *err)
{
	char hex[DIGEST_HEX_SIZE];

	if (!stream->digest_known || stream->grade > GRADE_INTACT)
		return 0;
	digest_hex(stream->digest, hex);
	json_key(&document->json, key);
	json_begin(&document->json, '[');
	if (put_hash(document, "SHA256", hex, err) < 0)
		return -1;
	json_end(&document->json, ']');
	return 0;
}

static int put_content_facet(struct document *document, const struct case_stream *content, struct error *err)
{
	if (begin_part(document, "uco-observable:ContentDataFacet", err) < 0)
		return -1;
	json_key_uint(&document->json, "uco-observable:sizeInBytes", content->size_bytes);
	if (put_digest(document, "uco-observable:hash", content, err) < 0)
		return -1;
	json_end(&document->json, '}');
	return 0;
}

/* -------- named streams -------- */

/* The kind of object that stream @index of a file is. */
struct stream_kind { char text[40]; };

static struct stream_kind stream_kind(size_t index)
{
	struct stream_kind kind;

	snprintf(kind.text, sizeof kind.text, "stream %zu of file", index);
	return kind;
}

static bool is_named(const struct case_stream *stream)
{
	return stream->type == ATTRIBUTE_DATA && *stream->name;
}

/* In a file, that it has them; nothing if it has none. */
static int put_streams_facet(struct document *document, const struct case_record *record, struct error *err)
{
	bool begun = false;

	for (size_t i = 0; i < record->streams.count; i++) {
		if (!is_named(&record->streams.items[i]))
			continue;
		if (!begun) {
			if (begin_part(document, "uco-observable:NTFSFileFacet", err) < 0)
				return -1;
			json_key(&document->json, "uco-observable:alternateDataStreams");
			json_begin(&document->json, '[');
		}
		begun = true;
		if (put_reference(document, stream_kind(i).text, record->file.id, err) < 0)
			return -1;
	}
	if (begun) {
		json_end(&document->json, ']');
		json_end(&document->json, '}');
	}
	return 0;
}

static int put_stream(struct document *document, const struct case_stream *stream, struct error *err)
{
	CLEANUP(free_ptr) char *grade = text_format("grade:%s", grade_name(stream->grade));
	struct json            *json = &document->json;

	if (!grade)
		return error_memory(err);
	json_key_string(json, "@type", "uco-observable:AlternateDataStream");
	json_key_string(json, "uco-core:tag", grade);
	if (*grade_why(stream->grade, stream->reasons))
		json_key_string(json, "uco-core:description", grade_why(stream->grade, stream->reasons));
	json_key(json, "uco-core:hasFacet");
	json_begin(json, '[');
	if (begin_part(document, "uco-observable:AlternateDataStreamFacet", err) < 0 ||
	    put_name(json, "uco-core:name", stream->name, err) < 0)
		return -1;
	json_key_uint(json, "uco-observable:size", stream->size_bytes);
	if (put_digest(document, "uco-observable:hashes", stream, err) < 0)
		return -1;
	json_end(json, '}');
	json_end(json, ']');
	json_end(json, '}');
	return 0;
}

static int put_streams(struct document *document, const struct case_record *record, struct error *err)
{
	for (size_t i = 0; i < record->streams.count; i++)
		if (is_named(&record->streams.items[i]) &&
		    (begin_object(document, stream_kind(i).text, record->file.id, err) < 0 ||
		     put_stream(document, &record->streams.items[i], err) < 0))
			return -1;
	return 0;
}

/* -------- a file -------- */

/* Our own words for what UCO has none for: a grade, and how well the name is known. */
static int put_tags(struct json *json, const struct case_file *file, const struct case_name *name, struct error *err)
{
	CLEANUP(free_ptr) char *grade = text_format("grade:%s", grade_name(file->grade));
	CLEANUP(free_ptr) char *proof = text_format("name:%s", name ? proof_name(name->proof) : "unknown");

	if (!grade || !proof)
		return error_memory(err);
	json_key(json, "uco-core:tag");
	json_begin(json, '[');
	json_string(json, grade);
	json_string(json, proof);
	json_end(json, ']');
	if (*grade_why(file->grade, file->reasons))
		json_key_string(json, "uco-core:description", grade_why(file->grade, file->reasons));
	return 0;
}

static int put_object(struct document *document, const struct case_record *record, struct error *err)
{
	struct json              *json = &document->json;
	const struct case_file   *file = &record->file;
	const struct case_name   *name = record_name(record);
	const struct case_stream *content = case_record_content(record);

	if (begin_object(document, "file", file->id, err) < 0)
		return -1;
	json_key(json, "@type");
	json_begin(json, '[');
	json_string(json, "uco-observable:ObservableObject");
	json_string(json, "uco-observable:File");
	if (!file->live)
		json_string(json, "uco-observable:RecoveredObject");
	json_end(json, ']');
	if (put_tags(json, file, name, err) < 0)
		return -1;
	json_key(json, "uco-core:hasFacet");
	json_begin(json, '[');
	if (put_file_facet(document, file, name, err) < 0 || put_record_facet(document, file, err) < 0 ||
	    (content && put_content_facet(document, content, err) < 0) || put_streams_facet(document, record, err) < 0 ||
	    (!file->live && put_recovered(document, file, name, err) < 0))
		return -1;
	json_end(json, ']');
	json_end(json, '}');
	return 0;
}

/* Where its clusters lie in the evidence, behind all of its names. */
static int put_ranges(struct document *document, const struct place *place, const struct case_stream *content,
		      struct error *err)
{
	for (size_t i = 0; content && i < content->runs.count; i++) {
		const struct run *run = &content->runs.items[i];
		uint64_t          byte, length;

		if (run->lcn == LCN_HOLE || !place || __builtin_mul_overflow(run->lcn, place->cluster_bytes, &byte) ||
		    __builtin_mul_overflow(run->length, place->cluster_bytes, &length))
			continue;
		byte = place_in_evidence(place, byte);
		if (byte != NO_OFFSET && put_range(document, byte, length, err) < 0)
			return -1;
	}
	return 0;
}

static int put_file(void *context, const struct case_record *record, struct error *err)
{
	struct document        *document = context;
	struct json            *json = &document->json;
	const struct case_file *file = &record->file;

	if (put_object(document, record, err) < 0 || put_streams(document, record, err) < 0 ||
	    begin_contained(document, "place of file", "file", file->id, "volume", file->volume, err) < 0)
		return -1;
	for (size_t i = 0; i < record->names.count; i++) {
		if (record->names.items[i].dos)
			continue;
		if (begin_part(document, "uco-observable:PathRelationFacet", err) < 0 ||
		    put_name(json, "uco-observable:path", record->names.items[i].path, err) < 0)
			return -1;
		json_end(json, '}');
	}
	if (put_ranges(document, places_find(&document->places, file->volume), case_record_content(record), err) < 0)
		return -1;
	end_contained(json);
	return 0;
}

/* -------- what was done -------- */

static int refer_evidence(void *context, const struct case_evidence *evidence, struct error *err)
{
	return put_reference(context, "evidence", evidence->id, err);
}


static int put_tool(struct document *document, struct error *err)
{
	CLEANUP(free_ptr) char *tool = NULL;
	struct json            *json = &document->json;
	const char             *version;

	if (casebook_meta(document->book, "tool", &tool, err) < 0 || begin_object(document, "tool", 1, err) < 0)
		return -1;
	version = tool ? strchr(tool, ' ') : NULL;
	json_key_string(json, "@type", "uco-tool:Tool");
	json_key_string(json, "uco-core:name", "Holdfast");
	if (version && put_name(json, "uco-tool:version", version + 1, err) < 0)
		return -1;
	json_end(json, '}');
	return 0;
}

/* The machine on which it was done, @machine in the casebook's words. */
static int put_machine(struct document *document, const char *machine, struct error *err)
{
	struct json *json = &document->json;

	if (begin_object(document, "machine", 1, err) < 0)
		return -1;
	json_key_string(json, "@type", "uco-observable:Computer");
	if (put_name(json, "uco-core:description", machine, err) < 0)
		return -1;
	json_end(json, '}');
	return 0;
}

/* The moment that the casebook has under @meta, if it has one. */
static int put_moment(struct document *document, const char *key, const char *meta, struct error *err)
{
	CLEANUP(free_ptr) char *moment = NULL;

	if (casebook_meta(document->book, meta, &moment, err) < 0)
		return -1;
	if (moment && iso_time_is_one(moment))
		put_typed(&document->json, key, "xsd:dateTime", moment);
	return 0;
}

static int put_action(struct document *document, struct error *err)
{
	CLEANUP(free_ptr) char *command = NULL, *machine = NULL;
	struct json            *json = &document->json;

	if (casebook_meta(document->book, "command", &command, err) < 0 ||
	    casebook_meta(document->book, "machine", &machine, err) < 0 ||
	    (machine && put_machine(document, machine, err) < 0) || begin_object(document, "action", 1, err) < 0)
		return -1;
	json_key_string(json, "@type", "case-investigation:InvestigativeAction");
	json_key_string(json, "uco-core:name", "scan");
	if ((command && put_name(json, "uco-core:description", command, err) < 0) ||
	    put_moment(document, "uco-action:startTime", "began", err) < 0 ||
	    put_moment(document, "uco-action:endTime", "ended", err) < 0 ||
	    (machine && put_key_reference(document, "uco-action:environment", "machine", 1, err) < 0) ||
	    put_key_reference(document, "uco-action:instrument", "tool", 1, err) < 0 ||
	    put_key_reference(document, "uco-action:object", "provenance", 1, err) < 0 ||
	    (document->found && put_key_reference(document, "uco-action:result", "provenance", 2, err) < 0))
		return -1;
	json_end(json, '}');
	return 0;
}

static int begin_provenance(struct document *document, int64_t number, const char *description, struct error *err)
{
	if (begin_object(document, "provenance", number, err) < 0)
		return -1;
	json_key_string(&document->json, "@type", "case-investigation:ProvenanceRecord");
	json_key_string(&document->json, "uco-core:description", description);
	json_key(&document->json, "uco-core:object");
	json_begin(&document->json, '[');
	return 0;
}

static void end_provenance(struct document *document)
{
	json_end(&document->json, ']');
	json_end(&document->json, '}');
}

/* The first of them begins the record: there is none of nothing. */
static int refer_file(void *context, const struct case_record *record, struct error *err)
{
	struct document *document = context;

	if (!document->found && begin_provenance(document, 2, "the files that were found", err) < 0)
		return -1;
	document->found = true;
	return put_reference(document, "file", record->file.id, err);
}

static int put_provenance(struct document *document, struct error *err)
{
	if (begin_provenance(document, 1, "the evidence, opened read-only", err) < 0 ||
	    casebook_evidence(document->book, refer_evidence, document, err) < 0)
		return -1;
	end_provenance(document);
	if (casebook_walk(document->book, CASE_VOLUMES_ALL, refer_file, document, err) < 0)
		return -1;
	if (document->found)
		end_provenance(document);
	return 0;
}

static void put_context(struct json *json)
{
	static const char *const prefixes[][2] = {
		{ "kb", "urn:uuid:" },
		{ "case-investigation", "https://ontology.caseontology.org/case/investigation/" },
		{ "uco-action", "https://ontology.unifiedcyberontology.org/uco/action/" },
		{ "uco-core", "https://ontology.unifiedcyberontology.org/uco/core/" },
		{ "uco-observable", "https://ontology.unifiedcyberontology.org/uco/observable/" },
		{ "uco-tool", "https://ontology.unifiedcyberontology.org/uco/tool/" },
		{ "uco-types", "https://ontology.unifiedcyberontology.org/uco/types/" },
		{ "uco-vocabulary", "https://ontology.unifiedcyberontology.org/uco/vocabulary/" },
		{ "xsd", "http://www.w3.org/2001/XMLSchema#" },
	};

	json_key(json, "@context");
	json_begin(json, '{');
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		json_key_string(json, prefixes[i][0], prefixes[i][1]);
	json_end(json, '}');
}

static int put_document(struct document *document, struct error *err)
{
	struct json *json = &document->json;

	json_begin(json, '{');
	put_context(json);
	json_key(json, "@graph");
	json_begin(json, '[');
	if (put_tool(document, err) < 0 || put_provenance(document, err) < 0 || put_action(document, err) < 0 ||
	    casebook_evidence(document->book, put_evidence, document, err) < 0 ||
	    casebook_volumes(document->book, put_volume, document, err) < 0 ||
	    casebook_walk(document->book, CASE_VOLUMES_ALL, put_file, document, err) < 0)
		return -1;
	json_end(json, ']');
	json_end(json, '}');
	fputc('\n', json->out);
	return 0;
}

int format_case(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	struct document document = { .json = { .out = out }, .book = book };
	int             result;

	(void)options;
	result = uuid_of_case(book, &document.space, err);
	if (result == 0)
		result = places_load(&document.places, book, err);
	if (result == 0)
		result = put_document(&document, err);
	places_release(&document.places);
	return result;
}
