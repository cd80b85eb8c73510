#ifndef SUPPORT_CHECK_H
#define SUPPORT_CHECK_H

/* cmocka.h leans on the headers before it, so their order is fixed here, once. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#endif
