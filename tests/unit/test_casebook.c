/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_casebook.c - expected values: what was put in; casebook.h */
#include "tests/unit/unit.h"

#include "scan/casebook.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct book {
	char           *folder, *path, *path_new;
	struct casebook book;
	struct error    err;
	unsigned        calls;
};

static struct book begin(void)
{
	struct book it = { .folder = temp_folder() };

	it.path = temp_path(it.folder, "case.holdfast");
	it.path_new = temp_path(it.folder, "case.holdfast.new");
	return it;
}

static void end(struct book *it)
{
	casebook_close(&it->book);
	free(it->path);
	free(it->path_new);
	temp_remove(it->folder);
}

#define OK(call) cr_assert(eq(int, (call), 0), "%s", it.err.text)

/* -------- what goes in -------- */

static const struct case_evidence evidence = { 1, "/evidence/d\xc3\xa4.img", "split raw", "/evidence/map", 1u << 30,
					       4096, 512, "0123456789abcdef", "5a", NULL, "d5", "51", NULL };
static const struct case_volume   volume = { 1, 1, 2, 1 << 20, UINT64_MAX / 4, 1000, true, 3,
					     { 512, 4096, 1024, 4096, 2047, 255, 4, 127, 0xfedcba9876543210 } };
static const struct case_store    store = { 7, 1, "\\S\\USMT", "usmt", "partial", true, 1, 2, 3, 4, 5, 6, 7, 8, 20, 21,
					    { 9, 10, 11, 12, 13 }, 3 };
static const struct case_part     parts[] = { { 7, 1, "\\S\\USMT", false }, { 7, 2, "\\S\\USMT", true } };
static const struct case_user     users[] = { { 7, "b", 1, 10 }, { 7, "a", 5, 2 }, { 8, "c", 9, 9 } };

static struct case_record full_record(int64_t id)
{
	struct case_record record = { 0 };
	static uint8_t     value[] = { 0, 1, 0xff, 0, 'x' };
	struct case_stream stream;

	record.file = (struct case_file){ id, 1, 0xffffffffffff, 0xffff, true, false, true, 0xfffe,
					  UINT64_MAX - 5, { 1, 2, 3, UINT64_MAX }, 0x80000020, 0xffffffff,
					  GRADE_PARTIAL, WHY_TORN | WHY_ZEROS, 4242 };
	cr_assert(that(array_push(&record.names, (struct case_name){ 7, "\\S\\USMT\\x\xed\xa0\x80", "File\\C$\\x",
								     PROOF_DERIVED, true, false, UINT64_MAX, FACT_LOG,
								     UINT64_MAX - 9, UINT64_MAX - 10,
								     { 5, 6, UINT64_MAX, 8 } })));
	cr_assert(that(array_push(&record.names,
				  (struct case_name){ 0, "\\Users\\x", NULL, PROOF_GUESSED, false, true, 5, FACT_RECORD, 1, 0,
						      { 0 } })));
	stream = (struct case_stream){ .type = ATTRIBUTE_DATA, .name = "", .flags = ATTRIBUTE_SPARSE,
				       .unit_shift = 4, .size_bytes = UINT64_MAX / 3, .valid_bytes = 77,
				       .allocated_bytes = UINT64_MAX / 5, .grade = GRADE_LOST,
				       .reasons = WHY_CONTESTED };
	cr_assert(that(array_push(&stream.runs, (struct run){ 0, LCN_HOLE, 16 }) &&
		       array_push(&stream.runs, (struct run){ 16, 0x123456789a, UINT64_MAX / 7 }) &&
		       array_push(&stream.missing, (struct range){ 4096, 8192 }) &&
		       array_push(&stream.missing, (struct range){ UINT64_MAX - 10, 5 })));
	cr_assert(that(array_push(&record.streams, stream)));
	stream = (struct case_stream){ .type = ATTRIBUTE_DATA, .name = "Zone.Identifier", .resident = true,
				       .size_bytes = sizeof value, .valid_bytes = sizeof value,
				       .allocated_bytes = sizeof value, .grade = GRADE_SUSPECT };
	stream.value = blob_copy(value, sizeof value).at;
	cr_assert(that(array_push(&record.streams, stream)));
	stream = (struct case_stream){ .type = ATTRIBUTE_EA, .name = "", .resident = true, .grade = GRADE_INTACT };
	stream.value = calloc(1, 1); /* an empty value is a value too */
	cr_assert(that(array_push(&record.streams, stream)));
	stream = (struct case_stream){ .type = ATTRIBUTE_DATA, .name = "no runs", .grade = GRADE_INTACT };
	cr_assert(that(array_push(&record.streams, stream)));
	return record;
}

