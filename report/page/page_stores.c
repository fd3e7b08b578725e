/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page_stores.c - each store: its state, its users, what of it is damaged; see page.h */
#include "report/page/page.h"

#include "core/text.h"
#include "report/page/html.h"
#include "report/store_state.h"
#include "report/volume_layer.h"

#include <ctype.h>
#include <string.h>

#define NAMES_SHOWN  100u /* of each grade; all are in the list of files */
#define USERS_SHOWN  300u /* of a store */
#define STORES_SHOWN 100u

/* Stores, or the users of one, as they are printed, up to as many as a browser shows at once. */
struct store_list {
	struct page *page;
	uint64_t     count; /* of all that came */
};

static const char *kind_words(const char *kind)
{
	if (page_same(kind, "usmt"))
		return "USMT hard-link store";
	if (page_same(kind, "holdfast"))
		return "Holdfast’s own store";
	return "plain copy, or a store that lost its marker";
}

static void print_state(FILE *out, const struct case_store *store, bool shadow)
{
	const char *sentence = store_state_sentence(store, shadow);

	fprintf(out, "%c%s.", toupper((unsigned char)*sentence), sentence + 1);
}

/* -------- users -------- */

static void print_users_head(FILE *out)
{
	fputs("<div class=\"scroll\"><table class=\"users\"><caption>Whose files</caption><thead><tr><th scope=\"col\">User</th>"
	      "<th scope=\"col\" class=\"n\">Files</th><th scope=\"col\" class=\"n\">Size</th><th scope=\"col\" class=\"n\">Whole</th>"
	      "<th scope=\"col\" class=\"n\">Doubtful</th><th scope=\"col\" class=\"n\">Lost</th><th scope=\"col\" class=\"wide\">Grades</th>"
	      "<td class=\"act\"></td></tr></thead><tbody>\n",
	      out);
}

static int print_user(void *context, const struct case_user *user, struct error *err)
{
	struct store_list *list = context;
	struct page_sum    sum = page_files_sum(&list->page->files, user->store, user->name ? user->name : "");
	FILE              *out = list->page->out;

	(void)err;
	if (!list->count++)
		print_users_head(out);
	if (list->count > USERS_SHOWN)
		return 0;
	fputs("<tr><th scope=\"row\">", out);
	html_name(out, user->name);
	fprintf(out, "</th><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td>"
		     "<td class=\"n\">%s</td><td class=\"wide\">",
		text_count(user->files).text, text_size(user->bytes).text,
		text_count(sum.files[GRADE_VERIFIED] + sum.files[GRADE_INTACT]).text,
		text_count(sum.files[GRADE_SUSPECT] + sum.files[GRADE_PARTIAL]).text, text_count(sum.files[GRADE_LOST]).text);
	page_bar(out, sum.files);
	fprintf(out, "</td><td class=\"act\"><button type=\"button\" class=\"link script\" data-store=\"%lld\" data-user=\"",
		(long long)user->store);
	html_text(out, user->name);
	fputs("\" hidden>Show files</button></td></tr>\n", out);
	return 0;
}

static int print_users(struct page *page, int64_t store, struct error *err)
{
	struct store_list users = { .page = page };

	if (casebook_users(page->book, store, print_user, &users, err) < 0)
		return -1;
	if (!users.count)
		return 0;
	fputs("</tbody></table></div>\n", page->out);
	if (users.count > USERS_SHOWN)
		fprintf(page->out, "<p>And %s more users: all are in <code>holdfast report --format json</code>, and their files "
				   "in the list below.</p>\n",
			text_count(users.count - USERS_SHOWN).text);
	return 0;
}

/* -------- grades -------- */

static int print_damaged_name(void *context, const struct case_file *file, const struct case_name *name,
			      struct error *err)
{
	struct page *page = context;

	(void)err;
	fputs("<tr><td>", page->out);
	html_name(page->out, name->inside ? name->inside : name->path);
	fprintf(page->out, "</td><td class=\"n\">%s</td></tr>\n",
		file->grade == GRADE_LOST && !file->size_bytes ? "not known" : text_size(file->size_bytes).text);
	return 0;
}

static int print_damaged(struct page *page, const struct case_store *store, enum grade grade, struct error *err)
{
	uint64_t files = store->grades[grade];

	if (!files)
		return 0;
	fputs("<details class=\"damaged\"><summary>", page->out);
	page_mark(page->out, grade);
	fprintf(page->out, " %s file%s %s</summary>\n<p>%s</p><div class=\"scroll\"><table><thead><tr>"
			   "<th scope=\"col\">Name</th><th scope=\"col\" class=\"n\">Size</th></tr></thead><tbody>\n",
		text_count(files).text, page_plural(files), grade_name(grade), page_grade_meaning(grade));
	if (casebook_damaged(page->book, store->id, grade, NAMES_SHOWN, print_damaged_name, page, err) < 0)
		return -1;
	fputs("</tbody></table></div>", page->out);
	if (files > NAMES_SHOWN)
		fprintf(page->out, "<p>And %s more: see the list of files.</p>", text_count(files - NAMES_SHOWN).text);
	fputs("</details>\n", page->out);
	return 0;
}

