/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_file.h - a migration rule file (MigXML) as its author wrote it
 *
 * Parsed and checked, nothing evaluated: patterns are texts with their variables, conditions and
 * scripts are calls.  What the language does not know is an error with file, line and
 * element; what is merely odd (stray bytes, other case, a missing blank) is a remark.
 *
 * Format: the schema of MigXML as spec USMT 3.1 has it; all strings are UTF-8, borrowed from .document
 * unless said otherwise.
 */
#ifndef RECOVER_RULES_RULE_FILE_H
#define RECOVER_RULES_RULE_FILE_H

#include "recover/xml_document.h"

enum rule_context { CONTEXT_USER = 1, CONTEXT_SYSTEM = 2, CONTEXT_BOTH = 3 };

enum object_type { OBJECT_FILE, OBJECT_REGISTRY, OBJECT_INI };

/* "MigXmlHelper.Name('a',NULL)": name without its prefix. */
struct rule_call {
	char  *name;
	char  *library; /* of a prefix that is not MigXmlHelper: what it does is not known; else NULL */
	char **arguments; /* NULL: the NULL of the language, as are those left out */
	size_t count;
	int    line;
};

struct rule_pattern {
	enum object_type type;
	const char      *text; /* "C:\a\* [*.txt]", white space around it cut */
	int              line;
};

/* (condition | conditions)*: a tree. */
struct rule_condition {
	bool                   leaf;
	bool                   negated; /* of a leaf */
	bool                   any;     /* operation="OR" of its children; else all of them */
	struct rule_call       call;    /* of a leaf */
	struct rule_condition *items;   /* of the others */
	size_t                 count;
	int                    line;
};

enum source_kind { SOURCE_PATTERN, SOURCE_SCRIPT, SOURCE_CONTENT };

struct rule_object_set;

struct rule_source {
	enum source_kind        kind;
	struct rule_pattern     pattern;
	struct rule_call        call;    /* the script; of content its filter */
	struct rule_object_set *objects; /* of content */
	size_t                  object_count;
};

struct rule_object_set {
	struct rule_condition *condition; /* NULL: none */
	struct rule_source    *sources;
	size_t                 count;
	int                    line;
};

enum rule_kind {
	RULE_INCLUDE,
	RULE_EXCLUDE,
	RULE_UNCONDITIONAL_EXCLUDE,
	RULE_INCLUDE_ATTRIBUTES,
	RULE_EXCLUDE_ATTRIBUTES,
	RULE_MERGE,
	RULE_WINDOWS_OBJECTS,
	RULE_LOCATION_MODIFY,
	RULE_CONTENT_MODIFY,
	RULE_DESTINATION_CLEANUP,
	RULE_ADD_OBJECTS,
	RULE_EXTERNAL_PROCESS,
	RULE_PROCESSING,
};
#define RULE_KINDS (RULE_PROCESSING + 1)

enum rule_attributes { RULE_SECURITY = 1, RULE_TIME_FIELDS = 2 };

struct rule_new_object {
	enum object_type type;
	const char      *location;
	const char      *attributes; /* "DWORD", "ARCHIVE" */
	const char      *bytes;      /* hexadecimal, or text */
	bool             string;     /* .bytes is text */
	bool             expand;     /* and its variables are expanded */
	int              line;
};

struct rule {
	enum rule_kind          kind;
	struct rule_call       *call;       /* filter, script; NULL: none */
	unsigned                attributes; /* enum rule_attributes */
	struct rule_object_set *objects;
	size_t                  object_count;
	struct rule_condition  *condition; /* of addObjects; NULL: none */
	struct rule_new_object *added;     /* of addObjects */
	size_t                  added_count;
	const char             *when;    /* of externalProcess and processing */
	struct rule_call       *scripts; /* of processing and addObjects */
	size_t                  script_count;
	const char            **command_lines;
	size_t                  command_line_count;
	int                     line;
};

/* rules: they apply together, in their context, if their conditions hold. */
struct rule_group {
	const char             *name; /* or NULL */
	enum rule_context       context;
	struct rule_condition  *condition; /* of conditions and detects; NULL: always */
	struct rule_object_set *objects;   /* of its leaves "ObjectSet", as in a detection */
	size_t                  object_count;
	struct rule            *rules;
	size_t                  count;
	struct rule_group      *groups; /* rules in rules */
	size_t                  group_count;
	int                     line;
};

struct rule_variable {
	const char              *name;
	const char              *text; /* NULL: the two below */
	struct rule_call        *script;
	struct rule_object_set  *objects;
	size_t                   object_count;
	int                      line;
};

struct rule_environment {
	enum rule_context      context;
	struct rule_condition *condition; /* NULL: always */
	struct rule_variable  *variables;
	size_t                 count;
};

/*
 * detects, detection: does the application exist?  Several sections are alternatives; those of another context
 * are as if they were not there.
 */
struct rule_detection {
	enum rule_context       context;
	struct rule_condition  *condition; /* NULL: always */
	struct rule_object_set *objects;   /* of a leaf whose call is "ObjectSet": argument 0 is the index */
	size_t                  object_count;
};

struct rule_component;

struct rule_role {
	const char              *role; /* "Data", "Settings", ... */
	struct rule_detection   *detections; /* none: it applies */
	size_t                   detection_count;
	struct rule_environment *environments;
	size_t                   environment_count;
	struct rule_group       *groups;
	size_t                   group_count;
	struct rule_component   *components;
	size_t                   component_count;
	const char              *id; /* "<urlid>/<displayname>/<role>", the two in lower case; "" none */
	int                      line;
};

struct rule_component {
	const char              *type;
	enum rule_context        context;
	bool                     hidden, supported; /* .supported: defaultSupported */
	const char              *display_name;      /* "" none */
	struct rule_environment *environments;
	size_t                   environment_count;
	struct rule_role        *roles;
	size_t                   role_count;
	int                      line;
};

struct rule_file {
	struct xml_document    document;
	const char            *urlid;
	struct rule_component *components;
	size_t                 count;
	struct xml_remarks     remarks; /* of the language; those of XML are the document's */
	struct arena           memory;  /* of all the above */
};

/*
 * Read a rule file from the host, or parse its bytes.
 * Returns 0, or -1: file, line, element, what is wrong and what would be right.  Release in any case.
 */
MUST_CHECK int rule_file_read(struct rule_file *file, const char *path, struct error *err);
MUST_CHECK int rule_file_parse(struct rule_file *file, const char *name, const void *bytes, size_t size,
			       struct error *err);
void           rule_file_release(struct rule_file *file);

/* The rules that are built in, which take what belongs to the users. */
MUST_CHECK int rule_file_builtin(struct rule_file *file, struct error *err);

/* "include", "unconditionalExclude", ... */
const char *rule_kind_name(enum rule_kind kind);

#endif
