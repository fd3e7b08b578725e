/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings.c - see settings.h */
#include "tests/crash/settings.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static size_t number(const char *text)
{
	char  *end;
	size_t value = strtoull(text, &end, 10);

	if (!*text || *end)
		errx(2, "%s is no number", text);
	return value;
}

static void set(const struct setting *setting, const char *value)
{
	size_t at = setting->count ? (*setting->count)++ : 0;

	if (at == SEVERAL_MAX)
		errx(2, "too many of --%s", setting->name);
	if (setting->flag)
		*setting->flag = true;
	else if (setting->text)
		setting->text[at] = value;
	else
		setting->number[at] = number(value);
}

char **settings_parse(int argc, char **argv, const struct setting *settings, size_t count, int operands,
		      const char *usage)
{
	struct option *words = calloc(count + 2, sizeof *words);
	int            which;

	if (!words)
		err(3, "options");
	for (size_t i = 0; i < count; i++)
		words[i] =
			(struct option){ settings[i].name, settings[i].flag ? no_argument : required_argument,
					 NULL, (int)i };
	words[count] = (struct option){ "help", no_argument, NULL, (int)count };
	while ((which = getopt_long(argc, argv, "", words, NULL)) != -1) {
		if (which == (int)count) {
			fputs(usage, stdout);
			exit(0);
		}
		if (which == '?')
			exit(2);
		set(&settings[which], optarg);
	}
	free(words);
	if (argc - optind != operands)
		errx(2, "%d words are wanted besides options; try --help", operands);
	return argv + optind;
}
