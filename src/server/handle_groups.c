/* GET /api/groups: the samples that a query gives, those together that look alike. */
#include "server/routes.h"

#include "base/limits.h"
#include "eval/similar_groups.h"
#include "server/json_words.h"
#include "server/sample_parts.h"
#include "server/sample_query.h"
#include "server/shown_sample.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_MOST = 200, GROUPS_OTHERWISE = 50, SHOWN_MOST = 500, SHOWN_OTHERWISE = 24 };
enum { KEY_BYTES_MOST = 1 << 20 };

ASSAY_AUTO_CLEAR_DECLARE(selection)
ASSAY_AUTO_CLEAR_DECLARE(text)

/* Which page of which groups. */
typedef struct groups_asked {
    double similarity; /* NaN: the usual one */
    uint64_t from, count;
    uint64_t shown; /* how many of each are told with all that is known of them */
} groups_asked;

static assay_code read_similarity(const char *words, double *out, assay_err *err)
{
    char *end = NULL;
    *out = (double)NAN;
    if (!words)
        return ASSAY_OK;
    *out = strtod(words, &end);
    if (end != words && *end == '\0' && *out >= 0.0 && *out <= 1.0)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_USAGE, "similarity is '%.40s'; use a number from 0 to 1", words);
}

static assay_code read_asked(const request *q, groups_asked *out, assay_err *err)
{
    ASSAY_TRY(read_similarity(request_text(q, "similarity"), &out->similarity, err));
    ASSAY_TRY(request_number(q, "from", 0, ROWS_MOST, 0, &out->from, err));
    ASSAY_TRY(request_number(q, "count", 0, GROUPS_MOST, GROUPS_OTHERWISE, &out->count, err));
    return request_number(q, "shown", 0, SHOWN_MOST, SHOWN_OTHERWISE, &out->shown, err);
}

static void free_groups(void *at)
{
    similar_groups_clear(at);
    mem_free(at);
}

static size_t bytes_of(const similar_groups *g)
{
    return sizeof *g + g->listed * (sizeof *g->member + sizeof *g->distance) +
           g->listed / 2 * sizeof *g->at;
}

static assay_code make_groups(workspace *w, const sample_query *query, double similarity,
                              similar_groups *out, assay_err *err)
{
    kept_item *index;
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    ASSAY_TRY(sample_query_rows(query, &rows, err));
    ASSAY_TRY(sample_parts_similar(w, rows.row_count, &index, err));
    const neighbour_lists lists = similar_index_lists(kept_value(index));
    const assay_code code = similar_groups_find(&lists, &rows, similarity, out, err);
    kept_release(workspace_lasting(w), index);
    return code;
}

/* Takes the item over, also on failure. */
static assay_code finish(workspace *w, const sample_query *query, double similarity,
                         kept_item *item, assay_err *err)
{
    kept *k = workspace_answers(w);
    similar_groups *groups = mem_zalloc(1, sizeof *groups);
    if (!groups) {
        kept_abandon(k, item);
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for groups");
    }
    const assay_code code = make_groups(w, query, similarity, groups, err);
    if (code == ASSAY_OK) {
        kept_finish(k, item, groups, bytes_of(groups), free_groups);
        return ASSAY_OK;
    }
    mem_free(groups);
    kept_abandon(k, item);
    return code;
}

/* All groups of a query, for whichever page; kept_value() is a similar_groups. */
static assay_code get_groups(workspace *w, const sample_query *query, double similarity,
                             cancellation *stop, kept_item **out, assay_err *err)
{
    bool made;
    ASSAY_AUTO_CLEAR(text) key = {0};
    text_init(&key, KEY_BYTES_MOST);
    text_printf(&key, "groups %a\n", similarity);
    sample_query_key(query, &key);
    ASSAY_TRY(text_check(&key, err));
    ASSAY_TRY(kept_take_until(workspace_answers(w), text_view(&key), stop, out, &made, err));
    return made ? ASSAY_OK : finish(w, query, similarity, *out, err);
}

static void put_numbers(text *out, const uint32_t *number, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_printf(out, "%s%" PRIu32, i ? ", " : "", number[i]);
}

static assay_code put_group(text *out, const shown_columns *c, const similar_groups *groups,
                            size_t g, size_t shown, assay_err *err)
{
    const similar_group *group = &groups->at[g];
    const uint32_t *member = groups->member + group->start;
    const float *distance = groups->distance + group->start;
    const size_t many = group->count < shown ? group->count : shown;
    ASSAY_AUTO_MEM double *value = mem_alloc(many, sizeof *value);
    if (!value)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a group");
    for (size_t i = 0; i < many; i++)
        value[i] = 1.0 - (double)distance[i];
    text_puts(out, "{\"least\": ");
    put_json_number(out, 1.0 - (double)distance[group->count - 1]);
    text_puts(out, ", \"members\": [");
    put_numbers(out, member, group->count);
    text_puts(out, "], \"samples\": ");
    put_samples(out, c, member, value, many);
    text_puts(out, "}");
    return ASSAY_OK;
}

static assay_code put_groups(text *out, const sample_query *query, const groups_asked *asked,
                             const similar_groups *groups, assay_err *err)
{
    shown_columns c;
    shown_columns_find(filter_view(query->filter), &c);
    text_printf(out, "{\"revision\": %" PRIu64 ", \"similarity\": ", sample_query_revision(query));
    put_json_number(out, groups->threshold);
    text_printf(out,
                ", \"listed\": %zu, \"grouped\": %zu, \"without_neighbour\": %zu, \"count\": %zu, "
                "\"from\": %" PRIu64 ", \"groups\": [",
                groups->listed, groups->member_count, groups->without_neighbour, groups->count,
                asked->from);
    for (uint64_t i = 0; i < asked->count && asked->from + i < groups->count; i++) {
        text_puts(out, i ? ",\n" : "\n");
        ASSAY_TRY(put_group(out, &c, groups, (size_t)(asked->from + i), (size_t)asked->shown, err));
    }
    text_puts(out, "]}\n");
    return text_check(out, err);
}

static assay_code answer(workspace *w, const sample_query *query, const request *q, reply *out,
                         assay_err *err)
{
    groups_asked asked;
    kept_item *groups;
    ASSAY_TRY(read_asked(q, &asked, err));
    ASSAY_TRY(get_groups(w, query, asked.similarity, q->stop, &groups, err));
    text_init(&out->body, REPORT_BYTES_MOST);
    const assay_code code = put_groups(&out->body, query, &asked, kept_value(groups), err);
    kept_release(workspace_answers(w), groups);
    out->revision_plus_one = sample_query_revision(query) + 1;
    return code;
}

ROUTE_HANDLER(handle_groups)
{
    ASSAY_AUTO_CLEAR(sample_query) query = {0};
    ASSAY_TRY(sample_query_of_request(w, q, &query, out, err));
    return answer(w, &query, q, out, err);
}
