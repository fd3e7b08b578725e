/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ntfs_time.h - NTFS times: 100 ns since 1601-01-01 UTC
 */
#ifndef CORE_NTFS_TIME_H
#define CORE_NTFS_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define NTFS_TIME_PER_SECOND 10000000ull
#define NTFS_TIME_UNIX_EPOCH 116444736000000000ull /* 1970-01-01 in 100 ns since 1601 */
#define NTFS_TIME_DOS_EPOCH  119600064000000000ull /* 1980-01-01, where the clocks of PCs begin */
#define NTFS_TIME_YOUNGEST   (NTFS_TIME_DOS_EPOCH + UINT32_MAX * NTFS_TIME_PER_SECOND) /* 2116 */

static inline struct timespec ntfs_time_to_timespec(uint64_t time_100ns)
{
	int64_t since = (int64_t)(time_100ns - NTFS_TIME_UNIX_EPOCH);
	int64_t seconds = since / (int64_t)NTFS_TIME_PER_SECOND;
	int64_t rest = since % (int64_t)NTFS_TIME_PER_SECOND;

	if (rest < 0) {
		seconds--;
		rest += (int64_t)NTFS_TIME_PER_SECOND;
	}
	return (struct timespec){ .tv_sec = seconds, .tv_nsec = rest * 100 };
}

static inline uint64_t ntfs_time_from_timespec(struct timespec time)
{
	return NTFS_TIME_UNIX_EPOCH + (uint64_t)time.tv_sec * NTFS_TIME_PER_SECOND +
	       (uint64_t)time.tv_nsec / 100;
}

/* A time that the clock of a PC shows, right or wrong. */
static inline bool ntfs_time_is_plausible(uint64_t time_100ns)
{
	return time_100ns >= NTFS_TIME_DOS_EPOCH && time_100ns <= NTFS_TIME_YOUNGEST;
}

#endif
