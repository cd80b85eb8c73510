#ifndef FRAME_CLASSES_H
#define FRAME_CLASSES_H

#include "base/mem.h"
#include "base/try.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The code of a sample without a label or prediction. */
enum { CLASS_MISSING = 0xFFFF };

/**
 * The ordered names of the classes and a hash over them. Code = position. Owned by one thread while
 * it grows; share freely afterwards.
 */
typedef struct class_list {
    char **name;
    uint16_t *length; /* bytes of each name */
    uint32_t count;
    uint32_t room;
    uint64_t *slot;      /* hash table: the upper bits of the hash above code + 1; 0 is empty */
    uint32_t slot_count; /* a power of two, at least twice the count; 0 before the first name */
} class_list;

void class_list_clear(class_list *list);
ASSAY_AUTO_CLEAR_DECLARE(class_list)

/** The code of a name, or CLASS_MISSING. O(length). */
uint16_t class_list_find(const class_list *list, const char *at, size_t length);

/**
 * The code of a name, added at the end where it is new. LIMIT beyond CLASSES_MOST classes or a name
 * of more than NAME_BYTES_MOST; INPUT where it is not UTF-8 or holds a zero byte; NOMEM. The list
 * is unchanged on failure.
 */
ASSAY_MUST_USE assay_code class_list_add(class_list *list, const char *at, size_t length,
                                         uint16_t *code, assay_err *err);

/** The same names in the same order, into an empty list. NOMEM, and then it is empty. */
ASSAY_MUST_USE assay_code class_list_copy(const class_list *from, class_list *to, assay_err *err);

/**
 * Put the names into the order of their bytes; where every name is a plain decimal integer (digits,
 * perhaps after a minus) they go by value ("2" before "10"), and by bytes among equals ("01" before
 * "1"). `new_code[old]` receives the new codes (count entries). O(K log K).
 */
void class_list_sort(class_list *list, uint16_t *new_code);

#endif
