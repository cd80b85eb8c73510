#ifndef STORE_WHERE_H
#define STORE_WHERE_H

#include "frame/frame.h"
#include "frame/selection.h"

/** How a condition may run. */
typedef struct where_options {
    int thread_count;
    int seconds; /* after which it is interrupted; 0: CONDITION_SECONDS_MOST */
    /* For a program that has its process to itself: called, from another thread, when a condition
     * is deaf to the interruption for CONDITION_GRACE_SECONDS more (DuckDB asks between two chunks,
     * not within one call of a function); it must end the process. Then the process' memory is
     * limited too. NULL: the condition goes on to its end. */
    void (*give_up)(const char *why);
    long *position; /* NULL, or where to put the character of the condition that is at fault, from
                       0; -1: not known. Written where where_select() answers USAGE. */
} where_options;

/**
 * Rows of the frame for which an SQL condition is true (not false, not NULL).
 *
 * The condition sees one table, `samples`, whose columns are: row (position in the file, from 1),
 * label and prediction (class names), correct (boolean, NULL where either is missing), confidence
 * where there is one, id where the frame keeps it, every metric and every attribute under its own
 * name ("_2" is added to a name that is already there; letter case does not part names). Where none
 * of several models is loaded (f->unchosen_models), prediction and correct are not there, and a
 * condition that names them or a metric of predictions is told which models there are. It runs in
 * an in-memory DuckDB that holds no other data, reads no file or network and whose configuration is
 * locked; it is interrupted after its time and may use CONDITION_MEMORY_MIB.
 *
 * USAGE: not one expression, an unknown column (the message lists those there are), anything that
 * DuckDB refuses; LIMIT: too long, too slow, too much memory; NOMEM. The frame is borrowed.
 */
ASSAY_MUST_USE assay_code where_select(const frame *f, const char *condition,
                                       const where_options *options, selection *out,
                                       assay_err *err);

#endif
