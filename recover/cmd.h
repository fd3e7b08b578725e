/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd.h - the commands of this room */
#ifndef RECOVER_CMD_H
#define RECOVER_CMD_H

int cmd_rescue(int argc, char **argv);
int cmd_rebuild(int argc, char **argv);
int cmd_capture(int argc, char **argv);
int cmd_apply(int argc, char **argv);
int cmd_wipe(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_release(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_users(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_rules(int argc, char **argv);
int cmd_scanstate(int argc, char **argv);
int cmd_loadstate(int argc, char **argv);
int cmd_usmtutils(int argc, char **argv);
int cmd_run(int argc, char **argv);

#endif
