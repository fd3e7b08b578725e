/* SPDX-License-Identifier: GPL-3.0-or-later */
/* system_name.c - see system_name.h */
#include "recover/engine/system_name.h"

#include "core/utf16.h"

bool system_name_is_among(const struct volume_tree *tree, uint32_t name, const char *const *words, size_t count)
{
	const struct name_row *row = &tree->inventory.names.items[name];

	for (size_t i = 0; i < count; i++)
		if (utf16_is_word(inventory_text(&tree->inventory, row), row->units, words[i]))
			return true;
	return false;
}

bool system_name_is_folder(const struct volume_tree *tree, uint32_t name)
{
	static const char *const words[] = { "Windows",
					     "WINNT",
					     "Program Files",
					     "Program Files (x86)",
					     "Program Files (Arm)",
					     "ProgramData",
					     "$Recycle.Bin",
					     "RECYCLER",
					     "Recovery",
					     "PerfLogs",
					     "Boot",
					     "EFI",
					     "MSOCache",
					     "Config.Msi",
					     "System Volume Information",
					     "$Extend",
					     "$WINDOWS.~BT",
					     "$WINDOWS.~WS",
					     "$WINDOWS.~LS",
					     "$WINDOWS.~Q",
					     "$WinREAgent",
					     "$SysReset",
					     "$GetCurrent" };

	return system_name_is_among(tree, name, words, sizeof words / sizeof words[0]);
}

bool system_name_is_file(const struct volume_tree *tree, uint32_t name)
{
	static const char *const words[] = { "pagefile.sys",
					     "hiberfil.sys",
					     "swapfile.sys",
					     "bootmgr",
					     "bootmgr.efi",
					     "BOOTNXT",
					     "BOOTSECT.BAK",
					     "bootTel.dat",
					     "DumpStack.log",
					     "DumpStack.log.tmp",
					     "ntldr",
					     "NTDETECT.COM",
					     "boot.ini",
					     "bootfont.bin",
					     "IO.SYS",
					     "MSDOS.SYS",
					     "AUTOEXEC.BAT",
					     "CONFIG.SYS",
					     "$WINRE_BACKUP_PARTITION.MARKER" };

	return system_name_is_among(tree, name, words, sizeof words / sizeof words[0]);
}
