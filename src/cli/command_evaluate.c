/* `assay evaluate FILE`: its options, its help, and which report goes where. */
#include "cli/command.h"

#include "base/limits.h"
#include "base/threads.h"
#include "base/try.h"
#include "cli/option_table.h"
#include "cli/project_words.h"
#include "cli/table_files.h"
#include "cli/terminal.h"
#include "report/report.h"
#include "store/npy.h"
#include "store/project_folder.h"

#include <string.h>

/* The command line as typed; numbers are wider here than where they go. */
typedef struct evaluate_words {
    evaluate_request request;
    uint64_t bins, bootstrap, seed, threads;
    int importance; /* index into importances */
    int colour;     /* index into project_colours */
    int format;     /* index into table_formats; -1: not given */
    bool json;
} evaluate_words;

static const char *const importances[] = {"binned", "nearest", NULL};

static const char usage[] =
    "Usage: assay evaluate FILE|PROJECT [options]\n"
    "\n"
    "Everything that predictions say about an image classifier: scores with intervals, the "
    "confusion\n"
    "matrix, ranking, calibration, and which metrics go with its errors.\n"
    "\n"
    "FILE is a table (CSV, TSV, JSON, JSON lines, Parquet; .gz for the text ones) with a true "
    "label and a\n"
    "prediction for each sample, or a .npy file of labels. docs/formats.md shows every form.\n"
    "PROJECT is a folder that assay create made: its images' measures are metrics too.\n";

static const char examples[] =
    "\n"
    "Examples\n"
    "  assay evaluate predictions.csv\n"
    "  assay evaluate labels.csv --probabilities resnet.npy --classes classes.txt\n"
    "  assay evaluate predictions.parquet --label truth --prediction top1 --where \"split = "
    "'test'\"\n"
    "  assay evaluate predictions.csv --group patient --json > report.json\n"
    "  assay evaluate pets.assay --model resnet --where \"brightness < 0.2\"\n";

enum { SPECS_MOST = 48 };

static size_t input_specs(evaluate_words *w, option_spec *out)
{
    import_request *in = &w->request.import;
    const option_spec specs[] = {
        OPT_HEADING("What to read"),
        OPT_TEXT("label", &in->label, "COLUMN",
                 "the column of true labels, where its name does not say so"),
        OPT_TEXT("prediction", &in->prediction, "COLUMN", "the column of predicted classes"),
        OPT_TEXT("confidence", &in->confidence, "COLUMN", "the column of confidences"),
        OPT_TEXT("id", &in->id, "COLUMN", "the column that names each sample"),
        OPT_TEXT("probabilities", &in->probabilities_path, "FILE.npy",
                 "N×K probabilities, rows in the order of FILE"),
        OPT_FLAG("logits", &in->logits, "the probabilities are logits: take their softmax"),
        OPT_TEXT("predictions", &in->predictions_path, "FILE.npy",
                 "predicted classes, in the order of FILE"),
        OPT_TEXT(
            "classes", &in->classes, "LIST",
            "class names in order: a,b,c or a file with one a line; integers in the data are then "
            "indices into it"),
        OPT_CHOICE("format", &w->format, table_formats, "FORMAT",
                   "csv, tsv, json, jsonl or parquet, where the file's name does not say so"),
        OPT_TEXT("model", &w->request.model, "NAME",
                 "what the report calls the model; of a project: which of its models"),
        OPT_HEADING("Which rules to relax (each is an error otherwise)"),
        OPT_FLAG("allow-duplicates", &in->allow_duplicates,
                 "samples whose id occurs more than once"),
        OPT_FLAG("allow-unknown-classes", &in->allow_unknown_classes,
                 "classes that are not in --classes count as missing"),
        OPT_FLAG("allow-nan", &in->allow_nan,
                 "confidences and probabilities that are not finite count as missing"),
        OPT_FLAG("allow-any-sum", &in->allow_any_sum,
                 "probabilities that do not add up to 1 are divided by their sum"),
    };
    memcpy(out, specs, sizeof specs);
    return sizeof specs / sizeof *specs;
}

