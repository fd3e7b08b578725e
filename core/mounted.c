/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mounted.c - see mounted.h */
#include "core/mounted.h"

#include "core/cleanup.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

/* The whole disk that a block device is a part of, or the device itself. */
static dev_t whole_disk(dev_t device)
{
	char     path[96], text[32] = "";
	unsigned major_number, minor_number;
	FILE    *file;

	snprintf(path, sizeof path, "/sys/dev/block/%u:%u/partition", major(device), minor(device));
	if (access(path, F_OK) < 0)
		return device;
	snprintf(path, sizeof path, "/sys/dev/block/%u:%u/../dev", major(device), minor(device));
	file = fopen(path, "re");
	if (!file)
		return device;
	if (fgets(text, sizeof text, file) && sscanf(text, "%u:%u", &major_number, &minor_number) == 2)
		device = makedev(major_number, minor_number);
	fclose(file);
	return device;
}

/* True if @device is a loop device (or a partition of one) over the file that @status speaks of. */
static bool loops_over(dev_t device, const struct stat *status)
{
	char        path[96], backing[PATH_MAX] = "";
	struct stat found;
	dev_t       disk = whole_disk(device);
	FILE       *file;

	snprintf(path, sizeof path, "/sys/dev/block/%u:%u/loop/backing_file", major(disk), minor(disk));
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fgets(backing, sizeof backing, file))
		backing[strcspn(backing, "\n")] = 0;
	fclose(file);
	return stat(backing, &found) == 0 && found.st_dev == status->st_dev && found.st_ino == status->st_ino;
}

/* Does writing to @status reach the block device @device? */
static bool reaches(const struct stat *status, dev_t device)
{
	if (!S_ISBLK(status->st_mode))
		return loops_over(device, status);
	return status->st_rdev == device || whole_disk(status->st_rdev) == device ||
	       status->st_rdev == whole_disk(device);
}

/* Undo \040 and the like, in place. */
static void unescape(char *text)
{
	char    *to = text;
	unsigned octal;

	for (const char *at = text; *at; to++) {
		if (at[0] == '\\' && sscanf(at + 1, "%3o", &octal) == 1) {
			*to = (char)octal;
			at += 4;
		} else {
			*to = *at++;
		}
	}
	*to = 0;
}

/*
 * One line of mountinfo: "36 35 98:0 /root /mount/point options - type source options".
 * @only  the device number that is asked about, or 0 for any
 */
static bool line_reaches(char *line, const struct stat *status, dev_t only, char where[PATH_MAX])
{
	char        source[PATH_MAX];
	char       *behind = strstr(line, " - ");
	unsigned    major_number, minor_number;
	struct stat found;

	if (!behind || sscanf(line, "%*u %*u %u:%u %*s %4095s", &major_number, &minor_number, where) != 3)
		return false;
	if (only && makedev(major_number, minor_number) != only)
		return false;
	unescape(where);
	if (reaches(status, makedev(major_number, minor_number)))
		return true;
	if (sscanf(behind, " - %*s %4095s", source) != 1 || source[0] != '/')
		return false;
	unescape(source);
	if (stat(source, &found) < 0)
		return false;
	if (S_ISBLK(found.st_mode))
		return reaches(status, found.st_rdev);
	return S_ISREG(found.st_mode) && found.st_dev == status->st_dev && found.st_ino == status->st_ino;
}

static bool find_mount(const struct stat *status, dev_t only, char where[PATH_MAX])
{
	CLEANUP(free_ptr) char *line = NULL;
	size_t                  room = 0;
	FILE                   *mounts = fopen("/proc/self/mountinfo", "re");
	bool                    found = false;

	if (!mounts)
		return false;
	while (!found && getline(&line, &room, mounts) >= 0)
		found = line_reaches(line, status, only, where);
	fclose(mounts);
	return found;
}

bool mounted_somewhere(const struct stat *status, char where[PATH_MAX])
{
	return find_mount(status, 0, where);
}

bool mounted_from(const struct stat *status, dev_t filesystem)
{
	char where[PATH_MAX];

	return reaches(status, filesystem) || find_mount(status, filesystem, where);
}
