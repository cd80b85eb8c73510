/* Hugging Face data sets in Parquet files: images in a structure of bytes and path, labels that
 * index names in the file's own metadata, splits in the names of the files. */
#include "store/image_list_parts.h"

#include "store/ids.h"
#include "store/parquet_images.h"
#include "store/vectors.h"

#include "base/json.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SQL_BYTES_MOST = 64 << 10, NOT_A_CODE = -1 };

/* A data set while its files are added. */
typedef struct parquet_set {
    image_listing *l;
    duck db;
    bool alone;
    /* The images' own paths, for ids. */
    uint64_t *start;
    size_t path_count, path_room;
    char *bytes;
    size_t byte_used, byte_room;
    bool path_missing;
    /* Of the file that is read: codes of the names that its labels index. */
    uint32_t *code;
    size_t code_count;
} parquet_set;

static void parquet_set_clear(parquet_set *set)
{
    duck_close(&set->db);
    mem_free(set->start);
    mem_free(set->bytes);
    mem_free(set->code);
}

static assay_code take_names(parquet_set *set, const parquet_images *p, const json_t *names,
                             assay_err *err)
{
    const size_t count = json_array_size(names);
    set->code = mem_alloc(count, sizeof *set->code);
    if (!set->code)
        return image_listing_nomem(set->l, err);
    for (size_t i = 0; i < count; i++) {
        const json_t *name = json_array_get(names, i);
        if (!json_is_string(name))
            return assay_fail(err, ASSAY_E_INPUT,
                              "%s: class name %zu in its metadata is not a text", p->file, i);
        ASSAY_TRY(image_listing_class(set->l, json_string_value(name), json_string_length(name),
                                      &set->code[i], err));
        set->code_count = i + 1;
    }
    set->l->classes_in_order = true;
    return ASSAY_OK;
}

/* {"info": {"features": {"label": {"names": […], "_type": "ClassLabel"}}}} */
static assay_code take_metadata(parquet_set *set, const parquet_images *p, const char *at,
                                size_t length, assay_err *err)
{
    json_error_t why;
    json_t *root = json_loadb(at, length, 0, &why);
    if (!root && json_error_code(&why) == json_error_out_of_memory)
        return image_listing_nomem(set->l, err);
    const json_t *features = json_object_get(json_object_get(root, "info"), "features");
    const json_t *names = json_object_get(json_object_get(features, p->label), "names");
    assay_code code = ASSAY_OK;
    if (json_is_array(names) && json_array_size(names) > 0)
        code = take_names(set, p, names, err);
    json_decref(root);
    return code;
}

static assay_code read_metadata(parquet_set *set, const parquet_images *p, assay_err *err)
{
    text sql;
    duckdb_result result = {0};
    duckdb_data_chunk chunk = NULL;
    text_init(&sql, SQL_BYTES_MOST);
    text_printf(&sql, "SELECT value FROM parquet_kv_metadata('%s') WHERE key = 'huggingface'::BLOB",
                p->from);
    assay_code code = parquet_images_query(p, &sql, NULL, &result, err);
    text_clear(&sql);
    ASSAY_TRY(code);
    code = parquet_images_fetch(p, &result, &chunk, err);
    if (code == ASSAY_OK && chunk && duckdb_data_chunk_get_size(chunk) > 0) {
        const vector_view v = vector_view_of(duckdb_data_chunk_get_vector(chunk, 0));
        cell value;
        list_items none = {0};
        code = vector_cell(&v, 0, &none, &value, err);
        if (code == ASSAY_OK && value.kind == CELL_TEXT)
            code = take_metadata(set, p, value.at, value.length, err);
    }
    duckdb_destroy_data_chunk(&chunk);
    duckdb_destroy_result(&result);
    return code;
}

