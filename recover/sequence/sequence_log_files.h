/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_log_files.h - the logs of a task sequence, on the host and on the volume
 *
 * They are written in a folder of the host, where a power cut cannot take a line that was made durable.  Copies are put
 * onto the volume with each transaction of the sequence, where people look for them: _SMSTaskSequence\Logs\smstslog
 * while it runs, Windows\CCM\Logs\SMSTSLog when it has ended well.  Spec USMT 5.9.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_LOG_FILES_H
#define RECOVER_SEQUENCE_SEQUENCE_LOG_FILES_H

#include "recover/engine/work_volume.h"

#define SEQUENCE_LOGS_RUNNING  "\\_SMSTaskSequence\\Logs\\smstslog"
#define SEQUENCE_LOGS_FINISHED "\\Windows\\CCM\\Logs\\SMSTSLog"

/*
 * Put copies of all logs of the host's @folder into the folder @path of the volume, which is made if it is not there, in place of those of
 * the same names; those that are the same already are not written.  In the transaction that is under way.
 * Returns 0, or -1.
 */
MUST_CHECK int sequence_log_files_put(struct work_volume *volume, const char *path, const char *folder,
				      struct error *err);

/*
 * A sequence goes on on a host that has not its logs: take them from the volume's tree, where the host's @folder has no
 * file of that name.  Returns 0, or -1.
 */
MUST_CHECK int sequence_log_files_fetch(struct work_volume *volume, const char *path, const char *folder,
					struct error *err);

#endif
