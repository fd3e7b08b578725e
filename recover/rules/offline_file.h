/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offline_file.h - Offline.xml: where the Windows lies that is not running
 *
 * Format: spec USMT 3.10.
 */
#ifndef RECOVER_RULES_OFFLINE_FILE_H
#define RECOVER_RULES_OFFLINE_FILE_H

#include "recover/xml_document.h"

struct offline_file {
	struct xml_document document;
	const char        **directories; /* winDir/path */
	size_t              count;
	const char        **mappings; /* "C:\, D:\" as written */
	size_t              mapping_count;
	bool                fail_on_multiple;
	struct xml_remarks  remarks;
	struct arena        memory; /* of all the above */
};

/*
 * Read an Offline.xml from the host, or parse its bytes.
 * Returns 0, or -1: file, line, what is wrong and what would be right.  Release in any case.
 */
MUST_CHECK int offline_file_read(struct offline_file *offline, const char *path, struct error *err);
MUST_CHECK int offline_file_parse(struct offline_file *offline, const char *name, const void *bytes, size_t size,
				  struct error *err);
void           offline_file_release(struct offline_file *offline);

#endif
