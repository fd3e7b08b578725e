/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shell_folder.c - see shell_folder.h */
#include "recover/windows/shell_folder.h"

#define ROAMING "AppData\\Roaming\\Microsoft\\Windows\\"
#define VIRTUAL "VirtualStore\\" /* where programs of before Windows Vista write when they mean their own folder */
#define LOCAL   "AppData\\Local\\Microsoft\\Windows\\"
#define START   "Start Menu"
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* clang-format off */
const struct shell_folder shell_folders_of_machine[] = {
	{ "CSIDL_COMMON_APPDATA", "Common AppData", { "PROGRAMDATA", "" }, { "PUBLIC", "Application Data" } },
	{ "ALLUSERSAPPDATA", NULL, { "CSIDL_COMMON_APPDATA", "" }, { "CSIDL_COMMON_APPDATA", "" } },
	{ "CSIDL_COMMON_STARTMENU", "Common Start Menu", { "PROGRAMDATA", "Microsoft\\Windows\\" START }, { "PUBLIC", START } },
	{ "CSIDL_COMMON_PROGRAMS", "Common Programs", { "CSIDL_COMMON_STARTMENU", "Programs" }, { "CSIDL_COMMON_STARTMENU", "Programs" } },
	{ "CSIDL_COMMON_STARTUP", "Common Startup", { "CSIDL_COMMON_PROGRAMS", "Startup" }, { "CSIDL_COMMON_PROGRAMS", "Startup" } },
	{ "CSIDL_COMMON_ALTSTARTUP", "Common AltStartup", { "CSIDL_COMMON_STARTUP", "" }, { "CSIDL_COMMON_STARTUP", "" } },
	{ "CSIDL_COMMON_ADMINTOOLS", "Common Administrative Tools", { "CSIDL_COMMON_PROGRAMS", "Administrative Tools" }, { "CSIDL_COMMON_PROGRAMS", "Administrative Tools" } },
	{ "CSIDL_COMMON_TEMPLATES", "Common Templates", { "PROGRAMDATA", "Microsoft\\Windows\\Templates" }, { "PUBLIC", "Templates" } },
	{ "CSIDL_COMMON_DESKTOPDIRECTORY", "Common Desktop", { "PUBLIC", "Desktop" }, { "PUBLIC", "Desktop" } },
	{ "CSIDL_COMMON_DOCUMENTS", "Common Documents", { "PUBLIC", "Documents" }, { "PUBLIC", "Documents" } },
	{ "CSIDL_COMMON_FAVORITES", "Common Favorites", { "PUBLIC", "Favorites" }, { "PUBLIC", "Favorites" } },
	{ "CSIDL_COMMON_MUSIC", "CommonMusic", { "PUBLIC", "Music" }, { "CSIDL_COMMON_DOCUMENTS", "My Music" } },
	{ "CSIDL_COMMON_PICTURES", "CommonPictures", { "PUBLIC", "Pictures" }, { "CSIDL_COMMON_DOCUMENTS", "My Pictures" } },
	{ "CSIDL_COMMON_VIDEO", "CommonVideo", { "PUBLIC", "Videos" }, { "CSIDL_COMMON_DOCUMENTS", "My Videos" } },
	{ "FOLDERID_PublicDownloads", "{3D644C9B-1FB8-4f30-9B45-F670235F79C0}", { "PUBLIC", "Downloads" }, { NULL, NULL } },
	{ "CSIDL_WINDOWS", NULL, { "WINDIR", "" }, { "WINDIR", "" } },
	{ "CSIDL_SYSTEM", NULL, { "WINDIR", "System32" }, { "WINDIR", "System32" } },
	{ "SYSTEM", NULL, { "WINDIR", "System32" }, { "WINDIR", "System32" } },
	{ "SYSTEM32", NULL, { "WINDIR", "System32" }, { "WINDIR", "System32" } },
	{ "SYSTEM16", NULL, { "WINDIR", "system" }, { "WINDIR", "system" } },
	{ "CSIDL_FONTS", NULL, { "WINDIR", "Fonts" }, { "WINDIR", "Fonts" } },
	{ "CSIDL_RESOURCES", NULL, { "WINDIR", "Resources" }, { "WINDIR", "Resources" } },
};

