/* What a request sees of a project that others change meanwhile. */
#include "support/served.h"

#include "base/mem.h"
#include "store/project_load.h"
#include "support/listed.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static workspace_view *look(workspace *w, const char *model)
{
    workspace_view *v;
    assay_err err = {0};
    if (workspace_look(w, model, &v, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    return v;
}

static const metric_column *metric(const frame *f, const char *name)
{
    for (size_t i = 0; i < f->metric_count; i++) {
        if (!strcmp(f->metric[i].name, name))
            return &f->metric[i];
    }
    return NULL;
}

static const double *values(const frame *f, const char *name)
{
    const metric_column *m = metric(f, name);
    assert_non_null(m);
    return m ? m->value : NULL;
}

static void a_view_is_the_frame_that_the_commands_load(void **state)
{
    (void)state;
    served_make();
    workspace *w = served_open();
    workspace_view *v = look(w, NULL);
    const frame *f = workspace_frame(v);
    frame *alone;
    const project_load_request wanted = {
        .path = "served.assay", .model = "resnet", .texts = true, .thread_count = 1};
    assert_int_equal(project_load(&wanted, &alone, NULL), ASSAY_OK);
    assert_string_equal(f->model, "resnet");
    assert_int_equal(f->row_count, alone->row_count);
    assert_memory_equal(f->label, alone->label, f->row_count * sizeof *f->label);
    assert_memory_equal(f->prediction, alone->prediction, f->row_count * sizeof *f->label);
    for (size_t i = 0; i < alone->metric_count; i++)
        assert_memory_equal(values(f, alone->metric[i].name), alone->metric[i].value,
                            f->row_count * sizeof(double));
    assert_int_equal(f->attribute_count, alone->attribute_count);
    assert_int_equal(f->tag_count, 2);
    assert_memory_equal(f->path.start, alone->path.start, 8 * (f->row_count + 1));
    assert_non_null(metric(f, "margin"));
    const metric_column *of_label = metric(f, "self_confidence");
    assert_true(of_label && of_label->on_request);
    frame_free(alone);
    workspace_release(v);
    workspace_close(w);
}

static void models_share_the_columns_of_the_samples(void **state)
{
    (void)state;
    served_make();
    workspace *w = served_open();
    workspace_view *resnet = look(w, NULL);
    workspace_view *tiny = look(w, "tiny");
    workspace_view *none = look(w, "");
    assert_ptr_equal(tiny, look(w, "tiny"));
    workspace_release(tiny);
    assert_ptr_equal(values(workspace_frame(resnet), "grain"),
                     values(workspace_frame(tiny), "grain"));
    assert_ptr_equal(workspace_frame(resnet)->label, workspace_frame(none)->label);
    assert_non_null(metric(workspace_frame(resnet), "depth"));
    assert_null(metric(workspace_frame(tiny), "depth"));
    assert_null(metric(workspace_frame(none), "confidence"));
    assert_null(workspace_frame(none)->model);
    assert_int_equal(workspace_frame(none)->prediction[0], CLASS_MISSING);
    assert_int_equal(workspace_overview(none)->model_count, 2);
    assert_int_equal(workspace_overview(none)->model[1].samples, SERVED_SAMPLES);
    workspace_view *v;
    assay_err err;
    assert_int_equal(workspace_look(w, "huge", &v, &err), ASSAY_E_USAGE);
    assert_string_equal(err.msg, "there is no model 'huge'");
    assert_null(v);
    workspace_release(resnet);
    workspace_release(tiny);
    workspace_release(none);
    workspace_close(w);
}

static void orders_are_made_once_beside_the_requests(void **state)
{
    (void)state;
    served_make();
    workspace *w = served_open();
    workspace_prepare(w);
    workspace_view *v = look(w, NULL);
    const metric_codes *const *codes, *const *again;
    assert_int_equal(workspace_codes(v, &codes, NULL), ASSAY_OK);
    assert_int_equal(workspace_codes(v, &again, NULL), ASSAY_OK);
    assert_ptr_equal(codes, again);
    const frame *f = workspace_frame(v);
    for (size_t m = 0; m < f->metric_count; m++)
        assert_int_equal(codes[m] != NULL, !f->metric[m].on_request);
    workspace_release(v);
    workspace_close(w);
}

static void a_project_without_predictions_has_a_view(void **state)
{
    (void)state;
    served_make_bare();
    workspace *w = served_open();
    workspace_view *v = look(w, NULL);
    assert_null(workspace_frame(v)->model);
    assert_int_equal(workspace_overview(v)->model_count, 0);
    workspace_release(v);
    workspace_close(w);
}

static bool has_tag(const workspace_view *v, const char *name)
{
    const frame *f = workspace_frame(v);
    for (size_t i = 0; i < f->tag_count; i++) {
        if (!strcmp(f->tag[i].name, name))
            return true;
    }
    return false;
}

static void what_this_process_wrote_is_seen_at_once(void **state)
{
    (void)state;
    served_make();
    workspace *w = served_open();
    workspace_view *before = look(w, NULL);
    served_tag_own(w, "first", 3);
    served_tag_own(w, "fresh", 3);
    workspace_view *after = look(w, NULL);
    assert_false(has_tag(before, "fresh"));
    assert_true(has_tag(after, "first"));
    assert_true(has_tag(after, "fresh"));
    assert_true(workspace_revision(after) > workspace_revision(before));
    /* Only the tags were read. */
    assert_ptr_equal(workspace_frame(before)->label, workspace_frame(after)->label);
    assert_ptr_equal(workspace_frame(before)->prediction, workspace_frame(after)->prediction);
    served_tag("other", 2);
    workspace_changed(w);
    workspace_view *last = look(w, NULL);
    assert_true(has_tag(last, "other"));
    assert_ptr_not_equal(workspace_frame(last)->label, workspace_frame(after)->label);
    workspace_release(before);
    workspace_release(last);
    workspace_release(after);
    workspace_close(w);
}

static void tags_of_others_in_between_make_it_read_all(void **state)
{
    (void)state;
    served_make();
    workspace *w = served_open();
    static const bool own[][3] = {{true, false, false}, {false, true, false}, {true, false, true}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        char name[3][16];
        for (size_t k = 0; k < 3; k++) {
            snprintf(name[k], sizeof name[k], "tag %zu %zu", i, k);
            if (own[i][k])
                served_tag_own(w, name[k], 3);
            else
                served_tag(name[k], 3);
        }
        workspace_view *v = look(w, NULL);
        for (size_t k = 0; k < 3; k++)
            assert_true(has_tag(v, name[k]));
        assert_int_equal(workspace_overview(v)->revision, workspace_revision(v));
        workspace_release(v);
    }
    workspace_close(w);
}

static void what_others_wrote_is_noticed_within_seconds(void **state)
{
    (void)state;
    served_make();
    workspace *w = served_open();
    served_tag("theirs", 3);
    bool seen = false;
    for (int i = 0; !seen && i < 1200; i++) {
        workspace_view *v = look(w, NULL);
        seen = has_tag(v, "theirs");
        workspace_release(v);
        usleep(50000);
    }
    assert_true(seen);
    workspace_close(w);
}

static void a_project_that_is_gone_is_still_served(void **state)
{
    (void)state;
    served_make();
    workspace *w = served_open();
    workspace_release(look(w, NULL));
    listed_remove("served.assay");
    usleep(1100000);
    for (int i = 0; i < 3; i++) {
        workspace_view *v = look(w, NULL);
        assert_int_equal(workspace_frame(v)->row_count, SERVED_SAMPLES);
        workspace_release(v);
    }
    workspace_close(w);
    const workspace_options options = {.path = "served.assay", .thread_count = 1};
    assay_err err;
    assert_int_equal(workspace_open(&options, &w, &err), ASSAY_E_NOT_FOUND);
    assert_null(w);
}

static void *look_often(void *context)
{
    static const char *const models[] = {"resnet", "tiny", ""};
    for (int i = 0; i < 60; i++) {
        workspace_view *v;
        assay_err err;
        if (workspace_look(context, models[i % 3], &v, &err) != ASSAY_OK) {
            print_message("# look %d at '%s': %s\n", i, models[i % 3], err.msg);
            return context;
        }
        const frame *f = workspace_frame(v);
        size_t sum = 0;
        for (size_t row = 0; row < f->row_count; row++)
            sum += f->label[row] == f->prediction[row];
        if (sum > f->row_count)
            return context;
        workspace_release(v);
    }
    return NULL;
}

static void many_look_while_it_changes(void **state)
{
    (void)state;
    served_make();
    workspace *w = served_open();
    pthread_t thread[3];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, look_often, w), 0);
    for (size_t i = 0; i < 4; i++) {
        const char *name = i % 2 ? "one" : "two";
        if (i < 2) {
            served_tag_own(w, name, i + 1);
            continue;
        }
        workspace_lock_database(w);
        served_tag(name, i + 1);
        workspace_unlock_database(w);
        workspace_changed(w);
    }
    for (size_t i = 0; i < 3; i++) {
        void *failed;
        pthread_join(thread[i], &failed);
        assert_null(failed);
    }
    workspace_view *v = look(w, NULL);
    assert_true(has_tag(v, "one"));
    workspace_release(v);
    workspace_close(w);
}

