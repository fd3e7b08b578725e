/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_options.c - see usmt_options.h */
#include "recover/usmt/usmt_options.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"

#include <string.h>

#define CHARACTERS_MAX 256u

/* -------- the table -------- */

#define BIT(option) (UINT64_C(1) << USMT_##option)
#define SCAN        (1u << USMT_SCANSTATE)
#define LOAD        (1u << USMT_LOADSTATE)
#define UTILS       (1u << USMT_USMTUTILS)
#define ALL_TOOLS   (SCAN | LOAD | UTILS)

#define OFFLINE  (BIT(OFFLINE) | BIT(OFFLINEWINDIR) | BIT(OFFLINEWINOLD))
#define COMMANDS (BIT(EC) | BIT(RD) | BIT(VERIFY) | BIT(EXTRACT))

/* What is about a capture has no place where only a file is generated. */
#define CAPTURING                                                                                                \
	(BIT(OPERAND) | BIT(LOCALONLY) | BIT(KEY) | BIT(ENCRYPT) | BIT(KEYFILE) | BIT(LISTFILES) | BIT(PROGRESS) | \
	 BIT(R) | BIT(W) | BIT(C) | BIT(P) | BIT(ALL) | BIT(UI) | BIT(UE) | BIT(UEL) | BIT(EFS) | BIT(CONFIG))

static_assert(USMT_OPTIONS <= 64, "options have a bit each");

enum takes { NOTHING, MAY_TAKE, MUST_TAKE }; /* a value */

