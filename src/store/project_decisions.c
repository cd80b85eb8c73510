/* Decisions about labels, in and out of a project's table. */
#include "store/project_decisions.h"

#include "base/mem.h"
#include "store/query.h"

#include <stdlib.h>
#include <string.h>

static const char what[] = "the decisions";

const char *label_decision_word(label_decision d)
{
    return d == DECISION_ACCEPT ? "accept" : d == DECISION_DISMISS ? "dismiss" : NULL;
}

void decided_labels_clear(decided_labels *list)
{
    for (size_t i = 0; i < list->count; i++)
        mem_free(list->at[i].suggested);
    mem_free(list->at);
    *list = (decided_labels){0};
}

static bool is_word(const char *at, size_t length, label_decision d)
{
    const char *word = label_decision_word(d);
    return strlen(word) == length && memcmp(at, word, length) == 0;
}

static assay_code read_row(const query *q, size_t row, decided_label *out, assay_err *err)
{
    const query_column decision = query_get(q, 1), suggested = query_get(q, 2);
    const query_column decided = query_get(q, 3);
    size_t length;
    const char *at = query_text(&decision, row, &length);
    out->decision = is_word(at, length, DECISION_ACCEPT) ? DECISION_ACCEPT : DECISION_DISMISS;
    if (!is_word(at, length, out->decision))
        return assay_fail(err, ASSAY_E_INPUT, "a decision of the project is '%.*s'",
                          (int)(length < 100 ? length : 100), at);
    at = query_text(&decided, row, &length);
    length = length < sizeof out->decided ? length : sizeof out->decided - 1;
    memcpy(out->decided, at, length);
    if (query_is_null(&suggested, row))
        return ASSAY_OK;
    at = query_text(&suggested, row, &length);
    out->suggested = mem_copy_text(at, length);
    return out->suggested ? ASSAY_OK
                          : assay_fail(err, ASSAY_E_NOMEM, "out of memory for the decisions");
}

/* A sample once: the table has no keys, and whoever wrote it by other means may have. */
static assay_code read_rows(const query *q, size_t rows, size_t sample_count, decided_labels *out,
                            assay_err *err)
{
    const uint32_t *sample = query_get(q, 0).at;
    decided_label *grown = mem_resize(out->at, out->count + rows, sizeof *grown);
    if (!grown)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the decisions");
    out->at = grown;
    for (size_t i = 0; i < rows; i++) {
        const bool again = out->count > 0 && grown[out->count - 1].sample == sample[i];
        if (sample[i] >= sample_count || again)
            continue;
        grown[out->count] = (decided_label){.sample = sample[i]};
        const assay_code code = read_row(q, i, &grown[out->count], err);
        if (code != ASSAY_OK)
            return code;
        out->count++;
    }
    return ASSAY_OK;
}

static assay_code read_all(const duck *d, size_t sample_count, decided_labels *out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d,
                            "SELECT sample, decision, suggested, "
                            "strftime(decided, '%Y-%m-%dT%H:%M:%SZ') FROM label_decisions "
                            "ORDER BY sample, decided DESC",
                            what, err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        if (rows > 0)
            ASSAY_TRY(read_rows(&q, rows, sample_count, out, err));
    }
    return ASSAY_OK;
}

assay_code project_read_decisions(const duck *d, size_t sample_count, decided_labels *out,
                                  assay_err *err)
{
    *out = (decided_labels){0};
    const assay_code code = read_all(d, sample_count, out, err);
    if (code != ASSAY_OK)
        decided_labels_clear(out);
    return code;
}

static int by_sample(const void *key, const void *element)
{
    const uint32_t sample = *(const uint32_t *)key,
                   other = ((const decided_label *)element)->sample;
    return (sample > other) - (sample < other);
}

const decided_label *decided_labels_find(const decided_labels *list, uint32_t sample)
{
    if (list->count == 0)
        return NULL;
    return bsearch(&sample, list->at, list->count, sizeof *list->at, by_sample);
}

static assay_code bind_decision(query *q, label_decision decision, const char *suggested,
                                assay_err *err)
{
    const char *word = label_decision_word(decision);
    ASSAY_TRY(query_bind_text(q, 2, word, strlen(word), err));
    return suggested ? query_bind_text(q, 3, suggested, strlen(suggested), err)
                     : query_bind_null(q, 3, err);
}

/* Whether that is what is there already; of no decision, whether there is none. */
static assay_code is_so(const duck *d, uint32_t sample, label_decision decision,
                        const char *suggested, bool *out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    size_t rows = 0;
    const bool none = decision == DECISION_NONE;
    ASSAY_TRY(query_prepare(&q, d,
                            none ? "SELECT sample FROM label_decisions WHERE sample = $1"
                                 : "SELECT sample FROM label_decisions WHERE sample = $1 AND "
                                   "decision = $2 AND suggested IS NOT DISTINCT FROM $3",
                            what, err));
    ASSAY_TRY(query_bind_count(&q, 1, sample, err));
    if (!none)
        ASSAY_TRY(bind_decision(&q, decision, suggested, err));
    ASSAY_TRY(query_next(&q, &rows, err));
    *out = (rows > 0) != none;
    return ASSAY_OK;
}

static assay_code forget(const duck *d, uint32_t sample, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, "DELETE FROM label_decisions WHERE sample = $1", what, err));
    ASSAY_TRY(query_bind_count(&q, 1, sample, err));
    return query_run(&q, err);
}

assay_code project_put_decision(const duck *d, uint32_t sample, label_decision decision,
                                const char *suggested, bool *changed, assay_err *err)
{
    bool so = false;
    *changed = false;
    ASSAY_TRY(is_so(d, sample, decision, suggested, &so, err));
    if (so)
        return ASSAY_OK;
    *changed = true;
    ASSAY_TRY(forget(d, sample, err));
    if (decision == DECISION_NONE)
        return ASSAY_OK;
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d,
                            "INSERT INTO label_decisions VALUES ($1, $2, $3, "
                            "CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP))",
                            what, err));
    ASSAY_TRY(query_bind_count(&q, 1, sample, err));
    ASSAY_TRY(bind_decision(&q, decision, suggested, err));
    return query_run(&q, err);
}
