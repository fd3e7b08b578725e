/* SPDX-License-Identifier: GPL-3.0-or-later */
/* security_descriptor.c - see security_descriptor.h */
#include "recover/security/security_descriptor.h"

#include "core/array.h"
#include "core/cleanup.h"
#include "core/endian.h"

#include <assert.h>

#define SELF_RELATIVE     0x8000u
#define HAS_DACL          0x0004u
#define HAS_SACL          0x0010u
#define PROTECTED_DACL    0x1000u
#define ACL_REVISION      2u
#define ACE_ALLOWED       0x00u
#define OBJECT_TYPE       0x1u /* of an object ACE: a GUID follows */
#define INHERITED_TYPE    0x2u /* another one */
#define GUID_BYTES        16u
#define ALIGNMENT         4u

struct descriptor_disk {
	uint8_t     revision;  /* 0x00  1 */
	uint8_t     resource;  /* 0x01  of the resource manager */
	struct le16 control;   /* 0x02  SE_* */
	struct le32 owner;     /* 0x04  offset, 0: none */
	struct le32 group;     /* 0x08 */
	struct le32 sacl;      /* 0x0c */
	struct le32 dacl;      /* 0x10 */
};
static_assert(sizeof(struct descriptor_disk) == 0x14, "security descriptor");

struct acl_disk {
	uint8_t     revision; /* 0x00  2 or 4 */
	uint8_t     zero;     /* 0x01 */
	struct le16 size;     /* 0x02  bytes, ACEs and room behind them included */
	struct le16 count;    /* 0x04  ACEs */
	struct le16 zeros;    /* 0x06 */
};
static_assert(sizeof(struct acl_disk) == 8, "ACL");

struct ace_disk {
	uint8_t     type;  /* 0x00 */
	uint8_t     flags; /* 0x01 */
	struct le16 size;  /* 0x02  bytes, header included, a multiple of four */
};
static_assert(sizeof(struct ace_disk) == 4, "ACE header");

struct plain_ace_disk {
	struct ace_disk head;   /* 0x00 */
	struct le32     access; /* 0x04  mask; the SID follows */
};
static_assert(sizeof(struct plain_ace_disk) == 8, "ACE");

/* Where a SID stands in an ACE. */
enum ace_form {
	ACE_UNKNOWN, /* nobody knows; it is kept as it is */
	ACE_PLAIN,   /* mask, SID */
	ACE_OBJECT,  /* mask, flags, up to two GUIDs, SID */
};

static enum ace_form form_of(uint8_t type)
{
	switch (type) {
	case 0x00: /* allowed, denied, audit, alarm */
	case 0x01:
	case 0x02:
	case 0x03:
	case 0x09: /* the same as callbacks */
	case 0x0a:
	case 0x0d:
	case 0x0e:
	case 0x11: /* mandatory label */
	case 0x12: /* resource attribute */
	case 0x13: /* scoped policy */
	case 0x14: /* process trust label */
		return ACE_PLAIN;
	case 0x05: /* the same for objects */
	case 0x06:
	case 0x07:
	case 0x08:
	case 0x0b:
	case 0x0c:
	case 0x0f:
	case 0x10:
		return ACE_OBJECT;
	default:
		return ACE_UNKNOWN;
	}
}

/* -------- parts -------- */

struct descriptor {
	struct descriptor_disk disk;
	bool                   has_owner, has_group, has_sacl, has_dacl;
	struct sid             owner, group;
	struct bytes           sacl, dacl; /* as large as they say that they are */
};

/* One ACE: before its SID, the SID, what follows it. */
struct ace {
	struct bytes whole, before, behind;
	bool         has_sid;
	struct sid   sid;
};

static int take_ace(struct bytes *from, struct ace *ace, struct error *err)
{
	struct bytes    at = *from;
	struct ace_disk disk;
	enum ace_form   form;
	size_t          fixed;

	*ace = (struct ace){ 0 };
	if (!bytes_read(&at, &disk, sizeof disk) || le16_get(disk.size) < sizeof disk ||
	    !bytes_take(from, le16_get(disk.size), &ace->whole))
		return error_at(err, ERROR_BOUNDS, at.offset, "an ACE leaves its ACL");
	form = form_of(disk.type);
	if (form == ACE_UNKNOWN)
		return 0;
	fixed = sizeof disk + 4;
	if (form == ACE_OBJECT) {
		if (ace->whole.left < fixed + 4)
			return error_at(err, ERROR_BOUNDS, ace->whole.offset, "an ACE has no room for its flags");
		if (le32_at(ace->whole.at + fixed) & OBJECT_TYPE)
			fixed += GUID_BYTES;
		if (le32_at(ace->whole.at + sizeof disk + 4) & INHERITED_TYPE)
			fixed += GUID_BYTES;
		fixed += 4;
	}
	ace->behind = ace->whole;
	if (!bytes_take(&ace->behind, fixed, &ace->before) || !sid_take(&ace->behind, &ace->sid))
		return error_at(err, ERROR_VALUE, ace->whole.offset, "an ACE has no SID where it should be");
	ace->has_sid = true;
	return 0;
}

