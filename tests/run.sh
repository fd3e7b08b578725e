#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh - the end-to-end tests; BUILD=build/address,undefined for the sanitizer build
#
# Runs every tests/e2e/*.sh, and tests/samples.sh, as a process of its own, one more at a time than there are cores; or those
# named as arguments.  Prints a line a case, what took longest, and the sum; the exit status is 1 when
# a case failed.  How long each script took stays in build/e2e.times: the next run begins with the longest.
set -u
cd "$(dirname "$0")/.." || exit 3
. tests/temp.bash
export BUILD=${BUILD:-build}
for program in "$BUILD/holdfast" "$BUILD/holdfast-image" build/wreck; do
	[ -x "$program" ] || {
		echo "run.sh: $program is not built" >&2
		exit 3
	}
done
E2E_SHARED=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-e2e-XXXXXX")
export E2E_SHARED
trap 'rm -rf "$E2E_SHARED"' EXIT
mkdir "$E2E_SHARED/results" "$E2E_SHARED/times"
TIMES=build/e2e.times
TIMEFORMAT=%R
touch "$TIMES"
[ $# -gt 0 ] || set -- tests/e2e/*.sh tests/samples.sh

# longest_first SCRIPT...: and before them what has no time yet
longest_first() {
	printf '%s\n' "$@" | awk 'FILENAME != "-" { took[$2] = $1; next } { print $1 in took ? took[$1] : 1000000, $1 }' \
		"$TIMES" - | sort -s -k1,1rn | cut -d' ' -f2
}

one() {
	local name status took=$E2E_SHARED/times/${1##*/}
	name=$(basename "$1" .sh)
	{
		time bash "$1" > "$E2E_SHARED/results/$name" 2>&3
		status=$?
	} 3>&2 2> "$took"
	sed -i "s|\$| $1|" "$took"
	# a script that dies has failed, whatever its cases said
	if [ $status -ne 0 ] && ! grep -q '^not ok ' "$E2E_SHARED/results/$name" || ! [ -s "$E2E_SHARED/results/$name" ]; then
		echo "not ok $name: the script ended with status $status" >> "$E2E_SHARED/results/$name"
	fi
	cat "$E2E_SHARED/results/$name"
}

for script in $(longest_first "$@"); do
	while [ "$(jobs -rp | wc -l)" -ge "${E2E_JOBS:-$(($(nproc) + 1))}" ]; do wait -n; done
	one "$script" &
done
wait
cat "$E2E_SHARED"/times/* | sort -rn | head -n 5 | sed 's/ / s: /'
cat "$E2E_SHARED"/times/* "$TIMES" | sort -s -u -k2,2 > "$E2E_SHARED/all"
mv "$E2E_SHARED/all" "$TIMES"
passed=$(cat "$E2E_SHARED"/results/* | grep -c '^ok ')
failed=$(cat "$E2E_SHARED"/results/* | grep -c '^not ok ')
skipped=$(cat "$E2E_SHARED"/results/* | grep -c '^skipped ')
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
