/* SPDX-License-Identifier: GPL-3.0-or-later */
/* work_volume.c - see work_volume.h */
#include "recover/engine/work_volume.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/mounted.h"
#include "core/text.h"
#include "scan/check.h"
#include "scan/layer.h"
#include "scan/scan.h"
#include "scan/volume_state.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* -------- opening -------- */

/* Split [LETTER=]SOURCE; a letter that is missing is 0.  @source to be freed in any case. */
static int parse_operand(const char *operand, char *letter, char **source, struct error *err)
{
	bool has_letter = isalpha((unsigned char)operand[0]) && operand[1] == '=';

	*letter = has_letter ? (char)toupper((unsigned char)operand[0]) : 0;
	*source = strdup(operand + (has_letter ? 2 : 0));
	if (!*source)
		return error_memory(err);
	if (!**source)
		return error_set(err, ERROR_USAGE, operand, "names no disk; give it as in C=disk.img@2");
	return 0;
}

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A folder of the host, where one may be named. */
static int add_folder(struct work_volumes *volumes, struct work_folder folder, enum work_mode mode,
		      struct error *err)
{
	volumes->folders[volumes->folder_count++] = folder;
	if (mode != WORK_CAPTURE)
		return error_set(err, ERROR_USAGE, folder.path, "is a folder; name the image or device instead");
	if (!volumes->count)
		return error_set(err, ERROR_USAGE, folder.path,
				 "is a folder; the first volume must be an NTFS one, for the store is made on it");
	return 0;
}

static int add_operand(struct work_volumes *volumes, const char *operand, enum work_mode mode,
		       struct error *err)
{
	char  letter;
	char *source;
	int   result = parse_operand(operand, &letter, &source, err);

	if (result == 0 && is_folder(source))
		return add_folder(volumes, (struct work_folder){ letter, source }, mode, err);
	volumes->items[volumes->count++] = (struct work_volume){
		.letter = letter, .source = source, .mount.transaction.device.fd = -1
	};
	return result;
}

/* Find the one NTFS volume that the source means. */
static int find_volume(struct work_volume *volume, struct error *err)
{
	struct volumes   found = { 0 };
	struct findings  findings;
	struct selection selection;
	int              result;

	findings_init(&findings);
	result = selection_parse(volume->source, &volume->path, &selection, err);
	if (result == 0)
		result = evidence_open(&volume->evidence, volume->path, NULL, err);
	if (result == 0 && !volume->evidence.segment_count)
		result = error_set(err, ERROR_REFUSED, volume->path,
				   "is a container; the engine works on raw images and devices only (convert it, "
				   "for example with qemu-img)");
	if (result == 0)
		result = volumes_find(&volume->evidence, &selection, &found, &findings, err);
	if (result == 0 && found.count > 1)
		result = error_set(err, ERROR_USAGE, volume->source,
				   "holds %zu NTFS volumes; choose one with @N", found.count);
	if (result == 0)
		result = layer_refuse(found.items[0].evidence, volume->source, err);
	if (result == 0)
		volume->volume = found.items[0];
	array_release(&found);
	findings_release(&findings);
	return result;
}

/* Another file system can be captured as well, but not from its image. */
static int advise_folder(const struct work_volume *volume, struct error *err)
{
	char text[sizeof err->text];

	memcpy(text, err->text, sizeof text);
	return error_set(err, err->kind, volume->source,
			 "%.120s; another file system can be captured if you mount it and name the folder, as "
			 "in %c=/mnt/usb",
			 text, volume->letter);
}

/* What is read there must not be what is written here. */
static int refuse_folders_on(const struct work_volume *volume, const struct work_volumes *volumes,
			     struct error *err)
{
	struct stat image, folder;

	if (stat(volume->path, &image) < 0)
		return error_sys(err, volume->path, "cannot be looked at");
	for (size_t i = 0; i < volumes->folder_count; i++) {
		if (stat(volumes->folders[i].path, &folder) < 0)
			return error_sys(err, volumes->folders[i].path, "cannot be looked at");
		if (mounted_from(&image, folder.st_dev))
			return error_set(err, ERROR_REFUSED, volumes->folders[i].path,
					 "lies on %.100s, which is to be written; unmount it and name the volume "
					 "itself",
					 volume->source);
	}
	return 0;
}

bool work_volume_is_same(const struct work_volume *a, const struct work_volume *b)
{
	return a->volume.offset_bytes == b->volume.offset_bytes && evidence_holds(&a->evidence, b->path);
}

/* What is written to the volume and held back, for those who read it. */
static bool lay_pending_over(void *context, uint64_t offset, uint8_t *bytes, size_t length)
{
	struct work_volume *volume = context;
	struct transaction *transaction = &volume->mount.transaction;
	uint64_t            start = volume->volume.offset_bytes, end = start + transaction->device.size_bytes;
	uint64_t            from = offset > start ? offset : start;
	uint64_t            to = offset + length < end ? offset + length : end;

	return from >= to || transaction_lay_over(transaction, from - start, bytes + (from - offset), (size_t)(to - from)) == 0;
}

