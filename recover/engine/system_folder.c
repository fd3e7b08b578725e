/* SPDX-License-Identifier: GPL-3.0-or-later */
/* system_folder.c - see system_folder.h */
#include "recover/engine/system_folder.h"

#include "core/utf16.h"

bool system_folder_is_among(const struct volume_tree *tree, uint32_t name, const char *const *words, size_t count)
{
	const struct name_row *row = &tree->inventory.names.items[name];

	for (size_t i = 0; i < count; i++)
		if (utf16_is_word(inventory_text(&tree->inventory, row), row->units, words[i]))
			return true;
	return false;
}

bool system_folder_is(const struct volume_tree *tree, uint32_t name)
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

	return system_folder_is_among(tree, name, words, sizeof words / sizeof words[0]);
}
