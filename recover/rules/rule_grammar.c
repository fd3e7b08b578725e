/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_grammar.c - see rule_grammar.h */
#include "recover/rules/rule_grammar.h"

#include <string.h>
#include <strings.h>

enum element_flags {
	TEXT     = 1, /* has text */
	OPEN     = 2, /* what is not known in it may be passed over, if nothing that counts is inside */
	HARMLESS = 4, /* may be passed over where it does not belong */
	ALWAYS   = 8, /* is empty only by mistake */
};

#define CONTEXT "context=System|User|UserAndSystem"
#define BOOLEAN "1|TRUE|Yes|0|FALSE|No"
#define WHEN    "when?=pre-scan|scan-success|post-scan|pre-apply|apply-success|post-apply"
#define TYPE    "type!=File|Registry|Ini"
#define HAVE_OBJECTS                                                                                     \
	"include exclude unconditionalExclude includeAttributes excludeAttributes merge windowsObjects " \
	"locationModify contentModify destinationCleanup content detect variable"

/*
 * An element, where it may stand, and its attributes: NAME, NAME! that must be there, NAME? that should be;
 * =A|B|... are the values it has, for NAME? those it usually has.
 */
static const struct element {
	const char *name, *parents, *attributes;
	unsigned    flags;
} elements[] = {
	{ "migration", "", "urlid!", OPEN },
	{ "library", "migration", "prefix", OPEN | TEXT | HARMLESS },
	{ "_locDefinition", "migration", "", OPEN | HARMLESS },
	{ "_locDefault", "_locDefinition", "_loc", OPEN | TEXT | HARMLESS },
	{ "_locTag", "_locDefinition", "_loc", OPEN | TEXT | HARMLESS },
	{ "namedElements", "migration", "name", OPEN },
	{ "component", "migration role",
	  "type?=System|Application|Device|Documents " CONTEXT " defaultSupported=" BOOLEAN " hidden=" BOOLEAN, OPEN },
	{ "displayName", "component", "_locID", OPEN | TEXT | HARMLESS },
	{ "manufacturer", "component", "", OPEN | TEXT | HARMLESS },
	{ "version", "component supportedComponent", "", OPEN | TEXT | HARMLESS },
	{ "description", "component", "", OPEN | TEXT | HARMLESS },
	{ "icon", "component", "", OPEN | TEXT | HARMLESS },
	{ "paths", "component", "", OPEN | HARMLESS },
	{ "path", "paths", "type", OPEN | TEXT | HARMLESS },
	{ "extensions", "component", "", 0 },
	{ "extension", "extensions", "", TEXT | ALWAYS },
	{ "role", "component", "role?=Container|Binaries|Settings|Data", OPEN },
	{ "supportedComponents", "role", "", 0 },
	{ "supportedComponent", "supportedComponents", "id rules=add|replace", 0 },
	{ "environment", "component role namedElements", "name " CONTEXT, 0 },
	{ "variable", "environment", "name! remap=" BOOLEAN, ALWAYS },
	{ "text", "variable", "", TEXT },
	{ "detects", "role rules namedElements", "name " CONTEXT, 0 },
	{ "detect", "detects namedElements", "name " CONTEXT, 0 },
	{ "detection", "role namedElements", "name " CONTEXT, 0 },
	{ "conditions", "rules detection conditions detect environment objectSet addObjects namedElements",
	  "name operation=AND|OR", 0 },
	{ "condition", "conditions rules detection detect environment objectSet addObjects", "negation=" BOOLEAN,
	  TEXT | ALWAYS },
	{ "rules", "role rules supportedComponent namedElements", "name " CONTEXT, 0 },
	{ "include", "rules", "filter", ALWAYS },
	{ "exclude", "rules", "filter", ALWAYS },
	{ "unconditionalExclude", "rules", "filter", ALWAYS },
	{ "windowsObjects", "rules", "filter", ALWAYS },
	{ "destinationCleanup", "rules", "filter", ALWAYS | HARMLESS },
	{ "includeAttributes", "rules", "attributes!", ALWAYS },
	{ "excludeAttributes", "rules", "attributes!", ALWAYS },
	{ "merge", "rules", "script!", ALWAYS },
	{ "locationModify", "rules", "script!", ALWAYS },
	{ "contentModify", "rules", "script!", ALWAYS },
	{ "addObjects", "rules", "", ALWAYS },
	{ "object", "addObjects", "", ALWAYS },
	{ "location", "object", TYPE, TEXT | ALWAYS },
	{ "attributes", "object", "", TEXT },
	{ "bytes", "object", "string=" BOOLEAN " expand=" BOOLEAN, TEXT },
	{ "externalProcess", "rules", WHEN, ALWAYS | HARMLESS },
	{ "commandLine", "externalProcess", "", TEXT | ALWAYS | HARMLESS },
	{ "processing", "rules", WHEN, ALWAYS | HARMLESS },
	{ "objectSet", HAVE_OBJECTS, "", ALWAYS },
	{ "pattern", "objectSet", TYPE, TEXT | ALWAYS },
	{ "content", "objectSet", "filter!", ALWAYS },
	{ "script", "objectSet variable processing addObjects", "", TEXT | ALWAYS },
};