static void every_allocation_of_ours_may_fail(void **state)
{
    (void)state;
    served_make();
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        const workspace_options options = {.path = "served.assay", .thread_count = 1};
        workspace *w;
        workspace_view *v = NULL;
        mem_fail_after(n);
        assay_code code = workspace_open(&options, &w, NULL);
        if (code == ASSAY_OK)
            code = workspace_look(w, NULL, &v, NULL);
        mem_fail_after(UINT64_MAX);
        workspace_release(v);
        workspace_close(w);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK)
            break;
        assert_int_equal(code, ASSAY_E_NOMEM);
        /* Each costs a database: after the first it is enough to see every seventh. */
        n += n > 40 ? 6 : 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_is_the_frame_that_the_commands_load),
        cmocka_unit_test(models_share_the_columns_of_the_samples),
        cmocka_unit_test(orders_are_made_once_beside_the_requests),
        cmocka_unit_test(a_project_without_predictions_has_a_view),
        cmocka_unit_test(what_this_process_wrote_is_seen_at_once),
        cmocka_unit_test(tags_of_others_in_between_make_it_read_all),
        cmocka_unit_test(what_others_wrote_is_noticed_within_seconds),
        cmocka_unit_test(a_project_that_is_gone_is_still_served),
        cmocka_unit_test(many_look_while_it_changes),
        cmocka_unit_test(every_allocation_of_ours_may_fail),
    };
    return cmocka_run_group_tests_name("workspace", tests, listed_make_folder, listed_drop_folder);
}
