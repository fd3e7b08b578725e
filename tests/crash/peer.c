/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * peer.c - volumes for the crash tests, and plain libntfs-3g as the peer to compare with
 *
 *   peer populate IMAGE FILES SEED   users' files below \Users and a system below \Windows
 *   peer link IMAGE FROM TO          a hard-link capture: TO becomes a tree of links to FROM's files
 *   peer delete IMAGE PATH           a wipe: PATH and all below it
 *   peer create IMAGE FILES SEED     a new system's files below \Windows
 *   peer use IMAGE FILES SEED        a Windows in use: folders of small files, in it and in its profiles
 *
 * All by the library's own calls on its own device: what a program does that trusts it.  The
 * same arguments give the same volume but for times.
 */
#include "fixtures/ntfs3g.h"

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ntfs_volume *volume;
static uint64_t     dice;

static uint32_t roll(uint32_t sides)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((dice >> 33) % sides);
}

/* -------- files -------- */

static ntfs_inode *open_path(const char *path)
{
	ntfs_inode *inode = ntfs_pathname_to_inode(volume, NULL, path);

	if (!inode)
		err(3, "%s", path);
	return inode;
}

static void close_inode(ntfs_inode *inode)
{
	if (ntfs_inode_close(inode))
		err(3, "ntfs_inode_close");
}

/* Make @name in the directory @parent and leave it open. */
static ntfs_inode *create(ntfs_inode *parent, const char *name, mode_t kind)
{
	ntfschar   *units = NULL;
	int         count = ntfs_mbstoucs(name, &units);
	ntfs_inode *inode;

	if (count < 0)
		err(3, "%s", name);
	inode = ntfs_create(parent, const_cpu_to_le32(0), units, (u8)count, kind);
	if (!inode)
		err(3, "create %s", name);
	free(units);
	return inode;
}

/* One more name for @inode; false if it can have no more. */
static bool link_name(ntfs_inode *inode, ntfs_inode *parent, const char *name)
{
	ntfschar *units = NULL;
	int       count = ntfs_mbstoucs(name, &units);
	bool      linked;

	if (count < 0)
		err(3, "%s", name);
	linked = ntfs_link(inode, parent, units, (u8)count) == 0;
	free(units);
	return linked;
}

/* Write @length bytes of something that compresses badly into a stream, which is made if need be. */
static void fill(ntfs_inode *inode, const char *stream, uint64_t offset, size_t length)
{
	ntfschar  *units = AT_UNNAMED;
	int        count = 0;
	ntfs_attr *data;
	uint8_t   *bytes = malloc(length + 1);

	if (!bytes)
		err(3, "fill");
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)roll(256);
	if (*stream) {
		units = NULL;
		count = ntfs_mbstoucs(stream, &units);
		if (ntfs_attr_add(inode, AT_DATA, units, (u8)count, NULL, 0))
			err(3, "add stream %s", stream);
	}
	data = ntfs_attr_open(inode, AT_DATA, units, (u32)count);
	if (!data || ntfs_attr_pwrite(data, (s64)offset, (s64)length, bytes) != (s64)length)
		err(3, "write");
	ntfs_attr_close(data);
	if (*stream)
		free(units);
	free(bytes);
}