static void print_key(struct page *page, const struct case_store *store)
{
	struct page_sum sum = page_files_sum(&page->files, store->id, NULL);

	page_bar(page->out, store->grades);
	fputs("<ul class=\"key\">", page->out);
	for (enum grade grade = 0; grade < GRADES; grade++) {
		if (!store->grades[grade])
			continue;
		fputs("<li>", page->out);
		page_mark(page->out, grade);
		fprintf(page->out, " <b>%s</b> %s <span class=\"dim\">%s</span></li>", text_count(store->grades[grade]).text,
			grade_name(grade), text_size(sum.bytes[grade]).text);
	}
	fputs("</ul>\n", page->out);
}

/* -------- the store -------- */

static int print_part(void *context, const struct case_part *part, struct error *err)
{
	struct page *page = context;

	(void)err;
	fprintf(page->out, "<li>%s on volume %lld: ", part->primary ? "primary part" : "part", (long long)part->volume);
	html_name(page->out, part->path);
	fputs("</li>", page->out);
	return 0;
}

static void print_number(FILE *out, const char *word, const char *value, const char *more)
{
	fprintf(out, "<div><dt>%s</dt><dd>%s%s%s%s</dd></div>", word, value, *more ? " <span class=\"dim\">" : "", more,
		*more ? "</span>" : "");
}

static void print_numbers(struct page *page, const struct case_store *store)
{
	struct text_number names = text_count(store->names), own = text_count(store->others);
	char               under[64];

	snprintf(under, sizeof under, "under %s name%s", names.text, page_plural(store->names));
	fputs("<dl class=\"numbers\">", page->out);
	print_number(page->out, "Files", text_count(store->files).text, under);
	print_number(page->out, "Size", text_size(store->bytes).text, "");
	if (!store->orphans)
		print_number(page->out, "Only here", text_count(store->only_here).text, text_size(store->only_here_bytes).text);
	if (store->derived_names)
		print_number(page->out, "Names not proven", text_count(store->derived_names).text, "");
	if (store->others)
		print_number(page->out, "The store’s own", own.text, "");
	fputs("</dl>\n", page->out);
}

static int print_store(void *context, const struct case_store *store, struct error *err)
{
	struct store_list  *list = context;
	struct page        *page = list->page;
	FILE               *out = page->out;
	struct volume_layer within;

	if (list->count++ >= STORES_SHOWN)
		return 0;
	if (volume_layer_find(page->book, store->volume, &within, err) < 0)
		return -1;
	fprintf(out, "<article class=\"store\" id=\"store-%lld\"><h3>Store %lld <span class=\"badge %s\">", (long long)store->id,
		(long long)store->id, page_same(store->state, "live") ? "good" : "bad");
	html_text(out, store->orphans ? "orphans" : store->state);
	fputs("</span></h3>\n<p class=\"path\">", out);
	html_name(out, store->path);
	fputs("</p>\n<p>", out);
	print_state(out, store, within.shadow);
	if (!store->orphans)
		fprintf(out, " Kind: %s, on volume %lld.", kind_words(store->kind), (long long)store->volume);
	if (within.shadow) {
		fputs(" As it was in ", out);
		volume_layer_print_shadow(out, &within.layer);
		if (store->same_as)
			fprintf(out, "; the same as store %lld", (long long)store->same_as);
		fputc('.', out);
	}
	fputs("</p>\n", out);
	if (!store->orphans) {
		fputs("<ul class=\"parts\">", out);
		if (casebook_parts(page->book, store->id, print_part, page, err) < 0)
			return -1;
		fputs("</ul>\n", out);
	}
	print_numbers(page, store);
	print_key(page, store);
	if (print_users(page, store->id, err) < 0)
		return -1;
	for (enum grade grade = GRADE_SUSPECT; grade < GRADES; grade++)
		if (print_damaged(page, store, grade, err) < 0)
			return -1;
	fputs("</article>\n", out);
	return 0;
}

int page_stores(struct page *page, struct error *err)
{
	struct store_list stores = { .page = page };

	if (!page->totals.stores && !page->totals.orphans)
		return 0;
	fputs("<section id=\"stores\"><h2>State stores</h2>\n", page->out);
	if (casebook_stores(page->book, print_store, &stores, err) < 0)
		return -1;
	if (stores.count > STORES_SHOWN)
		fprintf(page->out, "<p>And %s more stores: all are in <code>holdfast report --format json</code>, and their files "
				   "in the list below.</p>\n",
			text_count(stores.count - STORES_SHOWN).text);
	fputs("</section>\n", page->out);
	return 0;
}
