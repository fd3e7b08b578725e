/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apply_step_log.c - see apply_step_log.h */
#include "recover/sequence/apply_step_log.h"

#define SAY(type, ...)      cmtrace_say(log, type, "ApplyOperatingSystem", __VA_ARGS__)
#define SAY_DISK(type, ...) cmtrace_say(log, type, "OSDDiskPart", __VA_ARGS__)
#define ACCESS_DENIED       5u

void apply_step_log_wipe_skipped(struct cmtrace_writer *log, const char *path)
{
	SAY(CMTRACE_INFO, "Skipping %s for wipe", path);
}

void apply_step_log_wiped(struct cmtrace_writer *log, const char *root)
{
	SAY(CMTRACE_INFO, "Successfully wiped %s", root);
}

void apply_step_log_image(struct cmtrace_writer *log, const char *root, unsigned index)
{
	SAY(CMTRACE_INFO, "Applying image to %s", root);
	SAY(CMTRACE_INFO, "Applying image %u", index);
}

void apply_step_log_disk_protected(struct cmtrace_writer *log, unsigned disk, const char *path)
{
	SAY_DISK(CMTRACE_ERROR, "Disk %u contains protected path \"%s\"", disk, path);
	SAY_DISK(CMTRACE_ERROR, "Attempt to partition disk containing a protected path. Disk index = %u",
		 disk);
	SAY_DISK(CMTRACE_ERROR, "OSDDiskPart.exe failed: 0x%08X", ACCESS_DENIED);
}
