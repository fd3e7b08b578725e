/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hive_file.h - a registry hive as it lies on a volume under work, with its transaction logs
 */
#ifndef RECOVER_WINDOWS_HIVE_FILE_H
#define RECOVER_WINDOWS_HIVE_FILE_H

#include "recover/engine/work_volume.h"
#include "recover/registry/hive.h"

/*
 * Open the hive at @path of the volume's tree ("\Windows\System32\config\SAM").
 * @name      for messages
 * @writable  it can be changed, in memory
 * @written   when the file was last written, 100 ns, 0 unknown; NULL: not asked for
 * Returns 1, 0 if there is no such file, -1.  hive_close in any case.
 */
MUST_CHECK int hive_file_open(struct hive *hive, struct work_volume *volume, const char *path, const char *name,
			      bool writable, uint64_t *written, struct error *err);

#endif
