/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_report.h - a rule file explained, in words and as JSON
 */
#ifndef RECOVER_RULES_RULE_REPORT_H
#define RECOVER_RULES_RULE_REPORT_H

#include "core/json.h"
#include "recover/rules/rule_review.h"

/* What the components take and leave.  @all  each object, not only the first of a kind */
void rule_report_print(const struct rule_file *file, const struct rule_review *review, bool all);

/* The same as keys of the JSON object that is open. */
void rule_report_json(struct json *json, const struct rule_file *file, const struct rule_review *review);

/* "line 7: ..." for each remark; @all  also those that are merely odd.  At most @most of them. */
void rule_remarks_print(const struct xml_remarks *remarks, const char *before, bool all, size_t most);

/* The remarks as items of the array that is open. */
void rule_remarks_json(struct json *json, const struct xml_remarks *remarks);

/* True if something that the author wrote does not happen. */
bool rule_remarks_weigh(const struct xml_remarks *remarks);

#endif
