/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_process.c - expected values: process.h, and what /bin/sh says of itself */
#include "tests/unit/unit.h"

#include "recover/sequence/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A shell that runs a script, with at most @limit_ms, and 200 ms to end; $1 is @argument. */
static int shell(const char *script, const char *argument, uint64_t limit_ms, struct process_end *end, struct error *err)
{
	return process_run((char *[]){ "/bin/sh", "-c", (char *)script, "sh", (char *)argument, NULL }, environ, limit_ms, 200,
			   end, err);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Does a process with the number in this file still run?  One that ended and was not waited for has. */
static bool runs(const char *path)
{
	struct blob text = temp_read(path);
	char        name[64], state = 'Z';
	FILE       *file;

	snprintf(name, sizeof name, "/proc/%ld/stat", strtol((char *)text.at, NULL, 10));
	file = fopen(name, "re");
	if (file && fscanf(file, "%*d %*s %c", &state) != 1)
		state = 'Z';
	if (file)
		fclose(file);
	free(text.at);
	return state != 'Z';
}

/* Processes that have been killed vanish soon, not at once. */
static bool vanishes(const char *path)
{
	for (int i = 0; i < 100; i++) {
		if (!runs(path))
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return false;
}

Test(process, how_it_ended)
{
	static const struct {
		const char *script;
		int         how, number;
	} cases[] = {
		{ "exit 0", PROCESS_EXITED, 0 },
		{ "exit 1", PROCESS_EXITED, 1 },
		{ "exit 255", PROCESS_EXITED, 255 },
		{ "kill -TERM $$", PROCESS_SIGNALLED, SIGTERM },
		{ "kill -KILL $$", PROCESS_SIGNALLED, SIGKILL },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (uint64_t limit = 0; limit <= 60000; limit += 60000) {
			struct process_end end;
			struct error       err = { 0 };

			cr_assert(eq(int, shell(cases[i].script, "", limit, &end, &err), 0), "%s: %s", cases[i].script,
				  err.text);
			cr_expect(eq(int, (int)end.how, cases[i].how), "%s", cases[i].script);
			cr_expect(eq(int, end.number, cases[i].number), "%s", cases[i].script);
		}
}

Test(process, what_is_no_program_is_not_started)
{
	char              *folder = temp_folder(), *path = temp_path(folder, "text");
	struct process_end end;
	struct error       err = { 0 };

	cr_expect(eq(int, process_run((char *[]){ "/nowhere/program", "secret", NULL }, environ, 0, 0, &end, &err), -1));
	cr_expect(eq(int, err.sys, ENOENT));
	cr_expect(eq(str, err.path, "/nowhere/program"));
	cr_expect(that(!strstr(err.text, "secret")));
	temp_write(path, "exit 0\n", 7);
	cr_expect(eq(int, process_run((char *[]){ path, NULL }, environ, 0, 0, &end, &err), -1));
	cr_expect(eq(int, err.sys, EACCES));
	chmod(path, 0700);
	cr_expect(eq(int, process_run((char *[]){ path, NULL }, environ, 0, 0, &end, &err), -1), "no shell is asked");
	cr_expect(eq(int, err.sys, ENOEXEC));
	free(path);
	temp_remove(folder);
}

Test(process, it_has_nothing_of_ours)
{
	int                kept = open("/dev/null", O_RDONLY); /* would be there behind exec */
	char               number[16];
	struct process_end end;
	struct error       err = { 0 };

	snprintf(number, sizeof number, "%d", kept);
	cr_assert(that(kept > 2));
	cr_assert(eq(int, shell("[ ! -e /proc/$$/fd/$1 ]", number, 0, &end, &err), 0));
	cr_expect(eq(int, end.number, 0), "a descriptor is open");
	cr_assert(eq(int, shell("! read line", "", 0, &end, &err), 0));
	cr_expect(eq(int, end.number, 0), "there is something to read");
	cr_assert(eq(int, shell("[ /proc/$$/fd/1 -ef /proc/$$/fd/2 ]", "", 0, &end, &err), 0));
	cr_expect(eq(int, end.number, 0), "its output is not on standard error");
	cr_assert(eq(int, shell("[ \"$(cut -d' ' -f5 /proc/$$/stat)\" = $$ ]", "", 0, &end, &err), 0));
	cr_expect(eq(int, end.number, 0), "it leads no group");
	close(kept);
}

Test(process, its_time_is_over)
{
	char              *folder = temp_folder(), *path = temp_path(folder, "child");
	double             begun = seconds();
	struct process_end end;
	struct error       err = { 0 };

	cr_assert(eq(int, shell("sleep 60 & echo $! > \"$1\"; wait", path, 300, &end, &err), 0), "%s", err.text);
	cr_expect(that(end.how == PROCESS_TIMED_OUT));
	cr_expect(that(seconds() - begun > 0.29 && seconds() - begun < 20));
	cr_expect(that(vanishes(path)), "what it started goes on");
	free(path);
	temp_remove(folder);
}

/* Who does not want to hear is ended all the same, and with him those he started. */
Test(process, deaf_to_being_told)
{
	char              *folder = temp_folder(), *path = temp_path(folder, "child");
	double             begun = seconds();
	struct process_end end;
	struct error       err = { 0 };

	cr_assert(eq(int, shell("trap '' TERM; sleep 60 & echo $! > \"$1\"; wait; wait", path, 300, &end, &err), 0));
	cr_expect(that(end.how == PROCESS_TIMED_OUT));
	cr_expect(that(seconds() - begun > 0.49 && seconds() - begun < 20));
	cr_expect(that(vanishes(path)), "what it started goes on");
	free(path);
	temp_remove(folder);
}

/* It may tidy up when it is told; its time was over nevertheless. */
Test(process, told_it_may_tidy_up)
{
	char              *folder = temp_folder(), *path = temp_path(folder, "tidy");
	struct process_end end;
	struct error       err = { 0 };

	cr_assert(eq(int, shell("trap 'touch \"$1\"; exit 0' TERM; sleep 60 & wait", path, 300, &end, &err), 0));
	cr_expect(that(end.how == PROCESS_TIMED_OUT));
	cr_expect(that(access(path, F_OK) == 0));
	free(path);
	temp_remove(folder);
}

/* A child of ours that waits for a shell, is told to end, and ends with it. */
Test(process, told_to_end_ourselves)
{
	char *folder = temp_folder(), *path = temp_path(folder, "child");
	pid_t self = fork();
	int   status = 0;

	if (self == 0) {
		struct process_end end;
		struct error       err;

		_exit(shell("echo $$ > \"$1.new\"; mv \"$1.new\" \"$1\"; sleep 60", path, 0, &end, &err) == 0);
	}
	while (access(path, F_OK) != 0)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	cr_expect(that(runs(path)));
	kill(self, SIGINT);
	cr_assert(eq(int, waitpid(self, &status, 0), self));
	cr_expect(that(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT), "status %x", status);
	cr_expect(that(vanishes(path)), "what it started goes on");
	free(path);
	temp_remove(folder);
}
