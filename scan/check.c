/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.c - see check.h */
#include "scan/check_work.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "scan/namespace.h"
#include "scan/ownership.h"

#include <inttypes.h>
#include <stdarg.h>

/* -------- problems -------- */

const char *problem_kind_name(enum problem_kind kind)
{
	static const char *const names[PROBLEM_KINDS] = {
		[PROBLEM_VOLUME_SIZE] = "volume-size",
		[PROBLEM_BOOT_BACKUP] = "boot-backup",
		[PROBLEM_BOOT_GEOMETRY] = "boot-geometry",
		[PROBLEM_MFT_LOST] = "mft-lost",
		[PROBLEM_MFT_MIRROR] = "mft-mirror",
		[PROBLEM_SYSTEM_FILE] = "system-file",
		[PROBLEM_UPCASE] = "upcase",
		[PROBLEM_RECORD_UNREADABLE] = "record-unreadable",
		[PROBLEM_RECORD_TORN] = "record-torn",
		[PROBLEM_RECORD_DAMAGED] = "record-damaged",
		[PROBLEM_RECORD_NUMBER] = "record-number",
		[PROBLEM_MFT_BITMAP] = "mft-bitmap",
		[PROBLEM_ATTRIBUTE_ORDER] = "attribute-order",
		[PROBLEM_ATTRIBUTE_INSTANCE] = "attribute-instance",
		[PROBLEM_ATTRIBUTE_MISSING] = "attribute-missing",
		[PROBLEM_ATTRIBUTE_TWICE] = "attribute-twice",
		[PROBLEM_ATTRIBUTE_FORM] = "attribute-form",
		[PROBLEM_ATTRIBUTE_RUNS] = "attribute-runs",
		[PROBLEM_ATTRIBUTE_SIZES] = "attribute-sizes",
		[PROBLEM_LIST_DAMAGED] = "list-damaged",
		[PROBLEM_LIST_ENTRY] = "list-entry",
		[PROBLEM_LIST_INCOMPLETE] = "list-incomplete",
		[PROBLEM_EXTENSION_ORPHAN] = "extension-orphan",
		[PROBLEM_SECURITY] = "security",
		[PROBLEM_LINK_COUNT] = "link-count",
		[PROBLEM_NAME_PARENT] = "name-parent",
		[PROBLEM_NAME_ALONE] = "name-alone",
		[PROBLEM_NAME_WITHOUT_ENTRY] = "name-without-entry",
		[PROBLEM_DIRECTORY_LINKS] = "directory-links",
		[PROBLEM_DIRECTORY_LOOP] = "directory-loop",
		[PROBLEM_UNREACHABLE] = "unreachable",
		[PROBLEM_DIRECTORY_FLAG] = "directory-flag",
		[PROBLEM_INDEX_ROOT] = "index-root",
		[PROBLEM_INDEX_BLOCK] = "index-block",
		[PROBLEM_INDEX_NODE] = "index-node",
		[PROBLEM_INDEX_BITMAP] = "index-bitmap",
		[PROBLEM_INDEX_ORDER] = "index-order",
		[PROBLEM_ENTRY_DAMAGED] = "entry-damaged",
		[PROBLEM_ENTRY_DANGLING] = "entry-dangling",
		[PROBLEM_ENTRY_SEQUENCE] = "entry-sequence",
		[PROBLEM_ENTRY_WITHOUT_NAME] = "entry-without-name",
		[PROBLEM_BITMAP] = "bitmap",
		[PROBLEM_CLUSTER_FREE] = "cluster-free",
		[PROBLEM_CLUSTER_UNOWNED] = "cluster-unowned",
		[PROBLEM_CLUSTER_CROSSED] = "cluster-crossed",
	};

	return names[kind];
}

