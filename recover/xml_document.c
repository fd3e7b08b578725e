/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xml_document.c - see xml_document.h */
#include "recover/xml_document.h"

#include "core/cleanup.h"
#include "recover/host_file.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\n"

/* An element whose end has not come yet. */
struct open_element {
	struct xml_node   *node, *last; /* .last: of its children */
	struct ARRAY(char) text;
};

struct reader {
	struct xml_document *document;
	struct error        *err;
	xmlParserCtxt       *parser;
	int                  lines_before;  /* that the parser does not see */
	bool                 failed, ended; /* .ended: the root is closed */
	size_t               depth;
	struct open_element  open[XML_DEPTH_MAX];
};

/* -------- errors and remarks -------- */

static int fill_error(const struct xml_document *document, int line, struct error *err, const char *format,
		      va_list arguments)
{
	char text[sizeof err->text];

	vsnprintf(text, sizeof text, format, arguments);
	return error_set(err, ERROR_VALUE, document->name, "line %d: %s", line, text);
}

int xml_error(const struct xml_document *document, int line, struct error *err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)fill_error(document, line, err, format, arguments);
	va_end(arguments);
	return -1;
}

int xml_remark(struct xml_remarks *remarks, struct arena *memory, int line, bool lost, struct error *err,
	       const char *format, ...)
{
	struct xml_remark remark = { .line = line, .lost = lost };
	char              text[sizeof err->text];
	va_list           arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (remarks->count == XML_REMARKS_MAX)
		return 0;
	remark.text = arena_text(memory, text, strlen(text));
	return remark.text && array_push(remarks, remark) ? 0 : error_memory(err);
}

static int compare_remarks(const void *a, const void *b)
{
	const struct xml_remark *left = a, *right = b;

	return left->line != right->line ? (left->line > right->line) - (left->line < right->line) :
					   strcmp(left->text, right->text);
}

void xml_remarks_sort(struct xml_remarks *remarks)
{
	size_t kept = 0;

	if (remarks->count)
		qsort(remarks->items, remarks->count, sizeof *remarks->items, compare_remarks);
	for (size_t i = 0; i < remarks->count; i++)
		if (!kept || compare_remarks(&remarks->items[kept - 1], &remarks->items[i]) != 0)
			remarks->items[kept++] = remarks->items[i];
	remarks->count = kept;
}

/* The first thing that is wrong ends the reading. */
__attribute__((format(printf, 3, 4))) static void give_up(struct reader *reader, int line, const char *format,
							  ...)
{
	va_list arguments;

	if (reader->failed)
		return;
	va_start(arguments, format);
	(void)fill_error(reader->document, line, reader->err, format, arguments);
	va_end(arguments);
	reader->failed = true;
	xmlStopParser(reader->parser);
}

static void no_memory(struct reader *reader)
{
	if (reader->failed)
		return;
	(void)error_memory(reader->err);
	reader->failed = true;
	xmlStopParser(reader->parser);
}

static int line_now(const struct reader *reader)
{
	return reader->lines_before + reader->parser->input->line;
}

static const struct xml_node *innermost(const struct reader *reader)
{
	return reader->depth ? reader->open[reader->depth - 1].node : NULL;
}

/* The library's own words, without the line's end. */
static void give_up_in_its_words(struct reader *reader, int line, const xmlError *error)
{
	const char *words = error->message ? error->message : "is no XML";

	give_up(reader, line,
		"the XML is broken here (%.*s); every tag needs its end tag, every value its quotes",
		(int)strcspn(words, "\r\n"), words);
}

