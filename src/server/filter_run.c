/* Asks every sample: in pieces of rows on all threads, 64 at a time, so that a test is a loop over
 * an array without a branch. */
#include "server/filter_words.h"

#include "base/mem.h"
#include "base/threads.h"

#include <string.h>

enum { WORD = 64, CHUNK_WORDS = 1024 };

ASSAY_AUTO_CLEAR_DECLARE(selection)

typedef struct filtering {
    const filter_tests *tests;
    const frame *frame;
    const selection *tagged; /* NULL: no matter */
    selection *rows;
} filtering;

/* Eight bytes of 0 or 1 as eight bits, the first the lowest. */
static uint64_t pack_8(const uint8_t *in)
{
    uint64_t bytes;
    memcpy(&bytes, in, sizeof bytes);
    return (bytes * UINT64_C(0x0102040810204080)) >> 56;
}

static uint64_t pack(const uint8_t in[WORD])
{
    uint64_t word = 0;
    for (unsigned i = 0; i < WORD; i += 8)
        word |= pack_8(in + i) << i;
    return word;
}

/* Of `count` values from `value` on; NaN is in no range. */
static uint64_t in_range(const double *value, size_t count, double low, double high)
{
    uint8_t in[WORD] = {0};
    if (count == WORD) {
        for (size_t i = 0; i < WORD; i++)
            in[i] = (value[i] >= low) & (value[i] <= high);
    } else {
        for (size_t i = 0; i < count; i++)
            in[i] = (value[i] >= low) & (value[i] <= high);
    }
    return pack(in);
}

static uint64_t chosen(const uint32_t *code, size_t count, const bool *flag, uint32_t flag_count)
{
    uint8_t in[WORD] = {0};
    for (size_t i = 0; i < count; i++)
        in[i] = code[i] < flag_count && flag[code[i]];
    return pack(in);
}

static int filter_chunk(void *context, size_t chunk, int worker)
{
    (void)worker;
    const filtering *c = context;
    const filter_tests *t = c->tests;
    const size_t words = (c->rows->row_count + WORD - 1) / WORD;
    const size_t first = chunk * CHUNK_WORDS;
    const size_t end = first + CHUNK_WORDS < words ? first + CHUNK_WORDS : words;
    for (size_t w = first; w < end; w++) {
        const size_t row = w * WORD;
        const size_t left = c->rows->row_count - row;
        const size_t count = left < WORD ? left : WORD;
        uint64_t word = c->rows->word[w];
        if (c->tagged)
            word &= c->tagged->word[w];
        for (size_t i = 0; word && i < t->range_count; i++)
            word &= in_range(c->frame->metric[t->range[i].metric].value + row, count,
                             t->range[i].low, t->range[i].high);
        for (size_t i = 0; word && i < t->choice_count; i++) {
            const attribute_column *a = &c->frame->attribute[t->choice[i].attribute];
            word &= chosen(a->code + row, count, t->choice[i].chosen, a->value_count);
        }
        c->rows->word[w] = word;
    }
    return 0;
}

/* The samples that have any of the tags. */
static assay_code join_tags(const filter_tests *t, const frame *f, selection *out, assay_err *err)
{
    ASSAY_TRY(selection_init(out, f->row_count, false, err));
    const size_t words = (f->row_count + WORD - 1) / WORD;
    for (size_t i = 0; i < f->tag_count; i++) {
        for (size_t w = 0; t->tag[i] && w < words; w++)
            out->word[w] |= f->tag[i].rows.word[w];
    }
    return ASSAY_OK;
}

assay_code filter_tests_run(const filter_tests *t, const frame *f, int thread_count,
                            selection *rows, assay_err *err)
{
    if (t->range_count + t->choice_count == 0 && !t->tag)
        return ASSAY_OK;
    ASSAY_AUTO_CLEAR(selection) tagged = {0};
    if (t->tag)
        ASSAY_TRY(join_tags(t, f, &tagged, err));
    filtering c = {.tests = t, .frame = f, .tagged = t->tag ? &tagged : NULL, .rows = rows};
    const size_t words = (f->row_count + WORD - 1) / WORD;
    threads_run((words + CHUNK_WORDS - 1) / CHUNK_WORDS, thread_count, filter_chunk, &c);
    return ASSAY_OK;
}
