/* `assay export PROJECT WHAT -o FILE`: a table that other programs read. */
#include "cli/command.h"

#include "cli/option_table.h"
#include "cli/project_words.h"
#include "cli/terminal.h"
#include "project/described.h"
#include "project/export_decisions.h"
#include "project/wording.h"
#include "store/export.h"
#include "store/where.h"

#include <string.h>

ASSAY_AUTO_CLEAR_DECLARE(selection)

typedef struct export_words {
    project_words project;
    const char *output;
    bool force;
    bool decisions; /* else `what` */
    export_what what;
} export_words;

static const char usage[] =
    "Usage: assay export PROJECT samples|metrics|predictions|decisions -o FILE [options]\n"
    "\n"
    "Write one row a sample into FILE, whose name ends in .csv, .jsonl or .parquet:\n"
    "\n"
    "  samples      id, path, label, prediction, confidence, attributes, tags, metrics\n"
    "  metrics      id, path, metrics\n"
    "  predictions  id, path, label, prediction, confidence, margin and prediction_entropy where\n"
    "               there are probabilities, a probability a class\n"
    "  decisions    id, path, label, decision, suggested class, when: of the labels that\n"
    "               were decided in the workbench; .csv or .jsonl\n"
    "\n"
    "The file appears whole or not at all. docs/formats.md says what stands in it.\n"
    "\n";

static const char examples[] =
    "\n"
    "Examples\n"
    "  assay export pets.assay samples -o pets.parquet\n"
    "  assay export pets.assay metrics --where \"split = 'test'\" -o metrics.csv\n"
    "  assay export pets.assay metrics --metric self_confidence,annotation_quality -o labels.csv\n"
    "  assay export pets.assay predictions --model resnet -o resnet.csv && assay evaluate "
    "resnet.csv\n"
    "  assay export pets.assay decisions -o decisions.csv\n";

/* After the kinds of export_what. */
enum { DECISIONS = EXPORT_PREDICTIONS + 1 };

static assay_code choose_what(const char *word, export_words *out, assay_err *err)
{
    static const char *const names[] = {
        [EXPORT_SAMPLES] = "samples",
        [EXPORT_METRICS] = "metrics",
        [EXPORT_PREDICTIONS] = "predictions",
        [DECISIONS] = "decisions",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(word, names[i]) == 0) {
            out->decisions = i == DECISIONS;
            out->what = out->decisions ? EXPORT_SAMPLES : (export_what)i;
            return ASSAY_OK;
        }
    }
    const char *near = options_nearest(word, names, sizeof names / sizeof *names);
    return assay_fail(err, ASSAY_E_USAGE,
                      near ? "export knows no '%.100s'; did you mean %s?"
                           : "export knows no '%.100s'; use %s, metrics, predictions or decisions",
                      word, near ? near : names[0]);
}

static assay_code settle(export_words *w, const option_words *words, assay_err *err)
{
    if (words->count < 2)
        return assay_fail(err, ASSAY_E_USAGE,
                          "export needs a project and what to export: assay export pets.assay "
                          "samples -o pets.csv (--help says more)");
    if (words->count > 2)
        return assay_fail(err, ASSAY_E_USAGE,
                          "export takes a project and what to export; '%.200s' is one too many",
                          words->word[2]);
    if (!w->output)
        return assay_fail(err, ASSAY_E_USAGE, "export needs a file to write: -o pets.csv");
    w->project.path = words->word[0];
    ASSAY_TRY(choose_what(words->word[1], w, err));
    w->project.model_optional = w->decisions || w->what == EXPORT_METRICS;
    w->project.all_metrics = !w->project.metric;
    return !w->project.metric || (!w->decisions && w->what == EXPORT_METRICS)
               ? ASSAY_OK
               : assay_fail(err, ASSAY_E_USAGE, "--metric belongs to export metrics");
}

static assay_code export_chosen(const export_words *w, const frame *f, export_notes *notes,
                                assay_err *err)
{
    export_request request = {.what = w->what,
                              .path = w->output,
                              .where = w->project.where,
                              .replace = w->force,
                              .thread_count = (int)w->project.threads,
                              .give_up = project_give_up};
    if (!w->project.metric)
        return export_frame(f, &request, notes, err);
    ASSAY_AUTO_MEM size_t *which = mem_alloc(f->metric_count, sizeof *which);
    if (!which)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu metrics", f->metric_count);
    ASSAY_TRY(choose_named_metrics(f, w->project.metric, which, &request.metric_count, err));
    request.metric = which;
    return export_frame(f, &request, notes, err);
}

/* Predictions go without attributes, and without metrics but their own. */
static const char *names_needed(const export_words *w)
{
    return w->what == EXPORT_PREDICTIONS ? "margin,prediction_entropy" : NULL;
}

static assay_code write_decisions(const export_words *w, const frame *f, export_notes *notes,
                                  assay_err *err)
{
    const where_options options = {.thread_count = (int)w->project.threads,
                                   .give_up = project_give_up};
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    if (w->project.where)
        ASSAY_TRY(where_select(f, w->project.where, &options, &rows, err));
    const export_decisions_request request = {.project = w->project.path,
                                              .path = w->output,
                                              .rows = w->project.where ? &rows : NULL,
                                              .replace = w->force,
                                              .thread_count = (int)w->project.threads};
    size_t count;
    ASSAY_TRY(export_decisions(f, &request, &count, err));
    *notes = (export_notes){.row_count = count, .column_count = DECISION_COLUMNS};
    return ASSAY_OK;
}

static assay_code write_file(const export_words *w, const frame *f, export_notes *notes,
                             assay_err *err)
{
    if (w->decisions)
        return write_decisions(w, f, notes, err);
    return export_chosen(w, f, notes, err);
}

static int run(const export_words *w, const frame *f)
{
    assay_err err;
    export_notes notes = {0};
    const assay_code code = write_file(w, f, &notes, &err);
    text out;
    text_init(&out, 1 << 16);
    wording_counted(&out, notes.row_count, "row", "rows");
    text_puts(&out, " of ");
    wording_counted(&out, notes.column_count, "column", "columns");
    text_puts(&out, " in ");
    text_put_utf8(&out, w->output, strlen(w->output));
    text_puts(&out, "\n");
    const int status = project_print(code, &out, &err);
    text_clear(&out);
    return status;
}

int command_export(int argc, const char *const *argv)
{
    export_words w = {0};
    project_words_init(&w.project);
    option_spec specs[PROJECT_SPECS_MOST] = {
        OPT_LETTER('o', "output", &w.output, "FILE", "where to: .csv, .jsonl or .parquet"),
        OPT_TEXT("metric", &w.project.metric, "A,B", "metrics: only these, in this order"),
        OPT_FLAG("force", &w.force, "replace FILE where it exists"),
    };
    size_t spec_count = 3;
    spec_count += project_specs(&w.project, specs + spec_count);
    assay_err err;
    option_words words;
    if (options_parse(specs, spec_count, argc, argv, &words, &err))
        return terminal_fail(&err);
    if (words.help)
        return project_help(usage, specs, spec_count, examples);
    frame *f = NULL;
    if (settle(&w, &words, &err) || project_words_load(&w.project, names_needed(&w), &f, &err))
        return terminal_fail(&err);
    const int status = run(&w, f);
    frame_free(f);
    return status;
}
