/* NumPy's .npy files: the header is a Python literal, read here by hand and believed in nothing;
 * the data is mapped, never copied, but for images, which are read as they are asked for. */
#include "store/npy.h"

#include "base/file.h"
#include "base/limits.h"
#include "store/source.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

enum { HEADER_BYTES_MOST = 65536, DESCR_BYTES_MOST = 32, TEXT_CHARACTERS_MOST = 1024 };

typedef struct literal {
    const char *at, *end;
    const char *name; /* of the file */
    uint32_t dimensions_most;
} literal;

typedef struct fields {
    char descr[DESCR_BYTES_MOST];
    bool has_descr, has_order, has_shape;
} fields;

static assay_code fail_header(const literal *in, const char *what, assay_err *err)
{
    return assay_fail(err, ASSAY_E_INPUT, "%s: the .npy header is damaged: %s", in->name, what);
}

static void skip_space(literal *in)
{
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\n'))
        in->at++;
}

static bool take(literal *in, char c)
{
    skip_space(in);
    if (in->at == in->end || *in->at != c)
        return false;
    in->at++;
    return true;
}

static bool take_word(literal *in, const char *word)
{
    skip_space(in);
    const size_t length = strlen(word);
    if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0)
        return false;
    in->at += length;
    return true;
}

static bool take_string(literal *in, char *out, size_t room)
{
    skip_space(in);
    if (in->at == in->end || (*in->at != '\'' && *in->at != '"'))
        return false;
    const char quote = *in->at++;
    size_t used = 0;
    while (in->at < in->end && *in->at != quote) {
        const char c = *in->at++;
        if (used + 1 >= room || c < ' ' || c > '~' || c == '\\')
            return false;
        out[used++] = c;
    }
    out[used] = '\0';
    return in->at < in->end && *in->at++ == quote;
}

static bool take_count(literal *in, size_t *value)
{
    skip_space(in);
    const char *first = in->at;
    *value = 0;
    for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
        if (__builtin_mul_overflow(*value, (size_t)10, value) ||
            __builtin_add_overflow(*value, (size_t)(*in->at - '0'), value))
            return false;
    }
    if (in->at < in->end && *in->at == 'L') /* Python 2 wrote its long integers so */
        in->at++;
    return in->at > first;
}

static assay_code fail_dimensions(const literal *in, assay_err *err)
{
    return assay_fail(
        err, ASSAY_E_INPUT,
        in->dimensions_most == 2
            ? "%s: has more than two dimensions; expected (samples,) or (samples, classes)"
            : "%s: has more than four dimensions; expected (images, height, width) or (images, "
              "height, width, 3)",
        in->name);
}

static assay_code take_shape(literal *in, npy_header *h, assay_err *err)
{
    if (!take(in, '('))
        return fail_header(in, "no shape", err);
    h->dimension_count = 0;
    while (!take(in, ')')) {
        size_t extent;
        if (!take_count(in, &extent))
            return fail_header(in, "the shape is not a tuple of counts", err);
        if (h->dimension_count == in->dimensions_most)
            return fail_dimensions(in, err);
        h->shape[h->dimension_count++] = extent;
        if (!take(in, ',') && (in->at == in->end || *in->at != ')'))
            return fail_header(in, "the shape is never closed", err);
    }
    if (h->dimension_count == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: is a single number; expected one row a sample",
                          in->name);
    for (size_t i = h->dimension_count; i < sizeof h->shape / sizeof *h->shape; i++)
        h->shape[i] = 1;
    return ASSAY_OK;
}

static assay_code take_descr(literal *in, fields *seen, assay_err *err)
{
    skip_space(in);
    if (in->at < in->end && *in->at == '[')
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: holds records with named fields; save one plain array of numbers instead",
            in->name);
    if (!take_string(in, seen->descr, sizeof seen->descr))
        return fail_header(in, "no element type", err);
    return ASSAY_OK;
}

