/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_error.c - see sequence_error.h */
#include "recover/sequence/sequence_error.h"

#include "recover/usmt/usmt_log.h"
#include "report/sequence_code.h"

uint32_t sequence_code_of_error(const struct error *err)
{
	switch (err->kind) {
	case ERROR_NONE:
		return 0;
	case ERROR_USAGE:
		return SEQUENCE_CODE_OF_WIN32 | 87;
	case ERROR_IO:
		return SEQUENCE_CODE_OF_WIN32 | usmt_win32_of(err->sys);
	case ERROR_MEMORY:
		return SEQUENCE_CODE_OF_WIN32 | 14;
	case ERROR_BOUNDS:
	case ERROR_VALUE:
		return SEQUENCE_CODE_OF_WIN32 | 1392;
	case ERROR_UNSUPPORTED:
		return SEQUENCE_CODE_OF_WIN32 | 50;
	case ERROR_REFUSED:
		return SEQUENCE_CODE_OF_WIN32 | 5;
	}
	return SEQUENCE_CODE_FAILED;
}