static const struct option_row {
	const char      *name;
	enum usmt_option option;
	unsigned         tools; /* that have it */
	enum takes       takes;
	bool             repeatable;
	uint64_t         excludes; /* none of these with it */
	uint64_t         needs;    /* one of these with it */
} rows[] = {
	{ "/?", USMT_HELP, ALL_TOOLS, NOTHING, true, 0, 0 },
	{ "/help", USMT_HELP, ALL_TOOLS, NOTHING, true, 0, 0 },
	{ "--help", USMT_HELP, ALL_TOOLS, NOTHING, true, 0, 0 },
	{ "-h", USMT_HELP, ALL_TOOLS, NOTHING, true, 0, 0 },
	{ "--on", USMT_ON, ALL_TOOLS, MUST_TAKE, true, 0, 0 },
	{ "--overwrite-deleted", USMT_OVERWRITE_DELETED, ALL_TOOLS, NOTHING, true, 0, 0 },
	{ "--json", USMT_JSON, ALL_TOOLS, NOTHING, true, 0, 0 },
	{ "--quiet", USMT_QUIET, ALL_TOOLS, NOTHING, true, 0, 0 },
	{ "-q", USMT_QUIET, ALL_TOOLS, NOTHING, true, 0, 0 },
	{ "StorePath", USMT_OPERAND, 0, NOTHING, true, 0, 0 },

	{ "/hardlink", USMT_HARDLINK, SCAN | LOAD, NOTHING, false, BIT(VSC), BIT(NOCOMPRESS) },
	{ "/nocompress", USMT_NOCOMPRESS, SCAN | LOAD, NOTHING, false, BIT(ENCRYPT) | BIT(DECRYPT), 0 },
	{ "/o", USMT_O, SCAN | UTILS, NOTHING, false, BIT(EC) | BIT(RD) | BIT(VERIFY), 0 },
	{ "/vsc", USMT_VSC, SCAN, NOTHING, false, OFFLINE, 0 },
	{ "/encrypt", USMT_ENCRYPT, SCAN, MAY_TAKE, false, BIT(PPKG), BIT(KEY) | BIT(KEYFILE) },
	{ "/decrypt", USMT_DECRYPT, LOAD | UTILS, MAY_TAKE, false, BIT(EC) | BIT(RD), BIT(KEY) | BIT(KEYFILE) },
	{ "/key", USMT_KEY, ALL_TOOLS, MUST_TAKE, false, BIT(KEYFILE), BIT(ENCRYPT) | BIT(DECRYPT) },
	{ "/keyfile", USMT_KEYFILE, ALL_TOOLS, MUST_TAKE, false, 0, BIT(ENCRYPT) | BIT(DECRYPT) },
	{ "/efs", USMT_EFS, SCAN, MUST_TAKE, false, 0, 0 },
	{ "/apps", USMT_APPS, SCAN, NOTHING, false, 0, BIT(PPKG) },
	{ "/ppkg", USMT_PPKG, SCAN, MAY_TAKE, false, 0, 0 },
	{ "/genconfig", USMT_GENCONFIG, SCAN, MUST_TAKE, false, CAPTURING | BIT(GENMIGXML), 0 },
	{ "/genmigxml", USMT_GENMIGXML, SCAN, MUST_TAKE, false, CAPTURING, 0 },
	{ "/p", USMT_P, SCAN, MAY_TAKE, false, BIT(LISTFILES), 0 },
	{ "/targetwindows7", USMT_TARGETWINDOWS7, SCAN, NOTHING, false, 0, 0 },

	{ "/offline", USMT_OFFLINE, SCAN, MUST_TAKE, false, BIT(OFFLINEWINDIR) | BIT(OFFLINEWINOLD), 0 },
	{ "/offlinewindir", USMT_OFFLINEWINDIR, SCAN, MUST_TAKE, false, BIT(OFFLINEWINOLD), 0 },
	{ "/offlinewinold", USMT_OFFLINEWINOLD, SCAN, MUST_TAKE, false, 0, 0 },

	{ "/i", USMT_I, ALL_TOOLS, MUST_TAKE, true, BIT(EC) | BIT(RD) | BIT(VERIFY), 0 },
	{ "/config", USMT_CONFIG, SCAN | LOAD, MUST_TAKE, false, 0, 0 },
	{ "/auto", USMT_AUTO, SCAN | LOAD, MAY_TAKE, false, BIT(ALL) | BIT(UI) | BIT(UE) | BIT(V), 0 },
	{ "/localonly", USMT_LOCALONLY, SCAN, NOTHING, false, 0, 0 },

	{ "/all", USMT_ALL, SCAN | LOAD, NOTHING, false, BIT(UI) | BIT(UE) | BIT(UEL), 0 },
	{ "/ui", USMT_UI, SCAN | LOAD, MUST_TAKE, true, 0, 0 },
	{ "/ue", USMT_UE, SCAN | LOAD, MUST_TAKE, true, 0, 0 },
	{ "/uel", USMT_UEL, SCAN | LOAD, MUST_TAKE, false, OFFLINE, 0 },
	{ "/md", USMT_MD, LOAD, MUST_TAKE, true, 0, 0 },
	{ "/mu", USMT_MU, LOAD, MUST_TAKE, true, 0, 0 },
	{ "/lac", USMT_LAC, LOAD, MAY_TAKE, false, 0, 0 },
	{ "/lae", USMT_LAE, LOAD, NOTHING, false, 0, BIT(LAC) },
	{ "/sf", USMT_SF, LOAD, NOTHING, false, 0, 0 },

	{ "/l", USMT_L, ALL_TOOLS, MUST_TAKE, false, 0, 0 },
	{ "/v", USMT_V, ALL_TOOLS, MUST_TAKE, false, 0, 0 },
	{ "/progress", USMT_PROGRESS, SCAN | LOAD, MUST_TAKE, false, 0, 0 },
	{ "/listfiles", USMT_LISTFILES, SCAN, MUST_TAKE, false, 0, 0 },
	{ "/c", USMT_C, SCAN | LOAD, NOTHING, false, 0, 0 },
	{ "/r", USMT_R, SCAN | LOAD, MUST_TAKE, false, 0, 0 },
	{ "/w", USMT_W, SCAN | LOAD, MUST_TAKE, false, 0, 0 },

	{ "/ec", USMT_EC, UTILS, NOTHING, false, COMMANDS & ~BIT(EC), 0 },
	{ "/rd", USMT_RD, UTILS, NOTHING, false, BIT(VERIFY) | BIT(EXTRACT), 0 },
	{ "/y", USMT_Y, UTILS, NOTHING, false, 0, BIT(RD) },
	{ "/verify", USMT_VERIFY, UTILS, MAY_TAKE, false, BIT(EXTRACT), 0 },
	{ "/extract", USMT_EXTRACT, UTILS, NOTHING, false, 0, 0 },
	{ "/e", USMT_E, UTILS, MUST_TAKE, true, 0, BIT(EXTRACT) },
};

