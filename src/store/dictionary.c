/* Texts to codes: an open-addressing table whose slots hold the whole hash and the length, so that
 * a look-up touches the text itself only once, to be sure. */
#include "store/dictionary.h"

#include <string.h>

__extension__ typedef unsigned __int128 wide;

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    const wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t load8(const char *at)
{
    uint64_t x;
    memcpy(&x, at, sizeof x);
    return x;
}

static inline uint64_t load4(const char *at)
{
    uint32_t x;
    memcpy(&x, at, sizeof x);
    return x;
}

uint64_t text_hash(const char *at, size_t length)
{
    static const uint64_t k0 = 0x9E3779B97F4A7C15u;
    static const uint64_t k1 = 0xD1342543DE82EF95u;
    static const uint64_t k2 = 0xA0761D6478BD642Fu;
    uint64_t hash = k2 ^ length * k0;
    size_t left = length;
    for (; left > 16; at += 16, left -= 16)
        hash = fold(load8(at) ^ k0 ^ hash, load8(at + 8) ^ k1);
    uint64_t a = 0;
    uint64_t b = 0;
    if (left >= 8) {
        a = load8(at);
        b = load8(at + left - 8);
    } else if (left >= 4) {
        a = load4(at);
        b = load4(at + left - 4);
    } else if (left > 0) {
        a = (uint64_t)(unsigned char)at[0] << 16 | (uint64_t)(unsigned char)at[left / 2] << 8 |
            (uint64_t)(unsigned char)at[left - 1];
    }
    return fold(fold(a ^ k1 ^ hash, b ^ k0 ^ hash), k2);
}

void dictionary_clear(dictionary *d)
{
    mem_free(d->bytes);
    mem_free(d->start);
    mem_free(d->slot);
    *d = (dictionary){0};
}

uint32_t dictionary_find(const dictionary *d, const char *at, size_t length, uint64_t hash)
{
    if (d->slot_count == 0)
        return DICTIONARY_NONE;
    const uint32_t mask = d->slot_count - 1;
    for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
        const dictionary_slot *s = &d->slot[i];
        if (s->code_plus_one == 0)
            return DICTIONARY_NONE;
        const uint32_t code = s->code_plus_one - 1;
        if (s->hash == hash && s->length == length &&
            !memcmp(d->bytes + d->start[code], at, length))
            return code;
    }
}

static void place(dictionary_slot *slots, uint32_t slot_count, dictionary_slot one)
{
    const uint32_t mask = slot_count - 1;
    uint32_t i = (uint32_t)one.hash & mask;
    while (slots[i].code_plus_one != 0)
        i = (i + 1) & mask;
    slots[i] = one;
}

/* At most half full. */
static int grow_slots(dictionary *d)
{
    if (d->count < d->slot_count / 2)
        return 1;
    if (d->slot_count > UINT32_MAX / 4)
        return 0;
    const uint32_t slot_count = d->slot_count ? d->slot_count * 2 : 64;
    dictionary_slot *slots = mem_zalloc(slot_count, sizeof *slots);
    if (!slots)
        return 0;
    for (uint32_t i = 0; i < d->slot_count; i++) {
        if (d->slot[i].code_plus_one != 0)
            place(slots, slot_count, d->slot[i]);
    }
    mem_free(d->slot);
    d->slot = slots;
    d->slot_count = slot_count;
    return 1;
}

static int grow_texts(dictionary *d, size_t length)
{
    if (d->count + 1 >= d->room) {
        const uint32_t room = d->room ? d->room * 2 : 32;
        uint64_t *start = mem_resize(d->start, (size_t)room + 1, sizeof *start);
        if (!start)
            return 0;
        if (!d->start)
            start[0] = 0;
        d->start = start;
        d->room = room;
    }
    const size_t need = (size_t)d->start[d->count] + length;
    if (need >= d->byte_room) {
        const size_t room = need * 2 + 256;
        char *bytes = mem_resize(d->bytes, room, 1);
        if (!bytes)
            return 0;
        d->bytes = bytes;
        d->byte_room = room;
    }
    return 1;
}

assay_code dictionary_add(dictionary *d, const char *at, size_t length, uint64_t hash,
                          uint32_t *code, assay_err *err)
{
    *code = dictionary_find(d, at, length, hash);
    if (*code != DICTIONARY_NONE)
        return ASSAY_OK;
    if (length > UINT32_MAX || d->count >= (uint32_t)INT32_MAX || !grow_slots(d) ||
        !grow_texts(d, length))
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %u distinct texts", d->count + 1);
    if (length)
        memcpy(d->bytes + d->start[d->count], at, length);
    d->start[d->count + 1] = d->start[d->count] + length;
    *code = d->count++;
    place(d->slot, d->slot_count,
          (dictionary_slot){.hash = hash, .code_plus_one = *code + 1, .length = (uint32_t)length});
    return ASSAY_OK;
}
