/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hive.h - one registry hive, read from bytes and given back as bytes; the one door to hivex
 *
 * A hive never stands for more than it holds: one that is damaged is refused whole, one that
 * was not closed cleanly has its transaction logs applied (hive_log.h) if they are sound, and
 * .state says so.  All names are WTF-8, in which a slash, and in the name of a value a backslash, is the
 * plain one; key and value names compare without case.
 */
#ifndef RECOVER_REGISTRY_HIVE_H
#define RECOVER_REGISTRY_HIVE_H

#include "recover/registry/hive_log.h"
#include "recover/registry/registry_value.h"
#include "scan/upcase.h"

/* Of a value that is written, and of those beside it in its key: hivex writes no more. */
#define HIVE_VALUE_BYTES_MAX (1000u * 1000 - 8)

/* For new keys, which is some 4,000 in one key. */
#define HIVE_WASTE_MAX (64u << 20)

enum hive_state {
	HIVE_CLEAN,
	HIVE_LOGS_APPLIED, /* it was not closed cleanly; its logs brought it up to date */
	HIVE_BEHIND, /* it was not closed cleanly, and no sound log was there: the last changes are missing */
};

typedef size_t hive_key; /* in its hive; NO_HIVE_KEY none */
#define NO_HIVE_KEY ((hive_key)0)

struct hive_keys ARRAY(hive_key);

struct hive {
	char           *name; /* for messages: "C:\Windows\System32\config\SOFTWARE" */
	enum hive_state state;
	void           *handle; /* of hivex; NULL: not open */
	struct bytes opened; /* its bytes when it was opened: hivex never puts anything else in their place */
	struct upcase upcase;
	bool          spoilt; /* hivex failed in the midst of a change: it cannot be saved */
	uint64_t      wasted; /* bytes of lists of keys that hivex wrote anew, for one more key each */
};

/*
 * Open a hive.
 * @primary  bytes of the hive file; borrowed during the call only
 * @logs     of its transaction logs, .at == NULL where one is not there
 * @writable keys and values can be changed, in memory
 * Returns 0, or -1 with what is wrong and where: no hive, damaged, too large.  hive_close in any case.
 */
MUST_CHECK int hive_open(struct hive *hive, const char *name, struct bytes primary,
			 const struct bytes logs[HIVE_LOGS], bool writable, struct error *err);
void           hive_close(struct hive *hive);

hive_key hive_root(const struct hive *hive);

/*
 * The key at a path below @from ("Microsoft\Windows NT"; "" is @from): 1 with *@key, 0 if it is not there, -1
 * where the hive is damaged.
 */
MUST_CHECK int hive_find(const struct hive *hive, hive_key from, const char *path, hive_key *key,
			 struct error *err);

/* The keys below a key, in the hive's order.  array_release in any case. */
MUST_CHECK int hive_children(const struct hive *hive, hive_key key, struct hive_keys *children,
			     struct error *err);

/* A key's own name; to be freed.  0, or -1 where the hive is damaged. */
MUST_CHECK int hive_key_name(const struct hive *hive, hive_key key, char **name, struct error *err);

/* One value of a key: 1, 0 if it is not there, -1.  registry_value_release in any case. */
MUST_CHECK int hive_value(const struct hive *hive, hive_key key, const char *name,
			  struct registry_value *value, struct error *err);

/* All values of a key.  registry_values_release in any case. */
MUST_CHECK int hive_values(const struct hive *hive, hive_key key, struct registry_values *values,
			   struct error *err);

/* The text of a string value at a path from the root; *@text is NULL if there is none.  To be freed. */
MUST_CHECK int hive_text_at(const struct hive *hive, const char *path, const char *name, char **text,
			    struct error *err);

/* Can the hive hold such a value, by its name and size?  Returns 0, or -1 with what is wrong. */
MUST_CHECK int hive_check_value(const struct hive *hive, const struct registry_value *value, struct error *err);

/*
 * Find or make the key at a path below @from, with those above it.  Each new key costs the hive the room of all those
 * beside it: ERROR_UNSUPPORTED where HIVE_WASTE_MAX has gone that way.
 */
MUST_CHECK int hive_make_key(struct hive *hive, hive_key from, const char *path, hive_key *key,
			     struct error *err);

/*
 * Set values; others of the key stay.  A key's handle stays valid.  Each call writes all values of the key
 * again, and the room of the old ones is lost to the hive: many values of one key are best set by one call.
 */
MUST_CHECK int hive_set_values(struct hive *hive, hive_key key, const struct registry_value *values,
			       size_t count, struct error *err);
MUST_CHECK int hive_set_value(struct hive *hive, hive_key key, const struct registry_value *value,
			      struct error *err);

/* Remove one value, if it is there; remove a key, but not the root, with all below it. */
MUST_CHECK int hive_delete_value(struct hive *hive, hive_key key, const char *name, struct error *err);
MUST_CHECK int hive_delete_key(struct hive *hive, hive_key key, struct error *err);

/*
 * The hive's bytes as changed, clean, its sequence numbers equal: what is written to a new file.
 * It is opened again and walked through before it is given.
 * @bytes  to be freed
 */
MUST_CHECK int hive_save(struct hive *hive, uint8_t **bytes, size_t *size, struct error *err);

#endif
