/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_program.c - see host_program.h */
#include "recover/host_program.h"

#include "core/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define FILE_NUMBER 3 /* as HOST_PROGRAM_FILE has it */

int host_program_file(uint64_t size_bytes, struct error *err)
{
	CLEANUP(close_fd) int made = memfd_create("holdfast", MFD_CLOEXEC);
	int                   fd = -1;

	/* above the numbers that it is handed on with, whichever of them are free */
	if (made >= 0 && size_bytes <= INT64_MAX && ftruncate(made, (off_t)size_bytes) == 0)
		fd = fcntl(made, F_DUPFD_CLOEXEC, FILE_NUMBER + 1);
	return fd < 0 ? error_sys(err, NULL, "cannot make a file in memory") : fd;
}

/* Find a program; people's PATH often lacks the administrator's folders. */
static int find_program(const char *name, const char *package, char path[PATH_MAX], struct error *err)
{
	const char             *own = getenv("PATH");
	CLEANUP(free_ptr) char *folders = NULL;
	char                   *rest;

	if (asprintf(&folders, "%s:/usr/sbin:/sbin:/usr/bin:/bin", own ? own : "") < 0) {
		folders = NULL;
		return error_memory(err);
	}
	rest = folders;
	for (char *folder; (folder = strsep(&rest, ":"));)
		if (folder[0] == '/' && snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX &&
		    access(path, X_OK) == 0)
			return 0;
	return error_set(err, ERROR_UNSUPPORTED, NULL,
			 "the program %.40s is needed, and not there; install %.40s", name, package);
}

/* Start it with the three files; its number, or -1 with errno. */
static pid_t start(const char *path, const char *const *arguments, int input, int output, int file)
{
	static char *const environment[] = { "LC_ALL=C.UTF-8", "PATH=/usr/sbin:/sbin:/usr/bin:/bin", NULL };
	const int          from[] = { input, output, output, file };
	posix_spawn_file_actions_t files;
	pid_t                      pid = -1;
	int                        failed = posix_spawn_file_actions_init(&files);

	if (failed) {
		errno = failed;
		return -1;
	}
	for (int i = 0; !failed && i <= FILE_NUMBER; i++)
		failed = posix_spawn_file_actions_adddup2(&files, from[i], i);
	if (!failed)
		failed = posix_spawn(&pid, path, &files, NULL, (char *const *)arguments, environment);
	posix_spawn_file_actions_destroy(&files);
	errno = failed;
	return failed ? -1 : pid;
}

/* Wait for its end: its exit status, 256 when a signal ended it, -1 with errno. */
static int wait_for(pid_t pid)
{
	int   status;
	pid_t ended;

	do
		ended = waitpid(pid, &status, 0);
	while (ended < 0 && errno == EINTR);
	if (ended < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256;
}

/* The last line that it wrote, as much as fits. */
static void last_words(int output, char words[static 160])
{
	char    text[1024];
	off_t   end = lseek(output, 0, SEEK_END);
	off_t   from = end > (off_t)sizeof text - 1 ? end - ((off_t)sizeof text - 1) : 0;
	ssize_t got = end < 0 ? -1 : pread(output, text, sizeof text - 1, from);
	char   *line;

	text[got > 0 ? got : 0] = '\0';
	for (size_t length = strlen(text); length && strchr(" \r\n", text[length - 1]); length--)
		text[length - 1] = '\0';
	line = strrchr(text, '\n');
	snprintf(words, 160, "%.150s", *text ? line ? line + 1 : text : "it does not say why");
}

int host_program_run(const char *const *arguments, const char *input, int fd, const char *package,
		     struct error *err)
{
	CLEANUP(close_fd) int in = host_program_file(0, err), out = in < 0 ? -1 : host_program_file(0, err);
	char                  path[PATH_MAX], words[160];
	size_t                length = strlen(input);
	int                   status = -1;
	pid_t                 pid;

	if (out < 0 || find_program(arguments[0], package, path, err) < 0)
		return -1;
	if (pwrite(in, input, length, 0) != (ssize_t)length)
		return error_sys(err, NULL, "cannot write to a file in memory");
	pid = start(path, arguments, in, out, fd);
	if (pid >= 0)
		status = wait_for(pid);
	if (status < 0)
		return error_sys(err, NULL, "cannot run a program");
	if (status == 0)
		return 0;
	last_words(out, words);
	return error_set(err, ERROR_IO, NULL, "%.20s failed: %s", arguments[0], words);
}
