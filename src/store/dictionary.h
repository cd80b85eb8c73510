#ifndef STORE_DICTIONARY_H
#define STORE_DICTIONARY_H

#include "base/mem.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define DICTIONARY_NONE UINT32_MAX

typedef struct dictionary_slot {
    uint64_t hash;
    uint32_t code_plus_one; /* 0: empty */
    uint32_t length;
} dictionary_slot;

/** Distinct texts in the order in which they came; code = position. Owned by one thread while it
 * grows, readable by many between. */
typedef struct dictionary {
    char *bytes; /* text `code` is bytes[start[code] .. start[code + 1]) */
    size_t byte_room;
    uint64_t *start;
    uint32_t count, room;
    dictionary_slot *slot;
    uint32_t slot_count;
} dictionary;

void dictionary_clear(dictionary *d);

/** A 64-bit hash of a text. Equal on every little-endian machine. */
uint64_t text_hash(const char *at, size_t length);

/** The code of a text or DICTIONARY_NONE. `hash` is its text_hash(). */
uint32_t dictionary_find(const dictionary *d, const char *at, size_t length, uint64_t hash);

/** The code of a text, added where it is new. NOMEM, and then nothing changed. */
ASSAY_MUST_USE assay_code dictionary_add(dictionary *d, const char *at, size_t length,
                                         uint64_t hash, uint32_t *code, assay_err *err);

/** The text of a code; a view until the next add, not terminated. */
static inline const char *dictionary_text(const dictionary *d, uint32_t code, size_t *length)
{
    assert(d->start);
    *length = (size_t)(d->start[code + 1] - d->start[code]);
    return d->bytes + d->start[code];
}

#endif