/* Open the volume at @number; those before it are open. */
static int open_volume(struct work_volumes *volumes, size_t number, enum work_mode mode, struct error *err)
{
	struct work_volume *volume = &volumes->items[number];

	if (find_volume(volume, err) < 0) {
		bool other = err->kind == ERROR_VALUE && mode == WORK_CAPTURE && number > 0;

		return other ? advise_folder(volume, err) : -1;
	}
	for (size_t i = 0; i < number; i++)
		if (work_volume_is_same(&volumes->items[i], volume))
			return error_set(err, ERROR_USAGE, volume->source, "is named twice, as %c and as %c",
					 volumes->items[i].letter, volume->letter);
	if (mode == WORK_READ)
		return 0;
	if (refuse_folders_on(volume, volumes, err) < 0)
		return -1;
	if (ntfs3g_mount(&volume->mount, volume->path, volume->volume.offset_bytes, err) < 0)
		return -1;
	volume->evidence.pending = lay_pending_over;
	volume->evidence.pending_context = volume;
	return volume->mount.dirty ? ntfs3g_refuse_dirty(&volume->mount, err) : 0;
}

/* No letter twice, none left out but the first. */
static int settle_letters(struct work_volumes *volumes, struct error *err)
{
	for (size_t i = 0; i < volumes->count; i++) {
		struct work_volume *volume = &volumes->items[i];

		if (!volume->letter && i == 0)
			volume->letter = 'C';
		if (!volume->letter)
			return error_set(err, ERROR_USAGE, volume->source,
					 "needs its drive letter, as in D=%.100s, for there are several volumes",
					 volume->source);
		for (size_t j = 0; j < i; j++)
			if (volumes->items[j].letter == volume->letter)
				return error_set(err, ERROR_USAGE, volume->source,
						 "has the letter of another volume, %c", volume->letter);
	}
	return 0;
}

static int settle_folder_letters(struct work_volumes *volumes, struct error *err)
{
	for (size_t i = 0; i < volumes->folder_count; i++) {
		const struct work_folder *folder = &volumes->folders[i];
		bool                      taken = work_volumes_find(volumes, folder->letter) != NULL;

		if (!folder->letter)
			return error_set(err, ERROR_USAGE, folder->path,
					 "needs the drive letter that it had, as in E=%.100s", folder->path);
		for (size_t j = 0; j < i; j++)
			taken = taken || volumes->folders[j].letter == folder->letter;
		if (taken)
			return error_set(err, ERROR_USAGE, folder->path, "has the letter of another volume, %c",
					 folder->letter);
	}
	return 0;
}

int work_volumes_open(struct work_volumes *volumes, char *const *operands, size_t count, enum work_mode mode,
		      struct error *err)
{
	*volumes = (struct work_volumes){ .items = calloc(count, sizeof *volumes->items),
					  .folders = calloc(count, sizeof *volumes->folders) };
	if (!volumes->items || !volumes->folders)
		return error_memory(err);
	for (size_t i = 0; i < count; i++)
		if (add_operand(volumes, operands[i], mode, err) < 0)
			return -1;
	if (settle_letters(volumes, err) < 0 || settle_folder_letters(volumes, err) < 0)
		return -1;
	for (size_t i = 0; i < volumes->count; i++)
		if (open_volume(volumes, i, mode, err) < 0)
			return -1;
	return 0;
}

void work_volume_forget(struct work_volume *volume)
{
	if (!volume->read)
		return;
	file_reader_release(&volume->reader);
	security_table_release(&volume->securities);
	volume_tree_release(&volume->tree);
	volume->read = false;
}

int work_volumes_close(struct work_volumes *volumes, struct error *err)
{
	int result = 0;

	for (size_t i = 0; i < volumes->count; i++) {
		struct work_volume *volume = &volumes->items[i];
		struct error        late;

		work_volume_forget(volume);
		if (ntfs3g_unmount(&volume->mount, &late) < 0 && result == 0) {
			*err = late;
			result = -1;
		}
		evidence_release(&volume->evidence);
		free(volume->path);
		free(volume->source);
	}
	for (size_t i = 0; i < volumes->folder_count; i++)
		free(volumes->folders[i].path);
	free(TAKE(volumes->items));
	free(TAKE(volumes->folders));
	volumes->count = volumes->folder_count = 0;
	return result;
}

struct work_volume *work_volumes_find(struct work_volumes *volumes, char letter)
{
	for (size_t i = 0; i < volumes->count; i++)
		if (volumes->items[i].letter == letter)
			return &volumes->items[i];
	return NULL;
}

int work_volumes_run(char *const *operands, size_t count, enum work_mode mode, work_volumes_work *work,
		     void *context, struct error *err)
{
	struct work_volumes volumes = { 0 };
	struct error        late;
	int                 status = work_volumes_open(&volumes, operands, count, mode, err);

	if (status == 0)
		status = work(context, &volumes, err);
	if (work_volumes_close(&volumes, &late) < 0 && status == 0) {
		*err = late;
		status = -1;
	}
	return status;
}

