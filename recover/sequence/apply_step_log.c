/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apply_step_log.c - see apply_step_log.h */
#include "recover/sequence/apply_step_log.h"

#include <inttypes.h>

#define SAY(type, ...)      cmtrace_say(log, type, "ApplyOperatingSystem", __VA_ARGS__)
#define SAY_DISK(type, ...) cmtrace_say(log, type, "OSDDiskPart", __VA_ARGS__)
#define ACCESS_DENIED       5u

void apply_step_log_wipe_skipped(struct cmtrace_writer *log, const char *path)
{
	SAY(CMTRACE_INFO, "Skipping %s for wipe", path);
}

void apply_step_log_file_kept(struct cmtrace_writer *log, const char *path, uint32_t code)
{
	SAY(CMTRACE_INFO, "Unable to delete file %s (0x%08" PRIX32 "). Continuing.", path, code);
}

void apply_step_log_folder_kept(struct cmtrace_writer *log, const char *path, uint32_t code)
{
	SAY(CMTRACE_INFO, "Unable to delete directory %s (0x%08" PRIX32 "). Continuing.", path, code);
}

void apply_step_log_wipe_retried(struct cmtrace_writer *log, const char *root, uint32_t code)
{
	SAY(CMTRACE_INFO, "Unable to delete directory '%s' (0x%08" PRIX32 "). Retrying after delay.", root,
	    code);
}

void apply_step_log_wiped(struct cmtrace_writer *log, const char *root)
{
	SAY(CMTRACE_INFO, "Successfully wiped %s", root);
}

void apply_step_log_wipe_progress(struct cmtrace_writer *log)
{
	SAY(CMTRACE_INFO, "Reporting deletion progress.");
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