static assay_code take_field(literal *in, fields *seen, npy_header *h, assay_err *err)
{
    char key[DESCR_BYTES_MOST];
    if (!take_string(in, key, sizeof key) || !take(in, ':'))
        return fail_header(in, "expected a key and a colon", err);
    bool *flag = !strcmp(key, "descr")           ? &seen->has_descr
                 : !strcmp(key, "fortran_order") ? &seen->has_order
                 : !strcmp(key, "shape")         ? &seen->has_shape
                                                 : NULL;
    if (!flag || *flag)
        return fail_header(in, "a key that is unknown or occurs twice", err);
    *flag = true;
    if (flag == &seen->has_descr)
        return take_descr(in, seen, err);
    if (flag == &seen->has_shape)
        return take_shape(in, h, err);
    h->by_column = take_word(in, "True");
    if (!h->by_column && !take_word(in, "False"))
        return fail_header(in, "fortran_order is neither True nor False", err);
    return ASSAY_OK;
}

static assay_code take_dictionary(literal *in, fields *seen, npy_header *h, assay_err *err)
{
    if (!take(in, '{'))
        return fail_header(in, "no dictionary", err);
    while (!take(in, '}')) {
        ASSAY_TRY(take_field(in, seen, h, err));
        skip_space(in);
        if (!take(in, ',') && (in->at == in->end || *in->at != '}'))
            return fail_header(in, "the dictionary is never closed", err);
    }
    skip_space(in);
    if (in->at != in->end)
        return fail_header(in, "something follows the dictionary", err);
    if (!seen->has_descr || !seen->has_order || !seen->has_shape)
        return fail_header(in, "descr, fortran_order or shape is missing", err);
    return ASSAY_OK;
}

static bool set_type(npy_header *h, npy_kind kind, unsigned bytes, bool known)
{
    h->kind = kind;
    h->item_bytes = bytes;
    return known;
}

static bool understand_type(npy_header *h, char letter, unsigned size)
{
    const bool is_word = size == 1 || size == 2 || size == 4 || size == 8;
    switch (letter) {
    case 'f':
        return set_type(h, NPY_FLOAT, size, size == 2 || size == 4 || size == 8);
    case 'i':
        return set_type(h, NPY_INT, size, is_word);
    case 'u':
        return set_type(h, NPY_UINT, size, is_word);
    case 'b':
        return set_type(h, NPY_BOOL, size, size == 1);
    case 'U':
        return size <= TEXT_CHARACTERS_MOST && set_type(h, NPY_TEXT, size * 4, size > 0);
    case 'S':
        return set_type(h, NPY_BYTES, size, size > 0 && size <= TEXT_CHARACTERS_MOST);
    default:
        return false;
    }
}

/* '<f4': byte order, kind, size. */
static assay_code take_type(const char *name, const char *descr, npy_header *h, assay_err *err)
{
    if (strchr(descr, 'O'))
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: holds Python objects, which are not read; save numbers: "
                          "np.save(file, a.astype(np.float32)), or names: np.save(file, "
                          "a.astype(str))",
                          name);
    char order = 0;
    char letter = 0;
    unsigned size = 0;
    char rest = 0;
    if (sscanf(descr, "%c%c%4u%c", &order, &letter, &size, &rest) != 3 || !strchr("<>|=", order))
        return assay_fail(err, ASSAY_E_INPUT, "%s: the element type '%s' is not one that is read",
                          name, descr);
    if (order == '>' && size > 1)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: holds big-endian numbers ('%s'); convert them: "
                          "np.save(file, a.astype(a.dtype.newbyteorder('<')))",
                          name, descr);
    if (!understand_type(h, letter, size))
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: the element type '%s' is not one that is read; expected float16, float32, "
            "float64, an integer or text",
            name, descr);
    return ASSAY_OK;
}

static assay_code check_size(const char *name, const npy_header *h, uint64_t file_bytes,
                             assay_err *err)
{
    size_t bytes;
    if (__builtin_mul_overflow(h->shape[0], h->shape[1], &bytes) ||
        __builtin_mul_overflow(bytes, h->shape[2], &bytes) ||
        __builtin_mul_overflow(bytes, h->shape[3], &bytes) ||
        __builtin_mul_overflow(bytes, (size_t)h->item_bytes, &bytes) || bytes > PTRDIFF_MAX)
        return assay_fail(err, ASSAY_E_INPUT, "%s: the shape (%zu, %zu) is beyond any file", name,
                          h->shape[0], h->shape[1]);
    if (bytes != file_bytes - h->data_offset)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: %s: shape and type need %zu bytes of data, the file has %zu", name,
                          bytes > file_bytes - h->data_offset ? "is cut off" : "is too long", bytes,
                          (size_t)(file_bytes - h->data_offset));
    if (bytes == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: has no elements", name);
    const uint32_t unit = h->kind == NPY_TEXT ? 4 : h->kind == NPY_BYTES ? 1 : h->item_bytes;
    assert(unit > 0);
    if (h->data_offset % unit != 0)
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: its data does not begin at a multiple of %u bytes; save it again with numpy.save",
            name, unit);
    return ASSAY_OK;
}

