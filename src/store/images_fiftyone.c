/* FiftyOne's image classification directory: data/ with the images, labels.json with the classes
 * and a label for each name without its ending. */
#include "store/images_walk.h"

#include "base/json.h"
#include "base/limits.h"
#include "store/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct fiftyone {
    image_listing *l;
    char file[PATH_MAX]; /* labels.json */
    json_t *root;
    const json_t *labels; /* object: name -> label */
    uint32_t class_count; /* of "classes"; 0: there are none */
    const json_t *last;   /* the label that was used last */
    size_t used, unlabelled;
} fiftyone;

static assay_code parse(fiftyone *f, const char *at, size_t length, assay_err *err)
{
    json_error_t why;
    f->root = json_loadb(at, length, JSON_REJECT_DUPLICATES, &why);
    if (f->root)
        return ASSAY_OK;
    if (json_error_code(&why) == json_error_out_of_memory || why.text[0] == '\0')
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", f->file);
    char shown[80];
    source_show_value(why.text, strlen(why.text), shown);
    return assay_fail(err, ASSAY_E_INPUT, "%s: line %d: is not valid JSON: %s", f->file, why.line,
                      shown);
}

static assay_code read_opened(fiftyone *f, const source *s, assay_err *err)
{
    if (s->bytes > LABELS_JSON_BYTES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT,
                          "%s: has %" PRIu64 " bytes; at most %" PRIu64 " are read", f->file,
                          s->bytes, LABELS_JSON_BYTES_MOST);
    ASSAY_AUTO_MEM char *at = mem_alloc((size_t)s->bytes, 1);
    if (!at)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", f->file);
    size_t length = 0;
    while (length < s->bytes) {
        const ssize_t got = pread(s->fd, at + length, (size_t)s->bytes - length, (off_t)length);
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    return parse(f, at, length, err);
}

static assay_code take_classes(fiftyone *f, const json_t *classes, assay_err *err)
{
    if (!classes || json_is_null(classes))
        return ASSAY_OK;
    if (!json_is_array(classes))
        return assay_fail(err, ASSAY_E_INPUT, "%s: \"classes\" is not a list of names", f->file);
    for (size_t i = 0; i < json_array_size(classes); i++) {
        const json_t *name = json_array_get(classes, i);
        uint32_t code;
        if (!json_is_string(name))
            return assay_fail(err, ASSAY_E_INPUT, "%s: class %zu of \"classes\" is not a text",
                              f->file, i);
        ASSAY_TRY(image_listing_class(f->l, json_string_value(name), json_string_length(name),
                                      &code, err));
        if (code != i)
            return assay_fail(err, ASSAY_E_INPUT, "%s: class '%s' is named twice", f->file,
                              json_string_value(name));
        f->class_count = code + 1;
    }
    f->l->classes_in_order = f->class_count > 0;
    return ASSAY_OK;
}

static assay_code read_json(fiftyone *f, assay_err *err)
{
    source s;
    ASSAY_TRY(source_open(f->file, &s, err));
    const assay_code code = read_opened(f, &s, err);
    source_close(&s);
    ASSAY_TRY(code);
    f->labels = json_object_get(f->root, "labels");
    if (!json_is_object(f->labels))
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: has no \"labels\"; expected {\"classes\": [name, …], \"labels\": "
                          "{\"name of a file in data/ without its ending\": index or name, …}}",
                          f->file);
    return take_classes(f, json_object_get(f->root, "classes"), err);
}

static assay_code fail_label(const fiftyone *f, const char *key, const char *what, assay_err *err)
{
    char shown[80];
    source_show_value(key, strlen(key), shown);
    return assay_fail(err, ASSAY_E_INPUT, "%s: the label of '%s' %s", f->file, shown, what);
}

static assay_code take_index(fiftyone *f, const char *key, json_int_t index, uint32_t *code,
                             assay_err *err)
{
    char text[64];
    if (f->class_count == 0) {
        const int length = snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, index);
        return image_listing_class(f->l, text, (size_t)length, code, err);
    }
    snprintf(text, sizeof text, "is %" JSON_INTEGER_FORMAT "; the classes are 0 to %u", index,
             f->class_count - 1);
    if (index < 0 || index >= (json_int_t)f->class_count)
        return fail_label(f, key, text, err);
    *code = (uint32_t)index;
    return ASSAY_OK;
}

