/* SPDX-License-Identifier: GPL-3.0-or-later */
/* migration_report.c - see migration_report.h */
#include "recover/engine/migration_report.h"

#include "core/text.h"

#include <string.h>

#define TOLD 10u

static void print_text(FILE *out, const char *text)
{
	text_print(out, text, strlen(text));
}

/* "CORP\anna", or the SID of somebody without a name. */
static void print_name(FILE *out, const struct user_profile *profile)
{
	if (*profile->domain) {
		print_text(out, profile->domain);
		putc('\\', out);
	}
	print_text(out, *profile->name ? profile->name : profile->sid);
}

static void print_user(const struct chosen_account *account, FILE *out)
{
	fputs(account->chosen ? "   " : "   NOT ", out);
	print_name(out, account->profile);
	fputs("  ", out);
	print_text(out, account->profile->path);
	if (*account->why) {
		fputs("  (", out);
		print_text(out, account->why);
		putc(')', out);
	}
	if (account->profile->trouble) {
		fputs("\n       ", out);
		print_text(out, account->profile->trouble);
	}
	putc('\n', out);
}

static void print_users(const struct migration *migration, FILE *out)
{
	const struct chosen_accounts *accounts = &migration->accounts;

	fputs("Users of ", out);
	print_text(out, migration->windows.directory);
	fprintf(out, ": %s\n", text_count(accounts->count).text);
	for (size_t i = 0; i < accounts->count; i++)
		print_user(&accounts->items[i], out);
	if (migration->windows.trouble) {
		fputs("   ", out);
		print_text(out, migration->windows.trouble);
		putc('\n', out);
	}
}

static void print_unhonoured(const struct unhonoureds *list, bool all, FILE *out)
{
	size_t shown = all || list->count <= TOLD ? list->count : TOLD;

	if (list->count)
		fprintf(out, "Of the rules, not honoured offline: %s\n", text_count(list->count).text);
	for (size_t i = 0; i < shown; i++) {
		fputs("   ", out);
		print_text(out, list->items[i].file);
		fprintf(out, ":%d: ", list->items[i].line);
		print_text(out, list->items[i].what);
		putc('\n', out);
	}
	if (shown < list->count)
		fprintf(out, "   ... and %s more (-v lists them)\n", text_count(list->count - shown).text);
}

void migration_report_print(const struct migration *migration, const struct rule_selection *selection, bool all,
			    FILE *out)
{
	if (migration->has_windows)
		print_users(migration, out);
	else
		fputs("NO WINDOWS was found: what the rules say of users and of the registry takes nothing\n", out);
	print_unhonoured(&selection->unhonoured, all, out);
}

/* -------- JSON -------- */

static void put_users(const struct chosen_accounts *accounts, struct json *json)
{
	json_key(json, "users");
	json_begin(json, '[');
	for (size_t i = 0; i < accounts->count; i++) {
		const struct chosen_account *account = &accounts->items[i];

		json_begin(json, '{');
		json_key_string(json, "sid", account->profile->sid);
		json_key_string(json, "name", account->profile->name);
		json_key_string(json, "domain", account->profile->domain);
		json_key_string(json, "profile", account->profile->path);
		json_key_bool(json, "chosen", account->chosen);
		json_key_string(json, "why", *account->why ? account->why : NULL);
		json_key_string(json, "trouble", account->profile->trouble);
		json_end(json, '}');
	}
	json_end(json, ']');
}

/* The file's name without its folders: the same rules from elsewhere are the same rules. */
static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void put_rules(const struct migration *migration, struct json *json)
{
	json_key(json, "rules");
	json_begin(json, '[');
	for (size_t i = 0; i < migration->file_count; i++) {
		json_begin(json, '{');
		json_key_string(json, "file", file_name(migration->files[i].document.name));
		json_key_string(json, "urlid", migration->files[i].urlid);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void put_components(const struct selected_components *components, struct json *json)
{
	json_key(json, "components");
	json_begin(json, '[');
	for (size_t i = 0; i < components->count; i++) {
		const struct selected_component *item = &components->items[i];

		json_begin(json, '{');
		json_key_string(json, "component", item->component->display_name);
		json_key_string(json, "role", item->role->role);
		json_key_string(json, "user", item->user ? item->user->sid : NULL);
		json_key_bool(json, "detected", item->detected);
		json_key_bool(json, "migrated", item->migrated);
		json_key_uint(json, "files", item->files);
		json_key_uint(json, "bytes", item->bytes);
		json_key_uint(json, "values", item->values);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void put_unhonoured(const struct unhonoureds *list, struct json *json)
{
	json_key(json, "not_honoured");
	json_begin(json, '[');
	for (size_t i = 0; i < list->count; i++) {
		json_begin(json, '{');
		json_key_string(json, "file", file_name(list->items[i].file));
		json_key_uint(json, "line", (uint64_t)list->items[i].line);
		json_key_string(json, "what", list->items[i].what);
		json_end(json, '}');
	}
	json_end(json, ']');
}

void migration_report_json(const struct migration *migration, const struct rule_selection *selection,
			   struct json *json)
{
	json_key_string(json, "windows", migration->has_windows ? migration->windows.directory : NULL);
	put_users(&migration->accounts, json);
	put_rules(migration, json);
	put_components(&selection->components, json);
	put_unhonoured(&selection->unhonoured, json);
}

size_t migration_report_troubles(const struct migration *migration)
{
	size_t troubles = migration->has_windows && migration->windows.trouble;

	for (size_t i = 0; i < migration->accounts.count; i++)
		troubles += migration->accounts.items[i].profile->trouble != NULL;
	return troubles;
}
