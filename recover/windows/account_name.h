/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account_name.h - "DOMAIN\user", compared as Windows does, and patterns of such names
 */
#ifndef RECOVER_WINDOWS_ACCOUNT_NAME_H
#define RECOVER_WINDOWS_ACCOUNT_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* The parts of "DOMAIN\user"; without a domain part, or with ".", a local user is meant. */
struct account_name {
	const char *domain; /* domain_length bytes */
	size_t      domain_length;
	bool        local;
	const char *user;
};

struct account_name account_name_of(const char *text);

/* True for two names of an account, or of a domain, that are one, case aside. */
bool account_same(const char *a, const char *b);

/* True if @text, @length bytes, is what @pattern says: '*' is any run of characters, case aside. */
bool account_pattern(const char *pattern, size_t pattern_length, const char *text, size_t length);

/* True for "S-1-5-21-...", and for a pattern that can mean nothing else, "*-500". */
bool account_is_sid(const char *text);

#endif
