# SPDX-License-Identifier: GPL-3.0-or-later
# temp.bash - where tests put their images, unless TMPDIR says: in memory if it has room for them; sourced, not run
#
# The programs flush what they write again and again, and a disk makes the tests wait for that each time.
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] &&
	[ "$(df -k --output=avail /dev/shm | tail -n 1)" -ge 6000000 ] &&
	[ "$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)" -ge 6000000 ]; then
	export TMPDIR=/dev/shm
fi
