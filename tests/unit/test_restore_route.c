/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_restore_route.c - folders of users that are called otherwise now */
#include "tests/unit/unit.h"

#include "recover/engine/restore_route.h"

struct routed {
	char path[64], wanted[64]; /* .wanted "": it stays in the store */
};

static void make_route(struct restore_route *route)
{
	struct error err;

	*route = (struct restore_route){ 0 };
	cr_assert(eq(int, restore_route_add(route, "C:\\Users\\anna", "D:\\Profiles\\anna.CORP", NULL, &err), 0));
	cr_assert(eq(int, restore_route_add(route, "C:\\Users\\bert", NULL, "bert was left out", &err), 0));
	cr_assert(eq(int, restore_route_add(route, "C:\\Users\\anna\\Inner", "E:\\Inner", NULL, &err), 0));
}

ParameterizedTestParameters(restore_route, path_by_the_nearest_folder_above)
{
	static struct routed cases[] = {
		{ "C:\\Users\\anna\\x.txt", "D:\\Profiles\\anna.CORP\\x.txt" },
		{ "c:\\users\\ANNA\\a\\x.txt", "D:\\Profiles\\anna.CORP\\a\\x.txt" },
		{ "C:\\Users\\anna", "D:\\Profiles\\anna.CORP" },
		{ "C:\\Users\\anna2\\x.txt", "C:\\Users\\anna2\\x.txt" }, /* another one */
		{ "C:\\Users\\anna\\Inner\\x", "E:\\Inner\\x" },
		{ "C:\\Users\\bert\\x.txt", "" },
		{ "D:\\Users\\bert\\x.txt", "D:\\Users\\bert\\x.txt" },
	};

	return cr_make_param_array(struct routed, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(struct routed *c, restore_route, path_by_the_nearest_folder_above)
{
	struct restore_route route;
	struct error         err;
	const char          *why = NULL;
	char                *to;

	make_route(&route);
	cr_assert(that(restore_route_is_needed(&route)));
	cr_assert(eq(int, restore_route_path(&route, c->path, &to, &why, &err), 0));
	if (*c->wanted)
		cr_expect(eq(str, to, c->wanted), "%s", c->path);
	else
		cr_expect(eq(str, (char *)why, "bert was left out"));
	cr_expect(that(!to == !*c->wanted), "%s", c->path);
	free(to);
	restore_route_release(&route);
}

Test(restore_route, reserved_path_is_for_no_stored_file)
{
	struct restore_route route = { 0 };
	struct error         err;

	cr_expect(that(!restore_route_is_needed(&route)));
	cr_assert(eq(int, restore_route_reserve(&route, strdup("C:\\Users\\anna\\NTUSER.DAT"), &err), 0));
	cr_expect(that(restore_route_is_needed(&route)));
	cr_expect(that(restore_route_is_reserved(&route, "c:\\users\\ANNA\\ntuser.dat")));
	cr_expect(that(!restore_route_is_reserved(&route, "C:\\Users\\anna\\NTUSER.DAT.LOG1")));
	cr_expect(that(!restore_route_is_reserved(&route, "C:\\Users\\anna")));
	cr_expect(eq(int, restore_route_reserve(&route, NULL, &err), -1));
	restore_route_release(&route);
}

Test(restore_route, redirect_is_of_that_very_folder)
{
	struct restore_route route;

	make_route(&route);
	cr_expect(that(restore_route_at(&route, "C:\\USERS\\anna") == &route.redirects.items[0]));
	cr_expect(that(restore_route_at(&route, "C:\\Users\\anna\\x") == NULL));
	cr_expect(that(restore_route_at(&route, "C:\\Users") == NULL));
	restore_route_release(&route);
}