static void note_error(void *context, xmlErrorPtr error)
{
	struct reader         *reader = context;
	int                    line = reader->lines_before + error->line;
	const struct xml_node *inside = innermost(reader);

	if (reader->failed || error->level < XML_ERR_ERROR || error->domain == XML_FROM_NAMESPACE)
		return;
	switch (error->code) {
	case XML_ERR_HYPHEN_IN_COMMENT:
		if (xml_remark(&reader->document->remarks, &reader->document->memory, line, false,
			       reader->err, "a comment holds '--', which XML does not allow") < 0)
			no_memory(reader);
		break;
	case XML_ERR_NO_MEMORY:
		no_memory(reader);
		break;
	case XML_ERR_DOCUMENT_EMPTY:
		give_up(reader, line, "holds no XML");
		break;
	case XML_ERR_TAG_NAME_MISMATCH:
		give_up(reader, line,
			"</%.40s> stands where <%.40s> of line %d should end: put </%.40s> before it",
			error->str2 ? error->str2 : "?", inside ? inside->name : "?",
			inside ? inside->line : 0, inside ? inside->name : "?");
		break;
	case XML_ERR_NAME_REQUIRED:
	case XML_ERR_ENTITYREF_SEMICOL_MISSING:
	case XML_ERR_UNDECLARED_ENTITY:
	case XML_WAR_UNDECLARED_ENTITY:
		give_up(reader, line,
			"a bare '&', or an entity of the author's own%s%.40s: write &amp; for '&'",
			error->str1 ? ", &" : "", error->str1 ? error->str1 : "");
		break;
	case XML_ERR_INVALID_CHAR:
	case XML_ERR_INVALID_ENCODING:
	case XML_I18N_CONV_FAILED:
		give_up(reader, line,
			"a byte that is no character in the file's encoding: save it as UTF-8 and declare that");
		break;
	case XML_ERR_UNSUPPORTED_ENCODING:
	case XML_ERR_UNKNOWN_ENCODING:
		give_up(reader, line,
			"declares an encoding that is not known: save it as UTF-8 and declare that");
		break;
	case XML_ERR_DOCUMENT_END:
	case XML_ERR_TAG_NOT_FINISHED:
		if (inside) {
			give_up(reader, inside->line,
				"<%.40s> has no end: the file ends, or a tag is cut off, before </%.40s>",
				inside->name, inside->name);
			break;
		}
		/* fall through */
	default:
		give_up_in_its_words(reader, line, error);
	}
}

/* -------- elements -------- */

/* Where the tag begins whose end has just been read; no value in it holds a bare '<'. */
static int line_of_tag(const struct reader *reader)
{
	const xmlParserInput *input = reader->parser->input;
	const xmlChar        *at = input->cur;
	int                   line = line_now(reader);

	while (at > input->base && *--at != '<')
		line -= *at == '\n';
	return line;
}

/* @attributes as SAX2 has them: five pointers each. */
static bool copy_attributes(struct arena *memory, struct xml_node *node, int count,
			    const xmlChar **attributes)
{
	node->attributes = arena_take(memory, (size_t)count, sizeof *node->attributes);
	if (!node->attributes)
		return false;
	for (int i = 0; i < count; i++, attributes += 5) {
		struct xml_attribute *attribute = &node->attributes[node->attribute_count];
		const char           *name = (const char *)attributes[0];

		if (attributes[1])
			continue;
		attribute->name = arena_text(memory, name, strlen(name));
		attribute->value = arena_text(memory, (const char *)attributes[3],
					      (size_t)(attributes[4] - attributes[3]));
		if (!attribute->name || !attribute->value)
			return false;
		node->attribute_count++;
	}
	return true;
}

static void append_child(struct reader *reader, struct xml_node *node)
{
	struct open_element *parent = reader->depth ? &reader->open[reader->depth - 1] : NULL;

	if (!parent) {
		reader->document->root = node;
		return;
	}
	node->parent = parent->node;
	if (parent->last)
		parent->last->next = node;
	else
		parent->node->child = node;
	parent->last = node;
}

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
			  int namespace_count, const xmlChar **namespaces, int attribute_count, int defaulted,
			  const xmlChar **attributes)
{
	struct reader       *reader = context;
	struct arena        *memory = &reader->document->memory;
	struct xml_node     *node;
	struct open_element *element;

	(void)prefix, (void)uri, (void)namespace_count, (void)namespaces, (void)defaulted;
	if (reader->failed || reader->ended)
		return;
	if (reader->depth == XML_DEPTH_MAX) {
		give_up(reader, line_of_tag(reader), "elements are more than %u deep", XML_DEPTH_MAX);
		return;
	}
	node = arena_take(memory, 1, sizeof *node);
	if (!node || !(node->name = arena_text(memory, (const char *)name, strlen((const char *)name))) ||
	    !copy_attributes(memory, node, attribute_count, attributes)) {
		no_memory(reader);
		return;
	}
	node->line = line_of_tag(reader);
	node->text = "";
	append_child(reader, node);
	element = &reader->open[reader->depth++];
	element->node = node;
	element->last = NULL;
	element->text.count = 0;
}

static void add_text(void *context, const xmlChar *text, int length)
{
	struct reader       *reader = context;
	struct open_element *element = reader->depth ? &reader->open[reader->depth - 1] : NULL;

	if (reader->failed || !element)
		return;
	for (int i = 0; i < length; i++)
		if (!array_push(&element->text, (char)text[i])) {
			no_memory(reader);
			return;
		}
}

/* Without the white space around it. */
static bool keep_text(struct arena *memory, struct open_element *element)
{
	const char *text = element->text.items;
	size_t      count = element->text.count;

	while (count && strchr(BLANKS, text[count - 1]))
		count--;
	while (count && strchr(BLANKS, *text))
		text++, count--;
	if (count)
		element->node->text = arena_text(memory, text, count);
	return element->node->text;
}

/* -------- before and behind -------- */

