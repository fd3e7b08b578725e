/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * people_file.h - who the users of a store are: USMT\Settings\people.json
 *
 * One JSON object:
 *
 *   { "format": "holdfast people", "version": 1,
 *     "computer": "PC7", "machine_sid": "S-1-5-21-a-b-c",      "" where unknown
 *     "users": [ { "sid": "S-1-5-21-a-b-c-1001", "name": "anna", "domain": "PC7", "local": true, "disabled":
 * false, "source": "sam",                            or "cache", "folder": where the name is from "path":
 * "C:\\Users\\anna", "used": 0,       100 ns since 1601, 0 unknown "captured": true, "why": "" } ] } why not,
 * or what is missing
 *
 * Keys that are not known are passed over; another version is refused.
 */
#ifndef RECOVER_WINDOWS_PEOPLE_FILE_H
#define RECOVER_WINDOWS_PEOPLE_FILE_H

#include "recover/windows/account_choice.h"

#define PEOPLE_FILE_NAME "people.json"
#define PEOPLE_FILE_FORMAT "holdfast people"
#define PEOPLE_FILE_VERSION 1u
#define PEOPLE_FILE_BYTES_MAX (16u << 20)
#define PEOPLE_MAX 10000u /* more than any Windows has; all are compared with all */

struct person {
	char            *sid, *name, *domain;
	enum name_source source;
	bool             local, disabled;
	char            *path; /* of the profile's folder */
	uint64_t         used;
	bool             captured;
	char            *why;
};

struct people ARRAY(struct person);

struct people_file {
	char         *computer, *machine_sid;
	struct people people;
};

/* Of a Windows, those that took part and those that did not.  people_file_release in any case. */
MUST_CHECK int people_file_make(struct people_file *file, const struct windows *windows,
				const struct chosen_accounts *accounts, struct error *err);

/* Add one, who is taken over, also when it fails: what is NULL of it had no memory.  Returns 0, or -1. */
MUST_CHECK int people_file_add(struct people_file *file, struct person person, struct error *err);
void           person_release(struct person *person);

/* As bytes, to be freed.  Returns 0, or -1 without memory. */
MUST_CHECK int people_file_write(const struct people_file *file, char **bytes, size_t *size,
				 struct error *err);

/*
 * The way back.  @name  for messages
 * Returns 0, or -1: ERROR_VALUE for what is no such file, ERROR_UNSUPPORTED for another version.
 * people_file_release in any case.
 */
MUST_CHECK int people_file_read(struct people_file *file, const char *name, const char *bytes, size_t size,
				struct error *err);
void           people_file_release(struct people_file *file);

#endif
