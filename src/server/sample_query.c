/* Which samples a list has. */
#include "server/sample_query.h"

#include "base/threads.h"
#include "server/frame_columns.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_ALL] = "all",
    [OUTCOME_CORRECT] = "correct",
    [OUTCOME_WRONG] = "wrong",
    [OUTCOME_TP] = "tp",
    [OUTCOME_FP] = "fp",
    [OUTCOME_FN] = "fn",
    [OUTCOME_UNLABELLED] = "unlabelled",
    [OUTCOME_FIXED] = "fixed",
    [OUTCOME_BROKEN] = "broken",
    [OUTCOME_BOTH_WRONG] = "both_wrong",
    [OUTCOME_BOTH_RIGHT] = "both_right",
};

/* What was asked for, in words; NULL: left out. */
typedef struct query_words {
    const char *outcome, *class, *truth, *predicted, *against;
    double threshold; /* NaN: left out */
} query_words;

/* Probabilities of a file may miss 0 and 1 by its rounding; 2 is above them all. */
static const double threshold_least = -1.0, threshold_most = 2.0;

static bool is_of_class(outcome o)
{
    return o == OUTCOME_TP || o == OUTCOME_FP || o == OUTCOME_FN;
}

static bool is_against(outcome o)
{
    return o >= OUTCOME_FIXED && o <= OUTCOME_BOTH_RIGHT;
}

static assay_code read_outcome(const char *word, outcome *out, assay_err *err)
{
    *out = OUTCOME_ALL;
    for (size_t i = 0; word && i < OUTCOME_COUNT; i++) {
        if (strcmp(outcome_names[i], word) == 0) {
            *out = (outcome)i;
            return ASSAY_OK;
        }
    }
    return word ? assay_fail(err, ASSAY_E_USAGE,
                             "there is no outcome '%.100s'; there are: all, correct, wrong, tp, "
                             "fp, fn, unlabelled, fixed, broken, both_wrong, both_right",
                             word)
                : ASSAY_OK;
}

static assay_code read_class(const frame *f, const char *word, uint16_t *out, assay_err *err)
{
    *out = CLASS_MISSING;
    return word ? frame_class_named(f, word, out, err) : ASSAY_OK;
}

static assay_code look_against(workspace *w, const char *model, sample_query *q, assay_err *err)
{
    ASSAY_TRY(workspace_look(w, model, &q->against, err));
    if (workspace_revision(q->against) == sample_query_revision(q))
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_CONFLICT, "the project changed meanwhile; ask again");
}

static assay_code take_threshold(const query_words *words, sample_query *q, assay_err *err)
{
    const frame *f = filter_frame(q->filter);
    q->by_threshold = !isnan(words->threshold);
    q->threshold = q->by_threshold ? words->threshold : 0.0;
    if (!q->by_threshold)
        return ASSAY_OK;
    if (!is_of_class(q->outcome))
        return assay_fail(err, ASSAY_E_USAGE, "a threshold goes with outcome tp, fp or fn");
    if (f->probability)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_INPUT, "a threshold needs probabilities, and %s%s has none",
                      f->model ? "model " : "the project without a model",
                      f->model ? f->model : "");
}

static assay_code settle(workspace *w, const query_words *words, sample_query *q, assay_err *err)
{
    const frame *f = filter_frame(q->filter);
    ASSAY_TRY(read_outcome(words->outcome, &q->outcome, err));
    ASSAY_TRY(read_class(f, words->class, &q->class, err));
    ASSAY_TRY(read_class(f, words->truth, &q->truth, err));
    ASSAY_TRY(read_class(f, words->predicted, &q->predicted, err));
    if (is_of_class(q->outcome) && q->class == CLASS_MISSING)
        return assay_fail(err, ASSAY_E_USAGE, "outcome %s needs a class",
                          outcome_names[q->outcome]);
    if (is_against(q->outcome) && !words->against)
        return assay_fail(err, ASSAY_E_USAGE, "outcome %s needs a model to be held against",
                          outcome_names[q->outcome]);
    ASSAY_TRY(take_threshold(words, q, err));
    return is_against(q->outcome) ? look_against(w, words->against, q, err) : ASSAY_OK;
}

static assay_code finish(assay_code code, sample_query *q)
{
    if (code != ASSAY_OK)
        sample_query_clear(q);
    return code;
}

static assay_code check_threshold(double value, const char *words, assay_err *err)
{
    if (value >= threshold_least && value <= threshold_most)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_USAGE,
                      "threshold is '%.40s'; use a probability, from 0 to 1, or 2 for above them "
                      "all",
                      words);
}

static assay_code read_threshold(const char *words, double *out, assay_err *err)
{
    *out = (double)NAN;
    if (!words)
        return ASSAY_OK;
    /* What strtod() reads beside these are hexadecimals, blanks, and numbers that are none. */
    const bool plain = *words && words[strspn(words, "0123456789+-.eE")] == '\0';
    char *end = NULL;
    const double value = plain ? strtod(words, &end) : (double)NAN;
    ASSAY_TRY(check_threshold(plain && *end == '\0' ? value : (double)NAN, words, err));
    *out = value;
    return ASSAY_OK;
}

