/* Which class a name in a file means. */
#include "store/class_map.h"

#include "base/limits.h"
#include "store/blocks.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOT_AN_INDEX UINT32_MAX

/* A name that cannot be a class, with the file that has it. */
static assay_code add_name(class_list *out, const char *path, const char *at, size_t length,
                           assay_err *err)
{
    uint16_t code;
    assay_err why = {0};
    const assay_code failure = class_list_add(out, at, length, &code, &why);
    return failure ? assay_fail(err, failure, "%s: %s", path, why.msg) : ASSAY_OK;
}

static assay_code add_given(class_list *out, const char *path, const char *at, size_t length,
                            assay_err *err)
{
    const uint32_t before = out->count;
    ASSAY_TRY(add_name(out, path, at, length, err));
    if (out->count > before)
        return ASSAY_OK;
    char shown[80];
    source_show_value(at, length, shown);
    return assay_fail(err, ASSAY_E_INPUT, "%s: class '%s' is named twice", path, shown);
}

static assay_code take_lines(const char *path, const char *at, size_t length, class_list *out,
                             assay_err *err)
{
    const char *end = at + length;
    if (length >= 3 && !memcmp(at, "\xef\xbb\xbf", 3))
        at += 3;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        const char *next = stop + 1;
        if (stop > at && stop[-1] == '\r')
            stop--;
        if (stop > at)
            ASSAY_TRY(add_given(out, path, at, (size_t)(stop - at), err));
        at = next;
    }
    if (out->count == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: names no classes; expected one a line", path);
    return ASSAY_OK;
}

static assay_code read_file(const char *path, class_list *out, assay_err *err)
{
    source s;
    ASSAY_TRY(source_open(path, &s, err));
    const size_t most = (size_t)CLASSES_MOST * (NAME_BYTES_MOST + 2);
    assay_code code = ASSAY_OK;
    char *at = NULL;
    ssize_t length = 0;
    if (s.bytes > most)
        code = assay_fail(err, ASSAY_E_LIMIT, "%s: is longer than %zu bytes", path, most);
    else if (!(at = mem_alloc((size_t)s.bytes, 1)))
        code = assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", path);
    else if ((length = pread(s.fd, at, (size_t)s.bytes, 0)) < 0)
        code = assay_fail(err, ASSAY_E_IO, "%s: cannot be read", path);
    else
        code = take_lines(path, at, (size_t)length, out, err);
    mem_free(at);
    source_close(&s);
    return code;
}

static assay_code take_list(const char *given, class_list *out, assay_err *err)
{
    for (const char *at = given;;) {
        const size_t length = strcspn(at, ",");
        if (length == 0)
            return assay_fail(err, ASSAY_E_USAGE, "--classes %s: an empty name", given);
        ASSAY_TRY(add_given(out, "--classes", at, length, err));
        at += length;
        if (*at++ == '\0')
            return ASSAY_OK;
    }
}

assay_code class_list_read(const char *given, class_list *out, assay_err *err)
{
    *out = (class_list){0};
    struct stat info;
    const bool is_list = strchr(given, ',') && stat(given, &info) != 0;
    const assay_code code = is_list ? take_list(given, out, err) : read_file(given, out, err);
    if (code != ASSAY_OK)
        class_list_clear(out);
    return code;
}

/* "7", and "7.0" as pandas writes whole numbers beside missing ones. */
static uint32_t index_of(const char *at, size_t length)
{
    uint32_t value = 0;
    size_t i = 0;
    for (; i < length && at[i] >= '0' && at[i] <= '9'; i++) {
        if (i == 9)
            return NOT_AN_INDEX;
        value = value * 10 + (uint32_t)(at[i] - '0');
    }
    if (i == 0)
        return NOT_AN_INDEX;
    if (i < length && at[i] == '.')
        for (i++; i < length && at[i] == '0'; i++)
            ;
    return i == length ? value : NOT_AN_INDEX;
}

static bool all_whole_numbers(const class_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (index_of(list->name[i], strlen(list->name[i])) == NOT_AN_INDEX)
            return false;
    }
    return true;
}

static bool all_indices(const dictionary *raw)
{
    for (uint32_t i = 0; i < raw->count; i++) {
        size_t length;
        const char *at = dictionary_text(raw, i, &length);
        if (index_of(at, length) == NOT_AN_INDEX)
            return false;
    }
    return true;
}

/* The class of a name in the files; of a number, where numbers are indices, one of the first
 * `index_end`, and otherwise the class that is called so: "7.0" is 7. */
