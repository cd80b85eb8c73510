#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "assay/err.h"

/** One word of the program: `assay NAME …`. `run` gets the arguments after the name and returns the
 * exit status. */
typedef struct command {
    const char *name;
    const char *summary; /* one line in `assay --help` */
    int (*run)(int argc, const char *const *argv);
} command;

int command_evaluate(int argc, const char *const *argv);

/** Print `assay: MESSAGE` on standard error and give the exit status of the failure. */
int command_fail(const assay_err *err);

#endif
