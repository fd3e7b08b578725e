/* SPDX-License-Identifier: GPL-3.0-or-later */
/* name_cache.c - see name_cache.h */
#include "recover/windows/name_cache.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/utf16.h"
#include "recover/security/sid.h"

#include <string.h>
#include <strings.h>

#define LOGON_UI "Microsoft\\Windows\\CurrentVersion\\Authentication\\LogonUI"
#define ENTRA_START "S-1-12-1-"

void name_cache_release(struct name_cache *cache)
{
	for (size_t i = 0; i < cache->count; i++) {
		free(cache->items[i].sid);
		free(cache->items[i].domain);
		free(cache->items[i].name);
	}
	array_release(cache);
}

/* -------- adding -------- */

static int add(struct name_cache *cache, const char *sid, const char *domain, size_t domain_length,
	       const char *name, struct error *err)
{
	struct cached_name made = { strdup(sid), strndup(domain, domain_length), strdup(name) };

	if (made.sid && made.domain && made.name && array_push(cache, made))
		return 0;
	free(made.sid);
	free(made.domain);
	free(made.name);
	return error_memory(err);
}

/* Add "DOMAIN\user", or "user" alone; what is no SID or no name adds nothing. */
static int add_account(struct name_cache *cache, const char *sid, const char *account, struct error *err)
{
	struct sid  parsed;
	const char *cut, *name;

	if (!sid || !account || !sid_parse(sid, &parsed))
		return 0;
	cut = strchr(account, '\\');
	name = cut ? cut + 1 : account;
	if (!*name)
		return 0;
	if (cut && strncmp(account, ".\\", 2) != 0)
		return add(cache, sid, account, (size_t)(cut - account), name, err);
	return add(cache, sid, "AzureAD", strncasecmp(sid, ENTRA_START, strlen(ENTRA_START)) == 0 ? 7 : 0,
		   name, err);
}

/* -------- values and keys -------- */

/* The text of a value; NULL if there is none.  To be freed. */
static int text_of(const struct hive *hive, hive_key key, const char *name, char **text, struct error *err)
{
	CLEANUP(registry_value_release) struct registry_value value = { 0 };
	int found = hive_value(hive, key, name, &value, err);

	*text = NULL;
	return found == 1 ? registry_value_read_text(&value, text, err) : found;
}

/* The first of two values that has a text. */
static int either_text(const struct hive *hive, hive_key key, const char *first, const char *second,
		       char **text, struct error *err)
{
	if (text_of(hive, key, first, text, err) < 0)
		return -1;
	if (*text && **text)
		return 0;
	free(TAKE(*text));
	return text_of(hive, key, second, text, err);
}

typedef int each_key(struct name_cache *cache, const struct hive *hive, hive_key key, const char *name,
		     struct error *err);

/* Call @each for the keys below one. */
static int visit(struct name_cache *cache, const struct hive *hive, hive_key key, each_key *each,
		 struct error *err)
{
	struct hive_keys children = { 0 };
	int              result = hive_children(hive, key, &children, err);

	for (size_t i = 0; result == 0 && i < children.count; i++) {
		CLEANUP(free_ptr) char *name = NULL;

		if (hive_key_name(hive, children.items[i], &name, err) == 0)
			result = each(cache, hive, children.items[i], name, err);
		else if (err->kind == ERROR_MEMORY) /* what is damaged is passed over */
			result = -1;
	}
	array_release(&children);
	return result;
}

/* The same by the path of the one above. */
static int visit_path(struct name_cache *cache, const struct hive *hive, hive_key from, const char *path,
		      each_key *each, struct error *err)
{
	hive_key key;
	int      found = hive_find(hive, from, path, &key, err);

	return found == 1 ? visit(cache, hive, key, each, err) : found;
}

/* -------- the places -------- */

static int from_session(struct name_cache *cache, const struct hive *hive, hive_key key, const char *name,
			struct error *err)
{
	CLEANUP(free_ptr) char *sid = NULL, *account = NULL;

	(void)name;
	if (text_of(hive, key, "LoggedOnUserSID", &sid, err) < 0 ||
	    either_text(hive, key, "LoggedOnSAMUser", "LoggedOnUser", &account, err) < 0)
		return -1;
	return add_account(cache, sid, account, err);
}

static int from_logon(struct name_cache *cache, const struct hive *hive, struct error *err)
{
	CLEANUP(free_ptr) char *sid = NULL, *account = NULL;
	hive_key                key;
	int                     found;

	if (visit_path(cache, hive, hive_root(hive), LOGON_UI "\\SessionData", from_session, err) < 0)
		return -1;
	found = hive_find(hive, hive_root(hive), LOGON_UI, &key, err);
	if (found <= 0)
		return found;
	if (text_of(hive, key, "LastLoggedOnUserSID", &sid, err) < 0 ||
	    either_text(hive, key, "LastLoggedOnSAMUser", "LastLoggedOnUser", &account, err) < 0)
		return -1;
	return add_account(cache, sid, account, err);
}

