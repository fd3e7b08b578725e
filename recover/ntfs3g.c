/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ntfs3g.c - see ntfs3g.h */
#include "recover/ntfs3g.h"

#include "core/cleanup.h"
#include "core/mounted.h"
#include "scan/boot_sector.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* -------- the device -------- */

static struct ntfs3g_device *device_of(struct ntfs_device *device)
{
	return device->d_private;
}

/* Remember the first failure; later writes are still tried, they may save what is whole. */
static void latch(struct ntfs3g_device *own, int failed, uint64_t at)
{
	if (!own->failed) {
		own->failed = failed ? failed : EIO;
		own->failed_at = at;
	}
}

static int device_open(struct ntfs_device *device, int flags)
{
	if ((flags & O_ACCMODE) != O_RDWR) { /* the library's fallback, which drops writes quietly */
		errno = EINVAL;
		return -1;
	}
	NDevSetOpen(device);
	return 0;
}

static int device_close(struct ntfs_device *device)
{
	device->d_state &= ~(1ul << ND_Open); /* the macro for it has the wrong sign */
	return 0;
}

static s64 device_pread(struct ntfs_device *device, void *to, s64 count, s64 offset)
{
	const struct ntfs3g_device *own = device_of(device);
	uint8_t                    *at = to;
	uint64_t                    place = (uint64_t)offset, left = (uint64_t)count;

	if (offset < 0 || count < 0 || place > own->size_bytes) {
		errno = EINVAL;
		return -1;
	}
	if (left > own->size_bytes - place)
		left = own->size_bytes - place;
	count = (s64)left;
	while (left) {
		ssize_t got = pread(own->fd, at, (size_t)left, (off_t)(own->offset_bytes + place));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0) { /* the file has become shorter */
			errno = EIO;
			return -1;
		}
		at += got;
		place += (uint64_t)got;
		left -= (uint64_t)got;
	}
	return count;
}

static s64 device_pwrite(struct ntfs_device *device, const void *from, s64 count, s64 offset)
{
	struct ntfs3g_device *own = device_of(device);
	const uint8_t        *at = from;
	uint64_t              place = (uint64_t)offset, left = (uint64_t)count;

	if (offset < 0 || count < 0 || place > own->size_bytes || left > own->size_bytes - place) {
		latch(own, EFAULT, place); /* outside the volume: never */
		errno = EIO;
		return -1;
	}
	NDevSetDirty(device);
	while (left) {
		ssize_t put = pwrite(own->fd, at, (size_t)left, (off_t)(own->offset_bytes + place));

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			latch(own, errno, place);
			return -1;
		}
		at += put;
		place += (uint64_t)put;
		left -= (uint64_t)put;
	}
	return count;
}

/* The library seeks and reads only to find out where the volume ends. */
static s64 device_seek(struct ntfs_device *device, s64 offset, int whence)
{
	struct ntfs3g_device *own = device_of(device);
	int64_t               base = whence == SEEK_SET   ? 0
				     : whence == SEEK_CUR ? (int64_t)own->position
							  : (int64_t)own->size_bytes;

	if (offset < -base || offset > (int64_t)own->size_bytes - base) {
		errno = EINVAL;
		return -1;
	}
	own->position = (uint64_t)(base + offset);
	return base + offset;
}

static s64 device_read(struct ntfs_device *device, void *to, s64 count)
{
	struct ntfs3g_device *own = device_of(device);
	s64                   got = device_pread(device, to, count, (s64)own->position);

	if (got > 0)
		own->position += (uint64_t)got;
	return got;
}

static s64 device_write(struct ntfs_device *device, const void *from, s64 count)
{
	(void)device, (void)from, (void)count;
	errno = EOPNOTSUPP;
	return -1;
}

