/* SPDX-License-Identifier: MIT */
/*
 * client.h - disk images through the image reader
 *
 * Starts the program holdfast-image, which opens one image in a sandbox, and asks it for bytes
 * and partitions.  The main program's side of protocol.h: needs nothing but libc, and is under
 * the MIT licence for the reason told there.
 *
 * All functions but start and stop may be called from several threads; they take turns.
 * Texts are one clause, printable ASCII (anything else is written \xNN), always ended.
 */
#ifndef SCAN_IMAGE_CLIENT_H
#define SCAN_IMAGE_CLIENT_H

#include "scan/image/protocol.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/types.h>

struct image_client {
	uint64_t        size_bytes;               /* of the disk in the image, or of the volume entered */
	uint32_t        sector_bytes;             /* of that disk: 512 unless the image knows better */
	char            format[IMAGE_KIND_BYTES]; /* "ewf", "vmdk", "vhd", "vhdx", "aff" or "raw" */
	char            remark[IMAGE_ERROR_BYTES]; /* what is wrong with the image, "" if nothing */
	struct image_digests stored;              /* as the image says of itself */

	pthread_mutex_t lock;                     /* from here on the client's own */
	pid_t           reader;                   /* -1 when there is none (any more) */
	int             socket;
	uint8_t        *window;                   /* IMAGE_WINDOW_BYTES, shared with the reader */
	char            end[IMAGE_ERROR_BYTES];   /* how the reader ended */
};

/*
 * Start the reader.  @program is its path; NULL looks beside this program, then in
 * ../libexec/holdfast/ seen from there.  The kernel ends the reader together with the thread that
 * called this, which must therefore live as long as the client.
 * Returns 0, or -1 with @text.  image_client_stop() may follow in both cases.
 */
__attribute__((warn_unused_result))
int image_client_start(struct image_client *client, const char *program, char text[IMAGE_ERROR_BYTES]);

/*
 * Open the image that @paths make up, read-only, and fill the public fields.  One image a client.
 * @paths   in order; the first is enough where the format numbers its files (E01, .001), or
 *          names them itself (VMDK)
 * @type    "raw", "ewf", "vmdk", "vhd" or "aff"; NULL goes by the signature, never by the name
 * Returns 0, or -1 with @text.
 */
__attribute__((warn_unused_result))
int image_client_open(struct image_client *client, const char *const *paths, size_t path_count,
		      const char *type, char text[IMAGE_ERROR_BYTES]);

/*
 * Read @length bytes from @offset, any length.
 * @bad  how many bytes behind the good ones cannot be had: the place to go on is behind them.  0 if
 *       all was read or the image ends; else at least a sector, as far as the damage is known to
 *       go within @length.  May be NULL.
 * Returns how many bytes from the start are good; the rest of @buffer is undefined.  Damage that
 * the format can notice by its checksums counts as unreadable.
 * Returns -1 if there is no reader (any more): it crashed on this image, hung, or was killed.
 * image_client_error() says how, and all further calls fail at once.
 */
__attribute__((warn_unused_result))
ssize_t image_client_read(struct image_client *client, void *buffer, size_t length, uint64_t offset,
			  size_t *bad);

/*
 * List the partitions, the gaps and the tables themselves, sorted by start.
 * @partitions  @max entries, of which the first are filled; those with .number are partitions
 * @kind        "gpt", "mbr", or "none", which is no error
 * @text        on success a remark on what is wrong with the table, "" if nothing
 * Returns how many were filled, or -1 with @text.
 */
__attribute__((warn_unused_result))
int image_client_partitions(struct image_client *client, struct image_partition *partitions, size_t max,
			    char kind[IMAGE_KIND_BYTES], char text[IMAGE_ERROR_BYTES]);

/*
 * From here on these bytes of the image are unreadable, whatever the file has there: sorted, none over
 * another, IMAGE_HOLES_MAX at most.  Before any volume within is entered.  Returns 0, or -1 with @text.
 */
__attribute__((warn_unused_result))
int image_client_holes(struct image_client *client, const struct image_hole *holes, size_t count,
		       char text[IMAGE_ERROR_BYTES]);

/*
 * List the shadow copies of the volume there, the oldest first.  @shadows has room for @max.
 * Returns how many were filled, or -1 with @text.
 */
__attribute__((warn_unused_result))
int image_client_shadows(struct image_client *client, uint64_t offset, uint64_t length,
			 struct image_shadow *shadows, size_t max, char text[IMAGE_ERROR_BYTES]);

/*
 * From here on the client reads shadow copy @number of the volume there; size_bytes is that volume's.
 * Returns 0, or -1 with @text.
 */
__attribute__((warn_unused_result))
int image_client_enter_shadow(struct image_client *client, uint64_t offset, uint64_t length, uint32_t number,
			      char text[IMAGE_ERROR_BYTES]);

/*
 * From here on the client reads the BitLocker volume there, decrypted.
 * @keys         each begins with an enum image_key; none is needed for a volume with a clear key
 * @recovery_id  how the identifier of its recovery key begins, 0 if that is not known; set in any case
 * @opened_by    "recovery key", "password" or "clear key"
 * Returns 0, 1 with @text if a key is all that lacks, or -1 with @text.
 */
__attribute__((warn_unused_result))
int image_client_unlock(struct image_client *client, uint64_t offset, uint64_t length, const char *const *keys,
			size_t key_count, uint32_t *recovery_id, char opened_by[IMAGE_KIND_BYTES],
			char text[IMAGE_ERROR_BYTES]);

/* Why the reader is gone, "" while it is there. */
void image_client_error(struct image_client *client, char text[IMAGE_ERROR_BYTES]);

/* End the reader and give everything back.  Accepts what start left, and an object of zeros. */
void image_client_stop(struct image_client *client);

#endif
