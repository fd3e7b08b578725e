/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * destination.h - a volume that files are restored to: what is there, and what is to be added
 *
 * A plan in memory: names are looked up in the volume's tree and among those planned
 * so far; nothing is written here (destination_writer.h).  Some 60 bytes a name.
 */
#ifndef RECOVER_ENGINE_DESTINATION_H
#define RECOVER_ENGINE_DESTINATION_H

#include "recover/engine/work_volume.h"

#define NO_ENTRY UINT32_MAX
#define LIKE_NONE (UINT32_MAX - 1) /* the item of a folder that only a rule asks for */

/* A directory that names are added to or looked for in; the first is the volume's root. */
struct destination_folder {
	uint32_t parent; /* in .folders */
	uint32_t record; /* of the tree, or NO_TREE_RECORD: it is to be made */
	uint32_t name;   /* of the tree, or the entry that makes it */
	uint32_t item;   /* it is made like this one, or LIKE_NONE ... */
	uint16_t origin; /* ... of this origin (origin.h) */
	bool     filled; /* something is to be added to it */
	file_ref ref;    /* once it is there */
};

/* A file that is to be copied here; its names are entries. */
struct destination_copy {
	uint32_t item;
	uint32_t entry; /* the name that it was made with, NO_ENTRY: none yet, or it was there */
	uint16_t origin;
	uint16_t drops; /* enum rule_attributes that it does not bring along */
	file_ref ref; /* once it is there; 0 behind .entry: it could not be made */
};

enum destination_kind {
	ADD_FOLDER, /* .item is in .folders */
	ADD_LINK,   /* .item is a record of the tree */
	ADD_COPY,   /* .item is in .copies */
	ADD_ALIAS,  /* the 8.3 name of the entry before */
};

/* A name that is to be added.  Those that make a directory come before those in it. */
struct destination_entry {
	uint32_t folder; /* in .folders, that it stands in */
	uint32_t text;   /* where its units begin in .text */
	uint32_t item;
	uint8_t  units;
	uint8_t  kind; /* enum destination_kind */
};

/* A file that loses its name to the entry. */
struct destination_replaced {
	uint32_t entry;
	uint32_t record; /* of the tree */
	uint32_t name;   /* of the tree */
};

struct destination_replacements ARRAY(struct destination_replaced); /* by entry */
struct destination_folders ARRAY(struct destination_folder);
struct destination_copies ARRAY(struct destination_copy);
struct destination_entries ARRAY(struct destination_entry);
struct destination_text ARRAY(ntfschar);

struct destination {
	struct work_volume        *volume; /* borrowed; its tree is read */
	struct destination_folders folders;
	struct destination_copies  copies;
	struct destination_entries entries;
	struct destination_text    text;
	struct destination_replacements replaced;
	bool                      *gone;    /* by the tree's names: it has lost its name; NULL: none */
	uint32_t                  *doomed;  /* by the tree's names: a rule removes it (restore_cleanup.h); 0, NULL: none */
	uint32_t                  *entered; /* by record of the tree: its index in .folders, 0 none yet */
	uint32_t                  *slots;   /* entries by folder and name, case aside; NO_ENTRY where free */
	size_t                     slot_count;
};

/* What has a name. */
struct occupant {
	uint32_t           record; /* of the tree, or NO_TREE_RECORD */
	uint32_t           found;  /* its name in the tree */
	uint32_t           entry;  /* planned, or NO_ENTRY */
	bool               exact;  /* it has that very name, not one that differs in case */
	bool               alias;  /* by its 8.3 name */
	bool               doomed; /* a file that a rule removes before anything comes */
	struct ntfs3g_name name;
};

/* Begin with an empty plan.  Returns 0, or -1 without memory.  Release in any case. */
MUST_CHECK int destination_init(struct destination *destination, struct work_volume *volume,
				struct error *err);
void           destination_release(struct destination *destination);

/* Does something have the name in @folder, case aside?  The very name goes first. */
bool destination_look(const struct destination *destination, uint32_t folder, const struct ntfs3g_name *name,
		      struct occupant *occupant);

/* The same in a directory that a look has found, or the root of the tree, whether it was entered or not. */
bool destination_look_in(const struct destination *destination, const struct occupant *directory,
			 const struct ntfs3g_name *name, struct occupant *occupant);

/* Plan a name that is free, or one that differs from what is there in case. */
MUST_CHECK int destination_add(struct destination *destination, uint32_t folder,
			       const struct ntfs3g_name *name, enum destination_kind kind, uint32_t item,
			       struct error *err);

/* What was planned last, its 8.3 name aside, takes its name from @occupant, a file of the tree. */
MUST_CHECK int destination_replace(struct destination *destination, const struct occupant *occupant,
				   struct error *err);

/* A doomed one does not stand in the way: its name is free from now on. */
MUST_CHECK int destination_forget(struct destination *destination, const struct occupant *occupant,
				  struct error *err);

/* It is what is restored, by an earlier run: it stays. */
void destination_spare(struct destination *destination, const struct occupant *occupant);

/* What loses its name to an entry, or NULL. */
const struct destination_replaced *destination_replaced_by(const struct destination *destination, uint32_t entry);

/* Plan to make a directory like @item of @origin; *@made is its index. */
MUST_CHECK int destination_make_folder(struct destination *destination, uint32_t parent,
				       const struct ntfs3g_name *name, uint16_t origin, uint32_t item,
				       uint32_t *made, struct error *err);

/* Go into what a look has found: a directory, there or planned. */
MUST_CHECK int destination_enter(struct destination *destination, uint32_t parent,
				 const struct occupant *occupant, uint32_t *folder, struct error *err);

bool destination_is_folder(const struct destination *destination, const struct occupant *occupant);

/* The name of an entry. */
void destination_entry_name(const struct destination *destination, const struct destination_entry *entry,
			    struct ntfs3g_name *name);

/* The path of a name in @folder, as in "C:\Users\a\x.txt"; to be freed, NULL without memory. */
char *destination_path(const struct destination *destination, uint32_t folder,
		       const struct ntfs3g_name *name);

/* The name of the volume's tree. */
void destination_tree_name(const struct volume_tree *tree, uint32_t name, struct ntfs3g_name *out);

#endif