bool work_volume_goes_on(const struct work_volume *volume, const char *step)
{
	return volume->mount.replay.found && strcmp(volume->mount.replay.header.step, step) == 0;
}

/* -------- reading -------- */

/* Does the tree lack what could not be read?  What is damaged otherwise, the check has refused. */
static bool has_gaps(const struct volume_tree *tree)
{
	const uint64_t *counts = tree->findings.counts;

	return counts[FINDING_MFT_FROM_MIRROR] || counts[FINDING_MFT_RUNS_ASSUMED] ||
	       counts[FINDING_MFT_RUNS_INCOMPLETE] || counts[FINDING_MFT_END_FORGOTTEN] || counts[FINDING_RECORD_UNREADABLE] ||
	       tree->upcase.built_in; /* names would be looked for in the wrong order */
}

int work_volume_read(struct work_volume *volume, struct error *err)
{
	work_volume_forget(volume);
	volume->tree = (struct volume_tree){ 0 };
	volume->reader = (struct file_reader){ 0 };
	volume->securities = (struct security_table){ 0 };
	volume->read = true;
	if (volume_tree_read(&volume->tree, &volume->volume, command_threads(), err) < 0 ||
	    file_reader_init(&volume->reader, &volume->tree.inventory, &volume->tree.extensions, err) < 0 ||
	    security_table_read(&volume->securities, &volume->reader, err) < 0)
		return -1;
	if (volume->mount.volume && has_gaps(&volume->tree))
		return error_set(err, ERROR_REFUSED, volume->source,
				 "could not be read in full just now; look after the disk (copy it to a sound one), then try "
				 "again");
	return 0;
}

int work_volume_read_once(struct work_volume *volume, struct error *err)
{
	return volume->read ? 0 : work_volume_read(volume, err);
}

int work_volume_refuse_unreadable(const struct work_volume *volume, struct error *err)
{
	if (!volume->evidence.unreadable_bytes)
		return 0;
	return error_set(err, ERROR_IO, volume->source,
			 "cannot be read in places, and what is there cannot be kept safe on it; copy the disk to a sound "
			 "one (ddrescue), and work on that");
}

int work_volume_refuse_cut_run(struct work_volume *volume, struct error *err)
{
	struct volume_state state;

	if (volume->mount.volume)
		return 0; /* what was cut off has been finished or forgotten; a run that is under way is this program's */
	if (volume_state_read(&volume->reader, &state, err) < 0)
		return -1;
	if (state.log != LOG_RUN && state.log != LOG_STRANGE)
		return 0;
	return error_set(err, ERROR_REFUSED, volume->source,
			 "a command of holdfast's was cut off on it; run 'holdfast replay' first");
}

int work_volume_load(struct work_volume *volume, uint32_t record, struct case_record *to, struct error *err)
{
	return volume_tree_load(&volume->tree, &volume->reader, record, to, err);
}

/* -------- may it be worked on? -------- */

int work_volume_refuse_damage(const struct volume *volume, const char *source, struct error *err)
{
	struct check check = { 0 };
	int          result = check_volume(&check, volume, command_threads(), err);

	if (result == 0 && check.problem_count)
		result = error_set(err, ERROR_REFUSED, source,
				   "contradicts itself in %" PRIu64 " places (first: %s, %.80s); run 'chkdsk /f' on it in "
				   "Windows, then try again ('holdfast check' lists them)",
				   check.problem_count, problem_kind_name(check.problems.items[0].kind),
				   check.problems.items[0].text ? check.problems.items[0].text : "");
	check_release(&check);
	return result;
}

/* The first deleted store with files that can be had and have no other name. */
struct deleted_store {
	char    *path; /* NULL: none */
	uint64_t files;
};

static int look_at_store(void *context, const struct case_store *store, struct error *err)
{
	struct deleted_store *deleted = context;

	if (deleted->path || !store->endangered)
		return 0;
	deleted->path = strdup(store->path);
	deleted->files = store->endangered;
	return deleted->path ? 0 : error_memory(err);
}

int work_volume_refuse_deleted_store(const char *source, bool allowed, struct error *err)
{
	struct scan_options  options = { .sources = &source,
					 .source_count = 1,
					 .command = "guard",
					 .summary = true,
					 .table_only = true,
					 .deleted_only = true,
					 .threads = command_threads() };
	struct casebook      book = { 0 };
	struct scan_result   result = { 0 };
	struct deleted_store deleted = { 0 };
	int                  status = 0;

	if (allowed)
		return 0;
	status = scan_run(&options, &book, &result, err);
	if (status == 0)
		status = casebook_stores(&book, look_at_store, &deleted, err);
	if (status == 0 && deleted.path)
		status = error_set(
			err, ERROR_REFUSED, source,
			"a deleted store lies on it (%.50s), with %s files that are nowhere else, and writing may destroy "
			"them; first: holdfast rescue --to DIR %.36s (or say --overwrite-deleted)",
			deleted.path, text_count(deleted.files).text, source);
	free(deleted.path);
	casebook_close(&book);
	scan_result_release(&result);
	return status;
}