static int device_sync(struct ntfs_device *device)
{
	struct ntfs3g_device *own = device_of(device);

	if (fdatasync(own->fd) < 0) {
		latch(own, errno, NO_OFFSET);
		return -1;
	}
	device->d_state &= ~(1ul << ND_Dirty);
	return 0;
}

static int device_stat(struct ntfs_device *device, struct stat *status)
{
	return fstat(device_of(device)->fd, status);
}

static int device_ioctl(struct ntfs_device *device, unsigned long request, void *argument)
{
	(void)device, (void)request, (void)argument;
	errno = ENOTTY;
	return -1;
}

static struct ntfs_device_operations device_operations = {
	.open = device_open,
	.close = device_close,
	.seek = device_seek,
	.read = device_read,
	.write = device_write,
	.pread = device_pread,
	.pwrite = device_pwrite,
	.sync = device_sync,
	.stat = device_stat,
	.ioctl = device_ioctl,
};

/* -------- opening it -------- */

static int refuse_mounted(const char *path, const struct stat *status, struct error *err)
{
	char where[PATH_MAX];

	if (!mounted_somewhere(status, where))
		return 0;
	return error_set(err, ERROR_REFUSED, path,
			 "is mounted at %.120s; unmount it there first, two writers would destroy the volume",
			 where);
}

/* Open and lock the file or device, and see that nobody else works on it. */
static int open_device(struct ntfs3g_device *device, struct error *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat  status;
	int          flags = O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

	if (stat(device->path, &status) < 0)
		return error_sys(err, device->path, "cannot open the destination");
	if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
		return error_set(
			err, ERROR_USAGE, device->path,
			"is neither a disk image nor a block device; name one, or a folder without '@'");
	if (refuse_mounted(device->path, &status, err) < 0)
		return -1;
	device->fd = open(device->path, flags | (S_ISBLK(status.st_mode) ? O_EXCL : 0));
	if (device->fd < 0 && errno == EBUSY)
		return error_set(
			err, ERROR_REFUSED, device->path,
			"is in use (mounted, or part of a RAID or a volume group); release it first");
	if (device->fd < 0)
		return error_sys(err, device->path, "cannot open the destination for writing");
	if (fcntl(device->fd, F_OFD_SETLK, &lock) < 0 && (errno == EAGAIN || errno == EACCES))
		return error_set(err, ERROR_REFUSED, device->path,
				 "is open in another program that writes to it; end that first");
	return 0;
}

/* The volume's size from its boot sector, held against what is there. */
static int measure(struct ntfs3g_device *device, struct error *err)
{
	uint8_t         sector[BOOT_SECTOR_BYTES];
	struct geometry geometry;
	struct error    why;
	off_t           end = lseek(device->fd, 0, SEEK_END);
	uint64_t        room, size;

	if (end < 0)
		return error_sys(err, device->path, "cannot find the size of the destination");
	if (device->offset_bytes >= (uint64_t)end ||
	    pread(device->fd, sector, sizeof sector, (off_t)device->offset_bytes) != (ssize_t)sizeof sector)
		return error_set(err, ERROR_VALUE, device->path,
				 "ends before byte %" PRIu64 ", where the volume should begin",
				 device->offset_bytes);
	if (boot_sector_decode((struct bytes){ sector, sizeof sector, device->offset_bytes }, &geometry,
			       &why) < 0)
		return error_set(err, ERROR_VALUE, device->path,
				 "has no NTFS volume at byte %" PRIu64
				 "; name its partition with @N or its place "
				 "with @+BYTES",
				 device->offset_bytes);
	room = (uint64_t)end - device->offset_bytes;
	size = geometry.sectors * geometry.sector_bytes;
	if (size > room)
		return error_set(err, ERROR_VALUE, device->path,
				 "is cut short: its volume has %" PRIu64 " bytes and %" PRIu64 " are there",
				 size, room);
	device->size_bytes = size + geometry.sector_bytes < room ? size + geometry.sector_bytes : room;
	return 0;
}

