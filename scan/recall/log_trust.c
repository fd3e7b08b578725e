/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_trust.c - see log_trust.h */
#include "scan/recall/log_trust.h"

int log_trust_init(struct log_trust *trust, const struct log_file *log, struct error *err)
{
	*trust = (struct log_trust){ log, calloc(log->gaps.count + 1, sizeof *trust->votes) };
	return trust->votes ? 0 : error_memory(err);
}

void log_trust_release(struct log_trust *trust)
{
	free(trust->votes);
	*trust = (struct log_trust){ 0 };
}

void log_trust_vote(struct log_trust *trust, uint64_t lsn, bool agrees)
{
	struct log_votes *votes = &trust->votes[log_file_stretch(trust->log, lsn)];

	votes->agree += agrees;
	votes->disagree += !agrees;
}

bool log_trust_has(const struct log_trust *trust, uint64_t lsn)
{
	const struct log_file  *log = trust->log;
	size_t                  stretch = log_file_stretch(log, lsn);
	const struct log_votes *votes = &trust->votes[stretch];
	uint64_t                end = log->has_restart ? log->restart.current_lsn : UINT64_MAX;

	if (log->has_restart && log_file_find(log, end) && stretch == log_file_stretch(log, end))
		return true;
	if (votes->agree || votes->disagree)
		return votes->agree > votes->disagree;
	return !log->reader.scattered && lsn <= end;
}

size_t log_trust_agreed(const struct log_trust *trust)
{
	size_t agreed = 0;

	for (size_t i = 0; i <= trust->log->gaps.count; i++)
		if (trust->votes[i].agree > trust->votes[i].disagree)
			agreed += trust->votes[i].agree;
	return agreed;
}
