/* What is exported reads back as what it was; what goes wrong leaves what was there. */
#include "store/export.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/rng.h"
#include "project/evaluate.h"
#include "report/report.h"
#include "store/import.h"
#include "support/check.h"

#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROWS = 6 };

typedef struct fixture {
    frame frame;
    uint16_t label[ROWS], prediction[ROWS];
    double confidence[ROWS], brightness[ROWS], clash[ROWS];
    metric_column metric[3];
    uint32_t split_code[ROWS];
    attribute_column attribute;
    uint64_t id_start[ROWS + 1], path_start[ROWS + 1];
    uint64_t tagged;
    tag_column tag;
} fixture;

static char folder[] = "/tmp/assay-export-XXXXXX";
static char *class_names[] = {(char[]){"cat"}, (char[]){"dog, \"big\""}, (char[]){"it's"}};
static char *splits[] = {(char[]){"train"}, (char[]){""}};
static char names[][12] = {"brightness", "Label", "confidence", "split", "night"};
static char ids[] = "123456", paths[] = "a.pngb\xff.png,c.png \"d\".pnge\n.pngf.png";

static void make(fixture *s)
{
    *s = (fixture){
        .label = {0, 0, 1, CLASS_MISSING, 1, 2},
        .prediction = {0, 1, 1, 1, CLASS_MISSING, 0},
        .confidence = {0.9, 0.4, (double)NAN, 0.7, 0.6, 0.1 + 0.2},
        .brightness = {0.1, 1.0 / 3, -0.0, (double)NAN, (double)INFINITY, 5e-324},
        .clash = {1, 2, 3, 4, 5, 6},
        .split_code = {0, 0, 1, 1, ATTRIBUTE_MISSING, 1},
        .tagged = 0x21,
        .path_start = {0, 5, 11, 17, 25, 31, 36},
    };
    s->metric[0] = (metric_column){.name = names[0], .value = s->brightness};
    s->metric[1] = (metric_column){.name = names[1], .value = s->clash};
    s->metric[2] =
        (metric_column){.name = names[2], .value = s->confidence, .value_borrowed = true};
    s->attribute = (attribute_column){
        .name = names[3], .code = s->split_code, .value = splits, .value_count = 2};
    s->tag = (tag_column){.name = names[4], .rows = {.word = &s->tagged, .row_count = ROWS}};
    for (size_t i = 0; i <= ROWS; i++)
        s->id_start[i] = i;
    s->frame = (frame){
        .row_count = ROWS,
        .classes = {.name = class_names, .count = 3},
        .label = s->label,
        .prediction = s->prediction,
        .confidence = s->confidence,
        .metric = s->metric,
        .metric_count = 3,
        .attribute = &s->attribute,
        .attribute_count = 1,
        .id = {.start = s->id_start, .bytes = ids},
        .path = {.start = s->path_start, .bytes = paths},
        .tag = &s->tag,
        .tag_count = 1,
    };
}

static const char *in_folder(const char *name)
{
    static char path[4][512];
    static size_t next;
    char *out = path[next++ % 4];
    snprintf(out, sizeof path[0], "%s/%s", folder, name);
    return out;
}

static char *read_file(const char *path)
{
    static char content[1 << 16];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    const size_t length = fread(content, 1, sizeof content - 1, f);
    content[length] = '\0';
    fclose(f);
    return content;
}

static void write_file(const char *path, const char *content)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(content, 1, strlen(content), f), strlen(content));
    assert_int_equal(fclose(f), 0);
}

static size_t files_in_folder(void)
{
    size_t count = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));)
        count += e->d_name[0] != '.';
    closedir(d);
    return count;
}

