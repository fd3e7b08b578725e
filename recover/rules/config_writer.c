/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_writer.c - a Config.xml for rule files, to be edited; see config_file.h */
#include "core/cleanup.h"
#include "core/text.h"
#include "recover/rules/config_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

static const char *const sections[] = { "Applications", "Documents", "WindowsComponents" };

static const char *section_of(const struct rule_component *component)
{
	if (strcasecmp(component->type, "Application") == 0)
		return sections[0];
	return strcasecmp(component->type, "Documents") == 0 ? sections[1] : sections[2];
}

/* A line a role, for that is what an id names; components in it below. */
static void print_component(FILE *out, const struct rule_component *component, int indent)
{
	for (size_t i = 0; i < component->role_count; i++) {
		const struct rule_role *role = &component->roles[i];
		bool                    shown = *role->id && !component->hidden;

		if (shown) {
			fprintf(out, "%*s<component displayname=\"", indent, "");
			xml_put_text(out, component->display_name);
			fputs("\" migrate=\"yes\" ID=\"", out);
			xml_put_text(out, role->id);
			fputs(role->component_count ? "\">\n" : "\"/>\n", out);
		}
		for (size_t j = 0; j < role->component_count; j++)
			print_component(out, &role->components[j], indent + (shown ? 2 : 0));
		if (shown && role->component_count)
			fprintf(out, "%*s</component>\n", indent, "");
	}
}

static void print_config(FILE *out, const struct rule_file *files, size_t count)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	      "<!-- Set migrate=\"no\" for what is to be left out; an entry that is taken out is migrated. -->\n"
	      "<Configuration>\n",
	      out);
	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
		fprintf(out, "  <%s>\n", sections[i]);
		for (size_t j = 0; j < count; j++)
			for (size_t k = 0; k < files[j].count; k++)
				if (section_of(&files[j].components[k]) == sections[i])
					print_component(out, &files[j].components[k], 4);
		fprintf(out, "  </%s>\n", sections[i]);
	}
	fputs("  <Policies>\n"
	      "    <ErrorControl/>\n"
	      "    <HardLinkStoreControl/>\n"
	      "  </Policies>\n"
	      "  <ProfileControl/>\n"
	      "</Configuration>\n",
	      out);
}

/* -------- the file -------- */

static void close_stream(FILE **stream)
{
	if (*stream)
		fclose(*stream);
}

/* Write @part whole and make it durable. */
static int write_part(const struct rule_file *files, size_t count, const char *part, struct error *err)
{
	CLEANUP(close_stream) FILE *out = fopen(part, "wbxe");

	if (!out)
		return error_sys(err, part, "cannot create");
	print_config(out, files, count);
	if (ferror(out) || fflush(out) != 0 || fsync(fileno(out)) < 0)
		return error_sys(err, part, "cannot write");
	return 0;
}

static int sync_folder(const char *path, struct error *err)
{
	CLEANUP(free_ptr) char *folder = strdup(path);
	CLEANUP(close_fd) int   fd = -1;
	char                   *slash = folder ? strrchr(folder, '/') : NULL;

	if (!folder)
		return error_memory(err);
	if (slash)
		slash[slash == folder] = 0;
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? error_sys(err, path, "cannot make durable") : 0;
}

int config_file_write(const struct rule_file *files, size_t count, const char *path, bool overwrite,
		      struct error *err)
{
	CLEANUP(free_ptr) char *part = NULL;
	int                     result;

	part = text_format("%s.part-%ld", path, (long)getpid());
	if (!part)
		return error_memory(err);
	result = write_part(files, count, part, err);
	if (result == 0 && renameat2(AT_FDCWD, part, AT_FDCWD, path, overwrite ? 0 : RENAME_NOREPLACE) < 0)
		result = error_sys(err, path, "cannot put the new file there");
	if (result < 0) {
		unlink(part);
		return -1;
	}
	return sync_folder(path, err);
}
