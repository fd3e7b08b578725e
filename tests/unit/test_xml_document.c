/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_xml_document.c - expected values: the XML recommendation, and lines counted by hand */
#include "tests/unit/unit.h"

#include "recover/xml_document.h"

#include <string.h>

/* @text of exactly its length, so that a byte too far is seen. */
static int parse(struct xml_document *document, const char *text, struct error *err)
{
	struct blob bytes = blob_copy(text, strlen(text));
	int         result = xml_document_parse(document, "x.xml", bytes.at, bytes.size, err);

	free(bytes.at);
	return result;
}

static void must_parse(struct xml_document *document, const char *text)
{
	struct error err = { 0 };

	cr_assert(eq(int, parse(document, text, &err), 0), "%s: %s", text, err.text);
}

/* -------- the tree -------- */

Test(xml_document, texts_attributes_and_lines_are_as_written)
{
	struct xml_document    document;
	const struct xml_node *a, *b;

	must_parse(&document, "<?xml version=\"1.0\"?>\n"
			      "<Root One='1' p:two=\"2\" xmlns:p='urn:p'>\n"
			      "  <a x=\"&lt;&amp;&#65;\">\n"
			      "     one <!-- not this --><![CDATA[<two> & ]]>three&gt; \n"
			      "  </a>\n"
			      "  <b\n"
			      "     y='1'\n"
			      "     z='2'/>\n"
			      "  tail <p:c/>\n"
			      "</Root>\n");
	cr_expect(eq(str, (char *)document.root->name, "Root"));
	cr_expect(eq(int, document.root->line, 2));
	cr_expect(eq(sz, document.root->attribute_count, 1));
	cr_expect(eq(str, (char *)xml_attribute(document.root, "oNE"), "1"));
	cr_expect(eq(str, (char *)document.root->text, "tail"));
	a = document.root->child;
	cr_expect(eq(str, (char *)a->text, "one <two> & three>"));
	cr_expect(eq(str, (char *)xml_attribute(a, "x"), "<&A"));
	cr_expect(that(!xml_attribute(a, "y")));
	cr_expect(eq(int, a->line, 3));
	b = a->next;
	cr_expect(that(xml_is(b, "B")));
	cr_expect(eq(int, b->line, 6), "where the tag begins, not where it ends");
	cr_expect(eq(str, (char *)b->text, ""));
	cr_expect(that(b->parent == document.root && xml_child(document.root, "B") == b));
	cr_expect(eq(str, (char *)b->next->name, "c"));
	cr_expect(that(!b->next->next && !b->child));
	cr_expect(eq(sz, document.remarks.count, 0));
	xml_document_release(&document);
}

Test(xml_document, children_are_found_and_counted_by_name)
{
	struct xml_document    document;
	const struct xml_node *node;

	must_parse(&document, "<r><a/><b><a/><a/></b><A/></r>");
	node = xml_child(document.root, "a");
	cr_assert(that(node == document.root->child));
	node = xml_next(node, "a");
	cr_assert(that(node && node->next == NULL));
	cr_expect(that(!xml_next(node, "a")));
	cr_expect(eq(sz, xml_count(document.root, "a"), 2));
	cr_expect(eq(sz, xml_count_all(document.root, "a"), 4));
	cr_expect(eq(sz, xml_count(document.root, "none"), 0));
	xml_document_release(&document);
}

Test(xml_document, utf16_is_read)
{
	static const char   text[] = "\xff\xfe<\0a\0>\0\n\0<\0b\0 \0c\0=\0'\0\xe4\0'\0/\0>\0<\0/\0a\0>\0";
	struct xml_document document;
	struct error        err = { 0 };

	cr_assert(eq(int, xml_document_parse(&document, "x", text, sizeof text - 1, &err), 0), "%s", err.text);
	cr_expect(eq(str, (char *)xml_attribute(document.root->child, "c"), "\xc3\xa4"));
	cr_expect(eq(int, document.root->child->line, 2));
	xml_document_release(&document);
}

Test(xml_document, lines_beyond_65535_are_told)
{
	char               *text = malloc(70100);
	struct xml_document document;
	struct error        err;

	memset(text, '\n', 70000);
	memcpy(text, "<a>", 3);
	strcpy(text + 70000, "<b/></a>");
	cr_assert(eq(int, xml_document_parse(&document, "x", text, strlen(text), &err), 0));
	cr_expect(eq(int, document.root->child->line, 69998));
	xml_document_release(&document);
	free(text);
}

/* -------- what is odd -------- */

struct odd {
	char text[120];
	char remark[100]; /* "" none */
	int  line, root_line;
};

