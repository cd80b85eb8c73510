/* `assay sql PROJECT 'SELECT …'`: one statement that only reads. */
#include "cli/command.h"

#include "base/limits.h"
#include "base/threads.h"
#include "cli/option_table.h"
#include "cli/project_words.h"
#include "cli/terminal.h"
#include "project/prediction_metrics.h"
#include "report/answer.h"
#include "store/project_query.h"

#include <unistd.h>

typedef struct sql_words {
    project_words project;
    const char *sql;
    uint64_t limit, seconds;
    bool csv, json, wide;
} sql_words;

static const char usage[] =
    "Usage: assay sql PROJECT 'SELECT …' [options]\n"
    "\n"
    "Run one SQL statement that only reads and print its answer. The table `samples` has a row a\n"
    "sample: row, id, path, label, prediction, correct, confidence, every metric, attribute and "
    "tag.\n"
    "Beside it are the project's own tables, such as images, measures and predictions;\n"
    "docs/project.md says what each holds.\n"
    "\n";

static const char examples[] =
    "\n"
    "Examples\n"
    "  assay sql pets.assay 'DESCRIBE samples'\n"
    "  assay sql pets.assay 'SELECT label, count(*), avg(brightness) FROM samples GROUP BY label'\n"
    "  assay sql pets.assay 'SELECT path FROM samples WHERE NOT correct' --csv > wrong.csv\n"
    "  assay sql pets.assay 'SELECT name, added, source FROM models'\n";

static assay_code settle(sql_words *w, const option_words *words, assay_err *err)
{
    if (words->count < 2)
        return assay_fail(err, ASSAY_E_USAGE,
                          "sql needs a project and a statement: assay sql pets.assay 'SELECT "
                          "count(*) FROM samples' (--help says more)");
    if (words->count > 2)
        return assay_fail(err, ASSAY_E_USAGE,
                          "sql takes a project and one statement in quotes; '%.200s' is one too "
                          "many",
                          words->word[2]);
    if (w->csv && w->json)
        return assay_fail(err, ASSAY_E_USAGE, "use one of --csv and --json");
    w->project.path = words->word[0];
    w->sql = words->word[1];
    return ASSAY_OK;
}

/* terminal_print() has said why when it fails, so nobody says it again. */
typedef struct printed {
    int status;
} printed;

static assay_code print_part(void *context, text *out, assay_err *err)
{
    printed *p = context;
    p->status = terminal_print(out);
    text_clear(out);
    return p->status ? assay_fail(err, ASSAY_E_IO, "standard output") : ASSAY_OK;
}

static int run(const sql_words *w)
{
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    printed p = {0};
    const answer_form form = w->csv ? ANSWER_CSV : w->json ? ANSWER_JSON : ANSWER_TABLE;
    ASSAY_AUTO_CLEAR(answer_writer)
    writer = {.form = form,
              .style = project_style(&w->project),
              .wide = w->wide || !isatty(STDOUT_FILENO),
              .out = &out,
              .flush = print_part,
              .context = &p};
    uint64_t most = w->limit;
    if (most == UINT64_MAX)
        most = form == ANSWER_TABLE ? ANSWER_ROWS_SHOWN : 0;
    const sql_options options = {.thread_count = (int)w->project.threads,
                                 .seconds = (int)w->seconds,
                                 .row_most = most,
                                 .give_up = project_give_up};
    const sql_sink sink = answer_sink(&writer);
    sql_notes notes;
    assay_err err;
    const prediction_metrics_request metrics = {
        .where = w->sql, .named_only = true, .thread_count = (int)w->project.threads};
    const project_load_request load = {.path = w->project.path,
                                       .model = w->project.model,
                                       .texts = true,
                                       .thread_count = (int)w->project.threads,
                                       .complete = prediction_metrics_complete,
                                       .context = &metrics};
    assay_code code = project_query_run(&load, w->sql, &options, &sink, &notes, &err);
    if (code == ASSAY_OK)
        code = answer_finish(&writer, &notes, &err);
    text_clear(&out);
    if (p.status)
        return p.status;
    return code == ASSAY_OK ? 0 : terminal_fail(&err);
}

int command_sql(int argc, const char *const *argv)
{
    sql_words w = {.limit = UINT64_MAX, .seconds = QUERY_SECONDS_MOST};
    project_words_init(&w.project);
    const option_spec specs[] = {
        OPT_FLAG("csv", &w.csv, "the answer as CSV"),
        OPT_FLAG("json", &w.json, "the answer as a JSON array, an object a row; docs/json.md"),
        OPT_FLAG("wide", &w.wide,
                 "a table as wide as it is; so it is where the output is no "
                 "terminal"),
        OPT_COUNT("limit", &w.limit, 0, 9007199254740992.0,
                  "at most N rows, 0 for all (1000 in a table, else all)"),
        OPT_COUNT("timeout", &w.seconds, 1, 86400, "seconds without an answer (300)"),
        OPT_TEXT("model", &w.project.model, "NAME", "the model, where the project has several"),
        OPT_COUNT("threads", &w.project.threads, 1, THREADS_MOST,
                  "threads to use (all processors)"),
        OPT_CHOICE("colour", &w.project.colour, project_colours, "WHEN", "auto, always or never"),
    };
    const size_t spec_count = sizeof specs / sizeof *specs;
    assay_err err;
    option_words words;
    if (options_parse(specs, spec_count, argc, argv, &words, &err))
        return terminal_fail(&err);
    if (words.help)
        return project_help(usage, specs, spec_count, examples);
    if (settle(&w, &words, &err))
        return terminal_fail(&err);
    return run(&w);
}
