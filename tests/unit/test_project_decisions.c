/* What was decided of labels is kept with the project, and projects from before know of none. */
#include "support/listed.h"

#include "base/mem.h"
#include "store/project_columns.h"
#include "store/project_decisions.h"
#include "store/project_folder.h"
#include "store/project_images.h"
#include "store/project_load.h"
#include "store/query.h"
#include "store/schema.h"

#include <string.h>

static const project_access access_to_pets = {
    .path = "pets.assay", .command = "assay test", .thread_count = 1};
static assay_err said;

static void must(assay_code code)
{
    if (code != ASSAY_OK)
        fail_msg("%s", said.msg);
}

static project_writer *new_project(void)
{
    static uint64_t start[] = {0, 1, 2, 3};
    static char bytes[] = "abc";
    static const uint16_t label[] = {0, 1, 0};
    uint16_t code;
    image_list list = {.kind = "a test",
                       .root = (char *)(uintptr_t) "/photos",
                       .count = 3,
                       .path = {.start = start, .bytes = bytes}};
    project_writer *w;
    duck *db;
    listed_remove("pets.assay");
    must(project_writer_create(&access_to_pets, &w, &said));
    must(project_writer_begin(w, &db, &said));
    must(class_list_add(&list.classes, "cat", 3, &code, &said));
    must(class_list_add(&list.classes, "dog", 3, &code, &said));
    must(project_put_images(db, &list, "/photos", &said));
    class_list_clear(&list.classes);
    must(project_put_labels(db, label, 3, &said));
    must(project_writer_commit(w, &said));
    must(project_writer_publish(w, &said));
    return w;
}

static bool decide(project_writer *w, uint32_t sample, label_decision d, const char *suggested)
{
    duck *db;
    bool changed;
    must(project_writer_begin(w, &db, &said));
    must(project_put_decision(db, sample, d, suggested, &changed, &said));
    must(project_writer_commit(w, &said));
    return changed;
}

static decided_labels read_back(void)
{
    duck db;
    decided_labels list;
    must(project_read("pets.assay", 1, &db, &said));
    must(project_read_decisions(&db, 3, &list, &said));
    duck_close(&db);
    return list;
}

static void a_decision_is_kept_changed_and_forgotten(void **state)
{
    (void)state;
    project_writer *w = new_project();
    assert_true(decide(w, 2, DECISION_ACCEPT, "dog"));
    assert_false(decide(w, 2, DECISION_ACCEPT, "dog"));
    assert_true(decide(w, 0, DECISION_DISMISS, NULL));
    assert_false(decide(w, 0, DECISION_DISMISS, NULL));
    decided_labels list = read_back();
    assert_int_equal(list.count, 2);
    assert_int_equal(list.at[0].sample, 0);
    assert_int_equal(list.at[0].decision, DECISION_DISMISS);
    assert_null(list.at[0].suggested);
    const decided_label *second = decided_labels_find(&list, 2);
    assert_non_null(second);
    assert_string_equal(second->suggested, "dog");
    assert_int_equal(strlen(second->decided), strlen("2026-11-25T22:35:13Z"));
    assert_string_equal(label_decision_word(second->decision), "accept");
    assert_null(decided_labels_find(&list, 1));
    decided_labels_clear(&list);
    assert_null(decided_labels_find(&list, 1));
    assert_true(decide(w, 2, DECISION_DISMISS, NULL));
    assert_true(decide(w, 0, DECISION_NONE, NULL));
    assert_false(decide(w, 0, DECISION_NONE, NULL));
    list = read_back();
    assert_int_equal(list.count, 1);
    assert_int_equal(list.at[0].decision, DECISION_DISMISS);
    decided_labels_clear(&list);
    project_writer_close(w);
}

static void change(project_writer *w, const char *sql)
{
    duck *db;
    must(project_writer_begin(w, &db, &said));
    must(duck_run(db, sql, &said));
    must(project_writer_commit(w, &said));
}

static void what_others_wrote_is_read_with_care(void **state)
{
    (void)state;
    project_writer *w = new_project();
    change(w, "INSERT INTO label_decisions VALUES (9, 'accept', NULL, TIMESTAMP '2026-01-01'), (1, "
              "'accept', 'cat', TIMESTAMP '2026-01-01'), (1, 'dismiss', NULL, TIMESTAMP "
              "'2026-01-02')");
    decided_labels list = read_back();
    assert_int_equal(list.count, 1);
    assert_int_equal(list.at[0].decision, DECISION_DISMISS);
    assert_string_equal(list.at[0].decided, "2026-01-02T00:00:00Z");
    decided_labels_clear(&list);
    change(w, "INSERT INTO label_decisions VALUES (0, 'perhaps', NULL, TIMESTAMP '2026-01-01')");
    project_writer_close(w);
    duck db;
    must(project_read("pets.assay", 1, &db, &said));
    assert_int_equal(project_read_decisions(&db, 3, &list, &said), ASSAY_E_INPUT);
    assert_string_equal(said.msg, "a decision of the project is 'perhaps'");
    assert_int_equal(list.count, 0);
    duck_close(&db);
}

static uint64_t number(const char *sql)
{
    duck db;
    uint64_t n;
    must(project_read("pets.assay", 1, &db, &said));
    must(query_number(&db, sql, "a test", &n, &said));
    duck_close(&db);
    return n;
}

/* As the program before this one left it. */
static void a_project_of_version_2_is_brought_up_with_what_is_in_it(void **state)
{
    (void)state;
    project_writer *w = new_project();
    change(w, "DROP TABLE label_decisions");
    change(w, "UPDATE project SET schema_version = 2");
    project_writer_close(w);
    const project_load_request request = {.path = "pets.assay", .texts = true, .thread_count = 1};
    frame *f;
    must(project_load(&request, &f, &said));
    assert_int_equal(f->label[1], 1);
    assert_int_equal(f->row_count, 3);
    frame_free(f);
    assert_int_equal(number("SELECT CAST(schema_version AS UBIGINT) FROM project"), SCHEMA_VERSION);
    decided_labels list = read_back();
    assert_int_equal(list.count, 0);
    must(project_writer_open(&access_to_pets, &w, &said));
    assert_true(decide(w, 1, DECISION_ACCEPT, "cat"));
    project_writer_close(w);
    assert_int_equal(number("SELECT count(*)::UBIGINT FROM label_decisions"), 1);
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    project_writer *w = new_project();
    decide(w, 1, DECISION_ACCEPT, "cat");
    decide(w, 2, DECISION_ACCEPT, "dog");
    project_writer_close(w);
    duck db;
    must(project_read("pets.assay", 1, &db, &said));
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code == ASSAY_E_NOMEM; n++) {
        decided_labels list;
        mem_fail_after(n);
        code = project_read_decisions(&db, 3, &list, NULL);
        mem_fail_after(UINT64_MAX);
        decided_labels_clear(&list);
        assert_int_equal(mem_live(), live);
        assert_true(code == ASSAY_OK || n < 50);
    }
    assert_int_equal(code, ASSAY_OK);
    duck_close(&db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decision_is_kept_changed_and_forgotten),
        cmocka_unit_test(what_others_wrote_is_read_with_care),
        cmocka_unit_test(a_project_of_version_2_is_brought_up_with_what_is_in_it),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests_name("project_decisions", tests, listed_make_folder,
                                       listed_drop_folder);
}
