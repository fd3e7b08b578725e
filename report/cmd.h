/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd.h - the commands of this room */
#ifndef REPORT_CMD_H
#define REPORT_CMD_H

int cmd_scan(int argc, char **argv);
int cmd_report(int argc, char **argv);

#endif
