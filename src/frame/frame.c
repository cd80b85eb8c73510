/* The end of a frame: every column goes back where it came from. Readers of files make frames. */
#include "frame/frame.h"

#include <string.h>
#include <strings.h>

bool frame_name_is_of_model(const char *name, size_t length)
{
    static const char *const names[] = {
        "prediction",         "correct",          "confidence",      "margin",
        "prediction_entropy", "least_confidence", "self_confidence", "normalised_margin"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == length && strncasecmp(names[i], name, length) == 0)
            return true;
    }
    return false;
}

static void clear_metrics(frame *f)
{
    for (size_t i = 0; i < f->metric_count; i++) {
        mem_free(f->metric[i].name);
        if (!f->metric[i].value_borrowed)
            mem_free(f->metric[i].value);
    }
    mem_free(f->metric);
}

static void clear_attributes(frame *f)
{
    for (size_t i = 0; i < f->attribute_count; i++) {
        attribute_column *column = &f->attribute[i];
        for (uint32_t v = 0; column->value && v < column->value_count; v++)
            mem_free(column->value[v]);
        mem_free(column->value);
        mem_free(column->code);
        mem_free(column->name);
    }
    mem_free(f->attribute);
}

static void clear_tags(frame *f)
{
    for (size_t i = 0; i < f->tag_count; i++) {
        mem_free(f->tag[i].name);
        selection_clear(&f->tag[i].rows);
    }
    mem_free(f->tag);
}

static void clear_text(text_column *column)
{
    mem_free(column->name);
    mem_free(column->start);
    mem_free(column->bytes);
}

void frame_free(frame *f)
{
    if (!f)
        return;
    if (f->probability)
        probabilities_clear(f->probability);
    mem_free(f->probability);
    clear_metrics(f);
    clear_attributes(f);
    clear_tags(f);
    clear_text(&f->id);
    clear_text(&f->path);
    class_list_clear(&f->classes);
    mem_free(f->label);
    mem_free(f->prediction);
    mem_free(f->confidence);
    mem_free(f->top.code);
    mem_free(f->group);
    mem_free(f->model);
    mem_free(f->unchosen_models);
    mem_free(f);
}
