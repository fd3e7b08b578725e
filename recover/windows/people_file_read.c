/* SPDX-License-Identifier: GPL-3.0-or-later */
/* people_file_read.c - the way back of people_file.c; see people_file.h */
#include "recover/windows/people_file.h"

#include "core/cleanup.h"
#include "recover/json_reader.h"
#include "recover/security/sid.h"

#include <string.h>

struct reading {
	const char *name;   /* of the file */
	bool        memory; /* none was left */
};

/* A text that must be there; to be freed, NULL if it is not, or without memory. */
static char *take_text(struct reading *reading, const json_t *object, const char *key)
{
	bool  memory;
	char *text = json_read_text(json_object_get(object, key), JSON_TEXT, &memory);

	reading->memory = reading->memory || memory;
	return text;
}

static bool take_source(const json_t *object, enum name_source *source)
{
	const char *word = json_string_value(json_object_get(object, "source"));

	for (enum name_source each = NAME_FROM_SAM; word && each <= NAME_FROM_FOLDER; each++)
		if (strcmp(word, name_source_word(each)) == 0) {
			*source = each;
			return true;
		}
	return false;
}

static int damaged(const struct reading *reading, const char *what, struct error *err)
{
	if (reading->memory)
		return error_memory(err);
	return error_set(err, ERROR_VALUE, reading->name, "is damaged: %s", what);
}

static int read_person(struct reading *reading, const json_t *object, struct people_file *file,
		       struct error *err)
{
	struct person person = {
		.sid = take_text(reading, object, "sid"),
		.name = take_text(reading, object, "name"),
		.domain = take_text(reading, object, "domain"),
		.local = json_is_true(json_object_get(object, "local")),
		.disabled = json_is_true(json_object_get(object, "disabled")),
		.path = take_text(reading, object, "path"),
		.captured = json_is_true(json_object_get(object, "captured")),
		.why = take_text(reading, object, "why"),
	};
	struct sid sid;

	if (person.sid && person.name && person.domain && person.path && person.why &&
	    sid_parse(person.sid, &sid) && take_source(object, &person.source) &&
	    json_read_uint(json_object_get(object, "used"), UINT64_MAX, &person.used))
		return people_file_add(file, person, err);
	person_release(&person);
	return damaged(reading, "a user is not told in full", err);
}

static int read_root(struct reading *reading, const json_t *root, struct people_file *file, struct error *err)
{
	const char *format = json_string_value(json_object_get(root, "format"));
	json_t     *users = json_object_get(root, "users"), *user;
	uint64_t    version;
	size_t      i;

	if (!format || strcmp(format, PEOPLE_FILE_FORMAT) != 0 ||
	    !json_read_uint(json_object_get(root, "version"), UINT64_MAX, &version))
		return damaged(reading, "it does not say that it is a list of users", err);
	if (version != PEOPLE_FILE_VERSION)
		return error_set(err, ERROR_UNSUPPORTED, reading->name, "is of another version of holdfast");
	file->computer = take_text(reading, root, "computer");
	file->machine_sid = take_text(reading, root, "machine_sid");
	if (!file->computer || !file->machine_sid || !json_is_array(users))
		return damaged(reading, "the computer or its users are missing", err);
	if (json_array_size(users) > PEOPLE_MAX)
		return damaged(reading, "it has more users than a Windows can have", err);
	json_array_foreach(users, i, user) if (read_person(reading, user, file, err) < 0) return -1;
	return 0;
}

int people_file_read(struct people_file *file, const char *name, const char *bytes, size_t size,
		     struct error *err)
{
	CLEANUP(json_release) json_t *root = NULL;
	struct reading                reading = { .name = name };
	struct error                  why;

	*file = (struct people_file){ 0 };
	if (size > PEOPLE_FILE_BYTES_MAX)
		return damaged(&reading, "it is too large", err);
	if (json_read(bytes, size, &root, &why) < 0)
		return why.kind == ERROR_MEMORY ? error_memory(err) : damaged(&reading, why.text, err);
	return read_root(&reading, root, file, err);
}
