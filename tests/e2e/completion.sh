#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# completion.sh - what bash completes, as the program itself has it
. "$(dirname "$0")/common.bash"
. "$ROOT/completions/holdfast.bash"

# completed WORD...: what the last of them may become, sorted, in one line
completed() {
	COMP_WORDS=(holdfast "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_holdfast "$HOLDFAST" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd ' '
}

commands() {
	same "r" "$(completed r)" 'rebuild release replay report rescue restore rules run'
	same "all" "$(completed '' | wc -w)" "$(($("$HOLDFAST" --help | grep -c '^  [a-z]') + 2))"
	same "none" "$(completed x)" ''
	same "version" "$(completed --v)" --version
}
try "completion: commands" commands

options() {
	local command option
	same "report" "$(completed report --f)" --format
	same "one" "$(completed scan --ca)" '--carve --case'
	for command in $("$HOLDFAST" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
		completed "$command" - > "$WORK/options"
		grep -qw -- --help "$WORK/options" || fail "$command has no --help"
		for option in $(cat "$WORK/options"); do
			"$HOLDFAST" "$command" --help | grep -q -- "$option" || fail "$command has no $option"
		done
	done
	same "nothing but options" "$(completed rescue x)" ''
}
try "completion: options of every command" options

values() {
	same "formats" "$(completed report --format '' | wc -w)" "$("$HOLDFAST" report --help | sed -n '/^Formats:$/,/^$/p' | grep -c '^  ')"
	same "b" "$(completed report --format b)" bodyfile
	same "with =" "$(completed report --format = b)" bodyfile
	mkdir "$WORK/folder"
	touch "$WORK/folder.img"
	cd "$WORK"
	same "folders alone" "$(completed rescue --to fol)" folder
	same "files are bash's own" "$(completed scan --case fol)" ''
	same "of a short option" "$(completed report -o -)" ''
	same "behind a value" "$(completed report --format csv --ti)" --timeline
}
try "completion: values" values

registered() {
	complete -p holdfast | grep -q -- '-F _holdfast' || fail "$(complete -p holdfast)"
	bash -n "$ROOT/completions/holdfast.bash"
}
try "completion: bash knows of it" registered

done_testing
