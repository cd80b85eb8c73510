/* From the files of a request to a frame: each step in its order. What a step does is in its own
 * file. */
#include "store/import_parts.h"

#include "base/limits.h"
#include "base/threads.h"
#include "store/class_map.h"
#include "store/npy.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

ASSAY_AUTO_DECLARE(frame)

static void import_state_clear(import_state *s)
{
    table_clear(&s->t);
    frame_free(s->f);
    mem_free(s->label);
    mem_free(s->prediction);
    mem_free(s->confidence);
    mem_free(s->map);
}

static assay_code check_request(const import_request *r, assay_err *err)
{
    const bool predicts = r->predictions_path || r->probabilities_path;
    if (!r->path && !r->labels_path && !(r->wants == IMPORT_PREDICTIONS && predicts))
        return assay_fail(err, ASSAY_E_USAGE, "no table, and no labels");
    if (!r->path && !predicts)
        return assay_fail(err, ASSAY_E_USAGE,
                          "%s: is read as the labels, and nothing says what was predicted; "
                          "name the other file with --predictions or --probabilities",
                          r->labels_path);
    return ASSAY_OK;
}

static uint16_t *take_codes(const table *t, column_role role)
{
    table_column *c = table_find(t, role);
    return c ? ASSAY_GIVE(c->class_code) : NULL;
}

static assay_code read_table(import_state *s, assay_err *err)
{
    if (!s->request->path)
        return ASSAY_OK;
    ASSAY_TRY(table_read(s->request, &s->t, err));
    s->table_has_rows = true;
    if (s->t.not_finite.count && !s->request->allow_nan) {
        const bad_rows_words words = {s->t.path, 1, "a confidence that is not finite",
                                      "; --allow-nan counts such rows as missing"};
        return bad_rows_fail(&s->t.not_finite, &words, err);
    }
    s->notes->not_finite = s->t.not_finite.count;
    ASSAY_TRY(import_check_ids(s, err));
    if (s->t.shape == SHAPE_LONG) {
        ASSAY_TRY(import_long(&s->t, err));
        s->notes->not_finite = 0; /* counted again, by samples */
    }
    s->f->row_count = s->t.row_count;
    s->label = take_codes(&s->t, ROLE_LABEL);
    s->prediction = take_codes(&s->t, ROLE_PREDICTION);
    s->label_path = s->prediction_path = s->probability_path = s->t.path;
    table_column *confidence = table_find(&s->t, ROLE_CONFIDENCE);
    if (confidence)
        s->confidence = ASSAY_GIVE(confidence->number);
    return ASSAY_OK;
}

/* The first file decides how many samples there are; the others must agree. */
static assay_code check_rows(import_state *s, const char *path, size_t rows, assay_err *err)
{
    if (s->f->row_count == 0) {
        s->f->row_count = rows;
        s->first_path = path;
    }
    if (s->f->row_count == rows)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_INPUT, "%s: has %zu rows, and %s %zu", path, rows,
                      s->table_has_rows ? s->t.path : s->first_path, s->f->row_count);
}

static assay_code read_vector(import_state *s, const char *path, const npy_file *file,
                              uint16_t **out, assay_err *err)
{
    const size_t rows = file->header.shape[0];
    ASSAY_TRY(check_rows(s, path, rows, err));
    ASSAY_AUTO_MEM uint16_t *code = mem_alloc(rows, sizeof *code);
    if (!code)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for %zu rows", path, rows);
    ASSAY_TRY(npy_read_names(file, path, &s->t.classes, code, err));
    mem_free(*out);
    *out = ASSAY_GIVE(code);
    return ASSAY_OK;
}

static assay_code open_vector(import_state *s, const char *path, uint16_t **out,
                              const char **path_out, assay_err *err)
{
    if (!path)
        return ASSAY_OK;
    npy_file file;
    ASSAY_TRY(npy_open(path, &file, err));
    const assay_code code = read_vector(s, path, &file, out, err);
    npy_close(&file);
    *path_out = path;
    return code;
}

