/* SPDX-License-Identifier: MIT */
/*
 * client.c - see client.h
 *
 * Under the MIT licence, for the reason told in protocol.h.  Whatever comes over the socket or lies
 * in the window was written by a program that hostile bytes may have taken over: every number is
 * held against its bound, every text is made harmless, and what is malformed ends the reader.
 */
#include "scan/image/client.h"

#include "scan/image/image_error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_SECONDS 600 /* a disk that retries needs minutes; after that the reader hangs */
#define CLOSE_SECONDS  2

/* -------- texts -------- */

/* Copy a text that may have no end and any bytes: printable ASCII, the rest as \xNN. */
static void copy_text(char *to, size_t room, const char *from, size_t from_bytes)
{
	size_t used = 0;

	for (size_t i = 0; i < from_bytes && from[i] && used + 5 <= room; i++) {
		unsigned char c = (unsigned char)from[i];

		if (c >= 0x20 && c < 0x7f)
			to[used++] = (char)c;
		else
			used += (size_t)snprintf(to + used, room - used, "\\x%02x", c);
	}
	to[used] = 0;
}

/* -------- the reader's life -------- */

/* Find the reader's program.  @path has PATH_MAX bytes. */
static int find_program(char *path, char text[IMAGE_ERROR_BYTES])
{
	static const char *const places[] = { "holdfast-image", "../libexec/holdfast/holdfast-image" };
	char                     self[PATH_MAX];
	ssize_t                  length = readlink("/proc/self/exe", self, sizeof self - 1);

	if (length < 0)
		return image_error(text, "cannot tell where this program is: %s", strerror(errno));
	self[length] = 0;
	strrchr(self, '/')[1] = 0;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (snprintf(path, PATH_MAX, "%s%s", self, places[i]) < PATH_MAX && access(path, X_OK) == 0)
			return 0;
	return image_error(text, "holdfast-image is neither beside this program nor in ../libexec/holdfast");
}

