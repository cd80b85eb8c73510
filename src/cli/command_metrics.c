/* `assay metrics PROJECT`: how the values of each metric lie. */
#include "cli/command.h"

#include "base/limits.h"
#include "cli/option_table.h"
#include "cli/project_words.h"
#include "cli/terminal.h"
#include "project/described.h"
#include "report/distributions.h"

typedef struct metrics_words {
    project_words project;
    bool json;
} metrics_words;

static const char usage[] =
    "Usage: assay metrics PROJECT [options]\n"
    "\n"
    "How the values of each metric lie: quartiles, mean, a small histogram, and how many are\n"
    "outliers. docs/numerics.md defines every number.\n"
    "\n";

static const char examples[] = "\n"
                               "Examples\n"
                               "  assay metrics pets.assay\n"
                               "  assay metrics pets.assay --metric brightness,sharpness --where "
                               "\"split = 'test'\"\n"
                               "  assay metrics pets.assay --json > metrics.json\n";

static assay_code settle(metrics_words *w, const option_words *words, assay_err *err)
{
    if (words->count == 0)
        return assay_fail(err, ASSAY_E_USAGE,
                          "metrics needs a project: assay metrics pets.assay (--help says more)");
    if (words->count > 1)
        return assay_fail(err, ASSAY_E_USAGE, "metrics takes one project; '%.200s' is one too many",
                          words->word[1]);
    w->project.path = words->word[0];
    w->project.all_metrics = !w->project.metric;
    return ASSAY_OK;
}

static assay_code print_table(const metrics_words *w, const frame *f, const metrics_shown *shown,
                              text *out, assay_err *err)
{
    const report_style style = project_style(&w->project);
    metrics_text(shown, &style, out);
    text words;
    text_init(&words, 8192);
    assay_code code = project_words_unmeasured(&w->project, f, &words, err);
    if (code == ASSAY_OK && words.length > 0)
        text_printf(out, "\n  %s\n", text_view(&words));
    if (code == ASSAY_OK)
        code = text_check(&words, err);
    text_clear(&words);
    return code;
}

static int run(const metrics_words *w, const frame *f)
{
    assay_err err;
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    ASSAY_AUTO_CLEAR(described_metrics) d = {0};
    const metrics_request request = {.metric = w->project.metric,
                                     .where = w->project.where,
                                     .thread_count = (int)w->project.threads,
                                     .give_up = project_give_up};
    assay_code code = describe_metrics(f, &request, &d, &err);
    const metrics_shown shown = {
        .distributions = d.distributions, .path = w->project.path, .where = w->project.where};
    if (code == ASSAY_OK && w->json)
        code = metrics_json(&shown, &out, &err);
    else if (code == ASSAY_OK)
        code = print_table(w, f, &shown, &out, &err);
    const int status = project_print(code, &out, &err);
    text_clear(&out);
    return status;
}

int command_metrics(int argc, const char *const *argv)
{
    metrics_words w = {0};
    project_words_init(&w.project);
    w.project.model_optional = true;
    w.project.ids_optional = true;
    option_spec specs[PROJECT_SPECS_MOST] = {
        OPT_TEXT("metric", &w.project.metric, "A,B", "only these metrics, in this order"),
        OPT_FLAG("json", &w.json, "for programs; docs/json.md is its contract"),
    };
    size_t spec_count = 2;
    spec_count += project_specs(&w.project, specs + spec_count);
    assay_err err;
    option_words words;
    if (options_parse(specs, spec_count, argc, argv, &words, &err))
        return terminal_fail(&err);
    if (words.help)
        return project_help(usage, specs, spec_count, examples);
    frame *f = NULL;
    if (settle(&w, &words, &err) || project_words_load(&w.project, w.project.metric, &f, &err))
        return terminal_fail(&err);
    const int status = run(&w, f);
    frame_free(f);
    return status;
}
