/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_rules.c - holdfast rules: what rule files say, and whether they can be used */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/text.h"
#include "recover/rules/config_file.h"
#include "recover/rules/offline_file.h"
#include "recover/rules/rule_report.h"
#include "recover/rules/rule_trial.h"

#include <string.h>
#include <strings.h>

#define TOLD_MAX 20u /* remarks of a file in the text; all of them with --verbose */

static const char usage[] =
	"Usage: holdfast rules [--on VOLUME]... [--list] [FILE]...\n"
	"\n"
	"Check migration rule files (MigXML), Config.xml and Offline.xml, and explain\n"
	"them: what each component takes and leaves, what has no effect as it is written,\n"
	"and what is not done offline. Without a FILE the rules that are built in are\n"
	"explained. Nothing is written.\n"
	"\n"
	"      --on VOLUME   tell also what they would take of this volume,\n"
	"                    [LETTER=]SOURCE, and what user data they would leave; may be\n"
	"                    given several times\n"
	"      --list        with --on, every file and setting that they would take\n"
	"      --json        one JSON document instead of text\n"
	"  -q, --quiet       only what does not happen as it is written\n"
	"  -v, --verbose     every object and every remark\n"
	"  -h, --help        this text\n"
	"\n"
	"Exit status: 0 all that the files say can be done; 1 something in them has no\n"
	"effect, or is not done offline; 2 usage; 3 a file is broken or cannot be read.\n";

enum file_kind { KIND_RULES, KIND_CONFIG, KIND_OFFLINE };

struct rules_command {
	struct command_options common;
	struct json            json;
	bool                   broken, weighs, list;
	struct ARRAY(char *) urlids; /* of the rule files so far */
	struct ARRAY(const char *) paths; /* of all rule files */
	struct ARRAY(char *) volumes; /* --on */
	const char *config; /* the last Config.xml */
};

/* -------- parts -------- */

static void say(const char *text)
{
	text_print(stdout, text, strlen(text));
}

static void begin_file(struct rules_command *command, const char *path, const char *kind)
{
	if (command->common.json) {
		json_begin(&command->json, '{');
		json_key_string(&command->json, "path", path);
		json_key_string(&command->json, "kind", kind);
		return;
	}
	say(path);
	printf(": %s\n", kind);
}

static void end_file(struct rules_command *command, const struct xml_remarks *form,
		     const struct xml_remarks *language)
{
	struct json *json = &command->json;

	command->weighs = command->weighs || rule_remarks_weigh(form) || rule_remarks_weigh(language);
	if (command->common.json) {
		json_key(json, "remarks");
		json_begin(json, '[');
		rule_remarks_json(json, form);
		rule_remarks_json(json, language);
		json_end(json, ']');
		json_end(json, '}');
		return;
	}
	rule_remarks_print(form, "remark: ", !command->common.quiet,
			   command->common.verbose ? SIZE_MAX : TOLD_MAX);
	rule_remarks_print(language, "remark: ", !command->common.quiet,
			   command->common.verbose ? SIZE_MAX : TOLD_MAX);
	putchar('\n');
}

/* -------- rule files -------- */

/* A second file with the same urlid is not used. */
static int check_urlid(struct rules_command *command, const char *urlid, bool *duplicate, struct error *err)
{
	char *copy;

	for (size_t i = 0; i < command->urlids.count; i++)
		*duplicate = *duplicate || strcasecmp(command->urlids.items[i], urlid) == 0;
	copy = strdup(urlid);
	if (copy && array_push(&command->urlids, copy))
		return 0;
	free(copy);
	return error_memory(err);
}

static bool has_pointless(const struct rule_review *review)
{
	for (size_t i = 0; i < review->components.count; i++)
		if (review->components.items[i].pointless)
			return true;
	return false;
}

