/* Rows of a table and samples of a project that are the same thing. */
#include "project/join.h"

#include "store/source.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Texts of the samples by hash. */
typedef struct text_index {
    const text_column *text;
    bool names;         /* only what follows the last slash counts */
    uint32_t *slot;     /* sample + 1, 0: empty */
    bool *is_ambiguous; /* a slot */
    size_t slot_count;  /* a power of two */
} text_index;

static void text_index_clear(text_index *x)
{
    mem_free(x->slot);
    mem_free(x->is_ambiguous);
}
ASSAY_AUTO_CLEAR_DECLARE(text_index)

typedef struct piece {
    const char *at;
    size_t length;
} piece;

static piece file_name(piece path)
{
    const char *slash = memrchr(path.at, '/', path.length);
    if (!slash)
        return path;
    return (piece){slash + 1, path.length - (size_t)(slash + 1 - path.at)};
}

static piece text_of(const text_index *x, size_t sample)
{
    const uint64_t *start = &x->text->start[sample];
    const piece whole = {x->text->bytes + start[0], (size_t)(start[1] - start[0])};
    return x->names ? file_name(whole) : whole;
}

/* The slot of a text, or the empty one where it would stand. */
static size_t find_slot(const text_index *x, piece text)
{
    size_t at = text_hash(text.at, text.length) & (x->slot_count - 1);
    for (; x->slot[at]; at = (at + 1) & (x->slot_count - 1)) {
        const piece there = text_of(x, x->slot[at] - 1);
        if (there.length == text.length && !memcmp(there.at, text.at, text.length))
            break;
    }
    return at;
}

static assay_code index_texts(text_index *x, const join_request *r, const text_column *text,
                              bool names, assay_err *err)
{
    const size_t count = r->images->count;
    *x = (text_index){.text = text, .names = names, .slot_count = 16};
    while (x->slot_count < 2 * count)
        x->slot_count *= 2;
    x->slot = mem_zalloc(x->slot_count, sizeof *x->slot);
    x->is_ambiguous = mem_zalloc(x->slot_count, sizeof *x->is_ambiguous);
    if (!x->slot || !x->is_ambiguous)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu samples' names", count);
    for (size_t i = 0; i < count; i++) {
        ASSAY_TRY(progress_look(r->progress, i, err));
        const size_t at = find_slot(x, text_of(x, i));
        x->is_ambiguous[at] = x->slot[at] != 0;
        x->slot[at] = (uint32_t)i + 1;
    }
    return ASSAY_OK;
}

static uint32_t look_up(const text_index *x, piece text)
{
    const size_t at = find_slot(x, text);
    return !x->slot[at] || x->is_ambiguous[at] ? SAMPLE_NONE : x->slot[at] - 1;
}

/* Take the last part off a path, for a ".."; false where there is none. */
static bool drop_part(const char *path, size_t *used)
{
    const char *last = *used ? memrchr(path, '/', *used) : NULL;
    if (*used == 0 || (*used == 1 && last))
        return false;
    *used = last ? (size_t)(last - path) + (last == path) : 0;
    return true;
}

static bool put_part(char path[PATH_MAX], size_t *used, const char *name, size_t length)
{
    if (length == 0 || (length == 1 && name[0] == '.'))
        return true;
    if (length == 2 && name[0] == '.' && name[1] == '.')
        return drop_part(path, used);
    if (*used + length + 2 > PATH_MAX)
        return false;
    if (*used > 0 && path[*used - 1] != '/')
        path[(*used)++] = '/';
    memcpy(path + *used, name, length);
    *used += length;
    return true;
}

/* "a/./b//c/../d" is "a/b/d". Returns the length; 0 where it leads out of the top or is too long.
 */
static size_t normalise(const char *at, size_t length, char out[PATH_MAX])
{
    size_t used = 0;
    if (length > 0 && at[0] == '/')
        out[used++] = '/';
    for (size_t i = 0; i < length;) {
        const char *slash = memchr(at + i, '/', length - i);
        const size_t part = slash ? (size_t)(slash - at) - i : length - i;
        if (!put_part(out, &used, at + i, part))
            return 0;
        i += part + 1;
    }
    return used;
}

/* One way of reading the keys. */
typedef struct way {
    const char *by;
    const text_index *index;
    const char *before; /* put before a relative key, with a slash; NULL: nothing */
    const char *root;   /* taken off an absolute path; NULL: the key is relative to it already */
    bool as_it_is;      /* an id: no path */
    bool name_only;
} way;

static uint32_t find_path(const way *w, piece key)
{
    char whole[2 * PATH_MAX];
    char plain[PATH_MAX];
    const bool absolute = key.length > 0 && key.at[0] == '/';
    size_t used = 0;
    if (key.length >= PATH_MAX || (absolute && !w->root))
        return SAMPLE_NONE;
    if (w->before && !absolute) {
        used = strlen(w->before);
        if (used >= PATH_MAX - 1)
            return SAMPLE_NONE;
        memcpy(whole, w->before, used);
        whole[used++] = '/';
    }
    memcpy(whole + used, key.at, key.length);
    size_t length = normalise(whole, used + key.length, plain);
    const char *at = plain;
    if (w->root) {
        const size_t root = strlen(w->root);
        if (length <= root || memcmp(plain, w->root, root) != 0 || (plain[root] != '/' && root > 1))
            return SAMPLE_NONE;
        const size_t skip = root + (plain[root] == '/');
        at += skip;
        length -= skip;
    }
    return length ? look_up(w->index, (piece){at, length}) : SAMPLE_NONE;
}

