/* A sticky-failure writer over jansson, and how a finished value is laid out. Knows nothing of what
 * is written. */
#include "base/json.h"

#include "base/mem.h"
#include "base/text.h"
#include "base/try.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

/* Objects within objects that a report of ours can hold. */
enum { OBJECTS_DEEP = 16 };

static void *jansson_alloc(size_t bytes)
{
    return mem_alloc(bytes, 1);
}

void json_use_our_memory(void)
{
    json_set_alloc_funcs(jansson_alloc, mem_free);
}

void json_writer_init(json_writer *w)
{
    *w = (json_writer){.root = json_object()};
    w->broken = !w->root;
}

void json_writer_clear(json_writer *w)
{
    json_decref(w->root);
    *w = (json_writer){0};
}

assay_code json_writer_check(const json_writer *w, assay_err *err)
{
    return w->broken ? assay_fail(err, ASSAY_E_NOMEM, "out of memory for the JSON report")
                     : ASSAY_OK;
}

static json_t *cleaned_string(const char *value, size_t length)
{
    text clean;
    text_init(&clean, length * 3 + 1);
    for (size_t i = 0; i < length;) {
        size_t fine = utf8_valid(value + i, length - i);
        text_put(&clean, value + i, fine);
        i += fine;
        if (i < length) {
            text_puts(&clean, "\xEF\xBF\xBD");
            i++;
        }
    }
    json_t *s = clean.broken ? NULL : json_stringn(text_view(&clean), clean.length);
    text_clear(&clean);
    return s;
}

static json_t *string(const char *value)
{
    if (!value)
        return json_null();
    size_t length = strlen(value);
    if (utf8_valid(value, length) == length)
        return json_stringn_nocheck(value, length);
    return cleaned_string(value, length);
}

/* Takes the value over, also when it fails. */
static int set_member(json_t *object, const char *key, json_t *value)
{
    size_t length = strlen(key);
    if (utf8_valid(key, length) == length)
        return json_object_set_new_nocheck(object, key, value);
    json_t *clean = cleaned_string(key, length);
    if (!clean) {
        json_decref(value);
        return -1;
    }
    int failed = json_object_set_new_nocheck(object, json_string_value(clean), value);
    json_decref(clean);
    return failed;
}

/* Jansson's *_new calls take the value over even when they fail. */
static json_t *put(json_writer *w, json_t *object, const char *key, json_t *value)
{
    if (!object || !value || set_member(object, key, value)) {
        if (!object)
            json_decref(value);
        w->broken = 1;
        return NULL;
    }
    return value;
}

static json_t *append(json_writer *w, json_t *array, json_t *value)
{
    if (!array || !value || json_array_append_new(array, value)) {
        if (!array)
            json_decref(value);
        w->broken = 1;
        return NULL;
    }
    return value;
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_put_object(json_writer *w, json_t *parent, const char *key)
{
    return put(w, parent, key, json_object());
}

json_t *json_put_array(json_writer *w, json_t *parent, const char *key)
{
    return put(w, parent, key, json_array());
}

json_t *json_append_object(json_writer *w, json_t *array)
{
    return append(w, array, json_object());
}

json_t *json_append_array(json_writer *w, json_t *array)
{
    return append(w, array, json_array());
}

void json_put_number(json_writer *w, json_t *object, const char *key, double value)
{
    put(w, object, key, number(value));
}

void json_put_count(json_writer *w, json_t *object, const char *key, uint64_t value)
{
    put(w, object, key, json_integer((json_int_t)value));
}

void json_put_text(json_writer *w, json_t *object, const char *key, const char *value)
{
    put(w, object, key, string(value));
}

void json_put_bool(json_writer *w, json_t *object, const char *key, int value)
{
    put(w, object, key, json_boolean(value));
}

void json_append_number(json_writer *w, json_t *array, double value)
{
    append(w, array, number(value));
}

void json_append_count(json_writer *w, json_t *array, uint64_t value)
{
    append(w, array, json_integer((json_int_t)value));
}

void json_append_text(json_writer *w, json_t *array, const char *value)
{
    append(w, array, string(value));
}

static int take_bytes(const char *at, size_t length, void *out)
{
    text_put(out, at, length);
    return ((const text *)out)->broken ? -1 : 0;
}

static void dump_on_one_line(const json_t *value, text *out)
{
    if (!value || json_dump_callback(value, take_bytes, out, JSON_ENCODE_ANY))
        out->broken = true;
}

static bool holds_others(const json_t *value)
{
    return json_is_object(value) || json_is_array(value);
}

static bool fits_one_line(json_t *value)
{
    const char *key;
    json_t *inner;
    size_t i;
    json_object_foreach(value, key, inner)
    {
        if (holds_others(inner))
            return false;
    }
    json_array_foreach(value, i, inner)
    {
        if (holds_others(inner))
            return false;
    }
    return true;
}

static void new_line(text *out, size_t depth)
{
    text_puts(out, "\n");
    text_repeat(out, "  ", depth);
}

static void dump_by_element(json_t *array, size_t depth, text *out)
{
    size_t i;
    json_t *element;
    text_puts(out, "[");
    json_array_foreach(array, i, element)
    {
        if (i > 0)
            text_puts(out, ",");
        new_line(out, depth + 1);
        dump_on_one_line(element, out);
    }
    new_line(out, depth);
    text_puts(out, "]");
}

static void dump_key(const char *key, text *out)
{
    json_t *name = json_string_nocheck(key);
    dump_on_one_line(name, out);
    json_decref(name);
    text_puts(out, ": ");
}

/* An object that is being written: the member that comes next, NULL at its end. */
typedef struct open_object {
    json_t *object;
    void *member;
} open_object;

static void open_one(open_object *o, json_t *object, text *out)
{
    text_puts(out, "{");
    *o = (open_object){object, json_object_iter(object)};
}

/* Writes the next member; returns it where it is an object to be opened, else NULL. */
static json_t *dump_member(open_object *o, size_t depth, text *out)
{
    json_t *value = json_object_iter_value(o->member);
    new_line(out, depth);
    dump_key(json_object_iter_key(o->member), out);
    o->member = json_object_iter_next(o->object, o->member);
    if (!fits_one_line(value) && json_is_object(value))
        return value;
    if (fits_one_line(value))
        dump_on_one_line(value, out);
    else
        dump_by_element(value, depth, out);
    return NULL;
}

void json_dump_text(const json_writer *w, text *out)
{
    open_object open[OBJECTS_DEEP];
    size_t depth = 1;
    bool first = true;
    open_one(&open[0], w->root, out);
    while (depth > 0 && !out->broken) {
        open_object *o = &open[depth - 1];
        if (!o->member) {
            new_line(out, --depth);
            text_puts(out, "}");
            first = false;
            continue;
        }
        text_puts(out, first ? "" : ",");
        json_t *inner = dump_member(o, depth, out);
        first = inner && depth < OBJECTS_DEEP;
        if (first)
            open_one(&open[depth++], inner, out);
        else if (inner)
            out->broken = true;
    }
    text_puts(out, "\n");
}

assay_code json_dump_checked(const json_writer *w, text *out, assay_err *err)
{
    ASSAY_TRY(json_writer_check(w, err));
    json_dump_text(w, out);
    return text_check(out, err);
}
