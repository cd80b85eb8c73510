/* Which rows count, and which of them are right: 64 at a time, without a branch. */
#include "eval/outcome_rows.h"

#include "base/mem.h"
#include "base/threads.h"

#include <string.h>

enum { WORD = 64, CHUNK_WORDS = 2048, CODES = CLASS_MISSING + 1 };

typedef struct choosing {
    const frame *f;
    const selection *selected;
    const uint8_t *counts; /* of a label's code: 1 where its samples count */
    outcome_rows *out;
} choosing;

/* Eight bytes of 0 or 1 as eight bits, the first the lowest. */
static uint64_t pack(const uint8_t in[WORD])
{
    uint64_t word = 0;
    for (unsigned i = 0; i < WORD; i += 8) {
        uint64_t bytes;
        memcpy(&bytes, in + i, sizeof bytes);
        word |= ((bytes * UINT64_C(0x0102040810204080)) >> 56) << i;
    }
    return word;
}

static int choose_chunk(void *context, size_t chunk, int worker)
{
    (void)worker;
    const choosing *c = context;
    const size_t n = c->f->row_count, words = (n + WORD - 1) / WORD, first = chunk * CHUNK_WORDS;
    const size_t end = first + CHUNK_WORDS < words ? first + CHUNK_WORDS : words;
    for (size_t w = first; w < end; w++) {
        uint64_t word = c->selected->word[w];
        uint8_t in[WORD] = {0}, equal[WORD] = {0};
        const uint16_t *label = c->f->label + w * WORD, *prediction = c->f->prediction + w * WORD;
        const size_t count = n - w * WORD < WORD ? n - w * WORD : WORD;
        for (size_t i = 0; word && i < count; i++) {
            in[i] = c->counts[label[i]] & (uint8_t)(prediction[i] != CLASS_MISSING);
            equal[i] = label[i] == prediction[i];
        }
        word &= pack(in);
        c->out->rows.word[w] = word;
        c->out->right.word[w] = word & pack(equal);
    }
    return 0;
}

void outcome_rows_clear(outcome_rows *o)
{
    selection_clear(&o->rows);
    selection_clear(&o->right);
    *o = (outcome_rows){0};
}

assay_code outcome_rows_of(outcome_rows *o, const samples *s, assay_err *err)
{
    *o = (outcome_rows){0};
    ASSAY_TRY(selection_init(&o->rows, s->frame->row_count, false, err));
    const assay_code code = selection_init(&o->right, s->frame->row_count, false, err);
    if (code != ASSAY_OK) {
        outcome_rows_clear(o);
        return code;
    }
    o->count = s->count;
    for (size_t i = 0; i < s->count; i++) {
        const bool right = s->label[i] == s->prediction[i];
        selection_set(&o->rows, samples_row(s, i), true);
        selection_set(&o->right, samples_row(s, i), right);
        o->correct += right;
    }
    return ASSAY_OK;
}

assay_code outcome_rows_init(outcome_rows *o, const frame *f, const selection *selected,
                             const bool *shown, int thread_count, assay_err *err)
{
    *o = (outcome_rows){0};
    ASSAY_AUTO_MEM uint8_t *counts = mem_zalloc(CODES, sizeof *counts);
    if (!counts)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %u classes", f->classes.count);
    for (uint32_t k = 0; k < f->classes.count; k++)
        counts[k] = !shown || shown[k];
    ASSAY_TRY(selection_init(&o->rows, f->row_count, false, err));
    const assay_code code = selection_init(&o->right, f->row_count, false, err);
    if (code != ASSAY_OK) {
        outcome_rows_clear(o);
        return code;
    }
    choosing c = {.f = f, .selected = selected, .counts = counts, .out = o};
    const size_t words = (f->row_count + WORD - 1) / WORD;
    threads_run((words + CHUNK_WORDS - 1) / CHUNK_WORDS, thread_count, choose_chunk, &c);
    o->count = selection_count(&o->rows);
    o->correct = selection_count(&o->right);
    return ASSAY_OK;
}
