/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_evaluation.h - do the conditions of a task sequence hold for the machine that lies there?
 *
 * Answered from variables, from the volumes, and from the hives of the Windows on them.  What a running system alone
 * could tell (WMI, Windows Installer) is answered by variables of the user's: --set Win32_ComputerSystem.Model=...,
 * --set 'software:{CODE}=VERSION' or "none".  What is left is unknown, and why is said.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_EVALUATION_H
#define RECOVER_SEQUENCE_SEQUENCE_EVALUATION_H

#include "recover/answer.h"
#include "recover/sequence/sequence_condition.h"
#include "recover/sequence/sequence_variable.h"
#include "recover/windows/windows.h"

/* What is asked, in its order, for a log. */
struct sequence_watch {
	void *context;
	void (*evaluating)(void *context, const struct sequence_condition *condition);
	void (*expanding)(void *context, const char *text); /* before its variables are put in */
};

struct sequence_machine {
	const struct sequence_variables *variables;
	struct work_volumes             *volumes; /* their trees are read; NULL: nothing is known of files */
	const struct windows            *windows; /* NULL: none was found */
	bool                             winpe;   /* Windows PE would be running: its registry is not there */
	const struct sequence_watch     *watch;   /* NULL: nobody */
	bool                             changed; /* the volumes would not be any more what they are now */
};

/*
 * @condition  NULL: it holds
 * @why        when the answer is not known: the first thing that it hangs on; to be freed, else NULL
 * Returns 0, or -1.
 */
MUST_CHECK int sequence_condition_evaluate(const struct sequence_machine *machine,
					   const struct sequence_condition *condition, enum answer *answer, char **why,
					   struct error *err);

#endif