static int check_acl(struct bytes bytes, size_t offset, struct bytes *acl, struct error *err)
{
	struct acl_disk disk;
	struct bytes    at;
	struct ace      ace;

	if (!bytes_sub(bytes, offset, sizeof disk, &at) ||
	    !bytes_sub(bytes, offset, le16_at(at.at + 2), acl) || acl->left < sizeof disk)
		return error_at(err, ERROR_BOUNDS, bytes.offset + offset, "an ACL leaves its descriptor");
	at = *acl;
	(void)bytes_read(&at, &disk, sizeof disk);
	if (disk.revision < 1 || disk.revision > 4)
		return error_at(err, ERROR_VALUE, acl->offset, "ACL revision %u", disk.revision);
	for (unsigned i = 0; i < le16_get(disk.count); i++)
		if (take_ace(&at, &ace, err) < 0)
			return -1;
	return 0;
}

/* A SID at an offset of the descriptor; 0 is none. */
static int check_sid(struct bytes bytes, struct le32 offset, bool *has, struct sid *sid, struct error *err)
{
	struct bytes at;

	*has = le32_get(offset) != 0;
	if (!*has)
		return 0;
	if (!bytes_sub(bytes, le32_get(offset), 0, &at))
		return error_at(err, ERROR_BOUNDS, bytes.offset, "a SID lies outside its descriptor");
	at.left = bytes.left - le32_get(offset);
	if (!sid_take(&at, sid))
		return error_at(err, ERROR_VALUE, at.offset, "no SID where one should be");
	return 0;
}

static int parse(struct bytes bytes, struct descriptor *parsed, struct error *err)
{
	struct bytes at = bytes;

	*parsed = (struct descriptor){ 0 };
	if (bytes.left > SECURITY_DESCRIPTOR_BYTES_MAX)
		return error_at(err, ERROR_VALUE, bytes.offset, "a security descriptor of %zu bytes", bytes.left);
	if (!bytes_read(&at, &parsed->disk, sizeof parsed->disk))
		return error_at(err, ERROR_BOUNDS, bytes.offset, "a security descriptor of %zu bytes", bytes.left);
	if (parsed->disk.revision != 1 || !(le16_get(parsed->disk.control) & SELF_RELATIVE))
		return error_at(err, ERROR_VALUE, bytes.offset, "no self-relative security descriptor of revision 1");
	/* an ACL that is said to be there without an offset is a NULL one: it allows everything */
	parsed->has_sacl = (le16_get(parsed->disk.control) & HAS_SACL) && le32_get(parsed->disk.sacl);
	parsed->has_dacl = (le16_get(parsed->disk.control) & HAS_DACL) && le32_get(parsed->disk.dacl);
	if (check_sid(bytes, parsed->disk.owner, &parsed->has_owner, &parsed->owner, err) < 0 ||
	    check_sid(bytes, parsed->disk.group, &parsed->has_group, &parsed->group, err) < 0 ||
	    (parsed->has_sacl && check_acl(bytes, le32_get(parsed->disk.sacl), &parsed->sacl, err) < 0) ||
	    (parsed->has_dacl && check_acl(bytes, le32_get(parsed->disk.dacl), &parsed->dacl, err) < 0))
		return -1;
	return 0;
}

int security_descriptor_check(struct bytes bytes, struct error *err)
{
	struct descriptor parsed;

	return parse(bytes, &parsed, err);
}

bool security_descriptor_owner(struct bytes bytes, struct sid *owner)
{
	struct descriptor parsed;
	struct error      ignored;

	if (parse(bytes, &parsed, &ignored) < 0 || !parsed.has_owner)
		return false;
	*owner = parsed.owner;
	return true;
}

bool security_descriptor_is_protected(struct bytes bytes)
{
	struct descriptor_disk disk;

	return bytes_read(&bytes, &disk, sizeof disk) && (le16_get(disk.control) & PROTECTED_DACL);
}

/* -------- changing -------- */

struct writing {
	const struct sid_change     *changes;
	size_t                       count;
	const struct security_grant *grant; /* NULL: none */
	bool                         changed;
	struct ARRAY(uint8_t) out;
};

