/* What was done, in a line or two each. */
#include "cli/told.h"

#include "project/wording.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MEANWHILE_BYTES_MOST = 16384 };

/* It may come from a file, and shall not act on a terminal. */
static void put_name(text *out, const char *name)
{
    text_put_visible(out, name, strlen(name));
}

void told_warnings(text *out, char *const *warning, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_puts(out, "  ! ");
        put_name(out, warning[i]);
        text_puts(out, "\n");
    }
}

static void put_roles(text *out, const import_notes *notes, column_role role, const char *what)
{
    size_t count = 0;
    for (size_t i = 0; i < notes->column_count; i++) {
        if (notes->column[i].role != role)
            continue;
        if (count++ == 0)
            text_printf(out, "  %-12s ", what);
        if (count > 8)
            continue;
        text_puts(out, count > 1 ? ", " : "");
        put_name(out, notes->column[i].name);
    }
    if (count > 8) {
        text_puts(out, " and ");
        wording_count(out, count - 8);
        text_puts(out, " more");
    }
    if (count > 0)
        text_puts(out, "\n");
}

static void put_columns(text *out, const add_notes *notes)
{
    static const struct {
        column_role role;
        const char *what;
    } roles[] = {{ROLE_ID, "id"},
                 {ROLE_LABEL, "label"},
                 {ROLE_PREDICTION, "prediction"},
                 {ROLE_CONFIDENCE, "confidence"},
                 {ROLE_PROBABILITY, "probabilities"},
                 {ROLE_TOP_LABELS, "top labels"},
                 {ROLE_METRIC, "metrics"},
                 {ROLE_ATTRIBUTE, "attributes"},
                 {ROLE_IGNORED, "not used"}};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        put_roles(out, &notes->import, roles[i].role, roles[i].what);
}

static void put_left_out(text *out, uint64_t count, const char *what)
{
    if (count == 0)
        return;
    text_puts(out, "  ! ");
    wording_counted(out, count, "row was", "rows were");
    text_printf(out, " left out: %s\n", what);
}

/* In a project that has classes, a new one is rather a name that is spelt in another way. */
static void put_new_classes(text *out, const add_notes *notes)
{
    if (notes->new_classes == 0)
        return;
    text_puts(out, notes->new_classes < notes->class_count ? "  ! " : "  ");
    wording_counted(out, notes->new_classes, "class is new: ", "classes are new: ");
    put_name(out, notes->new_names);
    if (notes->new_classes < notes->class_count) {
        text_puts(out, "; the project now has ");
        wording_count(out, notes->class_count);
    }
    text_puts(out, "\n");
}

void told_added(text *out, const add_notes *notes)
{
    if (notes->model) {
        put_name(out, notes->model);
        text_puts(out, notes->replaced ? ": predictions replaced: " : ": predictions added: ");
    } else {
        text_puts(out, "added: ");
    }
    wording_count(out, notes->matched);
    text_puts(out, " of ");
    wording_counted(out, notes->sample_count, "sample", "samples");
    text_printf(out, ", joined by %s\n", notes->joined_by);
    put_columns(out, notes);
    if (notes->labels > 0) {
        text_puts(out, "  ");
        wording_counted(out, notes->labels, "sample has", "samples have");
        text_puts(out, " a label from it\n");
    }
    put_new_classes(out, notes);
    put_left_out(out, notes->unmatched, "no sample of the project");
    put_left_out(out, notes->doubled, "a second row of a sample");
    told_warnings(out, notes->import.warning, notes->import.warning_count);
}

void told_measured(text *out, const char *project, const measure_images_notes *notes)
{
    if (notes->measured == 0) {
        text_puts(out, "nothing to measure: ");
        wording_counted(out, notes->total - notes->unreadable, "image has its",
                        "images have their");
        text_puts(out, " measures");
    } else {
        text_puts(out, "measured ");
        wording_counted(out, notes->measured, "image", "images");
        text_printf(out, " in %.1f s", notes->seconds);
        if (notes->seconds > 0.0) {
            text_puts(out, " (");
            wording_count(out, (uint64_t)((double)notes->measured / notes->seconds));
            text_puts(out, " a second)");
        }
    }
    if (notes->unreadable > 0) {
        text_puts(out, "; ");
        wording_count(out, notes->unreadable);
        text_puts(out, " could not be read (assay find unreadable ");
        put_name(out, project);
        text_puts(out, " says why)");
    }
    text_puts(out, "\n");
}

void told_embedded(text *out, const char *project, const embed_images_notes *notes)
{
    if (notes->has_measures)
        told_measured(out, project, &notes->measures);
    if (notes->up_to_date) {
        put_name(out, notes->name);
        text_puts(out, ": nothing has changed; ");
        wording_counted(out, notes->embedded, "image is described", "images are described");
        text_puts(out, " already\n");
        return;
    }
    if (notes->embedded == 0) {
        text_puts(out, "no image could be described\n");
        return;
    }
    put_name(out, notes->name);
    text_puts(out, ": ");
    wording_counted(out, notes->embedded, "image", "images");
    text_printf(out, " in %zu dimensions", notes->dimensions);
    if (notes->describe_seconds > 0.0)
        text_printf(out, ", described in %.1f s", notes->describe_seconds);
    text_printf(out, ", compared in %.1f s\n", notes->compare_seconds);
    if (notes->embedded < notes->samples) {
        text_puts(out, "  ! ");
        wording_counted(out, notes->samples - notes->embedded, "sample has", "samples have");
        text_puts(out, " no vector\n");
    }
    if (!notes->is_default)
        text_puts(out, "  it is not the default: metrics come from another one (--default changes "
                       "that)\n");
}

void told_meanwhile(const char *message)
{
    text out;
    text_init(&out, MEANWHILE_BYTES_MOST);
    /* A bar may stand there. */
    text_puts(&out, isatty(STDERR_FILENO) == 1 ? "\r\033[Kassay: " : "assay: ");
    put_name(&out, message);
    text_puts(&out, "\n");
    fputs(text_view(&out), stderr);
    text_clear(&out);
}