/* Why ntfs_device_mount would not. */
static int tell_mount_error(const struct ntfs3g_device *device, int why, struct error *err)
{
	switch (why) {
	case EPERM:
		return error_set(
			err, ERROR_REFUSED, device->path,
			"belongs to a Windows that is hibernated or was shut down with fast start-up; "
			"start it and run 'shutdown /s /t 0' there, then try again");
	case EOPNOTSUPP:
		return error_set(
			err, ERROR_REFUSED, device->path,
			"was not shut down properly: its log is not empty; let Windows start from it "
			"or run 'chkdsk /f' on it, then try again");
	case ENOMEM:
		return error_memory(err);
	default:
		errno = why;
		return error_sys(err, device->path,
				 "cannot be opened as NTFS volume (run 'chkdsk /f' on it in "
				 "Windows, then try again)");
	}
}

int ntfs3g_mount(struct ntfs3g *mount, const char *path, uint64_t offset_bytes, struct error *err)
{
	struct ntfs_device *device;
	int                 why;

	*mount = (struct ntfs3g){ .device = { .path = path, .fd = -1, .offset_bytes = offset_bytes } };
	ntfs_log_set_handler(ntfs_log_handler_null); /* errors are told by us */
	if (open_device(&mount->device, err) < 0 || measure(&mount->device, err) < 0)
		return -1;
	device = ntfs_device_alloc(path, 0, &device_operations, &mount->device);
	if (!device)
		return error_memory(err);
	mount->volume = ntfs_device_mount(device, NTFS_MNT_NONE);
	if (!mount->volume) {
		why = errno;
		device->d_state &= ~(1ul << ND_Open);
		ntfs_device_free(device);
		return tell_mount_error(&mount->device, why, err);
	}
	ntfs_create_lru_caches(mount->volume); /* without them it finds no $Reparse and no $ObjId */
	NVolSetCompression(mount->volume);
	mount->volume->efs_raw = TRUE;
	mount->dirty = (mount->volume->flags & VOLUME_IS_DIRTY) != 0;
	if (ntfs_volume_get_free_space(mount->volume) < 0)
		return ntfs3g_failed(mount, "cannot count the free clusters", err);
	return 0;
}

int ntfs3g_refuse_dirty(const struct ntfs3g *mount, struct error *err)
{
	return error_set(
		err, ERROR_REFUSED, mount->device.path,
		"is marked dirty: what last wrote to it did not finish; run 'chkdsk /f' on it in Windows, "
		"then try again");
}

int ntfs3g_mark_dirty(struct ntfs3g *mount, bool dirty, struct error *err)
{
	le16 flags = mount->volume->flags;

	flags = dirty ? (le16)(flags | VOLUME_IS_DIRTY) : (le16)(flags & ~VOLUME_IS_DIRTY);
	if (flags != mount->volume->flags && ntfs_volume_write_flags(mount->volume, flags) < 0)
		return ntfs3g_failed(mount, "cannot write the volume's state", err);
	return ntfs3g_check(mount, err);
}

int ntfs3g_flush(struct ntfs3g *mount, struct error *err)
{
	if (ntfs_inode_sync(mount->volume->mft_ni) < 0 || ntfs_inode_sync(mount->volume->lcnbmp_ni) < 0 ||
	    ntfs_device_sync(mount->volume->dev) < 0)
		return ntfs3g_failed(mount, "what was written cannot be made durable", err);
	return ntfs3g_check(mount, err);
}

int ntfs3g_unmount(struct ntfs3g *mount, struct error *err)
{
	int failed = 0;

	if (mount->volume && ntfs_umount(mount->volume, FALSE) < 0)
		failed = errno ? errno : EIO;
	mount->volume = NULL;
	if (mount->device.fd >= 0 && close(mount->device.fd) < 0 && !failed)
		failed = errno;
	mount->device.fd = -1;
	if (ntfs3g_check(mount, err) < 0)
		return -1;
	if (!failed)
		return 0;
	errno = failed;
	return error_sys(err, mount->device.path,
			 "the destination could not be closed properly; run 'chkdsk /f' on "
			 "it in Windows");
}

