/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * story_json.h - what happened, as the keys event_sources, events and story of a report's JSON
 *
 * An event is named by its place in events, from 0; a source by its id.  Times are those of RFC 3339, with Z
 * when they are UTC, without a zone when they are the machine's; codes are as people look for them, in
 * hexadecimal.  What is not known is null.
 */
#ifndef REPORT_STORY_JSON_H
#define REPORT_STORY_JSON_H

#include "core/json.h"
#include "scan/casebook.h"

MUST_CHECK int story_json(struct casebook *book, struct json *json, struct error *err);

#endif