/* -------- and out -------- */

static void same_text(const char *got, const char *wanted)
{
	if (wanted)
		cr_expect(eq(str, (char *)got, (char *)wanted));
	else
		cr_expect(that(got == NULL));
}

static int each_evidence(void *context, const struct case_evidence *got, struct error *err)
{
	(void)err;
	++*(unsigned *)context;
	same_text(got->path, evidence.path);
	same_text(got->format, evidence.format);
	same_text(got->map_path, evidence.map_path);
	same_text(got->fingerprint, evidence.fingerprint);
	cr_expect(that(strcmp(got->sha256, "5a") == 0 && !got->sha1 && strcmp(got->md5, "d5") == 0));
	cr_expect(that(strcmp(got->stored_sha1, "51") == 0 && !got->stored_md5));
	cr_expect(that(got->id == 1 && got->size_bytes == 1u << 30 && got->unreadable_bytes == 4096 &&
		       got->sector_bytes == 512));
	return 0;
}

static int each_volume(void *context, const struct case_volume *got, struct error *err)
{
	(void)err;
	++*(unsigned *)context;
	cr_expect(that(got->id == 1 && got->evidence == 1 && got->partition == 2 && got->offset_bytes == 1 << 20 &&
		       got->size_bytes == UINT64_MAX / 4 && got->mft_records == 1000));
	cr_expect(that(memcmp(&got->geometry, &volume.geometry, sizeof volume.geometry) == 0));
	return 0;
}

static int each_store(void *context, const struct case_store *got, struct error *err)
{
	(void)err;
	++*(unsigned *)context;
	same_text(got->path, store.path);
	same_text(got->kind, store.kind);
	same_text(got->state, store.state);
	cr_expect(that(got->id == 7 && got->volume == 1 && got->orphans && got->files == 1 && got->names == 2 &&
		       got->derived_names == 3 && got->directories == 4 && got->others == 5 && got->bytes == 6 &&
		       got->only_here == 7 && got->only_here_bytes == 8 && got->endangered == 20 &&
		       got->endangered_bytes == 21));
	for (size_t i = 0; i < GRADES; i++)
		cr_expect(eq(u64, got->grades[i], 9 + i));
	return 0;
}

static int each_part(void *context, const struct case_part *got, struct error *err)
{
	unsigned number = ++*(unsigned *)context;

	(void)err;
	cr_expect(eq(i64, got->volume, number == 1 ? 2 : 1), "the primary one first");
	cr_expect(eq(int, got->primary, number == 1));
	same_text(got->path, "\\S\\USMT");
	return 0;
}

static int each_user(void *context, const struct case_user *got, struct error *err)
{
	unsigned number = ++*(unsigned *)context;

	(void)err;
	same_text(got->name, number == 1 ? "a" : "b");
	cr_expect(eq(u64, got->files, number == 1 ? 5 : 1));
	cr_expect(eq(u64, got->bytes, number == 1 ? 2 : 10));
	return 0;
}

static int each_finding(void *context, const char *kind, const struct finding *got, struct error *err)
{
	(void)err;
	++*(unsigned *)context;
	same_text(kind, "record-torn");
	cr_expect(that(got->volume == 1 && got->record == NO_RECORD && got->offset == NO_OFFSET && got->seen == 3 &&
		       got->wanted == UINT64_MAX - 1));
	return 0;
}

static int each_count(void *context, const char *kind, uint64_t count, struct error *err)
{
	(void)err;
	++*(unsigned *)context;
	same_text(kind, "record-torn");
	cr_expect(eq(u64, count, 1));
	return 0;
}

static int each_damage(void *context, const struct case_file *file, const struct case_name *name, struct error *err)
{
	(void)err;
	++*(unsigned *)context;
	cr_expect(eq(i64, file->id, 3));
	same_text(name->inside, "File\\C$\\x");
	return 0;
}

