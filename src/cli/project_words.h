#ifndef CLI_PROJECT_WORDS_H
#define CLI_PROJECT_WORDS_H

#include "cli/arguments.h"
#include "project/project_frame.h"
#include "report/report.h"

/** What the commands over a project are all told. */
typedef struct project_words {
    const char *path;
    const char *model;
    const char *where;
    const char *metric;  /* metrics that the command is asked for; NULL: none by name */
    bool model_optional; /* several models are no reason to ask for one */
    bool all_metrics;    /* metrics of predictions too, though nobody names them */
    bool ids_optional;   /* without a condition, ids and paths are not needed */
    uint64_t threads;
    int colour; /* index into project_colours */
} project_words;

enum { PROJECT_SPECS_MOST = 24 };

extern const char *const project_colours[];

/** Every processor, colours as the terminal says. */
void project_words_init(project_words *w);

/** The rows of --model, --where, --threads, --colour, into `out`; how many. */
size_t project_specs(project_words *w, option_spec *out);

/** Loads the project, with ids and paths where they may be needed. Where the model is optional and
 * cannot be told, without predictions. `names`: a list of the metrics and attributes that are
 * needed beside those of
 * --where, the others coming without values; NULL: all are. */
ASSAY_MUST_USE assay_code project_words_load(const project_words *w, const char *names, frame **out,
                                             assay_err *err);

/** Words about the project's images that have no measures yet, where there are some: what is said
 * of measures is not said of these. */
ASSAY_MUST_USE assay_code project_words_unmeasured(const project_words *w, const frame *f,
                                                   text *out, assay_err *err);

/** How to draw on standard output, by the terminal and an index into project_colours. */
report_style style_of_colour(int colour);

/** The same by --colour. */
report_style project_style(const project_words *w);

/** Prints a command's help: what it is, its options, its examples. Exit status. */
int project_help(const char *usage, const option_spec *specs, size_t spec_count,
                 const char *examples);

/** Prints what was written, or why it was not. Exit status. */
int project_print(assay_code code, const text *out, assay_err *err);

/** For where_options.give_up: says why on standard error and ends the process. Nothing may be open
 * for writing that would be left half written. */
_Noreturn void project_give_up(const char *why);

#endif