int ntfs3g_check(struct ntfs3g *mount, struct error *err)
{
	if (!mount->device.failed)
		return 0;
	mount->doubtful = true;
	errno = mount->device.failed;
	error_sys(err, mount->device.path,
		  "a write to the destination failed; look after the disk, then run "
		  "'chkdsk /f' on the volume in Windows");
	err->offset = mount->device.failed_at;
	return -1;
}

int ntfs3g_free_bytes(struct ntfs3g *mount, uint64_t *bytes, struct error *err)
{
	if (ntfs_volume_get_free_space(mount->volume) < 0)
		return ntfs3g_failed(mount, "cannot count the free clusters", err);
	*bytes = (uint64_t)mount->volume->free_clusters * mount->volume->cluster_size;
	return 0;
}

int ntfs3g_failed(struct ntfs3g *mount, const char *text, struct error *err)
{
	int why = errno;

	if (ntfs3g_check(mount, err) < 0)
		return -1;
	if (why == ENOSPC) {
		errno = why;
		return error_sys(err, mount->device.path, "the destination volume is full");
	}
	mount->doubtful = true;
	errno = why ? why : EIO;
	return error_sys(err, mount->device.path, text);
}

/* -------- names -------- */

int ntfs3g_name(const char *text, size_t length, const char *ending, struct ntfs3g_name *name)
{
	CLEANUP(free_ptr) uint16_t *units = malloc(2 * length + 2);
	uint16_t                    tail[64];
	size_t                      count = units ? utf16_from_utf8(text, length, units) : SIZE_MAX;
	size_t                      tail_count = utf16_from_utf8(ending, strlen(ending), tail);

	assert(strlen(ending) < sizeof tail / sizeof tail[0]);
	if (count == SIZE_MAX || count == 0)
		return -1;
	if (count > NAME_UNITS_MAX - tail_count) {
		count = NAME_UNITS_MAX - tail_count;
		if (units[count - 1] >= 0xd800 && units[count - 1] < 0xdc00)
			count--; /* half of a pair */
	}
	for (size_t i = 0; i < count; i++)
		name->units[i] = cpu_to_le16(units[i]);
	for (size_t i = 0; i < tail_count; i++)
		name->units[count + i] = cpu_to_le16(tail[i]);
	name->count = (uint8_t)(count + tail_count);
	return 0;
}

static file_ref ref_of(const ntfs_inode *inode)
{
	return file_ref_make(inode->mft_no, le16_to_cpu(inode->mrec->sequence_number));
}

file_ref ntfs3g_ref(const ntfs_inode *inode)
{
	return ref_of(inode);
}

/* Open what must be there. */
static ntfs_inode *open_folder(struct ntfs3g *mount, file_ref ref, struct error *err)
{
	ntfs_inode *inode = ntfs_inode_open(mount->volume, ref);

	if (!inode)
		(void)ntfs3g_failed(mount, "a folder of the destination cannot be opened", err);
	return inode;
}

static int close_folder(struct ntfs3g *mount, ntfs_inode *folder, struct error *err)
{
	if (ntfs_inode_close(folder) < 0)
		return ntfs3g_failed(mount, "a folder of the destination cannot be written", err);
	return ntfs3g_check(mount, err);
}

/* A search through a folder for a name in any case. */
struct search {
	const ntfs_volume        *volume;
	const struct ntfs3g_name *name;
	file_ref                  found; /* 0: none yet */
};

static int compare_entry(void *context, const ntfschar *units, const int count, const int space,
			 const s64 place, const MFT_REF ref, const unsigned type)
{
	struct search *search = context;

	(void)space, (void)place, (void)type;
	if (!ntfs_names_are_equal(units, (size_t)count, search->name->units, search->name->count, IGNORE_CASE,
				  search->volume->upcase, search->volume->upcase_len))
		return 0;
	search->found = ref;
	return -1; /* ends the reading */
}

