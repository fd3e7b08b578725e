/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xml_document.h - an XML file as a tree; the one door to libxml2
 *
 * Read as leniently as people's rule files need: bytes before the declaration and behind the
 * root are passed over and noted, names compare without case.  Never with entities of the
 * file's own, external ones, a DTD, XInclude or the network.
 */
#ifndef RECOVER_XML_DOCUMENT_H
#define RECOVER_XML_DOCUMENT_H

#include "core/arena.h"
#include "core/array.h"

#define XML_DEPTH_MAX 256u              /* elements inside one another */
#define XML_ATTRIBUTES_MAX 256u         /* of one element */
#define XML_REMARKS_MAX 10000u          /* of a file; more are not kept */
#define XML_BYTES_MAX (16u * 1024 * 1024) /* of a document */

struct xml_attribute {
	const char *name, *value; /* UTF-8; those with a prefix, as xsi:..., are left out */
};

struct xml_node {
	const char           *name; /* without its prefix */
	int                   line; /* where its tag begins, from 1 */
	const char           *text; /* its own text and CDATA joined, white space around it cut; "" if none */
	struct xml_attribute *attributes;
	size_t                attribute_count;
	struct xml_node      *parent, *child, *next; /* child: the first */
};

/* Something that was passed over, and that the author should know. */
struct xml_remark {
	int         line;
	bool        lost; /* what the author wrote there does not happen; else it is merely odd */
	const char *text;
};

struct xml_remarks ARRAY(struct xml_remark);

struct xml_document {
	const char        *name; /* of the file, as messages have it */
	struct xml_node   *root;
	struct xml_remarks remarks;
	struct arena       memory; /* of all the above but .remarks.items */
};

/*
 * Parse @size bytes.  @name  for messages.
 * Returns 0, or -1 with the file, the line, the element and what to do.  Release in any case.
 */
MUST_CHECK int xml_document_parse(struct xml_document *document, const char *name, const void *bytes, size_t size,
				  struct error *err);

/* The same from a file of the host. */
MUST_CHECK int xml_document_read(struct xml_document *document, const char *path, struct error *err);
void           xml_document_release(struct xml_document *document);

/* True if the element is called @name, case aside. */
bool xml_is(const struct xml_node *node, const char *name);

/* The value of an attribute, case aside; NULL if it has none. */
const char *xml_attribute(const struct xml_node *node, const char *name);

/* The first child of that name, case aside, or NULL. */
const struct xml_node *xml_child(const struct xml_node *node, const char *name);

/* The next child of the same parent that is called @name, or NULL. */
const struct xml_node *xml_next(const struct xml_node *node, const char *name);

/* Each child of @parent that is called @name. */
#define XML_EACH(item, parent, name) \
	for (const struct xml_node *item = xml_child(parent, name); item; item = xml_next(item, name))

/* How many children of that name. */
size_t xml_count(const struct xml_node *node, const char *name);

/* The same of all that is below @node. */
size_t xml_count_all(const struct xml_node *node, const char *name);

/* ERROR_VALUE: "<file>: line N: ...".  Returns -1. */
int xml_error(const struct xml_document *document, int line, struct error *err, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Add a remark; its text goes to @memory.  Returns 0, or -1 without memory. */
MUST_CHECK int xml_remark(struct xml_remarks *remarks, struct arena *memory, int line, bool lost,
			  struct error *err, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Put remarks in the order of their lines; what is said twice of a line is said once. */
void xml_remarks_sort(struct xml_remarks *remarks);

/* Write a text as the value of an attribute, or between tags: what means something to XML is escaped. */
void xml_put_text(FILE *out, const char *text);

/* What libxml2 says of XML that another library reads with it is hushed up; it would go to stderr as it is. */
void xml_hush(void);

#endif
