/* What a filter asks of each sample, in terms of a frame's columns. */
#include "server/filter_words.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

static const char split_name[] = "split";

void filter_tests_clear(filter_tests *t)
{
    for (size_t i = 0; i < t->choice_count; i++)
        mem_free(t->choice[i].chosen);
    mem_free(t->choice);
    mem_free(t->range);
    mem_free(t->shown);
    mem_free(t->tag);
    *t = (filter_tests){0};
}

static assay_code filter_nomem(assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a filter");
}

static assay_code refuse_name(const char *what, const char *name, assay_err *err)
{
    return assay_fail(err, ASSAY_E_USAGE, "there is no %s '%.200s'", what, name);
}

static assay_code choose_classes(filter_tests *t, const json_t *names, const frame *f,
                                 assay_err *err)
{
    if (!names)
        return ASSAY_OK;
    t->shown = mem_zalloc(f->classes.count, sizeof *t->shown);
    if (!t->shown)
        return filter_nomem(err);
    for (size_t i = 0; i < json_array_size(names); i++) {
        const json_t *name = json_array_get(names, i);
        const uint16_t code =
            class_list_find(&f->classes, json_string_value(name), json_string_length(name));
        if (code == CLASS_MISSING)
            return refuse_name("class", json_string_value(name), err);
        t->shown_count += !t->shown[code];
        t->shown[code] = true;
    }
    return ASSAY_OK;
}

static double bound(const json_t *value, double open)
{
    return json_is_number(value) ? json_number_value(value) : open;
}

/* Two ranges of one metric are the part that they share. */
static void add_range(filter_tests *t, metric_range r)
{
    size_t at = t->range_count;
    for (size_t i = 0; i < t->range_count; i++) {
        metric_range *other = &t->range[i];
        if (other->metric == r.metric) {
            other->low = fmax(other->low, r.low);
            other->high = fmin(other->high, r.high);
            return;
        }
        if (other->metric > r.metric && at == t->range_count)
            at = i;
    }
    memmove(t->range + at + 1, t->range + at, (t->range_count - at) * sizeof *t->range);
    t->range[at] = r;
    t->range_count++;
}

static assay_code choose_ranges(filter_tests *t, const json_t *ranges, const frame *f,
                                assay_err *err)
{
    if (!ranges)
        return ASSAY_OK;
    t->range = mem_alloc(json_array_size(ranges) + 1, sizeof *t->range);
    if (!t->range)
        return filter_nomem(err);
    for (size_t i = 0; i < json_array_size(ranges); i++) {
        const json_t *range = json_array_get(ranges, i);
        const char *name = json_string_value(json_object_get(range, "metric"));
        metric_range r = {0};
        while (r.metric < f->metric_count && strcmp(f->metric[r.metric].name, name) != 0)
            r.metric++;
        if (r.metric == f->metric_count)
            return refuse_name("metric", name, err);
        r.low = bound(json_object_get(range, "low"), -(double)INFINITY);
        r.high = bound(json_object_get(range, "high"), (double)INFINITY);
        add_range(t, r);
    }
    return ASSAY_OK;
}

static size_t find_attribute(const frame *f, const char *name)
{
    size_t i = 0;
    while (i < f->attribute_count && strcmp(f->attribute[i].name, name) != 0)
        i++;
    return i;
}

/* Flags of the values that are named; `what` is what they are values of. */
static assay_code flag_values(const attribute_column *a, const json_t *names, const char *what,
                              bool *chosen, assay_err *err)
{
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        uint32_t v = 0;
        while (v < a->value_count && strcmp(a->value[v], name) != 0)
            v++;
        if (v == a->value_count)
            return assay_fail(err, ASSAY_E_USAGE, "there is no %s '%.200s'", what, name);
        chosen[v] = true;
    }
    return ASSAY_OK;
}

