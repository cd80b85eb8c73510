/* `assay measure PROJECT`: the measures that are missing. */
#include "cli/command.h"

#include "base/limits.h"
#include "cli/option_table.h"
#include "cli/progress_line.h"
#include "cli/project_words.h"
#include "cli/terminal.h"
#include "cli/told.h"
#include "cli/writer_words.h"
#include "project/measure_images.h"

static const char usage[] =
    "Usage: assay measure PROJECT [options]\n"
    "\n"
    "Decode every image once and measure it: brightness, contrast, sharpness, colours, size and "
    "more\n"
    "(docs/measures.md). Only what is missing is computed, and images that were written since.\n"
    "Interrupted, the same command goes on where it stopped.\n";

static const char examples[] = "\n"
                               "Examples\n"
                               "  assay measure pets.assay\n"
                               "  assay measure pets.assay --again\n";

static int measure(const writer_words *w, bool again)
{
    const project_access access = writer_access(w, "assay measure");
    project_writer *writer;
    assay_err err;
    if (project_writer_open(&access, &writer, &err))
        return terminal_fail(&err);
    progress_line line;
    const progress told = progress_line_start_for(&line, (int)w->progress);
    const measure_images_request request = {
        .thread_count = (int)w->threads, .again = again, .progress = &told};
    measure_images_notes notes;
    const assay_code code = measure_images(writer, &request, &notes, &err);
    progress_line_end(&line);
    project_writer_close(writer);
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    told_measured(&out, w->path, &notes);
    const int status = project_print(code, &out, &err);
    text_clear(&out);
    return status;
}

int command_measure(int argc, const char *const *argv)
{
    writer_words w;
    bool again = false;
    writer_words_init(&w);
    option_spec specs[8] = {OPT_FLAG("again", &again, "also images that have their measures"),
                            writer_progress_spec(&w)};
    const size_t spec_count = 2 + writer_specs(&w, specs + 2);
    assay_err err;
    option_words words;
    if (options_parse(specs, spec_count, argc, argv, &words, &err))
        return terminal_fail(&err);
    if (words.help)
        return project_help(usage, specs, spec_count, examples);
    if (words.count != 1) {
        assay_fail(&err, ASSAY_E_USAGE,
                   words.count ? "measure takes one project; '%.200s' is one too many"
                               : "measure needs a project: assay measure pets.assay%.0s",
                   words.count ? words.word[1] : "");
        return terminal_fail(&err);
    }
    w.path = words.word[0];
    return measure(&w, again);
}
