/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * case_uuid.h - identifiers that follow from a casebook
 *
 * UUIDs of version 5 (RFC 9562): the same casebook gives the same ones, another gives others.
 */
#ifndef REPORT_CASE_UUID_H
#define REPORT_CASE_UUID_H

#include "scan/casebook.h"

#define UUID_BYTES 16u

struct uuid      { uint8_t bytes[UUID_BYTES]; };
struct uuid_text { char text[37]; };

/* The UUID of @name in the name space @space. */
MUST_CHECK int uuid_of_name(const struct uuid *space, const char *name, struct uuid *uuid, struct error *err);

/* The casebook's own: of the fingerprints of its evidence, of the command that made it and by which version. */
MUST_CHECK int uuid_of_case(struct casebook *book, struct uuid *uuid, struct error *err);

/* "6ba7b810-9dad-11d1-80b4-00c04fd430c8" */
struct uuid_text uuid_text(const struct uuid *uuid);

#endif
