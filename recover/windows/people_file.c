/* SPDX-License-Identifier: GPL-3.0-or-later */
/* people_file.c - see people_file.h */
#include "recover/windows/people_file.h"

#include "core/cleanup.h"
#include "core/json.h"

#include <string.h>

void person_release(struct person *person)
{
	free(person->sid);
	free(person->name);
	free(person->domain);
	free(person->path);
	free(person->why);
}

void people_file_release(struct people_file *file)
{
	for (size_t i = 0; i < file->people.count; i++)
		person_release(&file->people.items[i]);
	array_release(&file->people);
	free(TAKE(file->computer));
	free(TAKE(file->machine_sid));
}

int people_file_add(struct people_file *file, struct person person, struct error *err)
{
	if (person.sid && person.name && person.domain && person.path && person.why &&
	    array_push(&file->people, person))
		return 0;
	person_release(&person);
	return error_memory(err);
}

int people_file_make(struct people_file *file, const struct windows *windows,
		     const struct chosen_accounts *accounts, struct error *err)
{
	*file = (struct people_file){ strdup(windows->computer), strdup(windows->machine_sid), { 0 } };
	if (!file->computer || !file->machine_sid)
		return error_memory(err);
	for (size_t i = 0; i < accounts->count; i++) {
		const struct chosen_account *account = &accounts->items[i];
		const struct user_profile   *profile = account->profile;
		const char                  *trouble = profile->trouble ? profile->trouble : "";
		struct person                person = {
				       .sid = strdup(profile->sid),
				       .name = strdup(profile->name),
				       .domain = strdup(profile->domain),
				       .source = profile->source,
				       .local = profile->local,
				       .disabled = profile->disabled,
				       .path = strdup(profile->path),
				       .used = profile->used,
				       .captured = account->chosen && profile->volume,
				       .why = strdup(account->chosen ? trouble : account->why),
		};

		if (people_file_add(file, person, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- writing -------- */

static void write_person(struct json *json, const struct person *person)
{
	json_begin(json, '{');
	json_key_string(json, "sid", person->sid);
	json_key_string(json, "name", person->name);
	json_key_string(json, "domain", person->domain);
	json_key_bool(json, "local", person->local);
	json_key_bool(json, "disabled", person->disabled);
	json_key_string(json, "source", name_source_word(person->source));
	json_key_string(json, "path", person->path);
	json_key_uint(json, "used", person->used);
	json_key_bool(json, "captured", person->captured);
	json_key_string(json, "why", person->why);
	json_end(json, '}');
}

int people_file_write(const struct people_file *file, char **bytes, size_t *size, struct error *err)
{
	struct json json = { .out = open_memstream(bytes, size), .indent = 1 };
	bool        failed;

	if (!json.out) {
		*bytes = NULL;
		return error_memory(err);
	}
	json_begin(&json, '{');
	json_key_string(&json, "format", PEOPLE_FILE_FORMAT);
	json_key_uint(&json, "version", PEOPLE_FILE_VERSION);
	json_key_string(&json, "computer", file->computer);
	json_key_string(&json, "machine_sid", file->machine_sid);
	json_key(&json, "users");
	json_begin(&json, '[');
	for (size_t i = 0; i < file->people.count; i++)
		write_person(&json, &file->people.items[i]);
	json_end(&json, ']');
	json_end(&json, '}');
	fputc('\n', json.out);
	failed = ferror(json.out);
	failed = fclose(json.out) != 0 || failed;
	return failed ? error_memory(err) : 0;
}
