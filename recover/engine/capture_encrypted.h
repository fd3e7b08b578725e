/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_encrypted.h - encrypted files (EFS) among those that a capture takes
 *
 * A link keeps such a file as it is, and only who has its key can read it afterwards, too.  Who would rather not
 * take it along unknowingly has it left out, or the capture refused.
 */
#ifndef RECOVER_ENGINE_CAPTURE_ENCRYPTED_H
#define RECOVER_ENGINE_CAPTURE_ENCRYPTED_H

#include "recover/engine/captured_volume.h"

/*
 * Take the encrypted files out of the plan, or refuse the capture for them, as its options say; with EFS_KEEP
 * nothing is looked at.  Each is told once, also when the plan is made anew.
 * Returns 0, or -1.
 */
MUST_CHECK int capture_encrypted_apply(struct captured_volume *part, struct error *err);

#endif
