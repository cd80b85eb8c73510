/* GET /api/duplicates: groups of samples that show the same picture. */
#include "server/routes.h"

#include "base/limits.h"
#include "server/findings.h"
#include "server/json_words.h"
#include "server/sample_query.h"
#include "server/shown_sample.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_MOST = 200, GROUPS_OTHERWISE = 50 };

/* Which groups are shown. */
typedef enum only_groups { ONLY_ALL, ONLY_LEAKAGE, ONLY_TWO_LABELS, ONLY_WRONG } only_groups;

typedef struct groups_asked {
    only_groups only;
    double threshold;
    uint64_t from, count;
} groups_asked;

static assay_code read_only(const char *word, only_groups *out, assay_err *err)
{
    static const char *const words[] = {"all", "leakage", "two_labels", "wrong"};
    *out = ONLY_ALL;
    for (size_t i = 0; word && i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], word) == 0) {
            *out = (only_groups)i;
            return ASSAY_OK;
        }
    }
    return word ? assay_fail(err, ASSAY_E_USAGE,
                             "only is '%.40s'; use all, leakage, two_labels or wrong", word)
                : ASSAY_OK;
}

static assay_code read_threshold(const char *word, double *out, assay_err *err)
{
    char *end = NULL;
    *out = (double)NEAR_DUPLICATE_STRENGTH;
    if (!word)
        return ASSAY_OK;
    *out = strtod(word, &end);
    if (end != word && *end == '\0' && *out >= 0.0 && *out <= 1.0)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_USAGE, "threshold is '%.40s'; use a number from 0 to 1", word);
}

static assay_code read_asked(const request *q, groups_asked *out, assay_err *err)
{
    ASSAY_TRY(read_only(request_text(q, "only"), &out->only, err));
    ASSAY_TRY(read_threshold(request_text(q, "threshold"), &out->threshold, err));
    ASSAY_TRY(request_number(q, "from", 0, ROWS_MOST, 0, &out->from, err));
    return request_number(q, "count", 0, GROUPS_MOST, GROUPS_OTHERWISE, &out->count, err);
}

static bool is_wrong(const frame *f, uint32_t row)
{
    return f->label[row] != CLASS_MISSING && f->prediction[row] != CLASS_MISSING &&
           f->label[row] != f->prediction[row];
}

static bool is_listed(const filter *f, only_groups only, const duplicate_groups *groups, size_t g)
{
    const duplicate_group *group = &groups->at[g];
    bool shown = false, wrong = false;
    for (uint32_t i = 0; i < group->count; i++) {
        const uint32_t row = groups->member[group->start + i];
        shown |= filter_shows_row(f, row);
        wrong |= is_wrong(filter_frame(f), row);
    }
    return shown && (only != ONLY_LEAKAGE || group->spans_splits) &&
           (only != ONLY_TWO_LABELS || group->spans_labels) && (only != ONLY_WRONG || wrong);
}

static void put_group(text *out, const shown_columns *c, const duplicate_groups *groups, size_t g)
{
    const duplicate_group *group = &groups->at[g];
    text_printf(out, "{\"kind\": \"%s\", \"strength\": ", group->equal_pixels ? "equal" : "near");
    put_json_number(out, (double)group->strength);
    text_printf(out, ", \"leakage\": %s, \"two_labels\": %s, \"keep\": %u, \"samples\": ",
                group->spans_splits ? "true" : "false", group->spans_labels ? "true" : "false",
                group->keep);
    put_samples(out, c, groups->member + group->start, NULL, group->count);
    text_puts(out, "}");
}

/* The page of groups, into `out`; how many are listed in all. */
static size_t put_page(text *out, const filter *f, const groups_asked *asked,
                       const duplicate_groups *groups)
{
    shown_columns c;
    size_t listed = 0;
    shown_columns_find(filter_view(f), &c);
    for (size_t g = 0; g < groups->count; g++) {
        if (!is_listed(f, asked->only, groups, g))
            continue;
        if (listed >= asked->from && listed - asked->from < asked->count) {
            text_puts(out, listed > asked->from ? ",\n" : "\n");
            put_group(out, &c, groups, g);
        }
        listed++;
    }
    return listed;
}

static void put_duplicates(text *out, const filter *f, const groups_asked *asked,
                           const found_duplicates *found)
{
    text_printf(out, "{\"revision\": %" PRIu64 ", \"from\": %" PRIu64 ", \"groups\": [",
                workspace_revision(filter_view(f)), asked->from);
    const size_t count = put_page(out, f, asked, &found->groups);
    text_printf(out,
                "],\n\"count\": %zu, \"samples_in_groups\": %zu, \"leaking\": %zu, "
                "\"contradicting\": %zu, \"wrong\": %zu, \"has_pictures\": %s, "
                "\"has_neighbours\": %s, \"threshold\": ",
                count, found->groups.member_count, found->leaking, found->contradicting,
                found->wrong, found->has_pictures ? "true" : "false",
                found->has_neighbours ? "true" : "false");
    put_json_number(out, asked->threshold);
    text_puts(out, "}\n");
}

static assay_code answer(workspace *w, const request *q, const filter *f, reply *out,
                         assay_err *err)
{
    groups_asked asked;
    finding found;
    ASSAY_TRY(read_asked(q, &asked, err));
    ASSAY_TRY(findings_duplicates(&(finding_request){w, f, q->stop}, asked.threshold, &found, err));
    text_init(&out->body, REPORT_BYTES_MOST);
    put_duplicates(&out->body, f, &asked, kept_value(found.item));
    finding_release(&found);
    out->revision_plus_one = workspace_revision(filter_view(f)) + 1;
    return text_check(&out->body, err);
}

ROUTE_HANDLER(handle_duplicates)
{
    filter *f;
    ASSAY_TRY(filter_of_request(w, q, &f, out, err));
    const assay_code code = answer(w, q, f, out, err);
    filter_release(f);
    return code;
}
