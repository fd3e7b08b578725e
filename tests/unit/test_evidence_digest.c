/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_evidence_digest.c - expected values: sha256sum, sha1sum and md5sum */
#include "tests/unit/unit.h"

#include "scan/carve/carve.h"
#include "scan/evidence_digest.h"

#define DISK_BYTES (9 * CARVE_CHUNK_BYTES + 1234)

/* What @program prints of the file, up to the first space. */
static void sum_of(const char *program, const char *path, char *sum, size_t room)
{
	char  command[512];
	FILE *pipe;

	snprintf(command, sizeof command, "%s '%s'", program, path);
	pipe = popen(command, "r");
	cr_assert(that(pipe && fgets(sum, (int)room, pipe)));
	cr_assert(eq(int, pclose(pipe), 0));
	sum[strcspn(sum, " ")] = 0;
}

static int take(void *context, const struct artefact *items, size_t count, uint64_t next, struct error *err)
{
	(void)context, (void)items, (void)count, (void)next, (void)err;
	return 0;
}

struct by {
	uint64_t start;   /* of a sweep; UINT64_MAX: none */
	unsigned threads;
	uint64_t fed;     /* bytes that it leaves in the digest */
};

ParameterizedTestParameters(evidence_digest, is_that_of_all_bytes)
{
	static struct by cases[] = {
		{ UINT64_MAX, 0, 0 },
		{ 0, 1, DISK_BYTES },
		{ 0, 4, DISK_BYTES },
		{ 2 * CARVE_CHUNK_BYTES, 2, 0 }, /* as one that goes on does */
	};

	return CASES(struct by, cases);
}

ParameterizedTest(struct by *by, evidence_digest, is_that_of_all_bytes)
{
	char                  *folder = temp_folder(), *path = temp_path(folder, "disk.img");
	struct blob            disk = blob_zero(DISK_BYTES);
	struct evidence        evidence = { 0 };
	struct evidence_digest digest;
	struct evidence_sums   sums;
	struct error           err;
	uint64_t               seed = 11;
	char                   wanted[128];

	for (size_t i = 0; i + 4 <= disk.size; i += 4)
		put_le32(disk.at + i, dice(&seed));
	temp_write(path, disk.at, disk.size);
	cr_assert(eq(int, evidence_open(&evidence, path, NULL, &err), 0));
	cr_assert(eq(int, evidence_digest_begin(&digest, &err), 0));
	if (by->start != UINT64_MAX) {
		struct carve_options options = { { by->start, UINT64_MAX }, by->threads, &digest };

		cr_assert(eq(int, carve_sweep(&evidence, &options, take, NULL, &err), 0));
	}
	cr_expect(eq(u64, digest.next, by->fed));
	cr_assert(eq(int, evidence_digest_end(&digest, &evidence, &sums, &err), 0));
	sum_of("sha256sum", path, wanted, sizeof wanted);
	cr_expect(eq(str, sums.sha256, wanted));
	sum_of("sha1sum", path, wanted, sizeof wanted);
	cr_expect(eq(str, sums.sha1, wanted));
	sum_of("md5sum", path, wanted, sizeof wanted);
	cr_expect(eq(str, sums.md5, wanted));
	evidence_digest_release(&digest);
	evidence_release(&evidence);
	free(disk.at);
	free(path);
	temp_remove(folder);
}
