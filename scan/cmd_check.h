/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_check.h - holdfast check */
#ifndef SCAN_CMD_CHECK_H
#define SCAN_CMD_CHECK_H

/* @argv[0] is "check".  Returns the exit status. */
int cmd_check(int argc, char **argv);

#endif
