/* What standard output is, and writing to it without losing a failure. */
#include "cli/terminal.h"

#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_LEAST = 60, COLUMNS_MOST_SHOWN = 100 };

static int terminal_columns(void)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col == 0)
        return COLUMNS_MOST_SHOWN;
    return size.ws_col < COLUMNS_LEAST        ? COLUMNS_LEAST
           : size.ws_col > COLUMNS_MOST_SHOWN ? COLUMNS_MOST_SHOWN
                                              : size.ws_col;
}

report_style terminal_style(void)
{
    const bool is_terminal = isatty(STDOUT_FILENO) == 1;
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    const bool dumb = !term || strcmp(term, "dumb") == 0;
    return (report_style){
        .colour = is_terminal && !dumb && !(no_color && *no_color),
        .unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        .columns = is_terminal ? terminal_columns() : COLUMNS_MOST_SHOWN,
    };
}

int terminal_fail(const assay_err *err)
{
    fprintf(stderr, "assay: %s\n", err->msg);
    return assay_exit_status(err->code);
}

int terminal_print(const text *t)
{
    fwrite(text_view(t), 1, t->length, stdout);
    if (!fflush(stdout) && !ferror(stdout))
        return 0;
    assay_err err;
    assay_fail(&err, ASSAY_E_IO, "standard output: %s", strerror(errno));
    return terminal_fail(&err);
}