/* Where the dictionary begins and how long it is. */
static assay_code take_preamble(const char *at, size_t length, literal *in, assay_err *err)
{
    const unsigned char *p = (const unsigned char *)at;
    if (length < 10 || memcmp(at, "\x93NUMPY", 6) != 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: is not an .npy file", in->name);
    const unsigned version = p[6];
    if (version < 1 || version > 3)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: .npy version %u is not known; expected 1, 2 or 3", in->name,
                          version);
    const size_t start = version == 1 ? 10 : 12;
    if (length < start)
        return fail_header(in, "it is cut off", err);
    const size_t header_bytes =
        version == 1 ? (size_t)p[8] | (size_t)p[9] << 8
                     : (size_t)p[8] | (size_t)p[9] << 8 | (size_t)p[10] << 16 | (size_t)p[11] << 24;
    if (header_bytes > HEADER_BYTES_MOST)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: the .npy header is %zu bytes long; at most %d are read", in->name,
                          header_bytes, HEADER_BYTES_MOST);
    if (length - start < header_bytes)
        return fail_header(in, "it is cut off", err);
    in->at = at + start;
    in->end = in->at + header_bytes;
    return ASSAY_OK;
}

static assay_code parse(const char *at, size_t length, uint64_t file_bytes, literal *in,
                        npy_header *out, assay_err *err)
{
    npy_header h = {0};
    fields seen = {0};
    ASSAY_TRY(take_preamble(at, length, in, err));
    h.data_offset = (size_t)(in->end - at);
    ASSAY_TRY(take_dictionary(in, &seen, &h, err));
    ASSAY_TRY(take_type(in->name, seen.descr, &h, err));
    if (file_bytes < h.data_offset)
        return fail_header(in, "it is cut off", err);
    ASSAY_TRY(check_size(in->name, &h, file_bytes, err));
    *out = h;
    return ASSAY_OK;
}

assay_code npy_parse_header(const char *at, size_t length, uint64_t file_bytes, const char *name,
                            npy_header *out, assay_err *err)
{
    *out = (npy_header){0};
    literal in = {.name = name, .dimensions_most = 2};
    return parse(at, length, file_bytes, &in, out, err);
}

static assay_code check_images(const npy_header *h, const char *name, assay_err *err)
{
    const bool bytes = h->kind == NPY_UINT && h->item_bytes == 1;
    if (h->kind == NPY_FLOAT)
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: holds floating-point numbers; expected images as uint8: "
            "np.save(file, (a * 255).round().astype(np.uint8)) where they lie in [0, 1]",
            name);
    if (!bytes)
        return assay_fail(err, ASSAY_E_INPUT, "%s: does not hold uint8; expected images as uint8",
                          name);
    if (h->dimension_count < 3 || (h->shape[3] != 1 && h->shape[3] != 3))
        return assay_fail(
            err, ASSAY_E_INPUT,
            h->dimension_count == 4 && (h->shape[1] == 1 || h->shape[1] == 3)
                ? "%s: has its channels before height and width; expected (images, "
                  "height, width, 3): np.save(file, a.transpose(0, 2, 3, 1).copy())"
                : "%s: expected (images, height, width) or (images, height, width, 3)",
            name);
    if (h->by_column)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: is in Fortran order; expected C order: np.save(file, "
                          "np.ascontiguousarray(a))",
                          name);
    if (h->shape[1] > IMAGE_SIDE_MOST || h->shape[2] > IMAGE_SIDE_MOST ||
        h->shape[1] * h->shape[2] > IMAGE_PIXELS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT,
                          "%s: has images of %zu×%zu pixels; at most %d a side and %llu in all are "
                          "read",
                          name, h->shape[2], h->shape[1], IMAGE_SIDE_MOST,
                          (unsigned long long)IMAGE_PIXELS_MOST);
    return ASSAY_OK;
}

