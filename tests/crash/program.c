/* SPDX-License-Identifier: GPL-3.0-or-later */
/* program.c - see program.h */
#include "tests/crash/program.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 64
#define ENVIRONMENT_MAX 512
#define TAIL_BYTES 4096

extern char **environ;

/* Cut @command (in @text) into @words; every "{}" becomes @image, also within a word. */
static void split(char *text, const char *image, char *words[WORDS_MAX + 1])
{
	size_t count = 0;
	char  *rest = text;

	for (char *word; (word = strsep(&rest, " "));) {
		char *place = strstr(word, "{}"), *whole = NULL;

		if (!*word)
			continue;
		if (count == WORDS_MAX)
			errx(2, "the command has too many words");
		if (place ? asprintf(&whole, "%.*s%s%s", (int)(place - word), word, image, place + 2) < 0
			  : !(whole = strdup(word)))
			err(3, "a command");
		words[count++] = whole;
	}
	words[count] = NULL;
	if (!count)
		errx(2, "an empty command");
}

static void merge_environment(char *const *added, char *all[ENVIRONMENT_MAX + 1])
{
	size_t count = 0;

	for (; added && *added && count < ENVIRONMENT_MAX; added++)
		all[count++] = *added;
	for (char **old = environ; *old && count < ENVIRONMENT_MAX; old++)
		all[count++] = *old;
	all[count] = NULL;
}

/* The last line of what was printed, for a person. */
static void last_line(int fd, char text[PROGRAM_TEXT])
{
	char    tail[TAIL_BYTES + 1];
	off_t   size = lseek(fd, 0, SEEK_END);
	ssize_t got = pread(fd, tail, TAIL_BYTES, size > TAIL_BYTES ? size - TAIL_BYTES : 0);
	char   *line;

	tail[got > 0 ? got : 0] = '\0';
	for (size_t end = strlen(tail); end && tail[end - 1] == '\n'; end--)
		tail[end - 1] = '\0';
	line = strrchr(tail, '\n');
	snprintf(text, PROGRAM_TEXT, "%s", line ? line + 1 : tail);
}

struct ending program_run(const char *command, const char *image, char *const *environment,
			  size_t cpu_seconds)
{
	int                        output = memfd_create("output", MFD_CLOEXEC);
	char                      *text = strdup(command), *words[WORDS_MAX + 1], *all[ENVIRONMENT_MAX + 1];
	posix_spawn_file_actions_t actions;
	struct rlimit              limit = { cpu_seconds, cpu_seconds };
	struct ending              ending;
	pid_t                      child;
	int                        status, failed;

	if (!text || output < 0)
		err(3, "a place for output");
	split(text, image, words);
	merge_environment(environment, all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, 1);
	posix_spawn_file_actions_adddup2(&actions, output, 2);
	failed = posix_spawnp(&child, words[0], &actions, NULL, words, all);
	if (failed) {
		errno = failed;
		err(3, "%s", words[0]);
	}
	prlimit(child, RLIMIT_CPU, &limit, NULL);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			err(3, "%s", words[0]);
	posix_spawn_file_actions_destroy(&actions);
	ending.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	last_line(output, ending.text);
	close(output);
	for (size_t i = 0; words[i]; i++)
		free(words[i]);
	free(text);
	return ending;
}
