/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record_name.h - the one name of a file, for formats that have room for one */
#ifndef REPORT_RECORD_NAME_H
#define REPORT_RECORD_NAME_H

#include "scan/case_record.h"

/* A long name rather than an 8.3 alias, then one outside the stores, then the best proven; NULL if it has none. */
const struct case_name *record_name(const struct case_record *record);

/* What stands behind the last backslash of @path. */
const char *record_name_last(const char *path);

#endif