/* "12", or NOT_A_CODE. */
static long index_of(const cell *value)
{
    char digits[8];
    if (value->length == 0 || value->length >= sizeof digits)
        return NOT_A_CODE;
    for (size_t i = 0; i < value->length; i++) {
        if (!isdigit((unsigned char)value->at[i]))
            return NOT_A_CODE;
    }
    memcpy(digits, value->at, value->length);
    digits[value->length] = '\0';
    return strtol(digits, NULL, 10);
}

/* -1 is how the data sets say that an index is not known. */
static assay_code take_label(parquet_set *set, const parquet_images *p, const cell *value,
                             size_t row, uint16_t *label, assay_err *err)
{
    uint32_t code = LISTED_NONE;
    *label = CLASS_MISSING;
    if (value->kind != CELL_TEXT)
        return ASSAY_OK;
    const long index = index_of(value);
    if (set->code_count > 0 && value->length == 2 && !memcmp(value->at, "-1", 2))
        return ASSAY_OK;
    char shown[80];
    source_show_value(value->at, value->length, shown);
    if (set->code_count > 0 && index >= (long)set->code_count)
        return assay_fail(err, ASSAY_E_INPUT, "%s: row %zu: label %s; the classes are 0 to %zu",
                          p->file, row + 1, shown, set->code_count - 1);
    if (set->code_count > 0 && index != NOT_A_CODE)
        code = set->code[index];
    else
        ASSAY_TRY(image_listing_class(set->l, value->at, value->length, &code, err));
    *label = (uint16_t)code;
    return ASSAY_OK;
}

static assay_code grow_paths(parquet_set *set, size_t more, assay_err *err)
{
    if (set->path_count + 2 > set->path_room) {
        const size_t room = set->path_room ? 2 * set->path_room : 1024;
        uint64_t *start = mem_resize(set->start, room, sizeof *start);
        if (!start)
            return image_listing_nomem(set->l, err);
        set->start = start;
        set->path_room = room;
    }
    if (set->byte_room - set->byte_used < more || !set->bytes) {
        size_t room = set->byte_room ? 2 * set->byte_room : 1 << 16;
        while (room - set->byte_used < more)
            room *= 2;
        char *bytes = mem_resize(set->bytes, room, 1);
        if (!bytes)
            return image_listing_nomem(set->l, err);
        set->bytes = bytes;
        set->byte_room = room;
    }
    return ASSAY_OK;
}

static assay_code take_path(parquet_set *set, const cell *value, assay_err *err)
{
    const size_t length = value->kind == CELL_TEXT ? value->length : 0;
    set->path_missing = set->path_missing || length == 0;
    if (set->path_missing)
        return ASSAY_OK;
    ASSAY_TRY(grow_paths(set, length, err));
    set->start[set->path_count++] = set->byte_used;
    memcpy(set->bytes + set->byte_used, value->at, length);
    set->byte_used += length;
    set->start[set->path_count] = set->byte_used;
    return ASSAY_OK;
}

static assay_code take_chunk(parquet_set *set, const parquet_images *p, duckdb_data_chunk chunk,
                             size_t first, size_t row, assay_err *err)
{
    const vector_view labels = vector_view_of(duckdb_data_chunk_get_vector(chunk, 0));
    const vector_view paths = vector_view_of(duckdb_data_chunk_get_vector(chunk, 1));
    const size_t count = duckdb_data_chunk_get_size(chunk);
    if (row + count > p->row_count)
        return assay_fail(err, ASSAY_E_INPUT, "%s: the Parquet file is damaged", p->file);
    for (size_t i = 0; i < count; i++) {
        cell value;
        list_items none = {0};
        ASSAY_TRY(vector_cell(&labels, i, &none, &value, err));
        ASSAY_TRY(take_label(set, p, &value, row + i, &set->l->list.label[first + row + i], err));
        ASSAY_TRY(vector_cell(&paths, i, &none, &value, err));
        ASSAY_TRY(take_path(set, &value, err));
    }
    return ASSAY_OK;
}

