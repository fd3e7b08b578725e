/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ntfs3g.c - see ntfs3g.h */
#include "recover/ntfs3g.h"

#include "core/cleanup.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <string.h>

/* -------- the device: the library's calls, the transaction's answers -------- */

static struct transaction *transaction_of(struct ntfs_device *device)
{
	return device->d_private;
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
	struct transaction *transaction = transaction_of(device);
	uint64_t            size = transaction->device.size_bytes;

	if (offset < 0 || count < 0 || (uint64_t)offset > size) {
		errno = EINVAL;
		return -1;
	}
	if ((uint64_t)count > size - (uint64_t)offset)
		count = (s64)(size - (uint64_t)offset);
	return transaction_read(transaction, (uint64_t)offset, to, (size_t)count) < 0 ? -1 : count;
}

static s64 device_pwrite(struct ntfs_device *device, const void *from, s64 count, s64 offset)
{
	if (transaction_write(transaction_of(device), (uint64_t)offset, from, (size_t)count) < 0)
		return -1;
	NDevSetDirty(device);
	return count;
}

/* The library seeks only to see whether the volume ends where it should, and reads nothing there. */
static s64 device_seek(struct ntfs_device *device, s64 offset, int whence)
{
	if (whence == SEEK_SET && offset >= 0 &&
	    (uint64_t)offset <= transaction_of(device)->device.size_bytes)
		return offset;
	errno = EINVAL;
	return -1;
}

static s64 device_read(struct ntfs_device *device, void *to, s64 count)
{
	(void)device, (void)to, (void)count;
	errno = EOPNOTSUPP;
	return -1;
}

static s64 device_write(struct ntfs_device *device, const void *from, s64 count)
{
	(void)device, (void)from, (void)count;
	errno = EOPNOTSUPP;
	return -1;
}

/* What is written holds with the commit; a flush of the library's has no meaning here. */
static int device_sync(struct ntfs_device *device)
{
	device->d_state &= ~(1ul << ND_Dirty);
	return 0;
}

static int device_stat(struct ntfs_device *device, struct stat *status)
{
	return fstat(transaction_of(device)->device.fd, status);
}

