#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "base/text.h"
#include "report/report.h"

/** How a report should be drawn on standard output: colour only on a terminal and never with
 * NO_COLOR, width at most 100. */
report_style terminal_style(void);

/** Write a whole text to standard output. Exit status 0, or that of an IO failure, said on standard
 * error (a full disk, a closed pipe). */
int terminal_print(const text *t);

/** Print `assay: MESSAGE` on standard error and give the exit status of the failure. */
int terminal_fail(const assay_err *err);

#endif
