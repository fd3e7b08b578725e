/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shell_link.h - where a shortcut (.lnk) leads
 *
 * Only the path on a drive of the machine itself, LinkInfo's LocalBasePath with its suffix: what else a link
 * may have (a list of shell items, a server, a relative path) is not looked at. Format: MS-SHLLINK 2.1
 * to 2.3.
 */
#ifndef RECOVER_RULES_SHELL_LINK_H
#define RECOVER_RULES_SHELL_LINK_H

#include "core/bytes.h"
#include "core/error.h"

#define SHELL_LINK_BYTES_MAX (1u << 20) /* of a link; what is larger is none that anybody made */

/*
 * The local path that a link leads to.
 * @path  "C:\Program Files\App\app.exe", WTF-8, to be freed; NULL unless 1 is returned
 * Returns 1; 0 if it has none, or one in an unknown code page; -1: it is no link, or broken, or no memory.
 */
MUST_CHECK int shell_link_local_path(struct bytes link, char **path, struct error *err);

#endif
