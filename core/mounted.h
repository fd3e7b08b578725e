/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mounted.h - is an image or a device mounted somewhere?
 *
 * What is mounted has a file system driver that does not expect others to write.
 * Looks at every mount of this process: block devices, loop devices over the
 * image, and file systems in user space that name it as their source.
 */
#ifndef CORE_MOUNTED_H
#define CORE_MOUNTED_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

/*
 * True if the file or block device that @status speaks of, or a part of it, is mounted.
 * @where  the mount point, for the message; a mount table that cannot be read counts as none
 */
bool mounted_somewhere(const struct stat *status, char where[PATH_MAX]);

/*
 * True if the file system with device number @filesystem lies on the file or block device that
 * @status speaks of, or on a part of it; also for a device number of a block device itself.
 */
bool mounted_from(const struct stat *status, dev_t filesystem);

#endif
