/* Classes that are probably one, written in two ways. */
#include "project/class_twins.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

typedef struct plain_name {
    const char *text;
    uint32_t class_code;
} plain_name;

/* All names as they are compared, in the order of their texts. */
typedef struct plain_names {
    char *bytes;
    plain_name *at;
} plain_names;

static void plain_names_clear(plain_names *n)
{
    mem_free(n->bytes);
    mem_free(n->at);
}
ASSAY_AUTO_CLEAR_DECLARE(plain_names)

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool only_has(const char *at, size_t length, const char *set)
{
    for (size_t i = 0; i < length; i++) {
        if (!strchr(set, at[i]))
            return false;
    }
    return true;
}

/* "007" and "7.0" become 7; what is no whole number stays. */
static void make_plain_number(const char **at, size_t *length)
{
    const char *point = memchr(*at, '.', *length);
    const size_t whole = point ? (size_t)(point - *at) : *length;
    if (whole == 0 || !only_has(*at, whole, "0123456789"))
        return;
    if (point && !only_has(point + 1, *length - whole - 1, "0"))
        return;
    *length = whole;
    while (*length > 1 && **at == '0') {
        (*at)++;
        (*length)--;
    }
}

static char plain_letter(char c)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char small[] = "abcdefghijklmnopqrstuvwxyz";
    if (c == '-' || is_blank(c))
        return '_';
    const char *at = memchr(capitals, c, sizeof capitals - 1);
    if (at)
        return small[at - capitals];
    return c;
}

/* Writes the name as it is compared, with its end; returns the bytes written. */
static size_t make_plain(const char *name, char *out)
{
    size_t length = strlen(name);
    while (length > 0 && is_blank(name[length - 1]))
        length--;
    while (length > 0 && is_blank(*name)) {
        name++;
        length--;
    }
    make_plain_number(&name, &length);
    for (size_t i = 0; i < length; i++)
        out[i] = plain_letter(name[i]);
    out[length] = '\0';
    return length + 1;
}

static int by_text(const void *a, const void *b)
{
    const plain_name *x = a;
    const plain_name *y = b;
    const int order = strcmp(x->text, y->text);
    return order ? order : (x->class_code > y->class_code) - (x->class_code < y->class_code);
}

static assay_code make_all_plain(const class_list *classes, plain_names *out, assay_err *err)
{
    size_t room = 0;
    for (uint32_t k = 0; k < classes->count; k++)
        room += strlen(classes->name[k]) + 1;
    out->bytes = mem_alloc(room, 1);
    out->at = mem_alloc(classes->count, sizeof *out->at);
    if (!out->bytes || !out->at)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %u class names", classes->count);
    size_t used = 0;
    for (uint32_t k = 0; k < classes->count; k++) {
        out->at[k] = (plain_name){out->bytes + used, k};
        used += make_plain(classes->name[k], out->bytes + used);
    }
    qsort(out->at, classes->count, sizeof *out->at, by_text);
    return ASSAY_OK;
}

static bool only_labelled(const class_scores *s)
{
    return s->support > 0 && s->predicted == 0;
}

static bool only_predicted(const class_scores *s)
{
    return s->support == 0 && s->predicted > 0;
}

/* Those of one text. Of two that are on one side each, the labelled one tells of both. */
static void take_group(const plain_name *at, size_t count, const class_scores *scores,
                       class_twins *out)
{
    for (size_t i = 0; i < count; i++) {
        const class_scores *s = &scores[at[i].class_code];
        const bool labelled = only_labelled(s);
        if (!labelled && !only_predicted(s))
            continue;
        for (size_t j = 0; j < count; j++) {
            const class_scores *other = &scores[at[j].class_code];
            if (labelled ? other->predicted == 0 : other->support == 0 || only_labelled(other))
                continue;
            out->pair[out->count][0] = at[i].class_code;
            out->pair[out->count++][1] = at[j].class_code;
            break;
        }
    }
}

static int by_class(const void *a, const void *b)
{
    const uint32_t *x = a;
    const uint32_t *y = b;
    return (x[0] > y[0]) - (x[0] < y[0]);
}

static bool any_is_one_sided(const class_scores *scores, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        if (only_labelled(&scores[k]) || only_predicted(&scores[k]))
            return true;
    }
    return false;
}

assay_code class_twins_find(const class_list *classes, const class_scores *scores, class_twins *out,
                            assay_err *err)
{
    *out = (class_twins){0};
    if (!any_is_one_sided(scores, classes->count))
        return ASSAY_OK;
    ASSAY_AUTO_CLEAR(plain_names) names = {0};
    ASSAY_TRY(make_all_plain(classes, &names, err));
    out->pair = mem_alloc(classes->count, sizeof *out->pair);
    if (!out->pair)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %u classes", classes->count);
    for (size_t i = 0, next; i < classes->count; i = next) {
        for (next = i + 1; next < classes->count; next++) {
            if (strcmp(names.at[i].text, names.at[next].text) != 0)
                break;
        }
        if (next - i > 1)
            take_group(names.at + i, next - i, scores, out);
    }
    qsort(out->pair, out->count, sizeof *out->pair, by_class);
    return ASSAY_OK;
}

void class_twins_clear(class_twins *twins)
{
    mem_free(twins->pair);
    *twins = (class_twins){0};
}
