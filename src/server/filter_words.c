/* The shape of a Filter: every key known, every value of its kind. */
#include "server/filter_words.h"

#include <math.h>
#include <string.h>

/* More are no filter of a person's, and would be walked over for each sample. */
enum { RANGES_MOST = 64, ATTRIBUTES_MOST = 64 };

static assay_code refuse(const char *what, assay_err *err)
{
    return assay_fail(err, ASSAY_E_USAGE, "filter: %s", what);
}

static bool is_one_of(const char *key, const char *const *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(key, known[i]))
            return true;
    }
    return false;
}

static assay_code check_keys(const json_t *object, const char *where, const char *const *known,
                             size_t count, assay_err *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (!is_one_of(key, known, count))
            return assay_fail(err, ASSAY_E_USAGE, "%s: there is no key '%.100s'", where, key);
    }
    return ASSAY_OK;
}

/* A list of texts; *out is NULL where it is left out or empty. */
static assay_code take_texts(const json_t *object, const char *key, const json_t **out,
                             assay_err *err)
{
    *out = NULL;
    const json_t *list = json_object_get(object, key);
    if (!list)
        return ASSAY_OK;
    bool fits = json_is_array(list);
    for (size_t i = 0; fits && i < json_array_size(list); i++)
        fits = json_is_string(json_array_get(list, i));
    if (!fits)
        return assay_fail(err, ASSAY_E_USAGE, "filter: '%s' must be a list of texts", key);
    if (json_array_size(list) > 0)
        *out = list;
    return ASSAY_OK;
}

static bool is_bound(const json_t *value)
{
    return json_is_null(value) || (json_is_number(value) && isfinite(json_number_value(value)));
}

static assay_code check_range(const json_t *range, assay_err *err)
{
    static const char *const keys[] = {"metric", "low", "high"};
    if (!json_is_object(range))
        return refuse("each of 'ranges' must be an object", err);
    ASSAY_TRY(check_keys(range, "a range", keys, sizeof keys / sizeof *keys, err));
    if (!json_is_string(json_object_get(range, "metric")))
        return refuse("a range needs the name of its metric", err);
    if (!is_bound(json_object_get(range, "low")) || !is_bound(json_object_get(range, "high")))
        return refuse("a range needs low and high, each a number or null", err);
    return ASSAY_OK;
}

static assay_code check_attribute(const json_t *attribute, assay_err *err)
{
    static const char *const keys[] = {"name", "values"};
    if (!json_is_object(attribute))
        return refuse("each of 'attributes' must be an object", err);
    ASSAY_TRY(check_keys(attribute, "an attribute", keys, sizeof keys / sizeof *keys, err));
    const json_t *ignored;
    if (!json_is_string(json_object_get(attribute, "name")) ||
        !json_object_get(attribute, "values"))
        return refuse("an attribute needs name and values", err);
    return take_texts(attribute, "values", &ignored, err);
}

typedef assay_code check_item(const json_t *item, assay_err *err);

static assay_code take_objects(const json_t *object, const char *key, size_t most,
                               check_item *check, const json_t **out, assay_err *err)
{
    *out = NULL;
    const json_t *list = json_object_get(object, key);
    if (!list)
        return ASSAY_OK;
    if (!json_is_array(list))
        return assay_fail(err, ASSAY_E_USAGE, "filter: '%s' must be a list", key);
    if (json_array_size(list) > most)
        return assay_fail(err, ASSAY_E_USAGE, "filter: has %zu %s; at most %zu are read",
                          json_array_size(list), key, most);
    for (size_t i = 0; i < json_array_size(list); i++)
        ASSAY_TRY(check(json_array_get(list, i), err));
    if (json_array_size(list) > 0)
        *out = list;
    return ASSAY_OK;
}

static assay_code take_model(const json_t *object, const char **out, assay_err *err)
{
    *out = NULL;
    const json_t *model = json_object_get(object, "model");
    if (json_is_null(model))
        *out = "";
    else if (json_is_string(model) && json_string_length(model) > 0)
        *out = json_string_value(model);
    else if (model)
        return refuse("'model' must be a name or null", err);
    return ASSAY_OK;
}

static assay_code take_where(const json_t *object, const char **out, assay_err *err)
{
    *out = NULL;
    const json_t *where = json_object_get(object, "where");
    if (where && !json_is_string(where))
        return refuse("'where' must be a text", err);
    if (where && json_string_value(where)[strspn(json_string_value(where), " \t\r\n")])
        *out = json_string_value(where);
    return ASSAY_OK;
}

assay_code filter_words_read(const json_t *value, filter_words *out, assay_err *err)
{
    static const char *const keys[] = {"model", "classes",    "ranges", "splits",
                                       "tags",  "attributes", "where"};
    *out = (filter_words){0};
    if (!value)
        return ASSAY_OK;
    if (!json_is_object(value))
        return refuse("must be an object", err);
    ASSAY_TRY(check_keys(value, "filter", keys, sizeof keys / sizeof *keys, err));
    ASSAY_TRY(take_model(value, &out->model, err));
    ASSAY_TRY(take_texts(value, "classes", &out->classes, err));
    ASSAY_TRY(take_texts(value, "splits", &out->splits, err));
    ASSAY_TRY(take_texts(value, "tags", &out->tags, err));
    ASSAY_TRY(take_objects(value, "ranges", RANGES_MOST, check_range, &out->ranges, err));
    ASSAY_TRY(
        take_objects(value, "attributes", ATTRIBUTES_MOST, check_attribute, &out->attributes, err));
    return take_where(value, &out->where, err);
}