static assay_code stream(parquet_set *set, const parquet_images *p, size_t first,
                         duckdb_result *result, assay_err *err)
{
    size_t row = 0;
    for (;;) {
        duckdb_data_chunk chunk;
        ASSAY_TRY(parquet_images_fetch(p, result, &chunk, err));
        if (!chunk)
            return row == p->row_count
                       ? ASSAY_OK
                       : assay_fail(err, ASSAY_E_INPUT, "%s: the Parquet file is damaged", p->file);
        const assay_code code = take_chunk(set, p, chunk, first, row, err);
        row += duckdb_data_chunk_get_size(chunk);
        duckdb_destroy_data_chunk(&chunk);
        ASSAY_TRY(code);
    }
}

/* Labels and paths of the rows; the bytes stay where they are. */
static assay_code read_rows(parquet_set *set, const parquet_images *p, size_t first, assay_err *err)
{
    text sql;
    duckdb_result result = {0};
    text_init(&sql, SQL_BYTES_MOST);
    text_puts(&sql, "SELECT CAST(");
    if (p->label)
        parquet_put_name(&sql, p->label);
    else
        text_puts(&sql, "NULL");
    text_puts(&sql, " AS VARCHAR), ");
    if (p->has_path) {
        text_puts(&sql, "struct_extract(");
        parquet_put_name(&sql, p->image);
        text_puts(&sql, ", 'path')");
    } else {
        text_puts(&sql, "CAST(NULL AS VARCHAR)");
    }
    text_printf(&sql, " FROM read_parquet('%s')", p->from);
    assay_code code = parquet_images_query(p, &sql, NULL, &result, err);
    text_clear(&sql);
    ASSAY_TRY(code);
    code = stream(set, p, first, &result, err);
    duckdb_destroy_result(&result);
    return code;
}

/* "train" of "train-00000-of-00002.parquet" and of "train.parquet"; "" where a name is of neither
 * kind. */
static void find_split(const char *file, char out[NAME_MAX + 1])
{
    const char *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file;
    const char *dash = strchr(name, '-');
    const char *dot = strrchr(name, '.');
    unsigned part;
    unsigned parts;
    out[0] = '\0';
    if (dash && sscanf(dash, "-%9u-of-%9u", &part, &parts) == 2)
        snprintf(out, NAME_MAX + 1, "%.*s", (int)(dash - name), name);
    else if (dot && image_name_is_split(name, (size_t)(dot - name)))
        snprintf(out, NAME_MAX + 1, "%.*s", (int)(dot - name), name);
}

static assay_code add_rows(parquet_set *set, const parquet_images *p, const char *path,
                           assay_err *err)
{
    image_listing *l = set->l;
    const size_t first = l->list.count;
    char split[NAME_MAX + 1];
    find_split(p->file, split);
    const listed_container c = {.path = path,
                                .kind = CONTAINER_PARQUET,
                                .item_count = p->row_count,
                                .split = split[0] ? split : NULL,
                                .alone = set->alone};
    ASSAY_TRY(image_listing_container(l, &c, err));
    mem_free(set->code);
    set->code = NULL;
    set->code_count = 0;
    if (p->label)
        ASSAY_TRY(read_metadata(set, p, err));
    ASSAY_TRY(read_rows(set, p, first, err));
    const image_table t = {.path = (char *)(uintptr_t)p->file,
                           .folder = (char[]){""},
                           .in_order = true,
                           .first_sample = first,
                           .row_count = p->row_count};
    return p->others ? image_listing_table(l, &t, err) : ASSAY_OK;
}

static assay_code add_file(parquet_set *set, const char *file, const char *path, bool *found,
                           assay_err *err)
{
    parquet_images p;
    ASSAY_TRY(parquet_images_open(&set->db, file, set->l->request->label, &p, err));
    *found = p.image;
    const assay_code code = p.image && p.row_count > 0 ? add_rows(set, &p, path, err) : ASSAY_OK;
    parquet_images_close(&p);
    return code;
}