/* The window: its size is sealed, or the reader could cut it off under our hands. */
static int make_window(struct image_client *client, int *memory, char text[IMAGE_ERROR_BYTES])
{
	void *window;

	*memory = memfd_create("holdfast-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*memory < 0 || ftruncate(*memory, IMAGE_WINDOW_BYTES) < 0 ||
	    fcntl(*memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return image_error(text, "cannot make shared memory: %s", strerror(errno));
	window = mmap(NULL, IMAGE_WINDOW_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, *memory, 0);
	if (window == MAP_FAILED)
		return image_error(text, "cannot map shared memory: %s", strerror(errno));
	client->window = window;
	return 0;
}

/*
 * A process group of its own, so that Ctrl-C reaches the main program alone and the reader stays
 * until it is told; no signal blocked or ignored.
 */
static int spawn(struct image_client *client, const char *program, int socket, int memory)
{
	char                       socket_text[16], memory_text[16];
	char                      *arguments[] = { "holdfast-image", socket_text, memory_text, NULL };
	sigset_t                   none, all;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t          attributes;
	int                        result;

	snprintf(socket_text, sizeof socket_text, "%d", socket);
	snprintf(memory_text, sizeof memory_text, "%d", memory);
	sigemptyset(&none);
	sigfillset(&all);
	result = posix_spawn_file_actions_init(&files);
	if (result)
		return result;
	result = posix_spawnattr_init(&attributes);
	if (!result) {
		posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
							      POSIX_SPAWN_SETSIGDEF);
		posix_spawnattr_setpgroup(&attributes, 0);
		posix_spawnattr_setsigmask(&attributes, &none);
		posix_spawnattr_setsigdefault(&attributes, &all);
		/* onto itself: the number stays, close-on-exec goes, in the child alone */
		result = posix_spawn_file_actions_adddup2(&files, socket, socket);
		if (!result)
			result = posix_spawn_file_actions_adddup2(&files, memory, memory);
		if (!result)
			result = posix_spawn(&client->reader, program, &files, &attributes, arguments,
					     environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&files);
	if (result)
		client->reader = -1;
	return result;
}

static int start_reader(struct image_client *client, const char *program, int memory,
			char text[IMAGE_ERROR_BYTES])
{
	int sockets[2], result;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return image_error(text, "cannot make a socket: %s", strerror(errno));
	client->socket = sockets[0];
	result = spawn(client, program, sockets[1], memory);
	close(sockets[1]);
	if (result)
		return image_error(text, "cannot start %s: %s", program, strerror(result));
	return 0;
}

/* The reader is of no use any more: end it, and note @why, or else what became of it. */
static void end_reader(struct image_client *client, const char *why)
{
	int   status = 0;
	pid_t reaped;

	if (client->reader <= 0)
		return;
	kill(client->reader, SIGKILL); /* nothing to one that has ended already */
	do
		reaped = waitpid(client->reader, &status, 0);
	while (reaped < 0 && errno == EINTR);

	if (why)
		image_error(client->end, "the image reader %s", why);
	else if (reaped > 0 && WIFSIGNALED(status))
		image_error(client->end, "the image reader was ended by signal %d (%s)", WTERMSIG(status),
			    sigdescr_np(WTERMSIG(status)) ?: "unknown");
	else if (reaped > 0)
		image_error(client->end, "the image reader ended with status %d", WEXITSTATUS(status));
	else
		image_error(client->end, "the image reader is gone");
	client->reader = -1;
}

/* -------- one request, one reply -------- */

static void set_patience(const struct image_client *client, time_t seconds)
{
	struct timeval patience = { .tv_sec = seconds };

	(void)setsockopt(client->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	(void)setsockopt(client->socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

/*
 * With the lock held.  Returns 0, or -1 when the reader says no or is gone: client->reader tells
 * which.  @reply is as it came, but for its magic and operation.
 */
static int exchange(struct image_client *client, struct image_request request, struct image_reply *reply,
		    char text[IMAGE_ERROR_BYTES])
{
	ssize_t got = -1;

	request.magic = IMAGE_MAGIC;
	if (client->reader <= 0)
		return image_error(text, "%s", client->end[0] ? client->end : "the image reader was not started");
	while (send(client->socket, &request, sizeof request, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			goto gone;
	do
		got = recv(client->socket, reply, sizeof *reply, MSG_TRUNC);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		goto gone;
	if (got != sizeof *reply || reply->magic != IMAGE_MAGIC || reply->operation != request.operation) {
		end_reader(client, "spoke another protocol");
		return image_error(text, "%s", client->end);
	}
	if (reply->failed) {
		copy_text(text, IMAGE_ERROR_BYTES, reply->text, sizeof reply->text);
		return -1;
	}
	return 0;
gone:
	end_reader(client, got < 0 && errno == EAGAIN ? "gave no answer for minutes" : NULL);
	return image_error(text, "%s", client->end);
}

/* The reader said what it should not be able to say. */
static int distrust(struct image_client *client, char text[IMAGE_ERROR_BYTES])
{
	end_reader(client, "gave an answer that makes no sense");
	return image_error(text, "%s", client->end);
}

/* -------- operations, with the lock held -------- */

/* Lay texts into the window, one after another. */
static int put_texts(struct image_client *client, const char *const *texts, size_t count,
		     struct image_request *request, char text[IMAGE_ERROR_BYTES])
{
	request->count = (uint32_t)count;
	for (size_t i = 0; client->window && i < count; i++) {
		size_t bytes = strlen(texts[i]) + 1;

		if (bytes > IMAGE_WINDOW_BYTES - request->text_bytes)
			return image_error(text, "the paths of the image are too long");
		memcpy(client->window + request->text_bytes, texts[i], bytes);
		request->text_bytes += bytes;
	}
	return 0;
}

static int open_image(struct image_client *client, const char *const *paths, size_t path_count,
		      const char *type, char text[IMAGE_ERROR_BYTES])
{
	struct image_request request = { .operation = IMAGE_OPEN };
	struct image_reply   reply;

	if (!path_count || path_count > IMAGE_PATHS_MAX)
		return image_error(text, "%zu files cannot be one image", path_count);
	if (put_texts(client, paths, path_count, &request, text) < 0)
		return -1;
	if (type && (!type[0] || strlen(type) >= sizeof request.type))
		return image_error(text, "there is no image type of this name");
	if (type)
		memcpy(request.type, type, strlen(type));
	if (exchange(client, request, &reply, text) < 0)
		return -1;
	if (!reply.size_bytes || reply.size_bytes > INT64_MAX || reply.sector_bytes < 512 ||
	    reply.sector_bytes > 65536 || reply.sector_bytes % 512)
		return distrust(client, text);
	client->size_bytes = reply.size_bytes;
	client->sector_bytes = reply.sector_bytes;
	copy_text(client->format, sizeof client->format, reply.kind, sizeof reply.kind);
	copy_text(client->remark, sizeof client->remark, reply.text, sizeof reply.text);
	client->stored = reply.stored;
	return 0;
}

/* Returns the bytes that are good, or -1 without a reader.  @length lies in image and window. */
static ssize_t read_window(struct image_client *client, void *buffer, size_t length, uint64_t offset,
			   size_t *bad)
{
	struct image_request request = { .operation = IMAGE_READ, .offset = offset, .length = length };
	struct image_reply   reply;
	char                 text[IMAGE_ERROR_BYTES];

	if (exchange(client, request, &reply, text) < 0)
		return client->reader > 0 ? distrust(client, text) : -1;
	if (reply.count > length || reply.bad > length - reply.count ||
	    (reply.count < length && !reply.bad))
		return distrust(client, text);
	memcpy(buffer, client->window, (size_t)reply.count);
	*bad = (size_t)reply.bad;
	return (ssize_t)reply.count;
}

/* Take one entry out of the window, once, then judge the copy. */
static bool take_partition(const struct image_client *client, size_t index, struct image_partition *to)
{
	struct image_partition from;
	uint64_t               end;

	memcpy(&from, client->window + index * sizeof from, sizeof from);
	*to = from;
	copy_text(to->type, sizeof to->type, from.type, sizeof from.type);
	copy_text(to->description, sizeof to->description, from.description, sizeof from.description);
	return from.use <= IMAGE_PARTITION_UNALLOCATED &&
	       !__builtin_add_overflow(from.start_bytes, from.length_bytes, &end);
}

/* Ask for a list in the window, of which nothing longer than @longest is believed. */
static int ask_for_list(struct image_client *client, struct image_request request, uint64_t longest,
			struct image_reply *reply, char text[IMAGE_ERROR_BYTES])
{
	if (exchange(client, request, reply, text) < 0)
		return -1;
	return reply->count > longest ? distrust(client, text) : 0;
}

static int list_partitions(struct image_client *client, struct image_partition *partitions, size_t max,
			   char kind[IMAGE_KIND_BYTES], char text[IMAGE_ERROR_BYTES])
{
	struct image_request request = { .operation = IMAGE_PARTITIONS };
	struct image_reply   reply;
	uint64_t             last = 0;
	uint32_t             number = 0;
	size_t               count;

	if (ask_for_list(client, request, IMAGE_PARTITIONS_MAX, &reply, text) < 0)
		return -1;
	count = reply.count < max ? (size_t)reply.count : max;
	for (size_t i = 0; i < count; i++) {
		if (!take_partition(client, i, &partitions[i]) || partitions[i].start_bytes < last)
			return distrust(client, text);
		last = partitions[i].start_bytes;
		if (partitions[i].use == IMAGE_PARTITION_ALLOCATED)
			number++;
		if (partitions[i].number != (partitions[i].use == IMAGE_PARTITION_ALLOCATED ? number : 0))
			return distrust(client, text);
	}
	copy_text(kind, IMAGE_KIND_BYTES, reply.kind, sizeof reply.kind);
	copy_text(text, IMAGE_ERROR_BYTES, reply.text, sizeof reply.text);
	return (int)count;
}

static int send_holes(struct image_client *client, const struct image_hole *holes, size_t count,
		      char text[IMAGE_ERROR_BYTES])
{
	struct image_request request = { .operation = IMAGE_HOLES, .count = (uint32_t)count };
	struct image_reply   reply;

	if (count > IMAGE_HOLES_MAX)
		return image_error(text, "the map lists more unreadable places than can be taken over");
	if (client->window)
		memcpy(client->window, holes, count * sizeof *holes);
	return exchange(client, request, &reply, text);
}

static int list_shadows(struct image_client *client, uint64_t offset, uint64_t length,
			struct image_shadow *shadows, size_t max, char text[IMAGE_ERROR_BYTES])
{
	struct image_request request = { .operation = IMAGE_SHADOWS, .offset = offset, .length = length };
	struct image_reply   reply;
	size_t               count;

	if (ask_for_list(client, request, IMAGE_SHADOWS_MAX, &reply, text) < 0)
		return -1;
	count = reply.count < max ? (size_t)reply.count : max;
	memcpy(shadows, client->window, count * sizeof *shadows);
	for (size_t i = 0; i < count; i++)
		if (shadows[i].number != i + 1)
			return distrust(client, text);
	return (int)count;
}

/* The reader has gone into a volume. */
static int take_size(struct image_client *client, const struct image_reply *reply, char text[IMAGE_ERROR_BYTES])
{
	if (!reply->size_bytes || reply->size_bytes > INT64_MAX)
		return distrust(client, text);
	client->size_bytes = reply->size_bytes;
	return 0;
}

static int enter_shadow(struct image_client *client, uint64_t offset, uint64_t length, uint32_t number,
			char text[IMAGE_ERROR_BYTES])
{
	struct image_request request = {
		.operation = IMAGE_SHADOW, .offset = offset, .length = length, .number = number
	};
	struct image_reply reply;

	return exchange(client, request, &reply, text) < 0 ? -1 : take_size(client, &reply, text);
}

static int unlock(struct image_client *client, uint64_t offset, uint64_t length, const char *const *keys,
		  size_t key_count, uint32_t *recovery_id, char opened_by[IMAGE_KIND_BYTES],
		  char text[IMAGE_ERROR_BYTES])
{
	struct image_request request = { .operation = IMAGE_UNLOCK, .offset = offset, .length = length };
	struct image_reply   reply = { .count = 0 };
	int                  result;

	if (key_count > IMAGE_KEYS_MAX)
		return image_error(text, "more than %u keys cannot be tried", IMAGE_KEYS_MAX);
	result = put_texts(client, keys, key_count, &request, text);
	if (result == 0)
		result = exchange(client, request, &reply, text);
	if (client->window)
		explicit_bzero(client->window, (size_t)request.text_bytes); /* if the reader has not got to it */
	*recovery_id = client->reader > 0 ? (uint32_t)reply.count : 0;
	if (result < 0)
		return client->reader > 0 && reply.bad == 1 ? 1 : -1;
	copy_text(opened_by, IMAGE_KIND_BYTES, reply.kind, sizeof reply.kind);
	return take_size(client, &reply, text);
}

/* -------- public -------- */

int image_client_start(struct image_client *client, const char *program, char text[IMAGE_ERROR_BYTES])
{
	char path[PATH_MAX];
	int  memory = -1, result = -1;

	*client = (struct image_client){ .reader = -1, .socket = -1 };
	pthread_mutex_init(&client->lock, NULL);
	if (!program && find_program(path, text) < 0)
		return -1;
	if (make_window(client, &memory, text) == 0)
		result = start_reader(client, program ? program : path, memory, text);
	if (memory >= 0)
		close(memory);
	if (result == 0)
		set_patience(client, ANSWER_SECONDS);
	return result;
}

int image_client_open(struct image_client *client, const char *const *paths, size_t path_count,
		      const char *type, char text[IMAGE_ERROR_BYTES])
{
	int result;

	pthread_mutex_lock(&client->lock);
	result = open_image(client, paths, path_count, type, text);
	pthread_mutex_unlock(&client->lock);
	return result;
}

ssize_t image_client_read(struct image_client *client, void *buffer, size_t length, uint64_t offset,
			  size_t *bad)
{
	uint8_t *to = buffer;
	size_t   done = 0, bad_bytes = 0;

	while (done < length && !bad_bytes && offset + done < client->size_bytes) {
		uint64_t left = client->size_bytes - offset - done;
		size_t   part = length - done;
		ssize_t  got;

		if (part > IMAGE_WINDOW_BYTES)
			part = IMAGE_WINDOW_BYTES;
		if (part > left)
			part = (size_t)left;
		pthread_mutex_lock(&client->lock);
		got = read_window(client, to + done, part, offset + done, &bad_bytes);
		pthread_mutex_unlock(&client->lock);
		if (got < 0)
			return -1;
		done += (size_t)got;
	}
	if (bad)
		*bad = bad_bytes;
	return (ssize_t)done;
}

int image_client_partitions(struct image_client *client, struct image_partition *partitions, size_t max,
			    char kind[IMAGE_KIND_BYTES], char text[IMAGE_ERROR_BYTES])
{
	int result;

	pthread_mutex_lock(&client->lock);
	result = list_partitions(client, partitions, max, kind, text);
	pthread_mutex_unlock(&client->lock);
	return result;
}

int image_client_holes(struct image_client *client, const struct image_hole *holes, size_t count,
		       char text[IMAGE_ERROR_BYTES])
{
	int result;

	pthread_mutex_lock(&client->lock);
	result = send_holes(client, holes, count, text);
	pthread_mutex_unlock(&client->lock);
	return result;
}

int image_client_shadows(struct image_client *client, uint64_t offset, uint64_t length,
			 struct image_shadow *shadows, size_t max, char text[IMAGE_ERROR_BYTES])
{
	int result;

	pthread_mutex_lock(&client->lock);
	result = list_shadows(client, offset, length, shadows, max, text);
	pthread_mutex_unlock(&client->lock);
	return result;
}

int image_client_enter_shadow(struct image_client *client, uint64_t offset, uint64_t length, uint32_t number,
			      char text[IMAGE_ERROR_BYTES])
{
	int result;

	pthread_mutex_lock(&client->lock);
	result = enter_shadow(client, offset, length, number, text);
	pthread_mutex_unlock(&client->lock);
	return result;
}

int image_client_unlock(struct image_client *client, uint64_t offset, uint64_t length, const char *const *keys,
			size_t key_count, uint32_t *recovery_id, char opened_by[IMAGE_KIND_BYTES],
			char text[IMAGE_ERROR_BYTES])
{
	int result;

	pthread_mutex_lock(&client->lock);
	result = unlock(client, offset, length, keys, key_count, recovery_id, opened_by, text);
	pthread_mutex_unlock(&client->lock);
	return result;
}

void image_client_error(struct image_client *client, char text[IMAGE_ERROR_BYTES])
{
	pthread_mutex_lock(&client->lock);
	memcpy(text, client->end, IMAGE_ERROR_BYTES);
	pthread_mutex_unlock(&client->lock);
}

void image_client_stop(struct image_client *client)
{
	struct image_reply reply;
	char               text[IMAGE_ERROR_BYTES];

	if (client->window) {
		set_patience(client, CLOSE_SECONDS);
		if (exchange(client, (struct image_request){ .operation = IMAGE_CLOSE }, &reply, text) == 0)
			end_reader(client, "was closed");
		end_reader(client, NULL);
		munmap(client->window, IMAGE_WINDOW_BYTES);
		if (client->socket >= 0)
			close(client->socket);
		pthread_mutex_destroy(&client->lock);
	}
	*client = (struct image_client){ .reader = -1, .socket = -1 };
}