static size_t number_specs(evaluate_words *w, option_spec *out)
{
    const option_spec specs[] = {
        OPT_HEADING("Which samples and classes"),
        OPT_TEXT("where", &w->request.where, "CONDITION",
                 "only samples for which an SQL condition over the columns is true"),
        OPT_TEXT("classes-shown", &w->request.classes_shown, "A,B",
                 "show and average only these classes; no class's own score changes"),
        OPT_TEXT(
            "group", &w->request.import.group, "COLUMN",
            "samples of one group (patient, camera, video) are not independent: intervals allow "
            "for it"),
        OPT_TEXT("metric", &w->request.metric, "A,B",
                 "only these metrics in importance and performance"),
        OPT_HEADING("How to compute"),
        {.name = "confidence-level",
         .kind = OPTION_REAL,
         .target = &w->request.options.confidence_level,
         .argument = "P",
         .help = "of every interval (0.95)",
         .low = 0.5,
         .high = 0.9999},
        OPT_FLAG("exact", &w->request.options.exact_proportions,
                 "Clopper-Pearson intervals of proportions instead of Wilson's"),
        OPT_COUNT(
            "bootstrap", &w->bootstrap, 0, BOOTSTRAP_MOST,
            "percentile intervals from N replicates for macro and weighted scores, MCC and kappa"),
        OPT_COUNT("bins", &w->bins, BINS_LEAST, BINS_MOST, "bins of performance by metric (50)"),
        OPT_FLAG("equal-width", &w->request.options.equal_width,
                 "bins of equal width instead of equal counts"),
        OPT_CHOICE("importance", &w->importance, importances, "KIND",
                   "binned (the default) or nearest: the estimator from nearest neighbours"),
        OPT_COUNT("seed", &w->seed, 0, 9007199254740992.0, "of everything random (1)"),
        OPT_COUNT("threads", &w->threads, 1, THREADS_MOST,
                  "threads to use (all processors); the numbers are the same for any"),
        OPT_HEADING("The report"),
        OPT_FLAG("json", &w->json, "the report for programs; docs/json.md is its contract"),
        OPT_CHOICE("colour", &w->colour, project_colours, "WHEN", "auto, always or never"),
    };
    memcpy(out, specs, sizeof specs);
    return sizeof specs / sizeof *specs;
}

/* A project has its labels and predictions already: an option that says where in a file they stand
 * would be left without a word. */
static assay_code refuse_file_options(const evaluate_words *w, assay_err *err)
{
    const import_request *in = &w->request.import;
    const struct {
        const char *name;
        bool given;
    } options[] = {
        {"--label", in->label},
        {"--prediction", in->prediction},
        {"--confidence", in->confidence},
        {"--id", in->id},
        {"--probabilities", in->probabilities_path},
        {"--logits", in->logits},
        {"--predictions", in->predictions_path},
        {"--classes", in->classes},
        {"--format", w->format >= 0},
        {"--allow-duplicates", in->allow_duplicates},
        {"--allow-unknown-classes", in->allow_unknown_classes},
        {"--allow-nan", in->allow_nan},
        {"--allow-any-sum", in->allow_any_sum},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (options[i].given)
            return assay_fail(
                err, ASSAY_E_USAGE,
                "%s is about reading a file, and %.200s is a project: assay add reads "
                "files into it",
                options[i].name, w->request.project);
    }
    return ASSAY_OK;
}

static assay_code settle(evaluate_words *w, const option_words *words, assay_err *err)
{
    if (words->count == 0)
        return assay_fail(
            err, ASSAY_E_USAGE,
            "evaluate needs a file: assay evaluate predictions.csv (--help says more)");
    if (words->count > 1)
        return assay_fail(err, ASSAY_E_USAGE, "evaluate takes one file; '%.200s' is one too many",
                          words->word[1]);
    import_request *in = &w->request.import;
    if (project_folder_is(words->word[0])) {
        w->request.project = words->word[0];
        in->path = words->word[0];
        ASSAY_TRY(refuse_file_options(w, err));
    } else if (npy_is_named(words->word[0]))
        in->labels_path = words->word[0];
    else
        in->path = words->word[0];
    in->format = w->format < 0 ? NULL : table_formats[w->format];
    in->thread_count = (int)w->threads;
    in->keep_ids = w->request.where != NULL;
    w->request.give_up = project_give_up;
    evaluation_options *options = &w->request.options;
    options->thread_count = (int)w->threads;
    options->bins = (uint32_t)w->bins;
    options->bootstrap = (uint32_t)w->bootstrap;
    options->seed = w->seed;
    options->importance_nearest = w->importance == 1;
    return ASSAY_OK;
}

static int print_report(const evaluated *e, const evaluate_words *w)
{
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    assay_err err;
    assay_code code = ASSAY_OK;
    if (w->json) {
        code = report_json(e, &out, &err);
    } else {
        const report_style style = style_of_colour(w->colour);
        report_text(e, &style, &out);
    }
    const int status = project_print(code, &out, &err);
    text_clear(&out);
    return status;
}

int command_evaluate(int argc, const char *const *argv)
{
    evaluate_words w = {.format = -1};
    evaluation_defaults(&w.request.options);
    w.bins = w.request.options.bins;
    w.seed = w.request.options.seed;
    w.threads = (uint64_t)w.request.options.thread_count;
    option_spec specs[SPECS_MOST];
    size_t spec_count = input_specs(&w, specs);
    spec_count += number_specs(&w, specs + spec_count);

    assay_err err;
    option_words words;
    if (options_parse(specs, spec_count, argc, argv, &words, &err))
        return terminal_fail(&err);
    if (words.help)
        return project_help(usage, specs, spec_count, examples);
    evaluated *e = NULL;
    if (settle(&w, &words, &err) || evaluate_predictions(&w.request, &e, &err))
        return terminal_fail(&err);
    const int status = print_report(e, &w);
    evaluated_free(e);
    return status;
}