static export_notes export_it(const frame *f, export_what what, const char *where, const char *path)
{
    export_notes notes;
    assay_err err = {0};
    const export_request request = {
        .what = what, .path = path, .where = where, .replace = true, .thread_count = 2};
    if (export_frame(f, &request, &notes, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    return notes;
}

static char *first_line(const char *path)
{
    char *content = read_file(path);
    content[strcspn(content, "\n")] = '\0';
    return content;
}

static void metrics_are_chosen_and_predictions_have_their_own(void **state)
{
    (void)state;
    static fixture s;
    make(&s);
    const char *path = in_folder("chosen.csv");
    const size_t some[] = {2, 0};
    export_notes notes;
    export_request request = {.what = EXPORT_METRICS,
                              .path = path,
                              .metric = some,
                              .metric_count = 2,
                              .replace = true,
                              .thread_count = 1};
    assert_int_equal(export_frame(&s.frame, &request, &notes, NULL), ASSAY_OK);
    assert_string_equal(first_line(path), "id,path,confidence,brightness");
    s.metric[1].from_prediction = s.metric[2].from_prediction = true;
    export_it(&s.frame, EXPORT_PREDICTIONS, NULL, path);
    assert_string_equal(first_line(path), "id,path,label,prediction,confidence,Label_2");
    assert_int_equal(remove(path), 0);
}

static void csv_is_as_the_standard_has_it(void **state)
{
    (void)state;
    static fixture s;
    make(&s);
    const char *path = in_folder("samples.csv");
    const export_notes notes = export_it(&s.frame, EXPORT_SAMPLES, NULL, path);
    assert_int_equal(notes.row_count, ROWS);
    assert_int_equal(notes.column_count, 9);
    assert_string_equal(
        read_file(path),
        "id,path,label,prediction,confidence,split,tag_night,brightness,Label_2\n"
        "1,a.png,cat,cat,0.9,train,true,0.1,1\n"
        "2,b\\xff.png,cat,\"dog, \"\"big\"\"\",0.4,train,false,0.3333333333333333,2\n"
        "3,\",c.png\",\"dog, \"\"big\"\"\",\"dog, \"\"big\"\"\",,\"\",false,-0,3\n"
        "4,\" \"\"d\"\".png\",,\"dog, \"\"big\"\"\",0.7,\"\",false,,4\n"
        "5,\"e\n.png\",\"dog, \"\"big\"\"\",,0.6,,false,inf,5\n"
        "6,f.png,it's,cat,0.30000000000000004,\"\",true,4.94065645841247e-324,6\n");
}

static void json_lines_hold_types(void **state)
{
    (void)state;
    static fixture s;
    make(&s);
    const char *path = in_folder("samples.jsonl");
    export_it(&s.frame, EXPORT_SAMPLES, "row IN (3, 5)", path);
    assert_string_equal(
        read_file(path),
        "{\"id\": \"3\", \"path\": \",c.png\", \"label\": \"dog, \\\"big\\\"\", \"prediction\": "
        "\"dog, \\\"big\\\"\", \"confidence\": null, \"split\": \"\", \"tag_night\": false, "
        "\"brightness\": -0, \"Label_2\": 3}\n"
        "{\"id\": \"5\", \"path\": \"e\\n.png\", \"label\": \"dog, \\\"big\\\"\", \"prediction\": "
        "null, \"confidence\": 0.6, \"split\": null, \"tag_night\": false, \"brightness\": null, "
        "\"Label_2\": 5}\n");
}

static void each_kind_has_its_columns(void **state)
{
    (void)state;
    static fixture s;
    make(&s);
    const char *path = in_folder("few.csv");
    export_it(&s.frame, EXPORT_METRICS, "tag_night", path);
    assert_string_equal(read_file(path), "id,path,brightness,Label,confidence\n"
                                         "1,a.png,0.1,1,0.9\n"
                                         "6,f.png,4.94065645841247e-324,6,0.30000000000000004\n");
    export_it(&s.frame, EXPORT_PREDICTIONS, "label = 'it''s'", path);
    assert_string_equal(read_file(path), "id,path,label,prediction,confidence\n"
                                         "6,f.png,it's,cat,0.30000000000000004\n");
    s.frame.id.start = s.frame.path.start = NULL;
    s.frame.metric_count = 1;
    export_it(&s.frame, EXPORT_METRICS, "row BETWEEN 3 AND 4", path);
    assert_string_equal(read_file(path), "brightness\n-0\n\"\"\n");
    export_it(&s.frame, EXPORT_METRICS, "false", path);
    assert_string_equal(read_file(path), "brightness\n");
    for (size_t i = 0; i < ROWS; i++)
        s.prediction[i] = CLASS_MISSING;
    s.frame.confidence = NULL;
    export_it(&s.frame, EXPORT_SAMPLES, "row = 4", path);
    assert_string_equal(read_file(path), "label,split,tag_night,brightness\n,\"\",false,\n");
}

/* A table of 5000 samples of 3 classes with probabilities that add up to 1 exactly enough. */
static void write_predictions(const char *path, size_t rows)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fprintf(f, "id,label,prob_a,prob_b,prob_c,brightness,size,split\n");
    rng r;
    rng_init(&r, 7, 0);
    for (size_t i = 0; i < rows; i++) {
        double p[3], sum = 0;
        for (size_t k = 0; k < 3; k++)
            sum += p[k] = rng_unit(&r) + (k == i % 3);
        fprintf(f, "s%zu,%c,%.17g,%.17g,%.17g,", i, 'a' + (int)rng_below(&r, 3), p[0] / sum,
                p[1] / sum, p[2] / sum);
        if (i % 10)
            fprintf(f, "%.17g", rng_unit(&r));
        fprintf(f, ",%d,%s\n", (int)rng_below(&r, 1000),
                i % 4 ? "train" : "\"test, \"\"held\"\" out\"");
    }
    assert_int_equal(fclose(f), 0);
}

static evaluated *evaluate(const char *path, const char *where)
{
    evaluate_request request = {.import = {.path = path, .keep_ids = true, .thread_count = 2},
                                .where = where,
                                .model = "cnn"};
    evaluation_defaults(&request.options);
    evaluated *e = NULL;
    assay_err err = {0};
    if (evaluate_predictions(&request, &e, &err) != ASSAY_OK)
        fail_msg("%s: %s", path, err.msg);
    return e;
}

/* The report from the samples on: all that is not about the file. */
static char *numbers_of(const evaluated *e)
{
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    assert_int_equal(report_json(e, &out, NULL), ASSAY_OK);
    const char *from = strstr(text_view(&out), "\"samples\": ");
    assert_non_null(from);
    char *copy = strdup(from);
    assert_non_null(copy);
    text_clear(&out);
    return copy;
}

static void what_was_exported_evaluates_to_the_same_numbers(void **state)
{
    (void)state;
    static const char *const outputs[] = {"again.csv", "again.jsonl", "again.parquet"};
    const char *input = in_folder("input.csv");
    write_predictions(input, 5000);
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        evaluated *whole = evaluate(input, NULL);
        char *expected = numbers_of(whole);
        const char *output = in_folder(outputs[i]);
        const export_notes notes = export_it(whole->frame, EXPORT_PREDICTIONS, NULL, output);
        assert_int_equal(notes.row_count, 5000);
        evaluated *again = evaluate(output, NULL);
        char *got = numbers_of(again);
        /* Metrics of the images are not among predictions: compare what comes before. */
        char *end = strstr(expected, "\"metrics\": ");
        assert_non_null(end);
        *end = '\0';
        assert_int_equal(strncmp(got, expected, strlen(expected)), 0);
        free(got);
        free(expected);
        evaluated_free(again);

        /* A part has the scores of that part; what is drawn by row number differs. */
        evaluated *part = evaluate(input, "split = 'train'");
        export_it(whole->frame, EXPORT_PREDICTIONS, "split = 'train'", output);
        again = evaluate(output, NULL);
        assert_memory_equal(&again->evaluation->matrix->accuracy.value,
                            &part->evaluation->matrix->accuracy.value, sizeof(double));
        assert_memory_equal(&again->evaluation->proper.log_loss.value,
                            &part->evaluation->proper.log_loss.value, sizeof(double));
        evaluated_free(part);
        evaluated_free(again);

        export_it(whole->frame, EXPORT_SAMPLES, NULL, output);
        again = evaluate(output, NULL);
        const frame *a = whole->frame, *b = again->frame;
        assert_int_equal(a->row_count, b->row_count);
        assert_memory_equal(a->label, b->label, a->row_count * sizeof *a->label);
        assert_memory_equal(a->prediction, b->prediction, a->row_count * sizeof *a->label);
        assert_memory_equal(a->confidence, b->confidence, a->row_count * sizeof *a->confidence);
        size_t same = 0;
        for (size_t m = 0; m < a->metric_count; m++) {
            for (size_t n = 0; n < b->metric_count; n++) {
                if (strcmp(a->metric[m].name, b->metric[n].name) != 0)
                    continue;
                for (size_t row = 0; row < a->row_count; row++) {
                    const double x = a->metric[m].value[row], y = b->metric[n].value[row];
                    assert_true(x == y || (isnan(x) && isnan(y)));
                }
                same++;
            }
        }
        assert_int_equal(same, a->metric_count);
        assert_string_equal(b->attribute[0].name, "split");
        evaluated_free(again);
        evaluated_free(whole);
    }
}

