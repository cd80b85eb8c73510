/* Samples that a search found, for people and for programs. Knows no search. */
#include "report/found.h"

#include "base/quoting.h"
#include "project/wording.h"
#include "report/found_labels.h"
#include "report/grid.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <string.h>

enum { SCHEMA = 1, FIXED_COLUMNS = 3, DIGITS_SHOWN = 3 };

/* A text of the frame; `at` is NULL where there is none. */
typedef struct span {
    const char *at;
    size_t length;
} span;

static span text_of(const text_column *column, size_t row)
{
    if (!column->start)
        return (span){0};
    const uint64_t *start = &column->start[row];
    return (span){column->bytes + start[0], (size_t)(start[1] - start[0])};
}

static span name_of(const frame *f, size_t row)
{
    const span path = text_of(&f->path, row);
    return path.at ? path : text_of(&f->id, row);
}

static const char *label_of(const frame *f, size_t row)
{
    const uint16_t code = f->label[row];
    return code == CLASS_MISSING ? NULL : f->classes.name[code];
}

static double score_at(const found_samples *f, size_t i)
{
    return f->score_of ? f->score_of[i] : (double)NAN;
}

static void put_span(const page *p, text *cell, span s)
{
    /* put_name() wants an end; a path may hold any byte but that. */
    text copy;
    text_init(&copy, s.length + 1);
    text_put(&copy, s.at, s.length);
    put_name(cell, &p->style, text_view(&copy), (size_t)p->style.columns / 2);
    cell->broken = cell->broken || copy.broken;
    text_clear(&copy);
}

static void put_row(const page *p, const found_samples *f, grid *t, size_t i)
{
    const size_t row = f->row[i];
    const span name = name_of(f->frame, row);
    text *cell = grid_cell(t);
    if (name.at)
        put_span(p, cell, name);
    else
        text_printf(cell, "row %zu", row + 1);
    const char *label = label_of(f->frame, row);
    put_name(grid_cell(t), &p->style, label ? label : dash(&p->style), name_room(p));
    if (f->score)
        put_value(grid_cell(t), &p->style, score_at(f, i), DIGITS_SHOWN);
    for (size_t c = 0; c < f->column_count; c++) {
        cell = grid_cell(t);
        if (f->column[c].number && isnan(f->column[c].number[i]))
            text_puts(cell, dash(&p->style));
        else if (f->column[c].number)
            text_printf(cell, "%.6g", f->column[c].number[i]);
        else
            put_name(cell, &p->style, f->column[c].word[i] ? f->column[c].word[i] : dash(&p->style),
                     (size_t)p->style.columns / 2);
    }
}

static void print_rows(const page *p, const found_samples *f)
{
    grid_column columns[FIXED_COLUMNS + FOUND_COLUMNS_MOST] = {
        {f->frame->path.start || !f->frame->id.start ? "sample" : "id", false, 0, false, 0},
        {"label", false, 2, false, 0},
    };
    size_t count = 2;
    if (f->score)
        columns[count++] = (grid_column){f->score, true, 2, false, 0};
    /* Where the page is narrow, the last columns go first. */
    for (size_t c = 0; c < f->column_count; c++)
        columns[count++] = (grid_column){f->column[c].name, f->column[c].number != NULL, 2, false,
                                         (int)(f->column_count - c)};
    grid t;
    grid_init(&t, columns, count);
    for (size_t i = 0; i < f->count; i++)
        put_row(p, f, &t, i);
    grid_draw(&t, p);
    grid_clear(&t);
}

void found_text(const found_samples *f, const report_style *style, text *out)
{
    assert(f->column_count <= FOUND_COLUMNS_MOST);
    const page p = {.style = *style, .out = out};
    text aside;
    text_init(&aside, 128);
    wording_count(&aside, f->found);
    if (f->count < f->found) {
        text_puts(&aside, ", the first ");
        wording_count(&aside, f->count);
        text_puts(&aside, " shown");
    }
    text heading;
    text_init(&heading, 128);
    text_printf(&heading, "%c%s", toupper((unsigned char)f->what[0]), f->what + 1);
    page_heading(&p, text_view(&heading), text_view(&aside));
    out->broken = out->broken || aside.broken || heading.broken;
    text_clear(&heading);
    text_clear(&aside);
    if (f->count == 0)
        page_words(&p, "  ", INK_PLAIN, f->found ? "None is shown." : "There are none.");
    else
        print_rows(&p, f);
    if (f->labels)
        found_labels_text(f->labels, &p);
}

static void put_json_span(text *out, span s)
{
    if (s.at)
        quote_json(out, s.at, s.length);
    else
        text_puts(out, "null");
}

static void put_json_word(text *out, const char *word)
{
    put_json_span(out, word ? (span){word, strlen(word)} : (span){0});
}

