/* The confusion matrix folded onto the classes that are shown. */
#include "report/shown_matrix.h"

static void place(shown_matrix *m, const bool *shown, uint32_t class_count, uint32_t *position)
{
    size_t next = 0;
    for (uint32_t k = 0; k < class_count; k++) {
        bool own = !shown || shown[k];
        position[k] = (uint32_t)(own ? next : m->shown);
        if (own)
            m->class_of[next++] = (uint16_t)k;
    }
}

static void fold(shown_matrix *m, const confusion *c, const uint32_t *position)
{
    for (size_t i = 0; i < c->cell_count; i++) {
        const confusion_cell *cell = &c->cell[i];
        size_t row = position[cell->label];
        m->count[row * m->size + position[cell->prediction]] += cell->count;
        m->row_total[row] += cell->count;
    }
    m->neither = c->without_both;
    m->any_missing = c->without_both > 0;
    for (uint32_t k = 0; k < c->class_count; k++) {
        m->no_prediction[position[k]] += c->without_prediction[k];
        m->no_label[position[k]] += c->without_label[k];
        m->any_missing = m->any_missing || c->without_prediction[k] > 0 || c->without_label[k] > 0;
    }
}

assay_code shown_matrix_init(shown_matrix *m, const confusion *c, const bool *shown,
                             size_t shown_count, assay_err *err)
{
    *m = (shown_matrix){.shown = shown ? shown_count : c->class_count};
    m->size = m->shown + (shown != NULL);
    ASSAY_AUTO_MEM uint32_t *position = mem_alloc(c->class_count, sizeof *position);
    m->class_of = mem_alloc(m->shown, sizeof *m->class_of);
    m->count = mem_zalloc(m->size * m->size, sizeof *m->count);
    m->no_prediction = mem_zalloc(m->size, sizeof *m->no_prediction);
    m->no_label = mem_zalloc(m->size, sizeof *m->no_label);
    m->row_total = mem_zalloc(m->size, sizeof *m->row_total);
    if (!position || !m->class_of || !m->count || !m->no_prediction || !m->no_label ||
        !m->row_total) {
        shown_matrix_clear(m);
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a matrix of %zu classes", m->size);
    }
    place(m, shown, c->class_count, position);
    fold(m, c, position);
    return ASSAY_OK;
}

void shown_matrix_clear(shown_matrix *m)
{
    mem_free(m->class_of);
    mem_free(m->count);
    mem_free(m->no_prediction);
    mem_free(m->no_label);
    mem_free(m->row_total);
    *m = (shown_matrix){0};
}
