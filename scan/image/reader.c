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
#include "scan/image/bitlocker.h"
#include "scan/image/container.h"
#include "scan/image/protocol.h"
#include "scan/image/sandbox.h"
#include "scan/image/shadow.h"
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

/* A volume within what was read before; one of the two, all zeros the other. */
struct layer {
	struct shadow    shadow;
	struct bitlocker bitlocker;
};

struct reader {
	int              socket;
	uint8_t         *window; /* IMAGE_WINDOW_BYTES */
	struct container image;
	bool             tried;  /* OPEN was asked for; there is no second time */
	struct source    sources[IMAGE_DEPTH_MAX + 1]; /* the image, and each volume within */
	struct layer     layers[IMAGE_DEPTH_MAX];
	size_t           depth;  /* of layers; sources[depth] is what is read */
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

/* Cut the window into texts.  They are copied: the window is used for bytes afterwards. */
static char **take_texts(const struct reader *reader, const struct image_request *request)
{
	const char *at, *end;
	char       *text, **texts;

	if (!request->count || request->count > IMAGE_PATHS_MAX || !request->text_bytes ||
	    request->text_bytes > IMAGE_WINDOW_BYTES || reader->window[request->text_bytes - 1])
		return NULL;
	texts = calloc(request->count, sizeof *texts);
	text = malloc(request->text_bytes);
	if (!texts || !text)
		exit(EXIT_FAILURE);
	memcpy(text, reader->window, request->text_bytes);
	at = text;
	end = text + request->text_bytes;
	for (size_t i = 0; i < request->count; i++, at += strlen(at) + 1) {
		if (at >= end)
			return NULL;
		texts[i] = (char *)at;
	}
	return texts;
}

static int serve_open(struct reader *reader, const struct image_request *request, struct image_reply *reply)
{
	char **paths = take_texts(reader, request); /* kept: libraries may look at them when they open lazily */
	char   type[IMAGE_KIND_BYTES];

	if (reader->tried)
		return refuse(reply, "an image was opened here before");
	if (!paths)
		return refuse(reply, "the paths of the image are malformed");
	set_text(type, sizeof type, request->type);
	reader->tried = true;
	for (size_t i = 0; i < request->count; i++)
		if (container_check(paths[i], reply->text) < 0)
			return -1;
	if (sandbox_enter(paths, request->count, reader->socket, reply->text) < 0)
		return -1;
	if (container_open(&reader->image, paths, request->count, type, request->sector_bytes,
			   reply->text) < 0) {
		container_close(&reader->image);
		return -1;
	}
	reader->sources[0] = container_source(&reader->image);
	reply->size_bytes = reader->image.size_bytes;
	reply->sector_bytes = reader->image.sector_bytes;
	set_text(reply->kind, sizeof reply->kind, reader->image.format);
	set_text(reply->text, sizeof reply->text, reader->image.remark);
	reply->stored = reader->image.stored;
	return 0;
}

static int serve_read(struct reader *reader, const struct image_request *request, struct image_reply *reply)
{
	size_t bad;

	if (request->length > IMAGE_WINDOW_BYTES)
		return refuse(reply, "more bytes were asked for than the window holds");
	reply->count = source_read(&reader->sources[reader->depth], reader->window, (size_t)request->length,
				   request->offset, &bad);
	reply->bad = bad;
	return 0;
}

static bool read_all(void *source, void *buffer, size_t length, uint64_t offset)
{
	size_t bad;

	return source_read(source, buffer, length, offset, &bad) == length;
}

static int serve_partitions(struct reader *reader, struct image_reply *reply)
{
	struct table_disk disk = { read_all, &reader->sources[reader->depth],
				   reader->sources[reader->depth].size_bytes, reader->image.sector_bytes };
	struct table      table;

	table_find(&disk, (struct image_partition *)(void *)reader->window, &table);
	reply->count = table.count;
	reply->sector_bytes = table.sector_bytes;
	set_text(reply->kind, sizeof reply->kind, table.kind);
	set_text(reply->text, sizeof reply->text, table.remark);
	return 0;
}

static int serve_holes(struct reader *reader, const struct image_request *request, struct image_reply *reply)
{
	if (reader->depth || request->count > IMAGE_HOLES_MAX ||
	    container_set_holes(&reader->image, (const struct image_hole *)(const void *)reader->window,
				request->count) < 0)
		return refuse(reply, "the list of unreadable places is malformed");
	return 0;
}

static int serve_shadows(struct reader *reader, const struct image_request *request, struct image_reply *reply)
{
	struct shadow shadow;
	int           result = shadow_open(&shadow, &reader->sources[reader->depth], request->offset,
					   request->length, reply->text);

	if (result == 0)
		reply->count = shadow_list(&shadow, (struct image_shadow *)(void *)reader->window);
	shadow_release(&shadow);
	return result;
}

/* One layer deeper, if that went well. */
static int entered(struct reader *reader, int result, struct image_reply *reply)
{
	if (result)
		return -1;
	reader->depth++;
	reply->size_bytes = reader->sources[reader->depth].size_bytes;
	return 0;
}

static int serve_shadow(struct reader *reader, const struct image_request *request, struct image_reply *reply)
{
	struct shadow *shadow = &reader->layers[reader->depth].shadow;
	struct source *source = &reader->sources[reader->depth + 1];
	int            result = shadow_open(shadow, &reader->sources[reader->depth], request->offset,
					    request->length, reply->text);

	if (result == 0)
		result = shadow_choose(shadow, request->number, source, reply->text);
	if (result < 0)
		shadow_release(shadow);
	return entered(reader, result, reply);
}

/* Keys are gone from all memory of ours, and from the window, when this returns. */
static int serve_unlock(struct reader *reader, const struct image_request *request, struct image_reply *reply)
{
	struct bitlocker *bitlocker = &reader->layers[reader->depth].bitlocker;
	char            **keys = request->count ? take_texts(reader, request) : NULL;
	int               result;

	explicit_bzero(reader->window, IMAGE_WINDOW_BYTES);
	if (request->count && (!keys || request->count > IMAGE_KEYS_MAX))
		return refuse(reply, "the keys are malformed");
	result = bitlocker_open(bitlocker, &reader->sources[reader->depth], request->offset, request->length, keys,
				request->count, &reader->sources[reader->depth + 1], reply->text);
	reply->count = bitlocker->recovery_id;
	reply->bad = result == 1;
	if (result == 0)
		set_text(reply->kind, sizeof reply->kind, bitlocker->opened_by);
	else
		bitlocker_release(bitlocker);
	if (keys) {
		explicit_bzero(keys[0], request->text_bytes);
		free(keys[0]);
		free(keys);
	}
	return entered(reader, result, reply);
}

static int serve_within(struct reader *reader, const struct image_request *request, struct image_reply *reply)
{
	if (reader->depth == IMAGE_DEPTH_MAX)
		return refuse(reply, "volumes lie in volumes too deeply");
	return request->operation == IMAGE_SHADOWS  ? serve_shadows(reader, request, reply)
	       : request->operation == IMAGE_SHADOW ? serve_shadow(reader, request, reply)
						    : serve_unlock(reader, request, reply);
}

static void close_all(struct reader *reader)
{
	while (reader->depth) {
		reader->depth--;
		shadow_release(&reader->layers[reader->depth].shadow);
		bitlocker_release(&reader->layers[reader->depth].bitlocker);
	}
	container_close(&reader->image);
}

static int serve(struct reader *reader, const struct image_request *request, struct image_reply *reply)
{
	if (request->operation != IMAGE_OPEN && request->operation != IMAGE_CLOSE && !reader->image.format)
		return refuse(reply, "no image is open");
	switch (request->operation) {
	case IMAGE_OPEN:
		return serve_open(reader, request, reply);
	case IMAGE_CLOSE:
		close_all(reader);
		return 0;
	case IMAGE_READ:
		return serve_read(reader, request, reply);
	case IMAGE_PARTITIONS:
		return serve_partitions(reader, reply);
	case IMAGE_HOLES:
		return serve_holes(reader, request, reply);
	case IMAGE_SHADOWS:
	case IMAGE_SHADOW:
	case IMAGE_UNLOCK:
		return serve_within(reader, request, reply);
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