assay_code sample_query_of_request(workspace *w, const request *q, sample_query *out, reply *failed,
                                   assay_err *err)
{
    *out = (sample_query){0};
    query_words words = {.outcome = request_text(q, "outcome"),
                         .class = request_text(q, "class"),
                         .truth = request_text(q, "true"),
                         .predicted = request_text(q, "predicted"),
                         .against = request_text(q, "against")};
    ASSAY_TRY(read_threshold(request_text(q, "threshold"), &words.threshold, err));
    ASSAY_TRY(filter_of_request(w, q, &out->filter, failed, err));
    return finish(settle(w, &words, out, err), out);
}

/* A member of a SampleQuery: a text, or left out. */
static assay_code take_word(const json_t *value, const char *name, const char **out, assay_err *err)
{
    const json_t *member = json_object_get(value, name);
    *out = NULL;
    if (!member)
        return ASSAY_OK;
    *out = json_string_value(member);
    return *out ? ASSAY_OK : assay_fail(err, ASSAY_E_USAGE, "'%s' is not a text", name);
}

/* A number exactly as it was written. */
static assay_code take_number(const json_t *value, double *out, assay_err *err)
{
    const json_t *member = json_object_get(value, "threshold");
    char words[40];
    *out = (double)NAN;
    if (!member)
        return ASSAY_OK;
    if (!json_is_number(member))
        return assay_fail(err, ASSAY_E_USAGE, "'threshold' is not a number");
    *out = json_number_value(member);
    snprintf(words, sizeof words, "%.17g", *out);
    return check_threshold(*out, words, err);
}

static assay_code check_members(const json_t *value, assay_err *err)
{
    static const char *const names[] = {"filter",    "outcome", "class",    "true",
                                        "predicted", "against", "threshold"};
    if (value && !json_is_object(value))
        return assay_fail(err, ASSAY_E_USAGE, "'all' is not an object");
    for (void *at = json_object_iter((json_t *)(uintptr_t)value); at;
         at = json_object_iter_next((json_t *)(uintptr_t)value, at)) {
        const char *key = json_object_iter_key(at);
        bool known = false;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            known |= strcmp(names[i], key) == 0;
        if (!known)
            return assay_fail(err, ASSAY_E_USAGE, "'all' has no '%.100s'", key);
    }
    return ASSAY_OK;
}

assay_code sample_query_of_json(workspace *w, const json_t *value, sample_query *out, reply *failed,
                                assay_err *err)
{
    *out = (sample_query){0};
    query_words words;
    ASSAY_TRY(check_members(value, err));
    ASSAY_TRY(take_word(value, "outcome", &words.outcome, err));
    ASSAY_TRY(take_word(value, "class", &words.class, err));
    ASSAY_TRY(take_word(value, "true", &words.truth, err));
    ASSAY_TRY(take_word(value, "predicted", &words.predicted, err));
    ASSAY_TRY(take_word(value, "against", &words.against, err));
    ASSAY_TRY(take_number(value, &words.threshold, err));
    ASSAY_TRY(filter_of_json(w, json_object_get(value, "filter"), &out->filter, failed, err));
    return finish(settle(w, &words, out, err), out);
}

void sample_query_clear(sample_query *q)
{
    workspace_release(q->against);
    filter_release(q->filter);
    *q = (sample_query){0};
}

const frame *sample_query_frame(const sample_query *q)
{
    return filter_frame(q->filter);
}

uint64_t sample_query_revision(const sample_query *q)
{
    return workspace_revision(filter_view(q->filter));
}

/* What each row is held against. */
typedef struct row_test {
    const uint16_t *label, *prediction, *other;
    const probabilities *scores; /* where a threshold decides; else NULL */
    const bool *shown;
    const sample_query *query;
} row_test;

/* Of a sample that has a label and a prediction. */
static bool is_outcome_of_class(const sample_query *q, uint16_t label, uint16_t prediction)
{
    const bool right = label == prediction;
    if (q->outcome == OUTCOME_FP)
        return !right && prediction == q->class;
    return right == (q->outcome == OUTCOME_TP) && label == q->class;
}

/* `score`: the probability of the class; NaN is no valid one. */
static bool is_outcome_by_threshold(const sample_query *q, uint16_t label, double score)
{
    const bool called = score >= q->threshold, truly = label == q->class;
    if (isnan(score))
        return false;
    return truly == (q->outcome != OUTCOME_FP) && called == (q->outcome != OUTCOME_FN);
}

static bool is_outcome_against(outcome o, bool right, bool other_right)
{
    const bool want_right = o == OUTCOME_FIXED || o == OUTCOME_BOTH_RIGHT;
    const bool want_other = o == OUTCOME_BROKEN || o == OUTCOME_BOTH_RIGHT;
    return right == want_right && other_right == want_other;
}

