/* SPDX-License-Identifier: GPL-3.0-or-later */
/* key_ring.c - see key_ring.h */
#include "scan/key_ring.h"

#include "core/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>

#define GROUPS         8
#define GROUP_DIGITS   6
#define GROUP_FACTOR   11u     /* each group is a number of 16 bits times this: a typing error shows */
#define PASSWORD_BYTES 1024u   /* more than Windows takes */

static int add(struct key_ring *ring, enum image_key kind, const char *key, size_t length, struct error *err)
{
	char *text;

	if (ring->count == IMAGE_KEYS_MAX)
		return error_set(err, ERROR_USAGE, NULL, "more than %u keys cannot be tried", IMAGE_KEYS_MAX);
	text = malloc(length + 2);
	if (!text)
		return error_memory(err);
	text[0] = (char)kind;
	memcpy(text + 1, key, length);
	text[length + 1] = 0;
	ring->keys[ring->count++] = text;
	return 0;
}

/* -------- recovery keys -------- */

/* The 48 digits, in groups as Windows writes them; spaces for dashes, or nothing between, will do. */
static int read_recovery(const char *value, char key[GROUPS * (GROUP_DIGITS + 1)], struct error *err)
{
	const char *at = value;
	char       *to = key;

	for (int group = 1; group <= GROUPS; group++) {
		unsigned number = 0;

		while (*at == '-' || *at == ' ')
			at++;
		for (int i = 0; i < GROUP_DIGITS; i++, at++) {
			if (*at < '0' || *at > '9')
				return error_set(err, ERROR_USAGE, NULL,
						 "a recovery key has eight groups of six digits; group %d is none",
						 group);
			number = number * 10 + (unsigned)(*at - '0');
			*to++ = *at;
		}
		if (number % GROUP_FACTOR || number / GROUP_FACTOR > UINT16_MAX)
			return error_set(err, ERROR_USAGE, NULL,
					 "group %d of the recovery key is mistyped; look at it again", group);
		*to++ = group < GROUPS ? '-' : 0;
	}
	if (*at)
		return error_set(err, ERROR_USAGE, NULL, "a recovery key has no more than eight groups of six digits");
	return 0;
}

/* Stars over @secret wherever @text has it. */
static void hide(char *text, const char *secret)
{
	size_t length = strlen(secret);
	char  *at = text;

	while (length && at && (at = strstr(at, secret)) != NULL)
		memset(at, '*', length);
}

static int take_recovery(struct key_ring *ring, char *value, char *line, struct error *err)
{
	char key[GROUPS * (GROUP_DIGITS + 1)];
	int  result = read_recovery(value, key, err);

	if (result == 0)
		result = add(ring, IMAGE_KEY_RECOVERY, key, strlen(key), err);
	explicit_bzero(key, sizeof key);
	if (line)
		hide(line, value);
	memset(value, '*', strlen(value));
	return result;
}

/* -------- passwords -------- */

/* No echo while @fd, if it is a terminal, is typed on.  Returns whether @before is to be put back. */
static bool silence(int fd, struct termios *before)
{
	struct termios quiet;

	if (!isatty(fd) || tcgetattr(fd, before) < 0)
		return false;
	fputs("Password of the BitLocker volume: ", stderr);
	quiet = *before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	return tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
}

/* The first line that comes from there; no more of a terminal or a pipe is read than that. */
static ssize_t read_line(int fd, char *line, size_t room)
{
	size_t used = 0;

	while (used < room) {
		ssize_t got = read(fd, line + used, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0 || line[used] == '\n')
			break;
		used++;
	}
	if (used && used < room && line[used - 1] == '\r')
		used--;
	return (ssize_t)used;
}

static int take_password(struct key_ring *ring, const char *path, struct error *err)
{
	bool              typed = strcmp(path, "-") == 0;
	CLEANUP(close_fd) int file = typed ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int               fd = typed ? STDIN_FILENO : file, result;
	struct termios    before;
	char              line[PASSWORD_BYTES];
	ssize_t           length;
	bool              silent;

	if (fd < 0)
		return error_sys(err, path, "cannot read the password");
	silent = silence(fd, &before);
	length = read_line(fd, line, sizeof line);
	if (silent) {
		(void)tcsetattr(fd, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	if (length < 0)
		result = error_sys(err, path, "cannot read the password");
	else if (length == 0 || length == sizeof line || memchr(line, 0, (size_t)length))
		result = error_set(err, ERROR_USAGE, path,
				   "holds no password in its first line; write it there as UTF-8 text");
	else
		result = add(ring, IMAGE_KEY_PASSWORD, line, (size_t)length, err);
	explicit_bzero(line, sizeof line);
	return result;
}

/* -------- public -------- */

int key_ring_option(struct key_ring *ring, int option, char *value, char *line, bool *taken, struct error *err)
{
	*taken = option == KEY_RING_RECOVERY || option == KEY_RING_PASSWORD;
	if (option == KEY_RING_RECOVERY)
		return take_recovery(ring, value, line, err);
	return *taken ? take_password(ring, value, err) : 0;
}

void key_ring_release(struct key_ring *ring)
{
	for (size_t i = 0; i < ring->count; i++) {
		explicit_bzero(ring->keys[i], strlen(ring->keys[i]));
		free(ring->keys[i]);
	}
	*ring = (struct key_ring){ .count = 0 };
}