int ntfs3g_find(struct ntfs3g *mount, file_ref folder, const struct ntfs3g_name *name, enum ntfs3g_case which,
		file_ref *ref, struct error *err)
{
	struct search search = { mount->volume, name, 0 };
	ntfs_inode   *inode = open_folder(mount, folder, err);
	s64           place = 0;
	u64           found;
	int           why;

	if (!inode)
		return -1;
	errno = 0;
	found = ntfs_inode_lookup_by_name(inode, name->units, name->count);
	why = errno;
	if (found == (u64)-1 && why == ENOENT && which == NAME_CASE_ASIDE) {
		errno = 0;
		if (ntfs_readdir(inode, &place, &search, compare_entry) < 0 && !search.found)
			why = errno ? errno : EIO;
		if (search.found)
			found = search.found;
	}
	if (close_folder(mount, inode, err) < 0)
		return -1;
	if (found != (u64)-1) {
		*ref = found;
		return 1;
	}
	errno = why;
	return why == ENOENT ? 0 : ntfs3g_failed(mount, "a folder of the destination cannot be read", err);
}

int ntfs3g_is_folder(struct ntfs3g *mount, file_ref ref, bool *empty, struct error *err)
{
	ntfs_inode *inode;
	bool        folder;

	*empty = false;
	if (ntfs3g_open(mount, ref, &inode, err) < 0)
		return -1;
	if (!inode)
		return 0;
	folder = inode->mrec->flags & MFT_RECORD_IS_DIRECTORY;
	if (folder)
		*empty = ntfs_check_empty_dir(inode) == 0;
	return ntfs3g_close(mount, inode, err) < 0 ? -1 : folder;
}

/* The security that something new in @folder inherits; 0 on volumes that know of no ids. */
static le32 inherited_security(struct ntfs3g *mount, ntfs_inode *folder, bool for_folder)
{
	struct PERMISSIONS_CACHE *none = NULL;
	struct SECURITY_CONTEXT   context = { .vol = mount->volume, .pseccache = &none };

	if (mount->volume->major_ver < 3 || !mount->volume->secure_ni)
		return 0;
	return ntfs_inherited_id(&context, folder, for_folder ? TRUE : FALSE);
}

static ntfs_inode *create_in(struct ntfs3g *mount, file_ref parent, const struct ntfs3g_name *name,
			     uint32_t security, mode_t type, struct error *err)
{
	ntfs_inode *folder = open_folder(mount, parent, err), *inode;
	le32        id;

	if (!folder)
		return NULL;
	id = security ? cpu_to_le32(security) : inherited_security(mount, folder, S_ISDIR(type));
	inode = ntfs_create(folder, id, name->units, name->count, type);
	if (!inode) {
		(void)ntfs3g_failed(mount, "cannot make a file on the destination", err);
		(void)ntfs_inode_close(folder);
		return NULL;
	}
	if (close_folder(mount, folder, err) < 0) {
		(void)ntfs_inode_close(inode);
		return NULL;
	}
	return inode;
}

int ntfs3g_make_folder(struct ntfs3g *mount, file_ref parent, const struct ntfs3g_name *name, file_ref *ref,
		       struct error *err)
{
	ntfs_inode *inode = create_in(mount, parent, name, 0, S_IFDIR, err);

	if (!inode)
		return -1;
	*ref = ref_of(inode);
	return ntfs3g_close(mount, inode, err);
}

int ntfs3g_make_file(struct ntfs3g *mount, file_ref folder, const struct ntfs3g_name *name, uint32_t security,
		     ntfs_inode **inode, struct error *err)
{
	*inode = create_in(mount, folder, name, security, S_IFREG, err);
	return *inode ? 0 : -1;
}

