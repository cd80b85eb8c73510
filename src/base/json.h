#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "assay/err.h"

#include <jansson.h>
#include <stdint.h>

/* JSON is jansson's; these few words add what a writer wants: one failure check at the end, NaN as
 * null, text that may not be UTF-8. The only headers that include jansson.h are this one's users.
 */

struct text;

/** A value under construction. `broken` is sticky: check once with json_writer_check(). */
typedef struct json_writer {
    json_t *root;
    int broken;
} json_writer;

/** Route jansson's memory through mem_*. Call once before any other thread runs. */
void json_use_our_memory(void);

/** An empty object (array) as the root. */
void json_writer_init(json_writer *w);
void json_writer_clear(json_writer *w);
ASSAY_MUST_USE assay_code json_writer_check(const json_writer *w, assay_err *err);

/**
 * Append the value to `out`, two spaces a level, with a newline at the end. An object of plain
 * values, an array of plain values and each element of any other array stand on one line, so that a
 * matrix row, a curve point and a class are a line each. Numbers have the digits that read back to
 * the same bits. Objects nest at most 16 deep. A failure shows in text_check(out). O(size).
 */
void json_dump_text(const json_writer *w, struct text *out);

/** The same, where the value is whole: NOMEM where the writer is broken or `out` too, LIMIT beyond
 * what `out` may hold. */
ASSAY_MUST_USE assay_code json_dump_checked(const json_writer *w, struct text *out, assay_err *err);

/** New objects and arrays placed into `parent`; what they return is borrowed (may be NULL when
 * broken, and NULL is accepted everywhere). */
json_t *json_put_object(json_writer *w, json_t *parent, const char *key);
json_t *json_put_array(json_writer *w, json_t *parent, const char *key);
json_t *json_append_object(json_writer *w, json_t *array);
json_t *json_append_array(json_writer *w, json_t *array);

/** NaN and infinities are written as null; bytes that are not UTF-8 as U+FFFD, in keys too. */
void json_put_number(json_writer *w, json_t *object, const char *key, double value);
void json_put_count(json_writer *w, json_t *object, const char *key, uint64_t value);
void json_put_text(json_writer *w, json_t *object, const char *key,
                   const char *value); /* NULL: null */
void json_put_bool(json_writer *w, json_t *object, const char *key, int value);
void json_append_number(json_writer *w, json_t *array, double value);
void json_append_count(json_writer *w, json_t *array, uint64_t value);
void json_append_text(json_writer *w, json_t *array, const char *value);

#endif