static uint16_t find_class(const class_list *classes, bool indices, uint32_t index_end,
                           const char *at, size_t length)
{
    const uint16_t named = class_list_find(classes, at, length);
    const uint32_t number = index_of(at, length);
    if (named != CLASS_MISSING || number == NOT_AN_INDEX)
        return named;
    if (indices)
        return number < index_end ? (uint16_t)number : CLASS_MISSING;
    const char *point = memchr(at, '.', length);
    return point ? class_list_find(classes, at, (size_t)(point - at)) : CLASS_MISSING;
}

static void map_names(const dictionary *raw, const class_list *classes, bool indices,
                      uint32_t index_end, uint16_t *map)
{
    for (uint32_t i = 0; i < raw->count; i++) {
        size_t length;
        const char *at = dictionary_text(raw, i, &length);
        map[i] = find_class(classes, indices, index_end, at, length);
    }
}

static assay_code add_raw(const class_sources *from, uint32_t code, class_list *classes,
                          assay_err *err)
{
    size_t length;
    const char *at = dictionary_text(from->raw, code, &length);
    return add_name(classes, from->path, at, length, err);
}

static assay_code sort_classes(class_list *classes, assay_err *err)
{
    ASSAY_AUTO_MEM uint16_t *moved = mem_alloc(classes->count, sizeof *moved);
    if (!moved)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the classes");
    class_list_sort(classes, moved);
    return ASSAY_OK;
}

static assay_code add_numbers(size_t count, class_list *classes, assay_err *err)
{
    for (size_t i = 0; i < count; i++) {
        char name[24];
        uint16_t added;
        const int length = snprintf(name, sizeof name, "%zu", i);
        ASSAY_TRY(class_list_add(classes, name, (size_t)length, &added, err));
    }
    return ASSAY_OK;
}

static assay_code choose_classes(const class_sources *from, class_list *classes, bool *indices,
                                 assay_err *err)
{
    *indices = false;
    if (from->place_class) {
        for (size_t i = 0; i < from->place_count; i++)
            ASSAY_TRY(add_raw(from, from->place_class[i], classes, err));
        return sort_classes(classes, err);
    }
    if (from->matrix_columns > 0 && all_indices(from->raw)) {
        *indices = true;
        return add_numbers(from->matrix_columns, classes, err);
    }
    if (from->matrix_columns > 0 && from->raw->count != from->matrix_columns)
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: has %u different classes, and %s %zu columns; --classes names them in "
            "the order of the columns",
            from->path, from->raw->count, from->matrix_path, from->matrix_columns);
    for (uint32_t i = 0; i < from->raw->count; i++)
        ASSAY_TRY(add_raw(from, i, classes, err));
    return sort_classes(classes, err);
}

/* Names of the files that are in no given list, sorted, after it. Where numbers are indices, one
 * past the list is a mistake, such as counting from 1, and no name. */
static assay_code add_others(const class_sources *from, bool indices, class_list *classes,
                             assay_err *err)
{
    const uint32_t given = classes->count;
    ASSAY_AUTO_CLEAR(class_list) others = {0};
    for (uint32_t i = 0; i < from->raw->count; i++) {
        size_t length;
        const char *at = dictionary_text(from->raw, i, &length);
        const bool number = indices && index_of(at, length) != NOT_AN_INDEX;
        if (!number && find_class(classes, indices, given, at, length) == CLASS_MISSING)
            ASSAY_TRY(add_raw(from, i, &others, err));
    }
    ASSAY_TRY(sort_classes(&others, err));
    for (uint32_t i = 0; i < others.count; i++)
        ASSAY_TRY(add_name(classes, from->path, others.name[i], others.length[i], err));
    return ASSAY_OK;
}

assay_code class_map_make(const class_sources *from, bool given, class_list *classes, uint16_t *map,
                          assay_err *err)
{
    bool indices = given && !all_whole_numbers(classes);
    const uint32_t named = classes->count;
    if (from->matrix_columns > CLASSES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: has %zu columns; at most %d classes are allowed",
                          from->matrix_path, from->matrix_columns, CLASSES_MOST);
    if (!given)
        ASSAY_TRY(choose_classes(from, classes, &indices, err));
    else if (from->may_grow)
        ASSAY_TRY(add_others(from, indices, classes, err));
    if (given && from->matrix_columns > 0 && from->matrix_columns != classes->count)
        return assay_fail(err, ASSAY_E_INPUT, "%s: has %zu columns, and there are %u classes",
                          from->matrix_path, from->matrix_columns, classes->count);
    map_names(from->raw, classes, indices, given ? named : classes->count, map);
    return ASSAY_OK;
}
