/* `assay create PROJECT --images …`: a project of images, labels, predictions and measures. */
#include "cli/command.h"

#include "base/limits.h"
#include "cli/option_table.h"
#include "cli/progress_line.h"
#include "cli/project_words.h"
#include "cli/terminal.h"
#include "cli/told.h"
#include "cli/writer_words.h"
#include "project/create.h"
#include "project/wording.h"
#include "store/npy.h"

#include <string.h>

enum { SPECS_MOST = 40 };

typedef struct create_words {
    writer_words writer;
    create_request request;
    table_words table;
    const char *predictions;
} create_words;

static const char usage[] =
    "Usage: assay create PROJECT --images PATH [options]\n"
    "\n"
    "Make a project, a folder that is best called NAME.assay, of images and what is known of "
    "them:\n"
    "list the images, take their labels, add a model's predictions, measure every image and find\n"
    "out which look alike.\n"
    "Images are read where they are, never copied. Interrupted, the same command goes on.\n"
    "\n"
    "PATH is a folder a class; split folders above those; a flat folder; a Hugging Face image "
    "folder\n"
    "or Parquet; FiftyOne's labels.json; IDX files (MNIST); an .npy of images; a table with a "
    "column\n"
    "of paths. docs/formats.md shows each.\n";

static const char examples[] =
    "\n"
    "Examples\n"
    "  assay create pets.assay --images photos/ --predictions resnet.csv\n"
    "  assay create birds.assay --images birds/ --labels birds.csv\n"
    "  assay create digits.assay --images t10k-images-idx3-ubyte.gz\n"
    "  assay create sheets.assay --images sheets.parquet --no-measure\n";

static size_t image_specs(create_words *w, option_spec *out)
{
    image_list_request *list = &w->request.list;
    const option_spec specs[] = {
        OPT_HEADING("Images and labels"),
        OPT_TEXT("images", &list->images, "PATH", "the folder or file that holds the images"),
        OPT_TEXT("root", &list->root, "FOLDER",
                 "the folder that paths are relative to, where it is not that of the images"),
        OPT_TEXT("labels", &list->labels, "FILE",
                 "a table of labels, joined by id or path; for arrays also IDX or .npy in order"),
        OPT_FLAG("no-measure", &w->request.no_measure,
                 "neither measure nor describe the images now"),
        OPT_FLAG("no-embed", &w->request.no_embed, "do not describe what the images look like"),
        OPT_HEADING("Predictions"),
        OPT_TEXT("predictions", &w->predictions, "TABLE",
                 "what a model predicted, joined by id or path; more models with assay add"),
    };
    memcpy(out, specs, sizeof specs);
    return sizeof specs / sizeof *specs;
}

static assay_code settle(create_words *w, const option_words *words, assay_err *err)
{
    create_request *r = &w->request;
    if (words->count == 0 || !r->list.images)
        return assay_fail(err, ASSAY_E_USAGE,
                          "create needs a project and its images: assay create pets.assay --images "
                          "photos/ (--help says more)");
    if (words->count > 1)
        return assay_fail(err, ASSAY_E_USAGE, "create makes one project; '%.200s' is one too many",
                          words->word[1]);
    w->writer.path = words->word[0];
    table_words_settle(&w->table, &w->writer);
    r->access = writer_access(&w->writer, "assay create");
    r->list.thread_count = (int)w->writer.threads;
    r->list.id = w->table.request.import.id;
    r->list.label = w->table.request.import.label;
    r->list.classes = w->table.request.import.classes;
    r->allow_unmatched = w->table.request.allow_unmatched;
    r->predictions = w->table.request;
    if (w->predictions && npy_is_named(w->predictions))
        r->predictions.import.predictions_path = w->predictions;
    else
        r->predictions.import.path = w->predictions;
    return ASSAY_OK;
}

static void tell(const create_words *w, const create_notes *n, text *out)
{
    text_printf(out, "%s: ", w->writer.path);
    wording_counted(out, n->count, "sample", "samples");
    if (n->resumed) {
        text_puts(out, "; the project is there already, going on with it\n");
    } else {
        text_printf(out, ", from %s", n->kind);
        if (n->labels > 0) {
            text_puts(out, ", ");
            wording_counted(out, n->classes, "class", "classes");
        }
        if (n->labels < n->count) {
            text_puts(out, "; ");
            wording_counted(out, n->count - n->labels, "has no label", "have no label");
        }
        if (n->splits > 0) {
            text_puts(out, "; in ");
            wording_counted(out, n->splits, "split", "splits");
        }
        text_puts(out, "\n");
    }
    told_warnings(out, n->warning, n->warning_count);
    if (n->has_predictions)
        told_added(out, &n->predictions);
    if (n->has_embedding)
        told_embedded(out, w->writer.path, &n->embedding);
    if (n->has_measures)
        told_measured(out, w->writer.path, &n->measures);
    const char *next = n->has_predictions                    ? "evaluate"
                       : n->has_measures || n->has_embedding ? "metrics"
                                                             : "measure";
    text_printf(out, "\nnext: assay %s %s\n", next, w->writer.path);
}

static int create(const create_words *w)
{
    progress_line line;
    const progress told = progress_line_start(&line);
    create_request request = w->request;
    request.progress = &told;
    create_notes notes;
    assay_err err;
    const assay_code code = create_project(&request, &notes, &err);
    progress_line_end(&line);
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    if (code == ASSAY_OK)
        tell(w, &notes, &out);
    const int status = project_print(code, &out, &err);
    text_clear(&out);
    create_notes_clear(&notes);
    return status;
}

int command_create(int argc, const char *const *argv)
{
    create_words w = {0};
    writer_words_init(&w.writer);
    option_spec specs[SPECS_MOST];
    size_t spec_count = image_specs(&w, specs);
    spec_count += table_specs(&w.table, ADD_PREDICTIONS, specs + spec_count);
    spec_count += writer_specs(&w.writer, specs + spec_count);
    assay_err err;
    option_words words;
    if (options_parse(specs, spec_count, argc, argv, &words, &err))
        return terminal_fail(&err);
    if (words.help)
        return project_help(usage, specs, spec_count, examples);
    if (settle(&w, &words, &err))
        return terminal_fail(&err);
    return create(&w);
}