#define ROWS (sizeof rows / sizeof rows[0])

/* The row that an argument means, "/l" of "/l:file"; *@value is what stands behind the separator, or NULL. */
static const struct option_row *find_row(enum usmt_tool tool, const char *argument, const char **value)
{
	const char *separators = argument[0] == '-' ? "=" : ":";
	size_t      length = strcspn(argument, separators);

	for (size_t i = 0; i < ROWS; i++) {
		if (!(rows[i].tools >> tool & 1) || strlen(rows[i].name) != length ||
		    strncasecmp(rows[i].name, argument, length) != 0)
			continue;
		*value = argument[length] ? argument + length + 1 : NULL;
		return &rows[i];
	}
	return NULL;
}

static bool is_option(enum usmt_tool tool, const char *argument)
{
	const char *value;

	return find_row(tool, argument, &value) != NULL;
}

static const struct option_row *row_of(enum usmt_option option)
{
	const struct option_row *row = rows;

	while (row->option != option)
		row++;
	return row;
}

const char *usmt_tool_name(enum usmt_tool tool)
{
	static const char *const names[] = { "ScanState", "LoadState", "UsmtUtils" };

	return names[tool];
}

const char *usmt_tool_program(enum usmt_tool tool)
{
	static const char *const programs[] = { "scanstate", "loadstate", "usmtutils" };

	return programs[tool];
}

static int refuse(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int refuse(struct error *err, const char *format, ...)
{
	char    text[sizeof err->text];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return error_set(err, ERROR_USAGE, NULL, "%s", text);
}

/* -------- words -------- */

static int check_length(const char *name, const char *text, struct error *err)
{
	size_t characters = 0;

	for (const char *at = text; *at; at++)
		characters += ((unsigned char)*at & 0xc0) != 0x80;
	if (characters <= CHARACTERS_MAX)
		return 0;
	return error_set(err, ERROR_BOUNDS, NULL, "%s has a value of %zu characters, and %u are allowed; use a shorter path",
			 name, characters, CHARACTERS_MAX);
}

/* Keep a value; quotes that a script's quoting has left around it go. */
static int keep(struct usmt_options *options, const struct option_row *row, const char *text, struct error *err)
{
	size_t length = strlen(text);
	bool   quoted = length >= 2 && text[0] == '"' && text[length - 1] == '"';
	char  *copy = quoted ? strndup(text + 1, length - 2) : strdup(text);

	if (!copy || !array_push(&options->values, (struct usmt_value){ row->option, copy })) {
		free(copy);
		return error_memory(err);
	}
	options->given |= UINT64_C(1) << row->option;
	if (!*copy && (row->takes == MUST_TAKE || row->option == USMT_OPERAND))
		return refuse(err, "%s lacks its value, as in %s:value", row->name, row->name);
	return row->option == USMT_ON ? 0 : check_length(row->name, copy, err);
}

/* Take one argument and, where its value stands behind it, the next. */
static int take(struct usmt_options *options, int argc, char *const *argv, int *at, struct error *err)
{
	const char              *argument = argv[(*at)++], *value = NULL;
	const struct option_row *row = find_row(options->tool, argument, &value);

	if (!row && (argument[0] == '/' || argument[0] == '-'))
		return refuse(err, "'%.80s' is no option of %s; '/?' lists them", argument,
			      usmt_tool_name(options->tool));
	if (!row)
		return keep(options, row_of(USMT_OPERAND), argument, err);
	if (!row->repeatable && usmt_options_has(options, row->option))
		return refuse(err, "%s is given twice; leave one of them out", row->name);
	if (row->takes == NOTHING && value)
		return refuse(err, "%s takes no value; leave ':%.60s' out", row->name, value);
	if (row->takes == MUST_TAKE && (!value || !*value) && *at < argc && !is_option(options->tool, argv[*at]))
		value = argv[(*at)++];
	if (row->takes == MAY_TAKE && value && !*value)
		return refuse(err, "%s lacks its value; leave out the ':', too, or add it", row->name);
	return keep(options, row, value ? value : "", err);
}

/* -------- together -------- */

/* "/a", "/a or /b" */
static void name_options(uint64_t options, char *text, size_t size)
{
	size_t length = 0;

	text[0] = 0;
	for (unsigned i = 0; i < USMT_OPTIONS; i++)
		if (options >> i & 1 && length < size)
			length += (size_t)snprintf(text + length, size - length, "%s%s", length ? " or " : "",
						   row_of(i)->name);
}

static uint64_t options_of(enum usmt_tool tool)
{
	uint64_t options = 0;

	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].tools >> tool & 1)
			options |= UINT64_C(1) << rows[i].option;
	return options;
}

