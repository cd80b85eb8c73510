/* Found samples in every form. With --json, print them for the test of the schema. */
#include "report/found.h"

#include "base/json.h"
#include "base/limits.h"
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 3 };

static char *classes[] = {(char[]){"cat"}, (char[]){"a \"big\", dog"}};
static uint16_t labels[ROWS] = {1, CLASS_MISSING, 0};
static uint64_t id_start[ROWS + 1] = {0, 1, 3, 3}, path_start[ROWS + 1] = {0, 7, 19, 22};
static char ids[] = "a22", paths[] = "x/1.jpgy/\xff new\n.pngz,z";
static const uint32_t rows[] = {2, 0, 1};
static const double scores[] = {(double)INFINITY, 3.14159265358979, (double)NAN};
static const double values[] = {0.1, (double)NAN, -7};
static const char *reasons[] = {"broken \033[31mred", NULL, "ends early"};
static const found_column columns[] = {{"brightness", values, NULL}, {"reason", NULL, reasons}};

static frame make_frame(void)
{
    return (frame){.row_count = ROWS,
                   .classes = {.name = classes, .count = 2},
                   .label = labels,
                   .id = {.start = id_start, .bytes = ids},
                   .path = {.start = path_start, .bytes = paths}};
}

static found_samples make_found(const frame *f)
{
    return (found_samples){.what = "outliers",
                           .score = "IQRs outside",
                           .frame = f,
                           .row = rows,
                           .score_of = scores,
                           .count = ROWS,
                           .found = 1234,
                           .column = columns,
                           .column_count = 2};
}

static void the_table_is_safe_and_aligned(void **state)
{
    (void)state;
    const frame f = make_frame();
    const found_samples found = make_found(&f);
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    found_text(&found, &(report_style){.unicode = true, .columns = 80}, &out);
    assert_string_equal(
        text_view(&out),
        "\n"
        " Outliers ───────────────────────────────────────────── 1,234, the first 3 shown\n"
        "  sample              label         IQRs outside  brightness  reason\n"
        "  z,z                 cat                    inf         0.1  broken \\x1b[31mred\n"
        "  x/1.jpg             a \"big\", dog         3.142           –  –\n"
        "  y/\\xff new\\x0a.png  –                        –          -7  ends early\n");
    text_clear(&out);
}

static void a_narrow_page_drops_the_last_columns(void **state)
{
    (void)state;
    const frame f = make_frame();
    const found_samples found = make_found(&f);
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    found_text(&found, &(report_style){.columns = 60}, &out);
    assert_null(strstr(text_view(&out), "reason"));
    assert_non_null(strstr(text_view(&out), "brightness"));
    text_clear(&out);
}

static void json_is_one_sample_a_line(void **state)
{
    (void)state;
    const frame f = make_frame();
    const found_samples found = make_found(&f);
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    found_json(&found, &out);
    assert_string_equal(
        text_view(&out),
        "{\n  \"assay\": \"" ASSAY_VERSION "\",\n  \"schema\": 1,\n  \"find\": \"outliers\",\n"
        "  \"found\": 1234,\n  \"samples\": [\n"
        "    {\"id\": \"\", \"path\": \"z,z\", \"label\": \"cat\", \"score\": null, "
        "\"brightness\": 0.1, \"reason\": \"broken \\u001b[31mred\"},\n"
        "    {\"id\": \"a\", \"path\": \"x/1.jpg\", \"label\": \"a \\\"big\\\", dog\", \"score\": "
        "3.14159265358979, \"brightness\": null, \"reason\": null},\n"
        "    {\"id\": \"22\", \"path\": \"y/\\\\xff new\\n.png\", \"label\": null, \"score\": "
        "null, "
        "\"brightness\": -7, \"reason\": \"ends early\"}\n  ]\n}\n");
    json_t *root = json_loads(text_view(&out), 0, NULL);
    assert_non_null(root);
    json_decref(root);
    text_clear(&out);
}

static void csv_has_a_field_a_column(void **state)
{
    (void)state;
    const frame f = make_frame();
    const found_samples found = make_found(&f);
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    found_csv(&found, &out);
    assert_string_equal(text_view(&out), "id,path,label,score,brightness,reason\n"
                                         "\"\",\"z,z\",cat,inf,0.1,broken \033[31mred\n"
                                         "a,x/1.jpg,\"a \"\"big\"\", dog\",3.14159265358979,,\n"
                                         "22,\"y/\\xff new\n.png\",,,-7,ends early\n");
    text_clear(&out);
}

static void paths_keep_their_bytes(void **state)
{
    (void)state;
    frame f = make_frame();
    const found_samples found = make_found(&f);
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    found_paths(&found, '\0', &out);
    static const char expected[] = "z,z\0x/1.jpg\0y/\xff new\n.png";
    assert_int_equal(out.length, sizeof expected);
    assert_memory_equal(out.at, expected, sizeof expected);
    text_clear(&out);
    f.path.start = NULL;
    found_paths(&found, '\n', &out);
    assert_string_equal(text_view(&out), "\na\n22\n");
    text_clear(&out);
}