static int put(struct writing *writing, const void *from, size_t size, struct error *err)
{
	for (size_t i = 0; i < size; i++)
		if (!array_push(&writing->out, ((const uint8_t *)from)[i]))
			return error_memory(err);
	return 0;
}

static int put_sid(struct writing *writing, const struct sid *sid, struct error *err)
{
	uint8_t bytes[SID_BYTES_MAX];

	for (size_t i = 0; i < writing->count; i++)
		if (sid_equal(sid, &writing->changes[i].from)) {
			writing->changed = writing->changed || !sid_equal(sid, &writing->changes[i].to);
			return put(writing, bytes, sid_put(&writing->changes[i].to, bytes), err);
		}
	return put(writing, bytes, sid_put(sid, bytes), err);
}

/* Where the size of a part stands, once it is written: it must fit. */
static int put_size(struct writing *writing, size_t start, struct error *err)
{
	size_t      size = writing->out.count - start;
	struct le16 disk = le16_make((uint16_t)size);

	if (size > UINT16_MAX)
		return error_set(err, ERROR_VALUE, NULL, "the security descriptor would become too large");
	memcpy(writing->out.items + start + 2, &disk, sizeof disk);
	return 0;
}

static int put_ace(struct writing *writing, const struct ace *ace, struct error *err)
{
	static const uint8_t zeros[ALIGNMENT];
	size_t               start = writing->out.count, over;

	if (!ace->has_sid)
		return put(writing, ace->whole.at, ace->whole.left, err);
	if (put(writing, ace->before.at, ace->before.left, err) < 0 || put_sid(writing, &ace->sid, err) < 0 ||
	    put(writing, ace->behind.at, ace->behind.left, err) < 0)
		return -1;
	over = (writing->out.count - start) % ALIGNMENT; /* as it was, if it was so */
	if (over && ace->whole.left % ALIGNMENT == 0 && put(writing, zeros, ALIGNMENT - over, err) < 0)
		return -1;
	return put_size(writing, start, err);
}

static int put_grant(struct writing *writing, const struct security_grant *grant, struct error *err)
{
	size_t                start = writing->out.count;
	struct plain_ace_disk disk = { .head = { .type = ACE_ALLOWED, .flags = grant->flags },
				       .access = le32_make(grant->access) };

	return put(writing, &disk, sizeof disk, err) < 0 || put_sid(writing, &grant->sid, err) < 0
		       ? -1
		       : put_size(writing, start, err);
}

/* Does an ACE say it already? */
static bool is_granted(const struct security_grant *grant, const struct ace *ace)
{
	struct bytes          at = ace->whole;
	struct plain_ace_disk disk;

	return bytes_read(&at, &disk, sizeof disk) && disk.head.type == ACE_ALLOWED &&
	       (disk.head.flags & ~(unsigned)ACE_INHERITED) == grant->flags &&
	       (le32_get(disk.access) & grant->access) == grant->access && sid_equal(&ace->sid, &grant->sid);
}

/* How many ACEs stand before the one that is to be added; -1 if none is. */
static int place_of_grant(const struct security_grant *grant, struct bytes aces, int count)
{
	int          place = count;
	struct ace   ace;
	struct error ignored; /* they have been looked at */

	for (int i = 0; i < count && take_ace(&aces, &ace, &ignored) == 0; i++) {
		if (is_granted(grant, &ace))
			return -1;
		if (place == count && (ace.whole.at[offsetof(struct ace_disk, flags)] & ACE_INHERITED))
			place = i;
	}
	return place;
}

/* ACEs, and @grant (NULL: none) where it belongs. */
static int put_aces(struct writing *writing, struct bytes *aces, struct acl_disk *disk,
		    const struct security_grant *grant, struct error *err)
{
	int        count = le16_get(disk->count);
	int        place = grant ? place_of_grant(grant, *aces, count) : -1;
	struct ace ace;

	for (int i = 0; i <= count; i++)
		if ((i == place && put_grant(writing, grant, err) < 0) ||
		    (i < count && (take_ace(aces, &ace, err) < 0 || put_ace(writing, &ace, err) < 0)))
			return -1;
	if (place >= 0) {
		disk->count = le16_make((uint16_t)(count + 1));
		writing->changed = true;
	}
	return 0;
}

/* An ACL behind all that is there, and its offset. */
static int put_acl(struct writing *writing, struct bytes acl, const struct security_grant *grant,
		   struct le32 *offset, struct error *err)
{
	size_t          start = writing->out.count;
	struct acl_disk disk;