assay_code npy_parse_images(const char *at, size_t length, uint64_t file_bytes, const char *name,
                            npy_header *out, assay_err *err)
{
    *out = (npy_header){0};
    npy_header h = {0};
    literal in = {.name = name, .dimensions_most = 4};
    ASSAY_TRY(parse(at, length, file_bytes, &in, &h, err));
    ASSAY_TRY(check_images(&h, name, err));
    *out = h;
    return ASSAY_OK;
}

static assay_code map_file(const char *path, const source *s, npy_file *f, assay_err *err)
{
    if (s->kind != SOURCE_NPY)
        return assay_fail(err, ASSAY_E_INPUT, "%s: is not an .npy file", path);
    f->mapping_bytes = (size_t)s->bytes;
    f->mapping = mmap(NULL, f->mapping_bytes, PROT_READ, MAP_PRIVATE, s->fd, 0);
    if (f->mapping == MAP_FAILED) {
        f->mapping = NULL;
        return assay_fail(err, ASSAY_E_NOMEM, "%s: cannot be mapped into memory", path);
    }
    const size_t head =
        f->mapping_bytes < HEADER_BYTES_MOST + 12 ? f->mapping_bytes : HEADER_BYTES_MOST + 12;
    ASSAY_TRY(npy_parse_header(f->mapping, head, s->bytes, path, &f->header, err));
    f->data = (const char *)f->mapping + f->header.data_offset;
    return ASSAY_OK;
}

assay_code npy_open(const char *path, npy_file *out, assay_err *err)
{
    *out = (npy_file){0};
    npy_file f = {0};
    source s;
    ASSAY_TRY(source_open(path, &s, err));
    const assay_code code = map_file(path, &s, &f, err);
    source_close(&s);
    if (code != ASSAY_OK) {
        npy_close(&f);
        return code;
    }
    *out = f;
    return ASSAY_OK;
}

static assay_code read_images_header(const char *path, const source *s, npy_header *out,
                                     assay_err *err)
{
    if (s->kind != SOURCE_NPY)
        return assay_fail(err, ASSAY_E_INPUT, "%s: is not an .npy file", path);
    const size_t most = HEADER_BYTES_MOST + 12;
    ASSAY_AUTO_MEM char *head = mem_alloc(most, 1);
    size_t length;
    if (!head)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", path);
    if (file_read_at(s->fd, head, most, 0, &length))
        return assay_fail(err, ASSAY_E_IO, "%s: cannot be read", path);
    return npy_parse_images(head, length, s->bytes, path, out, err);
}

assay_code npy_open_images(const char *path, npy_header *out, int *fd, assay_err *err)
{
    *out = (npy_header){0};
    *fd = -1;
    source s;
    ASSAY_TRY(source_open(path, &s, err));
    const assay_code code = read_images_header(path, &s, out, err);
    if (code == ASSAY_OK) {
        *fd = s.fd;
        s.fd = -1;
    }
    source_close(&s);
    return code;
}

void npy_close(npy_file *f)
{
    if (f->mapping)
        munmap(f->mapping, f->mapping_bytes);
    *f = (npy_file){0};
}

assay_code npy_take_matrix(npy_file *f, const char *path, matrix *out, assay_err *err)
{
    *out = (matrix){0};
    const npy_header *h = &f->header;
    if (h->kind != NPY_FLOAT)
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: does not hold floating-point numbers; expected float16, float32 or float64", path);
    if (h->dimension_count != 2)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: has the shape (%zu,); expected (samples, classes)", path,
                          h->shape[0]);
    *out = (matrix){
        .at = f->data,
        .row_count = h->shape[0],
        .column_count = h->shape[1],
        .type = h->item_bytes == 2   ? MATRIX_F16
                : h->item_bytes == 4 ? MATRIX_F32
                                     : MATRIX_F64,
        .by_column = h->by_column,
        .mapping = f->mapping,
        .mapping_bytes = f->mapping_bytes,
    };
    *f = (npy_file){0};
    return ASSAY_OK;
}

bool npy_is_named(const char *path)
{
    const size_t length = strlen(path);
    return length > 4 && strcasecmp(path + length - 4, ".npy") == 0;
}