const struct shell_folder shell_folders_of_user[] = {
	{ "CSIDL_PROFILE", NULL, { "USERPROFILE", "" }, { "USERPROFILE", "" } },
	{ "CSIDL_APPDATA", "AppData", { "USERPROFILE", "AppData\\Roaming" }, { "USERPROFILE", "Application Data" } },
	{ "CSIDL_LOCAL_APPDATA", "Local AppData", { "USERPROFILE", "AppData\\Local" }, { "USERPROFILE", "Local Settings\\Application Data" } },
	{ "CSIDL_DESKTOPDIRECTORY", "Desktop", { "USERPROFILE", "Desktop" }, { "USERPROFILE", "Desktop" } },
	{ "CSIDL_DESKTOP", NULL, { "CSIDL_DESKTOPDIRECTORY", "" }, { "CSIDL_DESKTOPDIRECTORY", "" } },
	{ "CSIDL_PERSONAL", "Personal", { "USERPROFILE", "Documents" }, { "USERPROFILE", "My Documents" } },
	{ "CSIDL_MYDOCUMENTS", NULL, { "CSIDL_PERSONAL", "" }, { "CSIDL_PERSONAL", "" } },
	{ "CSIDL_MYMUSIC", "My Music", { "USERPROFILE", "Music" }, { "CSIDL_PERSONAL", "My Music" } },
	{ "CSIDL_MYPICTURES", "My Pictures", { "USERPROFILE", "Pictures" }, { "CSIDL_PERSONAL", "My Pictures" } },
	{ "CSIDL_MYVIDEO", "My Video", { "USERPROFILE", "Videos" }, { "CSIDL_PERSONAL", "My Videos" } },
	{ "CSIDL_PLAYLISTS", NULL, { "CSIDL_MYMUSIC", "Playlists" }, { "CSIDL_MYMUSIC", "My Playlists" } },
	{ "CSIDL_FAVORITES", "Favorites", { "USERPROFILE", "Favorites" }, { "USERPROFILE", "Favorites" } },
	{ "CSIDL_CONTACTS", "{56784854-C6CB-462B-8169-88E350ACB882}", { "USERPROFILE", "Contacts" }, { NULL, NULL } },
	{ "CSIDL_DOWNLOADS", "{374DE290-123F-4565-9164-39C4925E467B}", { "USERPROFILE", "Downloads" }, { NULL, NULL } },
	{ "CSIDL_STARTMENU", "Start Menu", { "USERPROFILE", ROAMING START }, { "USERPROFILE", START } },
	{ "CSIDL_PROGRAMS", "Programs", { "CSIDL_STARTMENU", "Programs" }, { "CSIDL_STARTMENU", "Programs" } },
	{ "CSIDL_STARTUP", "Startup", { "CSIDL_PROGRAMS", "Startup" }, { "CSIDL_PROGRAMS", "Startup" } },
	{ "CSIDL_ALTSTARTUP", "AltStartup", { "CSIDL_STARTUP", "" }, { "CSIDL_STARTUP", "" } },
	{ "CSIDL_ADMINTOOLS", "Administrative Tools", { "CSIDL_PROGRAMS", "Administrative Tools" }, { "CSIDL_PROGRAMS", "Administrative Tools" } },
	{ "CSIDL_RECENT", "Recent", { "USERPROFILE", ROAMING "Recent" }, { "USERPROFILE", "Recent" } },
	{ "CSIDL_SENDTO", "SendTo", { "USERPROFILE", ROAMING "SendTo" }, { "USERPROFILE", "SendTo" } },
	{ "CSIDL_TEMPLATES", "Templates", { "USERPROFILE", ROAMING "Templates" }, { "USERPROFILE", "Templates" } },
	{ "CSIDL_NETHOOD", "NetHood", { "USERPROFILE", ROAMING "Network Shortcuts" }, { "USERPROFILE", "NetHood" } },
	{ "CSIDL_PRINTHOOD", "PrintHood", { "USERPROFILE", ROAMING "Printer Shortcuts" }, { "USERPROFILE", "PrintHood" } },
	{ "CSIDL_COOKIES", "Cookies", { "USERPROFILE", LOCAL "INetCookies" }, { "USERPROFILE", "Cookies" } },
	{ "CSIDL_HISTORY", "History", { "USERPROFILE", LOCAL "History" }, { "USERPROFILE", "Local Settings\\History" } },
	{ "CSIDL_INTERNET_CACHE", "Cache", { "USERPROFILE", LOCAL "INetCache" }, { "USERPROFILE", "Local Settings\\Temporary Internet Files" } },
	{ "CSIDL_CDBURN_AREA", "CD Burning", { "USERPROFILE", LOCAL "Burn\\Burn" }, { "CSIDL_LOCAL_APPDATA", "Microsoft\\CD Burning" } },
	{ "CSIDL_QUICKLAUNCH", NULL, { "CSIDL_APPDATA", "Microsoft\\Internet Explorer\\Quick Launch" }, { "CSIDL_APPDATA", "Microsoft\\Internet Explorer\\Quick Launch" } },
	{ "CSIDL_VIRTUALSTORE_PROGRAMFILES", NULL, { "CSIDL_LOCAL_APPDATA", VIRTUAL "Program Files" }, { NULL, NULL } },
	{ "CSIDL_VIRTUALSTORE_COMMONPROGRAMFILES", NULL, { "CSIDL_LOCAL_APPDATA", VIRTUAL "Program Files\\Common Files" }, { NULL, NULL } },
	{ "CSIDL_VIRTUALSTORE_PROGRAMFILES(X86)", NULL, { "CSIDL_LOCAL_APPDATA", VIRTUAL "Program Files (x86)" }, { NULL, NULL } },
	{ "CSIDL_VIRTUALSTORE_COMMONPROGRAMFILES(X86)", NULL, { "CSIDL_LOCAL_APPDATA", VIRTUAL "Program Files (x86)\\Common Files" }, { NULL, NULL } },
	{ "APPDATA", NULL, { "CSIDL_APPDATA", "" }, { "CSIDL_APPDATA", "" } },
	{ "LOCALAPPDATA", NULL, { "CSIDL_LOCAL_APPDATA", "" }, { "CSIDL_LOCAL_APPDATA", "" } },
	{ "FOLDERID_Desktop", NULL, { "CSIDL_DESKTOPDIRECTORY", "" }, { "CSIDL_DESKTOPDIRECTORY", "" } },
	{ "FOLDERID_Documents", NULL, { "CSIDL_PERSONAL", "" }, { "CSIDL_PERSONAL", "" } },
	{ "FOLDERID_Music", NULL, { "CSIDL_MYMUSIC", "" }, { "CSIDL_MYMUSIC", "" } },
	{ "FOLDERID_Pictures", NULL, { "CSIDL_MYPICTURES", "" }, { "CSIDL_MYPICTURES", "" } },
	{ "FOLDERID_Videos", NULL, { "CSIDL_MYVIDEO", "" }, { "CSIDL_MYVIDEO", "" } },
	{ "FOLDERID_Favorites", NULL, { "CSIDL_FAVORITES", "" }, { "CSIDL_FAVORITES", "" } },
	{ "FOLDERID_Contacts", NULL, { "CSIDL_CONTACTS", "" }, { NULL, NULL } },
	{ "FOLDERID_Downloads", NULL, { "CSIDL_DOWNLOADS", "" }, { NULL, NULL } },
	{ "FOLDERID_QuickLaunch", NULL, { "CSIDL_QUICKLAUNCH", "" }, { "CSIDL_QUICKLAUNCH", "" } },
	{ "FOLDERID_Links", "{BFB9D5E0-C6A9-404C-B2B2-AE6DB6AF4968}", { "USERPROFILE", "Links" }, { NULL, NULL } },
	{ "FOLDERID_SavedGames", "{4C5C32FF-BB9D-43B0-B5B4-2D72E54EAAA4}", { "USERPROFILE", "Saved Games" }, { NULL, NULL } },
	{ "FOLDERID_SavedSearches", "{7D1D3A04-DEBB-4115-95CF-2F29DA2920DA}", { "USERPROFILE", "Searches" }, { NULL, NULL } },
	{ "FOLDERID_Libraries", "{1B3EA5DC-B587-4786-B4EF-BD1DC332AEAE}", { "USERPROFILE", ROAMING "Libraries" }, { NULL, NULL } },
	{ "FOLDERID_OriginalImages", "{2C36C0AA-5812-4B87-BFD0-4CD0DFB19B39}", { "USERPROFILE", "AppData\\Local\\Microsoft\\Windows Photo Gallery\\Original Images" }, { NULL, NULL } },
};
/* clang-format on */

const size_t shell_folder_machine_count = COUNT(shell_folders_of_machine);
const size_t shell_folder_user_count = COUNT(shell_folders_of_user);

const char *const shell_folders_virtual[] = {
	"CSIDL_BITBUCKET", "CSIDL_CONNECTIONS", "CSIDL_CONTROLS", "CSIDL_DRIVES",
	"CSIDL_INTERNET",  "CSIDL_NETWORK",     "CSIDL_PRINTERS",
};
const size_t shell_folder_virtual_count = COUNT(shell_folders_virtual);