static assay_code open_matrix(import_state *s, assay_err *err)
{
    const char *path = s->request->probabilities_path;
    if (!path)
        return ASSAY_OK;
    s->probability_path = path;
    s->f->probability = mem_zalloc(1, sizeof *s->f->probability);
    if (!s->f->probability)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", path);
    npy_file file;
    ASSAY_TRY(npy_open(path, &file, err));
    const assay_code code = npy_take_matrix(&file, path, &s->f->probability->values, err);
    npy_close(&file);
    ASSAY_TRY(code);
    const size_t rows = s->f->probability->values.row_count;
    if (rows > ROWS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: has %zu rows; at most %" PRIu64 " are read",
                          path, rows, ROWS_MOST);
    s->f->probability->logits = s->request->logits;
    return check_rows(s, path, rows, err);
}

static assay_code read_predictions(import_state *s, assay_err *err)
{
    if (s->f->probability)
        return import_scan(s, err);
    if (s->t.place_count > 0)
        return import_probability_columns(s, err);
    if (s->t.top_code)
        return import_lists(s, err);
    return ASSAY_OK;
}

typedef struct range_checking {
    const double *confidence;
    size_t count, part_count;
} range_checking;

enum { RANGE_PARTS_MOST = 16, RANGE_PART_LEAST = 1 << 17 };

/* Whether one is outside of [0, 1]; missing ones are nowhere. Without a branch, so that several are
 * looked at at once. */
static int find_outside(void *context, size_t part, int worker)
{
    (void)worker;
    const range_checking *r = context;
    const size_t end = threads_part_begin(r->count, part + 1, r->part_count);
    uint64_t outside = 0;
    for (size_t i = threads_part_begin(r->count, part, r->part_count); i < end; i++)
        outside |= (uint64_t)(r->confidence[i] < 0.0) | (uint64_t)(r->confidence[i] > 1.0);
    return outside != 0;
}

static bool all_in_unit_range(const double *confidence, size_t count, int threads)
{
    range_checking r = {confidence, count,
                        threads_parts(count, RANGE_PART_LEAST, RANGE_PARTS_MOST, threads)};
    return threads_run(r.part_count, threads, find_outside, &r) == 0;
}

/* Confidences in [0, 1] mean probability; the others are only an order. */
static void give_results(import_state *s)
{
    frame *f = s->f;
    f->label = ASSAY_GIVE(s->label);
    f->prediction = ASSAY_GIVE(s->prediction);
    f->confidence = ASSAY_GIVE(s->confidence);
    f->confidence_in_unit_range =
        f->confidence && all_in_unit_range(f->confidence, f->row_count, s->request->thread_count);
}

static assay_code note_files(import_state *s, assay_err *err)
{
    import_notes *notes = s->notes;
    if (s->table_has_rows)
        return import_note_columns(notes, &s->t, err);
    notes->format = ".npy";
    notes->shape = s->request->probabilities_path ? "probability columns" : "one row a sample";
    return ASSAY_OK;
}

static assay_code build(import_state *s, assay_err *err)
{
    const import_request *r = s->request;
    ASSAY_TRY(check_request(r, err));
    s->f = mem_zalloc(1, sizeof *s->f);
    if (!s->f)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the samples");
    if (r->known_classes && !r->classes)
        ASSAY_TRY(class_list_copy(r->known_classes, &s->f->classes, err));
    if (r->classes)
        ASSAY_TRY(class_list_read(r->classes, &s->f->classes, err));
    s->again = *r;
    s->again.class_names = s->f->classes.count ? &s->f->classes : NULL;
    s->request = &s->again;
    ASSAY_TRY(read_table(s, err));
    ASSAY_TRY(open_vector(s, r->labels_path, &s->label, &s->label_path, err));
    ASSAY_TRY(open_vector(s, r->predictions_path, &s->prediction, &s->prediction_path, err));
    ASSAY_TRY(open_matrix(s, err));
    ASSAY_TRY(import_classes(s, err));
    ASSAY_TRY(read_predictions(s, err));
    if (r->logits && !s->f->probability)
        return assay_fail(err, ASSAY_E_USAGE, "--logits: there is no probability of every class");
    ASSAY_TRY(note_files(s, err));
    ASSAY_TRY(import_columns(s, err));
    give_results(s);
    return ASSAY_OK;
}

assay_code import_predictions(const import_request *request, frame **out, import_notes *notes,
                              assay_err *err)
{
    *out = NULL;
    *notes = (import_notes){0};
    import_state s = {.request = request, .notes = notes};
    const assay_code code = build(&s, err);
    if (code == ASSAY_OK)
        *out = ASSAY_GIVE(s.f);
    else
        import_notes_clear(notes);
    import_state_clear(&s);
    return code;
}
