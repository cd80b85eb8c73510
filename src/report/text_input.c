/* What was read and how it was understood, and what the reader must know first. */
#include "report/text_sections.h"

#include "base/limits.h"
#include "project/wording.h"

#include <string.h>

/* Names in a list before it is cut: what two or three lines hold; every measure of an image is
 * named. */
enum { NAMES_LISTED = 24, CLASSES_LISTED = 20 };

static const char *const role_words[] = {
    [ROLE_LABEL] = "label",           [ROLE_PREDICTION] = "prediction",
    [ROLE_CONFIDENCE] = "confidence", [ROLE_ID] = "id",
    [ROLE_GROUP] = "group",           [ROLE_PROBABILITY] = "probabilities",
    [ROLE_TOP_LABELS] = "top labels", [ROLE_TOP_PROBABILITIES] = "top probs",
    [ROLE_CLASS] = "class",           [ROLE_METRIC] = "metrics",
    [ROLE_ATTRIBUTE] = "attributes",  [ROLE_IGNORED] = "not used",
};
enum { ROLE_COUNT = sizeof role_words / sizeof *role_words };

static void and_more(text *words, size_t count, size_t listed)
{
    if (count <= listed)
        return;
    text_puts(words, " and ");
    wording_count(words, count - listed);
    text_puts(words, " more");
}

static void key_from(const page *p, const char *key, text *words)
{
    if (words->length > 0)
        page_key(p, key, text_view(words));
    p->out->broken = p->out->broken || words->broken;
    text_clear(words);
}

static void probability_range(const import_notes *notes, size_t count, text *words)
{
    const char *first = NULL;
    const char *last = NULL;
    for (size_t i = 0; i < notes->column_count; i++) {
        if (notes->column[i].role != ROLE_PROBABILITY)
            continue;
        first = first ? first : notes->column[i].name;
        last = notes->column[i].name;
    }
    wording_count(words, count);
    text_printf(words, " columns, %s to %s", first, last);
}

static void print_role(const page *p, size_t role, text *words)
{
    const import_notes *notes = &p->e->notes;
    size_t count = 0;
    for (size_t i = 0; i < notes->column_count; i++) {
        if (notes->column[i].role != (column_role)role)
            continue;
        if (count < NAMES_LISTED)
            text_printf(words, "%s%s", count ? ", " : "", notes->column[i].name);
        count++;
    }
    if (role == ROLE_PROBABILITY && count > 3) {
        text_clear(words);
        probability_range(notes, count, words);
    } else {
        and_more(words, count, NAMES_LISTED);
    }
    key_from(p, role_words[role], words);
}

static void print_classes(const page *p, text *words)
{
    const class_list *classes = &p->e->frame->classes;
    size_t shown = p->e->shown ? p->e->shown_count : classes->count;
    wording_count(words, shown);
    if (p->e->shown) {
        text_puts(words, " of ");
        wording_count(words, classes->count);
        text_puts(words, " shown");
    }
    text_puts(words, ": ");
    size_t listed = 0;
    for (size_t k = 0; k < classes->count && listed < CLASSES_LISTED; k++) {
        if (!p->e->shown || p->e->shown[k])
            text_printf(words, "%s%s", listed++ ? ", " : "", classes->name[k]);
    }
    and_more(words, shown, listed);
    key_from(p, "classes", words);
}

static void print_samples(const page *p, text *words)
{
    const evaluation *v = p->e->evaluation;
    wording_count(words, v->samples);
    if (p->e->request.where)
        text_printf(words, " where %s", p->e->request.where);
    if (v->samples < p->e->frame->row_count) {
        text_puts(words, ", of ");
        wording_count(words, p->e->frame->row_count);
    }
    if (v->scored < v->samples) {
        text_puts(words, "; scored: ");
        wording_count(words, v->scored);
        text_puts(words, p->e->shown ? " of the shown classes" : "");
    }
    if (v->group_count > 0) {
        text_puts(words, "; in ");
        wording_counted(words, v->group_count, "group", "groups");
    }
    key_from(p, "samples", words);
}

static void name_table(const evaluated *e, const char *path, text *words)
{
    const import_notes *notes = &e->notes;
    if (!path)
        return;
    text_printf(words, "%s (%s", path, notes->format ? notes->format : "table");
    if (notes->shape)
        text_printf(words, ", %s", notes->shape);
    text_puts(words, ")");
}

static void print_project(const page *p, text *words)
{
    text_printf(words, "%s (%s)", p->e->request.project, p->e->notes.shape);
    key_from(p, "project", words);
}

static void print_files(const page *p, text *words)
{
    const import_request *r = &p->e->request.import;
    const char *path = r->path ? r->path : r->labels_path;
    name_table(p->e, path, words);
    key_from(p, "file", words);
    if (r->path && r->labels_path)
        page_key(p, "labels", r->labels_path);
    if (r->predictions_path)
        page_key(p, "predictions", r->predictions_path);
    if (r->probabilities_path)
        page_key(p, r->logits ? "logits" : "probabilities", r->probabilities_path);
}

void section_input(const page *p)
{
    const char *model = p->e->request.model ? p->e->request.model : p->e->frame->model;
    text words;
    text_init(&words, REPORT_BYTES_MOST);
    text_puts(p->out, " ");
    ink_on(p->out, &p->style, INK_BOLD);
    put_name(p->out, &p->style, model ? model : "evaluation", (size_t)p->style.columns - 2);
    ink_off(p->out, &p->style, INK_BOLD);
    text_puts(p->out, "\n\n");
    if (p->e->request.project)
        print_project(p, &words);
    else
        print_files(p, &words);
    for (size_t role = 0; role < ROLE_COUNT; role++)
        print_role(p, role, &words);
    print_classes(p, &words);
    print_samples(p, &words);
}

void section_warnings(const page *p)
{
    if (p->e->warning_count > 0)
        text_puts(p->out, "\n");
    for (size_t i = 0; i < p->e->warning_count; i++) {
        text first;
        text_init(&first, 64);
        text_puts(&first, "  ");
        ink_puts(&first, &p->style, INK_WARN, p->style.unicode ? "▲" : "!");
        text_puts(&first, " ");
        page_words(p, text_view(&first), INK_PLAIN, p->e->warning[i].message);
        p->out->broken = p->out->broken || first.broken;
        text_clear(&first);
    }
}
