/* What the commands over a project share: options, loading, printing. */
#include "cli/project_words.h"

#include "base/limits.h"
#include "base/threads.h"
#include "cli/option_table.h"
#include "cli/terminal.h"
#include "project/wording.h"
#include "store/project_overview.h"

#include <string.h>
#include <unistd.h>

enum { COLOUR_AUTO, COLOUR_ALWAYS };

const char *const project_colours[] = {"auto", "always", "never", NULL};

void project_words_init(project_words *w)
{
    *w = (project_words){.threads = (uint64_t)threads_available()};
}

size_t project_specs(project_words *w, option_spec *out)
{
    const option_spec specs[] = {
        OPT_TEXT("model", &w->model, "NAME", "the model, where the project has several"),
        OPT_TEXT("where", &w->where, "CONDITION",
                 "only samples for which an SQL condition over the columns is true"),
        OPT_COUNT("threads", &w->threads, 1, THREADS_MOST, "threads to use (all processors)"),
        OPT_CHOICE("colour", &w->colour, project_colours, "WHEN", "auto, always or never"),
    };
    memcpy(out, specs, sizeof specs);
    return sizeof specs / sizeof *specs;
}

assay_code project_words_load(const project_words *w, const char *names, frame **out,
                              assay_err *err)
{
    const wanted_columns wanted = {&names, 1, w->where};
    const project_frame_request request = {.path = w->path,
                                           .model = w->model,
                                           .model_optional = w->model_optional,
                                           .ids = !w->ids_optional || w->where,
                                           .wanted = names ? &wanted : NULL,
                                           .metric = w->metric,
                                           .where = w->where,
                                           .all_metrics = w->all_metrics,
                                           .thread_count = (int)w->threads};
    return project_frame_load(&request, out, err);
}

assay_code project_words_unmeasured(const project_words *w, const frame *f, text *out,
                                    assay_err *err)
{
    ASSAY_AUTO_CLEAR(project_overview) o = {0};
    ASSAY_TRY(project_overview_read(w->path, (int)w->threads, &o, err));
    const uint64_t known = o.measured + o.unreadable;
    if (known < f->row_count)
        wording_unmeasured(out, f->row_count - known, w->path);
    return ASSAY_OK;
}

report_style style_of_colour(int colour)
{
    report_style style = terminal_style();
    if (colour != COLOUR_AUTO)
        style.colour = colour == COLOUR_ALWAYS;
    return style;
}

report_style project_style(const project_words *w)
{
    return style_of_colour(w->colour);
}

int project_help(const char *usage, const option_spec *specs, size_t spec_count,
                 const char *examples)
{
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    text_puts(&out, usage);
    options_help(specs, spec_count, &out);
    text_puts(&out, examples);
    const int status = terminal_print(&out);
    text_clear(&out);
    return status;
}

int project_print(assay_code code, const text *out, assay_err *err)
{
    if (code == ASSAY_OK)
        code = text_check(out, err);
    return code == ASSAY_OK ? terminal_print(out) : terminal_fail(err);
}

_Noreturn void project_give_up(const char *why)
{
    assay_err err;
    (void)assay_fail(&err, ASSAY_E_LIMIT, "%s", why);
    _exit(terminal_fail(&err));
}
