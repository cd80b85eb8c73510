/* `assay report PROJECT -o FILE`: what the workbench shows, as one file that opens anywhere. */
#include "cli/command.h"

#include "cli/option_table.h"
#include "cli/progress_line.h"
#include "cli/project_words.h"
#include "cli/terminal.h"
#include "server/report_file.h"
#include "store/whole_file.h"

#include <string.h>

typedef struct report_words {
    project_words project;
    const char *output;
    uint64_t worst;
    bool force;
} report_words;

static const char usage[] =
    "Usage: assay report PROJECT -o FILE [options]\n"
    "\n"
    "Write one HTML file that opens in any browser, without a server and without a network: the\n"
    "scores, the confusion matrix, the classes, what goes with errors, the performance by each\n"
    "metric, and the most confident mistakes with small pictures of them.\n"
    "\n";

static const char examples[] =
    "\n"
    "Examples\n"
    "  assay report pets.assay -o report.html\n"
    "  assay report pets.assay --model resnet --where \"split = 'test'\" -o test.html\n";

static assay_code settle(report_words *w, const option_words *words, assay_err *err)
{
    if (words->count != 1)
        return assay_fail(err, ASSAY_E_USAGE,
                          words->count ? "report takes one project; '%.200s' is one too many"
                                       : "report needs a project: assay report pets.assay -o "
                                         "report.html%.0s",
                          words->count ? words->word[1] : "");
    if (!w->output)
        return assay_fail(err, ASSAY_E_USAGE, "report needs a file to write: -o report.html");
    w->project.path = words->word[0];
    return ASSAY_OK;
}

/* The file's place is taken before the work begins: a wrong name is told at once. */
static assay_code write_report(const report_words *w, const progress *told, size_t *bytes,
                               report_file_notes *notes, assay_err *err)
{
    ASSAY_AUTO_CLEAR(whole_file) file = {0};
    ASSAY_TRY(whole_file_open(&file, w->output, w->force, err));
    const report_file_request request = {.project = w->project.path,
                                         .model = w->project.model,
                                         .where = w->project.where,
                                         .worst = (uint32_t)w->worst,
                                         .thread_count = (int)w->project.threads,
                                         .progress = told};
    text page;
    ASSAY_TRY(report_file_make(&request, &page, notes, err));
    assay_code code = whole_file_write(&file, page.at, page.length, err);
    *bytes = page.length;
    text_clear(&page);
    return code == ASSAY_OK ? whole_file_finish(&file, err) : code;
}

static int run(const report_words *w)
{
    progress_line line;
    const progress told = progress_line_start(&line);
    assay_err err;
    size_t bytes = 0;
    report_file_notes notes = {0};
    const assay_code code = write_report(w, &told, &bytes, &notes, &err);
    progress_line_end(&line);
    text out;
    text_init(&out, 1 << 16);
    text_put_utf8(&out, w->output, strlen(w->output));
    text_printf(&out, ": %.1f MB; open it in a browser\n", (double)bytes / 1e6);
    if (notes.unread > 0) {
        text_printf(&out, "  ! %zu of %zu pictures could not be read and are left out; the first: ",
                    notes.unread, notes.pictures);
        text_put_utf8(&out, notes.why.msg, strlen(notes.why.msg));
        text_puts(&out, "\n");
    }
    const int status = project_print(code, &out, &err);
    text_clear(&out);
    return status;
}

int command_report(int argc, const char *const *argv)
{
    report_words w = {.worst = REPORT_WORST_MOST};
    project_words_init(&w.project);
    option_spec specs[PROJECT_SPECS_MOST] = {
        OPT_LETTER('o', "output", &w.output, "FILE", "where to, such as report.html"),
        OPT_FLAG("force", &w.force, "replace FILE where it exists"),
        OPT_COUNT("worst", &w.worst, 0, REPORT_WORST_MOST,
                  "show N of the most confident mistakes (200)"),
    };
    size_t spec_count = 3;
    spec_count += project_specs(&w.project, specs + spec_count);
    assay_err err;
    option_words words;
    if (options_parse(specs, spec_count, argc, argv, &words, &err))
        return terminal_fail(&err);
    if (words.help)
        return project_help(usage, specs, spec_count, examples);
    return settle(&w, &words, &err) ? terminal_fail(&err) : run(&w);
}