static int check_row(const struct usmt_options *options, const struct option_row *row, struct error *err)
{
	uint64_t excluded = row->excludes & options->given;
	char     names[128];

	if (!usmt_options_has(options, row->option))
		return 0;
	if (excluded) {
		name_options(excluded & -excluded, names, sizeof names);
		return refuse(err, "%s and %s exclude each other; leave one of them out", row->name, names);
	}
	if (!row->needs || row->needs & options->given)
		return 0;
	name_options(row->needs & options_of(options->tool), names, sizeof names);
	return refuse(err, "%s needs %s as well; add it, or leave %s out", row->name, names, row->name);
}

static int check_together(const struct usmt_options *options, struct error *err)
{
	for (size_t i = 0; i < ROWS; i++)
		if (check_row(options, &rows[i], err) < 0)
			return -1;
	if (usmt_options_has(options, USMT_P) && !*usmt_options_value(options, USMT_P) &&
	    !usmt_options_has(options, USMT_NOCOMPRESS))
		return refuse(err, "/p alone estimates an uncompressed store; add /nocompress, or name a file as in "
				   "/p:size.xml");
	if (options->efs == USMT_EFS_HARDLINK && !usmt_options_has(options, USMT_HARDLINK))
		return refuse(err, "/efs:hardlink needs /hardlink and /nocompress as well; add them, or say "
				   "/efs:copyraw");
	return 0;
}

/* How many operands the command takes. */
static size_t wanted_operands(const struct usmt_options *options)
{
	if (options->given & (BIT(GENCONFIG) | BIT(GENMIGXML) | BIT(EC)))
		return 0;
	return usmt_options_has(options, USMT_EXTRACT) ? 2 : 1;
}

static int check_operands(struct usmt_options *options, struct error *err)
{
	size_t wanted = wanted_operands(options), count = 0;

	if (options->tool == USMT_USMTUTILS && !(options->given & COMMANDS))
		return refuse(err, "UsmtUtils needs a command: /ec, /rd, /verify or /extract");
	for (size_t i = 0; i < options->values.count; i++) {
		const struct usmt_value *value = &options->values.items[i];

		if (value->option != USMT_OPERAND)
			continue;
		if (count++ == 0)
			options->store = value->text;
		if (count > wanted)
			return refuse(err, "'%.80s' is one argument too many; quote paths that hold blanks", value->text);
	}
	if (count < wanted && options->tool == USMT_USMTUTILS)
		return refuse(err, "the command lacks what it works on, as in /rd C:\\StateStore");
	if (count < wanted)
		return refuse(err, "the store is not named; give its folder, as in C:\\StateStore");
	return 0;
}

/* -------- values -------- */