int ntfs3g_open(struct ntfs3g *mount, file_ref ref, ntfs_inode **inode, struct error *err)
{
	*inode = ntfs_inode_open(mount->volume, ref);
	if (*inode)
		return 0;
	/* a record that is free is ENOENT, one that lives on as another file EIO */
	if (errno == ENOMEM)
		return error_memory(err);
	return ntfs3g_check(mount, err);
}

int ntfs3g_close(struct ntfs3g *mount, ntfs_inode *inode, struct error *err)
{
	if (ntfs_inode_close(inode) < 0)
		return ntfs3g_failed(mount, "a file's record cannot be written", err);
	return ntfs3g_check(mount, err);
}

int ntfs3g_write_record(struct ntfs3g *mount, ntfs_inode *inode, struct error *err)
{
	bool stale = NInoFileNameDirty(inode);

	inode->state &= ~(1ul << NI_FileNameDirty);
	NInoSetDirty(inode);
	if (ntfs_inode_sync(inode) < 0)
		return ntfs3g_failed(mount, "a file's record cannot be written", err);
	if (stale)
		NInoFileNameSetDirty(inode);
	return ntfs3g_check(mount, err);
}

/* A $FILE_NAME with room for the longest name. */
union name_key {
	FILE_NAME_ATTR attr;
	uint8_t        room[sizeof(FILE_NAME_ATTR) + NAME_UNITS_MAX * sizeof(ntfschar)];
};

static uint32_t fill_key(union name_key *key, const ntfs_inode *folder, const struct ntfs3g_name *name)
{
	memset(key, 0, sizeof *key);
	key->attr.parent_directory = cpu_to_le64(ref_of(folder));
	key->attr.file_name_length = name->count;
	memcpy(key->room + offsetof(FILE_NAME_ATTR, file_name), name->units, name->count * sizeof(ntfschar));
	return (uint32_t)(sizeof(FILE_NAME_ATTR) + name->count * sizeof(ntfschar));
}

static void fill_facts(union name_key *key, const ntfs_inode *inode, enum file_name_space space,
		       uint32_t reparse)
{
	FILE_NAME_ATTR *attr = &key->attr;

	attr->file_name_type = (FILE_NAME_TYPE_FLAGS)space;
	attr->file_attributes = inode->flags & FILE_ATTR_VALID_FLAGS;
	if (inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) {
		attr->file_attributes |= FILE_ATTR_I30_INDEX_PRESENT;
	} else {
		attr->allocated_size = cpu_to_le64((u64)inode->allocated_size);
		attr->data_size = cpu_to_le64((u64)inode->data_size);
	}
	attr->creation_time = inode->creation_time;
	attr->last_data_change_time = inode->last_data_change_time;
	attr->last_mft_change_time = inode->last_mft_change_time;
	attr->last_access_time = inode->last_access_time;
	attr->reparse_point_tag = cpu_to_le32(reparse);
}

int ntfs3g_add_name(struct ntfs3g *mount, ntfs_inode *inode, file_ref folder, const struct ntfs3g_name *name,
		    enum file_name_space space, uint32_t reparse, bool *taken, struct error *err)
{
	ntfs_inode    *parent = open_folder(mount, folder, err);
	union name_key key;
	uint32_t       size;

	*taken = false;
	if (!parent)
		return -1;
	size = fill_key(&key, parent, name);
	fill_facts(&key, inode, space, reparse);
	if (ntfs_index_add_filename(parent, &key.attr, ref_of(inode)) < 0) {
		*taken = errno == EEXIST;
		if (*taken)
			return close_folder(mount, parent, err);
		(void)ntfs3g_failed(mount, "cannot add a name to a folder", err);
		(void)ntfs_inode_close(parent);
		return -1;
	}
	if (ntfs_attr_add(inode, AT_FILE_NAME, AT_UNNAMED, 0, key.room, size) < 0) {
		(void)ntfs3g_failed(mount, "cannot add a name to a file", err);
		if (ntfs_index_remove(parent, inode, &key.attr, (int)size) < 0)
			mount->doubtful = true;
		(void)ntfs_inode_close(parent);
		return -1;
	}
	inode->mrec->link_count = cpu_to_le16((u16)(le16_to_cpu(inode->mrec->link_count) + 1));
	NInoSetDirty(inode);
	return close_folder(mount, parent, err);
}

