/* A sticky-failure writer over jansson. Knows nothing of what is written. */
#include "base/json.h"

#include "base/mem.h"

#include <math.h>

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

/* Jansson's *_new calls take the value over even when they fail. */
static json_t *put(json_writer *w, json_t *object, const char *key, json_t *value)
{
    if (!object || !value || json_object_set_new(object, key, value)) {
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

static json_t *string(const char *value)
{
    return value ? json_string(value) : json_null();
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
