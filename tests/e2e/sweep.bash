# SPDX-License-Identifier: GPL-3.0-or-later
# sweep.bash - what the tests of sweeps share: a volume whose files nothing but a sweep finds; sourced, not run

# All goes, and others take its records, but not its clusters
reuse() {
	local i
	rm -rf Users StateStore
	mkdir later
	for i in {1..400}; do
		echo "$i" > "later/$i"
	done
}

# dump CASE: all that a casebook holds, but how and when it was made
dump() {
	sqlite3 "$1" .dump | grep -vE "'(command|began|ended)'"
}