static void tell_rules(struct rules_command *command, const struct rule_file *file,
		       const struct rule_review *review, bool duplicate)
{
	if (command->common.json) {
		json_key_bool(&command->json, "ignored", duplicate);
		rule_report_json(&command->json, file, review);
		return;
	}
	if (duplicate)
		puts("  is ignored: a file before it has the same urlid; give it one of its own");
	if (!command->common.quiet)
		rule_report_print(file, review, command->common.verbose);
	else
		for (size_t i = 0; i < review->components.count; i++)
			if (review->components.items[i].pointless)
				printf("line %d: this component only excludes and has no effect\n",
				       review->components.items[i].component->line);
	if (review->not_done.count)
		puts("\nnot done offline:");
	rule_remarks_print(&review->not_done, "  ", true, command->common.verbose ? SIZE_MAX : TOLD_MAX);
}

/* Explain the file, once it is read without an error (@result). */
static int explain_rules(struct rules_command *command, const char *path, struct rule_file *file, int result,
			 struct error *err)
{
	CLEANUP(rule_review_release) struct rule_review review = { 0 };
	bool                                            duplicate = false;

	if (result < 0 || rule_review_make(&review, file, err) < 0 ||
	    check_urlid(command, file->urlid, &duplicate, err) < 0)
		return -1;
	begin_file(command, path, "rules");
	tell_rules(command, file, &review, duplicate);
	command->weighs = command->weighs || duplicate || review.not_done.count || has_pointless(&review);
	end_file(command, &file->document.remarks, &file->remarks);
	return 0;
}

static int explain_rule_file(struct rules_command *command, const char *path, struct error *err)
{
	CLEANUP(rule_file_release) struct rule_file file = { 0 };

	return explain_rules(command, path, &file, rule_file_read(&file, path, err), err);
}

static int explain_builtin(struct rules_command *command, struct error *err)
{
	CLEANUP(rule_file_release) struct rule_file file = { 0 };

	return explain_rules(command, "built-in rules", &file, rule_file_builtin(&file, err), err);
}

/* -------- Config.xml -------- */

static const char *policy_word(const struct config_policy *policy)
{
	if (policy->lock != CONFIG_LOCK_UNSAID)
		return policy->lock == CONFIG_LOCK_LINK ? "link" : "error";
	return policy->error == CONFIG_ERROR_FATAL ? "fatal" : "not fatal";
}

/* Nothing is locked on a volume that lies still, and what a hive cannot give is told in any case. */
static bool has_effect(const struct config_policy *policy)
{
	return policy->lock == CONFIG_LOCK_UNSAID && policy->type == OBJECT_FILE;
}

static void print_policies(const char *what, const struct config_policy *policies, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		printf("  %s%s", what, policies[i].type == OBJECT_REGISTRY ? " in the registry" : "");
		if (policies[i].code != UINT32_MAX)
			printf(" %u", policies[i].code);
		printf(": %s for ", policy_word(&policies[i]));
		say(policies[i].pattern);
		printf(", line %d%s\n", policies[i].line, has_effect(&policies[i]) ? "" : ", without effect offline");
	}
}

static void print_map(const char *what, const char *from, const char *to)
{
	printf("  %s ", what);
	say(from);
	fputs(" becomes ", stdout);
	say(to);
	putchar('\n');
}

static void print_config(const struct config_file *config)
{
	size_t left = 0;

	for (size_t i = 0; i < config->count; i++)
		left += !config->components[i].migrate;
	printf("  %zu components, %zu of them left out\n", config->count, left);
	for (size_t i = 0; i < config->count; i++) {
		if (config->components[i].migrate)
			continue;
		fputs("  leaves out ", stdout);
		say(config->components[i].id);
		printf(", line %d\n", config->components[i].line);
	}
	print_policies("an error", config->errors, config->error_count);
	print_policies("a locked file", config->locks, config->lock_count);
	for (size_t i = 0; i < config->group_count; i++)
		print_map("membership of the group", config->groups[i].from, config->groups[i].to);
	for (size_t i = 0; i < config->domain_count; i++)
		print_map("the domain", config->domains[i].from, config->domains[i].to);
	for (size_t i = 0; i < config->user_count; i++)
		print_map("the user", config->users[i].from, config->users[i].to);
}