/* The images' own paths are their ids where each has one of its own. */
static assay_code finish(parquet_set *set, assay_err *err)
{
    image_listing *l = set->l;
    bad_rows twice = {0};
    if (l->list.count == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: has no rows", l->request->images);
    if (set->path_missing)
        return ASSAY_OK;
    const id_texts paths = {set->start, set->bytes, set->path_count, NULL};
    ASSAY_TRY(ids_find_repeats(&paths, &twice, err));
    if (twice.count > 0)
        return ASSAY_OK;
    mem_free(l->list.id.start);
    mem_free(l->list.id.bytes);
    l->list.id.start = ASSAY_GIVE(set->start);
    l->list.id.bytes = ASSAY_GIVE(set->bytes);
    l->id_used = set->byte_used;
    l->id_room = set->byte_room;
    return ASSAY_OK;
}

static assay_code start(parquet_set *set, assay_err *err)
{
    const duck_options options = {.thread_count = set->l->request->thread_count};
    return duck_open(&set->db, &options, err);
}

assay_code images_parquet_list(image_listing *l, bool *found, assay_err *err)
{
    parquet_set set = {.l = l, .alone = true};
    *found = false;
    assay_code code = start(&set, err);
    if (code == ASSAY_OK)
        code = add_file(&set, l->request->images, image_listing_below(l, l->at), found, err);
    if (code == ASSAY_OK && *found)
        code = finish(&set, err);
    l->list.kind = "Hugging Face Parquet";
    parquet_set_clear(&set);
    return code;
}

static int is_parquet_name(const struct dirent *d)
{
    const char *dot = strrchr(d->d_name, '.');
    return d->d_name[0] != '.' && dot && !strcmp(dot, ".parquet");
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* `folder`: below the first one, "" for itself. */
static assay_code add_named(parquet_set *set, const char *folder, const char *name, bool *any,
                            assay_err *err)
{
    image_listing *l = set->l;
    char above[PATH_MAX];
    char file[PATH_MAX];
    char path[PATH_MAX];
    bool found;
    ASSAY_TRY(image_path_join(l->request->images, folder, above, err));
    ASSAY_TRY(image_path_join(above, name, file, err));
    ASSAY_TRY(image_path_join(image_listing_below(l, l->at), folder, above, err));
    ASSAY_TRY(image_path_join(above, name, path, err));
    ASSAY_TRY(add_file(set, file, path, &found, err));
    *any = *any || found;
    return found ? ASSAY_OK
                 : image_listing_warn(l, err, "%s: has no column of images and is left out", file);
}

static assay_code add_folder(parquet_set *set, const char *folder, bool *found, assay_err *err)
{
    char at[PATH_MAX];
    struct dirent **entry = NULL;
    ASSAY_TRY(image_path_join(set->l->at, folder, at, err));
    const int count = scandir(at, &entry, is_parquet_name, by_bytes);
    assay_code code = count > 0 ? start(set, err) : ASSAY_OK;
    set->alone = count == 1;
    for (int i = 0; i < count; i++) {
        if (code == ASSAY_OK)
            code = add_named(set, folder, entry[i]->d_name, found, err);
        free(entry[i]);
    }
    free(entry);
    return code;
}

/* In the folder itself, or in data/ as a repository of a data set has them. */
assay_code images_parquet_list_folder(image_listing *l, bool *found, assay_err *err)
{
    static const char *const folders[] = {"", "data"};
    *found = false;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && !*found; i++) {
        parquet_set set = {.l = l};
        assay_code code = add_folder(&set, folders[i], found, err);
        if (code == ASSAY_OK && *found)
            code = finish(&set, err);
        parquet_set_clear(&set);
        ASSAY_TRY(code);
    }
    l->list.kind = "a folder of Hugging Face Parquet files";
    return ASSAY_OK;
}
