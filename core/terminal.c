/* SPDX-License-Identifier: GPL-3.0-or-later */
/* terminal.c - see terminal.h */
#include "core/terminal.h"

#include "core/cleanup.h"
#include "core/progress.h"
#include "core/text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_MOST  80u
#define COLUMNS_LEAST 20u
#define LABEL_COLUMNS 24u /* text behind a wider one is not aligned with it */
#define TAB_COLUMNS   8u
#define FITTING_LEAST 12u /* columns of a name that is cut */
#define ELLIPSIS      "\u2026"
#define LINE_BYTES    (256u << 10) /* no path is longer: characters and words reach the door whole */

#define INK_END "\033[0m"

static const char *const ink_codes[INKS] = {
	[INK_HEADING] = "\033[1m", [INK_GOOD] = "\033[32m", [INK_DOUBT] = "\033[33m",
	[INK_BAD] = "\033[31m",    [INK_NEXT] = "\033[1m",
};

struct terminal {
	FILE    *out;      /* what is printed to; NULL if there is no terminal */
	FILE    *device;
	unsigned width;
	bool     coloured;
	unsigned column;   /* where the next character goes */
	unsigned hang;     /* where a line goes on that was wrapped */
	bool     whole;    /* this line is not wrapped */
};

static struct terminal terminals[2]; /* stdout, stderr */
static char            lines[2][LINE_BYTES];
static bool            keep_lines;

/* -------- a line -------- */

/* The bytes of @code if it stands here. */
static size_t begins(const char *code, const char *at, const char *end)
{
	size_t length = strlen(code);

	return (size_t)(end - at) >= length && memcmp(at, code, length) == 0 ? length : 0;
}

/* Of our own code that begins here; 0 if none does. */
static size_t ink_length(const char *at, const char *end)
{
	size_t length = begins(INK_END, at, end);

	for (size_t i = 0; !length && i < INKS; i++)
		length = begins(ink_codes[i], at, end);
	return length;
}

/* The next character, or one of our own codes, which has no columns; returns its bytes. */
static size_t next_piece(const char *at, const char *end, unsigned *columns)
{
	size_t length = *at == '\033' ? ink_length(at, end) : 0;

	*columns = 0;
	return length ? length : text_next(at, (size_t)(end - at), columns);
}

static unsigned columns_of(const char *at, const char *end)
{
	unsigned sum = 0, columns;

	for (; at < end; sum += columns)
		at += next_piece(at, end, &columns);
	return sum;
}

static void put(struct terminal *terminal, const char *at, const char *end)
{
	unsigned columns;

	for (size_t length; at < end; at += length) {
		length = next_piece(at, end, &columns);
		if (*at == '\033' && columns == 0)
			fwrite(at, 1, length, terminal->device);
		else
			text_print(terminal->device, at, length);
		terminal->column += columns;
	}
}

static void put_blanks(struct terminal *terminal, const char *at, const char *end)
{
	for (; at < end; at++) {
		fputc(*at, terminal->device);
		terminal->column += *at == '\t' ? TAB_COLUMNS - terminal->column % TAB_COLUMNS : 1;
	}
}

static void wrap(struct terminal *terminal)
{
	fprintf(terminal->device, "\n%*s", (int)terminal->hang, "");
	terminal->column = terminal->hang;
}

/* What of a word that is too long stays on this line: up to its last separator there, if it has one. */
static const char *part_that_fits(const struct terminal *terminal, const char *word, const char *end)
{
	const char *at = word, *best = NULL;
	unsigned    room = terminal->width - terminal->column, columns;

	while (at < end) {
		size_t length = next_piece(at, end, &columns);

		if (columns > room)
			return best ? best : at == word ? at + length : at;
		room -= columns;
		at += length;
		if (at[-1] == '\\' || at[-1] == '/')
			best = at;
	}
	return end;
}

static void put_word(struct terminal *terminal, const char *blanks, const char *word, const char *end)
{
	unsigned columns = columns_of(word, end), between = (unsigned)(word - blanks);
	bool     fits = terminal->column + between + columns <= terminal->width;

	if (!fits && terminal->column > terminal->hang && word > blanks && terminal->column + between > terminal->hang)
		wrap(terminal);
	else
		put_blanks(terminal, blanks, word);
	while (terminal->column + columns_of(word, end) > terminal->width) {
		const char *part = part_that_fits(terminal, word, end);

		put(terminal, word, part);
		word = part;
		if (word < end)
			wrap(terminal);
	}
	put(terminal, word, end);
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

static const char *skip_word(const char *at, const char *end)
{
	while (at < end && !is_blank(*at))
		at++;
	return at;
}

/* A command that is to be copied stands indented in a line of its own, behind a > or not. */
static bool is_command(const char *line, const char *end)
{
	const char *at = skip_blanks(line, end);
	bool        indented = at - line >= 2;

	at += ink_length(at, end);
	at += begins("> ", at, end);
	at += ink_length(at, end);
	return indented && begins("holdfast ", at, end);
}

/* Behind a label, or two columns more than the line is indented. */
static unsigned hang_of(const char *line, const char *end, unsigned width)
{
	const char *at = skip_blanks(line, end);
	unsigned    indent = (unsigned)(at - line), column = indent, hang = indent + 2;

	while (at < end && column < LABEL_COLUMNS) {
		const char *word_end = skip_word(at, end), *next = skip_blanks(word_end, end);

		column += columns_of(at, word_end) + (unsigned)(next - word_end);
		if (next - word_end >= 2 && next < end && column <= LABEL_COLUMNS) {
			hang = column;
			break;
		}
		at = next;
	}
	return hang < width / 2 ? hang : width / 2;
}

/* A line without its end, or what there is of it. */
static void put_line(struct terminal *terminal, const char *line, const char *end)
{
	const char *word;

	if (terminal->column == 0) {
		terminal->whole = keep_lines || is_command(line, end);
		terminal->hang = hang_of(line, end, terminal->width);
	}
	for (const char *at = line; at < end; at = word) {
		const char *blanks = at;

		at = skip_blanks(at, end);
		word = skip_word(at, end);
		if (!terminal->whole) {
			put_word(terminal, blanks, at, word);
			continue;
		}
		put_blanks(terminal, blanks, at);
		put(terminal, at, word);
	}
}

/* -------- the door -------- */

static ssize_t terminal_write(void *context, const char *bytes, size_t size)
{
	struct terminal *terminal = context;
	const char      *at = bytes, *end = bytes + size;

	progress_wipe();
	while (at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));

		put_line(terminal, at, line_end ? line_end : end);
		if (line_end) {
			fputc('\n', terminal->device);
			terminal->column = 0;
		}
		at = line_end ? line_end + 1 : end;
	}
	return fflush(terminal->device) == 0 ? (ssize_t)size : 0;
}