static void bytes_do_not_depend_on_the_threads(void **state)
{
    (void)state;
    const char *input = in_folder("input.csv");
    write_predictions(input, 20000);
    evaluated *e = evaluate(input, NULL);
    static const char *const outputs[] = {"threads.csv", "threads.parquet"};
    for (size_t i = 0; i < 2; i++) {
        char *first = NULL;
        size_t first_length = 0;
        for (int threads = 1; threads <= 7; threads += 3) {
            const char *path = in_folder(outputs[i]);
            export_notes notes;
            const export_request request = {
                .what = EXPORT_PREDICTIONS, .path = path, .replace = true, .thread_count = threads};
            assert_int_equal(export_frame(e->frame, &request, &notes, NULL), ASSAY_OK);
            FILE *f = fopen(path, "rb");
            assert_non_null(f);
            char *content = malloc((size_t)1 << 24);
            assert_non_null(content);
            const size_t length = fread(content, 1, (size_t)1 << 24, f);
            fclose(f);
            if (first) {
                assert_int_equal(length, first_length);
                assert_memory_equal(content, first, length);
                free(content);
            } else {
                first = content;
                first_length = length;
            }
        }
        free(first);
    }
    evaluated_free(e);
}

typedef struct refusal {
    const char *name, *where;
    export_what what;
    assay_code code;
    const char *msg; /* after the path */
} refusal;