static int device_ioctl(struct ntfs_device *device, unsigned long request, void *argument)
{
	if (request == BLKGETSIZE64) {
		*(uint64_t *)argument = transaction_of(device)->device.size_bytes;
		return 0;
	}
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

/* Let the library have the volume; NULL with errno. */
static ntfs_volume *mount_over(struct transaction *transaction, ntfs_mount_flags flags)
{
	struct ntfs_device *device =
		ntfs_device_alloc(transaction->device.path, 0, &device_operations, transaction);
	ntfs_volume        *volume;
	int                 why;

	if (!device)
		return NULL;
	volume = ntfs_device_mount(device, flags);
	if (volume) {
		ntfs_create_lru_caches(volume); /* without them it finds no $Reparse and no $ObjId */
		return volume;
	}
	why = errno;
	device->d_state &= ~(1ul << ND_Open);
	ntfs_device_free(device);
	errno = why;
	return NULL;
}

/* -------- lending it -------- */

static struct transaction *lent;

void ntfs3g_lend(struct transaction *transaction)
{
	lent = transaction;
}

/*
 * The library's own function of this name, which libwim calls; the program's definition comes first
 * (it is linked with -rdynamic).  Everybody else's mounts go where they always went.
 */
__attribute__((visibility("default"))) ntfs_volume *ntfs_mount(const char *name, ntfs_mount_flags flags)
{
	ntfs_volume *(*original)(const char *, ntfs_mount_flags);

	if (strcmp(name, NTFS3G_LENT) != 0) {
		*(void **)&original = dlsym(RTLD_NEXT, "ntfs_mount");
		if (original)
			return original(name, flags);
		errno = ENOSYS;
		return NULL;
	}
	if (!lent) {
		errno = EBUSY;
		return NULL;
	}
	return mount_over(lent, flags | NTFS_MNT_FORENSIC);
}

/* -------- opening it -------- */

/* Why ntfs_device_mount would not. */
static int tell_mount_error(const struct ntfs3g *mount, int why, struct error *err)
{
	switch (why) {
	case EPERM:
		return error_set(
			err, ERROR_REFUSED, mount->path,
			"belongs to a Windows that is hibernated or was shut down with fast start-up; "
			"start it and run 'shutdown /s /t 0' there, then try again");
	case EOPNOTSUPP:
		return error_set(
			err, ERROR_REFUSED, mount->path,
			"was not shut down properly: its log is not empty; let Windows start from it "
			"or run 'chkdsk /f' on it, then try again");
	case ENOMEM:
		return error_memory(err);
	default:
		errno = why;
		return error_sys(err, mount->path,
				 "cannot be opened as NTFS volume (run 'chkdsk /f' on it in "
				 "Windows, then try again)");
	}
}

/* Let the library judge $LogFile as it is, and the hibernation file.  What it writes is forgotten. */
static int judge_volume(struct ntfs3g *mount, struct error *err)
{
	ntfs_volume *volume;
	int          result = 0;

	mount->transaction.masked = false;
	volume = mount_over(&mount->transaction, NTFS_MNT_NONE);
	if (!volume)
		result = tell_mount_error(mount, errno, err);
	else if (ntfs_umount(volume, FALSE) < 0)
		result = tell_mount_error(mount, errno, err);
	transaction_forget(&mount->transaction);
	mount->transaction.masked = true;
	return result;
}

static int mount_volume(struct ntfs3g *mount, struct error *err)
{
	mount->volume = mount_over(&mount->transaction, NTFS_MNT_FORENSIC);
	if (!mount->volume)
		return tell_mount_error(mount, errno, err);
	NVolSetCompression(mount->volume);
	mount->volume->efs_raw = TRUE;
	mount->dirty = (mount->volume->flags & VOLUME_IS_DIRTY) != 0;
	if (ntfs_volume_get_free_space(mount->volume) < 0)
		return ntfs3g_failed(mount, "cannot count the free clusters", err);
	return 0;
}

static int mark_dirty(struct ntfs3g *mount, bool dirty, struct error *err)
{
	le16 flags = mount->volume->flags;

	flags = dirty ? (le16)(flags | VOLUME_IS_DIRTY) : (le16)(flags & ~VOLUME_IS_DIRTY);
	if (flags != mount->volume->flags && ntfs_volume_write_flags(mount->volume, flags) < 0)
		return ntfs3g_failed(mount, "cannot write the volume's state", err);
	return ntfs3g_check(mount, err);
}

/* The end of a run that was cut off: its dirty bit, and what it left in the log. */
static int close_cut_run(struct ntfs3g *mount, struct error *err)
{
	if (!mount->replay.found)
		return 0;
	mount->dirty = false; /* it was clear when that run began, or the run would have been refused */
	if (transaction_begin(&mount->transaction, mount->replay.header.step, mount->replay.header.started,
			      err) < 0)
		return -1;
	return ntfs3g_end(mount, err);
}

int ntfs3g_mount(struct ntfs3g *mount, const char *path, uint64_t offset_bytes, struct error *err)
{
	*mount = (struct ntfs3g){ .path = path };
	ntfs_log_set_handler(ntfs_log_handler_null); /* errors are told by us */
	if (transaction_open(&mount->transaction, path, offset_bytes, &mount->replay, err) < 0)
		return -1;
	/* a run of ours has judged it already, and its log is not Windows' any more */
	if (!mount->replay.found && judge_volume(mount, err) < 0)
		return -1;
	if (mount_volume(mount, err) < 0)
		return -1;
	return close_cut_run(mount, err);
}

int ntfs3g_refuse_dirty(const struct ntfs3g *mount, struct error *err)
{
	return error_set(
		err, ERROR_REFUSED, mount->path,
		"is marked dirty: what last wrote to it did not finish; run 'chkdsk /f' on it in Windows, "
		"then try again");
}

/* -------- a run -------- */

/* What the library keeps of the file system's own files, into the transaction. */
static int settle(struct ntfs3g *mount, struct error *err)
{
	ntfs_volume *volume = mount->volume;

	if (mount->doubtful)
		return error_set(err, ERROR_REFUSED, mount->path,
				 "a change to its file system failed half way, so nothing of it is kept; run the command "
				 "again");
	if ((volume->secure_ni && ntfs_inode_sync(volume->secure_ni) < 0) ||
	    ntfs_inode_sync(volume->mft_ni) < 0 || ntfs_inode_sync(volume->lcnbmp_ni) < 0)
		return ntfs3g_failed(mount, "the file system's own files cannot be written", err);
	return ntfs3g_check(mount, err);
}

/* Commit; the block with byte @last of the volume goes into place behind all others. */
static int commit(struct ntfs3g *mount, uint64_t last, struct error *err)
{
	if (settle(mount, err) < 0 || transaction_commit(&mount->transaction, last, err) < 0)
		return -1;
	mount->volume->full_zones = 0; /* what was freed may be used from now on */
	return 0;
}

/* Commit what is left, and end the run. */
static int end(struct ntfs3g *mount, struct error *err)
{
	const struct geometry *geometry = &mount->transaction.device.geometry;
	uint64_t               volume_record = geometry->mft_lcn * geometry->cluster_bytes +
				 (uint64_t)FILE_Volume * geometry->record_bytes;

	if (mark_dirty(mount, false, err) < 0 || commit(mount, volume_record, err) < 0)
		return -1;
	return transaction_end(&mount->transaction, err);
}

int ntfs3g_begin(struct ntfs3g *mount, const char *step, struct error *err)
{
	if (mount->dirty)
		return ntfs3g_refuse_dirty(mount, err);
	if (mount->hold != HOLD_NOTHING && mount->transaction.running)
		return 0;
	if (transaction_begin(&mount->transaction, step, (uint64_t)le64_to_cpu(ntfs_current_time()), err) < 0 ||
	    mark_dirty(mount, true, err) < 0)
		return -1;
	return commit(mount, 0, err);
}

int ntfs3g_commit(struct ntfs3g *mount, struct error *err)
{
	return mount->hold == HOLD_ALL ? settle(mount, err) : commit(mount, 0, err);
}

int ntfs3g_commit_if_full(struct ntfs3g *mount, struct error *err)
{
	return transaction_is_full(&mount->transaction) ? ntfs3g_commit(mount, err) : 0;
}

int ntfs3g_end(struct ntfs3g *mount, struct error *err)
{
	return mount->hold != HOLD_NOTHING ? settle(mount, err) : end(mount, err);
}

int ntfs3g_end_held(struct ntfs3g *mount, struct error *err)
{
	if (!mount->transaction.running)
		return 0;
	mount->replay = (struct replay_report){ 0 }; /* what a crash had left is over as well */
	return end(mount, err);
}

/* Does a library that calls ntfs_mount get ours?  Not if the program was linked without -rdynamic. */
static bool is_hook_in_place(void)
{
	ntfs_volume *(*found)(const char *, ntfs_mount_flags);

	*(void **)&found = dlsym(RTLD_DEFAULT, "ntfs_mount");
	return found == ntfs_mount;
}

int ntfs3g_lend_to(struct ntfs3g *mount, ntfs3g_borrower *borrow, void *context, struct error *err)
{
	bool dirty = mount->dirty;
	int  result;

	if (!is_hook_in_place())
		return error_set(err, ERROR_UNSUPPORTED, mount->path,
				 "cannot be lent to the library that applies images: this program was linked without "
				 "-rdynamic; build it as its Makefile does");
	mount->doubtful = true; /* until all has gone well */
	if (ntfs_umount(TAKE(mount->volume), FALSE) < 0)
		return ntfs3g_failed(mount, "the file system's own files cannot be written", err);
	ntfs3g_lend(&mount->transaction);
	result = borrow(context, err);
	ntfs3g_lend(NULL);
	if (result < 0 || ntfs3g_check(mount, err) < 0 || mount_volume(mount, err) < 0)
		return -1;
	mount->dirty = dirty; /* this run has set the bit */
	mount->doubtful = false;
	return 0;
}

/* What it still writes is forgotten: it fails here for nobody. */
static void let_go(struct ntfs3g *mount)
{
	if (mount->volume)
		(void)ntfs_umount(TAKE(mount->volume), TRUE);
}

int ntfs3g_unmount(struct ntfs3g *mount, struct error *err)
{
	int          result = ntfs3g_check(mount, err);
	struct error late;

	let_go(mount);
	/* if this fails, the next start does it */
	if (transaction_rewind(&mount->transaction)) {
		mount->doubtful = false; /* what was half done is gone */
		if (mount_volume(mount, &late) == 0)
			(void)!end(mount, &late);
	}
	let_go(mount);
	transaction_close(&mount->transaction);
	return result;
}

int ntfs3g_check(struct ntfs3g *mount, struct error *err)
{
	return block_device_check(&mount->transaction.device, err);
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
		return error_sys(err, mount->path, "the volume is full");
	}
	mount->doubtful = true;
	errno = why ? why : EIO;
	return error_sys(err, mount->path, text);
}

