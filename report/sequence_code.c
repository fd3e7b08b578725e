/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_code.c - see sequence_code.h */
#include "report/sequence_code.h"

#include "report/usmt_code.h"

#include <stddef.h>

#define WIN32_MAX 0xffffu

/* What Windows says, and what a technician should know.  Messages as winerror.h has them. */
static const struct {
	uint32_t    code;
	const char *message; /* NULL: Windows knows none */
	const char *meaning, *advice;
} codes[] = {
	{ 0, "The operation completed successfully.", "all well", NULL },
	{ 1, "Incorrect function.", "the program of the step says that it failed",
	  "read the program's own log" },
	{ 2, "The system cannot find the file specified.", "a file or a variable of the step is not there",
	  "compare the file's name in the step with what lies in the package" },
	{ 3, "The system cannot find the path specified.", "a folder of the step is not there",
	  "compare the path in the step with the volume" },
	{ 5, "Access is denied.", "a guard said no, or the volume may not be written",
	  "do what the reason says, here or in the log's line before: it names what is protected" },
	{ 8, "Not enough memory resources are available to process this command.", "the memory is used up",
	  "close other programs, or take a computer with more of it" },
	{ 11, "An attempt was made to load a program with an incorrect format.",
	  "the program is none for this Windows", "take the one for this processor" },
	{ 12, "The access code is invalid.", NULL, NULL },
	{ 13, "The data is invalid.", "a file of the step is damaged or is not what it should be",
	  "take it anew from where it came from" },
	{ 14, "Not enough memory resources are available to complete this operation.",
	  "the memory is used up", "close other programs, or take a computer with more of it" },
	{ 19, "The media is write protected.", "the volume cannot be written",
	  "see whether the disk has a switch, or the image is read-only" },
	{ 21, "The device is not ready.", "the volume is not there",
	  "name it on the command line, with the letter that the step has" },
	{ 23, "Data error (cyclic redundancy check).", "the disk has bad sectors",
	  "image it first, then go on with the image" },
	{ 26, "The specified disk or diskette cannot be accessed.", NULL, NULL },
	{ 27, "The drive cannot find the sector requested.", NULL, NULL },
	{ 28, "The printer is out of paper.", NULL, NULL },
	{ 29, "The system cannot write to the specified device.", NULL, NULL },
	{ 31, "A device attached to the system is not functioning.", NULL, NULL },
	{ 32, "The process cannot access the file because it is being used by another process.",
	  "the file is open elsewhere", "end the program that has it open" },
	{ 33, "The process cannot access the file because another process has locked a portion of the file.",
	  "the file is open elsewhere", "end the program that has it open" },
	{ 34, "The wrong diskette is in the drive. Insert %2 (Volume Serial Number: %3) into drive %1.", NULL,
	  NULL },
	{ 36, "Too many files opened for sharing.", NULL, NULL },
	{ 38, "Reached the end of the file.", "a file is shorter than it should be",
	  "take it anew from where it came from" },
	{ 39, "The disk is full.", "the volume is full", "free space on it" },
	{ 50, "The request is not supported.", "this cannot be done here",
	  "hand the step to a program with --hook, or disable it in the sequence" },
	{ 53, "The network path was not found.", "the share is not there",
	  "name a folder of a volume instead; there is no network here" },
	{ 61, "The printer queue is full.", NULL, NULL },
	{ 67, "The network name cannot be found.", "the share is not there",
	  "name a folder of a volume instead; there is no network here" },
	{ 71,
	  "No more connections can be made to this remote computer at this time because there are already as many "
	  "connections as the computer can accept.",
	  NULL, NULL },
	{ 72, "The specified printer or disk device has been paused.", NULL, NULL },
	{ 80, "The file exists.", "something of that name is there already", NULL },
	{ 87, "The parameter is incorrect.", "the step's settings or its command line cannot be",
	  "compare them with the documentation of the step" },
	{ 112, "There is not enough space on the disk.", "the volume is full",
	  "free space on it; what an earlier store holds is freed by 'holdfast release'" },
	{ 123, "The filename, directory name, or volume label syntax is incorrect.",
	  "a path of the step is none that Windows can have",
	  "compare the path in the step with the volume; a variable in it may be empty" },
	{ 126, "The specified module could not be found.", "a program of the step lacks a library",
	  "take the whole package, for this processor" },
	{ 145, "The directory is not empty.",
	  "a folder holds something whose name Windows cannot handle, or that came while it was deleted",
	  "'holdfast wipe' deletes such names; the state store is still whole" },
	{ 183, "Cannot create a file when that file already exists.", "something of that name is there already",
	  NULL },
	{ 193, "%1 is not a valid Win32 application.", "the program is damaged, or none for this Windows",
	  "take the one for this processor" },
	{ 206, "The filename or extension is too long.", "a path is longer than Windows' programs can handle",
	  "shorten the paths in the step" },
	{ 395, "Access to the cloud file is denied.",
	  "the file is only a placeholder of OneDrive's: its content is not on this disk",
	  "let OneDrive fetch it in the running Windows, or leave such files out by a rule" },
	{ 1006,
	  "The volume for a file has been externally altered so that the opened file is no longer valid.",
	  "the file changed while it was read", NULL },
	{ 1117, "The request could not be performed because of an I/O device error.",
	  "the disk has bad sectors", "image it first, then go on with the image" },
	{ 1168, "Element not found.", "what the step asks for is not there: a package, an image, a boot entry, a driver",
	  "compare the ids in the step with what --package names, and the index with the image" },
	{ 1223, "The operation was canceled by the user.", "somebody stopped it", NULL },
	{ 1326, "The user name or password is incorrect.", "the account of the step cannot log on",
	  "correct the account in the step" },
	{ 1332, "No mapping between account names and security IDs was done.",
	  "a user's SID belongs to no account that is known, as when his domain is gone",
	  "see with 'holdfast users' whose profile it is; USMT leaves such profiles out" },
	{ 1392, "The file or directory is corrupted and unreadable.", "the volume is damaged",
	  "see what 'holdfast check' says of it" },
	{ 1460, "This operation returned because the timeout period expired.",
	  "the step took longer than its limit", "give it more time in its settings" },
	{ 1603, "Fatal error during installation.", "an installation failed",
	  "read the installer's own log" },
	{ 1618,
	  "Another installation is already in progress. Complete that installation before proceeding with this install.",
	  "an installer is still running", "wait for it, then go on" },
	{ 1641,
	  "The requested operation completed successfully. The system will be restarted so the changes can take effect.",
	  "well, and a restart has begun", NULL },
	{ 1921, "The name of the file cannot be resolved by the system.", "a link leads round in circles",
	  NULL },
	{ 2202, "The specified username is invalid.", "an account's name cannot be, as after the computer was renamed",
	  "tell LoadState with /mu what the users are called now" },
	{ 3010,
	  "The requested operation is successful. Changes will not be effective until the system is rebooted.",
	  "well, after a restart", NULL },
	{ 0x4005, NULL, "the program of the step says that it failed: the lower half of 0x80004005",
	  "look for the first error above it in the log" },
	{ SEQUENCE_CODE_ABORTED, "Operation aborted", "a step of the group failed",
	  "look for the first 'Failed to run the action' above it" },
	{ SEQUENCE_CODE_FAILED, "Unspecified error", "something failed, and has been told before",
	  "look for the first error above it in the log" },
	{ 0x80041001, "Generic failure", "a WMI query failed", "answer it with --set, as in --set Class.Property=VALUE" },
	{ 0x80041002, "Not found", "a WMI query found nothing",
	  "see whether the step's condition fits this machine" },
};

