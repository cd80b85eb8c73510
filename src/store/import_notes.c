/* What a person should know about how the input was understood. */
#include "store/import_parts.h"

#include "store/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WARNING_BYTES_MOST = 512 };

void import_notes_clear(import_notes *notes)
{
    for (size_t i = 0; i < notes->column_count; i++)
        mem_free(notes->column[i].name);
    for (size_t i = 0; i < notes->warning_count; i++)
        mem_free(notes->warning[i]);
    mem_free(notes->column);
    mem_free(notes->warning);
    *notes = (import_notes){0};
}

assay_code import_notes_warn(import_notes *notes, assay_err *err, const char *fmt, ...)
{
    char words[WARNING_BYTES_MOST];
    va_list args;
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    char **grown = mem_resize(notes->warning, notes->warning_count + 1, sizeof *grown);
    if (!grown)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a warning");
    notes->warning = grown;
    grown[notes->warning_count] = mem_copy_text(words, strlen(words));
    if (!grown[notes->warning_count])
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a warning");
    notes->warning_count++;
    return ASSAY_OK;
}

static assay_code warn_of_column(import_notes *notes, const table *t, const table_column *c,
                                 assay_err *err)
{
    char name[80];
    source_show_value(c->name, strlen(c->name), name);
    if (c->dropped)
        return import_notes_warn(
            notes, err,
            "%s: column '%s' has more than %d distinct texts, or one of more than "
            "%d bytes, and is ignored",
            t->path, name, ATTRIBUTE_VALUES_MOST, NAME_BYTES_MOST);
    if (c->role == ROLE_IGNORED && c->kind != KIND_EMPTY)
        return import_notes_warn(notes, err, "%s: column '%s' is ignored%s", t->path, name,
                                 c->kind == KIND_NUMBER || c->kind == KIND_TEXT
                                     ? ""
                                     : ": lists and records are not read");
    return ASSAY_OK;
}

assay_code import_note_columns(import_notes *notes, const table *t, assay_err *err)
{
    static const char *const shapes[] = {"one row a sample", "probability columns", "top-k lists",
                                         "long form"};
    notes->format = t->format;
    notes->shape = shapes[t->shape];
    notes->column = mem_zalloc(t->column_count, sizeof *notes->column);
    if (!notes->column)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the names of the columns");
    for (size_t i = 0; i < t->column_count; i++) {
        const table_column *c = &t->column[i];
        notes->column[i].role = c->dropped ? ROLE_IGNORED : c->role;
        if (t->shape == SHAPE_LONG && c->role == ROLE_CONFIDENCE)
            notes->column[i].role = ROLE_PROBABILITY; /* of the class beside it */
        notes->column[i].name = mem_copy_text(c->name, strlen(c->name));
        if (!notes->column[i].name)
            return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the names of the columns");
        notes->column_count = i + 1;
        ASSAY_TRY(warn_of_column(notes, t, c, err));
    }
    return ASSAY_OK;
}
