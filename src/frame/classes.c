/* The names of the classes: a list in order and an open-addressing hash over it. */
#include "frame/classes.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* The low bits of a slot hold code + 1, the rest is the hash: most strangers are turned away
 * unread. */
#define SLOT_CODE ((uint64_t)0xFFFF)

enum { ROOM_FIRST = 16 };

static uint64_t mix(uint64_t h)
{
    h *= 0x9E3779B97F4A7C15u;
    return h ^ h >> 32;
}

/* Eight bytes a step. The length is in the seed, so that the padding of the last step tells
 * nothing. */
static inline uint64_t hash_bytes(const char *at, size_t length)
{
    uint64_t h = mix(length + 1);
    uint64_t word;
    for (; length >= sizeof word; at += sizeof word, length -= sizeof word) {
        memcpy(&word, at, sizeof word);
        h = mix(h ^ word);
    }
    word = 0;
    for (size_t i = 0; i < length; i++)
        word |= (uint64_t)(unsigned char)at[i] << (8 * i);
    return mix(mix(h ^ word));
}

static size_t home_of(const class_list *list, uint64_t hash)
{
    return (size_t)(hash >> 32) & (list->slot_count - 1);
}

/* The slot of the name, or the empty one where it belongs. The table has slots. */
static size_t find_slot(const class_list *list, const char *at, size_t length, uint64_t hash)
{
    size_t i = home_of(list, hash);
    for (; list->slot[i]; i = (i + 1) & (list->slot_count - 1)) {
        if ((list->slot[i] ^ hash) & ~SLOT_CODE)
            continue;
        const size_t code = (size_t)(list->slot[i] & SLOT_CODE) - 1;
        if (list->length[code] == length && memcmp(list->name[code], at, length) == 0)
            break;
    }
    return i;
}

static void fill_slots(class_list *list)
{
    if (!list->slot_count)
        return;
    memset(list->slot, 0, list->slot_count * sizeof *list->slot);
    for (uint32_t code = 0; code < list->count; code++) {
        const uint64_t hash = hash_bytes(list->name[code], list->length[code]);
        size_t i = home_of(list, hash);
        while (list->slot[i])
            i = (i + 1) & (list->slot_count - 1);
        list->slot[i] = (hash & ~SLOT_CODE) | (code + 1);
    }
}

/* Room for one name more. What grew before an allocation failed stays: it changes no answer. */
static bool grow(class_list *list)
{
    if (list->count < list->room)
        return true;
    const uint32_t room = list->room ? 2 * list->room : ROOM_FIRST;
    char **name = mem_resize(list->name, room, sizeof *name);
    if (!name)
        return false;
    list->name = name;
    uint16_t *length = mem_resize(list->length, room, sizeof *length);
    if (!length)
        return false;
    list->length = length;
    uint64_t *slot = mem_alloc((size_t)room * 2, sizeof *slot);
    if (!slot)
        return false;
    mem_free(list->slot);
    list->slot = slot;
    list->slot_count = room * 2;
    list->room = room;
    fill_slots(list);
    return true;
}

static assay_code check_name(const class_list *list, const char *at, size_t length, assay_err *err)
{
    if (list->count >= CLASSES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "there are more than %d classes", CLASSES_MOST);
    if (length > NAME_BYTES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "a class name of %zu bytes is longer than %d bytes",
                          length, NAME_BYTES_MOST);
    if (length && memchr(at, '\0', length))
        return assay_fail(err, ASSAY_E_INPUT, "a class name holds a zero byte");
    const size_t valid = utf8_valid(at, length);
    if (valid < length)
        return assay_fail(err, ASSAY_E_INPUT, "a class name is not UTF-8 (byte %zu of '%.*s')",
                          valid + 1, (int)valid, at);
    return ASSAY_OK;
}

static bool is_integer(const char *name)
{
    const char *digits = name + (*name == '-');
    return *digits && strspn(digits, "0123456789") == strlen(digits);
}

static int sign_of(int x)
{
    return (x > 0) - (x < 0);
}

/* By value, of any length: without leading zeros the longer number is the larger one. */
static int compare_magnitudes(const char *a, const char *b)
{
    a += strspn(a, "0");
    b += strspn(b, "0");
    const size_t length_a = strlen(a), length_b = strlen(b);
    if (length_a != length_b)
        return length_a < length_b ? -1 : 1;
    return sign_of(strcmp(a, b));
}

