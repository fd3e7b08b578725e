/* SPDX-License-Identifier: GPL-3.0-or-later */
/* first_boot.c - see first_boot.h */
#include "recover/windows/first_boot.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "core/utf16.h"
#include "recover/windows/windows_path.h"
#include "recover/xml_document.h"

#include <stdio.h>
#include <string.h>

#define LOCAL_UNITS_MAX 20u   /* of a local account's name */
#define DOMAIN_UNITS_MAX 256u /* of a domain's */
#define NOT_IN_NAMES "\"/\\[]:;|=,+*?<>@"

/* -------- hostile text -------- */

/* Plain text: UTF-8 without controls, *@units of UTF-16 long. */
static bool is_plain(const char *text, size_t *units)
{
	const char *end = text + strlen(text);
	uint32_t    point;

	for (*units = 0; text<end; *units += point> UINT16_MAX ? 2 : 1)
		if (!utf8_next(&text, end, &point) || point < 0x20 || (point >= 0x7f && point < 0xa0) ||
		    (point >= 0xd800 && point < 0xe000) || (point & 0xfffe) == 0xfffe || point == 0x2028 ||
		    point == 0x2029)
			return false;
	return true;
}

static bool is_account(const char *name, size_t units_max)
{
	size_t units;

	return is_plain(name, &units) && units <= units_max && strspn(name, ". ") != strlen(name) &&
	       !strpbrk(name, NOT_IN_NAMES);
}

/* PowerShell: in single quotes nothing but they mean anything, and it takes the typographic ones for them
 * too. */
static void put_quoted(FILE *out, const char *text)
{
	const char *end = text + strlen(text), *start;
	uint32_t    point;

	fputc('\'', out);
	while (start = text, text < end && utf8_next(&text, end, &point)) {
		if (point == '\'' || (point >= 0x2018 && point <= 0x201b))
			fwrite(start, 1, (size_t)(text - start), out);
		fwrite(start, 1, (size_t)(text - start), out);
	}
	fputc('\'', out);
}

/* -------- accounts -------- */

struct making {
	const struct windows            *target;
	const struct mapped_accounts    *accounts;
	const struct first_boot_options *options;
};

static bool is_wanted(const struct mapped_account *account)
{
	return account->state == MAPPED_CREATE || account->state == MAPPED_LATER;
}

/* The folder as the target calls it; NULL if it cannot be told, or has no such name.  To be freed. */
static char *folder_of(const struct making *making, const struct mapped_account *account)
{
	char  *folder = windows_path_offline(making->target, account->profile);
	size_t units;

	if (folder && is_plain(folder, &units) && !strpbrk(folder, "\"*?<>|"))
		return folder;
	free(folder);
	return NULL;
}

static bool can_be_done(const struct making *making, const struct mapped_account *account)
{
	CLEANUP(free_ptr) char *folder = folder_of(making, account);

	return folder && is_account(account->name, account->local ? LOCAL_UNITS_MAX : DOMAIN_UNITS_MAX) &&
	       (account->local || is_account(account->domain, DOMAIN_UNITS_MAX));
}

static bool is_done(const struct making *making, const struct mapped_account *account)
{
	return is_wanted(account) && can_be_done(making, account);
}

/* -------- the script -------- */

