#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# architecture.sh - ARCHITECTURE.md names every folder with sources, and none that is not there
set -eu
failed=0
for folder in $(sed -n 's/^    \([a-z][a-z/_]*\)\/ .*/\1/p' ARCHITECTURE.md); do
	[ -d "$folder" ] || { echo "ARCHITECTURE.md speaks of $folder/, which does not exist"; failed=1; }
done
for folder in $(git ls-files '*.c' '*.sh' | sed 's|/[^/]*$||' | grep -v '\.[ch]$' | sort -u); do
	grep -q "^    $folder/ " ARCHITECTURE.md ||
		{ echo "ARCHITECTURE.md does not speak of $folder/"; failed=1; }
done
# calls point one way: core <- scan <- report <- recover
! grep -ln '#include "\(scan\|report\|recover\)/' core/*.[ch] || failed=1
! grep -ln '#include "\(report\|recover\)/' scan/*.[ch] scan/*/*.[ch] || failed=1
! grep -ln '#include "recover/' report/*.[ch] || failed=1
[ "$failed" = 0 ] && echo "architecture: folders and the direction of calls are as described"
exit "$failed"
