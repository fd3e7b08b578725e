/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_host_tree.c - expected values: host_tree.h: no name leads out of the destination */
#include "tests/unit/unit.h"

#include "recover/host_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char            *folder;
	int              root; /* folder/dest */
	struct host_tree tree;
};

static struct place *begin(void)
{
	struct place *it = calloc(1, sizeof *it);
	char         *dest, *outside;

	it->folder = temp_folder();
	dest = temp_path(it->folder, "dest");
	outside = temp_path(it->folder, "outside");
	cr_assert(that(mkdir(dest, 0700) == 0 && mkdir(outside, 0700) == 0));
	it->root = open(dest, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(ge(int, it->root, 0));
	host_tree_init(&it->tree, it->root);
	free(dest);
	free(outside);
	return it;
}

static void end(struct place *it)
{
	host_tree_release(&it->tree);
	close(it->root);
	temp_remove(it->folder);
	free(it);
}

static bool there(struct place *it, const char *path)
{
	char       *whole = temp_path(it->folder, path);
	struct stat status;
	bool        is = lstat(whole, &status) == 0;

	free(whole);
	return is;
}

static int folder(struct place *it, const char *path, struct error *err)
{
	return host_tree_folder(&it->tree, path, strlen(path), err);
}

/* Make a file in the folder @fd and say whether it appeared at @path. */
static bool is_at(struct place *it, int fd, const char *path)
{
	int  mark = openat(fd, "mark", O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC, 0600);
	bool is;

	cr_assert(ge(int, mark, 0));
	close(mark);
	is = there(it, path);
	unlinkat(fd, "mark", 0);
	return is;
}

Test(host_tree, folders_are_made_below_the_root)
{
	struct place *it = begin();
	struct error  err;
	int           fd = folder(it, "File\\C$\\Users\\a", &err);

	cr_assert(ge(int, fd, 0), "%s", err.text);
	cr_expect(that(is_at(it, fd, "dest/File/C$/Users/a/mark")));
	cr_expect(eq(int, folder(it, "File\\C$\\Users\\a", &err), fd), "kept open");
	cr_expect(eq(int, folder(it, "", &err), it->root));
	end(it);
}

Test(host_tree, names_become_host_names)
{
	struct place *it = begin();
	struct error  err;
	int           fd = folder(it, "..\\a\xc0\xaf" "b\\.", &err);

	cr_assert(ge(int, fd, 0), "%s", err.text);
	cr_expect(that(is_at(it, fd, "dest/%002E%002E/a%002Fb/%002E/mark")));
	end(it);
}

Test(host_tree, planted_link_to_a_folder_is_not_followed)
{
	struct place *it = begin();
	struct error  err;

	cr_assert(eq(int, symlinkat("../outside", it->root, "Users"), 0));
	/* refused, or put beside it; never behind it */
	(void)folder(it, "Users\\a", &err);
	(void)folder(it, "Users", &err);
	cr_expect(that(!there(it, "outside/a")));
	end(it);
}

Test(host_tree, planted_link_deeper_down_is_not_followed)
{
	struct place *it = begin();
	struct error  err;
	int           fd = folder(it, "File\\C$", &err);

	cr_assert(ge(int, fd, 0));
	cr_assert(eq(int, symlinkat("../../../outside", fd, "Users"), 0));
	(void)folder(it, "File\\C$\\Users\\a\\b", &err);
	cr_expect(that(!there(it, "outside/a")));
	end(it);
}

Test(host_tree, dangling_link_is_not_followed)
{
	struct place *it = begin();
	struct error  err;

	cr_assert(eq(int, symlinkat("../outside/new", it->root, "Users"), 0));
	(void)folder(it, "Users\\a", &err);
	cr_expect(that(!there(it, "outside/new")));
	end(it);
}

Test(host_tree, file_in_the_way_is_stepped_around)
{
	struct place *it = begin();
	struct error  err;
	int           file = openat(it->root, "Users", O_CREAT | O_WRONLY | O_CLOEXEC, 0600), fd;

	close(file);
	fd = folder(it, "Users\\a", &err);
	cr_assert(ge(int, fd, 0), "%s", err.text);
	cr_expect(that(is_at(it, fd, "dest/Users%~folder/a/mark")));
	cr_expect(that(there(it, "dest/Users")));
	end(it);
}

Test(host_tree, parent_splits_at_the_last_backslash)
{
	struct place *it = begin();
	struct error  err;
	const char   *last;
	int           fd = host_tree_parent(&it->tree, "a\\b\\x.txt", &last, &err);

	cr_assert(ge(int, fd, 0));
	cr_expect(eq(str, (char *)last, "x.txt"));
	cr_expect(that(is_at(it, fd, "dest/a/b/mark")));
	cr_expect(eq(int, host_tree_parent(&it->tree, "x.txt", &last, &err), it->root));
	cr_expect(eq(str, (char *)last, "x.txt"));
	end(it);
}

Test(host_tree, more_folders_than_are_kept)
{
	struct place *it = begin();
	struct error  err;
	char          path[64], wanted[96];

	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < 900; i++) {
			int fd;

			snprintf(path, sizeof path, "d%u\\e%u\\f", i % 30, i);
			snprintf(wanted, sizeof wanted, "dest/d%u/e%u/f/mark", i % 30, i);
			fd = folder(it, path, &err);
			cr_assert(ge(int, fd, 0), "%s: %s", path, err.text);
			cr_assert(that(is_at(it, fd, wanted)), "%s", path);
		}
	end(it);
}

Test(host_tree, deep_path)
{
	struct place *it = begin();
	struct error  err;
	char          path[700] = "d";

	for (unsigned i = 1; i < 250; i++)
		strcat(path, "\\d");
	cr_expect(ge(int, folder(it, path, &err), 0), "%s", err.text);
	end(it);
}