static FILE_NAME_ATTR *current_name(const ntfs_attr_search_ctx *search)
{
	return (FILE_NAME_ATTR *)(void *)((uint8_t *)search->attr + le16_to_cpu(search->attr->value_offset));
}

/* Place @search on the $FILE_NAME of @name in the folder @parent: 1, 0 if there is none, -1. */
static int seek_name(struct ntfs3g *mount, ntfs_attr_search_ctx *search, file_ref parent,
		     const struct ntfs3g_name *name, struct error *err)
{
	while (ntfs_attr_lookup(AT_FILE_NAME, AT_UNNAMED, 0, CASE_SENSITIVE, 0, NULL, 0, search) == 0) {
		const FILE_NAME_ATTR *attr = current_name(search);

		if (MREF_LE(attr->parent_directory) == file_ref_record(parent) &&
		    attr->file_name_length == name->count &&
		    memcmp(attr->file_name, name->units, name->count * sizeof(ntfschar)) == 0)
			return 1;
	}
	return errno == ENOENT ? 0 : ntfs3g_failed(mount, "a file's names cannot be read", err);
}

int ntfs3g_has_name(struct ntfs3g *mount, ntfs_inode *inode, file_ref folder, const struct ntfs3g_name *name,
		    struct error *err)
{
	ntfs_attr_search_ctx *search = ntfs_attr_get_search_ctx(inode, NULL);
	int                   found;

	if (!search)
		return error_memory(err);
	found = seek_name(mount, search, folder, name, err);
	ntfs_attr_put_search_ctx(search);
	return found;
}

int ntfs3g_drop_name(struct ntfs3g *mount, ntfs_inode *inode, file_ref folder, const struct ntfs3g_name *name,
		     struct error *err)
{
	ntfs_inode           *parent = open_folder(mount, folder, err);
	ntfs_attr_search_ctx *search = parent ? ntfs_attr_get_search_ctx(inode, NULL) : NULL;
	union name_key        key;
	int                   found = -1;

	if (!parent)
		return -1;
	assert(le16_to_cpu(inode->mrec->link_count) > 1);
	if (!search)
		(void)error_memory(err);
	else
		found = seek_name(mount, search, folder, name, err);
	if (found == 1) {
		uint32_t size = fill_key(&key, parent, name);

		if (ntfs_index_remove(parent, inode, &key.attr, (int)size) < 0 ||
		    ntfs_attr_record_rm(search) < 0)
			found = ntfs3g_failed(mount, "cannot take a name from a file", err);
		else
			inode->mrec->link_count =
				cpu_to_le16((u16)(le16_to_cpu(inode->mrec->link_count) - 1));
		NInoSetDirty(inode);
	}
	if (search)
		ntfs_attr_put_search_ctx(search);
	if (found < 0) {
		(void)ntfs_inode_close(parent);
		return -1;
	}
	return close_folder(mount, parent, err);
}

int ntfs3g_drop_stale_entry(struct ntfs3g *mount, file_ref folder, const struct ntfs3g_name *name,
			    struct error *err)
{
	ntfs_inode    *inode, *parent;
	union name_key key;
	file_ref       ref;
	uint32_t       size;
	int            found = ntfs3g_find(mount, folder, name, NAME_CASE_EXACT, &ref, err), known = 0;