static int each_security(void *context, int64_t number, uint32_t id, struct bytes descriptor, struct error *err)
{
	(void)err;
	++*(unsigned *)context;
	cr_expect(that(number == 1 && id == 0xfffffff0 && descriptor.left == 3 && memcmp(descriptor.at, "a\0b", 3) == 0));
	return 0;
}

static void compare_record(const struct case_record *got, const struct case_record *wanted)
{
	const struct case_file *file = &got->file, *want = &wanted->file;

	cr_expect(that(file->id == want->id && file->volume == want->volume && file->record == want->record &&
		       file->sequence == want->sequence && file->live == want->live &&
		       file->directory == want->directory && file->info_known == want->info_known &&
		       file->link_count == want->link_count && file->size_bytes == want->size_bytes &&
		       file->attributes == want->attributes && file->security_id == want->security_id &&
		       file->grade == want->grade && file->reasons == want->reasons &&
		       file->first_lcn == want->first_lcn));
	cr_expect(that(memcmp(&file->times, &want->times, sizeof want->times) == 0));
	cr_assert(eq(sz, got->names.count, wanted->names.count));
	for (size_t i = 0; i < wanted->names.count; i++) {
		const struct case_name *name = &got->names.items[i], *n = &wanted->names.items[i];

		same_text(name->path, n->path);
		same_text(name->inside, n->inside);
		cr_expect(that(name->store == n->store && name->proof == n->proof && name->live == n->live &&
				name->source == n->source && name->offset == n->offset && name->moment == n->moment &&
			       name->dos == n->dos && name->parent == n->parent));
		cr_expect(that(memcmp(&name->times, &n->times, sizeof n->times) == 0));
	}
	cr_assert(eq(sz, got->streams.count, wanted->streams.count));
	for (size_t i = 0; i < wanted->streams.count; i++) {
		const struct case_stream *stream = &got->streams.items[i], *s = &wanted->streams.items[i];

		same_text(stream->name, s->name);
		cr_expect(that(stream->type == s->type && stream->flags == s->flags &&
			       stream->unit_shift == s->unit_shift && stream->resident == s->resident &&
			       stream->size_bytes == s->size_bytes && stream->valid_bytes == s->valid_bytes &&
			       stream->allocated_bytes == s->allocated_bytes && stream->grade == s->grade &&
			       stream->reasons == s->reasons),
			  "stream %zu", i);
		cr_assert(eq(sz, stream->runs.count, s->runs.count), "stream %zu", i);
		cr_assert(eq(sz, stream->missing.count, s->missing.count), "stream %zu", i);
		for (size_t j = 0; j < s->runs.count; j++)
			cr_expect(that(memcmp(&stream->runs.items[j], &s->runs.items[j], sizeof(struct run)) == 0));
		for (size_t j = 0; j < s->missing.count; j++)
			cr_expect(that(memcmp(&stream->missing.items[j], &s->missing.items[j], sizeof(struct range)) ==
				       0));
		if (s->resident)
			cr_expect(that(stream->value && memcmp(stream->value, s->value, (size_t)s->size_bytes) == 0));
	}
}

static void fill(struct book *book)
{
#define it (*book)
	struct case_record record = full_record(3), directory = { 0 };
	struct findings    findings;

	OK(casebook_add_meta(&it.book, "command", "scan d\xc3\xa4.img", &it.err));
	OK(casebook_add_evidence(&it.book, &evidence, &it.err));
	OK(casebook_add_volume(&it.book, &volume, &it.err));
	OK(casebook_add_store(&it.book, &store, &it.err));
	for (size_t i = 0; i < COUNT(parts); i++)
		OK(casebook_add_part(&it.book, &parts[i], &it.err));
	for (size_t i = 0; i < COUNT(users); i++)
		OK(casebook_add_user(&it.book, &users[i], &it.err));
	OK(casebook_add_file(&it.book, &record, &it.err));
	OK(casebook_add_member(&it.book, 7, 3, true, &it.err));
	OK(casebook_add_member(&it.book, CASE_BESIDE, 3, false, &it.err));
	directory.file = (struct case_file){ .id = 4, .volume = 1, .directory = true, .grade = GRADE_INTACT };
	OK(casebook_add_file(&it.book, &directory, &it.err));
	OK(casebook_add_member(&it.book, 7, 4, false, &it.err));
	OK(casebook_add_security(&it.book, 1, 0xfffffff0, (struct bytes){ (const uint8_t *)"a\0b", 3, 0 }, &it.err));
	findings_init(&findings);
	findings_add(&findings, (struct finding){ FINDING_RECORD_TORN, 1, NO_RECORD, NO_OFFSET, 3, UINT64_MAX - 1 });
	OK(casebook_add_findings(&it.book, &findings, &it.err));
	findings_release(&findings);
	case_record_release(&record);
#undef it
}

