/* cmocka with the headers that it asks for, in the order that it asks for. */
#ifndef LECTERN_TESTS_UNIT_H
#define LECTERN_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

#endif
