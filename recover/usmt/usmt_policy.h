/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_policy.h - what the ErrorControl of a Config.xml says of files that were left out
 *
 * Its lines are tried in their order, and the first that means the file and the number of the error decides.
 */
#ifndef RECOVER_USMT_USMT_POLICY_H
#define RECOVER_USMT_USMT_POLICY_H

#include "recover/usmt/usmt_skipped.h"
#include "recover/windows/windows.h"

/*
 * Rate everything that was left out.
 * @windows  whose variables stand in the patterns; NULL: none was found
 * Returns 0, or -1: a pattern is broken.
 */
MUST_CHECK int usmt_policy_apply(const struct config_file *config, const struct windows *windows,
				 struct usmt_skipped *skipped, struct error *err);

#endif
