/* A frame's columns by name, and what is said where there is none of it. */
#include "server/frame_columns.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

/* Names in a message before it only counts. */
enum { NAMED_MOST = 40, NAMES_BYTES_MOST = 1500 };

const double *frame_metric(const frame *f, const char *name)
{
    for (size_t i = 0; i < f->metric_count; i++) {
        if (strcmp(f->metric[i].name, name) == 0)
            return f->metric[i].value;
    }
    return strcmp(name, "confidence") == 0 ? f->confidence : NULL;
}

assay_code frame_metric_named(const frame *f, const char *name, const double **out, assay_err *err)
{
    *out = frame_metric(f, name);
    if (*out)
        return ASSAY_OK;
    text there;
    text_init(&there, NAMES_BYTES_MOST);
    for (size_t i = 0; i < f->metric_count && i < NAMED_MOST; i++)
        text_printf(&there, "%s%s", i ? ", " : "", f->metric[i].name);
    if (f->metric_count > NAMED_MOST)
        text_printf(&there, ", … (%zu in all)", f->metric_count);
    const assay_code code =
        assay_fail(err, ASSAY_E_USAGE, "there is no metric '%.200s'; there are: %s", name,
                   there.length ? text_view(&there) : "none");
    text_clear(&there);
    return code;
}

const attribute_column *frame_attribute(const frame *f, const char *name)
{
    for (size_t i = 0; i < f->attribute_count; i++) {
        if (strcmp(f->attribute[i].name, name) == 0)
            return &f->attribute[i];
    }
    return NULL;
}

const char *attribute_of(const attribute_column *column, size_t row)
{
    if (!column || column->code[row] == ATTRIBUTE_MISSING)
        return NULL;
    return column->value[column->code[row]];
}

assay_code frame_class_named(const frame *f, const char *name, uint16_t *out, assay_err *err)
{
    *out = class_list_find(&f->classes, name, strlen(name));
    return *out != CLASS_MISSING
               ? ASSAY_OK
               : assay_fail(err, ASSAY_E_USAGE, "there is no class '%.200s'", name);
}

assay_code frame_check_sample(const frame *f, uint64_t sample, assay_err *err)
{
    if (sample < f->row_count)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_NOT_FOUND,
                      f->row_count ? "there is no sample %" PRIu64 "; they are numbered 0 to %zu"
                                   : "there is no sample %" PRIu64 "; there is none at all",
                      sample, f->row_count ? f->row_count - 1 : 0);
}
