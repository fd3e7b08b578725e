/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * catalogue_record.h - the FILE record that a file had, as far as a catalogue tells of it
 *
 * Pure.  A record that was taken by another file says nothing of the old one any more; the store's catalogue still
 * has its times, its small streams, and where its large ones lie.  Written as a record, with its fix-ups undone, that
 * is read and graded like any other.  Names are not in it: they are facts of their own.
 */
#ifndef SCAN_CATALOGUE_RECORD_H
#define SCAN_CATALOGUE_RECORD_H

#include "scan/catalogue_file.h"

/*
 * Fill @image, @record_bytes of it.
 * False when something of @entry was lost, or it does not fit one record.
 */
bool catalogue_record_make(const struct catalogue_entry *entry, uint8_t *image, uint32_t record_bytes);

#endif
