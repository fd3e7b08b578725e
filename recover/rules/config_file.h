/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config_file.h - Config.xml: which components are left out, and what becomes of errors and locked files
 *
 * Format: spec USMT 3.9.  Also written here, for /genconfig.
 */
#ifndef RECOVER_RULES_CONFIG_FILE_H
#define RECOVER_RULES_CONFIG_FILE_H

#include "recover/rules/rule_file.h"

enum config_error { CONFIG_ERROR_UNRATED, CONFIG_ERROR_NON_FATAL, CONFIG_ERROR_FATAL };
enum config_lock { CONFIG_LOCK_UNSAID, CONFIG_LOCK_LINK, CONFIG_LOCK_ERROR };

/* A line of ErrorControl or HardLinkStoreControl: the first that matches decides. */
struct config_policy {
	enum object_type  type;
	enum config_error error; /* of ErrorControl */
	enum config_lock  lock;  /* of HardLinkStoreControl */
	uint32_t          code;  /* Win32; UINT32_MAX any */
	const char       *pattern; /* with its variables */
	int               line;
};

struct config_component {
	const char *id; /* as written */
	const char *display_name;
	bool        migrate;
	int         line;
};

/* changeGroup */
struct config_group {
	const char  *from, *to; /* "*" any group */
	const char  *applies_to; /* "MigratedUsers", ... */
	const char **include, **exclude; /* "DOM\User" patterns */
	size_t       include_count, exclude_count;
	int          line;
};

struct config_name_map {
	const char *from, *to;
	int         line;
};

struct config_file {
	struct xml_document      document;
	struct config_component *components;
	size_t                   count;
	struct config_policy    *errors; /* ErrorControl */
	size_t                   error_count;
	struct config_policy    *locks; /* HardLinkStoreControl */
	size_t                   lock_count;
	struct config_group     *groups;
	size_t                   group_count;
	struct config_name_map  *domains, *users; /* ProfileControl */
	size_t                   domain_count, user_count;
	struct xml_remarks       remarks;
	struct arena             memory; /* of all the above */
};

MUST_CHECK int config_file_read(struct config_file *config, const char *path, struct error *err);
MUST_CHECK int config_file_parse(struct config_file *config, const char *name, const void *bytes, size_t size,
				 struct error *err);
void           config_file_release(struct config_file *config);

/* False if Config.xml says migrate="no" of that component id, case aside; true also if it does not name it. */
bool config_file_migrates(const struct config_file *config, const char *id);

/*
 * Write a Config.xml with every component of the rule files that is not hidden (config_writer.c).
 * @overwrite  else a file that is there is an error
 * Returns 0, or -1; the file appears whole or not at all.
 */
MUST_CHECK int config_file_write(const struct rule_file *files, size_t count, const char *path, bool overwrite,
				 struct error *err);

#endif
