/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_publish.c - see capture_publish.h */
#include "recover/engine/capture_publish.h"

#include "recover/engine/capture_catalogue.h"
#include "recover/engine/capture_left_out.h"

static int rename_folder(struct captured_volume *part, file_ref ref, file_ref parent, const char *from, const char *to,
			 struct error *err)
{
	struct ntfs3g     *mount = &part->volume->mount;
	struct ntfs3g_name old_name = captured_volume_name(from), new_name = captured_volume_name(to);
	ntfs_inode        *inode;
	bool               taken = false;
	int                status;

	if (ntfs3g_open(mount, ref, &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, part->volume->source, "a folder of the store is gone");
	status = ntfs3g_add_name(mount, inode, parent, &new_name, NAME_POSIX, 0, &taken, err);
	if (status == 0 && taken)
		status = error_set(err, ERROR_REFUSED, part->volume->source,
				   "something is called '%s' in %.80s already", to, part->store.path);
	if (status == 0)
		status = ntfs3g_drop_name(mount, inode, parent, &old_name, err);
	if (ntfs3g_close(mount, inode, err) < 0)
		return -1;
	return status < 0 ? -1 : 0;
}

static uint32_t next_generation(const struct captured_volume *part)
{
	size_t count = part->store.older.count;

	return count ? (uint32_t)strtoul(part->store.older.items[count - 1].name + strlen(STORE_OLD_PREFIX), NULL,
					 10) +
			       1
		     : 1;
}

/* The older store makes way. */
static int set_aside(struct captured_volume *part, file_ref folder, struct error *err)
{
	file_ref current;

	if (part->store.current == NO_TREE_RECORD)
		return 0;
	current = volume_tree_ref(&part->volume->tree, part->store.current);
	snprintf(part->told->set_aside, sizeof part->told->set_aside, STORE_OLD_PREFIX "%u",
		 next_generation(part));
	return rename_folder(part, current, folder, STORE_FOLDER, part->told->set_aside, err);
}

int capture_publish_set_aside(struct captured_volume *part, const struct store_folder *folder, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	struct store_folder       aside = { .record = folder->record };
	char                      name[sizeof part->told->set_aside];

	snprintf(name, sizeof name, STORE_OLD_PREFIX "%u", next_generation(part));
	aside.name = strdup(name);
	if (!aside.name || !array_push(&part->store.older, aside)) {
		free(aside.name);
		return error_memory(err);
	}
	return rename_folder(part, volume_tree_ref(tree, folder->record), volume_tree_ref(tree, part->store.folder),
			     folder->name, name, err);
}

static int make_marker(struct captured_volume *part, struct error *err)
{
	struct ntfs3g_name name = captured_volume_name(STORE_MARKER);
	ntfs_inode        *inode;

	if (!captured_volume_is_primary(part) || part->capture->options->copy) /* it says: linked, and primary */
		return 0;
	if (ntfs3g_make_file(&part->volume->mount, part->new_folder, &name, 0, &inode, err) < 0)
		return -1;
	return ntfs3g_close(&part->volume->mount, inode, err);
}

static int make_settings(struct captured_volume *part, struct error *err)
{
	struct capture_result *result = part->capture->result;

	if (!captured_volume_is_primary(part))
		return 0;
	if (capture_left_out_keep(&result->choice.settings, result, err) < 0)
		return -1;
	return settings_folder_make(&result->choice.settings, &part->volume->mount, part->new_folder, err);
}

int capture_publish(struct captured_volume *part, struct error *err)
{
	const struct capture_options *options = part->capture->options;
	struct capture_catalogue      catalogue = { .volume = part->volume,
						    .store_folder = (uint32_t)file_ref_record(part->new_folder),
						    .store_path = part->store.path,
						    .uuid = part->capture->uuid,
						    .generation = next_generation(part),
						    .digests = options->digests,
						    .command = options->command,
						    .result = part->capture->result };
	file_ref folder = volume_tree_ref(&part->volume->tree, part->store.folder);

	catalogue.generation += part->store.current != NO_TREE_RECORD;
	if (capture_catalogue_write(&catalogue, err) < 0 ||
	    work_volume_refuse_unreadable(part->volume, err) < 0 || make_marker(part, err) < 0 ||
	    make_settings(part, err) < 0 ||
	    set_aside(part, folder, err) < 0 ||
	    rename_folder(part, part->new_folder, folder, part->capture->new_name, STORE_FOLDER, err) < 0)
		return -1;
	return ntfs3g_end(&part->volume->mount, err);
}