/* As ntfs3g_failed, of what is half done by now: not even for want of room may it be committed. */
static int failed_half_way(struct ntfs3g *mount, const char *text, struct error *err)
{
	mount->doubtful = true;
	return ntfs3g_failed(mount, text, err);
}

/* -------- names -------- */

/* The longest beginning of at most @most bytes that ends between two characters. */
static size_t cut_text(const char *text, size_t length, size_t most)
{
	if (length <= most)
		return length;
	while (most && (text[most] & 0xc0) == 0x80)
		most--;
	return most;
}

int ntfs3g_name(const char *text, size_t length, const char *ending, struct ntfs3g_name *name)
{
	uint16_t units[NAME_UTF8_MAX], tail[64];
	size_t   count = utf16_from_utf8(text, cut_text(text, length, NAME_UTF8_MAX), units);
	size_t   tail_count = utf16_from_utf8(ending, strlen(ending), tail);

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
		return failed_half_way(mount, "a folder of the destination cannot be written", err);
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
		return failed_half_way(mount, "a file's record cannot be written", err);
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

int ntfs3g_set_security(struct ntfs3g *mount, ntfs_inode *inode, const uint8_t *descriptor, size_t size,
			struct error *err)
{
	struct PERMISSIONS_CACHE *none = NULL;
	struct SECURITY_CONTEXT   context = { .vol = mount->volume, .pseccache = &none };

	if (ntfs_set_ntfs_acl(&context, inode, (const char *)descriptor, size, 0) < 0)
		return ntfs3g_failed(mount, "cannot set the permissions of a file", err);
	return 0;
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

/* Add a name to an open file and to its open folder; after -1 half of it may be there. */
static int add_name(struct ntfs3g *mount, ntfs_inode *inode, ntfs_inode *parent,
		    const struct ntfs3g_name *name, enum file_name_space space, uint32_t reparse, bool *taken,
		    struct error *err)
{
	union name_key key;
	uint32_t       size = fill_key(&key, parent, name);

	*taken = false;
	fill_facts(&key, inode, space, reparse);
	if (ntfs_index_add_filename(parent, &key.attr, ref_of(inode)) < 0) {
		*taken = errno == EEXIST;
		return *taken ? 0 : failed_half_way(mount, "cannot add a name to a folder", err);
	}
	if (ntfs_attr_add(inode, AT_FILE_NAME, AT_UNNAMED, 0, key.room, size) < 0) {
		(void)ntfs3g_failed(mount, "cannot add a name to a file", err);
		if (ntfs_index_remove(parent, inode, &key.attr, (int)size) < 0)
			mount->doubtful = true;
		return -1;
	}
	inode->mrec->link_count = cpu_to_le16((u16)(le16_to_cpu(inode->mrec->link_count) + 1));
	NInoSetDirty(inode);
	return 0;
}

int ntfs3g_add_name(struct ntfs3g *mount, ntfs_inode *inode, file_ref folder, const struct ntfs3g_name *name,
		    enum file_name_space space, uint32_t reparse, bool *taken, struct error *err)
{
	ntfs_inode *parent = open_folder(mount, folder, err);

	if (!parent)
		return -1;
	if (add_name(mount, inode, parent, name, space, reparse, taken, err) == 0)
		return close_folder(mount, parent, err);
	if (ntfs_inode_close(parent) < 0)
		mount->doubtful = true;
	return -1;
}

int ntfs3g_enter(struct ntfs3g *mount, file_ref folder, ntfs_inode **inode, struct error *err)
{
	*inode = open_folder(mount, folder, err);
	return *inode ? 0 : -1;
}

int ntfs3g_leave(struct ntfs3g *mount, ntfs_inode *folder, struct error *err)
{
	return close_folder(mount, folder, err);
}

static FILE_NAME_ATTR *current_name(const ntfs_attr_search_ctx *search)
{
	return (FILE_NAME_ATTR *)(void *)((uint8_t *)search->attr + le16_to_cpu(search->attr->value_offset));
}

/* What the names of an open file say of its reparse data or its EAs, 0 for neither. */
static uint32_t reparse_of(ntfs_inode *inode)
{
	ntfs_attr_search_ctx *search;
	uint32_t              reparse = 0;

	if (!(inode->flags & FILE_ATTR_REPARSE_POINT) && !ntfs_attr_exist(inode, AT_EA, AT_UNNAMED, 0))
		return 0;
	search = ntfs_attr_get_search_ctx(inode, NULL);
	if (search && ntfs_attr_lookup(AT_FILE_NAME, AT_UNNAMED, 0, CASE_SENSITIVE, 0, NULL, 0, search) == 0)
		reparse = le32_to_cpu(current_name(search)->reparse_point_tag);
	ntfs_attr_put_search_ctx(search);
	return reparse;
}

int ntfs3g_link_into(struct ntfs3g *mount, ntfs_inode *folder, file_ref file, const struct ntfs3g_name *name,
		     enum file_name_space space, bool *taken, struct error *err)
{
	ntfs_inode *inode;
	int         result;

	*taken = false;
	if (ntfs3g_open(mount, file, &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, mount->path, "a file that was to be linked is gone");
	result = add_name(mount, inode, folder, name, space, reparse_of(inode), taken, err);
	/* its entries elsewhere say what they said: the folder that is entered is not opened once more */
	inode->state &= ~(1ul << NI_FileNameDirty);
	if (ntfs_inode_close(inode) < 0 && result == 0)
		result = failed_half_way(mount, "a file's record cannot be written", err);
	return result < 0 ? -1 : ntfs3g_check(mount, err);
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
	if (!search)
		(void)error_memory(err);
	else
		found = seek_name(mount, search, folder, name, err);
	if (found == 0 || (found == 1 && le16_to_cpu(inode->mrec->link_count) < 2)) {
		found = error_set(err, ERROR_VALUE, mount->path,
				  "file %" PRIu64 " has not the names that it should have; run 'chkdsk /f' on the volume "
				  "in Windows, then try again",
				  (uint64_t)inode->mft_no);
	} else if (found == 1) {
		uint32_t size = fill_key(&key, parent, name);

		if (ntfs_index_remove(parent, inode, &key.attr, (int)size) < 0 ||
		    ntfs_attr_record_rm(search) < 0)
			found = failed_half_way(mount, "cannot take a name from a file", err);
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

/* The alias comes first; then the long name makes way and comes back as one that has an alias. */
int ntfs3g_add_alias(struct ntfs3g *mount, ntfs_inode *inode, file_ref folder, const struct ntfs3g_name *name,
		     const struct ntfs3g_name *alias, uint32_t reparse, bool *taken, struct error *err)
{
	if (ntfs3g_add_name(mount, inode, folder, alias, NAME_DOS, reparse, taken, err) < 0)
		return -1;
	if (*taken)
		return 0;
	if (ntfs3g_drop_name(mount, inode, folder, name, err) == 0 &&
	    ntfs3g_add_name(mount, inode, folder, name, NAME_WIN32, reparse, taken, err) == 0 && !*taken)
		return 0;
	mount->doubtful = true;
	return *taken ? error_set(err, ERROR_VALUE, mount->path, "a file has lost its name") : -1;
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

int ntfs3g_delete_name(struct ntfs3g *mount, ntfs_inode *inode, file_ref folder, const struct ntfs3g_name *name,
		       struct error *err)
{
	ntfs_inode *parent = open_folder(mount, folder, err);

	if (!parent) {
		(void)ntfs_inode_close(inode);
		return -1;
	}
	/* closes both, whatever comes of it */
	if (ntfs_delete(mount->volume, NULL, inode, parent, name->units, name->count) < 0)
		return failed_half_way(mount, "cannot delete a file", err);
	return ntfs3g_check(mount, err);
}

int ntfs3g_delete_file(struct ntfs3g *mount, file_ref ref, struct error *err)
{
	for (unsigned tries = 0; tries < 65536; tries++) {
		struct ntfs3g_name name;
		ntfs_inode        *inode;
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
		if (ntfs3g_delete_name(mount, inode, folder, &name, err) < 0)
			return -1;
	}
	return error_set(err, ERROR_VALUE, mount->path, "an unfinished file cannot be deleted");
}
