/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_settings.c - see capture_settings.h */
#include "recover/engine/capture_settings.h"

#include "recover/engine/migration_report.h"

/* What rules were used and what they took. */
static int make_rules(struct settings_files *files, const struct migration *migration,
		      const struct rule_selection *selection, struct error *err)
{
	char       *text = NULL;
	size_t      size = 0;
	FILE       *out = open_memstream(&text, &size);
	struct json json = { .out = out, .indent = 2 };

	if (!out)
		return error_memory(err);
	json_begin(&json, '{');
	migration_report_json(migration, selection, &json);
	json_end(&json, '}');
	putc('\n', out);
	if (fclose(out) == 0)
		return settings_files_add(files, "rules.json", text, size, err);
	free(text);
	return error_memory(err);
}

int capture_settings_make(struct settings_files *files, const struct migration *migration,
			  const struct rule_selection *selection, struct error *err)
{
	*files = (struct settings_files){ 0 };
	return make_rules(files, migration, selection, err);
}
