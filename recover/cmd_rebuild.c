/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_rebuild.c - holdfast rebuild: stores out of a casebook or a disk */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/progress.h"
#include "core/text.h"
#include "recover/rebuild.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const char usage[] =
	"Usage: holdfast rebuild --to DEST [--store N] SOURCE|CASE\n"
	"\n"
	"Rebuild store N (the only one, if there is one) of a casebook, or of a disk that is scanned\n"
	"first. DEST is a folder on another disk, or \\PATH on an NTFS volume: IMAGE@N:\\PATH.\n"
	"\n"
	"      --to DEST    where the store goes\n"
	"      --store N    which one; 'holdfast scan' lists them\n"
	"      --json       one JSON document instead of text\n"
	"  -q, --quiet      no progress bar\n"
	"  -v, --verbose    no effect here\n"
	"  -h, --help       this text\n"
	"\n"
	"Exit status: 0 all well; 1 done, but something is damaged; 2 usage; 3 could not work.\n";

int cmd_rebuild(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fputs(usage, stdout);
	return EXIT_USAGE;
}
