/* A list of images while it grows: paths end to end, codes for classes and splits, warnings. Knows
 * no source. */
#include "store/image_list_parts.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"
#include "store/class_map.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ROOM_FIRST = 1024, BYTES_FIRST = 1 << 16, WARNING_BYTES = 4096, NAMES_LISTED = 5 };

assay_code image_listing_nomem(const image_listing *l, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for the list of images",
                      l->request->images);
}

static const char *labels_from(const image_listing *l)
{
    return l->labels_from[0] ? l->labels_from : l->request->images;
}

static void clear_text(text_column *column)
{
    mem_free(column->name);
    mem_free(column->start);
    mem_free(column->bytes);
}

static void clear_attribute(attribute_column *a)
{
    for (uint32_t i = 0; a->value && i < a->value_count; i++)
        mem_free(a->value[i]);
    mem_free(a->value);
    mem_free(a->code);
    mem_free(a->name);
    *a = (attribute_column){0};
}

void image_list_clear(image_list *list)
{
    for (size_t i = 0; i < list->container_count; i++)
        mem_free(list->containers[i].path);
    for (size_t i = 0; i < list->table_count; i++) {
        mem_free(list->table[i].path);
        mem_free(list->table[i].folder);
    }
    for (size_t i = 0; i < list->warning_count; i++)
        mem_free(list->warning[i]);
    mem_free(list->containers);
    mem_free(list->table);
    mem_free(list->warning);
    mem_free(list->root);
    clear_text(&list->path);
    clear_text(&list->id);
    mem_free(list->container);
    mem_free(list->item);
    mem_free(list->label);
    class_list_clear(&list->classes);
    clear_attribute(&list->split);
    *list = (image_list){0};
}

void image_listing_reset(image_listing *l)
{
    image_list_clear(&l->list);
    dictionary_clear(&l->class_names);
    dictionary_clear(&l->splits);
    l->room = l->path_used = l->path_room = l->id_used = l->id_room = 0;
    dictionary_clear(&l->id_prefixes);
    mem_free(l->id_count);
    l->id_count = NULL;
    l->classes_in_order = false;
    l->labels_from[0] = '\0';
}

static bool resize(void *array_pointer, size_t count, size_t size)
{
    void **array = array_pointer;
    void *grown = mem_resize(*array, count, size);
    if (grown)
        *array = grown;
    return grown;
}

static bool grow_rows(image_listing *l)
{
    image_list *list = &l->list;
    if (list->count < l->room)
        return true;
    const size_t room = l->room ? 2 * l->room : ROOM_FIRST;
    if (!resize(&list->path.start, room + 1, sizeof *list->path.start) ||
        !resize(&list->id.start, room + 1, sizeof *list->id.start) ||
        !resize(&list->label, room, sizeof *list->label) ||
        !resize(&list->split.code, room, sizeof *list->split.code) ||
        !resize(&list->container, room, sizeof *list->container) ||
        !resize(&list->item, room, sizeof *list->item))
        return false;
    l->room = room;
    return true;
}

static bool grow_bytes(char **at, size_t used, size_t more, size_t *room)
{
    if (more <= *room - used)
        return true;
    size_t wanted = *room ? 2 * *room : BYTES_FIRST;
    while (wanted - used < more)
        wanted *= 2;
    if (!resize(at, wanted, 1))
        return false;
    *room = wanted;
    return true;
}

static void put(char *bytes, size_t *used, const char *at, size_t length)
{
    if (length)
        memcpy(bytes + *used, at, length);
    *used += length;
}

