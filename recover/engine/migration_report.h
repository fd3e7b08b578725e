/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * migration_report.h - whose data and which, told: users who take part, what rules took, what could not be honoured
 */
#ifndef RECOVER_ENGINE_MIGRATION_REPORT_H
#define RECOVER_ENGINE_MIGRATION_REPORT_H

#include "core/json.h"
#include "recover/engine/migration.h"

/*
 * As text: users, and what could not be honoured.
 * @all  every line of that; else the first of them
 */
void migration_report_print(const struct migration *migration, const struct rule_selection *selection, bool all,
			    FILE *out);

/* As members of the object that is open: "windows", "users", "rules", "components", "not_honoured". */
void migration_report_json(const struct migration *migration, const struct rule_selection *selection,
			   struct json *json);

/* Users who do not take part, or of whom something could not be read. */
size_t migration_report_troubles(const struct migration *migration);

#endif
