/* A table is added whole, or nothing of it is: wherever it is told to stop. */
#include "project/add.h"
#include "support/listed.h"
#include "support/listener.h"
#include "support/served.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static assay_code add(listener *l, int stop_after, assay_err *err)
{
    const project_access access = {.path = "served.assay", .wait_seconds = 10, .thread_count = 2};
    *l = (listener){.left = stop_after};
    const progress told = {.show = listen_to, .context = l, .stop = &l->stop};
    project_writer *w;
    assert_int_equal(project_writer_open(&access, &w, NULL), ASSAY_OK);
    add_notes notes;
    const add_request wanted = {
        .kind = ADD_PREDICTIONS,
        .import = {.path = "new.csv", .thread_count = 1, .progress = &told},
    };
    const assay_code code = add_table(w, &wanted, &notes, err);
    add_notes_clear(&notes);
    project_writer_close(w);
    return code;
}

static size_t matrices(void)
{
    size_t count = 0;
    DIR *dir = opendir("served.assay/probabilities");
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return count;
}

/* The revision, and how many models there are. */
static uint64_t look(size_t *models)
{
    json_t *told = served_answer(served, handle_project, NULL);
    *models = json_array_size(json_object_get(told, "models"));
    const uint64_t revision = (uint64_t)json_integer_value(json_object_get(told, "revision"));
    json_decref(told);
    return revision;
}

static void wherever_it_is_stopped_nothing_was_added(void **state)
{
    (void)state;
    FILE *f = fopen("new.csv", "w");
    assert_non_null(f);
    fputs("path,prob_cat,prob_dog,\"prob_hen, red\",rain,sky\n", f);
    for (int i = 0; i < SERVED_SAMPLES; i++)
        fprintf(f, "photo%d.png,0.5,0.25,0.25,%d,%s\n", i, i, i % 2 ? "clear" : "dark");
    fclose(f);
    size_t models, files = matrices();
    const uint64_t revision = look(&models);
    assert_int_equal(models, 2);
    listener l;
    assay_err err;
    assay_code code = ASSAY_E_CANCELLED;
    int stops = 0;
    while ((code = add(&l, stops + 1, &err)) == ASSAY_E_CANCELLED) {
        assert_string_equal(err.msg, "interrupted: nothing of new.csv was added");
        workspace_changed(served);
        assert_int_equal(look(&models), revision);
        assert_int_equal(models, 2);
        assert_int_equal(matrices(), files);
        stops++;
    }
    assert_int_equal(code, ASSAY_OK);
    assert_string_equal(
        l.told,
        "reading rows 400/400; checking probabilities 0/400; keeping "
        "probabilities 0/400; adding predictions 0/1200; adding "
        "predictions 400/1200; adding predictions 800/1200; adding predictions 1200/1200; ");
    assert_int_equal(stops, 7);
    workspace_changed(served);
    assert_true(look(&models) > revision);
    assert_int_equal(models, 3);
    assert_int_equal(matrices(), files + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wherever_it_is_stopped_nothing_was_added),
    };
    return cmocka_run_group_tests(tests, served_set_up, served_tear_down);
}
