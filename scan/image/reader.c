/* SPDX-License-Identifier: MIT */
/*
 * reader.c - the program holdfast-image: serves the bytes of one disk image
 *
 *     holdfast-image SOCKET WINDOW
 *
 * Started by client.c with two descriptors, spoken to by protocol.h.  Container formats are parsed
 * by libtsk and the libraries under it; they have a history of memory errors, and libtsk's licence
 * (CPL/IPL) does not mix with the GPL of the main program, so they live in a process of their own:
 * this one, MIT licensed, without a line from outside this folder, and locked in (sandbox.h) before
 * the first byte of an image is parsed.  It writes nothing but its answers.
 */
#include "scan/image/container.h"
#include "scan/image/protocol.h"
#include "scan/image/sandbox.h"
#include "scan/image/table.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

struct reader {
	int              socket;
	uint8_t         *window; /* IMAGE_WINDOW_BYTES */
	struct container image;
	bool             tried;  /* OPEN was asked for; there is no second time */
};

static void set_text(char *to, size_t room, const char *from)
{
	snprintf(to, room, "%s", from);
}

static int refuse(struct image_reply *reply, const char *why)
{
	set_text(reply->text, sizeof reply->text, why);
	return -1;
}

/* -------- operations: 0, or -1 with reply->text -------- */

/* Cut the window into paths.  They are copied: the window is used for bytes afterwards. */
static char **take_paths(const struct reader *reader, const struct image_request *request)
{
	const char *at, *end;
	char       *text, **paths;

	if (!request->paths || request->paths > IMAGE_PATHS_MAX || !request->length ||
	    request->length > IMAGE_WINDOW_BYTES || reader->window[request->length - 1])
		return NULL;
	paths = calloc(request->paths, sizeof *paths);
	text = malloc(request->length);
	if (!paths || !text)
		exit(EXIT_FAILURE);
	memcpy(text, reader->window, request->length);
	at = text;
	end = text + request->length;
	for (size_t i = 0; i < request->paths; i++, at += strlen(at) + 1) {
		if (at >= end)
			return NULL;
		paths[i] = (char *)at;
	}
	return paths; /* kept until the end: libraries may look at them when they open lazily */
}

static int serve_open(struct reader *reader, const struct image_request *request, struct image_reply *reply)
{
	char **paths = take_paths(reader, request);
	char   type[IMAGE_KIND_BYTES];

	if (reader->tried)
		return refuse(reply, "an image was opened here before");
	if (!paths)
		return refuse(reply, "the paths of the image are malformed");
	set_text(type, sizeof type, request->type);
	reader->tried = true;
	for (size_t i = 0; i < request->paths; i++)
		if (container_check(paths[i], reply->text) < 0)
			return -1;
	if (sandbox_enter(paths, request->paths, reader->socket, reply->text) < 0)
		return -1;
	if (container_open(&reader->image, paths, request->paths, type, request->sector_bytes,
			   reply->text) < 0) {
		container_close(&reader->image);
		return -1;
	}
	reply->size_bytes = reader->image.size_bytes;
	reply->sector_bytes = reader->image.sector_bytes;
	set_text(reply->kind, sizeof reply->kind, reader->image.format);
	set_text(reply->text, sizeof reply->text, reader->image.remark);
	return 0;
}

static int serve_read(struct reader *reader, const struct image_request *request, struct image_reply *reply)
{
	size_t bad;

	if (request->length > IMAGE_WINDOW_BYTES)
		return refuse(reply, "more bytes were asked for than the window holds");
	reply->count = container_read(&reader->image, reader->window, (size_t)request->length,
				      request->offset, &bad);
	reply->bad = bad;
	return 0;
}

static bool read_all(void *image, void *buffer, size_t length, uint64_t offset)
{
	size_t bad;

	return container_read(image, buffer, length, offset, &bad) == length;
}