static int compare_integers(const char *a, const char *b)
{
    const bool minus_a = *a == '-', minus_b = *b == '-';
    const char *digits_a = a + minus_a, *digits_b = b + minus_b;
    const int sign_a = compare_magnitudes(digits_a, "") * (minus_a ? -1 : 1);
    const int sign_b = compare_magnitudes(digits_b, "") * (minus_b ? -1 : 1);
    if (sign_a != sign_b)
        return sign_a < sign_b ? -1 : 1;
    return compare_magnitudes(digits_a, digits_b) * (sign_a < 0 ? -1 : 1);
}

typedef struct sorting {
    const class_list *list;
    bool integers;
} sorting;

static int compare_codes(const void *a, const void *b, void *context)
{
    const sorting *by = context;
    const char *name_a = by->list->name[*(const uint64_t *)a];
    const char *name_b = by->list->name[*(const uint64_t *)b];
    const int by_value = by->integers ? compare_integers(name_a, name_b) : 0;
    return by_value ? by_value : sign_of(strcmp(name_a, name_b));
}

static void swap_names(class_list *list, size_t i, size_t j)
{
    char *name = list->name[i];
    list->name[i] = list->name[j];
    list->name[j] = name;
    const uint16_t length = list->length[i];
    list->length[i] = list->length[j];
    list->length[j] = length;
}

void class_list_clear(class_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        mem_free(list->name[i]);
    mem_free(list->name);
    mem_free(list->length);
    mem_free(list->slot);
    *list = (class_list){0};
}

uint16_t class_list_find(const class_list *list, const char *at, size_t length)
{
    if (!list->slot_count)
        return CLASS_MISSING;
    const uint64_t found = list->slot[find_slot(list, at, length, hash_bytes(at, length))];
    return found ? (uint16_t)((found & SLOT_CODE) - 1) : CLASS_MISSING;
}

assay_code class_list_add(class_list *list, const char *at, size_t length, uint16_t *code,
                          assay_err *err)
{
    *code = class_list_find(list, at, length);
    if (*code != CLASS_MISSING)
        return ASSAY_OK;
    ASSAY_TRY(check_name(list, at, length, err));
    char *name = grow(list) ? mem_copy_text(at, length) : NULL;
    if (!name)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %u class names",
                          (unsigned)list->count + 1);
    const uint64_t hash = hash_bytes(at, length);
    list->slot[find_slot(list, at, length, hash)] = (hash & ~SLOT_CODE) | (list->count + 1);
    list->name[list->count] = name;
    list->length[list->count] = (uint16_t)length;
    *code = (uint16_t)list->count++;
    return ASSAY_OK;
}

void class_list_sort(class_list *list, uint16_t *new_code)
{
    const size_t count = list->count;
    if (!count)
        return;
    sorting by = {.list = list, .integers = true};
    for (size_t i = 0; i < count; i++)
        by.integers = by.integers && is_integer(list->name[i]);
    /* The table is built anew at the end and has two slots a name: until then it serves as scratch.
     */
    uint64_t *old_code = list->slot, *place = list->slot + count;
    for (size_t i = 0; i < count; i++)
        old_code[i] = i;
    qsort_r(old_code, count, sizeof *old_code, compare_codes, &by);
    for (size_t i = 0; i < count; i++) {
        new_code[old_code[i]] = (uint16_t)i;
        place[old_code[i]] = i;
    }
    for (size_t i = 0; i < count; i++) {
        while (place[i] != i) {
            const size_t to = (size_t)place[i];
            swap_names(list, i, to);
            place[i] = place[to];
            place[to] = to;
        }
    }
    fill_slots(list);
}

assay_code class_list_copy(const class_list *from, class_list *to, assay_err *err)
{
    *to = (class_list){0};
    for (uint32_t i = 0; i < from->count; i++) {
        uint16_t code;
        const assay_code failure = class_list_add(to, from->name[i], from->length[i], &code, err);
        if (failure != ASSAY_OK) {
            class_list_clear(to);
            return failure;
        }
    }
    return ASSAY_OK;
}