/* Without memory for its text a problem is still counted. */
void check_report(struct check_work *work, enum problem_kind kind, uint64_t record, uint64_t offset,
		  const char *format, ...)
{
	struct problem problem = { .kind = kind, .record = record, .offset = offset };
	va_list        arguments;

	work->check->problem_count++;
	if (work->check->counts[kind]++ >= PROBLEMS_KEPT)
		return;
	va_start(arguments, format);
	problem.text = text_format_list(format, arguments);
	va_end(arguments);
	if (problem.text && !array_push(&work->check->problems, problem))
		free(problem.text);
}

/* The path of the file that a record belongs to, to be freed; NULL if it has no name. */
static int path_of(struct check_work *work, struct namespace *space, uint32_t record, char **path,
		   struct error *err)
{
	struct text_buffer buffer = { 0 };
	bool               live;
	uint32_t           node = ownership_owner(&work->inventory, record, &live);
	int                result = 0;

	if (node == ROOT_RECORD) {
		result = namespace_path(space, node, &buffer, err);
	} else if (space->nodes.items[node].name != NO_NAME) {
		result = namespace_path(space, space->nodes.items[node].parent, &buffer, err);
		if (result == 0)
			result = namespace_path_add(space, space->nodes.items[node].name, &buffer, err);
	}
	if (result == 0)
		*path = TAKE(buffer.items);
	array_release(&buffer);
	return result;
}

/* Once all is known: give each problem the path of its record. */
static int name_problems(struct check_work *work, struct error *err)
{
	struct problems *problems = &work->check->problems;
	struct namespace space = { 0 };
	int result = 0;

	if (problems->count)
		result = namespace_build(&space, &work->inventory, err);
	for (size_t i = 0; result == 0 && i < problems->count; i++)
		if (problems->items[i].record < work->inventory.count)
			result = path_of(work, &space, (uint32_t)problems->items[i].record,
					 &problems->items[i].name, err);
	namespace_release(&space);
	return result;
}

void check_release(struct check *check)
{
	for (size_t i = 0; i < check->problems.count; i++) {
		free(check->problems.items[i].name);
		free(check->problems.items[i].text);
	}
	array_release(&check->problems);
}

/* -------- what the parts share -------- */

int check_read_stream(struct check_work *work, const struct file_stream *stream, uint64_t offset,
		      void *buffer, size_t *length, struct error *err)
{
	struct ranges missing = { 0 };
	int           result;

	if (offset >= stream->size_bytes) {
		*length = 0;
		return 1;
	}
	if (*length > stream->size_bytes - offset)
		*length = (size_t)(stream->size_bytes - offset);
	if (stream->resident) {
		memcpy(buffer, stream->value + offset, *length);
		return 1;
	}
	result = stream_read(work->volume, &stream->runs, offset, buffer, *length, &missing, err);
	if (result == 0)
		result = missing.count == 0;
	array_release(&missing);
	return result;
}

/* -------- the check -------- */

/* Where the table could not be placed as its record says, the scanner has said why. */
static void report_findings(struct check_work *work, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		if (finding->kind == FINDING_MFT_FROM_MIRROR)
			check_report(work, PROBLEM_MFT_LOST, 0, finding->offset,
				     "the record of $MFT is not usable; its copy in $MFTMirr was taken");
		else if (finding->kind == FINDING_MFT_RUNS_ASSUMED)
			check_report(work, PROBLEM_MFT_LOST, 0, finding->offset,
				     "the run list of $MFT is lost; it was taken as one piece of %" PRIu64
				     " records",
				     finding->seen);
		else if (finding->kind == FINDING_MFT_RUNS_INCOMPLETE)
			check_report(work, PROBLEM_MFT_LOST, 0, finding->offset,
				     "only %" PRIu64 " of the %" PRIu64 " records of $MFT can be placed",
				     finding->seen, finding->wanted);
		else if (finding->kind == FINDING_MFT_END_FORGOTTEN)
			check_report(work, PROBLEM_MFT_LOST, 0, finding->offset,
				     "$MFT has %" PRIu64 " records, but its own tells of %" PRIu64, finding->seen,
				     finding->wanted);
	}
}