/* What is odd in a file goes round with its number. */
static void make_file(ntfs_inode *folder, unsigned number)
{
	char        name[300], extra[300];
	ntfs_inode *inode;

	snprintf(name, sizeof name, "file %u.txt", number);
	if (number % 8 == 3) /* takes up most of a record by itself */
		snprintf(name, sizeof name, "%0*u.long name", 160 + (int)(number % 3) * 40, number);
	inode = create(folder, name, S_IFREG);
	switch (number % 8) {
	case 0: /* resident */
		fill(inode, "", 0, 1 + roll(400));
		break;
	case 1:
	case 2:
		fill(inode, "", 0, 1 + roll(30000));
		break;
	case 3:
		fill(inode, "", 0, 1 + roll(200));
		break;
	case 4: /* named streams */
		fill(inode, "", 0, 1 + roll(3000));
		fill(inode, "Zone.Identifier", 0, 26);
		fill(inode, "großer Strom", 0, 9000);
		break;
	case 5: /* many names in the same folder */
		fill(inode, "", 0, 1 + roll(9000));
		for (unsigned i = 0; i < 12; i++) {
			snprintf(extra, sizeof extra, "file %u, again %u", number, i);
			if (!link_name(inode, folder, extra))
				err(3, "link %s", extra);
		}
		break;
	case 6: /* with a hole; libntfs-3g leaves one in sparse files only */
		inode->flags |= FILE_ATTR_SPARSE_FILE;
		fill(inode, "", 0, 4096);
		fill(inode, "", 300000, 700);
		break;
	case 7: /* almost fills its record */
		fill(inode, "", 0, 460 + roll(40));
		break;
	}
	inode->flags |= number % 5 == 0 ? FILE_ATTR_READONLY : FILE_ATTR_ARCHIVE;
	NInoFileNameSetDirty(inode);
	ntfs_inode_mark_dirty(inode);
	if (ntfs_inode_close_in_dir(inode, folder))
		err(3, "close %s", name);
}

static void make_folder(const char *parent_path, const char *name)
{
	ntfs_inode *parent = open_path(parent_path), *inode = create(parent, name, S_IFDIR);

	if (ntfs_inode_close_in_dir(inode, parent))
		err(3, "close %s", name);
	close_inode(parent);
}

static void make_files(const char *path, unsigned first, unsigned count)
{
	ntfs_inode *folder = open_path(path);

	for (unsigned i = 0; i < count; i++)
		make_file(folder, first + i);
	close_inode(folder);
}

static void populate(unsigned files)
{
	static const char *const users[] = { "Alice", "bjørn", "山田" };
	char                     path[4096], folder[64];
	unsigned                 made = 0;

	make_folder("/", "Users");
	for (unsigned user = 0; user < 3; user++) {
		make_folder("/Users", users[user]);
		snprintf(path, sizeof path, "/Users/%s", users[user]);
		for (unsigned depth = 0; depth < 4; depth++) { /* a quarter in each, the deepest at the end */
			make_files(path, made, files / 12);
			made += files / 12;
			snprintf(folder, sizeof folder, "Folder %u at a depth of %u", user, depth);
			make_folder(path, folder);
			snprintf(path + strlen(path), sizeof path - strlen(path), "/%s", folder);
		}
	}
	make_folder("/", "Windows");
	make_files("/Windows", 0, files / 4);
}

/* -------- trees -------- */

struct entry {
	char *name;
	u64   record;
	bool  folder;
};

struct listing {
	struct entry *entries;
	size_t        count;
};

static int list_one(void *context, const ntfschar *name, const int units, const int space, const s64 position,
		    const MFT_REF ref, const unsigned type)
{
	struct listing *listing = context;
	char           *text = NULL;

	(void)position;
	if (space == FILE_NAME_DOS || ntfs_ucstombs(name, units, &text, 0) < 0)
		return 0;
	if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0) {
		free(text);
		return 0;
	}
	listing->entries = reallocarray(listing->entries, listing->count + 1, sizeof *listing->entries);
	if (!listing->entries)
		err(3, "listing");
	listing->entries[listing->count++] = (struct entry){ text, MREF(ref), type == NTFS_DT_DIR };
	return 0;
}

static struct listing list(ntfs_inode *folder)
{
	struct listing listing = { 0 };
	s64            position = 0;

	if (ntfs_readdir(folder, &position, &listing, list_one))
		err(3, "ntfs_readdir");
	return listing;
}

static void listing_free(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		free(listing->entries[i].name);
	free(listing->entries);
}

static void link_tree(const char *from, const char *to)
{
	ntfs_inode    *source = open_path(from), *target;
	struct listing listing = list(source);
	char           path[2][4096];

	close_inode(source);
	target = open_path(to);
	for (size_t i = 0; i < listing.count; i++) {
		ntfs_inode *file;

		if (listing.entries[i].folder)
			continue;
		file = ntfs_inode_open(volume, listing.entries[i].record);
		if (!file || !link_name(file, target, listing.entries[i].name))
			err(3, "link %s/%s", to, listing.entries[i].name);
		if (ntfs_inode_close_in_dir(file, target))
			err(3, "close");
	}
	close_inode(target);
	for (size_t i = 0; i < listing.count; i++) {
		if (!listing.entries[i].folder)
			continue;
		make_folder(to, listing.entries[i].name);
		snprintf(path[0], sizeof path[0], "%s/%s", from, listing.entries[i].name);
		snprintf(path[1], sizeof path[1], "%s/%s", to, listing.entries[i].name);
		link_tree(path[0], path[1]);
	}
	listing_free(&listing);
}