static void put_json_number(text *out, double value)
{
    if (isfinite(value))
        put_real(out, value);
    else
        text_puts(out, "null");
}

static void put_json_sample(const found_samples *f, size_t i, text *out)
{
    const size_t row = f->row[i];
    text_puts(out, "{\"id\": ");
    put_json_span(out, text_of(&f->frame->id, row));
    text_puts(out, ", \"path\": ");
    put_json_span(out, text_of(&f->frame->path, row));
    text_puts(out, ", \"label\": ");
    put_json_word(out, label_of(f->frame, row));
    text_puts(out, ", \"score\": ");
    put_json_number(out, score_at(f, i));
    for (size_t c = 0; c < f->column_count; c++) {
        text_puts(out, ", ");
        put_json_word(out, f->column[c].name);
        text_puts(out, ": ");
        if (f->column[c].number)
            put_json_number(out, f->column[c].number[i]);
        else
            put_json_word(out, f->column[c].word[i]);
    }
    text_puts(out, "}");
}

static void put_json_name(const found_samples *f, size_t row, text *out)
{
    const span id = text_of(&f->frame->id, row);
    put_json_span(out, id.at ? id : text_of(&f->frame->path, row));
}

static void put_json_group(const found_samples *f, const found_group *g, text *out)
{
    text_puts(out, "{\"keep\": ");
    put_json_name(f, g->keep, out);
    text_puts(out, ", \"kind\": ");
    put_json_word(out, g->kind);
    text_puts(out, ", \"strength\": ");
    put_json_number(out, g->strength);
    text_printf(out, ", \"leakage\": %s, \"two_labels\": %s, \"samples\": [",
                g->leakage ? "true" : "false", g->two_labels ? "true" : "false");
    for (size_t i = 0; i < g->count; i++) {
        text_puts(out, i ? ", " : "");
        put_json_name(f, f->row[g->first + i], out);
    }
    text_puts(out, "]}");
}

static void put_json_groups(const found_samples *f, text *out)
{
    text_puts(out, ",\n  \"groups\": [");
    for (size_t i = 0; i < f->group_count; i++) {
        text_puts(out, i ? ",\n    " : "\n    ");
        put_json_group(f, &f->group[i], out);
    }
    text_puts(out, f->group_count ? "\n  ]" : "]");
}

void found_json(const found_samples *f, text *out)
{
    text_printf(out,
                "{\n  \"assay\": \"" ASSAY_VERSION "\",\n  \"schema\": %d,\n  \"find\": ", SCHEMA);
    put_json_word(out, f->what);
    text_printf(out, ",\n  \"found\": %llu,\n  \"samples\": [", (unsigned long long)f->found);
    for (size_t i = 0; i < f->count; i++) {
        text_puts(out, i ? ",\n    " : "\n    ");
        put_json_sample(f, i, out);
    }
    text_puts(out, f->count ? "\n  ]" : "]");
    if (f->grouped)
        put_json_groups(f, out);
    if (f->labels)
        found_labels_json(f->labels, out);
    text_puts(out, "\n}\n");
}

static void put_csv_span(text *out, span s)
{
    if (s.at)
        quote_csv(out, s.at, s.length);
}

static void put_csv_word(text *out, const char *word)
{
    if (word)
        quote_csv(out, word, strlen(word));
}

static void put_csv_number(text *out, double value)
{
    if (!isnan(value))
        put_real(out, value);
}

void found_csv(const found_samples *f, text *out)
{
    text_puts(out, "id,path,label,score");
    for (size_t c = 0; c < f->column_count; c++) {
        text_puts(out, ",");
        put_csv_word(out, f->column[c].name);
    }
    text_puts(out, f->labels ? ",basis\n" : "\n");
    for (size_t i = 0; i < f->count; i++) {
        const size_t row = f->row[i];
        put_csv_span(out, text_of(&f->frame->id, row));
        text_puts(out, ",");
        put_csv_span(out, text_of(&f->frame->path, row));
        text_puts(out, ",");
        put_csv_word(out, label_of(f->frame, row));
        text_puts(out, ",");
        put_csv_number(out, score_at(f, i));
        for (size_t c = 0; c < f->column_count; c++) {
            text_puts(out, ",");
            if (f->column[c].number)
                put_csv_number(out, f->column[c].number[i]);
            else
                put_csv_word(out, f->column[c].word[i]);
        }
        if (f->labels)
            text_printf(out, ",%s", found_labels_basis(f->labels));
        text_puts(out, "\n");
    }
}

void found_paths(const found_samples *f, char end, text *out)
{
    for (size_t i = 0; i < f->count; i++) {
        const span name = name_of(f->frame, f->row[i]);
        text_put(out, name.at, name.length);
        text_put(out, &end, 1);
    }
}
