/* `assay find duplicates` and `assay find similar`: pictures that are alike. */
#include "cli/find_words.h"

#include "base/limits.h"
#include "cli/progress_line.h"
#include "cli/terminal.h"
#include "project/find_duplicates.h"
#include "project/find_similar.h"
#include "project/wording.h"
#include "store/where.h"

#include <stdlib.h>
#include <string.h>

ASSAY_AUTO_CLEAR_DECLARE(selection)

static assay_code choose_rows(const find_words *w, const frame *f, selection *out, assay_err *err)
{
    const where_options options = {.thread_count = (int)w->project.threads,
                                   .give_up = project_give_up};
    return w->project.where ? where_select(f, w->project.where, &options, out, err) : ASSAY_OK;
}

/* A column of words or numbers for each listed member of a group. */
typedef struct member_columns {
    uint32_t *row;
    double *strength, *group;
    const char **kind, **keep, **sign, **wrong;
    found_group *groups;
    size_t count, group_count;
} member_columns;

static void member_columns_clear(member_columns *c)
{
    mem_free(c->row);
    mem_free(c->strength);
    mem_free(c->group);
    mem_free(c->kind);
    mem_free(c->keep);
    mem_free(c->sign);
    mem_free(c->wrong);
    mem_free(c->groups);
}
ASSAY_AUTO_CLEAR_DECLARE(member_columns)

static bool member_columns_init(member_columns *c, const found_duplicates *d)
{
    const size_t most = d->groups.member_count;
    c->row = mem_alloc(most, sizeof *c->row);
    c->strength = mem_alloc(most, sizeof *c->strength);
    c->group = mem_alloc(most, sizeof *c->group);
    c->kind = mem_alloc(most, sizeof *c->kind);
    c->keep = mem_alloc(most, sizeof *c->keep);
    c->sign = mem_alloc(most, sizeof *c->sign);
    c->wrong = mem_alloc(most, sizeof *c->wrong);
    c->groups = mem_alloc(d->groups.count, sizeof *c->groups);
    return c->row && c->strength && c->group && c->kind && c->keep && c->sign && c->wrong &&
           c->groups;
}

static const char *sign_of(const duplicate_group *g)
{
    if (g->spans_splits)
        return g->spans_labels ? "leakage, two labels" : "leakage";
    return g->spans_labels ? "two labels" : NULL;
}

static const char *outcome_of(const frame *f, uint32_t row)
{
    if (f->label[row] == CLASS_MISSING || f->prediction[row] == CLASS_MISSING)
        return NULL;
    return f->label[row] == f->prediction[row] ? "correct" : "wrong";
}

static void add_member(member_columns *c, const frame *f, const duplicate_group *g, uint32_t row)
{
    const size_t i = c->count++;
    c->row[i] = row;
    c->strength[i] = (double)g->strength;
    c->group[i] = (double)(c->group_count + 1);
    c->kind[i] = g->equal_pixels ? "equal" : "near";
    c->keep[i] = row == g->keep ? "keep" : NULL;
    c->sign[i] = sign_of(g);
    c->wrong[i] = outcome_of(f, row);
}

static void add_group(member_columns *c, const frame *f, const duplicate_group *g,
                      const uint32_t *member)
{
    c->groups[c->group_count] = (found_group){.first = c->count,
                                              .count = g->count,
                                              .keep = g->keep,
                                              .kind = g->equal_pixels ? "equal" : "near",
                                              .strength = (double)g->strength,
                                              .leakage = g->spans_splits,
                                              .two_labels = g->spans_labels};
    for (uint32_t i = 0; i < g->count; i++)
        add_member(c, f, g, member[g->start + i]);
    c->group_count++;
}

/* Equal ones, then by strength, then as the samples stand. */
static int by_strength(const void *left, const void *right)
{
    const duplicate_group *a = left;
    const duplicate_group *b = right;
    if (a->equal_pixels != b->equal_pixels)
        return a->equal_pixels ? -1 : 1;
    if (a->strength != b->strength)
        return a->strength > b->strength ? -1 : 1;
    return (a->start > b->start) - (a->start < b->start);
}

