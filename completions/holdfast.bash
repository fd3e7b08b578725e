# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast.bash - completion of holdfast's command lines in bash
#
# Commands, options and formats are asked of the program itself, so that they are those of the one that is called.

# Words of its help: commands; options of a command; formats
_holdfast_commands() { "$1" --help 2> /dev/null | sed -n 's/^  \([a-z]*\)  .*/\1/p'; }
_holdfast_options() { "$1" "$2" --help 2> /dev/null | grep -oE '^ {2,6}(-[a-z], |/\?, )?--[a-z-]+' | grep -oE -- '--?[a-z][a-z-]*'; }
_holdfast_formats() { "$1" report --help 2> /dev/null | sed -n '/^Formats:$/,/^$/s/^  \([a-z]*\)  .*/\1/p'; }

# What an option of a command takes, in the words of the help: FILE, DIR, N; nothing if it takes nothing
_holdfast_value() {
	"$1" "$2" --help 2> /dev/null |
		sed -nE -e "s/^ +(-[a-z], )?$3 ([A-Z][A-Z]*)( .*|[]:=[|].*|)\$/\\2/p" -e "s/^ +$3, --[a-z-]+ ([A-Z]+)( .*|)\$/\\1/p" | head -n 1
}

_holdfast() {
	local program=$1 word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} value=
	COMPREPLY=()
	# --format=WORD comes as three words
	[ "$word" != = ] || word=
	[ "$before" != = ] || before=${COMP_WORDS[COMP_CWORD - 2]}
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_holdfast_commands "$program") --help --version" -- "$word")
		return
	fi
	[[ $before != -* ]] || value=$(_holdfast_value "$program" "${COMP_WORDS[1]}" "$before")
	case $before:$value:$word in
	--format:?*) mapfile -t COMPREPLY < <(compgen -W "$(_holdfast_formats "$program")" -- "$word") ;;
	*:DIR:*) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
	*:?*:*) ;; # files, which bash completes by itself
	*::-*) mapfile -t COMPREPLY < <(compgen -W "$(_holdfast_options "$program" "${COMP_WORDS[1]}")" -- "$word") ;;
	esac
}

complete -o default -o bashdefault -F _holdfast holdfast
