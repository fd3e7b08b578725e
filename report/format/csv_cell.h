/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * csv_cell.h - cells of CSV that hurt no spreadsheet
 */
#ifndef REPORT_CSV_CELL_H
#define REPORT_CSV_CELL_H

#include <stdio.h>

/*
 * Print @text (name_escape.h) as one quoted cell; NULL and "" give an empty one.  A first character by which a
 * spreadsheet knows a formula (= + - @, the full-width ones too; a tab or a return is escaped anyway) comes as its escape.
 */
void csv_cell(FILE *out, const char *text);

#endif