static const char script_start[] =
	"\xef\xbb\xbf# Made by holdfast. Run once, as SYSTEM or an administrator, on the restored Windows.\r\n"
	"# For each account at the end: makes it if it is a local one that is missing, enters its profile in\r\n"
	"# ProfileList, and gives it the files in its folder. Can be run again: what is done is left alone.\r\n"
	"# Tells what it does in holdfast-accounts.log in the Windows directory's Temp folder.\r\n"
	"$ErrorActionPreference = 'Stop'\r\n"
	"$log = Join-Path $env:windir 'Temp\\holdfast-accounts.log'\r\n"
	"$list = 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList'\r\n"
	"$failed = 0\r\n"
	"\r\n"
	"function Tell($text) {\r\n"
	"    Add-Content -LiteralPath $log -Encoding UTF8 -Value ('{0:s} {1}' -f (Get-Date), $text)\r\n"
	"    Write-Output $text\r\n"
	"}\r\n"
	"\r\n"
	"function Find-Account($domain, $name) {\r\n"
	"    try {\r\n"
	"        $account = New-Object System.Security.Principal.NTAccount($domain, $name)\r\n"
	"        return $account.Translate([System.Security.Principal.SecurityIdentifier])\r\n"
	"    } catch { return $null }\r\n"
	"}\r\n"
	"\r\n"
	"# A local account, disabled unless it is to be used at once; a member of Users, whatever that is called here.\r\n"
	"function Add-Account($name, $password, $enable) {\r\n"
	"    $computer = [ADSI]\"WinNT://$env:COMPUTERNAME,computer\"\r\n"
	"    if (Find-Account $env:COMPUTERNAME $name) {\r\n"
	"        $user = $computer.Children.Find($name, 'user')\r\n"
	"    } else {\r\n"
	"        $user = $computer.Create('user', $name)\r\n"
	"        if ($password -ne '') { $user.SetPassword($password) }\r\n"
	"        $user.SetInfo()\r\n"
	"        Tell \"made the account $name\"\r\n"
	"    }\r\n"
	"    $user.RefreshCache()\r\n"
	"    $flags = [int]$user.Properties['UserFlags'].Value\r\n"
	"    if ($enable) { $flags = $flags -band (-bnot 2) } else { $flags = $flags -bor 2 }\r\n"
	"    $user.Properties['UserFlags'].Value = $flags\r\n"
	"    $user.CommitChanges()\r\n"
	"    $users = New-Object System.Security.Principal.SecurityIdentifier('S-1-5-32-545')\r\n"
	"    $group = $users.Translate([System.Security.Principal.NTAccount]).Value.Split('\\')[1]\r\n"
	"    try { $computer.Children.Find($group, 'group').Add($user.Path) } catch { } # it is a member\r\n"
	"}\r\n"
	"\r\n"
	"# Its entry in ProfileList. One that is there, of this account or for this folder, is not touched.\r\n"
	"function Add-Profile($sid, $folder) {\r\n"
	"    foreach ($key in Get-ChildItem -LiteralPath $list) {\r\n"
	"        $image = (Get-ItemProperty -LiteralPath $key.PSPath).ProfileImagePath\r\n"
	"        if ($key.PSChildName -eq $sid.Value -and $image -and $image -ne $folder) {\r\n"
	"            throw \"the account has the profile $image already\"\r\n"
	"        }\r\n"
	"        if ($key.PSChildName -ne $sid.Value -and $image -eq $folder) {\r\n"
	"            throw \"the folder is that of $($key.PSChildName) already\"\r\n"
	"        }\r\n"
	"    }\r\n"
	"    $bytes = New-Object byte[] $sid.BinaryLength\r\n"
	"    $sid.GetBinaryForm($bytes, 0)\r\n"
	"    $key = Join-Path $list $sid.Value\r\n"
	"    if (-not (Test-Path -LiteralPath $key)) { $null = New-Item -Path $key }\r\n"
	"    $null = New-ItemProperty -LiteralPath $key -Name ProfileImagePath -PropertyType ExpandString -Value $folder -Force\r\n"
	"    $null = New-ItemProperty -LiteralPath $key -Name Flags -PropertyType DWord -Value 0 -Force\r\n"
	"    $null = New-ItemProperty -LiteralPath $key -Name State -PropertyType DWord -Value 0 -Force\r\n"
	"    $null = New-ItemProperty -LiteralPath $key -Name Sid -PropertyType Binary -Value $bytes -Force\r\n"
	"}\r\n"
	"\r\n"
	"# What the files allow the stored SID they allow the new one; they are its own.\r\n"
	"function Set-Files($stored, $sid, $folder) {\r\n"
	"    if (-not (Test-Path -LiteralPath $folder)) { return }\r\n"
	"    $saved = Join-Path $env:windir 'Temp\\holdfast-permissions.txt'\r\n"
	"    $null = & icacls.exe $folder /save $saved /t /c /l /q\r\n"
	"    $null = & icacls.exe (Split-Path -Parent $folder) /restore $saved /substitute \"*$stored\" \"*$($sid.Value)\" /c /l /q\r\n"
	"    $null = & icacls.exe $folder /grant \"*$($sid.Value):(OI)(CI)F\" /l /q\r\n"
	"    $null = & icacls.exe $folder /setowner \"*$($sid.Value)\" /t /c /l /q\r\n"
	"    Remove-Item -LiteralPath $saved\r\n"
	"}\r\n"
	"\r\n"
	"# Its registry as well: Windows refuses a profile whose hive is closed to its own user.\r\n"
	"function Set-Hive($sid, $folder) {\r\n"
	"    $file = Join-Path $folder 'NTUSER.DAT'\r\n"
	"    if (-not (Test-Path -LiteralPath $file)) { return }\r\n"
	"    $null = & reg.exe load 'HKU\\holdfast' $file\r\n"
	"    if ($LASTEXITCODE -ne 0) { throw \"$file cannot be loaded\" }\r\n"
	"    try {\r\n"
	"        $key = [Microsoft.Win32.Registry]::Users.OpenSubKey('holdfast', 'ReadWriteSubTree', 'ReadPermissions,ChangePermissions')\r\n"
	"        $acl = $key.GetAccessControl()\r\n"
	"        $rule = New-Object System.Security.AccessControl.RegistryAccessRule($sid, 'FullControl', 'ContainerInherit', 'None', 'Allow')\r\n"
	"        $acl.AddAccessRule($rule)\r\n"
	"        $key.SetAccessControl($acl)\r\n"
	"        $key.Close()\r\n"
	"    } finally {\r\n"
	"        [GC]::Collect()\r\n"
	"        [GC]::WaitForPendingFinalizers()\r\n"
	"        $null = & reg.exe unload 'HKU\\holdfast'\r\n"
	"    }\r\n"
	"}\r\n"
	"\r\n"
	"function Restore-Account($domain, $name, $stored, $folder, $password, $make, $enable) {\r\n"
	"    try {\r\n"
	"        if ($domain -eq '') { $domain = $env:COMPUTERNAME }\r\n"
	"        $sid = Find-Account $domain $name\r\n"
	"        $used = $sid -and (Test-Path -LiteralPath (Join-Path $list $sid.Value)) # by somebody, by now\r\n"
	"        if ($make -and -not $used) { Add-Account $name $password $enable }\r\n"
	"        $sid = Find-Account $domain $name\r\n"
	"        if (-not $sid) { throw 'nobody knows the account; run this again when the domain can be reached' }\r\n"
	"        Add-Profile $sid $folder\r\n"
	"        Set-Files $stored $sid $folder\r\n"
	"        Set-Hive $sid $folder\r\n"
	"        Tell \"$domain\\$name ($($sid.Value)) has $folder\"\r\n"
	"    } catch {\r\n"
	"        $script:failed++\r\n"
	"        Tell \"$domain\\${name}: $_\"\r\n"
	"    }\r\n"
	"}\r\n"
	"\r\n";