static void read_all(struct book *book)
{
#define it (*book)
	struct case_record wanted = full_record(3), got;
	struct case_plan   plan = { 0 };
	char              *text;
	uint8_t           *descriptor;
	size_t             size;

#define EACH(call, count)                                              \
	do {                                                           \
		it.calls = 0;                                          \
		OK(call);                                              \
		cr_expect(eq(uint, it.calls, (count)), "%s", #call);   \
	} while (0)
	EACH(casebook_evidence(&it.book, each_evidence, &it.calls, &it.err), 1);
	EACH(casebook_volumes(&it.book, each_volume, &it.calls, &it.err), 1);
	EACH(casebook_stores(&it.book, each_store, &it.calls, &it.err), 1);
	EACH(casebook_parts(&it.book, 7, each_part, &it.calls, &it.err), 2);
	EACH(casebook_users(&it.book, 7, each_user, &it.calls, &it.err), 2);
	EACH(casebook_findings(&it.book, each_finding, &it.calls, &it.err), 1);
	EACH(casebook_finding_counts(&it.book, each_count, &it.calls, &it.err), 1);
	EACH(casebook_damaged(&it.book, 7, GRADE_PARTIAL, 10, each_damage, &it.calls, &it.err), 1);
	EACH(casebook_damaged(&it.book, 7, GRADE_LOST, 10, each_damage, &it.calls, &it.err), 0);
	EACH(casebook_damaged(&it.book, 7, GRADE_PARTIAL, 0, each_damage, &it.calls, &it.err), 0);
	EACH(casebook_securities(&it.book, each_security, &it.calls, &it.err), 1);
	OK(casebook_meta(&it.book, "command", &text, &it.err));
	cr_assert(text != NULL);
	cr_expect(eq(str, text, "scan d\xc3\xa4.img"));
	free(text);
	OK(casebook_meta(&it.book, "nothing", &text, &it.err));
	cr_expect(that(!text));
	OK(casebook_load_file(&it.book, 3, &got, &it.err));
	compare_record(&got, &wanted);
	case_record_release(&got);
	case_record_release(&wanted);
	cr_expect(eq(int, casebook_load_file(&it.book, 99, &got, &it.err), -1));
	case_record_release(&got);
	OK(casebook_plan(&it.book, 7, &plan, &it.err));
	cr_assert(eq(sz, plan.count, 2));
	cr_expect(that(plan.items[0].file == 4 && plan.items[0].directory));
	cr_expect(that(plan.items[1].file == 3 && plan.items[1].first_lcn == 4242 &&
		       plan.items[1].size_bytes == UINT64_MAX - 5));
	array_release(&plan);
	OK(casebook_security(&it.book, 1, 0xfffffff0, &descriptor, &size, &it.err));
	cr_expect(that(size == 3 && memcmp(descriptor, "a\0b", 3) == 0));
	free(descriptor);
	OK(casebook_security(&it.book, 2, 0xfffffff0, &descriptor, &size, &it.err));
	cr_expect(that(!descriptor));
#undef it
}

Test(casebook, gives_back_what_was_put_in)
{
	struct book it = begin();

	OK(casebook_create(&it.book, it.path, &it.err));
	fill(&it);
	OK(casebook_publish(&it.book, &it.err));
	read_all(&it);
	casebook_close(&it.book);
	cr_expect(that(casebook_is_one(it.path)));
	OK(casebook_open(&it.book, it.path, &it.err));
	read_all(&it);
	end(&it);
}

Test(casebook, works_in_memory)
{
	struct book it = begin();

	OK(casebook_create(&it.book, NULL, &it.err));
	fill(&it);
	OK(casebook_publish(&it.book, &it.err));
	read_all(&it);
	end(&it);
}

Test(casebook, unfinished_one_is_not_published)
{
	struct book it = begin();

	temp_write(it.path, "old", 3);
	OK(casebook_create(&it.book, it.path, &it.err));
	fill(&it);
	casebook_close(&it.book);
	cr_expect(that(access(it.path_new, F_OK) < 0), "what was begun is taken away");
	cr_expect(that(!casebook_is_one(it.path)), "what was there is still there");
	end(&it);
}

Test(casebook, what_a_killed_run_left_is_replaced)
{
	struct book it = begin();

	pid_t       run = fork();

	if (run == 0) {
		OK(casebook_create(&it.book, it.path, &it.err));
		fill(&it);
		raise(SIGKILL);
	}
	cr_assert(that(run > 0 && waitpid(run, NULL, 0) == run));
	cr_assert(that(access(it.path_new, F_OK) == 0));
	cr_expect(eq(int, casebook_open(&it.book, it.path, &it.err), -1), "there is only a .new");
	casebook_close(&it.book);
	OK(casebook_create(&it.book, it.path, &it.err));
	fill(&it);
	OK(casebook_publish(&it.book, &it.err));
	read_all(&it);
	cr_expect(that(access(it.path_new, F_OK) < 0));
	end(&it);
}

Test(casebook, an_empty_file_that_a_killed_run_left_is_replaced)
{
	struct book it = begin();

	temp_write(it.path_new, "", 0);
	OK(casebook_create(&it.book, it.path, &it.err));
	fill(&it);
	OK(casebook_publish(&it.book, &it.err));
	read_all(&it);
	end(&it);
}

/* What has the name that a casebook needs while it is written is evidence, perhaps, or somebody's. */
Test(casebook, what_is_not_ours_is_not_removed)
{
	struct book it = begin();
	char        text[16] = "";
	int         fd;

	temp_write(it.path_new, "SQLite, mine", 12);
	cr_expect(eq(int, casebook_create(&it.book, it.path, &it.err), -1));
	cr_expect(eq(int, it.err.kind, ERROR_REFUSED));
	cr_expect(eq(str, it.err.path, it.path_new));
	casebook_close(&it.book);
	fd = open(it.path_new, O_RDONLY);
	cr_assert(eq(int, (int)read(fd, text, sizeof text), 12));
	cr_expect(eq(str, text, "SQLite, mine"));
	close(fd);

	cr_assert(that(unlink(it.path_new) == 0 && mkdir(it.path_new, 0700) == 0));
	cr_expect(eq(int, casebook_create(&it.book, it.path, &it.err), -1));
	casebook_close(&it.book);
	cr_expect(that(access(it.path_new, F_OK) == 0));

	cr_assert(that(rmdir(it.path_new) == 0 && symlink("nowhere", it.path_new) == 0));
	cr_expect(eq(int, casebook_create(&it.book, it.path, &it.err), -1), "SQLite would write where it points to");
	casebook_close(&it.book);
	end(&it);
}

static void change(struct book *it, const char *command)
{
	sqlite3 *database;

	cr_assert(eq(int, sqlite3_open(it->path, &database), SQLITE_OK));
	cr_assert(eq(int, sqlite3_exec(database, command, NULL, NULL, NULL), SQLITE_OK));
	sqlite3_close(database);
}

Test(casebook, other_version_is_refused_in_words)
{
	struct book it = begin();

	OK(casebook_create(&it.book, it.path, &it.err));
	OK(casebook_publish(&it.book, &it.err));
	casebook_close(&it.book);
	change(&it, "PRAGMA user_version=99");
	cr_assert(eq(int, casebook_open(&it.book, it.path, &it.err), -1));
	cr_expect(eq(int, it.err.kind, ERROR_UNSUPPORTED));
	cr_expect(that(strstr(it.err.text, "99") != NULL), "%s", it.err.text);
	end(&it);
}

struct file_lie {
	char sql[80];
};

ParameterizedTestParameters(casebook, lies_about_a_file_are_refused)
{
	static struct file_lie cases[] = {
		{ "UPDATE file SET grade=5" },
		{ "UPDATE file SET grade=-1" },
		{ "UPDATE name SET path=NULL" },
		{ "UPDATE name SET proof=3" },
		{ "UPDATE stream SET name=NULL" },
		{ "UPDATE stream SET unit_shift=17" },
		{ "UPDATE stream SET grade=5" },
		{ "UPDATE stream SET runs=zeroblob(24) WHERE value IS NULL" },
		{ "UPDATE stream SET missing=zeroblob(8)||x'01'||zeroblob(7)||zeroblob(16)" },
	};

	return CASES(struct file_lie, cases);
}

ParameterizedTest(struct file_lie *c, casebook, lies_about_a_file_are_refused)
{
	struct book        it = begin();
	struct case_record record;

	OK(casebook_create(&it.book, it.path, &it.err));
	fill(&it);
	OK(casebook_publish(&it.book, &it.err));
	casebook_close(&it.book);
	change(&it, c->sql);
	OK(casebook_open(&it.book, it.path, &it.err));
	cr_expect(eq(int, casebook_load_file(&it.book, 3, &record, &it.err), -1), "%s", c->sql);
	cr_expect(eq(int, it.err.kind, ERROR_VALUE), "%s", c->sql);
	case_record_release(&record);
	end(&it);
}

Test(casebook, what_is_no_casebook_is_refused)
{
	struct book it = begin();

	change(&it, "CREATE TABLE meta(key TEXT)"); /* SQLite, but not ours */
	cr_expect(that(!casebook_is_one(it.path)));
	cr_assert(eq(int, casebook_open(&it.book, it.path, &it.err), -1));
	cr_expect(eq(int, it.err.kind, ERROR_VALUE));
	casebook_close(&it.book);
	temp_write(it.path, "", 0);
	cr_expect(that(!casebook_is_one(it.path)));
	cr_expect(eq(int, casebook_open(&it.book, it.path, &it.err), -1));
	casebook_close(&it.book);
	temp_write(it.path, "SQLite format 3", 16); /* cut short */
	cr_expect(eq(int, casebook_open(&it.book, it.path, &it.err), -1));
	casebook_close(&it.book);
	cr_expect(that(!casebook_is_one(it.folder)));
	cr_expect(eq(int, casebook_open(&it.book, it.folder, &it.err), -1));
	end(&it);
}

struct claimant {
	int64_t    id;
	enum grade grade;
	bool       live;
	enum proof proof;
	uint64_t   changed;
};

Test(casebook, of_several_files_with_one_name_the_best_known_keeps_it)
{
	static const struct claimant claimants[] = { /* the second is the one */
		{ 1, GRADE_LOST, true, PROOF_PROVEN, 9 },    { 2, GRADE_INTACT, true, PROOF_PROVEN, 5 },
		{ 3, GRADE_INTACT, true, PROOF_DERIVED, 9 }, { 4, GRADE_INTACT, false, PROOF_PROVEN, 9 },
		{ 5, GRADE_SUSPECT, true, PROOF_PROVEN, 9 }, { 6, GRADE_INTACT, true, PROOF_PROVEN, 4 },
	};
	static const int64_t       displaced[] = { 1, 3, 4, 5, 6 };
	struct case_displaced_list list = { 0 };
	struct book                it = begin();

	OK(casebook_create(&it.book, NULL, &it.err));
	for (size_t i = 0; i < COUNT(claimants); i++) {
		const struct claimant *c = &claimants[i];
		struct case_record     record = { .file = { .id = c->id, .volume = 1, .grade = c->grade } };

		record.file.times.changed = c->changed;
		cr_assert(that(array_push(&record.names,
					  (struct case_name){ 1, "\\USMT\\File\\C$\\x", "File\\C$\\x", c->proof, c->live,
							      false, 5, FACT_RECORD, 1, 0, { 0 } }) &&
			       array_push(&record.names,
					  (struct case_name){ 1, "\\USMT\\File\\C$\\X1", "File\\C$\\X1", c->proof,
							      c->live, true, 5, FACT_RECORD, 1, 0, { 0 } })));
		OK(casebook_add_file(&it.book, &record, &it.err));
		OK(casebook_add_member(&it.book, 1, c->id, true, &it.err));
		case_record_release(&record);
	}
	OK(casebook_publish(&it.book, &it.err));
	OK(casebook_displaced(&it.book, 1, &list, &it.err));
	cr_assert(eq(sz, list.count, COUNT(displaced)));
	for (size_t i = 0; i < COUNT(displaced); i++) {
		cr_expect(eq(i64, list.items[i].file, displaced[i]));
		cr_expect(eq(u32, list.items[i].number, 0));
	}
	array_release(&list);
	end(&it);
}
