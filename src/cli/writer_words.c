/* What the commands that change a project share: options, and how they open it. */
#include "cli/writer_words.h"

#include "base/threads.h"
#include "cli/option_table.h"
#include "cli/table_files.h"
#include "cli/told.h"

#include <string.h>

enum { WAIT_DEFAULT = 10, WAIT_MOST = 86400, DESCRIPTOR_MOST = 1023 };

void writer_words_init(writer_words *w)
{
    *w = (writer_words){.threads = (uint64_t)threads_available(), .wait = WAIT_DEFAULT};
}

size_t writer_specs(writer_words *w, option_spec *out)
{
    const option_spec specs[] = {
        OPT_HEADING("How"),
        OPT_COUNT("threads", &w->threads, 1, THREADS_MOST, "threads to use (all processors)"),
        OPT_COUNT("wait", &w->wait, 0, WAIT_MOST,
                  "seconds to wait while another command writes the project (10)"),
    };
    memcpy(out, specs, sizeof specs);
    return sizeof specs / sizeof *specs;
}

option_spec writer_progress_spec(writer_words *w)
{
    return (option_spec)OPT_COUNT("progress-fd", &w->progress, 3, DESCRIPTOR_MOST, NULL);
}

project_access writer_access(const writer_words *w, const char *command)
{
    return (project_access){.path = w->path,
                            .command = command,
                            .wait_seconds = (int)w->wait,
                            .thread_count = (int)w->threads,
                            .tell = told_meanwhile};
}

static size_t prediction_specs(table_words *w, option_spec *out)
{
    import_request *in = &w->request.import;
    const option_spec specs[] = {
        OPT_TEXT("prediction", &in->prediction, "COLUMN", "the column of predicted classes"),
        OPT_TEXT("confidence", &in->confidence, "COLUMN", "the column of confidences"),
        OPT_TEXT("probabilities", &in->probabilities_path, "FILE.npy",
                 "N×K probabilities, rows in the order of the table"),
        OPT_FLAG("logits", &in->logits, "the probabilities are logits: take their softmax"),
        OPT_FLAG("rows-in-order", &w->request.rows_in_order,
                 "row i is the project's sample i: for a matrix without a table"),
        OPT_TEXT("model", &w->request.model, "NAME",
                 "what the model is called (the file's name); one of this name is replaced"),
        OPT_FLAG("allow-nan", &in->allow_nan,
                 "confidences and probabilities that are not finite count as missing"),
        OPT_FLAG("allow-any-sum", &in->allow_any_sum,
                 "probabilities that do not add up to 1 are divided by their sum"),
    };
    memcpy(out, specs, sizeof specs);
    return sizeof specs / sizeof *specs;
}

static size_t class_specs(table_words *w, option_spec *out)
{
    import_request *in = &w->request.import;
    const option_spec specs[] = {
        OPT_TEXT("label", &in->label, "COLUMN", "the column of true labels"),
        OPT_TEXT(
            "classes", &in->classes, "LIST",
            "class names in the order of the matrix or of the integers in the table: a,b,c or a "
            "file with one a line (the project's order)"),
        OPT_FLAG("allow-unknown-classes", &in->allow_unknown_classes,
                 "classes that are not in --classes count as missing"),
    };
    memcpy(out, specs, sizeof specs);
    return sizeof specs / sizeof *specs;
}

size_t table_specs(table_words *w, add_kind kind, option_spec *out)
{
    import_request *in = &w->request.import;
    w->format = -1;
    const option_spec specs[] = {
        OPT_HEADING("What to read"),
        OPT_TEXT("id", &in->id, "COLUMN", "the column of ids or paths"),
        OPT_CHOICE("format", &w->format, table_formats, "FORMAT",
                   "csv, tsv, json, jsonl or parquet, where the file's name does not say so"),
        OPT_FLAG("allow-unmatched", &w->request.allow_unmatched,
                 "rows of no sample, and second rows of one, are left out"),
    };
    memcpy(out, specs, sizeof specs);
    size_t count = sizeof specs / sizeof *specs;
    w->request.kind = kind;
    if (kind != ADD_METRICS)
        count += class_specs(w, out + count);
    if (kind == ADD_PREDICTIONS)
        count += prediction_specs(w, out + count);
    return count;
}

void table_words_settle(table_words *w, const writer_words *writer)
{
    w->request.import.format = w->format < 0 ? NULL : table_formats[w->format];
    w->request.import.thread_count = (int)writer->threads;
}