/* A second choice of the same attribute keeps what both have. */
static void add_choice(filter_tests *t, text_choice c, uint32_t value_count)
{
    size_t at = t->choice_count;
    for (size_t i = 0; i < t->choice_count; i++) {
        text_choice *other = &t->choice[i];
        if (other->attribute == c.attribute) {
            for (uint32_t v = 0; v < value_count; v++)
                other->chosen[v] &= c.chosen[v];
            mem_free(c.chosen);
            return;
        }
        if (other->attribute > c.attribute && at == t->choice_count)
            at = i;
    }
    memmove(t->choice + at + 1, t->choice + at, (t->choice_count - at) * sizeof *t->choice);
    t->choice[at] = c;
    t->choice_count++;
}

static assay_code choose_texts(filter_tests *t, const frame *f, const char *name,
                               const json_t *values, assay_err *err)
{
    if (json_array_size(values) == 0)
        return ASSAY_OK;
    const bool is_split = !strcmp(name, split_name);
    text_choice c = {.attribute = find_attribute(f, name)};
    if (c.attribute == f->attribute_count)
        return is_split ? refuse_name("split", json_string_value(json_array_get(values, 0)), err)
                        : refuse_name("attribute", name, err);
    const attribute_column *a = &f->attribute[c.attribute];
    c.chosen = mem_zalloc(a->value_count, sizeof *c.chosen);
    if (!c.chosen)
        return filter_nomem(err);
    char what[128];
    snprintf(what, sizeof what, is_split ? "split" : "value of %.100s:", name);
    const assay_code code = flag_values(a, values, what, c.chosen, err);
    if (code == ASSAY_OK)
        add_choice(t, c, a->value_count);
    else
        mem_free(c.chosen);
    return code;
}

static assay_code choose_all_texts(filter_tests *t, const filter_words *words, const frame *f,
                                   assay_err *err)
{
    const size_t count = json_array_size(words->attributes);
    t->choice = mem_alloc(count + 2, sizeof *t->choice);
    if (!t->choice)
        return filter_nomem(err);
    if (words->splits)
        ASSAY_TRY(choose_texts(t, f, split_name, words->splits, err));
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(words->attributes, i);
        ASSAY_TRY(choose_texts(t, f, json_string_value(json_object_get(one, "name")),
                               json_object_get(one, "values"), err));
    }
    return ASSAY_OK;
}

static assay_code choose_tags(filter_tests *t, const json_t *names, const frame *f, assay_err *err)
{
    if (!names)
        return ASSAY_OK;
    t->tag = mem_zalloc(f->tag_count, sizeof *t->tag);
    if (!t->tag)
        return filter_nomem(err);
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        size_t tag = 0;
        while (tag < f->tag_count && strcmp(f->tag[tag].name, name) != 0)
            tag++;
        if (tag == f->tag_count)
            return refuse_name("tag", name, err);
        t->tag[tag] = true;
    }
    return ASSAY_OK;
}

assay_code filter_tests_init(filter_tests *t, const filter_words *words, const frame *f,
                             assay_err *err)
{
    *t = (filter_tests){0};
    assay_code code = choose_classes(t, words->classes, f, err);
    if (code == ASSAY_OK)
        code = choose_ranges(t, words->ranges, f, err);
    if (code == ASSAY_OK)
        code = choose_all_texts(t, words, f, err);
    if (code == ASSAY_OK)
        code = choose_tags(t, words->tags, f, err);
    if (code != ASSAY_OK)
        filter_tests_clear(t);
    return code;
}

static void put_flags(text *out, const bool *flag, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (flag[i])
            text_printf(out, " %zu", i);
    }
}

void filter_tests_put_key(const filter_tests *t, const frame *f, text *out)
{
    if (t->shown) {
        text_puts(out, "classes");
        put_flags(out, t->shown, f->classes.count);
        text_puts(out, "\n");
    }
    for (size_t i = 0; i < t->range_count; i++)
        text_printf(out, "range %zu %a %a\n", t->range[i].metric, t->range[i].low,
                    t->range[i].high);
    for (size_t i = 0; i < t->choice_count; i++) {
        text_printf(out, "text %zu:", t->choice[i].attribute);
        put_flags(out, t->choice[i].chosen, f->attribute[t->choice[i].attribute].value_count);
        text_puts(out, "\n");
    }
    if (t->tag) {
        text_puts(out, "tags");
        put_flags(out, t->tag, f->tag_count);
        text_puts(out, "\n");
    }
}
