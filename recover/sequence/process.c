/* SPDX-License-Identifier: GPL-3.0-or-later */
/* process.c - see process.h */
#include "recover/sequence/process.h"

#include "core/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

/* -------- starting -------- */

/* 0, or an errno. */
static int arrange_files(posix_spawn_file_actions_t *files)
{
	int result = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (!result)
		result = posix_spawn_file_actions_adddup2(files, STDERR_FILENO, STDOUT_FILENO);
	if (!result)
		result = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
	return result;
}

static int spawn_with(pid_t *process, char *const *arguments, char *const *environment,
		      posix_spawn_file_actions_t *files, posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	return posix_spawn(process, arguments[0], files, attributes, arguments, environment);
}

static int spawn(pid_t *process, char *const *arguments, char *const *environment)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t          attributes;
	int                        result = posix_spawn_file_actions_init(&files);

	if (result)
		return result;
	result = posix_spawnattr_init(&attributes);
	if (!result) {
		result = arrange_files(&files);
		if (!result)
			result = spawn_with(process, arguments, environment, &files, &attributes);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&files);
	return result;
}

/* -------- waiting -------- */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Wait until the process has ended, a signal came (not with -1), or @limit_ms are over (not with 0). */
static void await(int process, int signals, uint64_t limit_ms)
{
	struct pollfd awaited[] = { { .fd = process, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
	uint64_t      begun = now_ms(), passed;

	while ((passed = now_ms() - begun) < limit_ms || !limit_ms) {
		uint64_t left = limit_ms - passed;
		int      ready = poll(awaited, 2, !limit_ms ? -1 : left > INT_MAX ? INT_MAX : (int)left);

		if (ready > 0 || (ready < 0 && errno != EINTR))
			return;
	}
}

static bool has_ended(int process)
{
	return poll(&(struct pollfd){ .fd = process, .events = POLLIN }, 1, 0) > 0;
}

/* The signal that says that this program is to end, 0 if there was none. */
static int signal_of(int signals)
{
	struct signalfd_siginfo came;

	return read(signals, &came, sizeof came) == sizeof came ? (int)came.ssi_signo : 0;
}

/*
 * The process, and all that it has started in its group.  As long as nobody has asked how it ended, nobody else
 * has its number.
 */
static void end_group(pid_t leader, int process, unsigned grace_ms)
{
	kill(-leader, SIGTERM);
	await(process, -1, grace_ms ? grace_ms : 1);
	kill(-leader, SIGKILL);
}

static int ask(pid_t leader, const char *path, struct process_end *end, struct error *err)
{
	int status;

	while (waitpid(leader, &status, 0) < 0)
		if (errno != EINTR)
			return error_sys(err, path, "cannot tell how it ended");
	if (end->how == PROCESS_TIMED_OUT)
		return 0;
	*end = WIFEXITED(status) ? (struct process_end){ PROCESS_EXITED, WEXITSTATUS(status) } :
				   (struct process_end){ PROCESS_SIGNALLED, WTERMSIG(status) };
	return 0;
}

/* @signals  -1: none are awaited.  *@told: the signal that ends this program, too. */
static int wait_for(pid_t leader, const char *path, int signals, uint64_t limit_ms, unsigned grace_ms, int *told,
		    struct process_end *end, struct error *err)
{
	CLEANUP(close_fd) int process = pidfd_open(leader, 0);

	*end = (struct process_end){ PROCESS_EXITED, 0 };
	if (process < 0) {
		(void)error_sys(err, path, "cannot wait for it");
		kill(-leader, SIGKILL);
		waitpid(leader, NULL, 0);
		return -1;
	}
	await(process, signals, limit_ms);
	if (!has_ended(process)) {
		*told = signal_of(signals);
		if (!*told)
			end->how = PROCESS_TIMED_OUT;
		end_group(leader, process, grace_ms);
	}
	return ask(leader, path, end, err);
}

/* -------- both -------- */

/* Those that would end this program; what is ignored stays so. */
static void choose_signals(sigset_t *chosen)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	sigemptyset(chosen);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		struct sigaction action;

		if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(chosen, signals[i]);
	}
}

static int run_blocked(char *const *arguments, char *const *environment, uint64_t limit_ms, unsigned grace_ms,
		       const sigset_t *blocked, int *told, struct process_end *end, struct error *err)
{
	CLEANUP(close_fd) int signals = signalfd(-1, blocked, SFD_CLOEXEC | SFD_NONBLOCK);
	pid_t                 leader;

	if (signals < 0)
		return error_sys(err, arguments[0], "cannot wait for signals while it runs");
	errno = spawn(&leader, arguments, environment);
	if (errno)
		return error_sys(err, arguments[0], "cannot start it");
	return wait_for(leader, arguments[0], signals, limit_ms, grace_ms, told, end, err);
}

int process_run(char *const *arguments, char *const *environment, uint64_t limit_ms, unsigned grace_ms,
		struct process_end *end, struct error *err)
{
	sigset_t blocked, before;
	int      told = 0, result;

	choose_signals(&blocked);
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	result = run_blocked(arguments, environment, limit_ms, grace_ms, &blocked, &told, end, err);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (told)
		raise(told);
	return result;
}