/* Past white space, comments and processing instructions. */
static const char *skip_misc(const char *at, const char *end)
{
	for (;;) {
		const char *close = NULL;
		size_t      width = 0;

		while (at < end && strchr(BLANKS, *at) && *at)
			at++;
		if (end - at >= 4 && memcmp(at, "<!--", 4) == 0)
			close = memmem(at + 4, (size_t)(end - at) - 4, "-->", width = 3);
		else if (end - at >= 2 && memcmp(at, "<?", 2) == 0)
			close = memmem(at + 2, (size_t)(end - at) - 2, "?>", width = 2);
		if (!close)
			return at;
		at = close + width;
	}
}

/* The start tag of an element in @at, or NULL. */
static const char *find_tag(const char *at, const char *end)
{
	for (; (at = memchr(at, '<', (size_t)(end - at))) && end - at >= 2; at++)
		if (isalpha((unsigned char)at[1]) || at[1] == '_')
			return at;
	return NULL;
}

/* What stands behind the root: a few stray bytes do no harm, a second root would be lost. */
static void look_behind(struct reader *reader)
{
	const xmlParserInput *input = reader->parser->input;
	const char           *start = (const char *)input->cur, *end = (const char *)input->end;
	const char           *rest = skip_misc(start, end), *tag = find_tag(rest, end);
	int                   line = line_now(reader);

	for (const char *at = start; at < (tag ? tag : rest); at++)
		line += *at == '\n';
	if (tag)
		give_up(reader, line,
			"behind the root element stands another one: put its content into the first");
	else if (rest < end &&
		 xml_remark(&reader->document->remarks, &reader->document->memory, line, false, reader->err,
			    "bytes behind the end of the root element are passed over") < 0)
		no_memory(reader);
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct reader *reader = context;

	(void)name, (void)prefix, (void)uri;
	if (reader->failed || !reader->depth)
		return;
	if (!keep_text(&reader->document->memory, &reader->open[--reader->depth])) {
		no_memory(reader);
		return;
	}
	if (reader->depth)
		return;
	reader->ended = true;
	look_behind(reader);
	xmlStopParser(reader->parser);
}

static void refuse_dtd(void *context, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
	struct reader *reader = context;

	(void)name, (void)public_id, (void)system_id;
	give_up(reader, line_now(reader),
		"has a <!DOCTYPE>, which is not read for safety's sake: take it out");
}

/* How many bytes before the first '<' that begins something; all of them if there is none. */
static size_t count_stray(const char *bytes, size_t size)
{
	const char *end = bytes + size;

	for (const char *at = bytes; (at = memchr(at, '<', (size_t)(end - at))) && end - at >= 2; at++)
		if (isalpha((unsigned char)at[1]) || strchr("_?!", at[1]))
			return (size_t)(at - bytes);
	return size;
}

/* Past a byte order mark and whatever else stands before the document. */
static int skip_before(struct reader *reader, const char **bytes, size_t *size)
{
	struct xml_document *document = reader->document;
	size_t               stray;
	bool                 odd = false;

	if (*size >= 2 && (memcmp(*bytes, "\xff\xfe", 2) == 0 || memcmp(*bytes, "\xfe\xff", 2) == 0))
		return 0;
	if (*size >= 3 && memcmp(*bytes, "\xef\xbb\xbf", 3) == 0) {
		*bytes += 3;
		*size -= 3;
	}
	stray = *size && **bytes == '<' ? 0 : count_stray(*bytes, *size);
	for (size_t i = 0; i < stray; i++) {
		reader->lines_before += (*bytes)[i] == '\n';
		odd = odd || !strchr(BLANKS, (*bytes)[i]);
	}
	*bytes += stray;
	*size -= stray;
	if (!*size)
		return error_set(reader->err, ERROR_VALUE, document->name, "holds no XML");
	if (!odd && (*size < 2 || (*bytes)[1] != '?'))
		return 0;
	if (!stray)
		return 0;
	return xml_remark(&document->remarks, &document->memory, 1, false, reader->err,
			  "%zu stray bytes before the document are passed over", stray);
}

/*
 * libxml2 compares each attribute of an element with each other one: a tag of millions would never end.
 * A '<' never stands in a value, a '>' may.
 */
static int refuse_endless_tags(const struct xml_document *document, const char *bytes, size_t size,
			       struct error *err)
{
	size_t values = 0;
	int    line = 1;
	char   last = 0, quote = 0; /* .quote: of the value that this byte is in, or 0 */

