/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_content.c - see log_content.h */
#include "scan/journal/log_content.h"

enum log_content log_content_judge(struct bytes sector, struct redo_header *header, struct error *why)
{
	size_t erased = 0;
	int    found = redo_header_decode(sector, header, why);

	if (found)
		return found < 0 ? LOG_STRANGE : LOG_RUN;
	if (sector.left >= 4 && memcmp(sector.at, "RSTR", 4) == 0)
		return LOG_WINDOWS;
	while (erased < sector.left && sector.at[erased] == 0xff)
		erased++;
	return sector.left && erased == sector.left ? LOG_EMPTY : LOG_UNKNOWN;
}
