/* What was decided of labels, for whoever changes them. */
#include "project/export_decisions.h"

#include "base/limits.h"
#include "base/quoting.h"
#include "store/project_folder.h"
#include "store/whole_file.h"

#include <string.h>
#include <strings.h>

ASSAY_AUTO_CLEAR_DECLARE(text)

static const char *const column_names[DECISION_COLUMNS] = {"id",       "path",      "label",
                                                           "decision", "suggested", "decided"};

/* A value that may be missing. */
typedef struct word {
    const char *at; /* NULL: missing */
    size_t length;
} word;

static word word_of(const char *at)
{
    return (word){at, at ? strlen(at) : 0};
}

static word text_of(const text_column *column, size_t row)
{
    if (!column->start)
        return (word){0};
    return (word){column->bytes + column->start[row],
                  (size_t)(column->start[row + 1] - column->start[row])};
}

static void put_word(text *out, word w, bool json)
{
    if (w.at && json)
        quote_json(out, w.at, w.length);
    else if (w.at)
        quote_csv(out, w.at, w.length);
    else if (json)
        text_puts(out, "null");
}

static void put_row(text *out, const frame *f, const decided_label *d, bool json)
{
    const uint16_t label = f->label[d->sample];
    const word words[DECISION_COLUMNS] = {
        text_of(f->id.start ? &f->id : &f->path, d->sample),
        text_of(&f->path, d->sample),
        word_of(label == CLASS_MISSING ? NULL : f->classes.name[label]),
        word_of(label_decision_word(d->decision)),
        word_of(d->suggested),
        word_of(d->decided),
    };
    text_puts(out, json ? "{" : "");
    for (size_t c = 0; c < DECISION_COLUMNS; c++) {
        text_puts(out, c == 0 ? "" : json ? ", " : ",");
        if (json)
            text_printf(out, "\"%s\": ", column_names[c]);
        put_word(out, words[c], json);
    }
    text_puts(out, json ? "}\n" : "\n");
}

size_t decisions_table(const frame *f, const decided_labels *decided, const selection *rows,
                       bool json, text *out)
{
    size_t count = 0;
    for (size_t c = 0; !json && c < DECISION_COLUMNS; c++)
        text_printf(out, "%s%s", c ? "," : "", column_names[c]);
    text_puts(out, json ? "" : "\n");
    for (size_t i = 0; i < decided->count; i++) {
        if (rows && !selection_has(rows, decided->at[i].sample))
            continue;
        put_row(out, f, &decided->at[i], json);
        count++;
    }
    return count;
}

static bool ends_with(const char *path, const char *ending)
{
    const size_t length = strlen(path), end = strlen(ending);
    return length > end && strcasecmp(path + length - end, ending) == 0;
}

static assay_code read_decisions(const frame *f, const export_decisions_request *request,
                                 decided_labels *out, assay_err *err)
{
    duck db;
    ASSAY_TRY(project_read(request->project, request->thread_count, &db, err));
    const assay_code code = project_read_decisions(&db, f->row_count, out, err);
    duck_close(&db);
    return code;
}

assay_code export_decisions(const frame *f, const export_decisions_request *request,
                            size_t *row_count, assay_err *err)
{
    const bool json = ends_with(request->path, ".jsonl");
    *row_count = 0;
    if (!json && !ends_with(request->path, ".csv"))
        return assay_fail(err, ASSAY_E_USAGE,
                          "%s: decisions are written to a name that ends in .csv or .jsonl",
                          request->path);
    ASSAY_AUTO_CLEAR(decided_labels) decided = {0};
    ASSAY_AUTO_CLEAR(text) table = {0};
    ASSAY_AUTO_CLEAR(whole_file) file = {0};
    ASSAY_TRY(read_decisions(f, request, &decided, err));
    text_init(&table, REPORT_BYTES_MOST);
    *row_count = decisions_table(f, &decided, request->rows, json, &table);
    ASSAY_TRY(text_check(&table, err));
    ASSAY_TRY(whole_file_open(&file, request->path, request->replace, err));
    ASSAY_TRY(whole_file_write(&file, text_view(&table), table.length, err));
    return whole_file_finish(&file, err);
}