static int serve_partitions(struct reader *reader, struct image_reply *reply)
{
	struct table_disk disk = { read_all, &reader->image, reader->image.size_bytes,
				   reader->image.sector_bytes };
	struct table      table;

	table_find(&disk, (struct image_partition *)(void *)reader->window, &table);
	reply->count = table.count;
	reply->sector_bytes = table.sector_bytes;
	set_text(reply->kind, sizeof reply->kind, table.kind);
	set_text(reply->text, sizeof reply->text, table.remark);
	return 0;
}

static int serve(struct reader *reader, const struct image_request *request, struct image_reply *reply)
{
	switch (request->operation) {
	case IMAGE_OPEN:
		return serve_open(reader, request, reply);
	case IMAGE_CLOSE:
		container_close(&reader->image);
		return 0;
	case IMAGE_READ:
	case IMAGE_PARTITIONS:
		if (!reader->image.format)
			return refuse(reply, "no image is open");
		return request->operation == IMAGE_READ ? serve_read(reader, request, reply)
							: serve_partitions(reader, reply);
	default:
		return refuse(reply, "there is no such operation");
	}
}

/* -------- the program -------- */

/* A descriptor from the command line, or -1. */
static int descriptor(const char *text)
{
	char *end;
	long  number = strtol(text, &end, 10);

	return *text && !*end && number > STDERR_FILENO && number < 1 << 20 ? (int)number : -1;
}

/* Descriptors that a careless parent left open are none of our business. */
static void close_all_but(int a, int b)
{
	unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);

	if (low > STDERR_FILENO + 1)
		(void)close_range(STDERR_FILENO + 1, low - 1, 0);
	if (high > low + 1)
		(void)close_range(low + 1, high - 1, 0);
	(void)close_range(high + 1, ~0u, 0);
}

/* Libraries print names from the image; they must not reach the terminal.  All three read-only. */
static int silence(void)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0)
		return -1;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (!(SANDBOX_SANITIZED && fd == STDERR_FILENO) && dup2(null, fd) < 0)
			return -1;
	if (null > STDERR_FILENO)
		close(null);
	return 0;
}

static int prepare(struct reader *reader, char **arguments)
{
	void *window;
	int   memory = descriptor(arguments[2]);

	reader->socket = descriptor(arguments[1]);
	if (reader->socket < 0 || memory < 0)
		return -1;
	close_all_but(reader->socket, memory);
	window = mmap(NULL, IMAGE_WINDOW_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (window == MAP_FAILED || lseek(memory, 0, SEEK_END) != IMAGE_WINDOW_BYTES)
		return -1;
	close(memory);
	reader->window = window;
	return 0;
}

#if SANDBOX_SANITIZED
/* libtsk leaks when an image is not what it seems, and the sandbox leaves no way to look for leaks. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

int main(int count, char **arguments)
{
	struct reader        reader = { .image.remark = "" };
	struct image_request request = { .operation = 0 };

	if (count != 3) {
		fprintf(stderr, "holdfast-image: started by holdfast, to read disk images\n");
		return 2;
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prepare(&reader, arguments) < 0) {
		fprintf(stderr, "holdfast-image: cannot use its descriptors: %s\n", strerror(errno));
		return 2;
	}
	if (silence() < 0)
		return 2;
	clearenv(); /* afflib takes options, a trace file among them, from there */

	while (request.operation != IMAGE_CLOSE) {
		struct image_reply reply = { .magic = IMAGE_MAGIC };
		ssize_t            got = read(reader.socket, &request, sizeof request);

		if (got < 0 && errno == EINTR)
			continue;
		if (got != sizeof request || request.magic != IMAGE_MAGIC)
			break; /* end of file: the parent is gone */
		reply.operation = request.operation;
		reply.failed = serve(&reader, &request, &reply) < 0;
		if (write(reader.socket, &reply, sizeof reply) != sizeof reply)
			break;
	}
	return 0;
}
