/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page_asset.h - the style, the script and the standing parts of the page, put into the program as they are
 */
#ifndef REPORT_PAGE_PAGE_ASSET_H
#define REPORT_PAGE_PAGE_ASSET_H

#include "core/error.h"

struct page_asset {
	const char *text;
	size_t      length;
};

struct page_asset page_style(void);
struct page_asset page_script(void);
struct page_asset page_explorer(void); /* the files and the map: what the script fills */

/* Print the asset's SHA-256 as a content security policy has it: 'sha256-...'.  Returns 0, or -1. */
MUST_CHECK int page_asset_print_hash(struct page_asset asset, FILE *out, struct error *err);

#endif
