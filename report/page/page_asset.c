/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page_asset.c - see page_asset.h; the script is its modules one behind the other */
#include "report/page/page_asset.h"

#include "core/base64.h"
#include "core/cleanup.h"
#include "core/digest.h"

#define FILE_HERE(name) ".incbin \"report/page/" name "\"\n"

__asm__(".pushsection .rodata\n"
	"page_style_start:\n" FILE_HERE("page.css") "page_style_end:\n"
	"page_script_start:\n"
	FILE_HERE("text.js") FILE_HERE("data.js") FILE_HERE("rows.js") FILE_HERE("tree.js") FILE_HERE("files.js")
	FILE_HERE("detail.js") FILE_HERE("map.js") FILE_HERE("timeline.js") FILE_HERE("page.js")
	"page_script_end:\n"
	"page_explorer_start:\n" FILE_HERE("explorer.html") "page_explorer_end:\n"
	".globl page_style_start, page_style_end, page_script_start, page_script_end\n"
	".globl page_explorer_start, page_explorer_end\n"
	".popsection\n");

extern const char page_style_start[], page_style_end[], page_script_start[], page_script_end[];
extern const char page_explorer_start[], page_explorer_end[];

struct page_asset page_style(void)
{
	return (struct page_asset){ page_style_start, (size_t)(page_style_end - page_style_start) };
}

struct page_asset page_script(void)
{
	return (struct page_asset){ page_script_start, (size_t)(page_script_end - page_script_start) };
}

struct page_asset page_explorer(void)
{
	return (struct page_asset){ page_explorer_start, (size_t)(page_explorer_end - page_explorer_start) };
}

int page_asset_print_hash(struct page_asset asset, FILE *out, struct error *err)
{
	CLEANUP(digest_release) struct digest digest = { 0 };
	uint8_t                               sum[DIGEST_BYTES];

	if (digest_start(&digest, err) < 0 || digest_update(&digest, asset.text, asset.length, err) < 0 ||
	    digest_end(&digest, sum, err) < 0)
		return -1;
	fputs("'sha256-", out);
	base64_print(out, sum, sizeof sum);
	fputc('\'', out);
	return 0;
}