static void bad_requests_are_refused_and_leave_what_was_there(void **state)
{
    (void)state;
    static const refusal cases[] = {
        {"samples.txt", NULL, EXPORT_SAMPLES, ASSAY_E_USAGE,
         ": the name says no format; use one that ends in .csv, .jsonl or .parquet"},
        {".csv", NULL, EXPORT_SAMPLES, ASSAY_E_CONFLICT, NULL},
        {"kept.csv", NULL, EXPORT_SAMPLES, ASSAY_E_CONFLICT,
         ": exists already; --force replaces it"},
        {"kept.parquet", NULL, EXPORT_SAMPLES, ASSAY_E_CONFLICT,
         ": exists already; --force replaces it"},
        {"folder.csv", NULL, EXPORT_SAMPLES, ASSAY_E_USAGE, ": exists and is no plain file"},
        {"none/x.csv", NULL, EXPORT_SAMPLES, ASSAY_E_NOT_FOUND, ": No such file or directory"},
        {"kept.csv/x.csv", NULL, EXPORT_SAMPLES, ASSAY_E_NOT_FOUND, ": Not a directory"},
        {"new.csv", "no_such > 1", EXPORT_SAMPLES, ASSAY_E_USAGE, NULL},
        {"new.csv", "true; DROP VIEW samples", EXPORT_SAMPLES, ASSAY_E_USAGE, NULL},
        {"new.parquet", "(COPY samples TO '/tmp/assay-must-not-exist')", EXPORT_SAMPLES,
         ASSAY_E_USAGE, NULL},
        {"new.csv", NULL, EXPORT_PREDICTIONS, ASSAY_E_NOT_FOUND, NULL},
    };
    static fixture s;
    make(&s);
    write_file(in_folder("kept.csv"), "kept");
    write_file(in_folder("kept.parquet"), "kept");
    mkdir(in_folder("folder.csv"), 0777);
    write_file(in_folder(".csv"), "kept");
    const size_t files = files_in_folder();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t row = 0; cases[i].what == EXPORT_PREDICTIONS && row < ROWS; row++)
            s.prediction[row] = CLASS_MISSING;
        const char *path = in_folder(cases[i].name);
        const export_request request = {
            .what = cases[i].what, .path = path, .where = cases[i].where, .thread_count = 1};
        export_notes notes;
        assay_err err = {0};
        assert_int_equal(export_frame(&s.frame, &request, &notes, &err), cases[i].code);
        assert_int_equal(notes.column_count, 0);
        if (cases[i].msg) {
            assert_int_equal(strncmp(err.msg, path, strlen(path)), 0);
            assert_string_equal(err.msg + strlen(path), cases[i].msg);
        }
        assert_int_equal(files_in_folder(), files);
        assert_string_equal(read_file(in_folder("kept.csv")), "kept");
    }
}

