/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apply_step_log.h - what the steps that wipe, apply and partition say in smsts.log
 *
 * The texts of OSDApplyOS.exe, component ApplyOperatingSystem, and of the guard of OSDDiskPart.exe.
 */
#ifndef RECOVER_SEQUENCE_APPLY_STEP_LOG_H
#define RECOVER_SEQUENCE_APPLY_STEP_LOG_H

#include "recover/sequence/cmtrace_writer.h"

/* "Skipping PATH for wipe": what the wipe protects */
void apply_step_log_wipe_skipped(struct cmtrace_writer *log, const char *path);

/* "Successfully wiped C:\" */
void apply_step_log_wiped(struct cmtrace_writer *log, const char *root);

/* "Applying image to C:\", "Applying image 1" */
void apply_step_log_image(struct cmtrace_writer *log, const char *root, unsigned index);

/* "Disk 0 contains protected path "PATH"", "Attempt to partition disk ...", "OSDDiskPart.exe failed:
 * 0x00000005" */
void apply_step_log_disk_protected(struct cmtrace_writer *log, unsigned disk, const char *path);

#endif
