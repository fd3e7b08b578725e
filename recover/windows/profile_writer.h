/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * profile_writer.h - a profile made known to a Windows: its entry in ProfileList, and who may enter its folder
 */
#ifndef RECOVER_WINDOWS_PROFILE_WRITER_H
#define RECOVER_WINDOWS_PROFILE_WRITER_H

#include "recover/registry/hive.h"
#include "recover/security/sid.h"

/*
 * Enter a profile, as Windows does at the first logon.
 * @software  open to be written
 * @folder    as the Windows calls it itself (windows_path_offline)
 * Returns 1; 0 if it is entered already; -1: ERROR_REFUSED when the SID has another folder, or another SID
 * that folder, and then nothing is changed.
 */
MUST_CHECK int profile_writer_add(struct hive *software, const char *sid, const char *folder,
				  struct error *err);

/*
 * The security descriptor of a profile's folder, as Windows makes it: the system, the administrators and the user
 * may do everything, there and below.
 * @made  to be freed
 */
MUST_CHECK int profile_writer_security(const struct sid *user, uint8_t **made, size_t *size, struct error *err);

#endif
