/* SPDX-License-Identifier: MIT */
/* sandbox.c - see sandbox.h; MIT, for the reason told in protocol.h */
#include "scan/image/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* -------- limits -------- */

/* libewf keeps about 130 bytes for each chunk of 32 KiB: 4 GiB for a disk of 1 TiB. */
static rlim_t memory_limit(void)
{
	const rlim_t least = (rlim_t)4 << 30;
	rlim_t       half = (rlim_t)sysconf(_SC_PHYS_PAGES) * (rlim_t)sysconf(_SC_PAGESIZE) / 2;

	return half > least ? half : least;
}

static int limit(__rlimit_resource_t resource, rlim_t most)
{
	struct rlimit now;

	if (getrlimit(resource, &now) < 0)
		return -1;
	if (most < now.rlim_max)
		now.rlim_max = most;
	now.rlim_cur = now.rlim_max;
	return setrlimit(resource, &now);
}

static int set_limits(void)
{
	if (limit(RLIMIT_CORE, 0) < 0 || limit(RLIMIT_NOFILE, RLIM_INFINITY) < 0) /* up to the hard limit */
		return -1;
	if (SANDBOX_SANITIZED) /* needs terabytes of addresses, and a place for its report */
		return 0;
	return limit(RLIMIT_AS, memory_limit()) < 0 ? -1 : limit(RLIMIT_FSIZE, 0);
}

/* -------- landlock -------- */

static int allow_reading(int rules, const char *path)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE };
	struct stat                       status;
	int                               result = -1;

	beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return -1;
	if (fstat(beneath.parent_fd, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			beneath.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
		result = (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	}
	close(beneath.parent_fd);
	return result;
}

/*
 * The path itself, and, unless it is a device, its folder: the other segments of an E01 or a VMDK
 * lie there.  Through a symbolic link both folders count.
 */
static int allow_image(int rules, const char *path)
{
	char        folder[PATH_MAX], real[PATH_MAX];
	struct stat status;

	if (stat(path, &status) < 0 || allow_reading(rules, path) < 0)
		return -1;
	if (S_ISBLK(status.st_mode))
		return 0;
	if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder || !realpath(path, real))
		return -1;
	return allow_reading(rules, dirname(folder)) < 0 ? -1 : allow_reading(rules, dirname(real));
}

/* All that the first version of landlock knows; what later ones add, seccomp forbids. */
static int confine_files(char *const *paths, size_t path_count)
{
	const struct landlock_ruleset_attr all = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1
	};
	int rules, result = 0;

	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
		return 0; /* this kernel has none, or has it turned off */
	rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
	if (rules < 0)
		return -1;
	for (size_t i = 0; i < path_count && result == 0; i++)
		result = allow_image(rules, paths[i]);
	if (result == 0)
		result = (int)syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
	return result;
}

/* -------- seccomp -------- */

/* What is not listed fails with EPERM: a library that tries something needless goes on. */
static const int harmless[] = {
	/* files that are open, and questions about others */
	SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(preadv), SCMP_SYS(lseek),
	SCMP_SYS(_llseek), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(stat), SCMP_SYS(lstat),
	SCMP_SYS(newfstatat), SCMP_SYS(statx),
	SCMP_SYS(fstat64), SCMP_SYS(stat64), SCMP_SYS(lstat64), SCMP_SYS(fstatat64), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	SCMP_SYS(getcwd), SCMP_SYS(getdents64), SCMP_SYS(fadvise64), SCMP_SYS(flock),
	/* memory */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* time, identity, signals to itself, the end */
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(futex),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(sched_yield), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* A call that is allowed when one argument, under @mask, has one @value. */
struct conditional {
	int          call;
	unsigned     argument; /* from 0 */
	scmp_datum_t mask, value;
};

static int add_rules(scmp_filter_ctx filter, int socket)
{
	const scmp_datum_t       writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND, all = UINT32_MAX;
	const struct conditional conditional[] = {
		{ SCMP_SYS(openat), 2, writing, O_RDONLY },
		{ SCMP_SYS(open), 1, writing, O_RDONLY },
		{ SCMP_SYS(mmap), 2, PROT_EXEC, 0 },
		{ SCMP_SYS(mprotect), 2, PROT_EXEC, 0 },
		{ SCMP_SYS(ioctl), 1, all, BLKGETSIZE64 },
		{ SCMP_SYS(ioctl), 1, all, BLKSSZGET },
		{ SCMP_SYS(fcntl), 1, all, F_GETFL },
		{ SCMP_SYS(tgkill), 0, all, (scmp_datum_t)getpid() }, /* abort() */
		{ SCMP_SYS(write), 0, all, (scmp_datum_t)socket },
		{ SCMP_SYS(write), 0, all, STDERR_FILENO }, /* last: a sanitizer's report, not else */
	};
	const size_t conditions = sizeof conditional / sizeof conditional[0] - !SANDBOX_SANITIZED;

	for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
		if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, harmless[i], 0, NULL) < 0)
			return -1;
	for (size_t i = 0; i < conditions; i++) {
		struct scmp_arg_cmp compare = { conditional[i].argument, SCMP_CMP_MASKED_EQ,
						conditional[i].mask, conditional[i].value };

		if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, conditional[i].call, 1, &compare) < 0)
			return -1;
	}
	return 0;
}

static int confine_calls(int socket)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int             result = -1;

	if (filter && add_rules(filter, socket) == 0 && seccomp_load(filter) == 0)
		result = 0;
	seccomp_release(filter);
	return result;
}

int sandbox_enter(char *const *paths, size_t path_count, int socket, char text[IMAGE_ERROR_BYTES])
{
	const char *failed = NULL;

	if (set_limits() < 0)
		failed = "limits";
	else if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		failed = "privileges";
	else if (confine_files(paths, path_count) < 0)
		failed = "landlock";
	else if (confine_calls(socket) < 0)
		failed = "seccomp";
	if (!failed)
		return 0;
	snprintf(text, IMAGE_ERROR_BYTES, "cannot lock the image reader in: %s: %s", failed, strerror(errno));
	return -1;
}