/* A decimal number up to @max; -1: none. */
static long parse_number(const char *text, long max)
{
	long number = 0;

	if (!*text)
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		number = number * 10 + (*text - '0');
		if (number > max)
			return -1;
	}
	return number;
}

/* The place of a word in a list that ends with NULL, case aside; -1: not there. */
static int find_word(const char *const *words, const char *text)
{
	for (int i = 0; words[i]; i++)
		if (strcasecmp(words[i], text) == 0)
			return i;
	return -1;
}

static int read_verbosity(struct usmt_options *options, const char *text, struct error *err)
{
	long level = parse_number(text, USMT_V_VERBOSE | USMT_V_OBJECTS | USMT_V_DEBUGGER);

	if (level < 0 || level & ~(USMT_V_VERBOSE | USMT_V_OBJECTS | USMT_V_DEBUGGER))
		return refuse(err, "/v takes 0, 1, 4, 5, 8, 9, 12 or 13, not '%.40s'", text);
	options->verbosity = (unsigned)level;
	return 0;
}

static int read_efs(struct usmt_options *options, const char *text, struct error *err)
{
	static const char *const words[] = { "abort", "skip", "decryptcopy", "copyraw", "hardlink", NULL };
	int                      word = find_word(words, text);

	if (word < 0)
		return refuse(err, "/efs takes abort, skip, decryptcopy, copyraw or hardlink, not '%.40s'", text);
	options->efs = (enum usmt_efs)word;
	return 0;
}

static int read_verify(struct usmt_options *options, const char *text, struct error *err)
{
	static const char *const words[] = { "summary", "all", "failureonly", "catalog", NULL };
	int                      word = *text ? find_word(words, text) : USMT_VERIFY_SUMMARY;

	if (word < 0)
		return refuse(err, "/verify takes summary, all, failureonly or catalog, not '%.40s'", text);
	options->verify = (enum usmt_verify)word;
	return 0;
}

static int check_algorithm(const char *name, const char *text, struct error *err)
{
	static const char *const words[] = { "", "AES", "AES_128", "AES_192", "AES_256", "3DES", "3DES_112", NULL };

	if (find_word(words, text) < 0)
		return refuse(err, "%s takes AES, AES_128, AES_192, AES_256, 3DES or 3DES_112, not '%.40s'", name, text);
	return 0;
}

static int check_count(const char *name, const char *text, struct error *err)
{
	if (parse_number(text, INT32_MAX) < 0)
		return refuse(err, "%s takes a whole number, not '%.40s'", name, text);
	return 0;
}