assay_code image_listing_add(image_listing *l, const listed_sample *s, assay_err *err)
{
    image_list *list = &l->list;
    if (list->count >= ROWS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: has more than %llu images", l->request->images,
                          (unsigned long long)ROWS_MOST);
    const size_t id_bytes = s->id ? s->id_folder_length + s->id_length : 0;
    if (!grow_rows(l) ||
        !grow_bytes(&list->path.bytes, l->path_used, s->folder_length + s->name_length,
                    &l->path_room) ||
        !grow_bytes(&list->id.bytes, l->id_used, id_bytes, &l->id_room))
        return image_listing_nomem(l, err);
    const size_t i = list->count;
    list->path.start[i] = l->path_used;
    put(list->path.bytes, &l->path_used, s->folder, s->folder_length);
    put(list->path.bytes, &l->path_used, s->name, s->name_length);
    list->id.start[i] = l->id_used;
    if (s->id) {
        put(list->id.bytes, &l->id_used, s->id_folder, s->id_folder_length);
        put(list->id.bytes, &l->id_used, s->id, s->id_length);
    }
    list->label[i] = s->class_code == LISTED_NONE ? CLASS_MISSING : (uint16_t)s->class_code;
    list->split.code[i] = s->split;
    list->container[i] = s->container;
    list->item[i] = s->item;
    list->count++;
    return ASSAY_OK;
}

assay_code image_listing_class(image_listing *l, const char *at, size_t length, uint32_t *code,
                               assay_err *err)
{
    const char *from = labels_from(l);
    if (utf8_valid(at, length) < length || (length && memchr(at, '\0', length))) {
        char shown[IMAGE_NAME_SHOWN];
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: '%s' is not UTF-8 text, so it cannot be the name of a class", from,
                          image_name_show(at, length, shown));
    }
    ASSAY_TRY(dictionary_add(&l->class_names, at, length, text_hash(at, length), code, err));
    if (*code >= CLASSES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: has more than %d classes", from, CLASSES_MOST);
    return ASSAY_OK;
}

assay_code image_listing_split(image_listing *l, const char *at, size_t length, uint32_t *code,
                               assay_err *err)
{
    return dictionary_add(&l->splits, at, length, text_hash(at, length), code, err);
}

assay_code image_listing_table(image_listing *l, const image_table *t, assay_err *err)
{
    image_list *list = &l->list;
    if (!resize(&list->table, list->table_count + 1, sizeof *list->table))
        return image_listing_nomem(l, err);
    image_table *added = &list->table[list->table_count];
    *added = *t;
    added->path = mem_copy_text(t->path, strlen(t->path));
    added->folder = mem_copy_text(t->folder, strlen(t->folder));
    list->table_count++;
    return added->path && added->folder ? ASSAY_OK : image_listing_nomem(l, err);
}