/* Make @path and the folders above it. */
static void make_path(const char *path)
{
	char whole[4096] = "", parts[4096], *rest = parts;

	snprintf(parts, sizeof parts, "%s", path);
	for (char *name; (name = strsep(&rest, "/"));) {
		ntfs_inode *inode;
		size_t      end = strlen(whole);

		if (!*name)
			continue;
		snprintf(whole + end, sizeof whole - end, "/%s", name);
		inode = ntfs_pathname_to_inode(volume, NULL, whole);
		if (inode) {
			close_inode(inode);
			continue;
		}
		whole[end] = '\0';
		make_folder(end ? whole : "/", name);
		snprintf(whole + end, sizeof whole - end, "/%s", name);
	}
}

static void delete_name(const char *folder_path, const struct entry *entry)
{
	ntfs_inode *folder = open_path(*folder_path ? folder_path : "/");
	ntfs_inode *inode = ntfs_inode_open(volume, entry->record);
	ntfschar   *units = NULL;
	int         count = ntfs_mbstoucs(entry->name, &units);

	if (!inode || count < 0 ||
	    ntfs_delete(volume, NULL, inode, folder, units, (u8)count)) /* closes both */
		err(3, "delete %s/%s", folder_path, entry->name);
	free(units);
}

/* All that is below @path. */
static void empty_tree(const char *path)
{
	ntfs_inode    *folder = open_path(path);
	struct listing listing = list(folder);
	char           below[4096];

	close_inode(folder);
	for (size_t i = 0; i < listing.count; i++) {
		snprintf(below, sizeof below, "%s/%s", path, listing.entries[i].name);
		if (listing.entries[i].folder)
			empty_tree(below);
		delete_name(path, &listing.entries[i]);
	}
	listing_free(&listing);
}

static void delete_tree(const char *path)
{
	const char  *name = strrchr(path, '/');
	ntfs_inode  *folder;
	char         above[4096];
	struct entry entry;

	if (!name || !name[1])
		errx(2, "%s: no path of something to delete", path);
	empty_tree(path);
	snprintf(above, sizeof above, "%.*s", (int)(name - path), path);
	folder = open_path(path);
	entry = (struct entry){ (char *)name + 1, folder->mft_no, true };
	close_inode(folder);
	delete_name(above, &entry);
}

/* -------- a Windows in use -------- */

/* A kind of folder: what lies in it, and how many files of a thousand do. */
struct custom {
	const char *path, *folder, *file; /* printf of a number */
	unsigned    share, in_folder;
	const char *extensions[8];
};

/* clang-format off */
static const struct custom of_users[] = {
	{ "Documents", "Project %u", "Letter %05u", 150, 20, { "doc", "docx", "xlsx", "pdf", "txt", "pptx", "rtf", "csv" } },
	{ "Pictures", "Album %u", "IMG_%05u", 70, 60, { "jpg", "JPG", "png", "mov", "jpg", "heic", "jpg", "xmp" } },
	{ "Desktop", "New folder (%u)", "Note %u", 30, 8, { "txt", "lnk", "url", "xls", "zip", "tmp", "one", "vsd" } },
	{ "AppData/Local/Browser/Cache", "%02x", "f_%06x", 200, 200, { "", "", "dat", "", "js", "", "bin", "" } },
	{ "AppData/Roaming/App/Modules", "module-%u", "part%u", 100, 12, { "js", "json", "md", "ts", "map", "js", "txt", "yml" } },
};

static const struct custom of_system[] = {
	{ "Windows/WinSxS", "amd64_component-%u_31bf3856ad364e35_10.0.19041.1_none", "file%u", 300, 6,
	  { "dll", "mui", "exe", "xml", "sys", "dll", "inf", "dll" } },
	{ "Windows/servicing/Packages", "Package_%u", "package-%u~amd64", 50, 500, { "mum", "cat" } },
	{ "Program Files", "Program %u", "library%u", 100, 40, { "dll", "exe", "txt", "chm", "png", "dat", "ini", "html" } },
};
/* clang-format on */

