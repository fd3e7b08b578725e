/* SPDX-License-Identifier: GPL-3.0-or-later */
/* content_kind.c - see content_kind.h */
#include "scan/kind/content_kind.h"

#include <ctype.h>
#include <magic.h>
#include <stdio.h>
#include <string.h>

#define EXTENSION_MAX 15u

/* An Office document with a password is OLE, and programs write much under the names of the old formats. */
#define ZIP_TYPES  " application/zip application/vnd.* application/epub+zip application/java-archive "
#define OLE_TYPES  " application/cdfv2* application/x-ole-storage application/x-msi application/msword application/vnd.* "
#define TEXT_TYPES " text/* application/xml application/rtf "

static const struct content_kind kinds[] = {
	{ " jpg jpeg jpe jfif ", " image/jpeg " },
	{ " png ", " image/png " },
	{ " gif ", " image/gif " },
	{ " bmp dib ", " image/bmp image/x-ms-bmp " },
	{ " webp ", " image/webp " },
	{ " heic heif ", " image/hei* " },
	{ " psd psb ", " image/vnd.adobe.photoshop " },
	{ " pdf ", " application/pdf " },
	{ " zip jar odt ods odp odg epub ", ZIP_TYPES },
	{ " docx docm dotx xlsx xlsm xltx xlsb pptx pptm ppsx potx vsdx ", ZIP_TYPES OLE_TYPES },
	{ " doc dot xls xlt ppt pps ", ZIP_TYPES OLE_TYPES TEXT_TYPES },
	{ " msi msp msg pub vsd ", OLE_TYPES },
	{ " exe dll sys ocx scr cpl ", " application/x-dosexec application/vnd.microsoft.portable-executable " },
	{ " mp4 m4v m4a mov 3gp ", " video/mp4 video/quicktime video/x-m4v video/3gpp* audio/mp4 audio/x-m4a " },
	{ " avi ", " video/x-msvideo " },
	{ " wav ", " audio/x-wav audio/vnd.wave audio/wav " },
	{ " flac ", " audio/flac audio/x-flac " },
	{ " wmv wma asf ", " video/x-ms-asf video/x-ms-wmv audio/x-ms-wma " },
	{ " mkv webm ", " video/x-matroska video/webm " },
	{ " pst ost ", " application/vnd.ms-outlook* application/x-ms-pst " },
	{ " sqlite sqlite3 ", " application/vnd.sqlite3 application/x-sqlite3 " },
	{ " 7z ", " application/x-7z-compressed " },
	{ " rar ", " application/x-rar application/vnd.rar " },
	{ " gz tgz ", " application/gzip application/x-gzip " },
	{ " cab ", " application/vnd.ms-cab-compressed " },
	{ " evtx ", " application/x-ms-evtx " },
	{ " lnk ", " application/x-ms-shortcut " },
};

const struct content_kind *content_kind_of(const char *name)
{
	const char *dot = strrchr(name, '.');
	char        wanted[EXTENSION_MAX + 3];
	size_t      length = dot ? strlen(dot + 1) : 0;

	if (!length || length > EXTENSION_MAX || strpbrk(dot, " /\\"))
		return NULL;
	snprintf(wanted, sizeof wanted, " %s ", dot + 1);
	for (char *at = wanted; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strstr(kinds[i].extensions, wanted))
			return &kinds[i];
	return NULL;
}

static bool has_type(const char *types, const char *type)
{
	for (const char *at = types + strspn(types, " "); *at; at += strspn(at, " ")) {
		size_t length = strcspn(at, " ");

		if (at[length - 1] == '*' ? strncasecmp(at, type, length - 1) == 0
					  : strlen(type) == length && strncasecmp(at, type, length) == 0)
			return true;
		at += length;
	}
	return false;
}

static bool open_magic(struct kind_looker *looker)
{
	const int flags = MAGIC_MIME_TYPE | MAGIC_RAW | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR |
			  MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_TOKENS | MAGIC_NO_CHECK_JSON |
			  MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_APPTYPE;

	if (looker->magic || looker->failed)
		return looker->magic;
	looker->magic = magic_open(flags);
	if (looker->magic && magic_load(looker->magic, NULL) < 0) {
		magic_close(looker->magic);
		looker->magic = NULL;
	}
	looker->failed = !looker->magic;
	return looker->magic;
}

bool content_kind_agrees(struct kind_looker *looker, const struct content_kind *kind, struct bytes head)
{
	const char *type;

	if (!open_magic(looker))
		return true;
	type = magic_buffer(looker->magic, head.at, head.left < KIND_HEAD_BYTES ? head.left : KIND_HEAD_BYTES);
	return !type || has_type(kind->types, type);
}

void kind_looker_release(struct kind_looker *looker)
{
	if (looker->magic)
		magic_close(looker->magic);
	*looker = (struct kind_looker){ 0 };
}

enum content_format content_format_of(struct bytes head)
{
	static const struct {
		size_t      offset, length;
		const char *bytes;
	} beginnings[FORMATS] = {
		[FORMAT_PNG] = { 0, 8, "\x89PNG\r\n\x1a\n" },
		[FORMAT_JPEG] = { 0, 3, "\xff\xd8\xff" },
		[FORMAT_GIF] = { 0, 4, "GIF8" },
		[FORMAT_PDF] = { 0, 5, "%PDF-" },
		[FORMAT_ZIP] = { 0, 4, "PK\3\4" },
		[FORMAT_MP4] = { 4, 4, "ftyp" },
	};
	struct bytes begin;

	for (enum content_format i = FORMAT_OTHER + 1; i < FORMATS; i++)
		if (bytes_sub(head, beginnings[i].offset, beginnings[i].length, &begin) &&
		    memcmp(begin.at, beginnings[i].bytes, begin.left) == 0)
			return i;
	return FORMAT_OTHER;
}
