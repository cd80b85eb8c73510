/* `assay compare PROJECT --a MODEL --b MODEL`: whether the second is better. */
#include "cli/command.h"

#include "base/limits.h"
#include "base/threads.h"
#include "cli/option_table.h"
#include "cli/project_words.h"
#include "cli/terminal.h"
#include "project/compare_models.h"
#include "report/compared.h"

typedef struct compare_words {
    compare_models_request request;
    uint64_t threads;
    int colour;
    bool json;
} compare_words;

static const char usage[] =
    "Usage: assay compare PROJECT --a MODEL --b MODEL [options]\n"
    "\n"
    "Two models on the same samples: which are fixed and which broken, by how much every score\n"
    "differs and how sure that is, and which classes it comes from. docs/numerics.md defines "
    "every\n"
    "number.\n"
    "\n";

static const char examples[] =
    "\n"
    "Examples\n"
    "  assay compare pets.assay --a resnet --b vit\n"
    "  assay compare pets.assay --a resnet --b vit --where \"split = 'test'\"\n"
    "  assay compare pets.assay --a resnet --b vit --json > compared.json\n";

static size_t compare_specs(compare_words *w, option_spec *out)
{
    const option_spec specs[] = {
        OPT_TEXT("a", &w->request.a, "MODEL", "the model to start from"),
        OPT_TEXT("b", &w->request.b, "MODEL", "the model that may be better"),
        OPT_TEXT("where", &w->request.where, "CONDITION",
                 "only samples for which an SQL condition over the columns is true; predictions in "
                 "it are those of a"),
        {.name = "confidence-level",
         .kind = OPTION_REAL,
         .target = &w->request.confidence_level,
         .argument = "P",
         .help = "of every interval (0.95)",
         .low = 0.5,
         .high = 0.9999},
        OPT_FLAG("exact", &w->request.exact_p, "McNemar's exact p-values instead of mid-p"),
        OPT_FLAG("json", &w->json, "for programs; docs/json.md is its contract"),
        OPT_COUNT("threads", &w->threads, 1, THREADS_MOST, "threads to use (all processors)"),
        OPT_CHOICE("colour", &w->colour, project_colours, "WHEN", "auto, always or never"),
    };
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
        out[i] = specs[i];
    return sizeof specs / sizeof *specs;
}

static assay_code settle(compare_words *w, const option_words *words, assay_err *err)
{
    if (words->count == 0)
        return assay_fail(err, ASSAY_E_USAGE,
                          "compare needs a project: assay compare pets.assay --a resnet --b vit "
                          "(--help says more)");
    if (words->count > 1)
        return assay_fail(err, ASSAY_E_USAGE, "compare takes one project; '%.200s' is one too many",
                          words->word[1]);
    w->request.path = words->word[0];
    w->request.thread_count = (int)w->threads;
    w->request.give_up = project_give_up;
    return ASSAY_OK;
}

static int run(const compare_words *w)
{
    assay_err err;
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    ASSAY_AUTO_CLEAR(compared_models) c = {0};
    assay_code code = compare_models(&w->request, &c, &err);
    if (code == ASSAY_OK) {
        const comparison_shown shown = {.comparison = &c.comparison,
                                        .classes = &c.a->classes,
                                        .a = w->request.a,
                                        .b = w->request.b,
                                        .path = w->request.path,
                                        .where = w->request.where,
                                        .confidence_level = c.confidence_level};
        const report_style style = style_of_colour(w->colour);
        if (w->json)
            code = comparison_json(&shown, &out, &err);
        else
            comparison_text(&shown, &style, &out);
    }
    const int status = project_print(code, &out, &err);
    text_clear(&out);
    return status;
}

int command_compare(int argc, const char *const *argv)
{
    compare_words w = {.threads = (uint64_t)threads_available()};
    option_spec specs[PROJECT_SPECS_MOST];
    const size_t spec_count = compare_specs(&w, specs);
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