/* "2026/2/15": the beginning of that day, UTC; false if there is no such day. */
static bool parse_date(const char *text, struct timespec *time)
{
	int       year, month, day, length = 0;
	struct tm asked = { 0 }, real;

	if (strspn(text, "0123456789/") != strlen(text) || strlen(text) > 10 ||
	    sscanf(text, "%4d/%2d/%2d%n", &year, &month, &day, &length) != 3 || text[length] || year < 1601)
		return false;
	asked = (struct tm){ .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	real = asked;
	*time = (struct timespec){ .tv_sec = timegm(&real) };
	return real.tm_year == asked.tm_year && real.tm_mon == asked.tm_mon && real.tm_mday == asked.tm_mday;
}

static int read_used_since(struct usmt_options *options, const char *text, int64_t now, struct error *err)
{
	long            days = parse_number(text, 150000); /* some 400 years: since 1601 */
	struct timespec since = { .tv_sec = now - days * 86400 };

	if (days == 0)
		return refuse(err, "/uel:0 means who is logged on, and nobody is in a Windows that does not run; give days, as "
				   "in /uel:30");
	if (days < 0 && !parse_date(text, &since))
		return refuse(err, "/uel takes days or a date, as in /uel:30 or /uel:2026/2/15, not '%.40s'", text);
	options->used_since = ntfs_time_from_timespec(since);
	return 0;
}

/* "Old:New" is parted where its colon is. */
static int read_rename(struct usmt_renames *renames, const char *name, char *text, struct error *err)
{
	bool  users = strcmp(name, "/mu") == 0;
	char *colon = strchr(text, ':');

	if (!colon || colon == text || !colon[1] || strchr(colon + 1, ':'))
		return refuse(err, "%s takes two names with a colon between them, as in %s, not '%.60s'", name,
			      users ? "/mu:OLD\\anna:NEW\\anna" : "/md:OLD:NEW", text);
	if (strchr(users ? text : colon + 1, '*'))
		return refuse(err, "%s:%.60s has a '*' where a name must stand; give the name", name, text);
	*colon = 0;
	if (!array_push(renames, (struct account_rename){ text, colon + 1 }))
		return error_memory(err);
	return 0;
}

static int add_text(struct usmt_texts *texts, const char *text, struct error *err)
{
	return array_push(texts, text) ? 0 : error_memory(err);
}

static int read_user(struct usmt_texts *texts, const char *name, const char *text, struct error *err)
{
	const char *user = strchr(text, '\\');

	if (!*text || (user && (user == text || !user[1] || strchr(user + 1, '\\'))))
		return refuse(err, "%s takes DOMAIN\\user, a user or a SID, not '%.60s'", name, text);
	return add_text(texts, text, err);
}

static int read_value(struct usmt_options *options, struct usmt_value *value, int64_t now, struct error *err)
{
	const char *name = row_of(value->option)->name;

	switch (value->option) {
	case USMT_ON:
		return add_text(&options->volumes, value->text, err);
	case USMT_I:
		return add_text(&options->rules, value->text, err);
	case USMT_UI:
		return read_user(&options->included, name, value->text, err);
	case USMT_UE:
		return read_user(&options->excluded, name, value->text, err);
	case USMT_UEL:
		return read_used_since(options, value->text, now, err);
	case USMT_MU:
		return read_rename(&options->users, name, value->text, err);
	case USMT_MD:
		return read_rename(&options->domains, name, value->text, err);
	case USMT_V:
		return read_verbosity(options, value->text, err);
	case USMT_EFS:
		return read_efs(options, value->text, err);
	case USMT_VERIFY:
		return read_verify(options, value->text, err);
	case USMT_ENCRYPT:
	case USMT_DECRYPT:
		return check_algorithm(name, value->text, err);
	case USMT_R:
	case USMT_W:
		return check_count(name, value->text, err);
	case USMT_AUTO:
		options->verbosity = USMT_V_VERBOSE | USMT_V_OBJECTS;
		return 0;
	default:
		return 0;
	}
}

int usmt_options_parse(struct usmt_options *options, enum usmt_tool tool, int argc, char *const *argv, int64_t now,
		       struct error *err)
{
	*options = (struct usmt_options){ .tool = tool };
	if (argc == 0)
		return refuse(err, "%s needs arguments; '/?' lists them", usmt_tool_name(tool));
	for (int at = 0; at < argc && !usmt_options_has(options, USMT_HELP);)
		if (take(options, argc, argv, &at, err) < 0)
			return -1;
	if (usmt_options_has(options, USMT_HELP))
		return 0;
	for (size_t i = 0; i < options->values.count; i++)
		if (read_value(options, &options->values.items[i], now, err) < 0)
			return -1;
	return check_together(options, err) < 0 ? -1 : check_operands(options, err);
}

void usmt_options_release(struct usmt_options *options)
{
	for (size_t i = 0; i < options->values.count; i++)
		free(options->values.items[i].text);
	array_release(&options->values);
	array_release(&options->rules);
	array_release(&options->included);
	array_release(&options->excluded);
	array_release(&options->volumes);
	array_release(&options->users);
	array_release(&options->domains);
}

const char *usmt_options_value(const struct usmt_options *options, enum usmt_option option)
{
	for (size_t i = 0; i < options->values.count; i++)
		if (options->values.items[i].option == option)
			return options->values.items[i].text;
	return NULL;
}