static void nothing_found_is_said(void **state)
{
    (void)state;
    const frame f = make_frame();
    const found_samples none = {.what = "unreadable images", .frame = &f};
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    found_text(&none, &(report_style){.columns = 60}, &out);
    assert_string_equal(text_view(&out),
                        "\n Unreadable images --------------------------------------- 0\n"
                        "  There are none.\n");
    text_clear(&out);
    found_json(&none, &out);
    assert_non_null(strstr(text_view(&out), "\"found\": 0,\n  \"samples\": []\n}\n"));
    text_clear(&out);
}

static void samples_without_any_name_are_shown_by_row(void **state)
{
    (void)state;
    frame f = make_frame();
    f.path.start = f.id.start = NULL;
    found_samples found = make_found(&f);
    found.column_count = 0;
    found.score = NULL;
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    found_text(&found, &(report_style){.columns = 60}, &out);
    assert_non_null(strstr(text_view(&out), "\n  row 3   cat\n  row 1   a \"big\", dog\n"));
    text_clear(&out);
}

/* Label errors by what images look like. */
static char embedding[] = "visual";
static found_labels make_looks(const frame *f)
{
    return (found_labels){.frame = f,
                          .basis = LABELS_FROM_EMBEDDING,
                          .embedding = embedding,
                          .count = ROWS,
                          .found = 1234,
                          .judged = 2000};
}

static void the_basis_of_label_errors_is_said_in_every_form(void **state)
{
    (void)state;
    frame f = make_frame();
    f.unchosen_models = (char[]){"cnn, vit"};
    const found_labels looks = make_looks(&f);
    found_samples found = make_found(&f);
    found.labels = &looks;
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    found_text(&found, &(report_style){.columns = 80}, &out);
    assert_non_null(strstr(
        text_view(&out),
        "\n Ranked by embedding ---------------------------------------------------- visual\n"
        "  1,234 of 2,000 labels are contradicted by both the ten most similar images and\n"
        "  a linear classifier that was fitted without the sample. They are ordered by\n"
        "  both together; none of this comes from a model's predictions. To judge by a\n"
        "  model's probabilities, choose it with --model: cnn, vit.\n"
        "  These are suspects by visual similarity: layout, edges and colours, not what a\n"
        "  picture shows. How many labels are wrong is not estimated, and a rare or odd\n"
        "  picture is a suspect too.\n"));
    text_clear(&out);
    found_json(&found, &out);
    assert_non_null(strstr(text_view(&out),
                           "\n  ],\n  \"basis\": \"embedding\",\n  \"order\": \"rank_sum\",\n"
                           "  \"note\": \"These are suspects by visual similarity"));
    assert_non_null(strstr(text_view(&out), ",\n  \"model\": null,\n  \"embedding\": \"visual\",\n"
                                            "  \"labels\": 2000\n}\n"));
    text_clear(&out);
    found_csv(&found, &out);
    assert_non_null(strstr(text_view(&out), "id,path,label,score,brightness,reason,basis\n"));
    assert_non_null(strstr(text_view(&out), ",ends early,embedding\n"));
    text_clear(&out);
}

static void of_vectors_that_a_user_brought_nothing_is_said_that_only_ours_are(void **state)
{
    (void)state;
    frame f = make_frame();
    found_labels looks = make_looks(&f);
    looks.own_vectors = true;
    found_samples found = make_found(&f);
    found.labels = &looks;
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    found_text(&found, &(report_style){.columns = 100}, &out);
    assert_null(strstr(text_view(&out), "layout"));
    assert_non_null(strstr(
        text_view(&out), "  These are suspects by what the vectors that you brought tell apart. "));
    text_clear(&out);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const frame f = make_frame();
    const found_labels looks = make_looks(&f);
    found_samples found = make_found(&f);
    found.labels = &looks;
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        text out[4];
        for (size_t i = 0; i < 4; i++)
            text_init(&out[i], REPORT_BYTES_MOST);
        mem_fail_after(n);
        found_text(&found, &(report_style){.columns = 80}, &out[0]);
        found_json(&found, &out[1]);
        found_csv(&found, &out[2]);
        found_paths(&found, '\n', &out[3]);
        mem_fail_after(UINT64_MAX);
        bool whole = true;
        for (size_t i = 0; i < 4; i++) {
            whole = whole && text_check(&out[i], NULL) == ASSAY_OK;
            text_clear(&out[i]);
        }
        assert_int_equal(mem_live(), live);
        if (whole)
            break;
    }
}

static int print_json(void)
{
    const frame f = make_frame();
    const found_samples found = make_found(&f);
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    found_json(&found, &out);
    fputs(text_view(&out), stdout);
    text_clear(&out);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--json") == 0)
        return print_json();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_safe_and_aligned),
        cmocka_unit_test(a_narrow_page_drops_the_last_columns),
        cmocka_unit_test(json_is_one_sample_a_line),
        cmocka_unit_test(csv_has_a_field_a_column),
        cmocka_unit_test(paths_keep_their_bytes),
        cmocka_unit_test(nothing_found_is_said),
        cmocka_unit_test(samples_without_any_name_are_shown_by_row),
        cmocka_unit_test(the_basis_of_label_errors_is_said_in_every_form),
        cmocka_unit_test(of_vectors_that_a_user_brought_nothing_is_said_that_only_ours_are),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("found", tests, NULL, NULL);
}
