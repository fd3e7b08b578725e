/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replay.c - feed a target the files and folders that are named, without libFuzzer */
#include "tests/fuzz/fuzz.h"

#include <ftw.h>
#include <sys/stat.h>

static unsigned replayed;

static int replay_file(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	FILE    *file;
	uint8_t *data;

	(void)walk;
	if (type != FTW_F)
		return 0;
	file = fopen(path, "rbe");
	data = malloc((size_t)status->st_size); /* exactly, for ASan's sake */
	if (!file || (status->st_size && !data) ||
	    fread(data, 1, (size_t)status->st_size, file) != (size_t)status->st_size) {
		fprintf(stderr, "cannot read %s\n", path);
		exit(2);
	}
	fclose(file);
	(void)LLVMFuzzerTestOneInput(data, (size_t)status->st_size);
	free(data);
	replayed++;
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (nftw(argv[i], replay_file, 16, FTW_PHYS) != 0) {
			fprintf(stderr, "cannot look at %s\n", argv[i]);
			return 2;
		}
	printf("%s: %u inputs\n", argv[0], replayed);
	return replayed ? 0 : 2;
}