/* An index, a name, nothing, or one of these as the "label" of an object. */
static assay_code take_label(fiftyone *f, const char *key, const json_t *label, uint32_t *code,
                             assay_err *err)
{
    if (json_is_object(label))
        label = json_object_get(label, "label");
    if (!label || json_is_null(label))
        return ASSAY_OK;
    if (json_is_integer(label))
        return take_index(f, key, json_integer_value(label), code, err);
    if (!json_is_string(label))
        return fail_label(f, key, "is not an index or a name", err);
    ASSAY_TRY(
        image_listing_class(f->l, json_string_value(label), json_string_length(label), code, err));
    if (f->class_count && *code >= f->class_count)
        return fail_label(f, key, "is not one of \"classes\"", err);
    return ASSAY_OK;
}

/* By the whole name first: a key may have an ending after all. */
static const json_t *find_label(const fiftyone *f, char *key)
{
    const json_t *label = json_object_get(f->labels, key);
    char *dot = strrchr(key, '.');
    if (label || !dot)
        return label;
    *dot = '\0';
    return json_object_get(f->labels, key);
}

static assay_code add_image(fiftyone *f, const char *prefix, const char *path, size_t length,
                            assay_err *err)
{
    char key[PATH_MAX];
    snprintf(key, sizeof key, "%.*s", (int)length, path);
    uint32_t code = LISTED_NONE;
    const json_t *label = find_label(f, key);
    if (label)
        ASSAY_TRY(take_label(f, key, label, &code, err));
    f->used += label && label != f->last;
    f->unlabelled += !label;
    f->last = label;
    const listed_sample s = {.folder = prefix,
                             .folder_length = strlen(prefix),
                             .name = path,
                             .name_length = length,
                             .class_code = code,
                             .split = LISTED_NONE,
                             .container = CONTAINER_NONE};
    return image_listing_add(f->l, &s, err);
}

static assay_code warn(const fiftyone *f, assay_err *err)
{
    const size_t labels = json_object_size(f->labels);
    if (f->used < labels)
        ASSAY_TRY(image_listing_warn(f->l, err, "%s: %zu label%s no image in data/", f->file,
                                     labels - f->used, labels - f->used == 1 ? " has" : "s have"));
    if (f->unlabelled)
        return image_listing_warn(f->l, err, "%s: %zu image%s in data/ %s no label", f->file,
                                  f->unlabelled, f->unlabelled == 1 ? "" : "s",
                                  f->unlabelled == 1 ? "has" : "have");
    return ASSAY_OK;
}

static assay_code add_images(fiftyone *f, const folder_walk *w, assay_err *err)
{
    char folder[PATH_MAX];
    char prefix[PATH_MAX];
    if (w->count == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: there are no images in data/ beside it",
                          f->file);
    ASSAY_TRY(read_json(f, err));
    ASSAY_TRY(image_path_join(image_listing_below(f->l, f->l->at), "data", folder, err));
    ASSAY_TRY(image_path_join(folder, "", prefix, err));
    for (size_t i = 0; i < w->count; i++) {
        size_t length;
        const char *path = folder_walk_path(w, i, &length);
        ASSAY_TRY(add_image(f, prefix, path, length, err));
    }
    ASSAY_TRY(warn(f, err));
    return folder_walk_warn_skipped(f->l, w, err);
}

static assay_code list_directory(fiftyone *f, assay_err *err)
{
    char folder[PATH_MAX];
    folder_walk w;
    f->l->list.kind = "a FiftyOne directory";
    snprintf(f->l->labels_from, sizeof f->l->labels_from, "%s", f->file);
    ASSAY_TRY(image_path_join(f->l->at, "data", folder, err));
    if (access(folder, F_OK) != 0)
        return assay_fail(err, ASSAY_E_NOT_FOUND,
                          "%s: there is no folder data/ with the images beside it", f->file);
    ASSAY_TRY(folder_walk_read(f->l, folder, folder, &w, err));
    const assay_code code = add_images(f, &w, err);
    folder_walk_clear(&w);
    return code;
}

assay_code images_fiftyone_list(image_listing *l, bool *found, assay_err *err)
{
    fiftyone f = {.l = l};
    ASSAY_TRY(image_path_join(l->request->images, "labels.json", f.file, err));
    *found = access(f.file, F_OK) == 0;
    if (!*found)
        return ASSAY_OK;
    const assay_code code = list_directory(&f, err);
    json_decref(f.root);
    return code;
}
