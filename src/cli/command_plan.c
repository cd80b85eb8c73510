/* `assay plan PROJECT`: what to label next. */
#include "cli/command.h"

#include "base/limits.h"
#include "cli/option_table.h"
#include "cli/project_words.h"
#include "cli/terminal.h"
#include "project/plan_labels.h"
#include "report/planned.h"

typedef struct plan_words {
    project_words project;
    double half_width, confidence_level;
    bool json;
} plan_words;

static const char usage[] =
    "Usage: assay plan PROJECT [options]\n"
    "\n"
    "What to label next: how sure the recall of each class is, and how many more labels of it\n"
    "would make it as sure as you want. docs/numerics.md defines every number.\n"
    "\n";

static const char examples[] =
    "\n"
    "Examples\n"
    "  assay plan pets.assay\n"
    "  assay plan pets.assay --model vit --half-width 0.02 --where \"split = 'test'\"\n"
    "  assay plan pets.assay --json > plan.json\n";

static assay_code settle(plan_words *w, const option_words *words, assay_err *err)
{
    if (words->count == 0)
        return assay_fail(err, ASSAY_E_USAGE,
                          "plan needs a project: assay plan pets.assay (--help says more)");
    if (words->count > 1)
        return assay_fail(err, ASSAY_E_USAGE, "plan takes one project; '%.200s' is one too many",
                          words->word[1]);
    w->project.path = words->word[0];
    return ASSAY_OK;
}

static int run(const plan_words *w, const frame *f)
{
    assay_err err;
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    const plan_labels_request request = {.samples = {.where = w->project.where,
                                                     .thread_count = (int)w->project.threads,
                                                     .give_up = project_give_up},
                                         .path = w->project.path,
                                         .half_width = w->half_width,
                                         .confidence_level = w->confidence_level};
    ASSAY_AUTO_CLEAR(label_plan) plan = {0};
    assay_code code = plan_labels(f, &request, &plan, &err);
    const plan_shown shown = {.plan = &plan,
                              .classes = &f->classes,
                              .model = f->model,
                              .path = w->project.path,
                              .where = w->project.where};
    const report_style style = project_style(&w->project);
    if (code == ASSAY_OK && w->json)
        code = plan_json(&shown, &out, &err);
    else if (code == ASSAY_OK)
        plan_text(&shown, &style, &out);
    const int status = project_print(code, &out, &err);
    text_clear(&out);
    return status;
}

int command_plan(int argc, const char *const *argv)
{
    plan_words w = {.half_width = 0.05};
    project_words_init(&w.project);
    option_spec specs[PROJECT_SPECS_MOST] = {
        {.name = "half-width",
         .kind = OPTION_REAL,
         .target = &w.half_width,
         .argument = "W",
         .help = "how far a recall may lie from the middle of its interval (0.05)",
         .low = HALF_WIDTH_LEAST,
         .high = HALF_WIDTH_MOST},
        {.name = "confidence-level",
         .kind = OPTION_REAL,
         .target = &w.confidence_level,
         .argument = "P",
         .help = "of every interval (0.95)",
         .low = 0.5,
         .high = 0.9999},
        OPT_FLAG("json", &w.json, "for programs; docs/json.md is its contract"),
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
    if (settle(&w, &words, &err) || project_words_load(&w.project, "", &f, &err))
        return terminal_fail(&err);
    const int status = run(&w, f);
    frame_free(f);
    return status;
}