assay_code image_listing_warn(image_listing *l, assay_err *err, const char *fmt, ...)
{
    image_list *list = &l->list;
    char words[WARNING_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    text shown;
    text_init(&shown, (size_t)WARNING_BYTES * 4);
    text_put_visible(&shown, words, strlen(words));
    if (shown.broken || !resize(&list->warning, list->warning_count + 1, sizeof *list->warning)) {
        text_clear(&shown);
        return image_listing_nomem(l, err);
    }
    list->warning[list->warning_count++] = ASSAY_GIVE(shown.at);
    return ASSAY_OK;
}

const char *image_name_show(const char *at, size_t length, char out[IMAGE_NAME_SHOWN])
{
    size_t used = 0;
    size_t i = 0;
    while (i < length && used + sizeof((utf8_glyph *)0)->at + sizeof "…" < IMAGE_NAME_SHOWN) {
        const utf8_glyph g = utf8_visible(at + i, length - i);
        memcpy(out + used, g.at, g.length);
        used += g.length;
        i += g.take;
    }
    memcpy(out + used, i < length ? "…" : "", i < length ? sizeof "…" : 1);
    return out;
}

/* Names of the source that the given classes do not have. */
static assay_code check_unknown(const image_listing *l, const uint16_t *map, assay_err *err)
{
    text names;
    text_init(&names, (size_t)NAMES_LISTED * (IMAGE_NAME_SHOWN + 8));
    size_t unknown = 0;
    for (uint32_t i = 0; i < l->class_names.count; i++) {
        if (map[i] != CLASS_MISSING || unknown++ >= NAMES_LISTED)
            continue;
        char shown[IMAGE_NAME_SHOWN];
        size_t length;
        const char *at = dictionary_text(&l->class_names, i, &length);
        text_printf(&names, "%s'%s'", unknown > 1 ? ", " : "", image_name_show(at, length, shown));
    }
    const char *from = labels_from(l);
    const uint32_t count = l->list.classes.count;
    assay_code code = ASSAY_OK;
    if (unknown && names.broken)
        code = image_listing_nomem(l, err);
    else if (unknown == 1)
        code = assay_fail(err, ASSAY_E_INPUT, "%s: %s is not one of the %u classes", from,
                          text_view(&names), count);
    else if (unknown)
        code =
            assay_fail(err, ASSAY_E_INPUT, "%s: %zu names are not among the %u classes: %s%s", from,
                       unknown, count, text_view(&names), unknown > NAMES_LISTED ? ", …" : "");
    text_clear(&names);
    return code;
}

static assay_code take_in_order(image_listing *l, uint16_t *map, assay_err *err)
{
    for (uint32_t i = 0; i < l->class_names.count; i++) {
        size_t length;
        const char *at = dictionary_text(&l->class_names, i, &length);
        ASSAY_TRY(class_list_add(&l->list.classes, at, length, &map[i], err));
    }
    return ASSAY_OK;
}

static assay_code finish_classes(image_listing *l, assay_err *err)
{
    image_list *list = &l->list;
    const bool given = l->request->classes;
    if (given)
        ASSAY_TRY(class_list_read(l->request->classes, &list->classes, err));
    if (l->class_names.count == 0)
        return ASSAY_OK;
    ASSAY_AUTO_MEM uint16_t *map = mem_alloc(l->class_names.count, sizeof *map);
    if (!map)
        return image_listing_nomem(l, err);
    if (!given && l->classes_in_order) {
        ASSAY_TRY(take_in_order(l, map, err));
    } else {
        const class_sources from = {.raw = &l->class_names, .path = labels_from(l)};
        ASSAY_TRY(class_map_make(&from, given, &list->classes, map, err));
        ASSAY_TRY(check_unknown(l, map, err));
    }
    for (size_t i = 0; i < list->count; i++) {
        if (list->label[i] != CLASS_MISSING)
            list->label[i] = map[list->label[i]];
    }
    return ASSAY_OK;
}

static assay_code finish_splits(image_listing *l, assay_err *err)
{
    attribute_column *split = &l->list.split;
    if (l->splits.count == 0) {
        clear_attribute(split);
        return ASSAY_OK;
    }
    split->name = mem_copy_text("split", strlen("split"));
    split->value = mem_zalloc(l->splits.count, sizeof *split->value);
    if (!split->name || !split->value)
        return image_listing_nomem(l, err);
    for (uint32_t i = 0; i < l->splits.count; i++) {
        size_t length;
        const char *at = dictionary_text(&l->splits, i, &length);
        split->value[i] = mem_copy_text(at, length);
        if (!split->value[i])
            return image_listing_nomem(l, err);
        split->value_count = i + 1;
    }
    return ASSAY_OK;
}

static bool any_label(const image_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->label[i] != CLASS_MISSING)
            return true;
    }
    return false;
}

assay_code image_listing_finish(image_listing *l, assay_err *err)
{
    image_list *list = &l->list;
    ASSAY_TRY(finish_classes(l, err));
    ASSAY_TRY(finish_splits(l, err));
    if (list->path.start)
        list->path.start[list->count] = l->path_used;
    if (list->id.start)
        list->id.start[list->count] = l->id_used;
    if (l->id_used == 0)
        clear_text(&list->id), list->id = (text_column){0};
    if (list->label && !any_label(list)) {
        mem_free(list->label);
        list->label = NULL;
    }
    if (list->container_count == 0) {
        mem_free(list->container);
        mem_free(list->item);
        list->container = NULL;
        list->item = NULL;
    }
    list->root = mem_copy_text(l->root, strlen(l->root));
    return list->root ? ASSAY_OK : image_listing_nomem(l, err);
}
