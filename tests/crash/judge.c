/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge.c - see judge.h */
#include "tests/crash/judge.h"

#include <err.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const char *const violation_names[VIOLATIONS] = { "recover", "check", "witness", "mount",
						  "lost",    "half",  "again",   "ending" };

/* -------- the law -------- */

/* What is at the paths that change at once. */
static void learn_wholes(const struct law *law, const char *image, struct hash hashes[SEVERAL_MAX])
{
	struct sight sight;

	if (!law->wholes.count)
		return;
	sight = witness_look(image, &law->truth, &law->wholes, law->store, &law->leniency);
	if (!sight.told || !sight.mounted)
		errx(3, "%s cannot be looked at: %s", image, sight.text);
	memcpy(hashes, sight.wholes, sizeof sight.wholes);
}

void law_learn(struct law *law, const char *base)
{
	for (size_t i = 0; i < law->tree_count; i++)
		truth_learn(&law->truth, base, law->trees[i]);
	learn_wholes(law, base, law->before);
}

void law_release(struct law *law)
{
	if (law->finished[0])
		unlink(law->finished);
	truth_release(&law->truth);
}

/* -------- the working image -------- */

void judge_open(struct judge *judge, struct law *law, const char *name, size_t size)
{
	int fd;

	*judge = (struct judge){ .law = law, .size = size };
	snprintf(judge->path, sizeof judge->path, "%s/%s", law->work, name);
	fd = open(judge->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		err(3, "%s", judge->path);
	judge->bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (judge->bytes == MAP_FAILED)
		err(3, "%s", judge->path);
	madvise(judge->bytes, size, MADV_DONTFORK);
	close(fd);
}

void judge_close(struct judge *judge)
{
	munmap(judge->bytes, judge->size);
	unlink(judge->path);
}

/* -------- verdicts -------- */

void verdict_blame(struct verdict *verdict, enum violation which, const char *format, ...)
{
	va_list arguments;

	verdict->failed[which] = true;
	if (verdict->text[0])
		return;
	va_start(arguments, format);
	vsnprintf(verdict->text, sizeof verdict->text, format, arguments);
	va_end(arguments);
}

bool verdict_is_good(const struct verdict *verdict)
{
	for (enum violation which = 0; which < VIOLATIONS; which++)
		if (verdict->failed[which])
			return false;
	return true;
}

static void ask(struct judge *judge, const char *command, enum violation which, struct verdict *verdict)
{
	struct ending ending;

	if (!command)
		return;
	ending = program_run(command, judge->path, NULL, judge->law->cpu_seconds);
	if (ending.status)
		verdict_blame(verdict, which, "status %d: %s", ending.status, ending.text);
}

/* The first line of @got that is not in @wanted at the same place, for a person. */
static bool same_listing(const char *wanted, const char *got, char *text, size_t room)
{
	FILE  *files[2] = { fopen(wanted, "r"), fopen(got, "r") };
	char  *lines[2] = { NULL, NULL };
	size_t rooms[2] = { 0, 0 };
	bool   same = true;

	if (!files[0] || !files[1])
		err(3, "%s", files[0] ? got : wanted);
	for (bool more = true; more && same;) {
		bool has[2];

		for (int i = 0; i < 2; i++) {
			has[i] = getline(&lines[i], &rooms[i], files[i]) > 0;
			if (has[i])
				lines[i][strcspn(lines[i], "\n")] = '\0';
		}
		same = has[0] == has[1] && (!has[0] || strcmp(lines[0], lines[1]) == 0);
		more = has[0] && has[1];
		if (!same)
			snprintf(text, room, "%s, wanted %s", has[1] ? lines[1] : "nothing more",
				 has[0] ? lines[0] : "nothing more");
	}
	for (int i = 0; i < 2; i++) {
		free(lines[i]);
		fclose(files[i]);
	}
	return same;
}

void judge_finish(struct judge *judge)
{
	struct law  *law = judge->law;
	struct sight sight;

	snprintf(law->finished, sizeof law->finished, "%s/finished-%d.list", law->work, (int)getpid());
	sight = witness_list(judge->path, law->store, &law->leniency, law->finished);
	if (!sight.told || !sight.mounted)
		errx(3, "what the whole run leaves cannot be listed: %s", sight.text);
	learn_wholes(law, judge->path, law->after);
}

void judge_finished(struct judge *judge, enum violation which, struct verdict *verdict)
{
	const struct law *law = judge->law;
	struct verdict    check = { 0 };
	struct sight      sight;
	char              got[PATH_MAX + 16], text[PROGRAM_TEXT];

	ask(judge, law->check, VIOLATION_CHECK, &check);
	if (check.failed[VIOLATION_CHECK]) {
		verdict_blame(verdict, which, "afterwards %s", check.text);
		return;
	}
	snprintf(got, sizeof got, "%s.list", judge->path);
	sight = witness_list(judge->path, law->store, &law->leniency, got);
	if (!sight.told || !sight.mounted)
		verdict_blame(verdict, which, "afterwards cannot be listed: %s", sight.text);
	else if (!same_listing(law->finished, got, text, sizeof text))
		verdict_blame(verdict, which, "%s", text);
	unlink(got);
}

static bool is_same(const struct hash *left, const struct hash *right)
{
	return left->low == right->low && left->high == right->high;
}

static void judge_wholes(const struct law *law, const struct sight *sight, struct verdict *verdict)
{
	for (size_t i = 0; i < law->wholes.count; i++)
		if (!is_same(&sight->wholes[i], &law->before[i]) &&
		    !is_same(&sight->wholes[i], &law->after[i]))
			verdict_blame(verdict, VIOLATION_HALF, "%s is neither as it was nor as it becomes",
				      law->wholes.paths[i]);
}

void judge_image(struct judge *judge, struct verdict *verdict)
{
	const struct law *law = judge->law;
	struct sight      sight;

	ask(judge, law->recover, VIOLATION_RECOVER, verdict);
	ask(judge, law->check, VIOLATION_CHECK, verdict);
	ask(judge, law->witness, VIOLATION_WITNESS, verdict);
	sight = witness_look(judge->path, &law->truth, &law->wholes, law->store, &law->leniency);
	verdict->lost = sight.lost;
	if (!sight.told || !sight.mounted)
		verdict_blame(verdict, VIOLATION_MOUNT, "not mounted: %s", sight.text);
	else if (sight.lost)
		verdict_blame(verdict, VIOLATION_LOST, "%zu files, one is %s", sight.lost, sight.text);
	if (sight.told && sight.mounted)
		judge_wholes(law, &sight, verdict);
}

void judge_again(struct judge *judge, struct verdict *verdict)
{
	ask(judge, judge->law->again, VIOLATION_AGAIN, verdict);
	if (!verdict->failed[VIOLATION_AGAIN])
		judge_finished(judge, VIOLATION_AGAIN, verdict);
}

struct verdict judge_state(struct judge *judge, const struct state *state, bool again)
{
	struct verdict verdict = { 0 };

	state_store(state, judge->bytes);
	judge_image(judge, &verdict);
	if (!again)
		return verdict;
	state_store(state, judge->bytes);
	judge_again(judge, &verdict);
	return verdict;
}
