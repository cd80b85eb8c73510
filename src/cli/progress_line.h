#ifndef CLI_PROGRESS_LINE_H
#define CLI_PROGRESS_LINE_H

#include "base/progress.h"

/**
 * How far a long step is, on standard error: on a terminal a bar that is drawn again and again,
 * with rate and time left; elsewhere a line a minute. Zeroed is valid.
 */
typedef struct progress_line {
    const char *what;    /* the present step; static text; NULL: none yet */
    double begun, shown; /* seconds: when that step began, and when it was last shown */
    uint64_t first;      /* what was done when it began */
    bool drawn;          /* there is a bar to be wiped */
    int descriptor;      /* lines of JSON go there, and nothing to the terminal; 0: none */
    double patience; /* seconds in which a terminal shows nothing, for work that is mostly short */
    double started;  /* when there was something to show for the first time; 0: not yet */
} progress_line;

/** What a step is to be told. The line must outlive it. From then on the first interruption (^C, or
 * a request to end) stops the step; the second one ends the program as it does by default. */
progress progress_line_start(progress_line *line);

/** The same for a program that waits: {"what":"measuring","done":5,"total":10} and a newline on
 * `descriptor`, ten times a second at most. 0: none, for a person. */
progress progress_line_start_for(progress_line *line, int descriptor);

/** Wipe the bar. */
void progress_line_end(progress_line *line);

#endif
