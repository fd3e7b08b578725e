/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * layer.h - volumes within the evidence: shadow copies, and BitLocker volumes decrypted
 *
 * What lies at a place of the evidence in another form is evidence of its own, that begins with the
 * volume's first byte.  It is read by an image reader of its own, so that what is wrong with one of
 * them ends nothing else.  Evidence keeps a list of its layers, entered or not, and owns them.
 */
#ifndef SCAN_LAYER_H
#define SCAN_LAYER_H

#include "scan/evidence.h"

enum layer_kind {
	LAYER_SHADOW,    /* a shadow copy (VSS): the volume as it was */
	LAYER_BITLOCKER, /* the volume decrypted */
	LAYER_KINDS,
};

enum layer_state {
	LAYER_ENTERED,
	LAYER_LISTED,    /* it is there and was not looked into */
	LAYER_LOCKED,    /* BitLocker: no key that fits */
	LAYER_ELSEWHERE, /* a shadow copy whose blocks lie on another volume */
	LAYER_DAMAGED,
	LAYER_STATES,
};

struct layer {
	enum layer_kind  kind;
	enum layer_state state;
	uint64_t         offset_bytes, length_bytes; /* of the volume, in the evidence around it */
	uint32_t         partition;   /* as @N names it, 0 if none */
	uint32_t         number;      /* SHADOW: from 1, the oldest */
	uint64_t         created;     /* SHADOW: 100 ns since 1601 */
	uint8_t          set[16];     /* SHADOW: the same for copies made together; 0: not known */
	uint32_t         recovery_id; /* BITLOCKER: how its recovery key's identifier begins, 0 if it has none */
	char             opened_by[IMAGE_KIND_BYTES]; /* BITLOCKER: "recovery key", "password", "clear key" */
	char             why[IMAGE_ERROR_BYTES];      /* what stood in the way, "" if nothing */
	uint32_t         of;          /* SHADOW: number of the volume, 0 if that is not looked at */
	struct evidence *evidence;    /* owned; NULL unless it was entered */
};

/* "shadow" or "bitlocker"; "entered", "listed", ...: as in the casebook and in JSON. */
const char *layer_kind_name(enum layer_kind kind);
const char *layer_state_name(enum layer_state state);

/* The kind of this name; false for one that is not known. */
bool layer_kind_of(const char *name, enum layer_kind *kind);

/* Does a BitLocker volume begin with this sector? */
bool layer_is_bitlocker(const uint8_t sector[512]);

/*
 * Enter what @wanted describes (kind, place, number) within @evidence, or take what was entered before.
 * Keys are those of the evidence; without a ring even a clear key is not used.
 * @layer  the one in the evidence's list; its .state tells what came of it
 * Returns 0, or -1: no memory, or no image reader.
 */
MUST_CHECK int layer_enter(struct evidence *evidence, const struct layer *wanted, struct layer **layer,
			   struct error *err);

/*
 * Put the shadow copies of the volume there into the evidence's list, LISTED or ELSEWHERE, the oldest
 * first; costs one read where there are none.  @count tells how many; they are the list's last ones.
 * Returns 0, or -1: no memory, or they cannot be listed, and why.
 */
MUST_CHECK int layer_list_shadows(struct evidence *evidence, uint64_t offset_bytes, uint64_t length_bytes,
				  size_t *count, struct error *err);

/* The layer that @evidence is, or NULL for evidence that was opened by its name. */
const struct layer *layer_of(const struct evidence *evidence);

/* Is this the volume as it was, or does it lie in such a one?  The shadow copy's layer, or NULL. */
const struct layer *layer_shadow_of(const struct evidence *evidence);

/* Refuse to write to a volume in @evidence if that is a layer: -1 with the sentence for it. */
MUST_CHECK int layer_refuse(const struct evidence *evidence, const char *source, struct error *err);

/* For evidence_reader: take @client from @outer into one of its layers.  As image_client_unlock, with @layer's .why. */
int layer_go(struct image_client *client, const struct evidence *outer, struct layer *layer);

/* For evidence_release: give back all layers within. */
void layers_release(struct evidence *evidence);

#endif
