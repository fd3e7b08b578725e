#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# deb.sh - a Debian package of what 'make install' has put below a folder: deb.sh ROOT VERSION OUTPUT
#
# The same sources and compiler give the same bytes: times are that of SOURCE_DATE_EPOCH, or of the last commit.
set -eu
export LC_ALL=C.UTF-8
here=$(cd "$(dirname "$0")" && pwd)
root=$1
version=$2
output=$3
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2> /dev/null || echo 0)}
export SOURCE_DATE_EPOCH
maintainer="${DEBFULLNAME:-The authors of Holdfast} <${DEBEMAIL:-holdfast@holdfast.invalid}>"

# the libraries of all programs, with the versions that have what they use
depends() {
	local scratch
	scratch=$(mktemp -d)
	mkdir "$scratch/debian"
	printf 'Source: holdfast\n\nPackage: holdfast\nArchitecture: any\n' > "$scratch/debian/control"
	(cd "$scratch" && dpkg-shlibdeps -O "$root/usr/bin/holdfast" "$root/usr/libexec/holdfast/holdfast-image" 2> log) |
		sed -n 's/^shlibs:Depends=//p' || { cat "$scratch/log" >&2; exit 1; }
	rm -rf "$scratch"
}

root=$(cd "$root" && pwd)
strip --strip-unneeded "$root/usr/bin/holdfast" "$root/usr/libexec/holdfast/holdfast-image"
find "$root/usr/share/man" -name '*.1' -exec gzip -9n {} +
install -D -m 644 "$here/copyright" "$root/usr/share/doc/holdfast/copyright"
printf 'holdfast (%s) unstable; urgency=medium\n\n  * Release %s.\n\n -- %s  %s\n' "$version" "$version" \
	"$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" |
	gzip -9n > "$root/usr/share/doc/holdfast/changelog.gz"
chmod 644 "$root/usr/share/doc/holdfast/changelog.gz"

mkdir -p "$root/DEBIAN"
needs=$(depends)
[ -n "$needs" ] || { echo "deb.sh: dpkg-shlibdeps finds no libraries" >&2; exit 1; }
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$(dpkg --print-architecture)/" -e "s/@DEPENDS@/$needs/" \
	-e "s/@SIZE@/$(du -k -s --apparent-size --exclude=DEBIAN "$root" | cut -f1)/" \
	-e "s/@MAINTAINER@/$maintainer/" "$here/control" > "$root/DEBIAN/control"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) > "$root/DEBIAN/md5sums"
chmod -R u=rwX,go=rX "$root"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$root" "$output"
