/* Lists of images in tests: made in a temporary folder, shown as text. */
#include "support/listed.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { FILE_MOST = 1 << 16, PRINTED_MOST = 1 << 14 };

static char folder[] = "/tmp/assay_images_XXXXXX";

int listed_make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

void listed_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int listed_drop_folder(void **state)
{
    (void)state;
    if (chdir("/"))
        return -1;
    listed_remove(folder);
    return 0;
}

static void make_folders(const char *path)
{
    char above[4096];
    snprintf(above, sizeof above, "%s", path);
    for (char *slash = above; (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        mkdir(above, 0755);
        *slash = '/';
    }
}

void listed_put(const char *path, const void *at, size_t length)
{
    make_folders(path);
    FILE *file = fopen(path, "wb");
    if (!file)
        fail_msg("%s cannot be made", path);
    assert_int_equal(fwrite(at, 1, length, file), length);
    fclose(file);
}

void listed_touch(const char *first, ...)
{
    va_list names;
    va_start(names, first);
    for (const char *name = first; name; name = va_arg(names, const char *))
        listed_put(name, "", 0);
    va_end(names);
}

void listed_put_gzip(const char *path, const void *at, size_t length)
{
    make_folders(path);
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, at, (unsigned)length), length);
    assert_int_equal(gzclose(file), Z_OK);
}

void listed_put_idx(const char *path, const uint32_t *extent, size_t dimensions)
{
    uint8_t at[FILE_MOST] = {0, 0, 8, (uint8_t)dimensions};
    size_t length = 4;
    size_t items = 1;
    for (size_t i = 0; i < dimensions; i++) {
        for (int shift = 24; shift >= 0; shift -= 8)
            at[length++] = (uint8_t)(extent[i] >> shift);
        items *= extent[i];
    }
    assert_true(length + items <= sizeof at);
    for (size_t i = 0; i < items; i++)
        at[length++] = (uint8_t)i;
    const size_t name = strlen(path);
    if (name > 3 && !strcmp(path + name - 3, ".gz"))
        listed_put_gzip(path, at, length);
    else
        listed_put(path, at, length);
}

void listed_put_npy(const char *path, const char *type, const char *shape, const void *data,
                    size_t length)
{
    static char at[FILE_MOST];
    memset(at, ' ', 128);
    memcpy(at, "\x93NUMPY\x01\x00\x76\x00", 10);
    const int used = snprintf(
        at + 10, 118, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", type, shape);
    at[10 + used] = ' ';
    at[127] = '\n';
    assert_true(128 + length <= sizeof at);
    memcpy(at + 128, data, length);
    listed_put(path, at, 128 + length);
}

typedef struct printer {
    char *out;
    size_t used, room;
} printer;

static void put(printer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(printer *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    p->used += (size_t)vsnprintf(p->out + p->used, p->room - p->used, fmt, args);
    va_end(args);
    assert_true(p->used < p->room);
}

/* With ROOT for the temporary folder. */
static void put_path(printer *p, const char *at, size_t length)
{
    const size_t root = strlen(folder);
    if (length >= root && !memcmp(at, folder, root)) {
        put(p, "ROOT");
        at += root;
        length -= root;
    }
    put(p, "%.*s", (int)length, at);
}

static void put_sample(printer *p, const image_list *list, size_t i)
{
    put_path(p, list->path.bytes + list->path.start[i],
             (size_t)(list->path.start[i + 1] - list->path.start[i]));
    if (list->id.start)
        put(p, " #%.*s", (int)(list->id.start[i + 1] - list->id.start[i]),
            list->id.bytes + list->id.start[i]);
    if (list->label)
        put(p, " =%s", list->label[i] == CLASS_MISSING ? "-" : list->classes.name[list->label[i]]);
    if (list->split.value_count)
        put(p, " @%s",
            list->split.code[i] == ATTRIBUTE_MISSING ? "-"
                                                     : list->split.value[list->split.code[i]]);
    put(p, "\n");
}

void listed_print(const image_list *list, char *out, size_t room)
{
    printer p = {out, 0, room};
    put(&p, "%s in ", list->kind);
    put_path(&p, list->root, strlen(list->root));
    put(&p, "\n");
    for (uint32_t i = 0; i < list->classes.count; i++)
        put(&p, "%s%s%s", i ? " " : "classes ", list->classes.name[i],
            i + 1 == list->classes.count ? "\n" : "");
    for (size_t i = 0; i < list->container_count; i++)
        put(&p, "container %s of %d\n", list->containers[i].path,
            (int)list->containers[i].item_count);
    for (size_t i = 0; i < list->count; i++)
        put_sample(&p, list, i);
    for (size_t i = 0; i < list->table_count; i++) {
        const image_table *t = &list->table[i];
        put(&p, "table %s", t->path);
        if (t->folder[0])
            put(&p, " below %s", t->folder);
        if (t->in_order)
            put(&p, " rows %zu from %zu", t->row_count, t->first_sample);
        put(&p, "\n");
    }
    for (size_t i = 0; i < list->warning_count; i++)
        put(&p, "! %s\n", list->warning[i]);
}

void listed_expect(const image_list_request *r, const char *printed)
{
    static char out[PRINTED_MOST];
    const size_t live = mem_live();
    image_list list;
    assay_err err = {0};
    if (image_list_read(r, &list, &err) != ASSAY_OK)
        fail_msg("%s: %s", r->images, err.msg);
    listed_print(&list, out, sizeof out);
    image_list_clear(&list);
    assert_string_equal(out, printed);
    assert_int_equal(mem_live(), live);
}

void listed_fail_each_allocation(const image_list_request *r)
{
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        image_list list = {.count = 9};
        assay_err err = {0};
        mem_fail_after(n);
        const assay_code code = image_list_read(r, &list, &err);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            assert_true(n > 4);
            image_list_clear(&list);
            assert_int_equal(mem_live(), live);
            return;
        }
        if (code != ASSAY_E_NOMEM)
            fail_msg("%s: allocation %d: %s", r->images, (int)n, err.msg);
        assert_true(err.msg[0]);
        assert_int_equal(list.count, 0);
        assert_null(list.root);
        assert_int_equal(mem_live(), live);
    }
}

void listed_expect_refusal(const listed_refusal *r)
{
    const size_t live = mem_live();
    image_list list = {.count = 9};
    assay_err err = {0};
    const assay_code code = image_list_read(&r->request, &list, &err);
    if (code != r->code || strcmp(err.msg, r->message) != 0)
        fail_msg("%s: code %d, message\n%s\nexpected code %d\n%s", r->name, (int)code, err.msg,
                 (int)r->code, r->message);
    assert_int_equal(list.count, 0);
    assert_null(list.root);
    assert_int_equal(mem_live(), live);
}
