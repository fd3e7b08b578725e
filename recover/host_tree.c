/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_tree.c - see host_tree.h */
#include "recover/host_tree.h"

#include "recover/host_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAYS 8u /* places that one path may be kept at */

void host_tree_init(struct host_tree *tree, int root)
{
	*tree = (struct host_tree){ .root = root };
	for (size_t i = 0; i < HOST_TREE_KEPT; i++)
		tree->kept[i].fd = -1;
}

void host_tree_release(struct host_tree *tree)
{
	for (size_t i = 0; i < HOST_TREE_KEPT; i++) {
		if (tree->kept[i].fd >= 0)
			close(tree->kept[i].fd);
		free(tree->kept[i].path);
	}
}

static uint32_t path_hash(const char *path, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)path[i]) * 16777619u;
	return hash;
}

/* The place where a path is kept, or the one to be given up for it. */
static struct host_folder *find_kept(struct host_tree *tree, const char *path, size_t length, uint32_t hash,
				     bool *found)
{
	struct host_folder *set = &tree->kept[hash % (HOST_TREE_KEPT / WAYS) * WAYS], *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].fd >= 0 && set[i].hash == hash && strlen(set[i].path) == length &&
		    memcmp(set[i].path, path, length) == 0) {
			*found = true;
			return &set[i];
		}
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	*found = false;
	return oldest;
}

/* Open (and make) one component below @parent. */
static int open_component(int parent, const char *name, size_t length, struct error *err)
{
	char host[HOST_NAME_BYTES];
	int  fd;

	host_name(name, length, "", host);
	fd = openat(parent, host, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOTDIR) { /* a file was called so before the folder was */
		host_name(name, length, "%~folder", host);
		fd = openat(parent, host, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd >= 0 || errno != ENOENT)
		return fd >= 0 ? fd : error_sys(err, host, "cannot open a folder of the destination");
	if (mkdirat(parent, host, 0700) < 0 && errno != EEXIST)
		return error_sys(err, host, "cannot make a folder in the destination");
	fd = openat(parent, host, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 ? fd : error_sys(err, host, "cannot open a folder of the destination");
}

int host_tree_folder(struct host_tree *tree, const char *path, size_t length, struct error *err)
{
	uint32_t            hash = path_hash(path, length);
	struct host_folder *place;
	const char         *slash;
	size_t              above;
	bool                found;
	char               *copy;
	int                 parent, fd;

	if (!length)
		return tree->root;
	place = find_kept(tree, path, length, hash, &found);
	place->used = ++tree->clock;
	if (found)
		return place->fd;
	slash = memrchr(path, '\\', length);
	above = slash ? (size_t)(slash - path) : 0;
	parent = host_tree_folder(tree, path, above, err);
	if (parent < 0)
		return -1;
	fd = open_component(parent, slash ? slash + 1 : path, slash ? length - above - 1 : length, err);
	if (fd < 0)
		return -1;
	copy = strndup(path, length);
	if (!copy) {
		close(fd);
		return error_memory(err);
	}
	place = find_kept(tree, path, length, hash, &found); /* the way up may have used it */
	if (place->fd >= 0)
		close(place->fd);
	free(place->path);
	*place = (struct host_folder){ .path = copy, .fd = fd, .used = ++tree->clock, .hash = hash };
	return fd;
}

int host_tree_parent(struct host_tree *tree, const char *path, const char **last, struct error *err)
{
	const char *slash = strrchr(path, '\\');

	*last = slash ? slash + 1 : path;
	return host_tree_folder(tree, path, slash ? (size_t)(slash - path) : 0, err);
}