/* Put @count files into folders below @path, each folder with as many as is the custom. */
static void follow(const char *path, const struct custom *custom, unsigned count)
{
	char        below[4096], name[300];
	ntfs_inode *folder = NULL;

	for (unsigned made = 0; made < count; made++) {
		const char *extension = custom->extensions[roll(8)];
		size_t      end;
		ntfs_inode *file;

		if (made % custom->in_folder == 0) {
			if (folder)
				close_inode(folder);
			end = (size_t)snprintf(below, sizeof below, "%s/", path);
			snprintf(below + end, sizeof below - end, custom->folder, made / custom->in_folder);
			make_path(below);
			folder = open_path(below);
		}
		end = (size_t)snprintf(name, sizeof name, custom->file, made);
		if (extension && *extension)
			snprintf(name + end, sizeof name - end, ".%s", extension);
		file = create(folder, name, S_IFREG);
		fill(file, "", 0, 1 + roll(200));
		if (ntfs_inode_close_in_dir(file, folder))
			err(3, "close %s", name);
	}
	if (folder)
		close_inode(folder);
}

static bool is_there(const char *path)
{
	ntfs_inode *inode = ntfs_pathname_to_inode(volume, NULL, path);

	if (inode)
		close_inode(inode);
	return inode;
}

/* Share @files among @customs of the folder @path. */
static void use_folder(const char *path, const struct custom *customs, size_t count, unsigned files)
{
	char below[4096];

	for (size_t i = 0; i < count; i++) {
		snprintf(below, sizeof below, "%s/%s", path, customs[i].path);
		follow(below, &customs[i], (unsigned)((uint64_t)files * customs[i].share / 1000));
	}
}

static void use(unsigned files)
{
	ntfs_inode    *folder = open_path("/Users");
	struct listing users = list(folder);
	unsigned       profiles = 0;

	close_inode(folder);
	for (int counted = 0; counted < 2; counted++)
		for (size_t i = 0; i < users.count; i++) {
			char path[2048], inside[4096];

			snprintf(path, sizeof path, "/Users/%s", users.entries[i].name);
			snprintf(inside, sizeof inside, "%s/AppData", path);
			if (!is_there(inside)) /* nobody's */
				continue;
			if (counted)
				use_folder(path, of_users, sizeof of_users / sizeof *of_users, files / profiles);
			else
				profiles++;
		}
	use_folder("", of_system, sizeof of_system / sizeof *of_system, files);
	listing_free(&users);
}

/* -------- the program -------- */

int main(int argc, char **argv)
{
	const char *command = argc > 3 ? argv[1] : "";
	bool        made = argc == 5 && (strcmp(command, "populate") == 0 || strcmp(command, "create") == 0 ||
					 strcmp(command, "use") == 0);

	if (!made && !(argc == 5 && strcmp(command, "link") == 0) &&
	    !(argc == 4 && strcmp(command, "delete") == 0))
		errx(2,
		     "peer populate|create|use IMAGE FILES SEED, peer link IMAGE FROM TO, peer delete IMAGE PATH");
	volume = ntfs_mount(argv[2], 0);
	if (!volume)
		err(3, "%s", argv[2]);
	if (made)
		dice = strtoull(argv[4], NULL, 10);
	if (strcmp(command, "populate") == 0) {
		populate((unsigned)strtoul(argv[3], NULL, 10));
	} else if (strcmp(command, "create") == 0) {
		make_path("/Windows");
		make_files("/Windows", 10000, (unsigned)strtoul(argv[3], NULL, 10));
	} else if (strcmp(command, "use") == 0) {
		use((unsigned)strtoul(argv[3], NULL, 10));
	} else if (strcmp(command, "link") == 0) {
		make_path(argv[4]);
		link_tree(argv[3], argv[4]);
	} else {
		delete_tree(argv[3]);
	}
	if (ntfs_umount(volume, FALSE))
		err(3, "unmount");
	return 0;
}