static const char script_end[] =
	"\r\n"
	"# The password above is for nobody else to read.\r\n"
	"if ($failed -eq 0) { Remove-Item -LiteralPath $MyInvocation.MyCommand.Path }\r\n"
	"exit $failed\r\n";

/* Restore-Account DOMAIN NAME STORED FOLDER PASSWORD MAKE ENABLE */
static void write_account(FILE *out, const struct making *making, const struct mapped_account *account)
{
	CLEANUP(free_ptr) char *folder = folder_of(making, account);
	bool                    make = account->state == MAPPED_CREATE;
	const char *const       arguments[] = { account->local ? "" : account->domain, account->name,
					  account->person->sid, folder ? folder : "",
					  make && making->options->password ? making->options->password
									    : "" };

	fputs("Restore-Account", out);
	for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
		fputc(' ', out);
		put_quoted(out, arguments[i]);
	}
	fprintf(out, " $%s $%s\r\n", make ? "true" : "false", making->options->enable ? "true" : "false");
}

static void write_script(FILE *out, const struct making *making)
{
	fputs(script_start, out);
	for (size_t i = 0; i < making->accounts->count; i++)
		if (is_done(making, &making->accounts->items[i]))
			write_account(out, making, &making->accounts->items[i]);
	fputs(script_end, out);
}

/* No name stands here: cmd.exe has no way of quoting that holds for all of them. */
static void write_command(FILE *out, const struct making *making)
{
	(void)making;
	fputs("@echo off\r\n"
	      "rem Made by holdfast. Windows Setup runs this when it is done, as SYSTEM.\r\n"
	      "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File \"%~dp0" FIRST_BOOT_SCRIPT
	      "\"\r\n",
	      out);
}

/* -------- the answer file -------- */

static void write_unattend(FILE *out, const struct making *making)
{
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		"<!-- Made by holdfast: put LocalAccounts into the answer file, if Setup is to make the accounts. It enables\n"
		"     them; the script, which runs after it, disables those that are to be so. -->\n"
		"<unattend xmlns=\"urn:schemas-microsoft-com:unattend\" "
		"xmlns:wcm=\"http://schemas.microsoft.com/WMIConfig/2002/State\">\n"
		"  <settings pass=\"oobeSystem\">\n"
		"    <component name=\"Microsoft-Windows-Shell-Setup\" processorArchitecture=\"%s\" "
		"publicKeyToken=\"31bf3856ad364e35\" language=\"neutral\" versionScope=\"nonSxS\">\n"
		"      <UserAccounts>\n"
		"        <LocalAccounts>\n",
		making->target->is_64bit ? "amd64" : "x86");
	for (size_t i = 0; i < making->accounts->count; i++) {
		const struct mapped_account *account = &making->accounts->items[i];

		if (account->state != MAPPED_CREATE || !can_be_done(making, account))
			continue;
		fputs("          <LocalAccount wcm:action=\"add\">\n"
		      "            <Password>\n"
		      "              <Value>",
		      out);
		xml_put_text(out, making->options->password ? making->options->password : "");
		fputs("</Value>\n"
		      "              <PlainText>true</PlainText>\n"
		      "            </Password>\n"
		      "            <Name>",
		      out);
		xml_put_text(out, account->name);
		fputs("</Name>\n"
		      "          </LocalAccount>\n",
		      out);
	}
	fputs("        </LocalAccounts>\n"
	      "      </UserAccounts>\n"
	      "    </component>\n"
	      "  </settings>\n"
	      "</unattend>\n",
	      out);
}

