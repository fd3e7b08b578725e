#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pages.sh - a manual page for every command: pages.sh PROGRAM FOLDER
#
# A page has what 'PROGRAM COMMAND --help' says, what holdfast.1 says of the command, and what man/COMMAND.roff
# adds. So nothing is written twice, and no page speaks of an option that is not there.
set -eu
export LC_ALL=C.UTF-8
program=$1
folder=$2
here=$(dirname "$0")
date=$(sed -n 's/^\.TH HOLDFAST 1 "\([^"]*\)".*/\1/p' "$here/holdfast.1")

# roff of a help text; what groff would take for a request, or a dash, is escaped
page_of_help() {
	awk '
	function roff(text) {
		gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text); gsub(/\047/, "\\(aq", text); gsub(/\^/, "\\(ha", text); gsub(/~/, "\\(ti", text)
		return text ~ /^\./ ? "\\&" text : text
	}
	function section(name) { print ".SH " name; kind = "" }
	function entry(term, text) {
		print ".TP\n.B \"" roff(term) "\""
		if (text != "") print roff(text)
		kind = "entry"
	}
	NR == 1 || (usage && /^ +(or: )?holdfast /) {
		sub(/^(Usage:| +or:)? */, "")
		if (!usage++) section("SYNOPSIS"); else print ".br"
		print ".B " roff($1 " " $2); $1 = $2 = ""; sub(/^ +/, ""); if ($0 != "") print roff($0)
		next
	}
	/^$/ { gap = 1; next }
	usage && !described { section("DESCRIPTION"); described = 1; usage = 0 }
	/^(Exit status|Return code): / { sub(/^[^:]*: */, ""); section("EXIT STATUS"); print roff($0); gap = 0; kind = "text"; next }
	/^[A-Z][^.]*:$/ { sub(/:$/, ""); if (!optioned++) section("OPTIONS"); print ".SS " roff($0); gap = 0; kind = ""; next }
	match($0, /^ +((-[a-z], )?--[a-z-]+( [A-Z][][A-Z0-9=:|]*)?)( |$)/) && match($0, /[^ ]/) <= 9 {
		if (!optioned++) section("OPTIONS")
		match($0, /(-[a-z], )?--[a-z-]+( [A-Z][][A-Z0-9=:|]*)?( |$)/)
		text = substr($0, RSTART + RLENGTH); sub(/^ +/, "", text); term = substr($0, RSTART, RLENGTH); sub(/ +$/, "", term)
		entry(term, text); gap = 0; next
	}
	/^  [^ ]/ {
		sub(/^ +/, ""); at = match($0, /   *[^ ]/)
		if ($0 ~ /^\// && !optioned++) section("OPTIONS")
		entry(at ? substr($0, 1, at - 1) : $0, at ? substr($0, at + RLENGTH - 1) : ""); gap = 0; next
	}
	/^ / && kind == "entry" { sub(/^ +/, ""); print roff($0); gap = 0; next }
	{ if (gap && kind != "") print ".PP"; print roff($0); kind = "text"; gap = 0 }
	'
}

# what holdfast.1 has below COMMANDS of one of them
detail_of() {
	awk -v command="$1" '
	/^\.SH / { within = $2 == "COMMANDS"; ours = 0; next }
	within && /^\.TP$/ { getline; ours = $0 == ".B " command; if (ours) print ".SH IN DETAIL"; next }
	ours
	' "$here/holdfast.1"
}

page() {
	local name=$1 summary=$2
	echo ".\\\" SPDX-License-Identifier: GPL-3.0-or-later"
	echo ".TH HOLDFAST\\-${name^^} 1 \"$date\" \"$("$program" --version)\" \"User Commands\""
	echo ".SH NAME"
	echo "holdfast\\-$name \\- ${summary//-/\\-}"
	"$program" "$name" --help | page_of_help
	detail_of "$name"
	[ ! -e "$here/$name.roff" ] || cat "$here/$name.roff"
	echo ".SH SEE ALSO"
	echo ".BR holdfast (1)"
}

mkdir -p "$folder"
cp "$here/holdfast.1" "$folder/holdfast.1"
"$program" --help | sed -n 's/^  \([a-z]*\)  *\(.*\)$/\1 \2/p' | while read -r name summary; do
	page "$name" "$summary" > "$folder/holdfast-$name.1"
done