	*offset = le32_make((uint32_t)start);
	(void)bytes_read(&acl, &disk, sizeof disk);
	if (put(writing, &disk, sizeof disk, err) < 0 || put_aces(writing, &acl, &disk, grant, err) < 0 ||
	    put(writing, acl.at, acl.left, err) < 0) /* room behind the last */
		return -1;
	memcpy(writing->out.items + start, &disk, sizeof disk);
	return put_size(writing, start, err);
}

static int put_owner(struct writing *writing, const struct sid *sid, struct le32 *offset, struct error *err)
{
	*offset = le32_make((uint32_t)writing->out.count);
	return put_sid(writing, sid, err);
}

/* Write a descriptor anew; nothing is made if nothing of it changes. */
static int write_all(struct writing *writing, struct descriptor *parsed, uint8_t **made, size_t *size,
		     struct error *err)
{
	if (!parsed->has_sacl) /* an offset that was not to be looked at would now lie */
		parsed->disk.sacl = le32_make(0);
	if (!parsed->has_dacl)
		parsed->disk.dacl = le32_make(0);
	if (put(writing, &parsed->disk, sizeof parsed->disk, err) < 0 ||
	    (parsed->has_sacl && put_acl(writing, parsed->sacl, NULL, &parsed->disk.sacl, err) < 0) ||
	    (parsed->has_dacl && put_acl(writing, parsed->dacl, writing->grant, &parsed->disk.dacl, err) < 0) ||
	    (parsed->has_owner && put_owner(writing, &parsed->owner, &parsed->disk.owner, err) < 0) ||
	    (parsed->has_group && put_owner(writing, &parsed->group, &parsed->disk.group, err) < 0))
		return -1;
	if (writing->out.count > SECURITY_DESCRIPTOR_BYTES_MAX)
		return error_set(err, ERROR_VALUE, NULL, "the security descriptor would become too large");
	if (writing->changed) {
		memcpy(writing->out.items, &parsed->disk, sizeof parsed->disk);
		*size = writing->out.count;
		*made = TAKE(writing->out.items);
	}
	return 0;
}

static void writing_release(struct writing *writing)
{
	array_release(&writing->out);
}

int security_descriptor_change(struct bytes bytes, const struct sid_change *changes, size_t count, uint8_t **made,
			       size_t *size, struct error *err)
{
	CLEANUP(writing_release) struct writing writing = { .changes = changes, .count = count };
	struct descriptor                       parsed;

	*made = NULL;
	*size = 0;
	return parse(bytes, &parsed, err) < 0 ? -1 : write_all(&writing, &parsed, made, size, err);
}

int security_descriptor_grant(struct bytes bytes, const struct security_grant *grant, const struct sid *owner,
			      uint8_t **made, size_t *size, struct error *err)
{
	CLEANUP(writing_release) struct writing writing = { .grant = grant };
	struct descriptor                       parsed;

	*made = NULL;
	*size = 0;
	if (parse(bytes, &parsed, err) < 0)
		return -1;
	if (owner && !(parsed.has_owner && sid_equal(&parsed.owner, owner))) {
		parsed.has_owner = writing.changed = true;
		parsed.owner = *owner;
	}
	return write_all(&writing, &parsed, made, size, err);
}

/* A DACL with nothing but grants. */
static int put_grants(struct writing *writing, const struct security_grant *grants, size_t count,
		      struct le32 *offset, struct error *err)
{
	size_t          start = writing->out.count;
	struct acl_disk disk = { .revision = ACL_REVISION, .count = le16_make((uint16_t)count) };

	*offset = le32_make((uint32_t)start);
	if (put(writing, &disk, sizeof disk, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (put_grant(writing, &grants[i], err) < 0)
			return -1;
	return put_size(writing, start, err);
}

int security_descriptor_make(const struct sid *owner, const struct security_grant *grants, size_t count,
			     uint8_t **made, size_t *size, struct error *err)
{
	CLEANUP(writing_release) struct writing writing = { 0 };
	struct descriptor_disk disk = { .revision = 1, .control = le16_make(SELF_RELATIVE | HAS_DACL | PROTECTED_DACL) };

	*made = NULL;
	*size = 0;
	if (put(&writing, &disk, sizeof disk, err) < 0 || put_grants(&writing, grants, count, &disk.dacl, err) < 0 ||
	    put_owner(&writing, owner, &disk.owner, err) < 0 || put_owner(&writing, owner, &disk.group, err) < 0)
		return -1;
	memcpy(writing.out.items, &disk, sizeof disk);
	*size = writing.out.count;
	*made = TAKE(writing.out.items);
	return 0;
}