ParameterizedTestParameters(xml_document, odd_files_are_read_with_a_remark)
{
	static struct odd cases[] = {
		{ "\xef\xbb\xbf<?xml version='1.0'?><a/>", "", 0, 1 },
		{ "\n \n<a/>", "", 0, 3 },
		{ "\n<?xml version='1.0'?><a/>", "1 stray bytes before the document are passed over", 1, 2 },
		{ "\\<?xml version='1.0'?>\n<a/>", "1 stray bytes before the document are passed over", 1, 2 },
		{ "1 < 2\n\xef\xbb\xbf<a/>", "9 stray bytes before the document are passed over", 1, 2 },
		{ "<a/>\n<!-- <b> --><?c?>\n\n", "", 0, 1 },
		{ "<a>\n</a>s", "bytes behind the end of the root element are passed over", 2, 1 },
		{ "<a/>\n<!-- c -->\n</a>", "bytes behind the end of the root element are passed over", 3, 1 },
		{ "<a>\n<!-- b -- c --></a>", "a comment holds '--', which XML does not allow", 2, 1 },
	};

	return CASES(struct odd, cases);
}

ParameterizedTest(struct odd *c, xml_document, odd_files_are_read_with_a_remark)
{
	struct xml_document document;

	must_parse(&document, c->text);
	cr_expect(eq(str, (char *)document.root->name, "a"), "%s", c->text);
	cr_expect(eq(int, document.root->line, c->root_line), "%s", c->text);
	cr_expect(eq(sz, document.remarks.count, c->remark[0] != 0), "%s", c->text);
	if (document.remarks.count && c->remark[0]) {
		cr_expect(eq(str, (char *)document.remarks.items[0].text, c->remark));
		cr_expect(eq(int, document.remarks.items[0].line, c->line), "%s", c->text);
		cr_expect(that(!document.remarks.items[0].lost));
	}
	xml_document_release(&document);
}

/* -------- what is wrong -------- */

struct broken {
	char text[200];
	char error[200];
};

ParameterizedTestParameters(xml_document, errors_name_line_element_and_what_to_do)
{
	static struct broken cases[] = {
		{ "", "holds no XML" },
		{ "no xml at all", "holds no XML" },
		{ "\xef\xbb\xbf", "holds no XML" },
		{ "<a>\n<b>\n</a>", "line 3: </a> stands where <b> of line 2 should end: put </b> before it" },
		{ "\n\\\n<?xml version='1.0'?><a>\n<b>\n</a>",
		  "line 5: </a> stands where <b> of line 4 should end: put </b> before it" },
		{ "<a>\n<b>R&D</b></a>",
		  "line 2: a bare '&', or an entity of the author's own: write &amp; for '&'" },
		{ "<a>\n<b>R & D</b></a>",
		  "line 2: a bare '&', or an entity of the author's own: write &amp; for '&'" },
		{ "<a>&nbsp;</a>",
		  "line 1: a bare '&', or an entity of the author's own, &nbsp: write &amp; for '&'" },
		{ "<a>\n<b>\n", "line 2: <b> has no end: the file ends, or a tag is cut off, before </b>" },
		{ "<a/>\n<b/>", "line 2: behind the root element stands another one: put its content into the first" },
		{ "<a/>s\n<!-- c -->\n<b>",
		  "line 3: behind the root element stands another one: put its content into the first" },
		{ "<?xml version='1.0'?>\n<!DOCTYPE a>\n<a/>",
		  "line 2: has a <!DOCTYPE>, which is not read for safety's sake: take it out" },
		{ "<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]>\n<a>&c;</a>",
		  "line 1: has a <!DOCTYPE>, which is not read for safety's sake: take it out" },
		{ "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>\n<a>&b;</a>",
		  "line 1: has a <!DOCTYPE>, which is not read for safety's sake: take it out" },
		{ "<!DOCTYPE a SYSTEM 'http://localhost:1/a.dtd'><a/>",
		  "line 1: has a <!DOCTYPE>, which is not read for safety's sake: take it out" },
		{ "<a>\n\xff</a>",
		  "line 2: a byte that is no character in the file's encoding: save it as UTF-8 and declare that" },
		{ "<?xml version='1.0' encoding='klingon'?><a/>",
		  "line 1: declares an encoding that is not known: save it as UTF-8 and declare that" },
	};

	return CASES(struct broken, cases);
}

ParameterizedTest(struct broken *c, xml_document, errors_name_line_element_and_what_to_do)
{
	struct xml_document document;
	struct error        err = { 0 };

	cr_assert(eq(int, parse(&document, c->text, &err), -1), "%s", c->text);
	cr_expect(eq(str, err.text, c->error), "%s", c->text);
	cr_expect(eq(str, err.path, "x.xml"));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	xml_document_release(&document);
}