#define ELEMENTS (sizeof elements / sizeof elements[0])

struct checker {
	const struct xml_document *document;
	struct xml_remarks        *remarks;
	struct arena              *memory;
	struct error              *err;
};

/* -------- words in a list -------- */

/* The next word of a list that @separator parts, with its length; NULL behind the last. */
static const char *next_word(const char **list, char separator, size_t *length)
{
	const char *word = *list, *end = strchrnul(word, separator);

	if (!*word)
		return NULL;
	*length = (size_t)(end - word);
	*list = *end ? end + 1 : end;
	return word;
}

static bool same_word(const char *word, size_t length, const char *text)
{
	return strlen(text) == length && strncasecmp(word, text, length) == 0;
}

static bool list_has(const char *list, char separator, const char *text)
{
	const char *word;
	size_t      length;

	while ((word = next_word(&list, separator, &length)))
		if (same_word(word, length, text))
			return true;
	return false;
}

static const struct element *find_element(const char *name)
{
	for (size_t i = 0; i < ELEMENTS; i++)
		if (strcasecmp(elements[i].name, name) == 0)
			return &elements[i];
	return NULL;
}

/* -------- attributes -------- */

#define ATTRIBUTE_BYTES 160u

/* "type!=File|Registry|Ini" in parts. */
struct attribute_rule {
	char        text[ATTRIBUTE_BYTES]; /* the name */
	char        need;                  /* '!', '?' or 0 */
	const char *values;                /* NULL: any */
};

static bool next_attribute_rule(const char **list, struct attribute_rule *rule)
{
	size_t      length;
	const char *word = next_word(list, ' ', &length);
	char       *end;

	if (!word)
		return false;
	snprintf(rule->text, sizeof rule->text, "%.*s", (int)length, word);
	end = rule->text + strcspn(rule->text, "!?=");
	rule->need = *end == '=' ? 0 : *end;
	rule->values = strchr(end, '=') ? strchr(end, '=') + 1 : NULL;
	*end = 0;
	return true;
}

static int check_value(const struct checker *checker, const struct xml_node *node, const struct attribute_rule *rule)
{
	const char *value = xml_attribute(node, rule->text);
	const char *wanted = rule->values ? rule->values : "a text";

	if (value && (!rule->values || list_has(rule->values, '|', value)) && (*value || rule->need != '!'))
		return 0;
	if (!value && !rule->need)
		return 0;
	if (rule->need == '?')
		return xml_remark(checker->remarks, checker->memory, node->line, false, checker->err,
				  "<%.40s> has %s=\"%.40s\"; the language knows %s", node->name, rule->text,
				  value ? value : "", wanted);
	if (!value)
		return xml_error(checker->document, node->line, checker->err, "<%.40s> lacks %s=\"...\": %s",
				 node->name, rule->text, wanted);
	return xml_error(checker->document, node->line, checker->err, "<%.40s %s=\"%.40s\">: write %s", node->name,
			 rule->text, value, wanted);
}

