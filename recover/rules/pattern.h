/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pattern.h - "C:\Data\* [*.txt]": which objects a pattern of the rules means, and how specific it is
 *
 * "<node> [<leaf>]": directory or key, and file or value in it.  '*' is any run of units, '\' among them in a
 * node; "^[", "^]", "^*" and "^^" are those characters themselves; case does not count.  A node that ends
 * in "\*" is the directory and all below it.  Without a leaf only nodes are meant; the leaf "*" means
 * the node, too.  Variables are expanded before.  What variables bring along is taken leniently: brackets in a node
 * are its own, two separators are one, and the blank before the leaf may be missing.
 *
 * More specific (spec USMT 3.4): first the node, then the leaf; no wildcard before one, then the longer
 * literal beginning, then the longer literal text in all.  So a directory beats an extension, always: the
 * documentation has a row to the contrary ("C:\Dir1\Dir2\* [*]" with "C:\Dir1\* [*.txt]" excluded, said to
 * leave out the texts of Dir2), and its own rule wins here.
 */
#ifndef RECOVER_RULES_PATTERN_H
#define RECOVER_RULES_PATTERN_H

#include "recover/rules/rule_file.h"

struct pattern {
	enum object_type type;
	char            *node;  /* WTF-8, escapes resolved into PATTERN_ANY and plain characters, upper case */
	char            *leaf;  /* likewise; NULL: nodes only */
	bool             below; /* the node ended in "\*": .node is without it, and all below is meant, too */
	bool             anywhere; /* the node is "*" alone */
};

/* Stands for '*' in .node and .leaf: no name holds it. */
#define PATTERN_ANY '\x01'

/*
 * Parse a pattern whose variables are expanded.
 * Returns 0, or -1 with ERROR_VALUE and what is wrong with it.  pattern_release in any case.
 */
MUST_CHECK int pattern_parse(struct pattern *pattern, enum object_type type, const char *text, struct error *err);
void           pattern_release(struct pattern *pattern);

/* "^[" for "[", ...: a name as a pattern that means it alone; NULL without memory.  To be freed. */
char *pattern_escape(const char *name);

/* A text in the upper case of patterns; NULL without memory.  To be freed. */
char *pattern_upper(const char *text);

/* "HKEY_LOCAL_MACHINE\X" becomes "HKLM\X", in its place; another text stays as it is. */
void pattern_shorten_root(char *node);

/* True if the pattern means the object.  @leaf  NULL: the node itself.  Both WTF-8, any case. */
bool pattern_matches(const struct pattern *pattern, const char *node, const char *leaf);

/* Its two halves. */
bool pattern_means_node(const struct pattern *pattern, const char *node);
bool pattern_means_leaf(const struct pattern *pattern, const char *leaf);

/* Above 0 if @left is more specific, below if @right is, 0 if both are as much so. */
int pattern_compare(const struct pattern *left, const struct pattern *right);

#endif