Test(xml_document, values_without_quotes_are_told_in_the_librarys_words)
{
	struct xml_document document;
	struct error        err = { 0 };

	cr_assert(eq(int, parse(&document, "<a>\n<b c=1/></a>", &err), -1));
	cr_expect(that(strncmp(err.text, "line 2: the XML is broken here (", 32) == 0), "%s", err.text);
	xml_document_release(&document);
}

/* -------- bounds -------- */

/* @depth elements in one another. */
static char *nested(size_t depth)
{
	char *text = malloc(7 * depth + 1), *at = text;

	for (size_t i = 0; i < depth; i++)
		at = stpcpy(at, "<a>");
	for (size_t i = 0; i < depth; i++)
		at = stpcpy(at, "</a>");
	return text;
}

Test(xml_document, depth_has_a_bound)
{
	char               *text = nested(XML_DEPTH_MAX);
	struct xml_document document;
	struct error        err = { 0 };

	must_parse(&document, text);
	xml_document_release(&document);
	free(text);
	text = nested(XML_DEPTH_MAX + 1);
	cr_assert(eq(int, parse(&document, text, &err), -1));
	cr_expect(eq(str, err.text, "line 1: elements are more than 256 deep"));
	xml_document_release(&document);
	free(text);
}

/* An element with attributes that have what @value is behind their names. */
static char *attributes(size_t count, const char *value)
{
	char *text = malloc(16 * count + 8), *at = stpcpy(text, "<a");

	for (size_t i = 0; i < count; i++)
		at += sprintf(at, "\na%zu%s", i, value);
	strcpy(at, "/>");
	return text;
}

Test(xml_document, attributes_have_a_bound)
{
	char               *text = attributes(XML_ATTRIBUTES_MAX, " = '' ");
	struct xml_document document;
	struct error        err = { 0 };

	must_parse(&document, text);
	cr_expect(eq(sz, document.root->attribute_count, XML_ATTRIBUTES_MAX));
	xml_document_release(&document);
	free(text);
	text = attributes(2000000, " = '' ");
	cr_assert(eq(int, parse(&document, text, &err), -1));
	cr_expect(eq(str, err.text, "is larger than 16 MiB, which is not read"));
	xml_document_release(&document);
	free(text);
}

/* Of these libxml2 would make 10^11 comparisons. */
Test(xml_document, endless_tags_are_refused_however_they_are_written)
{
	static const struct {
		const char *value, *error;
	} cases[] = {
		{ " = '' ", "line 258: an element has more than 256 attributes" },
		{ "=\n\"\"", "line 515: an element has more than 256 attributes" },
		{ "='>'", "line 258: an element has more than 256 attributes" },
		{ "='\">'", "line 258: an element has more than 256 attributes" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char               *text = attributes(500000, cases[i].value);
		struct xml_document document;
		struct error        err = { 0 };

		cr_assert(eq(int, parse(&document, text, &err), -1), "%s", cases[i].value);
		cr_expect(eq(str, err.text, (char *)cases[i].error), "%s", cases[i].value);
		xml_document_release(&document);
		free(text);
	}
}

/* No beginning of a document is one. */
Test(xml_document, a_cut_document_is_an_error)
{
	static const char   text[] = "<?xml version='1.0'?>\n<a b='c'><!-- d --><e>f&amp;<![CDATA[g]]></e></a>";
	struct xml_document document;
	struct error        err;

	for (size_t size = 0; size < sizeof text - 1; size++) {
		struct blob bytes = blob_copy(text, size);

		cr_expect(eq(int, xml_document_parse(&document, "x", bytes.at, size, &err), -1), "%zu bytes", size);
		cr_expect(that(*err.text != 0));
		xml_document_release(&document);
		free(bytes.at);
	}
}

/* -------- files -------- */

Test(xml_document, a_file_is_read)
{
	char               *folder = temp_folder(), *path = temp_path(folder, "a.xml");
	struct xml_document document;
	struct error        err = { 0 };

	temp_write(path, "<a>x</a>", 8);
	cr_assert(eq(int, xml_document_read(&document, path, &err), 0), "%s", err.text);
	cr_expect(eq(str, (char *)document.root->text, "x"));
	cr_expect(eq(str, (char *)document.name, path));
	xml_document_release(&document);
	cr_assert(eq(int, xml_document_read(&document, folder, &err), -1));
	cr_expect(eq(str, err.text, "is no plain file"));
	xml_document_release(&document);
	free(path);
	temp_remove(folder);
}