/* A key that is called after the SID. */
static int from_identity(struct name_cache *cache, const struct hive *hive, hive_key key, const char *name,
			 struct error *err)
{
	CLEANUP(free_ptr) char *account = NULL;

	if (either_text(hive, key, "SAMName", "UserName", &account, err) < 0)
		return -1;
	if (!account && text_of(hive, key, "IdentityName", &account, err) < 0)
		return -1;
	return add_account(cache, name, account, err);
}

static int from_identities(struct name_cache *cache, const struct hive *hive, hive_key key, const char *name,
			   struct error *err)
{
	(void)name;
	return visit_path(cache, hive, key, "IdentityCache", from_identity, err);
}

static int from_provider(struct name_cache *cache, const struct hive *hive, hive_key key, const char *name,
			 struct error *err)
{
	(void)name;
	return visit_path(cache, hive, key, "Sid2Name", from_identity, err);
}

static int from_policy(struct name_cache *cache, const struct hive *hive, hive_key key, const char *name,
		       struct error *err)
{
	CLEANUP(free_ptr) char *account = NULL;
	hive_key                below;
	int                     found = hive_find(hive, key, "0", &below, err);

	if (found <= 0)
		return found;
	if (text_of(hive, below, "szName", &account, err) < 0)
		return -1;
	return add_account(cache, name, account, err);
}

/* SECURITY's Policy\PolPrDmN: length in bytes, room, an offset of four bytes, the name; PolPrDmS: the SID. */
static int from_domain(struct name_cache *cache, const struct hive *hive, struct error *err)
{
	CLEANUP(registry_value_release) struct registry_value name = { 0 }, value = { 0 };
	CLEANUP(free_ptr) char                               *text = NULL;
	struct bytes                                          bytes, part;
	struct sid                                            sid;
	hive_key                                              key;
	int found = hive_find(hive, hive_root(hive), "Policy\\PolPrDmN", &key, err);

	if (found == 1)
		found = hive_value(hive, key, "", &name, err);
	if (found == 1)
		found = hive_find(hive, hive_root(hive), "Policy\\PolPrDmS", &key, err);
	if (found == 1)
		found = hive_value(hive, key, "", &value, err);
	if (found <= 0)
		return found;
	bytes = (struct bytes){ value.data, value.size, 0 };
	if (!sid_take(&bytes, &sid))
		return 0;
	bytes = (struct bytes){ name.data, name.size, 0 };
	if (bytes.left < 8 || !bytes_sub(bytes, 8, le16_at(bytes.at), &part) || !part.left)
		return 0;
	text = malloc(3 * (part.left / 2) + 1);
	if (!text)
		return error_memory(err);
	utf16_to_utf8(part.at, part.left / 2, text);
	return add(cache, sid_text(&sid).text, text, strlen(text), "", err);
}

int name_cache_read(struct name_cache *cache, const struct hive *software, const struct hive *security,
		    struct error *err)
{
	*cache = (struct name_cache){ 0 };
	if (security->handle && from_domain(cache, security, err) < 0)
		return -1;
	if (!software->handle)
		return 0;
	if (from_logon(cache, software, err) < 0 ||
	    visit_path(cache, software, hive_root(software), "Microsoft\\IdentityStore\\Cache",
		       from_identities, err) < 0 ||
	    visit_path(cache, software, hive_root(software), "Microsoft\\IdentityStore\\LogonCache",
		       from_provider, err) < 0)
		return -1;
	return visit_path(cache, software, hive_root(software),
			  "Microsoft\\Windows\\CurrentVersion\\Group Policy\\DataStore", from_policy, err);
}

/* -------- asking -------- */

const struct cached_name *name_cache_find(const struct name_cache *cache, const char *sid)
{
	for (size_t i = 0; i < cache->count; i++)
		if (*cache->items[i].name && strcasecmp(cache->items[i].sid, sid) == 0)
			return &cache->items[i];
	return NULL;
}

/* The length of a SID's text without its last number; that of a domain is the whole. */
static size_t domain_length(const struct cached_name *cached)
{
	const char *last = strrchr(cached->sid, '-');

	return *cached->name && last ? (size_t)(last - cached->sid) : strlen(cached->sid);
}

const char *name_cache_domain(const struct name_cache *cache, const char *sid)
{
	const char *last = strrchr(sid, '-');
	size_t      length = last ? (size_t)(last - sid) : 0;

	for (size_t i = 0; i < cache->count; i++)
		if (*cache->items[i].domain && domain_length(&cache->items[i]) == length &&
		    strncasecmp(cache->items[i].sid, sid, length) == 0)
			return cache->items[i].domain;
	return NULL;
}
