/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_case_uuid.c - expected values: RFC 9562, A.4; Python's uuid.uuid5 */
#include "tests/unit/unit.h"

#include "report/format/case_uuid.h"

/* of the DNS: 6ba7b810-9dad-11d1-80b4-00c04fd430c8 */
static const struct uuid dns = { { 0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30,
				   0xc8 } };

Test(case_uuid, of_a_name)
{
	struct uuid  uuid;
	struct error err;

	cr_expect(eq(str, uuid_text(&dns).text, "6ba7b810-9dad-11d1-80b4-00c04fd430c8"));
	cr_assert(eq(int, uuid_of_name(&dns, "www.example.com", &uuid, &err), 0));
	cr_expect(eq(str, uuid_text(&uuid).text, "2ed6657d-e927-568b-95e1-2665a8aea6a2"));
	cr_assert(eq(int, uuid_of_name(&dns, "", &uuid, &err), 0));
	cr_expect(eq(str, uuid_text(&uuid).text, "4ebd0208-8328-5d69-8c44-ec50939c0967"));
}

/* A casebook in memory with one piece of evidence. */
static struct uuid_text of_case(const char *fingerprint, const char *command)
{
	struct case_evidence evidence = { .id = 1, .path = "/x", .format = "raw", .size_bytes = 7, .fingerprint = fingerprint };
	struct casebook      book;
	struct error         err;
	struct uuid          uuid;

	cr_assert(eq(int, casebook_create(&book, NULL, &err), 0));
	cr_assert(eq(int, casebook_add_meta(&book, "command", command, &err), 0));
	cr_assert(eq(int, casebook_add_evidence(&book, &evidence, &err), 0));
	cr_assert(eq(int, casebook_publish(&book, &err), 0));
	cr_assert(eq(int, uuid_of_case(&book, &uuid, &err), 0));
	casebook_close(&book);
	return uuid_text(&uuid);
}

Test(case_uuid, the_same_casebook_and_another)
{
	cr_expect(eq(str, of_case("ab", "scan").text, of_case("ab", "scan").text));
	cr_expect(ne(str, of_case("ab", "scan").text, of_case("ac", "scan").text));
	cr_expect(ne(str, of_case("ab", "scan").text, of_case("ab", "scan --all").text));
}
