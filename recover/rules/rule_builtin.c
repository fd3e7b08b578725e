/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_builtin.c - the rules that are built in: builtin/holdfast.xml, put into the program as it is */
#include "recover/rules/rule_file.h"

__asm__(".pushsection .rodata\n"
	".global holdfast_rules, holdfast_rules_end\n"
	"holdfast_rules: .incbin \"recover/rules/builtin/holdfast.xml\"\n"
	"holdfast_rules_end:\n"
	".popsection\n");

extern const char holdfast_rules[], holdfast_rules_end[];

int rule_file_builtin(struct rule_file *file, struct error *err)
{
	return rule_file_parse(file, "built-in rules", holdfast_rules, (size_t)(holdfast_rules_end - holdfast_rules),
			       err);
}
