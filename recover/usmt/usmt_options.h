/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_options.h - the command lines of ScanState, LoadState and UsmtUtils, as people have them in their scripts
 *
 * "/option", "/option:value" or "/option value", in any order, case aside; each once, but for those that may
 * be repeated; an argument has 256 characters at most.  What stands without an option is the store's path.
 * Ours begin with two dashes.  One table says of every option what it takes, and what it needs
 * and excludes.  Only the words are judged here: no file is opened.
 */
#ifndef RECOVER_USMT_USMT_OPTIONS_H
#define RECOVER_USMT_USMT_OPTIONS_H

#include "core/array.h"
#include "recover/windows/account_map.h"

#include <stdint.h>

enum usmt_tool { USMT_SCANSTATE, USMT_LOADSTATE, USMT_USMTUTILS };

enum usmt_option {
	USMT_OPERAND, /* StorePath, and what UsmtUtils' commands work on */
	USMT_HELP,
	USMT_ON, USMT_OVERWRITE_DELETED, USMT_JSON, USMT_QUIET, /* ours */
	/* what is done, and with which kind of store */
	USMT_O, USMT_HARDLINK, USMT_NOCOMPRESS, USMT_ENCRYPT, USMT_DECRYPT, USMT_KEY, USMT_KEYFILE, USMT_VSC,
	USMT_EFS, USMT_APPS, USMT_PPKG, USMT_GENCONFIG, USMT_GENMIGXML, USMT_P, USMT_TARGETWINDOWS7,
	/* of which Windows */
	USMT_OFFLINE, USMT_OFFLINEWINDIR, USMT_OFFLINEWINOLD,
	/* by which rules */
	USMT_I, USMT_CONFIG, USMT_AUTO, USMT_LOCALONLY,
	/* whose */
	USMT_ALL, USMT_UI, USMT_UE, USMT_UEL, USMT_MD, USMT_MU, USMT_LAC, USMT_LAE, USMT_SF,
	/* told where, and errors */
	USMT_L, USMT_V, USMT_PROGRESS, USMT_LISTFILES, USMT_C, USMT_R, USMT_W,
	/* of UsmtUtils */
	USMT_EC, USMT_RD, USMT_Y, USMT_VERIFY, USMT_EXTRACT, USMT_E,
	USMT_OPTIONS,
};

enum usmt_efs { USMT_EFS_ABORT, USMT_EFS_SKIP, USMT_EFS_DECRYPTCOPY, USMT_EFS_COPYRAW, USMT_EFS_HARDLINK };
enum usmt_verify { USMT_VERIFY_SUMMARY, USMT_VERIFY_ALL, USMT_VERIFY_FAILUREONLY, USMT_VERIFY_CATALOG };

/* /v is a sum of these. */
enum { USMT_V_VERBOSE = 1, USMT_V_OBJECTS = 4, USMT_V_DEBUGGER = 8 };

struct usmt_value {
	enum usmt_option option;
	char            *text; /* without quotes around it; "" if none was given */
};

struct usmt_values ARRAY(struct usmt_value);
struct usmt_texts ARRAY(const char *);
struct usmt_renames ARRAY(struct account_rename);

struct usmt_options {
	enum usmt_tool     tool;
	uint64_t           given;  /* 1 << option, of all that are */
	struct usmt_values values; /* in their order */

	/* what some of them say; all are borrowed from .values */
	const char         *store;    /* StorePath, the directory of /rd, the store of /verify; NULL: none */
	struct usmt_texts   rules;    /* /i */
	struct usmt_texts   included; /* /ui */
	struct usmt_texts   excluded; /* /ue */
	struct usmt_texts   volumes;  /* --on */
	struct usmt_renames users;    /* /mu */
	struct usmt_renames domains;  /* /md */
	uint64_t            used_since; /* /uel, 100 ns since 1601; 0: not given */
	enum usmt_efs       efs;
	enum usmt_verify    verify;
	unsigned            verbosity;
};

/*
 * Read a command line.
 * @argv  arguments alone, without the tool's name
 * @now   seconds since 1970: what the days of /uel count back from
 * Returns 0 (also with USMT_HELP, which ends the reading), or -1 with what to do: ERROR_USAGE (code 11),
 * ERROR_BOUNDS for an argument of more than 256 characters (code 12).  Release in any case.
 */
MUST_CHECK int usmt_options_parse(struct usmt_options *options, enum usmt_tool tool, int argc, char *const *argv,
				  int64_t now, struct error *err);
void           usmt_options_release(struct usmt_options *options);

static inline bool usmt_options_has(const struct usmt_options *options, enum usmt_option option)
{
	return options->given >> option & 1;
}

/* The value of an option, "" if it has none; NULL: it is not given. */
const char *usmt_options_value(const struct usmt_options *options, enum usmt_option option);

/* "ScanState", "LoadState", "UsmtUtils". */
const char *usmt_tool_name(enum usmt_tool tool);

/* "scanstate", "loadstate", "usmtutils": as its program is called. */
const char *usmt_tool_program(enum usmt_tool tool);

#endif