/* -------- the instructions -------- */

static void write_line(FILE *out, const struct mapped_account *account, const char *what)
{
	fputs("  ", out);
	if (!account->local) {
		text_print(out, account->domain, strlen(account->domain));
		fputc('\\', out);
	}
	text_print(out, account->name, strlen(account->name));
	fprintf(out, ", stored as %s: %s\r\n", account->person->sid, what);
}

static const char *work_on(const struct making *making, const struct mapped_account *account)
{
	if (!can_be_done(making, account))
		return "LEFT OUT, no account can have that name, or no folder its folder's; give another with /mu";
	if (account->state == MAPPED_LATER)
		return "gets its profile and its files, once the domain or the machine tells its SID";
	return making->options->enable ? "is made, and gets its profile and its files"
				       : "is made, disabled, and gets its profile and its files";
}

static void write_instructions(FILE *out, const struct making *making)
{
	fputs("These accounts could not be completed while their Windows was not running:\r\n\r\n", out);
	for (size_t i = 0; i < making->accounts->count; i++)
		if (is_wanted(&making->accounts->items[i]))
			write_line(out, &making->accounts->items[i],
				   work_on(making, &making->accounts->items[i]));
	fputs("\r\nWhen Windows Setup is still to run on it (a sysprepped image): copy " FIRST_BOOT_SCRIPT
	      " and\r\n" FIRST_BOOT_COMMAND
	      " to \\Windows\\Setup\\Scripts on its volume; Setup runs them when it is done, before\r\n"
	      "anybody logs on. If there is a " FIRST_BOOT_COMMAND
	      " already, add the last line of ours to it. With an OEM\r\n"
	      "product key Setup does not run it: use the second way.\r\n"
	      "\r\nOtherwise start the Windows, log on as an administrator, and run\r\n"
	      "  powershell -ExecutionPolicy Bypass -File " FIRST_BOOT_SCRIPT "\r\n"
	      "before any of these people logs on: who does so earlier gets a new, empty profile.\r\n"
	      "\r\n" FIRST_BOOT_UNATTEND
	      " is for those who want Setup itself to make the accounts (its pass oobeSystem).\r\n",
	      out);
	if (making->options->password)
		fputs("\r\nThe script and the answer file hold the password that was given: keep them from others. The script\r\n"
		      "removes itself when all is done.\r\n",
		      out);
}

/* -------- all -------- */

static int write_file(struct first_boot_file *file, void (*write)(FILE *, const struct making *),
		      const struct making *making, struct error *err)
{
	FILE *out = open_memstream(&file->bytes, &file->size);
	bool  failed;

	if (!out)
		return error_memory(err);
	write(out, making);
	failed = ferror(out);
	failed = fclose(out) != 0 || failed;
	return failed ? error_memory(err) : 0;
}

int first_boot_make(struct first_boot *files, const struct windows *target,
		    const struct mapped_accounts *accounts, const struct first_boot_options *options,
		    struct error *err)
{
	const struct making making = { target, accounts, options };
	size_t              wanted = 0, units;

	*files = (struct first_boot){ 0 };
	if (options->password && !is_plain(options->password, &units))
		return error_set(err, ERROR_USAGE, NULL,
				 "the password of /lac has characters that cannot be typed");
	for (size_t i = 0; i < accounts->count; i++) {
		wanted += is_wanted(&accounts->items[i]);
		files->left_out +=
			is_wanted(&accounts->items[i]) && !can_be_done(&making, &accounts->items[i]);
	}
	if (!wanted)
		return 0;
	return write_file(&files->script, write_script, &making, err) < 0 ||
			       write_file(&files->command, write_command, &making, err) < 0 ||
			       write_file(&files->unattend, write_unattend, &making, err) < 0 ||
			       write_file(&files->instructions, write_instructions, &making, err) < 0
		       ? -1
		       : 1;
}

void first_boot_release(struct first_boot *files)
{
	free(files->script.bytes);
	free(files->command.bytes);
	free(files->unattend.bytes);
	free(files->instructions.bytes);
	*files = (struct first_boot){ 0 };
}