static uint32_t find_sample(const way *w, piece key)
{
    if (w->as_it_is)
        return look_up(w->index, key);
    if (w->name_only)
        return look_up(w->index, file_name(key));
    return find_path(w, key);
}

static piece key_of(const join_request *r, size_t row)
{
    const uint64_t *start = &r->key->start[row];
    return (piece){r->key->bytes + start[0], (size_t)(start[1] - start[0])};
}

/* Whether any row finds a sample in this way. */
static assay_code ask_way(const way *w, const join_request *r, bool *serves, assay_err *err)
{
    *serves = false;
    for (size_t row = 0; row < r->row_count && !*serves; row++) {
        ASSAY_TRY(progress_look(r->progress, row, err));
        *serves = find_sample(w, key_of(r, row)) != SAMPLE_NONE;
    }
    return ASSAY_OK;
}

static void note_row(bad_rows *bad, size_t row, piece key, const char *what)
{
    char shown[80];
    source_show_value(key.at, key.length, shown);
    bad_rows_add(bad, row, "%s '%s'", what, shown);
}

static const char *why_unmatched(const way *w, piece key)
{
    const bool shared = w->name_only && w->index->is_ambiguous[find_slot(w->index, file_name(key))];
    return shared ? "more than one sample has the file name of" : "no sample is called";
}

static assay_code take_rows(const way *w, const join_request *r, joined *out, assay_err *err)
{
    ASSAY_AUTO_MEM uint8_t *taken = mem_zalloc(r->images->count, 1);
    if (!taken)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu samples", r->images->count);
    for (size_t row = 0; row < r->row_count; row++) {
        ASSAY_TRY(progress_look(r->progress, row, err));
        const piece key = key_of(r, row);
        const uint32_t sample = find_sample(w, key);
        out->sample[row] = sample;
        if (sample == SAMPLE_NONE) {
            note_row(&out->unmatched, row, key, why_unmatched(w, key));
        } else if (taken[sample]) {
            out->sample[row] = SAMPLE_NONE;
            note_row(&out->doubled, row, key, "an earlier row is of the same sample as");
        } else {
            taken[sample] = 1;
            out->matched++;
        }
    }
    return ASSAY_OK;
}

void joined_clear(joined *j)
{
    mem_free(j->sample);
    *j = (joined){0};
}

/* The folder that the table lies in, absolute. */
static const char *folder_of(const char *path, char out[PATH_MAX])
{
    if (!path || !realpath(path, out))
        return NULL;
    char *slash = strrchr(out, '/');
    slash[slash == out] = '\0';
    return out;
}

static assay_code choose_way(const join_request *r, joined *out, assay_err *err)
{
    const image_list *images = r->images;
    char here[PATH_MAX];
    char beside[PATH_MAX];
    const char *working = getcwd(here, sizeof here);
    const char *folder = folder_of(r->table, beside);
    ASSAY_AUTO_CLEAR(text_index) ids = {0};
    ASSAY_AUTO_CLEAR(text_index) paths = {0};
    ASSAY_AUTO_CLEAR(text_index) names = {0};
    const text_column *id = images->id.start ? &images->id : &images->path;
    ASSAY_TRY(index_texts(&ids, r, id, false, err));
    ASSAY_TRY(index_texts(&paths, r, &images->path, false, err));
    const bool below = r->folder && *r->folder;
    const way ways[] = {
        {.by = "id", .index = &ids, .as_it_is = true},
        {.by = "path", .index = &paths, .before = below ? r->folder : NULL},
        {.by = "path", .index = &paths, .root = images->root},
        {.by = "path", .index = &paths, .root = images->root, .before = working},
        {.by = "path", .index = &paths, .root = images->root, .before = folder},
    };
    for (size_t i = below ? 1 : 0; i < sizeof ways / sizeof *ways; i++) {
        bool serves = false;
        if (i < 2 || images->root)
            ASSAY_TRY(ask_way(&ways[i], r, &serves, err));
        if (serves) {
            out->by = ways[i].by;
            return take_rows(&ways[i], r, out, err);
        }
    }
    ASSAY_TRY(index_texts(&names, r, &images->path, true, err));
    const way by_name = {.by = "file name", .index = &names, .name_only = true};
    out->by = by_name.by;
    return take_rows(&by_name, r, out, err);
}

assay_code join_rows(const join_request *request, joined *out, assay_err *err)
{
    assert(request->key->start);
    *out = (joined){0};
    joined j = {0};
    j.sample = mem_alloc(request->row_count, sizeof *j.sample);
    if (!j.sample)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu rows", request->row_count);
    const assay_code code = choose_way(request, &j, err);
    if (code != ASSAY_OK) {
        joined_clear(&j);
        return code;
    }
    *out = j;
    return ASSAY_OK;
}
