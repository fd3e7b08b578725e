/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_log_files.h - the logs of a task sequence, on the host and on the volume
 *
 * They are written in a folder of the host, where a power cut cannot take a line that was made durable.  Copies are put
 * onto the volume with each transaction of the sequence, where people look for them: _SMSTaskSequence\Logs\smstslog
 * while it runs, CCM\Logs\SMSTSLog in the folder of Windows when it has ended well.  Spec USMT 5.9.
 *
 * A log is a plain file called *.log whose name begins with no dot.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_LOG_FILES_H
#define RECOVER_SEQUENCE_SEQUENCE_LOG_FILES_H

#include "recover/engine/work_volume.h"

#define SEQUENCE_LOGS_RUNNING     "\\_SMSTaskSequence\\Logs\\smstslog"
#define SEQUENCE_LOGS_FINISHED    "\\CCM\\Logs\\SMSTSLog" /* in the folder of the Windows that was put there */
#define SEQUENCE_LOG_BYTES_MAX    (16u << 20)              /* of one on the volume */
#define SEQUENCE_LOGS_FETCHED_MAX 100u

/*
 * Put copies of all logs of the host's @folder into the folder @path of the volume, which is made if it is not there,
 * in place of those of the same names; those that are the same already are not written.  Of a larger one than
 * SEQUENCE_LOG_BYTES_MAX it is the end, from the beginning of a line on.  A file that has other names as well keeps its
 * content under those.  In the transaction that is under way; what is written to a log at the time, flushed before.
 * Returns 0, or -1.
 */
MUST_CHECK int sequence_log_files_put(struct work_volume *volume, const char *path, const char *folder,
				      struct error *err);

/*
 * Take logs from the volume's tree, where the host's @folder has no file of that name: before any is opened, at every
 * beginning.  So a sequence goes on on another host with its logs, and what others wrote there is gone on with,
 * not replaced.  Not taken are those larger than SEQUENCE_LOG_BYTES_MAX, those whose names a host cannot have,
 * and those behind the first SEQUENCE_LOGS_FETCHED_MAX.  Returns 0, or -1.
 */
MUST_CHECK int sequence_log_files_fetch(struct work_volume *volume, const char *path, const char *folder,
					struct error *err);

#endif
