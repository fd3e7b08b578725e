/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules.h - rules and the volume that they are tried on, put together from texts
 */
#ifndef TESTS_RULES_H
#define TESTS_RULES_H

#include "recover/rules/rule_selection.h"
#include "tests/unit/tree.h"

struct test_rules {
	struct test_tree   tree;
	struct work_volume volume; /* C: */
	struct work_volumes volumes;
	struct rule_file   files[4];
	struct rule_set    set;
};

/* Begin with a tree of @paths ("\Users\a\x.txt;\Data\"), each file of 1000 bytes. */
void test_rules_begin(struct test_rules *it, const char *paths);

/* Add a rule file: what stands in <migration>. */
void test_rules_add(struct test_rules *it, const char *components);
void test_rules_release(struct test_rules *it);

/* A component for the machine with these rules. */
#define COMPONENT(rules)                                                                                    \
	"<component type=\"Documents\" context=\"System\"><displayName>N</displayName><role role=\"Data\">" \
	"<rules>" rules "</rules></role></component>"
#define PATTERN(text)  "<pattern type=\"File\">" text "</pattern>"
#define OBJECTS(set)   "<objectSet>" set "</objectSet>"
#define INCLUDE(text)  "<include>" OBJECTS(PATTERN(text)) "</include>"
#define EXCLUDE(text)  "<exclude>" OBJECTS(PATTERN(text)) "</exclude>"
#define NEVER(text)    "<unconditionalExclude>" OBJECTS(PATTERN(text)) "</unconditionalExclude>"

#endif