static bool is_outcome(const row_test *t, size_t row, double score)
{
    const sample_query *q = t->query;
    const uint16_t label = t->label[row], prediction = t->prediction[row];
    if (q->outcome == OUTCOME_ALL)
        return true;
    if (q->outcome == OUTCOME_UNLABELLED)
        return label == CLASS_MISSING;
    if (label == CLASS_MISSING || prediction == CLASS_MISSING)
        return false;
    const bool right = label == prediction;
    if (q->by_threshold)
        return is_outcome_by_threshold(q, label, score);
    if (is_of_class(q->outcome))
        return is_outcome_of_class(q, label, prediction);
    if (!is_against(q->outcome))
        return right == (q->outcome == OUTCOME_CORRECT);
    return t->other[row] != CLASS_MISSING &&
           is_outcome_against(q->outcome, right, label == t->other[row]);
}

static bool shows(const bool *shown, uint16_t label, uint16_t prediction)
{
    return !shown || (label != CLASS_MISSING && shown[label]) ||
           (prediction != CLASS_MISSING && shown[prediction]);
}

bool filter_shows_row(const filter *f, size_t row)
{
    const frame *of = filter_frame(f);
    return shows(filter_shown(f), of->label[row], of->prediction[row]);
}

/* Whoever is called a class by a threshold is shown like one that is predicted so. */
static bool shows_by_threshold(const row_test *t)
{
    return t->query->by_threshold && t->shown[t->query->class];
}

static bool is_in(const row_test *t, size_t row, double score)
{
    const sample_query *q = t->query;
    const uint16_t label = t->label[row], prediction = t->prediction[row];
    if (q->truth != CLASS_MISSING && label != q->truth)
        return false;
    if (q->predicted != CLASS_MISSING && prediction != q->predicted)
        return false;
    if (!shows(t->shown, label, prediction) && !shows_by_threshold(t))
        return false;
    return is_outcome(t, row, score);
}

/* Words of the selection to a piece of work: a quarter of a million samples. */
enum { WORD = 64, PIECE_WORDS = 4096 };

typedef struct row_tests {
    row_test test;
    const selection *rows;
    selection *out;
    bool every; /* nothing is asked of a row */
    size_t words;
} row_tests;

/* Those of a word's rows that are in. */
static uint64_t test_word(const row_tests *t, size_t w)
{
    const row_test *test = &t->test;
    const size_t first = w * WORD, left = t->rows->row_count - first;
    double score[WORD] = {0};
    uint64_t in = t->rows->word[w];
    if (test->scores && in)
        probabilities_columns_f64(test->scores, first, left < WORD ? left : WORD,
                                  test->query->class, 1, score);
    for (uint64_t bits = in; bits; bits &= bits - 1) {
        const unsigned bit = (unsigned)__builtin_ctzll(bits);
        if (!is_in(test, first + bit, score[bit]))
            in &= ~((uint64_t)1 << bit);
    }
    return in;
}

static int test_piece(void *context, size_t chunk, int worker)
{
    (void)worker;
    const row_tests *t = context;
    const size_t begin = chunk * PIECE_WORDS;
    const size_t end = begin + PIECE_WORDS < t->words ? begin + PIECE_WORDS : t->words;
    for (size_t w = begin; w < end; w++)
        t->out->word[w] = t->every ? t->rows->word[w] : test_word(t, w);
    return 0;
}

assay_code sample_query_rows(const sample_query *q, selection *out, assay_err *err)
{
    const frame *f = sample_query_frame(q);
    row_tests t = {.test = {.label = f->label,
                            .prediction = f->prediction,
                            .other = q->against ? workspace_frame(q->against)->prediction : NULL,
                            .scores = q->by_threshold ? f->probability : NULL,
                            .shown = filter_shown(q->filter),
                            .query = q},
                   .rows = filter_rows(q->filter),
                   .out = out,
                   .words = (f->row_count + 63) / 64};
    t.every = q->outcome == OUTCOME_ALL && q->truth == CLASS_MISSING &&
              q->predicted == CLASS_MISSING && !t.test.shown;
    ASSAY_TRY(selection_init(out, f->row_count, false, err));
    threads_run((t.words + PIECE_WORDS - 1) / PIECE_WORDS,
                workspace_threads(workspace_of(filter_view(q->filter))), test_piece, &t);
    return ASSAY_OK;
}

void sample_query_key(const sample_query *q, text *out)
{
    const char *other = q->against ? workspace_frame(q->against)->model : NULL;
    text_printf(out, "%" PRIu64 " %d %u %u %u %zu:%s ", sample_query_revision(q), (int)q->outcome,
                q->class, q->truth, q->predicted, other ? strlen(other) : 0, other ? other : "");
    if (q->by_threshold)
        text_printf(out, "at %a ", q->threshold);
    text_puts(out, filter_key(q->filter));
}