/* A limit on a file's size stands for a disk that is full. */
static void a_full_disk_leaves_what_was_there(void **state)
{
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    const char *input = in_folder("input.csv");
    write_predictions(input, 20000);
    evaluated *e = evaluate(input, NULL);
    static const char *const outputs[] = {"kept.csv", "kept.jsonl", "kept.parquet"};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        const char *path = in_folder(outputs[i]);
        write_file(path, "kept");
        const size_t files = files_in_folder();
        struct rlimit before;
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        const struct rlimit small = {.rlim_cur = 100000, .rlim_max = before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        export_notes notes;
        assay_err err = {0};
        const export_request request = {
            .what = EXPORT_PREDICTIONS, .path = path, .replace = true, .thread_count = 2};
        const assay_code code = export_frame(e->frame, &request, &notes, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(code, ASSAY_E_IO);
        assert_int_equal(err.code, ASSAY_E_IO);
        assert_int_equal(strncmp(err.msg, path, strlen(path)), 0);
        assert_non_null(strstr(err.msg, "File too large"));
        assert_string_equal(read_file(path), "kept");
        assert_int_equal(files_in_folder(), files);
    }
    evaluated_free(e);
}

static void every_allocation_of_ours_may_fail(void **state)
{
    (void)state;
    static fixture s;
    make(&s);
    static const char *const outputs[] = {"kept.csv", "kept.parquet"};
    for (size_t i = 0; i < 2; i++) {
        const char *path = in_folder(outputs[i]);
        const size_t live = mem_live();
        for (uint64_t n = 0;; n++) {
            write_file(path, "kept");
            const export_request request = {
                .path = path, .where = "correct", .replace = true, .thread_count = 1};
            export_notes notes;
            const size_t files = files_in_folder();
            mem_fail_after(n);
            const assay_code code = export_frame(&s.frame, &request, &notes, NULL);
            mem_fail_after(UINT64_MAX);
            assert_int_equal(mem_live(), live);
            assert_int_equal(files_in_folder(), files);
            if (code == ASSAY_OK) {
                assert_true(n > 10);
                break;
            }
            assert_true(code == ASSAY_E_NOMEM || code == ASSAY_E_LIMIT);
            assert_string_equal(read_file(path), "kept");
        }
    }
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    DIR *d = opendir(folder);
    for (const struct dirent *e; d && (e = readdir(d));) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            (void)remove(in_folder(e->d_name));
    }
    closedir(d);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_are_chosen_and_predictions_have_their_own),
        cmocka_unit_test(csv_is_as_the_standard_has_it),
        cmocka_unit_test(json_lines_hold_types),
        cmocka_unit_test(each_kind_has_its_columns),
        cmocka_unit_test(what_was_exported_evaluates_to_the_same_numbers),
        cmocka_unit_test(bytes_do_not_depend_on_the_threads),
        cmocka_unit_test(bad_requests_are_refused_and_leave_what_was_there),
        cmocka_unit_test(a_full_disk_leaves_what_was_there),
        cmocka_unit_test(every_allocation_of_ours_may_fail),
    };
    return cmocka_run_group_tests_name("export", tests, make_folder, remove_folder);
}
