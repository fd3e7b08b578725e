/* SPDX-License-Identifier: GPL-3.0-or-later */
/* holdfast.c - the table of commands */
#include "core/command.h"
#include "core/terminal.h"
#include "core/text.h"
#include "recover/cmd.h"
#include "report/cmd.h"
#include "scan/cmd_check.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#define LARGE_BYTES (128 << 10) /* what is as large goes back to the system when it is freed, and grows without a copy */

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "rescue", cmd_rescue, "scan a disk, rebuild every store found, report: the main job" },
	{ "scan", cmd_scan, "find stores on a disk and grade their files" },
	{ "rebuild", cmd_rebuild, "rebuild one store out of a casebook or a disk" },
	{ "report", cmd_report, "tell what a casebook holds" },
	{ "capture", cmd_capture, "link the users' files into a state store" },
	{ "wipe", cmd_wipe, "remove everything from a volume but its store and what else is kept" },
	{ "apply", cmd_apply, "put an operating system image onto a volume, beside its store" },
	{ "restore", cmd_restore, "give a store's files their places back" },
	{ "release", cmd_release, "drop a store whose files are back in their places" },
	{ "verify", cmd_verify, "hold a store against its catalogue, a folder against its manifest" },
	{ "status", cmd_status, "tell what is on a volume, what was under way, what may be done next" },
	{ "users", cmd_users, "tell who is on an offline Windows, and what profiles lack" },
	{ "replay", cmd_replay, "after a crash: finish or forget what was under way, and stop there" },
	{ "check", cmd_check, "check an NTFS volume for consistency, reading only" },
	{ "scanstate", cmd_scanstate, "capture by a command line of USMT's ScanState" },
	{ "loadstate", cmd_loadstate, "restore by a command line of USMT's LoadState" },
	{ "usmtutils", cmd_usmtutils, "delete or verify a store by a command line of UsmtUtils" },
	{ "run", cmd_run, "run a task sequence of ConfigMgr or MDT, or tell what would happen" },
	{ "rules", cmd_rules, "check and explain migration rules: what they take, what they leave" },
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_help(FILE *out)
{
	fputs("Usage: holdfast COMMAND [OPTION]... ARGUMENT...\n"
	      "\n"
	      "Gets users' files back from a disk whose Windows refresh failed: finds hard-link\n"
	      "state stores, also deleted ones, and rebuilds them; evidence is only ever read.\n"
	      "And refreshes so that nothing can be lost: captures, wipes and restores offline,\n"
	      "through any power cut.\n"
	      "\n",
	      out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-9s  %s\n", commands[i].name, commands[i].summary);
	fputs("\nTry 'holdfast COMMAND --help', or start with: holdfast rescue --to DIR DISK\n", out);
}

int main(int argc, char **argv)
{
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	terminal_open();
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return EXIT_GOOD;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("holdfast " HOLDFAST_VERSION);
		return EXIT_GOOD;
	}
	opterr = 0; /* commands say themselves what is wrong */
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	text_line(stderr, "holdfast: there is no command '%s'; try 'holdfast --help'", argv[1]);
	return EXIT_USAGE;
}