/* What to do when a state step fails. */
static const struct {
	int         code;
	const char *advice;
} usmt_advices[] = {
	{ USMT_STATUS_CANCELED,
	  "say what is to be done with encrypted files: /efs:hardlink takes them, OSDMigrateSkipEncryptedFiles leaves "
	  "them out" },
	{ USMT_WOULD_HAVE_FAILED,
	  "see in the log's summary what was left out before anything is wiped or released" },
	{ USMT_INVALID_PARAMETERS,
	  "read the log for the option; a Request State Store step sets OSDStateStorePath and a "
	  "key, so that /encrypt meets /nocompress: leave it out with a local store" },
	{ USMT_ERROR_OPTION_PARAM_TOO_LARGE, "shorten the paths in the step" },
	{ USMT_INIT_LOGFILE_FAILED, "name a folder for logs that can be written" },
	{ USMT_ERROR_USE_LAC, "let the restore step make local accounts, which gives /lac" },
	{ USMT_INIT_ERROR,
	  "name the folder of Windows with OSDMigrateAdditionalCaptureOptions and /offlineWinDir; a "
	  "temporary profile must go first" },
	{ USMT_INVALID_STORE_LOCATION,
	  "see with 'holdfast status' which stores there are, and name one in OSDStateStorePath" },
	{ USMT_UNABLE_GET_SCRIPTFILES,
	  "compare the names of the rule files in the step with those in the package; a Config.xml goes with /config" },
	{ USMT_FAILED_MIGSTARTUP, "check the rule files with 'holdfast rules'; free 250 MB" },
	{ USMT_UNABLE_FINDMIGUNITS, "check the rule files with 'holdfast rules'" },
	{ USMT_UNABLE_READKEY, "look whether the key file is there; a store of hard links takes no key" },
	{ USMT_ERROR_INSUFFICIENT_RIGHTS, "run it as root, and see that the volume can be written" },
	{ USMT_UNABLE_DELETE_STORE, "use 'holdfast release', which needs no restart" },
	{ USMT_ERROR_UNSUPPORTED_PLATFORM, "leave out what only a running Windows can do, such as /vsc" },
	{ USMT_ERROR_NO_INVALID_KEY, "give the key that the store was made with" },
	{ USMT_ERROR_CORRUPTED_NOTENCRYPTED_STORE,
	  "the store is empty or elsewhere: find it with 'holdfast scan'; a fixed OSDStateStorePath on the volume of "
	  "Windows prevents this" },
	{ USMT_UNABLE_TO_READ_CONFIG_FILE, "check Config.xml with 'holdfast rules'" },
	{ USMT_ERROR_UNABLE_CREATE_PROGRESS_LOG, "name a place for it with /progress that can be written" },
	{ USMT_PREFLIGHT_FILE_CREATION_FAILED, "name a place for it with /p that can be written" },
	{ USMT_ERROR_CORRUPTED_STORE,
	  "save it with 'holdfast rescue', and leave the volume as it is until then" },
	{ USMT_MIGRATION_STOPPED_NONFATAL,
	  "read the log for the file; let the step continue on locked files, and look at "
	  "what is left out then" },
	{ USMT_INIT_OPERATING_ENVIRONMENT_FAILED,
	  "remove the profiles that are none from ProfileList, or name the users; after the computer was renamed give "
	  "/mu" },
	{ USMT_UNABLE_DOMIGRATION, "read the log; free space on the volume of the store" },
};

