/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * alloc.c - alloc.so: lets memory run out at a chosen allocation of a program
 *
 * Preloaded (LD_PRELOAD); counts calls of malloc, calloc, realloc and reallocarray that come from
 * the program's own code, not from libraries, which do not promise to survive it:
 *
 *   CRASH_ALLOC  N or N+: the N-th of them (from 1) fails, or it and all that follow
 *   CRASH_COUNT  at the end "alloc N" is appended to this file
 *
 * Not for AddressSanitizer, which brings an allocator of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The C library's own, under names that nobody else takes. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static struct {
	uintptr_t     code_start, code_end; /* of the program */
	unsigned long count;
	unsigned long from, to; /* both 0: none fails */
} self;

/* The first object is the program. */
static int find_program(struct dl_phdr_info *object, size_t size, void *context)
{
	(void)size;
	(void)context;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];

		if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
			self.code_start = object->dlpi_addr + part->p_vaddr;
			self.code_end = self.code_start + part->p_memsz;
		}
	}
	return 1;
}

__attribute__((constructor)) static void start(void)
{
	const char *which = getenv("CRASH_ALLOC");
	char       *end;

	dl_iterate_phdr(find_program, NULL);
	if (which) {
		self.from = strtoul(which, &end, 10);
		self.to = *end == '+' ? ~0ul : self.from;
	}
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("CRASH_COUNT");
	int         fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;

	if (fd < 0)
		return;
	dprintf(fd, "alloc %lu\n", self.count);
	close(fd);
}

static bool fails(const void *caller)
{
	unsigned long number;

	if ((uintptr_t)caller < self.code_start || (uintptr_t)caller >= self.code_end)
		return false;
	number = __atomic_add_fetch(&self.count, 1, __ATOMIC_RELAXED);
	if (number < self.from || number > self.to)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, bytes);
}
