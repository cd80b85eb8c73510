/* A set of rows as a bitmap. */
#include "frame/selection.h"

#include <assert.h>
#include <string.h>

static size_t words_of(size_t row_count)
{
    return row_count / 64 + (row_count % 64 != 0);
}

assay_code selection_init(selection *s, size_t row_count, bool all, assay_err *err)
{
    *s = (selection){0};
    const size_t words = words_of(row_count);
    uint64_t *word = mem_zalloc(words, sizeof *word);
    if (!word)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a selection of %zu rows",
                          row_count);
    if (all && words) {
        memset(word, 0xFF, words * sizeof *word);
        if (row_count % 64)
            word[words - 1] = ((uint64_t)1 << (row_count % 64)) - 1;
    }
    *s = (selection){.word = word, .row_count = row_count};
    return ASSAY_OK;
}

void selection_clear(selection *s)
{
    mem_free(s->word);
    *s = (selection){0};
}

void selection_and(selection *s, const selection *other)
{
    assert(s->row_count == other->row_count);
    const size_t words = words_of(s->row_count);
    for (size_t i = 0; i < words; i++)
        s->word[i] &= other->word[i];
}

size_t selection_count(const selection *s)
{
    const size_t words = words_of(s->row_count);
    size_t count = 0;
    for (size_t i = 0; i < words; i++)
        count += (size_t)__builtin_popcountll(s->word[i]);
    return count;
}
