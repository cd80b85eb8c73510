/* `assay add WHAT PROJECT …`: a table's labels, predictions or metrics, or where the images are
 * now. */
#include "cli/command.h"

#include "base/limits.h"
#include "cli/option_table.h"
#include "cli/progress_line.h"
#include "cli/project_words.h"
#include "cli/terminal.h"
#include "cli/told.h"
#include "cli/writer_words.h"
#include "project/move_root.h"
#include "store/npy.h"

#include <string.h>

enum { SPECS_MOST = TABLE_SPECS_MOST + 8 };

/* Most tables are read sooner. */
#define PATIENCE_SECONDS 1.0

typedef struct add_words {
    writer_words writer;
    table_words table;
} add_words;

static const char usage[] =
    "Usage: assay add predictions|labels|metrics PROJECT TABLE [options]\n"
    "       assay add root PROJECT FOLDER\n"
    "\n"
    "  predictions  what a model predicted; a model of the same name is replaced\n"
    "  labels       true classes; other numbers become metrics, other texts attributes\n"
    "  metrics      numbers and texts of the samples\n"
    "  root         the folder where the images are now\n"
    "\n"
    "A row belongs to the sample of its id or path: as it is, below the images' root, or by its\n"
    "file name where that is unique. All of the table is taken, or nothing.\n";

static const char examples[] =
    "\n"
    "Examples\n"
    "  assay add predictions pets.assay resnet.csv\n"
    "  assay add predictions pets.assay names.csv --probabilities vit.npy --model vit\n"
    "  assay add labels pets.assay labels.csv --allow-unmatched\n"
    "  assay add metrics pets.assay weather.parquet --id image\n"
    "  assay add root pets.assay /data/photos\n";

typedef struct subject {
    const char *name;
    add_kind kind;
    const char *command;
} subject;

static const subject subjects[] = {
    {"predictions", ADD_PREDICTIONS, "assay add predictions"},
    {"labels", ADD_LABELS, "assay add labels"},
    {"metrics", ADD_METRICS, "assay add metrics"},
};
enum { SUBJECT_COUNT = sizeof subjects / sizeof *subjects };

static int refuse_subject(const char *word)
{
    static const char *const names[] = {"predictions", "labels", "metrics", "root"};
    const char *near = options_nearest(word, names, sizeof names / sizeof *names);
    assay_err err;
    if (near)
        assay_fail(&err, ASSAY_E_USAGE, "add knows no '%.100s'; did you mean %s?", word, near);
    else
        assay_fail(&err, ASSAY_E_USAGE,
                   "add knows no '%.100s'; there are: predictions, labels, metrics, root", word);
    return terminal_fail(&err);
}

static assay_code settle(add_words *w, const option_words *words, const subject *s, assay_err *err)
{
    import_request *in = &w->table.request.import;
    if (words->count < 2 || (words->count < 3 && !in->probabilities_path))
        return assay_fail(err, ASSAY_E_USAGE,
                          "add %s needs a project and a table: assay add %s pets.assay table.csv "
                          "(--help says more)",
                          s->name, s->name);
    if (words->count > 3)
        return assay_fail(err, ASSAY_E_USAGE, "add takes one table; '%.200s' is one too many",
                          words->word[3]);
    w->writer.path = words->word[1];
    const char *third = words->count == 3 ? words->word[2] : NULL;
    if (third && npy_is_named(third) && s->kind == ADD_PREDICTIONS)
        in->predictions_path = third;
    else
        in->path = third;
    table_words_settle(&w->table, &w->writer);
    return ASSAY_OK;
}

static int add(const add_words *w, const subject *s)
{
    const project_access access = writer_access(&w->writer, s->command);
    project_writer *writer;
    add_notes notes = {0};
    assay_err err;
    if (project_writer_open(&access, &writer, &err))
        return terminal_fail(&err);
    progress_line line;
    const progress told = progress_line_start_for(&line, (int)w->writer.progress);
    line.patience = PATIENCE_SECONDS;
    add_request request = w->table.request;
    request.import.progress = &told;
    const assay_code code = add_table(writer, &request, &notes, &err);
    progress_line_end(&line);
    project_writer_close(writer);
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    told_added(&out, &notes);
    const int status = project_print(code, &out, &err);
    text_clear(&out);
    add_notes_clear(&notes);
    return status;
}

static int add_root(const add_words *w, const option_words *words)
{
    assay_err err;
    if (words->count != 3) {
        assay_fail(&err, ASSAY_E_USAGE,
                   "add root needs a project and a folder: assay add root pets.assay /data/photos");
        return terminal_fail(&err);
    }
    writer_words writer = w->writer;
    writer.path = words->word[1];
    const project_access access = writer_access(&writer, "assay add root");
    move_root_notes notes = {0};
    const assay_code code = move_root(&access, words->word[2], &notes, &err);
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    text_puts(&out, "the images are looked for in ");
    text_put_utf8(&out, notes.root, strlen(notes.root));
    text_puts(&out, "\n");
    const int status = project_print(code, &out, &err);
    text_clear(&out);
    return status;
}

/* All the options, so that the help of add without a word shows them too. */
static size_t specs_of(add_words *w, add_kind kind, option_spec *out)
{
    size_t count = table_specs(&w->table, kind, out);
    count += writer_specs(&w->writer, out + count);
    out[count++] = writer_progress_spec(&w->writer);
    return count;
}

int command_add(int argc, const char *const *argv)
{
    add_words w = {0};
    writer_words_init(&w.writer);
    const char *word = argc > 0 ? argv[0] : "";
    const subject *chosen = NULL;
    for (size_t i = 0; i < SUBJECT_COUNT; i++)
        chosen = strcmp(subjects[i].name, word) ? chosen : &subjects[i];
    const bool root = !strcmp(word, "root");
    option_spec specs[SPECS_MOST];
    const size_t spec_count = specs_of(&w, chosen ? chosen->kind : ADD_PREDICTIONS, specs);
    assay_err err;
    option_words words;
    if (argc > 0 && word[0] != '-' && !chosen && !root)
        return refuse_subject(word);
    if (options_parse(specs, spec_count, argc, argv, &words, &err))
        return terminal_fail(&err);
    if (words.help)
        return project_help(usage, specs, spec_count, examples);
    if (root)
        return add_root(&w, &words);
    if (!chosen) {
        assay_fail(
            &err, ASSAY_E_USAGE,
            "add needs what to add: predictions, labels, metrics or root (--help says more)");
        return terminal_fail(&err);
    }
    if (settle(&w, &words, chosen, &err))
        return terminal_fail(&err);
    return add(&w, chosen);
}
