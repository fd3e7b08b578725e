/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_usmt_progress.c - expected values: the documented format (spec USMT 1.6), and our reader, tested on its own */
#include "tests/unit/unit.h"

#include "recover/usmt/usmt_log_reader.h"
#include "recover/usmt/usmt_progress.h"

#include <regex.h>
#include <string.h>

static struct blob write_progress(const char *zone, char **folder, char **path)
{
	struct usmt_progress progress;
	struct error         err;

	setenv("TZ", zone, 1);
	tzset();
	*folder = temp_folder();
	*path = temp_path(*folder, "progress.log");
	cr_assert(eq(int, usmt_progress_open(&progress, *path, &err), 0));
	progress.start -= 3 * 3600 + 25 * 60 + 7;
	usmt_progress_write(&progress, "PHASE", "Collecting", NULL);
	usmt_progress_write(&progress, "error", "UnableToOpen", "objectName", "C:\\a, b\n.txt", "action", "Ignore",
			    "errorCode", "5", NULL);
	cr_assert(eq(int, usmt_progress_close(&progress, &err), 0));
	usmt_progress_release(&progress);
	return temp_read(*path);
}

Test(usmt_progress, format)
{
	static const char expression[] =
		"^[0-9]{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4}, [0-9]{2}:[0-9]{2}:[0-9]{2} -03:30, "
		"elapsed 03:25:0[78], PHASE, Collecting\r\n[^\n]*, elapsed 03:25:0[78], error, UnableToOpen, objectName, "
		"C:\\\\a, b\\\\x0a.txt, action, Ignore, errorCode, 5\r\n$";
	char       *folder, *path;
	struct blob log = write_progress("NST3:30", &folder, &path);
	char       *text = strndup((char *)log.at, log.size);
	regex_t     regex;

	cr_assert(eq(int, regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB), 0));
	cr_expect(eq(int, regexec(&regex, text, 0, NULL, 0), 0), "%s", text);
	regfree(&regex);
	free(text);
	free(log.at);
	free(path);
	temp_remove(folder);
}

Test(usmt_progress, is_read_back)
{
	char                     *folder, *path;
	struct blob               log = write_progress("IST-5:30", &folder, &path);
	struct usmt_progress_file file;
	struct error              err;

	cr_assert(eq(int, usmt_progress_read(&file, log.at, log.size, &err), 0));
	cr_assert(eq(sz, file.steps.count, 2));
	cr_expect(eq(u64, file.strays, 0));
	cr_expect(eq(int, file.steps.items[0].zone_minutes, 330));
	cr_expect(that(labs((long)(file.steps.items[0].time - 330 * 60 - time(NULL))) < 60));
	cr_expect(eq(str, (char *)file.pairs.items[2].value, "C:\\a, b\\x0a.txt"));
	usmt_progress_file_release(&file);
	free(log.at);
	free(path);
	temp_remove(folder);
}

Test(usmt_progress, cannot_be_written)
{
	struct usmt_progress progress;
	struct error         err;

	cr_expect(eq(int, usmt_progress_open(&progress, "/proc/nowhere/progress.log", &err), -1));
	usmt_progress_write(&progress, "PHASE", "Scanning", NULL);
	usmt_progress_release(&progress);
	cr_assert(eq(int, usmt_progress_open(&progress, "/dev/full", &err), 0));
	usmt_progress_write(&progress, "PHASE", "Scanning", NULL);
	cr_expect(eq(int, usmt_progress_close(&progress, &err), -1));
	usmt_progress_release(&progress);
}
