/* `assay evaluate FILE`: its options, its help, and which report goes where. */
#include "cli/command.h"

#include "base/limits.h"
#include "base/threads.h"
#include "base/try.h"
#include "cli/arguments.h"
#include "cli/terminal.h"
#include "report/report.h"
#include "store/project_folder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* The command line as typed; numbers are wider here than where they go. */
typedef struct evaluate_words {
    evaluate_request request;
    uint64_t bins, bootstrap, seed, threads;
    int importance; /* index into importances */
    int colour;
    int format; /* index into formats; -1: not given */
    bool json;
} evaluate_words;

static const char *const importances[] = {"binned", "nearest", NULL};
static const char *const colours[] = {"auto", "always", "never", NULL};
static const char *const formats[] = {"csv", "tsv", "json", "jsonl", "parquet", NULL};

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

#define HEADING(words)                                                                             \
    {                                                                                              \
        .name = NULL, .help = words                                                                \
    }
#define TEXT(option, target_, argument_, help_)                                                    \
    {                                                                                              \
        .name = option, .kind = OPTION_TEXT, .target = (target_), .argument = (argument_),         \
        .help = (help_)                                                                            \
    }
#define FLAG(option, target_, help_)                                                               \
    {                                                                                              \
        .name = option, .kind = OPTION_FLAG, .target = (target_), .help = (help_)                  \
    }
#define COUNT(option, target_, low_, high_, help_)                                                 \
    {                                                                                              \
        .name = option, .kind = OPTION_COUNT, .target = (target_), .argument = "N",                \
        .help = (help_), .low = (low_), .high = (high_)                                            \
    }
#define CHOICE(option, target_, choices_, argument_, help_)                                        \
    {                                                                                              \
        .name = option, .kind = OPTION_CHOICE, .target = (target_), .argument = (argument_),       \
        .help = (help_), .choices = (choices_)                                                     \
    }

enum { SPECS_MOST = 48 };

static size_t input_specs(evaluate_words *w, option_spec *out)
{
    import_request *in = &w->request.import;
    const option_spec specs[] = {
        HEADING("What to read"),
        TEXT("label", &in->label, "COLUMN",
             "the column of true labels, where its name does not say so"),
        TEXT("prediction", &in->prediction, "COLUMN", "the column of predicted classes"),
        TEXT("confidence", &in->confidence, "COLUMN", "the column of confidences"),
        TEXT("id", &in->id, "COLUMN", "the column that names each sample"),
        TEXT("probabilities", &in->probabilities_path, "FILE.npy",
             "N×K probabilities, rows in the order of FILE"),
        FLAG("logits", &in->logits, "the probabilities are logits: take their softmax"),
        TEXT("predictions", &in->predictions_path, "FILE.npy",
             "predicted classes, in the order of FILE"),
        TEXT("classes", &in->classes, "LIST",
             "class names in order: a,b,c or a file with one a line; integers in the data are then "
             "indices into it"),
        CHOICE("format", &w->format, formats, "FORMAT",
               "csv, tsv, json, jsonl or parquet, where the file's name does not say so"),
        TEXT("model", &w->request.model, "NAME",
             "what the report calls the model; of a project: which of its models"),
        HEADING("Which rules to relax (each is an error otherwise)"),
        FLAG("allow-duplicates", &in->allow_duplicates, "samples whose id occurs more than once"),
        FLAG("allow-unknown-classes", &in->allow_unknown_classes,
             "classes that are not in --classes count as missing"),
        FLAG("allow-nan", &in->allow_nan,
             "confidences and probabilities that are not finite count as missing"),
        FLAG("allow-any-sum", &in->allow_any_sum,
             "probabilities that do not add up to 1 are divided by their sum"),
    };
    memcpy(out, specs, sizeof specs);
    return sizeof specs / sizeof *specs;
}

static size_t number_specs(evaluate_words *w, option_spec *out)
{
    const option_spec specs[] = {
        HEADING("Which samples and classes"),
        TEXT("where", &w->request.where, "CONDITION",
             "only samples for which an SQL condition over the columns is true"),
        TEXT("classes-shown", &w->request.classes_shown, "A,B",
             "show and average only these classes; no class's own score changes"),
        TEXT("group", &w->request.import.group, "COLUMN",
             "samples of one group (patient, camera, video) are not independent: intervals allow "
             "for it"),
        TEXT("metric", &w->request.metric, "A,B",
             "only these metrics in importance and performance"),
        HEADING("How to compute"),
        {.name = "confidence-level",
         .kind = OPTION_REAL,
         .target = &w->request.options.confidence_level,
         .argument = "P",
         .help = "of every interval (0.95)",
         .low = 0.5,
         .high = 0.9999},
        FLAG("exact", &w->request.options.exact_proportions,
             "Clopper-Pearson intervals of proportions instead of Wilson's"),
        COUNT(
            "bootstrap", &w->bootstrap, 0, BOOTSTRAP_MOST,
            "percentile intervals from N replicates for macro and weighted scores, MCC and kappa"),
        COUNT("bins", &w->bins, BINS_LEAST, BINS_MOST, "bins of performance by metric (50)"),
        FLAG("equal-width", &w->request.options.equal_width,
             "bins of equal width instead of equal counts"),
        CHOICE("importance", &w->importance, importances, "KIND",
               "binned (the default) or nearest: the estimator from nearest neighbours"),
        COUNT("seed", &w->seed, 0, 9007199254740992.0, "of everything random (1)"),
        COUNT("threads", &w->threads, 1, THREADS_MOST,
              "threads to use (all processors); the numbers are the same for any"),
        HEADING("The report"),
        FLAG("json", &w->json, "the report for programs; docs/json.md is its contract"),
        CHOICE("colour", &w->colour, colours, "WHEN", "auto, always or never"),
    };
    memcpy(out, specs, sizeof specs);
    return sizeof specs / sizeof *specs;
}

static int print_help(const option_spec *specs, size_t spec_count)
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

static bool is_npy(const char *path)
{
    const size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".npy") == 0;
}

/* Nothing is open for writing, so the process may end where it stands. */
static _Noreturn void give_up(const char *why)
{
    assay_err err;
    (void)assay_fail(&err, ASSAY_E_LIMIT, "%s", why);
    _exit(terminal_fail(&err));
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
    } else if (is_npy(words->word[0]))
        in->labels_path = words->word[0];
    else
        in->path = words->word[0];
    in->format = w->format < 0 ? NULL : formats[w->format];
    in->thread_count = (int)w->threads;
    in->keep_ids = w->request.where != NULL;
    w->request.give_up = give_up;
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
        report_style style = terminal_style();
        if (w->colour != COLOUR_AUTO)
            style.colour = w->colour == COLOUR_ALWAYS;
        report_text(e, &style, &out);
    }
    if (code == ASSAY_OK)
        code = text_check(&out, &err);
    const int status = code == ASSAY_OK ? terminal_print(&out) : terminal_fail(&err);
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
        return print_help(specs, spec_count);
    evaluated *e = NULL;
    if (settle(&w, &words, &err) || evaluate_predictions(&w.request, &e, &err))
        return terminal_fail(&err);
    const int status = print_report(e, &w);
    evaluated_free(e);
    return status;
}