static void json_policies(struct json *json, const char *key, const struct config_policy *policies,
			  size_t count)
{
	json_key(json, key);
	json_begin(json, '[');
	for (size_t i = 0; i < count; i++) {
		json_begin(json, '{');
		json_key_string(json, "type", policies[i].type == OBJECT_REGISTRY ? "registry" : "file");
		json_key(json, "code");
		if (policies[i].code == UINT32_MAX)
			json_null(json);
		else
			json_uint(json, policies[i].code);
		json_key_string(json, "answer", policy_word(&policies[i]));
		json_key_string(json, "pattern", policies[i].pattern);
		json_key_bool(json, "effect", has_effect(&policies[i]));
		json_key_uint(json, "line", (uint64_t)policies[i].line);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void json_map(struct json *json, const char *from, const char *to)
{
	json_begin(json, '{');
	json_key_string(json, "from", from);
	json_key_string(json, "to", to);
	json_end(json, '}');
}

static void json_config(struct json *json, const struct config_file *config)
{
	json_key(json, "components");
	json_begin(json, '[');
	for (size_t i = 0; i < config->count; i++) {
		json_begin(json, '{');
		json_key_string(json, "id", config->components[i].id);
		json_key_string(json, "name", config->components[i].display_name);
		json_key_bool(json, "migrate", config->components[i].migrate);
		json_key_uint(json, "line", (uint64_t)config->components[i].line);
		json_end(json, '}');
	}
	json_end(json, ']');
	json_policies(json, "errors", config->errors, config->error_count);
	json_policies(json, "locked_files", config->locks, config->lock_count);
	json_key(json, "groups");
	json_begin(json, '[');
	for (size_t i = 0; i < config->group_count; i++)
		json_map(json, config->groups[i].from, config->groups[i].to);
	json_end(json, ']');
	json_key(json, "domains");
	json_begin(json, '[');
	for (size_t i = 0; i < config->domain_count; i++)
		json_map(json, config->domains[i].from, config->domains[i].to);
	json_end(json, ']');
	json_key(json, "users");
	json_begin(json, '[');
	for (size_t i = 0; i < config->user_count; i++)
		json_map(json, config->users[i].from, config->users[i].to);
	json_end(json, ']');
}

static int explain_config(struct rules_command *command, const char *path, struct error *err)
{
	CLEANUP(config_file_release) struct config_file config = { 0 };

	if (config_file_read(&config, path, err) < 0)
		return -1;
	begin_file(command, path, "config");
	if (command->common.json)
		json_config(&command->json, &config);
	else if (!command->common.quiet)
		print_config(&config);
	end_file(command, &config.document.remarks, &config.remarks);
	return 0;
}

/* -------- Offline.xml -------- */

static void print_texts(const char *what, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fputs(what, stdout);
		say(texts[i]);
		putchar('\n');
	}
}

static int explain_offline(struct rules_command *command, const char *path, struct error *err)
{
	CLEANUP(offline_file_release) struct offline_file offline = { 0 };

	if (offline_file_read(&offline, path, err) < 0)
		return -1;
	begin_file(command, path, "offline");
	if (command->common.json) {
		json_key_strings(&command->json, "directories", offline.directories, offline.count);
		json_key_strings(&command->json, "mappings", offline.mappings, offline.mapping_count);
		json_key_bool(&command->json, "fail_on_multiple", offline.fail_on_multiple);
	} else if (!command->common.quiet) {
		print_texts("  looks for Windows in ", offline.directories, offline.count);
		print_texts("  maps ", offline.mappings, offline.mapping_count);
		printf("  where several are found: %s\n",
		       offline.fail_on_multiple ? "it is an error" : "the first is used");
	}
	end_file(command, &offline.document.remarks, &offline.remarks);
	return 0;
}

/* -------- the command -------- */

/* What a file is, by its root; a file that is none of these is judged as rules. */
static int find_kind(const char *path, enum file_kind *kind, struct error *err)
{
	CLEANUP(xml_document_release) struct xml_document document = { 0 };

	if (xml_document_read(&document, path, err) < 0)
		return -1;
	*kind = xml_is(document.root, "Configuration") ? KIND_CONFIG :
		xml_is(document.root, "offline")       ? KIND_OFFLINE :
							 KIND_RULES;
	return 0;
}

static int explain(struct rules_command *command, const char *path, struct error *err)
{
	enum file_kind kind;

	if (find_kind(path, &kind, err) < 0)
		return -1;
	if (kind == KIND_CONFIG)
		command->config = path;
	else if (kind == KIND_RULES && !array_push(&command->paths, path))
		return error_memory(err);
	if (kind == KIND_CONFIG)
		return explain_config(command, path, err);
	return kind == KIND_OFFLINE ? explain_offline(command, path, err) :
				      explain_rule_file(command, path, err);
}

/* The error on stderr, and in the JSON; the other files are explained all the same. */
static void note_failure(struct rules_command *command, const char *path, const struct error *err)
{
	struct json *json = &command->json;

	command->broken = true;
	(void)command_failed("rules", err);
	if (!command->common.json)
		return;
	json_begin(json, '{');
	json_key_string(json, "path", path);
	json_key_string(json, "kind", NULL);
	json_key_string(json, "error", err->text);
	json_end(json, '}');
}

static void explain_all(struct rules_command *command, char **paths, size_t count)
{
	struct error err;

	if (!count && explain_builtin(command, &err) < 0)
		note_failure(command, "built-in rules", &err);
	for (size_t i = 0; i < count; i++)
		if (explain(command, paths[i], &err) < 0)
			note_failure(command, paths[i], &err);
}

/* -------- on volumes -------- */

static int try_on(void *context, struct work_volumes *volumes, struct error *err)
{
	struct rules_command                       *command = context;
	const struct migration_options              options = {
		.rules = command->paths.items,
		.rule_count = command->paths.count,
		.config = command->config,
		.users = { .all = true },
	};
	CLEANUP(rule_trial_release) struct rule_trial trial = { 0 };

	for (size_t i = 0; i < volumes->count; i++)
		if (work_volume_read(&volumes->items[i], err) < 0)
			return -1;
	if (rule_trial_make(&trial, &options, volumes, err) < 0)
		return -1;
	command->weighs = command->weighs || trial.selection.unhonoured.count;
	if (command->common.json)
		return rule_trial_json(&trial, command->list, &command->json, err);
	return rule_trial_print(&trial, command->common.verbose, command->list, err);
}

/* What the rules would take, if volumes were named. */
static void try_rules(struct rules_command *command)
{
	struct error err;

	if (!command->volumes.count || command->broken)
		return;
	if (command->common.json) {
		json_key(&command->json, "on");
		json_begin(&command->json, '{');
	}
	if (work_volumes_run(command->volumes.items, command->volumes.count, WORK_READ, try_on, command, &err) < 0) {
		command->broken = true;
		(void)command_failed("rules", &err);
	}
	if (command->common.json)
		json_end(&command->json, '}');
}

static int finish(struct rules_command *command)
{
	struct error err;

	for (size_t i = 0; i < command->urlids.count; i++)
		free(command->urlids.items[i]);
	array_release(&command->urlids);
	array_release(&command->paths);
	array_release(&command->volumes);
	if (command_flush(&err) < 0)
		return command_failed("rules", &err);
	return command->broken ? EXIT_FAILED : command->weighs ? EXIT_DAMAGED : EXIT_GOOD;
}

int cmd_rules(int argc, char **argv)
{
	enum { ON = 0x200, LIST };
	static const struct option options[] = { { "on", required_argument, NULL, ON },
						 { "list", no_argument, NULL, LIST },
						 COMMAND_LONG,
						 { NULL, 0, NULL, 0 } };
	struct rules_command       command = { .json = { .out = stdout, .indent = 2 } };
	struct error               err;
	int                        option;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1)
		if (option == LIST) {
			command.list = true;
		} else if (option != ON) {
			command_option(option, argv, usage, &command.common);
		} else if (!array_push(&command.volumes, optarg)) {
			(void)error_memory(&err);
			return command_failed("rules", &err);
		}
	if (command.common.json) {
		json_begin(&command.json, '{');
		json_key(&command.json, "files");
		json_begin(&command.json, '[');
	}
	explain_all(&command, argv + optind, (size_t)(argc - optind));
	if (command.common.json)
		json_end(&command.json, ']');
	try_rules(&command);
	if (command.common.json) {
		json_end(&command.json, '}');
		putchar('\n');
	}
	return finish(&command);
}
