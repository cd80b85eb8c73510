#ifndef STORE_CLASS_MAP_H
#define STORE_CLASS_MAP_H

#include "frame/classes.h"
#include "store/dictionary.h"

/**
 * The classes that the user names: the lines of a file where there is one of this name, else
 * "a,b,c". Order is kept. INPUT: a name twice or an empty one; NOT_FOUND: no file and no comma;
 * LIMIT, NOMEM.
 */
ASSAY_MUST_USE assay_code class_list_read(const char *given, class_list *out, assay_err *err);

/** What the names in the files are to be matched with. */
typedef struct class_sources {
    const dictionary *raw;       /* names as the files have them */
    const uint16_t *place_class; /* names (codes into raw) of probability columns; NULL: none */
    size_t place_count;
    size_t matrix_columns; /* of an .npy matrix without names; 0: none */
    const char *path;      /* of the labels, for messages */
    const char *matrix_path;
    bool may_grow; /* names that are not in a given list are added to its end, sorted */
} class_sources;

/**
 * Fill `classes` (already holding the given names, or empty) and give every raw name its class:
 * map[raw] or CLASS_MISSING where it is none of them. A whole number is an index into a given list,
 * unless the list's own names are whole numbers. A given list that may grow takes the other names
 * in. Without a given list the classes are the probability columns' names; "0".."K-1" where a
 * matrix without names has K columns and all names are whole numbers; else the sorted union. INPUT:
 * the names do not fit the matrix; NOMEM.
 */
ASSAY_MUST_USE assay_code class_map_make(const class_sources *from, bool given, class_list *classes,
                                         uint16_t *map, assay_err *err);

#endif
