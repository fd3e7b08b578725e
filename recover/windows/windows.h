/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * windows.h - one Windows that lies on the volumes under work, offline: its hives and its users
 *
 * Found by its directory (C:\Windows unless told).  SOFTWARE, SYSTEM and SAM are opened, and of each
 * profile NTUSER.DAT and UsrClass.dat.  What cannot be read is kept as a trouble of that profile
 * or of the Windows: nobody is left out in silence.
 */
#ifndef RECOVER_WINDOWS_WINDOWS_H
#define RECOVER_WINDOWS_WINDOWS_H

#include "recover/engine/work_volume.h"
#include "recover/registry/hive.h"
#include "recover/windows/sam.h"

enum name_source {
	NAME_FROM_SAM,     /* a local account of this machine: certain */
	NAME_FROM_CACHE,   /* what Windows remembered of a domain's account */
	NAME_FROM_FOLDER,  /* only the profile folder's name: a guess */
};

/* One entry of ProfileList. */
struct user_profile {
	char            *sid;    /* "S-1-5-21-..." */
	char            *name;   /* "anna" */
	char            *domain; /* "CORP", the computer's name for local ones, "" unknown */
	enum name_source source;
	bool             local;    /* an account of this machine's SAM, or of its SID */
	bool             special;  /* S-1-5-18, -19, -20: the system's own */
	bool             disabled; /* a local account that is */
	uint32_t         rid;
	char            *path;      /* "C:\Users\anna", letters as on the volumes under work */
	struct work_volume *volume; /* NULL: its folder is not there */
	uint32_t         folder;    /* in the volume's tree, or NO_TREE_RECORD */
	uint64_t         used;      /* NTUSER.DAT last written, 100 ns; 0 unknown */
	struct hive      user;      /* .handle NULL: could not be read */
	struct hive      classes;   /* UsrClass.dat, likewise */
	char            *trouble;   /* why the profile is not whole, NULL if it is */
};

#define USER_HIVE "NTUSER.DAT" /* in a profile's folder */

struct user_profiles ARRAY(struct user_profile);

struct windows {
	struct work_volumes *volumes;  /* borrowed; their trees are read */
	struct work_volume  *volume;   /* of the Windows directory */
	char                *directory; /* "C:\Windows" */
	char                *computer;  /* "" unknown */
	char                *machine_sid; /* "S-1-5-21-a-b-c", "" unknown */
	char                *profiles_folder; /* "C:\Users" */
	char                *public_folder, *default_folder, *program_data; /* "C:\Users\Public", ... */
	uint32_t             version_major, version_minor, build;
	bool                 is_64bit;
	unsigned             control_set; /* N of ControlSet00N */
	char                 letters['Z' - 'A' + 1]; /* by the offline system's letter: the one under work, 0 unknown */
	bool                 writable; /* hives can be changed, in memory */
	struct hive          software, system, sam;
	struct local_accounts accounts; /* of the SAM, with a profile or without */
	struct user_profiles profiles;
	char                *trouble; /* a hive of the machine that could not be read, NULL */
};

struct windows_options {
	const char        *directory;  /* "C:\Windows", NULL: looked for on all volumes */
	const char *const *candidates; /* further ones, first valid one is used (Offline.xml) */
	size_t             candidate_count;
	bool               fail_on_multiple; /* several match: ERROR_REFUSED */
	bool               writable; /* the hives can be changed, in memory */
	const char        *mappings; /* "D=C E=D": the offline system's letter is the volume under work; NULL: same */
};

/*
 * Find and open a Windows: 1, 0 if there is none on the volumes, -1.  windows_close in any case.
 */
MUST_CHECK int windows_open(struct windows *windows, struct work_volumes *volumes,
			    const struct windows_options *options, struct error *err);
void           windows_close(struct windows *windows);

/* The profile with that SID, or NULL. */
struct user_profile *windows_profile(const struct windows *windows, const char *sid);

/* "sam", "cache", "folder". */
const char *name_source_word(enum name_source source);

/* Before Windows Vista: "Documents and Settings", "All Users". */
bool windows_is_xp(const struct windows *windows);

/*
 * The text of a string value, of a machine's or a user's hive; *@text is NULL if there is none, or the hive is
 * not open.  @path of SYSTEM begins below the current control set.  To be freed.
 */
MUST_CHECK int windows_text(const struct hive *hive, const char *path, const char *name, char **text,
			    struct error *err);
MUST_CHECK int windows_system_text(const struct windows *windows, const char *path, const char *name, char **text,
				   struct error *err);

/* A location of the registry as a hive and the path in it. */
struct registry_place {
	struct hive *hive; /* of the windows or of a profile; it may not be open */
	char        *path; /* from its root; "" the root itself */
};

/*
 * Where a location of the registry belongs: "HKLM\Software\X", "HKCU\...", "HKR", "HKCR\...", "HKU\<SID>\...", their
 * long names, and "HK_USERS"; CurrentControlSet is the current one; HKCU\Software\Classes is the classes hive.
 * @user  whose HKCU it is; NULL: the machine, which has none
 * 1 with *@place; 0 if no hive has it, or none in this context; -1.  registry_place_release in any case.
 */
MUST_CHECK int windows_registry_place(const struct windows *windows, const struct user_profile *user,
				      const char *location, struct registry_place *place, struct error *err);
void           registry_place_release(struct registry_place *place);

/* The key at such a location: 1 with *@hive and *@key, 0 if there is none, -1. */
MUST_CHECK int windows_registry_find(const struct windows *windows, const struct user_profile *user,
				     const char *location, struct hive **hive, hive_key *key, struct error *err);

#endif
