/* `assay tag PROJECT NAME`: a name for a set of samples. */
#include "cli/command.h"

#include "base/limits.h"
#include "cli/option_table.h"
#include "cli/project_words.h"
#include "cli/terminal.h"
#include "cli/told.h"
#include "cli/writer_words.h"
#include "project/tag_samples.h"
#include "project/wording.h"

typedef struct tag_words {
    writer_words writer;
    tag_request request;
} tag_words;

static const char usage[] =
    "Usage: assay tag PROJECT NAME --where CONDITION | --paths FILE [options]\n"
    "\n"
    "Give a name to a set of samples. Every condition then has a column of it that is true or\n"
    "false: tag_NAME.\n";

static const char examples[] = "\n"
                               "Examples\n"
                               "  assay tag pets.assay night --where \"brightness < 0.2\"\n"
                               "  assay evaluate pets.assay --where \"NOT tag_night\"\n"
                               "  assay tag pets.assay checked --paths checked.txt\n"
                               "  assay tag pets.assay night --where \"light < 0.1\" --remove\n";

static int tag(const tag_words *w)
{
    const project_access access = writer_access(&w->writer, "assay tag");
    project_writer *writer;
    assay_err err;
    if (project_writer_open_beside(&access, &writer, &err))
        return terminal_fail(&err);
    tag_notes notes;
    const assay_code code = tag_samples(writer, &w->request, &notes, &err);
    project_writer_close(writer);
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    text_printf(&out, "%s: ", w->request.name);
    wording_counted(&out, notes.chosen, "sample", "samples");
    text_puts(&out, w->request.remove ? ", taken from " : ", new to ");
    wording_count(&out, notes.changed);
    text_puts(&out, " of them\n");
    if (notes.no_tag)
        text_printf(&out, "  ! the project has no tag '%s'\n", w->request.name);
    if (notes.unmatched > 0) {
        text_puts(&out, "  ! ");
        wording_counted(&out, notes.unmatched, "line was", "lines were");
        text_puts(&out, " left out: no sample of the project\n");
    }
    const int status = project_print(code, &out, &err);
    text_clear(&out);
    return status;
}

static assay_code settle(tag_words *w, const option_words *words, assay_err *err)
{
    if (words->count != 2)
        return assay_fail(err, ASSAY_E_USAGE,
                          "tag needs a project and a name: assay tag pets.assay night --where "
                          "\"brightness < 0.2\" (--help says more)");
    w->writer.path = words->word[0];
    w->request.name = words->word[1];
    w->request.thread_count = (int)w->writer.threads;
    w->request.give_up = project_give_up;
    return ASSAY_OK;
}

int command_tag(int argc, const char *const *argv)
{
    tag_words w = {0};
    writer_words_init(&w.writer);
    option_spec specs[12] = {
        OPT_TEXT("where", &w.request.where, "CONDITION",
                 "samples for which an SQL condition over the columns is true"),
        OPT_TEXT("paths", &w.request.paths, "FILE", "samples whose id or path stands in a line"),
        OPT_TEXT("model", &w.request.model, "NAME", "the model that the condition speaks of"),
        OPT_FLAG("remove", &w.request.remove, "take the tag from them"),
        OPT_FLAG("allow-unmatched", &w.request.allow_unmatched,
                 "lines that are no sample are left out"),
    };
    const size_t spec_count = 5 + writer_specs(&w.writer, specs + 5);
    assay_err err;
    option_words words;
    if (options_parse(specs, spec_count, argc, argv, &words, &err))
        return terminal_fail(&err);
    if (words.help)
        return project_help(usage, specs, spec_count, examples);
    if (settle(&w, &words, &err))
        return terminal_fail(&err);
    return tag(&w);
}
