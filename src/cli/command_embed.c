/* `assay embed PROJECT`: what the images look like, and which look alike. */
#include "cli/command.h"

#include "base/limits.h"
#include "cli/option_table.h"
#include "cli/progress_line.h"
#include "cli/project_words.h"
#include "cli/terminal.h"
#include "cli/told.h"
#include "cli/writer_words.h"
#include "project/embed_images.h"
#include "project/own_vectors.h"

typedef struct embed_words {
    writer_words writer;
    embed_images_request request;
    uint64_t seed;
} embed_words;

static const char usage[] = "Usage: assay embed PROJECT [options]\n"
                            "\n"
                            "Describe what each image looks like and find the 50 most similar ones "
                            "of each. The description is\n"
                            "learned from the project's own images, without labels, weights or "
                            "network; it sees layout, edges\n"
                            "and colours, not what a picture shows (docs/embeddings.md). From the "
                            "neighbours come the metrics\n"
                            "uniqueness, annotation_quality, diversity and embedding_outlier, and "
                            "duplicates and label errors.\n"
                            "Images that have no measures yet are measured in the same pass.\n";

static const char examples[] =
    "\n"
    "Examples\n"
    "  assay embed pets.assay\n"
    "  assay embed pets.assay --from clip.npy --ids paths.txt --name clip --default\n"
    "  assay embed pets.assay --from dino.npy --rows-in-order\n";

static int embed(const embed_words *w)
{
    const project_access access = writer_access(&w->writer, "assay embed");
    project_writer *writer;
    assay_err err;
    if (project_writer_open(&access, &writer, &err))
        return terminal_fail(&err);
    progress_line line;
    const progress told = progress_line_start_for(&line, (int)w->writer.progress);
    embed_images_request request = w->request;
    request.progress = &told;
    request.thread_count = (int)w->writer.threads;
    request.seed = w->seed;
    request.tell = told_meanwhile;
    embed_images_notes notes;
    const assay_code code = embed_images(writer, &request, &notes, &err);
    progress_line_end(&line);
    project_writer_close(writer);
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    if (code == ASSAY_OK)
        told_embedded(&out, w->writer.path, &notes);
    const int status = project_print(code, &out, &err);
    text_clear(&out);
    return status;
}

static assay_code settle(embed_words *w, const option_words *words, assay_err *err)
{
    const embed_images_request *r = &w->request;
    if (words->count == 0)
        return assay_fail(err, ASSAY_E_USAGE, "embed needs a project: assay embed pets.assay");
    if (words->count > 1)
        return assay_fail(err, ASSAY_E_USAGE, "embed takes one project; '%.200s' is one too many",
                          words->word[1]);
    if (!r->from && (r->ids || r->rows_in_order))
        return assay_fail(err, ASSAY_E_USAGE,
                          "--ids and --rows-in-order say whose the vectors of --from are");
    if (r->from && !r->ids && !r->rows_in_order)
        return own_vectors_refuse(r->from, err);
    w->writer.path = words->word[0];
    return ASSAY_OK;
}

int command_embed(int argc, const char *const *argv)
{
    embed_words w = {.seed = 1};
    writer_words_init(&w.writer);
    option_spec specs[16] = {
        OPT_TEXT("from", &w.request.from, "FILE.npy",
                 "vectors of your own (samples × dimensions) instead of assay's description"),
        OPT_TEXT("ids", &w.request.ids, "FILE",
                 "whose they are: a list with an id or path a line, or a table with such a column"),
        OPT_FLAG("rows-in-order", &w.request.rows_in_order,
                 "row i of them is the project's sample i"),
        OPT_FLAG("allow-unmatched", &w.request.allow_unmatched, "rows of no sample are left out"),
        OPT_TEXT("name", &w.request.name, "NAME", "what it is called (visual, or the file's name)"),
        OPT_FLAG("default", &w.request.make_default,
                 "metrics, duplicates and similar images come from this one from now on"),
        OPT_FLAG("again", &w.request.again, "though nothing has changed"),
        OPT_COUNT("seed", &w.seed, 0, 9007199254740992.0, "of everything random (1)"),
        writer_progress_spec(&w.writer),
    };
    const size_t spec_count = 9 + writer_specs(&w.writer, specs + 9);
    assay_err err;
    option_words words;
    if (options_parse(specs, spec_count, argc, argv, &words, &err))
        return terminal_fail(&err);
    if (words.help)
        return project_help(usage, specs, spec_count, examples);
    if (settle(&w, &words, &err))
        return terminal_fail(&err);
    return embed(&w);
}
