/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settle.h - what all facts about names come to
 *
 * The rules, for each file by itself:
 *   1. A reference to a record that the table does not have, or to a life that its record has not reached or was
 *      an extension record in, is of another volume or damaged: unattached. So is a fact without a file, and
 *      one whose parent is a file or in the file's own record.
 *   2. What a record of that life says itself is known; the fact agrees.  But a record beside the table (of a life
 *      that the table no longer shows) may not be the last state of it.  Its LSN and those of $LogFile are one count,
 *      and the later statement wins: a name of its that got another one after it (FACT_RENAMED) is an earlier one.
 *      So is the one that it has in a directory (of a directory: anywhere) where the log, whole and in its own
 *      place, shows the file under another name after it, and after the last time that the log shows its own.  Of
 *      several that it has there none: it is not known which was replaced.  Without an LSN the record stands.
 *   3. A name that a file got another one for (FACT_RENAMED) is an earlier one, whatever weaker sources
 *      say, unless a later fact of the same source shows it again.
 *   4. A live file has the names that its record has.  One in a directory that is gone is a link that went with
 *      it, and counts as a name; every other is an earlier one.  A record that is torn or damaged may have
 *      lost names: then an entry that is in use counts.
 *   5. Of a deleted file, and of one whose record is another's by now, names in different directories are its hard
 *      links.  In one directory it had one name: the record's; else that of the strongest source; of that, the
 *      latest.  The others are earlier ones, but for links of which it is known: those of which $LogFile, or a change
 *      journal of which nothing is missing there, shows that each was removed as a link; and those that one block of
 *      the directory's index, by its LSN, shows in use at once with the name that stays.
 *   6. A directory has one name in all, by the same order.
 *   7. A DOS name counts where the name that stays in its directory may have an alias and no record says which,
 *      or where it is all that is left; one, by the same order.
 * No name that is given here is ever proven.
 */
#ifndef SCAN_SETTLE_H
#define SCAN_SETTLE_H

#include "scan/recall/recall.h"

enum fact_verdict {
	VERDICT_UNATTACHED, /* of nothing that the volume knows */
	VERDICT_KNOWN,      /* a record says the same */
	VERDICT_NAMED,      /* a name of its file, now in the inventory */
	VERDICT_AGREES,     /* so is the name of a stronger fact, and this one says the same */
	VERDICT_EARLIER,    /* it was a name of the file, before */
	VERDICTS
};

/* "unattached", "known", "named", "agrees", "earlier": as in the casebook. */
const char *fact_verdict_name(enum fact_verdict verdict);

/*
 * Settle @facts (sorted here by file, parent and text; each gets its verdict), and add the names that come of it to
 * @inventory.  Older records are in it already; those of their names that are earlier ones are marked there, and told
 * as facts behind the others.  Returns 0, or -1 without memory.
 */
MUST_CHECK int facts_settle(struct facts *facts, struct inventory *inventory, const struct extensions *extensions,
			    struct error *err);

#endif