	for (size_t i = 0; i < size; i++) {
		line += bytes[i] == '\n';
		if (!bytes[i] || strchr(BLANKS, bytes[i]))
			continue; /* zeroes are every second byte of UTF-16 */
		if (bytes[i] == '<' || (bytes[i] == '>' && !quote)) {
			values = 0;
			quote = 0;
		} else if (quote) {
			quote = bytes[i] == quote ? 0 : quote;
		} else if (last == '=' && (bytes[i] == '"' || bytes[i] == '\'')) {
			quote = bytes[i];
			if (++values > XML_ATTRIBUTES_MAX)
				return xml_error(document, line, err, "an element has more than %u attributes",
						 XML_ATTRIBUTES_MAX);
		}
		last = bytes[i];
	}
	return 0;
}

/* -------- reading -------- */

static void free_parser(xmlParserCtxt **parser)
{
	if (*parser && (*parser)->myDoc)
		xmlFreeDoc((*parser)->myDoc);
	xmlFreeParserCtxt(*parser);
}

static int parse(struct reader *reader, const char *bytes, size_t size)
{
	static const xmlSAXHandler handler = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = start_element,
		.endElementNs = end_element,
		.characters = add_text,
		.ignorableWhitespace = add_text,
		.cdataBlock = add_text,
		.internalSubset = refuse_dtd,
		.serror = note_error,
	};
	xmlSAXHandler                       copy = handler;
	CLEANUP(free_parser) xmlParserCtxt *parser = xmlCreatePushParserCtxt(&copy, reader, NULL, 0, NULL);

	if (!parser)
		return error_memory(reader->err);
	reader->parser = parser;
	/* predefined entities come as characters; there are no others without a DTD */
	xmlCtxtUseOptions(parser, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_RECOVER);
	xmlParseChunk(parser, bytes, (int)size, 0);
	if (!reader->failed && !reader->ended)
		xmlParseChunk(parser, NULL, 0, 1);
	if (!reader->failed && !reader->ended)
		return error_set(reader->err, ERROR_VALUE, reader->document->name,
				 "ends before its root element does; is it cut off?");
	return reader->failed ? -1 : 0;
}

int xml_document_parse(struct xml_document *document, const char *name, const void *bytes, size_t size,
		       struct error *err)
{
	struct reader reader = { .document = document, .err = err };
	const char   *start = bytes;
	int           result;

	*document = (struct xml_document){ 0 };
	document->name = arena_text(&document->memory, name, strlen(name));
	if (!document->name)
		return error_memory(err);
	if (size > XML_BYTES_MAX)
		return error_set(err, ERROR_VALUE, name, "is larger than %u MiB, which is not read",
				 XML_BYTES_MAX >> 20);
	if (refuse_endless_tags(document, bytes, size, err) < 0)
		return -1;
	result = skip_before(&reader, &start, &size);
	if (result == 0)
		result = parse(&reader, start, size);
	for (size_t i = 0; i < XML_DEPTH_MAX; i++)
		array_release(&reader.open[i].text);
	return result;
}

int xml_document_read(struct xml_document *document, const char *path, struct error *err)
{
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	size_t                     size;

	*document = (struct xml_document){ 0 };
	if (host_file_read(path, XML_BYTES_MAX, &bytes, &size, err) < 0)
		return -1;
	return xml_document_parse(document, path, bytes, size, err);
}

void xml_document_release(struct xml_document *document)
{
	array_release(&document->remarks);
	arena_release(&document->memory);
	*document = (struct xml_document){ 0 };
}

/* -------- looking -------- */

bool xml_is(const struct xml_node *node, const char *name)
{
	return strcasecmp(node->name, name) == 0;
}

const char *xml_attribute(const struct xml_node *node, const char *name)
{
	for (size_t i = 0; i < node->attribute_count; i++)
		if (strcasecmp(node->attributes[i].name, name) == 0)
			return node->attributes[i].value;
	return NULL;
}

static const struct xml_node *first_of(const struct xml_node *node, const char *name)
{
	while (node && !xml_is(node, name))
		node = node->next;
	return node;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
	return first_of(node->child, name);
}

const struct xml_node *xml_next(const struct xml_node *node, const char *name)
{
	return first_of(node->next, name);
}

size_t xml_count(const struct xml_node *node, const char *name)
{
	size_t count = 0;

	XML_EACH (child, node, name)
		count++;
	return count;
}

size_t xml_count_all(const struct xml_node *node, const char *name)
{
	size_t count = 0;

	for (const struct xml_node *child = node->child; child; child = child->next)
		count += xml_is(child, name) + xml_count_all(child, name);
	return count;
}

void xml_put_text(FILE *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\t':
		case '\n':
		case '\r':
			fprintf(out, "&#%d;", *text);
			break;
		default:
			fputc(*text, out);
		}
}

static void say_nothing(void *context, const char *format, ...)
{
	(void)context, (void)format;
}

void xml_hush(void)
{
	xmlSetGenericErrorFunc(NULL, say_nothing);
}
