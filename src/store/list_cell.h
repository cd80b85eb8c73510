#ifndef STORE_LIST_CELL_H
#define STORE_LIST_CELL_H

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct list_item {
    const char *at;
    uint32_t length;
    bool quoted;
} list_item;

/** The items of one list; reused from cell to cell. */
typedef struct list_items {
    list_item *item;
    uint32_t count, room;
    char *scratch; /* texts whose escapes were taken out */
    size_t scratch_used, scratch_room;
} list_items;

void list_items_clear(list_items *items);

/** Add an item whose text outlives the list. NOMEM; LIMIT beyond CLASSES_MOST items. */
ASSAY_MUST_USE assay_code list_items_add(list_items *items, const char *at, size_t length,
                                         bool quoted, assay_err *err);

/** Whether a text begins with [ or ( and ends with the matching one, spaces aside. */
bool list_cell_is_list(const char *at, size_t length);

/**
 * Read a list as Python, NumPy or JSON print it: ['cat', "dog"], [0.7 0.2 .1], (1, 2), with commas
 * or white space between items, quotes ' or " with \ escapes for the quotes and \ itself. Items are
 * views into `at` or the scratch. INPUT with what is wrong and at which byte; NOMEM; LIMIT.
 * O(length).
 */
ASSAY_MUST_USE assay_code list_cell_parse(const char *at, size_t length, list_items *out,
                                          assay_err *err);

#endif
