/* A project for tests, made by the commands' own use-cases. */
#include "support/small_project.h"

#include "base/rng.h"
#include "project/create.h"
#include "project/project_frame.h"
#include "support/listed.h"

#include <stdio.h>
#include <string.h>

enum { PIXELS = SMALL_PROJECT_SIDE * SMALL_PROJECT_SIDE };

static void must(assay_code code, const assay_err *err)
{
    if (code != ASSAY_OK)
        fail_msg("%s", err->msg);
}

static void draw(const small_project *p, uint8_t *at)
{
    rng r;
    rng_init(&r, 31, 0);
    for (size_t i = 0; i < p->count * PIXELS; i++)
        at[i] = (uint8_t)rng_below(&r, 256);
    for (size_t i = 0; i < PIXELS && p->count >= 4; i++)
        at[3 * PIXELS + i] = at[2 * PIXELS + i / SMALL_PROJECT_SIDE * SMALL_PROJECT_SIDE +
                                SMALL_PROJECT_SIDE - 1 - i % SMALL_PROJECT_SIDE];
    if (p->count >= 8)
        memcpy(at + 7 * PIXELS, at + PIXELS, PIXELS);
    for (size_t i = 1; p->all_equal && i < p->count; i++)
        memcpy(at + i * PIXELS, at, PIXELS);
}

static void put_files(const small_project *p)
{
    static uint8_t at[SMALL_PROJECT_MOST * PIXELS];
    int64_t label[SMALL_PROJECT_MOST];
    char shape[64];
    assert_true(p->count <= SMALL_PROJECT_MOST);
    draw(p, at);
    snprintf(shape, sizeof shape, "%zu, %d, %d", p->count, SMALL_PROJECT_SIDE, SMALL_PROJECT_SIDE);
    listed_put_npy("images.npy", "|u1", shape, at, p->count * PIXELS);
    if (p->classes == 0)
        return;
    for (size_t i = 0; i < p->count; i++)
        label[i] = p->lone_class && i == 0 ? 100 : (int64_t)(i % p->classes);
    snprintf(shape, sizeof shape, "%zu,", p->count);
    listed_put_npy("labels.npy", "<i8", shape, label, p->count * sizeof *label);
}

void small_project_make(const small_project *p)
{
    listed_remove("p.assay");
    listed_remove("labels.npy");
    put_files(p);
    const create_request request = {
        .access = {.path = "p.assay", .command = "assay test", .thread_count = 1},
        .list = {.images = "images.npy",
                 .labels = p->classes ? "labels.npy" : NULL,
                 .thread_count = 1},
        .no_measure = !p->measured && !p->embedded,
        .no_embed = !p->embedded};
    create_notes notes;
    assay_err err;
    must(create_project(&request, &notes, &err), &err);
    create_notes_clear(&notes);
}

project_writer *small_project_open(void)
{
    const project_access access = {.path = "p.assay", .command = "assay test", .thread_count = 1};
    project_writer *w = NULL;
    assay_err err;
    must(project_writer_open(&access, &w, &err), &err);
    return w;
}

frame *small_project_frame(void)
{
    const project_frame_request request = {
        .path = "p.assay", .no_model = true, .ids = true, .thread_count = 1};
    frame *f = NULL;
    assay_err err;
    must(project_frame_load(&request, &f, &err), &err);
    return f;
}

double small_project_metric(const frame *f, const char *name, size_t sample)
{
    for (size_t i = 0; i < f->metric_count; i++) {
        if (strcmp(f->metric[i].name, name) == 0)
            return f->metric[i].value[sample];
    }
    fail_msg("there is no metric %s", name);
    return 0.0;
}
