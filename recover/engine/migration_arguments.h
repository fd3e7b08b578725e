/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * migration_arguments.h - --rules, --config, --user and their like, the same for every command that has them
 */
#ifndef RECOVER_ENGINE_MIGRATION_ARGUMENTS_H
#define RECOVER_ENGINE_MIGRATION_ARGUMENTS_H

#include "recover/engine/migration.h"

#include <getopt.h>

enum migration_argument { ARGUMENT_RULES = 0x100, ARGUMENT_CONFIG, ARGUMENT_USER, ARGUMENT_WITHOUT, ARGUMENT_WINDOWS,
			  ARGUMENT_MAP_USER, ARGUMENT_MAP_DOMAIN };

/* For the getopt_long tables. */
#define MIGRATION_LONG                                               \
	{ "rules", required_argument, NULL, ARGUMENT_RULES },        \
	{ "config", required_argument, NULL, ARGUMENT_CONFIG },      \
	{ "user", required_argument, NULL, ARGUMENT_USER },          \
	{ "without-user", required_argument, NULL, ARGUMENT_WITHOUT }, \
	{ "windows", required_argument, NULL, ARGUMENT_WINDOWS }

/* Of a restore, besides those. */
#define MIGRATION_MAP_LONG                                           \
	{ "map-user", required_argument, NULL, ARGUMENT_MAP_USER },  \
	{ "map-domain", required_argument, NULL, ARGUMENT_MAP_DOMAIN }

#define MIGRATION_MAP_USAGE                                                                                 \
	"      --map-user OLD=NEW    a stored user becomes another: DOMAIN\\name or\n"  \
	"                            a SID; several times\n"                             \
	"      --map-domain OLD=NEW  users of a domain or computer are of\n" \
	"                            another now; several times\n"

#define MIGRATION_USAGE                                                                                \
	"      --rules XML      migration rules (MigXML); may be given several times\n"                   \
	"      --config XML     a Config.xml: components that are left out, and what\n" \
	"                       errors mean\n"                                           \
	"      --user NAME      this user alone, DOMAIN\\NAME or a SID, with * ;\n" \
	"                       several times\n"                                         \
	"      --without-user NAME  not this user; --user goes before it; several times\n"                \
	"      --windows DIR    the Windows whose users and settings they are, as\n" \
	"                       in C:\\Windows\n"

/* Lists that the options gather in; the values themselves are of argv. */
struct migration_arguments {
	const char             **rules, **users, **without;
	struct account_rename   *user_maps, *domain_maps;
	const char              *wrong;   /* a value that is none, NULL: all are */
	struct migration_options options; /* borrows them */
};

/* Room for @argc of each.  Returns 0, or -1 without memory.  Release in any case. */
MUST_CHECK int migration_arguments_init(struct migration_arguments *arguments, int argc, struct error *err);
void           migration_arguments_release(struct migration_arguments *arguments);

/* Was any of them given? */
bool migration_arguments_any(const struct migration_arguments *arguments);

/*
 * Take an option of the enum; @value is argv's, and is cut at its '='.  False if @option is none, or the value of a
 * map has no '=': .wrong says so then.
 */
bool migration_arguments_take(struct migration_arguments *arguments, int option, char *value);

#endif