unsigned terminal_columns_of(int fd)
{
	const char    *told = getenv("COLUMNS");
	unsigned long  columns = told ? strtoul(told, NULL, 10) : 0;
	struct winsize size;

	if (!columns && ioctl(fd, TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	return !columns || columns > COLUMNS_MOST ? COLUMNS_MOST :
	       columns < COLUMNS_LEAST            ? COLUMNS_LEAST :
						    (unsigned)columns;
}

static bool has_colours(void)
{
	const char *refused = getenv("NO_COLOR"), *type = getenv("TERM");

	return !(refused && *refused) && type && *type && strcmp(type, "dumb") != 0;
}

/* Returns what takes the place of @standard: itself where that is no terminal. */
static FILE *open_one(struct terminal *terminal, char *line, FILE *standard, int fd)
{
	cookie_io_functions_t door = { .write = terminal_write };
	FILE                 *out;

	if (!isatty(fd) || !(out = fopencookie(terminal, "w", door)))
		return standard;
	setvbuf(out, line, _IOLBF, LINE_BYTES);
	*terminal = (struct terminal){
		.out = out, .device = standard, .width = terminal_columns_of(fd), .coloured = has_colours()
	};
	return out;
}

void terminal_open(void)
{
	stdout = open_one(&terminals[0], lines[0], stdout, STDOUT_FILENO);
	stderr = open_one(&terminals[1], lines[1], stderr, STDERR_FILENO);
}

void terminal_keep_lines(void)
{
	keep_lines = true;
}

static const struct terminal *find_terminal(const FILE *out)
{
	for (size_t i = 0; i < sizeof terminals / sizeof terminals[0]; i++)
		if (terminals[i].out && terminals[i].out == out)
			return &terminals[i];
	return NULL;
}

unsigned terminal_columns(FILE *out)
{
	const struct terminal *terminal = find_terminal(out);

	return terminal ? terminal->width : COLUMNS_MOST;
}

/* Where @columns of the text end. */
static size_t bytes_of_columns(const char *text, size_t length, unsigned columns)
{
	size_t   at = 0;
	unsigned wide;

	while (at < length) {
		size_t bytes = text_next(text + at, length - at, &wide);

		if (wide > columns)
			break;
		columns -= wide;
		at += bytes;
	}
	return at;
}

void terminal_print_fitting(FILE *out, const char *text, unsigned others)
{
	const struct terminal *terminal = find_terminal(out);
	size_t                 length = strlen(text), head, tail;
	unsigned               columns = text_columns(text, length), room, wide;

	room = !terminal ? columns : terminal->width > others ? terminal->width - others : 0;
	room = room < FITTING_LEAST ? FITTING_LEAST : room;
	if (columns <= room) {
		text_print(out, text, length);
		return;
	}
	head = bytes_of_columns(text, length, room / 3);
	for (tail = head; text_columns(text + tail, length - tail) > room - room / 3 - 1;)
		tail += text_next(text + tail, length - tail, &wide);
	text_print(out, text, head);
	fputs(ELLIPSIS, out);
	text_print(out, text + tail, length - tail);
}

void ink_print(FILE *out, enum ink ink, const char *format, ...)
{
	const struct terminal  *terminal = find_terminal(out);
	bool                    coloured = terminal && terminal->coloured;
	CLEANUP(free_ptr) char *text = NULL;
	va_list                 arguments;

	va_start(arguments, format);
	text = text_format_list(format, arguments);
	va_end(arguments);
	if (!text)
		return;
	if (coloured)
		fputs(ink_codes[ink], out);
	text_print(out, text, strlen(text));
	if (coloured)
		fputs(INK_END, out);
}

void ink_heading(FILE *out, const char *heading)
{
	fputc('\n', out);
	ink_print(out, INK_HEADING, "%s", heading);
	fputc('\n', out);
}

void ink_next(FILE *out, const char *next)
{
	fputs("  ", out);
	ink_print(out, INK_NEXT, "> %s", next);
	fputc('\n', out);
}