/*
 * Find the table and read it.  1 when that was possible.  A table longer than the
 * evidence is refused before anything of its size is allocated.
 */
static int read_inventory(struct check_work *work, unsigned threads, struct error *err)
{
	struct findings findings;
	struct mft      mft;
	int             result;

	findings_init(&findings);
	result = mft_open(&mft, work->volume, &findings, err);
	if (result < 0 && err->kind != ERROR_MEMORY) {
		check_report(work, PROBLEM_MFT_LOST, 0, NO_OFFSET, "%s", err->text);
		result = 0;
	} else if (result == 0) {
		work->check->records = mft.records;
		report_findings(work, &findings);
		if (mft.records >= UINT32_MAX || mft.records > work->limit_bytes / mft.record_bytes)
			check_report(work, PROBLEM_MFT_LOST, 0, mft_offset_of(&mft, 0),
				     "$MFT has %" PRIu64 " records, more than the volume can hold",
				     mft.records);
		else
			result = 1;
	}
	mft_release(&mft);
	if (result == 1 && inventory_read(&work->inventory, work->volume, threads, &findings, err) < 0)
		result = -1;
	findings_release(&findings);
	return result;
}

static int prepare(struct check_work *work, struct error *err)
{
	struct error why;
	int          loaded;

	work->marks = calloc((size_t)work->inventory.count + 1, 1);
	if (!work->marks)
		return error_memory(err);
	if (extensions_collect(&work->extensions, &work->inventory, err) < 0 ||
	    file_reader_init(&work->reader, &work->inventory, &work->extensions, err) < 0 ||
	    upcase_init(&work->upcase, err) < 0)
		return -1;
	loaded = upcase_load(&work->upcase, &work->reader, &why);
	if (loaded < 0)
		return error_memory(err);
	if (!loaded)
		check_report(work, PROBLEM_UPCASE, UPCASE_RECORD,
			     mft_offset_of(&work->inventory.mft, UPCASE_RECORD),
			     "$UpCase is not usable: %s; a table built in was used for the order of names",
			     why.text);
	return 0;
}

static int run_parts(struct check_work *work, struct error *err)
{
	if (prepare(work, err) < 0 || check_boot(work, err) < 0 || check_security_load(work, err) < 0 ||
	    check_mft_bitmap_load(work, err) < 0 || check_records(work, err) < 0 ||
	    check_names_collect(work, err) < 0 || check_indexes(work, err) < 0 || check_names(work, err) < 0)
		return -1;
	check_security_judge(work);
	return check_clusters(work, err) < 0 || name_problems(work, err) < 0 ? -1 : 0;
}

static void work_release(struct check_work *work)
{
	file_reader_release(&work->reader);
	upcase_release(&work->upcase);
	inventory_release(&work->inventory);
	array_release(&work->extensions);
	array_release(&work->security);
	free(work->mft_bitmap);
	free(work->marks);
	free(work->names);
	free(work->first_name);
	free(work->name_seen);
}

int check_volume(struct check *check, const struct volume *volume, unsigned threads, struct error *err)
{
	const struct geometry *geometry = &volume->geometry;
	struct check_work      work = { .check = check, .volume = volume };
	uint64_t               there = volume->evidence->size_bytes;
	int                    result;

	*check = (struct check){ .clusters = geometry->clusters };
	there = there > volume->offset_bytes ? there - volume->offset_bytes : 0;
	work.limit_bytes = geometry->clusters * geometry->cluster_bytes;
	if (there < work.limit_bytes) {
		check_report(&work, PROBLEM_VOLUME_SIZE, NO_RECORD, there,
			     "the evidence ends after %" PRIu64 " bytes, the volume goes to %" PRIu64, there,
			     work.limit_bytes);
		work.limit_bytes = there;
	}
	result = read_inventory(&work, threads, err);
	if (result == 1)
		result = run_parts(&work, err);
	work_release(&work);
	return result;
}
