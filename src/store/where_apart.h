#ifndef STORE_WHERE_APART_H
#define STORE_WHERE_APART_H

#include "store/where.h"

/**
 * where_select() for a program that answers others beside it: the condition runs in a process of
 * its own, forked from this one, so that it has the frame without a copy of it. That process may
 * add CONDITION_ADDRESS_MIB of memory, and is killed when it is deaf to its interruption for
 * CONDITION_KILL_SECONDS: a call of one function cannot be interrupted, and can take any time and
 * any memory. At most CONDITIONS_AT_ONCE run; another one waits for as long as it might itself run.
 *
 * options->give_up is not used. What where_select() says; LIMIT also where the process ended early;
 * CONFLICT: too many others run; IO: no process can be made. Beside where_select(): O(memory of the
 * process / page), 10 ms a gigabyte.
 */
ASSAY_MUST_USE assay_code where_select_apart(const frame *f, const char *condition,
                                             const where_options *options, selection *out,
                                             assay_err *err);

#endif