static int check_attributes(const struct checker *checker, const struct xml_node *node, const struct element *element)
{
	struct attribute_rule rule;

	for (const char *list = element->attributes; next_attribute_rule(&list, &rule);)
		if (check_value(checker, node, &rule) < 0)
			return -1;
	for (size_t i = 0; i < node->attribute_count; i++) {
		bool known = false;

		for (const char *list = element->attributes; !known && next_attribute_rule(&list, &rule);)
			known = strcasecmp(rule.text, node->attributes[i].name) == 0;
		if (!known && xml_remark(checker->remarks, checker->memory, node->line, true, checker->err,
					 "<%.40s> has no attribute %.40s; it is passed over", node->name,
					 node->attributes[i].name) < 0)
			return -1;
	}
	return 0;
}

/* -------- elements -------- */

/* Is something of the language inside that would be lost with it? */
static bool holds_what_counts(const struct xml_node *node)
{
	const struct element *element = find_element(node->name);

	if (element && !(element->flags & HARMLESS))
		return true;
	for (const struct xml_node *child = node->child; child; child = child->next)
		if (holds_what_counts(child))
			return true;
	return false;
}

/* "a, b, ...": what may stand in an element, as much as there is room for. */
static void list_children(const char *parent, char *text, size_t size)
{
	char *at = text, *end = text + size - sizeof ", ...";

	strcpy(text, "nothing but text");
	for (size_t i = 0; i < ELEMENTS; i++) {
		if (!list_has(elements[i].parents, ' ', parent))
			continue;
		if (strlen(elements[i].name) + 2 > (size_t)(end - at)) {
			strcpy(at, ", ...");
			return;
		}
		at = stpcpy(stpcpy(at, at == text ? "" : ", "), elements[i].name);
	}
}

/* An element where it may not stand. */
static int misplaced(const struct checker *checker, const struct xml_node *node, const struct element *parent)
{
	const struct element *element = find_element(node->name);
	char                  known[160];

	if (element ? element->flags & HARMLESS : parent->flags & OPEN && !holds_what_counts(node))
		return xml_remark(checker->remarks, checker->memory, node->line, true, checker->err,
				  "<%.40s> means nothing in <%s> and is passed over", node->name, parent->name);
	if (element)
		return xml_error(checker->document, node->line, checker->err,
				 "<%s> cannot stand in <%s>; put it into <%.*s>", element->name, parent->name,
				 (int)strcspn(element->parents, " "), element->parents);
	list_children(parent->name, known, sizeof known);
	return xml_error(checker->document, node->line, checker->err,
			 "<%.40s> is not known in <%s>; there it takes %s", node->name, parent->name, known);
}

static int check_content(const struct checker *checker, const struct xml_node *node, const struct element *element)
{
	if (*node->text && !(element->flags & TEXT))
		return xml_remark(checker->remarks, checker->memory, node->line, true, checker->err,
				  "the text \"%.60s\" in <%s> means nothing and is passed over", node->text,
				  element->name);
	if (!(element->flags & ALWAYS) || (element->flags & TEXT ? *node->text != 0 : node->child != NULL))
		return 0;
	if (element->flags & TEXT)
		return xml_error(checker->document, node->line, checker->err, "<%s> is empty", element->name);
	return xml_remark(checker->remarks, checker->memory, node->line, true, checker->err,
			  "<%s> is empty and does nothing", element->name);
}

static int check_element(const struct checker *checker, const struct xml_node *node, const struct element *element)
{
	const struct element *known;

	if (check_attributes(checker, node, element) < 0 || check_content(checker, node, element) < 0)
		return -1;
	for (const struct xml_node *child = node->child; child; child = child->next) {
		known = find_element(child->name);
		if ((known && list_has(known->parents, ' ', element->name) ? check_element(checker, child, known) :
									     misplaced(checker, child, element)) < 0)
			return -1;
	}
	return 0;
}

int rule_grammar_check(const struct xml_document *document, struct xml_remarks *remarks, struct arena *memory,
		       struct error *err)
{
	const struct checker checker = { document, remarks, memory, err };

	return check_element(&checker, document->root, find_element("migration"));
}
