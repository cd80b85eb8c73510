/* `assay find WHAT PROJECT`: samples to look at. One table says what can be found and by whom. */
#include "cli/command.h"

#include "base/limits.h"
#include "cli/find_words.h"
#include "cli/option_table.h"
#include "cli/terminal.h"
#include "project/find.h"
#include "project/find_duplicates.h"
#include "project/find_labels.h"

#include <string.h>

enum { LIMIT_OF_TABLE = 50 };

/* In the order of label_basis and label_order. */
static const char *const label_bases[] = {"auto", "probabilities", "embedding", NULL};
static const char *const label_orders[] = {"normalised_margin", "self_confidence", NULL};

static const char usage[] =
    "Usage: assay find label-errors|duplicates|outliers|unreadable PROJECT [options]\n"
    "       assay find similar PROJECT SAMPLE [options]\n"
    "\n"
    "Samples to look at, the most striking first:\n"
    "\n"
    "  label-errors  labels that a model's probabilities contradict, or where there are none\n"
    "                similar images, the worst first\n"
    "  duplicates    groups of equal pictures and of nearly equal ones, and which to keep\n"
    "  similar       what looks most like a sample, named by its id, path or file name\n"
    "  outliers      values of a metric far outside the quartiles, by IQRs outside\n"
    "  unreadable    images that could not be read, and why\n"
    "\n";

static const char examples[] =
    "\n"
    "Examples\n"
    "  assay find outliers pets.assay\n"
    "  assay find outliers pets.assay --metric brightness --severe --where \"split = 'train'\"\n"
    "  assay find label-errors pets.assay --model resnet --limit 100\n"
    "  assay find label-errors pets.assay --from embedding\n"
    "  assay find unreadable pets.assay --json\n"
    "  assay find duplicates pets.assay --strength 0.98\n"
    "  assay find similar pets.assay cat/0012.jpg --limit 20\n"
    "  (cd photos && assay find outliers ../pets.assay --paths --zero | xargs -0 cp --parents -t "
    "../odd/)\n";

static bool is_table(const find_words *w)
{
    return !w->csv && !w->json && !w->paths;
}

size_t find_limit(const find_words *w)
{
    if (w->limit != UINT64_MAX)
        return (size_t)w->limit;
    return is_table(w) ? LIMIT_OF_TABLE : 0;
}

static void put_table(const found_samples *found, const report_style *style, const char *before,
                      text *out)
{
    found_text(found, style, out);
    if (before)
        text_printf(out, "\n  %s\n", before);
}

int find_show(const find_words *w, const found_samples *found, const char *before)
{
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    const report_style style = project_style(&w->project);
    if (w->json)
        found_json(found, &out);
    else if (w->csv)
        found_csv(found, &out);
    else if (w->paths)
        found_paths(found, w->zero ? '\0' : '\n', &out);
    else
        put_table(found, &style, before, &out);
    assay_err err;
    const int status = project_print(ASSAY_OK, &out, &err);
    text_clear(&out);
    return status;
}

/* Of images that were never read nothing is known: to find none among them says nothing. */
static int show_of_measured(const find_words *w, const frame *f, const found_samples *found)
{
    if (!is_table(w))
        return find_show(w, found, NULL);
    text words;
    text_init(&words, 8192);
    assay_err err;
    assay_code code = project_words_unmeasured(&w->project, f, &words, &err);
    if (code == ASSAY_OK)
        code = text_check(&words, &err);
    const int status = code != ASSAY_OK
                           ? terminal_fail(&err)
                           : find_show(w, found, words.length > 0 ? text_view(&words) : NULL);
    text_clear(&words);
    return status;
}

static int show_outliers(const find_words *w, const frame *f)
{
    const outlier_request request = {.metrics = {.metric = w->project.metric,
                                                 .where = w->project.where,
                                                 .thread_count = (int)w->project.threads,
                                                 .give_up = project_give_up},
                                     .severe_only = w->severe,
                                     .top = find_limit(w)};
    ASSAY_AUTO_CLEAR(found_outliers) o = {0};
    assay_err err;
    if (find_outliers(f, &request, &o, &err))
        return terminal_fail(&err);
    const found_column columns[] = {{.name = "metric", .word = o.metric},
                                    {.name = "value", .number = o.value},
                                    {.name = "side", .word = o.side},
                                    {.name = "severity", .word = o.severity}};
    const found_samples found = {.what = "outliers",
                                 .score = "IQRs outside",
                                 .frame = f,
                                 .row = o.row,
                                 .score_of = o.iqrs,
                                 .count = o.count,
                                 .found = o.found,
                                 .column = columns,
                                 .column_count = sizeof columns / sizeof *columns};
    return show_of_measured(w, f, &found);
}

static int show_unreadable(const find_words *w, const frame *f)
{
    ASSAY_AUTO_CLEAR(found_texts) t = {0};
    const metrics_request request = {.where = w->project.where,
                                     .thread_count = (int)w->project.threads,
                                     .give_up = project_give_up};
    assay_err err;
    if (find_by_attribute(f, "unreadable", &request, find_limit(w), &t, &err))
        return terminal_fail(&err);
    const found_column columns[] = {{.name = "reason", .word = t.word}};
    const found_samples found = {.what = "unreadable",
                                 .frame = f,
                                 .row = t.row,
                                 .count = t.count,
                                 .found = t.found,
                                 .column = columns,
                                 .column_count = 1};
    return show_of_measured(w, f, &found);
}

typedef struct finder {
    const char *what;
    int (*show)(const find_words *w, const frame *f);
    const char *needs; /* metrics and attributes, as a list; NULL: those of --metric, or all */
} finder;

