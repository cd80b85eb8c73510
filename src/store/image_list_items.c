/* Files that hold many images, item by item; and their labels in vectors. */
#include "store/image_list_parts.h"

#include "base/limits.h"
#include "store/idx.h"
#include "store/npy.h"
#include "store/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static assay_code append(image_listing *l, const listed_container *c, assay_err *err)
{
    image_list *list = &l->list;
    if (list->container_count >= CONTAINERS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: has more than %d files of images",
                          l->request->images, CONTAINERS_MOST);
    image_container *grown =
        mem_resize(list->containers, list->container_count + 1, sizeof *list->containers);
    if (!grown)
        return image_listing_nomem(l, err);
    list->containers = grown;
    char *path = mem_copy_text(c->path, strlen(c->path));
    if (!path)
        return image_listing_nomem(l, err);
    grown[list->container_count++] = (image_container){path, c->kind, c->item_count};
    return ASSAY_OK;
}

/* How many ids begin so already; the counts grow with the dictionary. */
static assay_code find_prefix(image_listing *l, const char *prefix, uint32_t *code, assay_err *err)
{
    const uint32_t known = l->id_prefixes.count;
    const size_t length = strlen(prefix);
    ASSAY_TRY(
        dictionary_add(&l->id_prefixes, prefix, length, text_hash(prefix, length), code, err));
    if (*code < known)
        return ASSAY_OK;
    uint64_t *grown = mem_resize(l->id_count, (size_t)known + 1, sizeof *grown);
    if (!grown)
        return image_listing_nomem(l, err);
    l->id_count = grown;
    grown[known] = 0;
    return ASSAY_OK;
}

/* Everything of an item but its number. */
static assay_code describe(image_listing *l, const listed_container *c, char folder[PATH_MAX + 1],
                           char prefix[PATH_MAX + 1], listed_sample *s, assay_err *err)
{
    *s = (listed_sample){.folder = folder,
                         .folder_length = (size_t)snprintf(folder, PATH_MAX + 1, "%s#", c->path),
                         .id_folder = prefix,
                         .class_code = LISTED_NONE,
                         .split = LISTED_NONE,
                         .container = (uint32_t)l->list.container_count - 1};
    prefix[0] = '\0';
    if (!c->alone)
        s->id_folder_length =
            (size_t)snprintf(prefix, PATH_MAX + 1, "%s/", c->split ? c->split : c->path);
    if (c->split)
        return image_listing_split(l, c->split, strlen(c->split), &s->split, err);
    return ASSAY_OK;
}

assay_code image_listing_container(image_listing *l, const listed_container *c, assay_err *err)
{
    char folder[PATH_MAX + 1];
    char prefix[PATH_MAX + 1];
    listed_sample s;
    uint32_t prefix_code = 0;
    ASSAY_TRY(append(l, c, err));
    ASSAY_TRY(describe(l, c, folder, prefix, &s, err));
    ASSAY_TRY(find_prefix(l, prefix, &prefix_code, err));
    for (uint64_t i = 0; i < c->item_count; i++) {
        char name[24];
        char id[24];
        s.name = name;
        s.name_length = (size_t)snprintf(name, sizeof name, "%" PRIu64, i);
        s.id = id;
        s.id_length = (size_t)snprintf(id, sizeof id, "%" PRIu64, l->id_count[prefix_code]++);
        s.item = i;
        ASSAY_TRY(image_listing_add(l, &s, err));
    }
    return ASSAY_OK;
}

bool images_labels_are_vector(const char *path)
{
    source s;
    if (source_open(path, &s, NULL) != ASSAY_OK)
        return false;
    const source_kind kind = s.kind;
    source_close(&s);
    return kind == SOURCE_NPY || idx_is_file(path);
}

static assay_code check_count(const image_listing *l, const char *path, const char *images,
                              uint64_t labels, size_t first_sample, assay_err *err)
{
    const size_t count = l->list.count - first_sample;
    if (labels == count)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_INPUT, "%s: has %" PRIu64 " labels for the %zu images of %s",
                      path, labels, count, images);
}

static assay_code put_idx_labels(image_listing *l, const idx_file *f, size_t first_sample,
                                 assay_err *err)
{
    uint32_t code[256];
    memset(code, 0xFF, sizeof code);
    for (uint64_t i = 0; i < f->header.item_count; i++) {
        const unsigned value = f->data[i];
        if (code[value] == LISTED_NONE) {
            char name[8];
            const int length = snprintf(name, sizeof name, "%u", value);
            ASSAY_TRY(image_listing_class(l, name, (size_t)length, &code[value], err));
        }
        l->list.label[first_sample + i] = (uint16_t)code[value];
    }
    return ASSAY_OK;
}

static assay_code read_idx_labels(image_listing *l, const char *path, const char *images,
                                  size_t first_sample, assay_err *err)
{
    idx_file f;
    ASSAY_TRY(idx_open(path, IDX_LABELS, &f, err));
    assay_code code = check_count(l, path, images, f.header.item_count, first_sample, err);
    if (code == ASSAY_OK)
        code = put_idx_labels(l, &f, first_sample, err);
    idx_close(&f);
    return code;
}

static assay_code read_npy_labels(image_listing *l, const char *path, const char *images,
                                  size_t first_sample, assay_err *err)
{
    npy_file f;
    ASSAY_TRY(npy_open(path, &f, err));
    assay_code code = check_count(l, path, images, f.header.shape[0], first_sample, err);
    if (code == ASSAY_OK)
        code = npy_read_names(&f, path, &l->class_names, l->list.label + first_sample, err);
    npy_close(&f);
    return code;
}

assay_code images_vector_labels(image_listing *l, const char *path, const char *images,
                                size_t first_sample, assay_err *err)
{
    source s;
    ASSAY_TRY(source_open(path, &s, err));
    const source_kind kind = s.kind;
    source_close(&s);
    snprintf(l->labels_from, sizeof l->labels_from, "%s", path);
    return kind == SOURCE_NPY ? read_npy_labels(l, path, images, first_sample, err)
                              : read_idx_labels(l, path, images, first_sample, err);
}

/* The last "images" below the last '/'. */
static const char *last_images(const char *path)
{
    const char *name = strrchr(path, '/');
    const char *last = NULL;
    for (const char *at = name ? name : path; (at = strstr(at, "images")); at++)
        last = at;
    return last;
}

bool images_labels_beside(const char *images, char out[PATH_MAX])
{
    const char *at = last_images(images);
    if (!at || strlen(images) + sizeof ".gz" > PATH_MAX)
        return false;
    snprintf(out, PATH_MAX, "%s", images);
    memcpy(out + (at - images), "labels", strlen("labels"));
    char *dimensions = strstr(out + (at - images), "idx3");
    if (dimensions)
        dimensions[3] = '1';
    if (access(out, F_OK) == 0)
        return true;
    const size_t length = strlen(out);
    if (length > 3 && !strcmp(out + length - 3, ".gz"))
        out[length - 3] = '\0';
    else
        memcpy(out + length, ".gz", sizeof ".gz");
    return access(out, F_OK) == 0;
}