	if (found <= 0)
		return found;
	if (ntfs3g_open(mount, ref, &inode, err) < 0)
		return -1;
	if (inode) {
		known = ntfs3g_has_name(mount, inode, folder, name, err);
		if (known < 0)
			(void)ntfs_inode_close(inode);
		else if (ntfs3g_close(mount, inode, err) < 0)
			known = -1;
	}
	if (known)
		return known < 0 ? -1 : 0;
	parent = open_folder(mount, folder, err);
	if (!parent)
		return -1;
	size = fill_key(&key, parent, name);
	if (ntfs_index_remove(parent, NULL, &key.attr, (int)size) < 0) {
		(void)ntfs3g_failed(mount, "cannot take an entry out of a folder", err);
		(void)ntfs_inode_close(parent);
		return -1;
	}
	return close_folder(mount, parent, err) < 0 ? -1 : 1;
}

/* The first name of an open file and its folder: 1, 0 if it has none, -1. */
static int first_name(struct ntfs3g *mount, ntfs_inode *inode, struct ntfs3g_name *name, file_ref *parent,
		      struct error *err)
{
	ntfs_attr_search_ctx *search = ntfs_attr_get_search_ctx(inode, NULL);
	int                   result = 0;

	if (!search)
		return error_memory(err);
	if (ntfs_attr_lookup(AT_FILE_NAME, AT_UNNAMED, 0, CASE_SENSITIVE, 0, NULL, 0, search) == 0) {
		const FILE_NAME_ATTR *attr = current_name(search);

		name->count = attr->file_name_length;
		memcpy(name->units, attr->file_name, name->count * sizeof(ntfschar));
		*parent = le64_to_cpu(attr->parent_directory);
		result = 1;
	} else if (errno != ENOENT) {
		result = ntfs3g_failed(mount, "a file's names cannot be read", err);
	}
	ntfs_attr_put_search_ctx(search);
	return result;
}

/*
 * Make sure that the folder has the entry which the file's own name speaks of: ntfs_delete wants
 * it, and a run that was cut off may have taken it out already.
 */
static int restore_entry(struct ntfs3g *mount, ntfs_inode *inode, ntfs_inode *parent,
			 const struct ntfs3g_name *name, struct error *err)
{
	union name_key key;

	(void)fill_key(&key, parent, name);
	fill_facts(&key, inode, NAME_POSIX, 0);
	if (ntfs_index_add_filename(parent, &key.attr, ref_of(inode)) == 0)
		return 0;
	if (errno == EEXIST && ntfs_inode_lookup_by_name(parent, name->units, name->count) == ref_of(inode))
		return 0;
	return ntfs3g_failed(mount, "cannot delete an unfinished file", err);
}

int ntfs3g_delete_file(struct ntfs3g *mount, file_ref ref, struct error *err)
{
	for (unsigned tries = 0; tries < 65536; tries++) {
		struct ntfs3g_name name;
		ntfs_inode        *inode, *parent;
		file_ref           folder = 0;
		int                found;

		if (ntfs3g_open(mount, ref, &inode, err) < 0)
			return -1;
		if (!inode)
			return 0;
		found = first_name(mount, inode, &name, &folder, err);
		if (found <= 0) {
			(void)ntfs_inode_close(inode);
			return found; /* without a name nobody finds it; chkdsk gives it back */
		}
		parent = open_folder(mount, folder, err);
		if (!parent || restore_entry(mount, inode, parent, &name, err) < 0) {
			if (parent)
				(void)ntfs_inode_close(parent);
			(void)ntfs_inode_close(inode);
			return -1;
		}
		/* closes both, whatever comes of it */
		if (ntfs_delete(mount->volume, NULL, inode, parent, name.units, name.count) < 0)
			return ntfs3g_failed(mount, "cannot delete an unfinished file", err);
		if (ntfs3g_check(mount, err) < 0)
			return -1;
	}
	return error_set(err, ERROR_VALUE, mount->device.path, "an unfinished file cannot be deleted");
}