static const finder finders[] = {{"label-errors", find_show_label_errors, NULL},
                                 {"duplicates", find_show_duplicates, NULL},
                                 {"similar", find_show_similar, NULL},
                                 {"outliers", show_outliers, NULL},
                                 {"unreadable", show_unreadable, "unreadable"}};
enum { FINDER_COUNT = sizeof finders / sizeof *finders };

static assay_code choose_finder(const char *word, const finder **out, assay_err *err)
{
    const char *names[FINDER_COUNT];
    text list;
    text_init(&list, 1024);
    for (size_t i = 0; i < FINDER_COUNT; i++) {
        names[i] = finders[i].what;
        text_printf(&list, "%s%s", i ? ", " : "", names[i]);
        if (strcmp(names[i], word) == 0) {
            *out = &finders[i];
            text_clear(&list);
            return ASSAY_OK;
        }
    }
    const char *near = options_nearest(word, names, FINDER_COUNT);
    const assay_code code = assay_fail(err, ASSAY_E_USAGE,
                                       near ? "find knows no '%.100s'; did you mean %s?"
                                            : "find knows no '%.100s'; there are: %s",
                                       word, near ? near : text_view(&list));
    text_clear(&list);
    return code;
}

/* What belongs to one search is not silently left out of another. */
static assay_code check_belonging(const find_words *w, const finder *chosen, assay_err *err)
{
    const bool labels = chosen->show == find_show_label_errors;
    if ((w->project.metric || w->severe) && chosen->show != show_outliers)
        return assay_fail(err, ASSAY_E_USAGE, "--metric and --severe belong to find outliers");
    if ((w->from || w->order) && !labels)
        return assay_fail(err, ASSAY_E_USAGE, "--from and --order belong to find label-errors");
    if (w->order && w->from == LABELS_FROM_EMBEDDING)
        return assay_fail(err, ASSAY_E_USAGE,
                          "--order is among probabilities; an embedding has one order");
    if (w->embedding && labels && (w->from == LABELS_FROM_PROBABILITIES || w->order))
        return assay_fail(err, ASSAY_E_USAGE, "--embedding and probabilities contradict");
    return ASSAY_OK;
}

static assay_code settle(find_words *w, const option_words *words, const finder **chosen,
                         assay_err *err)
{
    if (words->count < 2)
        return assay_fail(err, ASSAY_E_USAGE,
                          "find needs what to find and a project: assay find outliers pets.assay "
                          "(--help says more)");
    const bool similar = !strcmp(words->word[0], "similar");
    if (similar && words->count < 3)
        return assay_fail(
            err, ASSAY_E_USAGE,
            "find similar needs a project and a sample: assay find similar pets.assay "
            "cat/0012.jpg");
    const size_t most = similar ? 3 : 2;
    if (words->count > most)
        return assay_fail(err, ASSAY_E_USAGE,
                          "find takes what to find and a project; '%.200s' is one too many",
                          words->word[most]);
    w->key = similar ? words->word[2] : NULL;
    if (w->csv + w->json + w->paths > 1)
        return assay_fail(err, ASSAY_E_USAGE, "use one of --csv, --json and --paths");
    if (w->zero && !w->paths)
        return assay_fail(err, ASSAY_E_USAGE, "--zero belongs to --paths");
    w->project.path = words->word[1];
    ASSAY_TRY(choose_finder(words->word[0], chosen, err));
    return check_belonging(w, *chosen, err);
}

int command_find(int argc, const char *const *argv)
{
    find_words w = {.limit = UINT64_MAX, .strength = (double)NEAR_DUPLICATE_STRENGTH};
    project_words_init(&w.project);
    w.project.model_optional = true;
    option_spec specs[PROJECT_SPECS_MOST] = {
        OPT_TEXT("metric", &w.project.metric, "A,B",
                 "outliers of these metrics (all that say something of the image)"),
        OPT_FLAG("severe", &w.severe, "only severe outliers"),
        {.name = "strength",
         .kind = OPTION_REAL,
         .target = &w.strength,
         .argument = "X",
         .help = "duplicates: how alike two pictures must be, 0 to 1 (0.95)",
         .low = 0.0,
         .high = 1.0},
        OPT_FLAG("equal", &w.equal, "duplicates: only those that are equal in every pixel"),
        OPT_CHOICE("from", &w.from, label_bases, "WHAT",
                   "label-errors: judge by probabilities or by embedding (probabilities where "
                   "there are any)"),
        OPT_CHOICE("order", &w.order, label_orders, "SCORE",
                   "label-errors by probabilities: normalised_margin (the default) or "
                   "self_confidence"),
        OPT_TEXT("embedding", &w.embedding, "NAME",
                 "similar, label-errors: by this one, not the default"),
        OPT_COUNT("limit", &w.limit, 0, 4294967295.0,
                  "list at most N, 0 for all (50 in a table, else all)"),
        OPT_FLAG("json", &w.json, "for programs; docs/json.md is its contract"),
        OPT_FLAG("csv", &w.csv, "the list as CSV"),
        OPT_FLAG("paths", &w.paths, "only the paths, one a line"),
        OPT_FLAG("zero", &w.zero, "end each path with a zero byte, for xargs -0"),
    };
    size_t spec_count = 12;
    spec_count += project_specs(&w.project, specs + spec_count);
    assay_err err;
    option_words words;
    if (options_parse(specs, spec_count, argc, argv, &words, &err))
        return terminal_fail(&err);
    if (words.help)
        return project_help(usage, specs, spec_count, examples);
    frame *f = NULL;
    const finder *chosen = &finders[0];
    if (settle(&w, &words, &chosen, &err) ||
        project_words_load(&w.project, chosen->needs ? chosen->needs : w.project.metric, &f, &err))
        return terminal_fail(&err);
    const int status = chosen->show(&w, f);
    frame_free(f);
    return status;
}