static const char *usmt_advice(int code)
{
	for (size_t i = 0; i < sizeof usmt_advices / sizeof usmt_advices[0]; i++)
		if (usmt_advices[i].code == code)
			return usmt_advices[i].advice;
	return NULL;
}

/* The Win32 number in a code, or the code itself. */
static uint32_t number_of(uint32_t code)
{
	return (code & ~WIN32_MAX) == SEQUENCE_CODE_OF_WIN32 ? code & WIN32_MAX : code;
}

struct sequence_code sequence_code_of(uint32_t code, bool of_usmt)
{
	struct sequence_code known = { .message = "Unknown error", .source = "Unknown", .usmt = -1 };
	uint32_t             number = number_of(code);

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (codes[i].code == number) {
			known.meaning = codes[i].meaning;
			known.advice = codes[i].advice;
			if (codes[i].message) {
				known.message = codes[i].message;
				known.source = "Windows";
			}
			break;
		}
	if (number >> 12 == 0x80041) /* WBEM_E_... */
		known.source = "WMI";
	if (of_usmt && number <= WIN32_MAX) {
		known.usmt = (int)number;
		known.meaning = usmt_code_meaning((int)number);
		known.advice = usmt_advice((int)number);
	}
	return known;
}

uint32_t sequence_code_of_usmt(int code)
{
	return SEQUENCE_CODE_OF_WIN32 + (uint32_t)code;
}