/* Whole groups, until the table is full. */
static void list_groups(member_columns *c, const find_words *w, const frame *f,
                        const found_duplicates *d)
{
    const size_t limit = find_limit(w);
    for (size_t g = 0; g < d->groups.count; g++) {
        if (limit && c->count >= limit)
            break;
        add_group(c, f, &d->groups.at[g], d->groups.member);
    }
}

static void put_summary(const found_duplicates *d, const frame *f, text *out)
{
    wording_counted(out, d->groups.count, "group", "groups");
    text_puts(out, " of ");
    wording_counted(out, d->groups.member_count, "sample", "samples");
    if (d->leaking > 0) {
        text_puts(out, "; ");
        wording_counted(out, d->leaking, "group spans two splits: leakage",
                        "groups span two splits: leakage");
    }
    if (d->contradicting > 0) {
        text_puts(out, "; ");
        wording_counted(out, d->contradicting, "group has two labels", "groups have two labels");
    }
    if (f->model) {
        text_puts(out, "; ");
        wording_count(out, d->wrong);
        text_puts(out, " of the samples are among the model's errors");
    }
    if (!d->has_pictures)
        text_puts(out,
                  "; only equal pixels were looked for, assay embed makes what finds the rest");
    else if (!d->has_neighbours)
        text_puts(out, "; suspected by hashes alone, assay embed finds more");
}

static int show_groups(const find_words *w, const frame *f, const found_duplicates *d)
{
    ASSAY_AUTO_CLEAR(member_columns) c = {0};
    assay_err err;
    if (!member_columns_init(&c, d)) {
        assay_fail(&err, ASSAY_E_NOMEM, "out of memory for the duplicates");
        return terminal_fail(&err);
    }
    qsort(d->groups.at, d->groups.count, sizeof *d->groups.at, by_strength);
    list_groups(&c, w, f, d);
    const found_column columns[] = {{.name = "group", .number = c.group},
                                    {.name = "keep", .word = c.keep},
                                    {.name = "kind", .word = c.kind},
                                    {.name = "sign", .word = c.sign},
                                    {.name = "outcome", .word = c.wrong}};
    const found_samples found = {.what = "duplicates",
                                 .score = "strength",
                                 .frame = f,
                                 .row = c.row,
                                 .score_of = c.strength,
                                 .count = c.count,
                                 .found = d->groups.member_count,
                                 .column = columns,
                                 .column_count = sizeof columns / sizeof *columns,
                                 .group = c.groups,
                                 .group_count = c.group_count,
                                 .grouped = true};
    text summary;
    text_init(&summary, 1024);
    put_summary(d, f, &summary);
    const int status = find_show(w, &found, text_view(&summary));
    text_clear(&summary);
    return status;
}

int find_show_duplicates(const find_words *w, const frame *f)
{
    assay_err err;
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    ASSAY_AUTO_CLEAR(found_duplicates) d = {0};
    if (choose_rows(w, f, &rows, &err))
        return terminal_fail(&err);
    progress_line line;
    const progress told = progress_line_start(&line);
    const duplicates_request request = {.project = w->project.path,
                                        .rows = w->project.where ? &rows : NULL,
                                        .threshold = w->strength,
                                        .equal_only = w->equal,
                                        .thread_count = (int)w->project.threads,
                                        .progress = &told};
    const assay_code code = find_duplicates(f, &request, &d, &err);
    progress_line_end(&line);
    return code == ASSAY_OK ? show_groups(w, f, &d) : terminal_fail(&err);
}

int find_show_similar(const find_words *w, const frame *f)
{
    assay_err err;
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    ASSAY_AUTO_CLEAR(found_similar) s = {0};
    const similar_request request = {.project = w->project.path,
                                     .key = w->key,
                                     .embedding = w->embedding,
                                     .rows = w->project.where ? &rows : NULL,
                                     .limit = find_limit(w),
                                     .thread_count = (int)w->project.threads};
    if (choose_rows(w, f, &rows, &err) || find_similar(f, &request, &s, &err))
        return terminal_fail(&err);
    const found_samples found = {.what = "similar",
                                 .score = "similarity",
                                 .frame = f,
                                 .row = s.row,
                                 .score_of = s.similarity,
                                 .count = s.count,
                                 .found = s.count};
    return find_show(
        w, &found,
        s.own_vectors ? "Similarity as the vectors that you brought have it."
                      : "Visual similarity: layout, edges and colours, not what a picture shows.");
}
