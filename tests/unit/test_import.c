/* From files to frames: what each format means, and what is refused with which words. */
#include "support/check.h"
#include "support/listener.h"

#include "base/limits.h"
#include "store/duck.h"
#include "store/import.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static char folder[] = "/tmp/assay_import_XXXXXX";

/* jansson keeps its own memory here: it reports a failed allocation as a syntax error. */
static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static void put_bytes(const char *name, const void *at, size_t length)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(at, 1, length, file), length);
    fclose(file);
}

static void put(const char *name, const char *content)
{
    put_bytes(name, content, strlen(content));
}

/* An .npy file of version 1. */
static void put_npy(const char *name, const char *type, const char *shape, const void *data,
                    size_t bytes)
{
    char at[4096];
    memset(at, ' ', 128);
    memcpy(at, "\x93NUMPY\x01\x00\x76\x00", 10);
    const int length = snprintf(
        at + 10, 118, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", type, shape);
    at[10 + length] = ' ';
    at[127] = '\n';
    memcpy(at + 128, data, bytes);
    put_bytes(name, at, 128 + bytes);
}

/* A frame as a line a row: label>prediction@confidence, then metrics and attributes. */
static void print_frame(const frame *f, char *out, size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < f->row_count; i++) {
        used += (size_t)snprintf(
            out + used, room - used, "%s>%s",
            f->label[i] == CLASS_MISSING ? "-" : f->classes.name[f->label[i]],
            f->prediction[i] == CLASS_MISSING ? "-" : f->classes.name[f->prediction[i]]);
        if (f->confidence)
            used += (size_t)snprintf(out + used, room - used, "@%.6g", f->confidence[i]);
        for (size_t m = 0; m < f->metric_count; m++)
            used += (size_t)snprintf(out + used, room - used, " %s=%.6g", f->metric[m].name,
                                     f->metric[m].value[i]);
        for (size_t a = 0; a < f->attribute_count; a++)
            used += (size_t)snprintf(out + used, room - used, " %s=%s", f->attribute[a].name,
                                     f->attribute[a].code[i] == ATTRIBUTE_MISSING
                                         ? "-"
                                         : f->attribute[a].value[f->attribute[a].code[i]]);
        if (f->id.start)
            used += (size_t)snprintf(out + used, room - used, " #%.*s",
                                     (int)(f->id.start[i + 1] - f->id.start[i]),
                                     f->id.bytes + f->id.start[i]);
        if (f->group)
            used += (size_t)snprintf(out + used, room - used, " g%u", f->group[i]);
        used += (size_t)snprintf(out + used, room - used, "\n");
    }
    assert_true(used < room);
}

static void expect_request(const import_request *request, const char *rows, const char *shape)
{
    for (int threads = 1; threads <= 2; threads++) {
        import_request r = *request;
        r.thread_count = threads;
        frame *f;
        import_notes notes;
        assay_err err = {0};
        if (import_predictions(&r, &f, &notes, &err) != ASSAY_OK)
            fail_msg("%s: %s", r.path ? r.path : r.labels_path, err.msg);
        char printed[2048];
        print_frame(f, printed, sizeof printed);
        assert_string_equal(printed, rows);
        assert_string_equal(notes.shape, shape);
        frame_free(f);
        import_notes_clear(&notes);
    }
}

static void expect_file(const char *name, const char *content, const char *rows)
{
    put(name, content);
    expect_request(&(import_request){.path = name}, rows, "one row a sample");
}

static void tables_of_one_row_a_sample_are_read(void **state)
{
    (void)state;
    expect_file("a.csv",
                "label,prediction,confidence,blur,split\ncat,dog,0.5,1,train\ndog,dog,,,\n",
                "cat>dog@0.5 blur=1 split=train\ndog>dog@nan blur=nan split=-\n");
    expect_file("na.csv",
                "label,prediction,confidence,blur,light,note\nNA,none,NA,NA,none,NA\n"
                "NA,none,0.5,1,dim,none\n",
                "NA>none@nan blur=nan light=none note=NA\nNA>none@0.5 blur=1 light=dim "
                "note=none\n");
    expect_file("b.csv", "y-true;Y Pred\n007;7\n\n7;007", "007>7\n7>007\n");
    expect_file("c.tsv", "target\tpred\tscore\r\na,b\t\"x\ty\"\t-3\r\n", "a,b>x\ty@-3\n");
    expect_file("d.csv", "\xef\xbb\xbfgt|predicted\n\"say \"\"hi\"\"\"|\"two\nlines\"\n",
                "say \"hi\">two\nlines\n");
    expect_file("e.json",
                "\n[ {\"label\": 3, \"prediction\": 12, \"x\": 1.5},\n {\"prediction\": \"3\", "
                "\"label\": null} ]\n",
                "3>12 x=1.5\n->3 x=nan\n");
    expect_file("f.jsonl",
                "{\"label\": \"a,]}\", \"prediction\": \"\\u00e9\", \"ok\": true}\n\n{\"label\": "
                "\"b\", \"prediction\": \"b\"}",
                "a,]}>é ok=true\nb>b ok=-\n");
    expect_file("noending", "label,prediction\na,a\n", "a>a\n");
    expect_file("*.csv", "label,prediction\nstar,star\n", "star>star\n");
}

static void a_text_below_many_numbers_makes_an_attribute(void **state)
{
    (void)state;
    enum { ROWS = 3000 };
    static char csv[ROWS * 16 + 200], json[ROWS * 64 + 200];
    size_t used = (size_t)snprintf(csv, sizeof csv, "label,prediction,scan,blur,who\n");
    size_t json_used = 0;
    for (int i = 0; i < ROWS; i++) {
        const bool first = i < ROWS - 2;
        used += (size_t)snprintf(csv + used, sizeof csv - used, "a,a,%s,2,%s\n", first ? "7" : "7b",
                                 i < ROWS - 1 ? "8" : "no");
        json_used += (size_t)snprintf(json + json_used, sizeof json - json_used,
                                      "{\"label\": \"a\", \"prediction\": \"a\", \"scan\": %s}\n",
                                      first ? "7" : "\"7b\"");
    }
    put("late.csv", csv);
    put("late.jsonl", json);
    for (int threads = 1; threads <= 2; threads++) {
        frame *f;
        import_notes notes;
        import_request r = {.path = "late.csv", .thread_count = threads};
        assert_int_equal(import_predictions(&r, &f, &notes, NULL), ASSAY_OK);
        assert_int_equal(f->metric_count, 1);
        assert_string_equal(f->metric[0].name, "blur");
        assert_int_equal(f->attribute_count, 2);
        assert_string_equal(f->attribute[0].value[f->attribute[0].code[0]], "7");
        assert_string_equal(f->attribute[0].value[f->attribute[0].code[ROWS - 1]], "7b");
        assert_string_equal(f->attribute[1].value[f->attribute[1].code[ROWS - 1]], "no");
        frame_free(f);
        import_notes_clear(&notes);
        r.path = "late.jsonl";
        assert_int_equal(import_predictions(&r, &f, &notes, NULL), ASSAY_OK);
        assert_int_equal(f->metric_count, 0);
        assert_string_equal(f->attribute[0].value[f->attribute[0].code[ROWS - 1]], "7b");
        frame_free(f);
        import_notes_clear(&notes);
    }
}

static void the_columns_that_are_named_win(void **state)
{
    (void)state;
    put("n.csv", "label,prediction,truth,guess,who\na,b,c,d,p\nb,a,d,c,\n");
    expect_request(
        &(import_request){.path = "n.csv", .label = "truth", .prediction = "guess", .group = "who"},
        "c>d label=a prediction=b g0\nd>c label=b prediction=a g1\n", "one row a sample");
    put("i.csv", "name,file,label,prediction\nx,p/1.jpg,a,a\ny,p/2.jpg,a,b\n");
    expect_request(&(import_request){.path = "i.csv", .keep_ids = true},
                   "a>a name=x #p/1.jpg\na>b name=y #p/2.jpg\n", "one row a sample");
}

static void gzip_is_read_as_what_is_inside(void **state)
{
    (void)state;
    gzFile file = gzopen("z.csv.gz", "wb");
    assert_int_equal(gzputs(file, "label,prediction\na,b\n"), 21);
    gzclose(file);
    file = gzopen("z.csv.gz", "ab"); /* a second member */
    assert_int_equal(gzputs(file, "b,b\n"), 4);
    gzclose(file);
    expect_request(&(import_request){.path = "z.csv.gz"}, "a>b\nb>b\n", "one row a sample");
}

static void probability_columns_give_prediction_and_confidence(void **state)
{
    (void)state;
    const char *shape = "probability columns";
    put("p.csv", "label,prob_cat,prob_ant\ncat,0.25,0.75\nant,0.5,0.5\n");
    expect_request(&(import_request){.path = "p.csv"}, "cat>ant@0.75\nant>ant@0.5\n", shape);
    put("q.csv", "label,cat,dog,bird\ncat,0.9,0.1,0\ndog,0.25,0.5,0.25\n");
    expect_request(&(import_request){.path = "q.csv"}, "cat>cat@0.9\ndog>dog@0.5\n", shape);
    put("r.csv", "label,cat,dog,bird,blur\ncat,0.9,0.1,0,3\ndog,0.25,0.25,0.5,4\n");
    expect_request(&(import_request){.path = "r.csv", .classes = "cat,dog,bird"},
                   "cat>cat@0.9 blur=3\ndog>bird@0.5 blur=4\n", shape);
    put("s.csv", "label,prediction,p_a,p_b\na,b,0.75,0.25\nb,b,0.25,0.75\n");
    frame *f;
    import_notes notes;
    const import_request own = {.path = "s.csv", .thread_count = 1};
    expect_request(&own, "a>b@0.25\nb>b@0.75\n", shape);
    assert_int_equal(import_predictions(&own, &f, &notes, NULL), ASSAY_OK);
    assert_int_equal(notes.prediction_is_not_argmax, 1);
    frame_free(f);
    import_notes_clear(&notes);
    /* A tie with the largest, or no prediction at all, is no other prediction. */
    put("u.csv", "label,prediction,p_a,p_b\na,b,0.5,0.5\nb,,0.25,0.75\n");
    const import_request even = {.path = "u.csv", .thread_count = 1};
    expect_request(&even, "a>b@0.5\nb>-@nan\n", shape);
    assert_int_equal(import_predictions(&even, &f, &notes, NULL), ASSAY_OK);
    assert_int_equal(notes.prediction_is_not_argmax, 0);
    frame_free(f);
    import_notes_clear(&notes);
    /* What the slack of a probability leaves outside 0 to 1 is no confidence. */
    put("v.csv", "label,prediction,p_a,p_b\na,a,-0.0000005,1.0000005\n");
    expect_request(&(import_request){.path = "v.csv"}, "a>a@0\n", shape);
}

static void top_lists_give_their_first(void **state)
{
    (void)state;
    put("t.csv", "filename,target,label,prob\n1,cat,\"['cat', 'dog']\",\"[0.7, "
                 "0.2]\"\n2,dog,\"['dog' 'cat']\",\"[0.3 0.6]\"\n3,dog,['cat'],[0.5]\n");
    expect_request(&(import_request){.path = "t.csv"}, "cat>cat@0.7\ndog>cat@0.6\ndog>cat@0.5\n",
                   "top-k lists");
    put("t.json", "[{\"label\": \"b\", \"top_labels\": [\"b\", \"a\"], \"scores\": [0.5, 0.25]}, "
                  "{\"label\": \"a\", \"top_labels\": [], \"scores\": []}]");
    expect_request(&(import_request){.path = "t.json"}, "b>b@0.5\na>-@nan\n", "top-k lists");
    frame *f;
    import_notes notes;
    const import_request r = {.path = "t.csv", .thread_count = 1};
    assert_int_equal(import_predictions(&r, &f, &notes, NULL), ASSAY_OK);
    assert_int_equal(f->top.length, 2);
    assert_int_equal(f->top.length_of_all, 1);
    const uint16_t expected[] = {0, 1, 0, 1, 0, CLASS_MISSING};
    assert_memory_equal(f->top.code, expected, sizeof expected);
    frame_free(f);
    import_notes_clear(&notes);
}

static void a_relaxed_rule_counts_a_row_once(void **state)
{
    (void)state;
    const struct {
        const char *name, *content;
        import_request request;
        const char *rows, *shape;
        size_t not_finite;
    } table[] = {
        {"n.csv",
         "target,label,prob\na,[b a],[nan inf]\na,[a b],[0.5 0.25]\na,[b a],[0.5 nan]\n",
         {.allow_nan = true},
         "a>-@nan\na>a@0.5\na>-@nan\n",
         "top-k lists",
         2},
        {"n.csv",
         "id,class,score,label\nx,a,nan,a\nx,b,0.5,a\ny,a,0.25,a\ny,b,0.75,a\n",
         {.allow_nan = true},
         "a>-@nan\na>b@0.75\n",
         "long form",
         1},
        {"n.csv",
         "id,class,score,label\nx,a,nan,a\nx,b,nan,a\ny,b,0.75,a\n",
         {.allow_nan = true},
         "a>-@nan\na>b@0.75\n",
         "long form",
         1},
        {"n.csv",
         "target,label,prob\na,[a b],[0.75 0.5]\n",
         {.allow_any_sum = true},
         "a>a@0.75\n",
         "top-k lists",
         0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        put(table[i].name, table[i].content);
        import_request r = table[i].request;
        r.path = table[i].name;
        expect_request(&r, table[i].rows, table[i].shape);
        frame *f;
        import_notes notes;
        r.thread_count = 1;
        assert_int_equal(import_predictions(&r, &f, &notes, NULL), ASSAY_OK);
        assert_int_equal(notes.not_finite, table[i].not_finite);
        frame_free(f);
        import_notes_clear(&notes);
    }
}

static void make_parquet(const char *sql)
{
    duck d;
    const duck_options options = {.thread_count = 1};
    assay_err err = {0};
    assert_int_equal(duck_open(&d, &options, NULL), ASSAY_OK);
    if (duck_run(&d, sql, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    duck_close(&d);
}

static void parquet_is_read_whatever_its_types(void **state)
{
    (void)state;
    const char *rows = "one row a sample";
    make_parquet(
        "COPY (SELECT i AS id, CASE WHEN i = 1 THEN NULL ELSE i + 5 END AS label, '06' AS pred, "
        "i / 4.0::FLOAT AS conf, i = 0 AS ok, DATE '2020-01-01' + i::INT AS \"the \"\"day\", {'a': "
        "1} AS record "
        "FROM range(3) t(i)) TO 'types.parquet'");
    expect_request(
        &(import_request){.path = "types.parquet", .keep_ids = true},
        "5>06@0 ok=true the \"day=2020-01-01 #0\n->06@0.25 ok=false the \"day=2020-01-02 #1\n"
        "7>06@0.5 ok=false the \"day=2020-01-03 #2\n",
        rows);
    make_parquet("CREATE TYPE e AS ENUM ('x', 'y'); COPY (SELECT 'y'::e AS label, ['x', 'y']::e[] "
                 "AS top_labels, "
                 "[0.25::FLOAT, 0.75] AS probs) TO 'lists.parquet'");
    expect_request(&(import_request){.path = "lists.parquet"}, "y>y@0.75\n", "top-k lists");
    make_parquet("COPY (SELECT 'a' AS label, 0.1::FLOAT AS p_a, 0.2::FLOAT AS p_b, 0.7::FLOAT AS "
                 "p_c) TO 'f.parquet'");
    const import_request r = {.path = "f.parquet", .thread_count = 1};
    frame *f;
    import_notes notes;
    assert_int_equal(import_predictions(&r, &f, &notes, NULL), ASSAY_OK);
    assert_int_equal(f->probability->values.type, MATRIX_F32);
    assert_int_equal(f->prediction[0], 2);
    assert_int_equal(notes.sums_divided, 0);
    frame_free(f);
    import_notes_clear(&notes);
}

static void the_long_form_becomes_one_row_a_sample(void **state)
{
    (void)state;
    put("l.csv", "sample,class,probability,label\ny,cat,0.9,cat\nx,dog,0.7,dog\ny,dog,0.1,cat\nx,"
                 "cat,0.3,dog\n");
    expect_request(&(import_request){.path = "l.csv", .keep_ids = true},
                   "cat>cat@0.9 #y\ndog>dog@0.7 #x\n", "long form");
    put("m.csv", "sample,class,probability,label\ny,cat,0.1,cat\ny,dog,0.8,cat\nx,ant,0.3,dog\n");
    expect_request(&(import_request){.path = "m.csv"}, "cat>dog@0.8\ndog>ant@0.3\n", "long form");
}

static void arrays_stand_beside_or_instead_of_a_table(void **state)
{
    (void)state;
    const float p[] = {0.25F, 0.75F, 1.0F, 0.0F};
    const double logits[] = {0, 0, 0, 800};
    const int64_t labels[] = {1, 0};
    put_npy("p.npy", "<f4", "2, 2", p, sizeof p);
    put_npy("logits.npy", "<f8", "2, 2", logits, sizeof logits);
    put_npy("y.npy", "<i8", "2,", labels, sizeof labels);
    put_npy("text.npy", "|S1", "2,", "ba", 2);
    put("y.csv", "label\n1\n0\n");
    put("w.csv", "label\ndog\ncat\n");
    const char *shape = "one row a sample";
    expect_request(&(import_request){.path = "y.csv", .probabilities_path = "p.npy"},
                   "1>1@0.75\n0>0@1\n", shape);
    expect_request(&(import_request){.path = "w.csv", .probabilities_path = "p.npy"},
                   "dog>dog@0.75\ncat>cat@1\n", shape);
    expect_request(
        &(import_request){.path = "y.csv", .probabilities_path = "p.npy", .classes = "zebra,ape"},
        "ape>ape@0.75\nzebra>zebra@1\n", shape);
    expect_request(&(import_request){.labels_path = "y.npy", .probabilities_path = "p.npy"},
                   "1>1@0.75\n0>0@1\n", "probability columns");
    expect_request(&(import_request){.labels_path = "y.npy",
                                     .probabilities_path = "logits.npy",
                                     .logits = true},
                   "1>0@0.5\n0>1@1\n", "probability columns");
    expect_request(&(import_request){.labels_path = "y.npy", .predictions_path = "y.npy"},
                   "1>1\n0>0\n", shape);
    expect_request(&(import_request){.labels_path = "text.npy", .predictions_path = "text.npy"},
                   "b>b\na>a\n", shape);
    put("names.txt", "zebra\r\nape\n");
    expect_request(&(import_request){.labels_path = "y.npy",
                                     .predictions_path = "y.npy",
                                     .classes = "names.txt"},
                   "ape>ape\nzebra>zebra\n", shape);
}

typedef struct bad_input {
    const char *name, *content;
    assay_code code;
    const char *message;
    import_request request; /* its path is filled in */
} bad_input;

static void expect_refusal(const bad_input *bad)
{
    frame *f = (frame *)&folder;
    import_notes notes = {.column_count = 9};
    assay_err err = {0};
    import_request r = bad->request;
    r.path = bad->name;
    r.thread_count = 2;
    const assay_code code = import_predictions(&r, &f, &notes, &err);
    assert_null(f);
    assert_int_equal(notes.column_count, 0);
    assert_string_equal(err.msg, bad->message);
    assert_int_equal(code, bad->code);
}

#define TWO "label,prediction\n"
#define THREE "label,prediction,confidence\n"

static void bad_tables_are_refused_with_the_row(void **state)
{
    (void)state;
    const bad_input table[] = {
        {"b.csv", "", ASSAY_E_INPUT, "b.csv: is empty", {0}},
        {"b.csv", TWO, ASSAY_E_INPUT, "b.csv: has no rows", {0}},
        {"b.csv",
         "\na,b\n",
         ASSAY_E_INPUT,
         "b.csv: the first line is blank; expected the names of the columns",
         {0}},
        {"b.csv",
         "a,b\nx,y\n",
         ASSAY_E_INPUT,
         "b.csv: no column was recognised as the label (--label COLUMN names it); the columns are: "
         "a, b",
         {0}},
        {"b.csv",
         "label,b\nx,y\n",
         ASSAY_E_INPUT,
         "b.csv: no column was recognised as the prediction (--prediction COLUMN names it), nor "
         "any as "
         "probabilities; the columns are: label, b",
         {0}},
        {"b.csv",
         TWO "a,a\n",
         ASSAY_E_USAGE,
         "b.csv: there is no column 'truth'; the columns are: label, prediction",
         {.label = "truth"}},
        {"b.csv",
         TWO "a,a\n",
         ASSAY_E_USAGE,
         "b.csv: column 'label' is asked to be two things",
         {.label = "label", .prediction = "label"}},
        {"b.csv",
         "label,x,label\na,b,c\n",
         ASSAY_E_INPUT,
         "b.csv: the header (the first line) names column 'label' twice",
         {0}},
        {"b.csv",
         TWO "a,a\nb,b,c\n",
         ASSAY_E_INPUT,
         "b.csv: row 2: has 3 columns instead of 2",
         {0}},
        {"b.csv", TWO "a\nb,b\n", ASSAY_E_INPUT, "b.csv: row 1: has 1 column instead of 2", {0}},
        {"b.csv", TWO "a,\"b\n", ASSAY_E_INPUT, "b.csv: row 1: a quote is never closed", {0}},
        {"b.csv",
         TWO "a,\"b\"c\n",
         ASSAY_E_INPUT,
         "b.csv: row 1: text follows a closing quote",
         {0}},
        {"b.csv",
         TWO "a,5\"\n",
         ASSAY_E_INPUT,
         "b.csv: row 1: a quote inside a cell that is not quoted; quote the whole cell and double "
         "the quote",
         {0}},
        {"b.csv",
         TWO "a,a\nb,\xff\xfe\n",
         ASSAY_E_INPUT,
         "b.csv: row 2: column 'prediction' is not UTF-8",
         {0}},
        {"b.csv", "\xff\xfel\0a\n", ASSAY_E_INPUT, "b.csv: is UTF-16 text; save it as UTF-8", {0}},
        {"b.csv",
         THREE "a,a,0.5\nb,b,high\n",
         ASSAY_E_INPUT,
         "b.csv: row 2: 'high' in column 'confidence' is not a number",
         {0}},
        {"b.csv",
         THREE "a,a,0.5\nb,b,nan\n",
         ASSAY_E_INPUT,
         "b.csv: row 2: confidence is 'nan'; --allow-nan counts such rows as missing",
         {0}},
        {"b.csv",
         THREE "a,a,inf\nb,b,NaN\n",
         ASSAY_E_INPUT,
         "b.csv: 2 rows have a confidence that is not finite; --allow-nan counts such rows as "
         "missing\n"
         "  row 1: confidence is 'inf'\n  row 2: confidence is 'NaN'",
         {0}},
        {"b.csv",
         "label,prediction,m\na,a,1\na,a,-inf\n",
         ASSAY_E_INPUT,
         "b.csv: row 2: '-inf' in column 'm' is not a finite number",
         {0}},
        {"b.csv",
         "id,label,prediction\ns1,a,a\ns2,b,b\ns1,a,b\n",
         ASSAY_E_INPUT,
         "b.csv: row 3: id 's1' is already in row 1; --allow-duplicates keeps both",
         {0}},
        {"b.csv",
         TWO "a,a\nb,dgo\n",
         ASSAY_E_INPUT,
         "b.csv: row 2: prediction 'dgo' is not one of the 2 classes; --allow-unknown-classes "
         "counts it as missing",
         {.classes = "a,b"}},
        {"b.csv",
         TWO "1,0\n2,0\n",
         ASSAY_E_INPUT,
         "b.csv: row 2: label '2' is not one of the 2 classes; --allow-unknown-classes counts it "
         "as missing",
         {.classes = "x,y"}},
        {"b.csv", TWO "x,0\n", ASSAY_E_USAGE, "--classes x,,y: an empty name", {.classes = "x,,y"}},
        {"b.csv",
         TWO "x,0\n",
         ASSAY_E_INPUT,
         "--classes: class 'x' is named twice",
         {.classes = "x,x"}},
        {"b.csv",
         TWO "x,0\n",
         ASSAY_E_NOT_FOUND,
         "nothing.txt: there is no such file",
         {.classes = "nothing.txt"}},
        {"b.csv",
         TWO "x,0\n",
         ASSAY_E_USAGE,
         "there is no format 'xml'; expected csv, tsv, json, jsonl or parquet",
         {.format = "xml"}},
        {"b.csv",
         "label,prob_a,prob_b\na,1.2,-0.2\n",
         ASSAY_E_INPUT,
         "b.csv: row 1: the probability of class 'a' is 1.2; expected 0 to 1 (--logits takes "
         "logits)",
         {0}},
        {"b.csv",
         "label,prob_a,prob_b\na,1,0\nb,0.25,1\n",
         ASSAY_E_INPUT,
         "b.csv: row 2: the probabilities add up to 1.25; --allow-any-sum divides them, --logits "
         "takes their softmax",
         {0}},
        {"b.csv",
         "label,prob_a,prob_b\na,1,\n",
         ASSAY_E_INPUT,
         "b.csv: row 1: the probability of class 'b' is nan; --allow-nan counts such rows as "
         "missing",
         {0}},
        {"b.csv",
         "label,prob_a,prob_b\nc,1,0\n",
         ASSAY_E_INPUT,
         "b.csv: row 1: label 'c' is not one of the 2 classes; --allow-unknown-classes counts it "
         "as missing",
         {0}},
        {"b.csv",
         "label,prob_a,prob_b\na,1,0\n",
         ASSAY_E_INPUT,
         "b.csv: class 'c' has no probability column",
         {.classes = "a,b,c"}},
        {"b.csv",
         "target,label,prob\na,[a b],[0.5 0.25 0.1]\n",
         ASSAY_E_INPUT,
         "b.csv: row 1: its list of probabilities is longer than its list of labels",
         {0}},
        {"b.csv",
         "target,label,prob\na,[a b],[0.5]\n",
         ASSAY_E_INPUT,
         "b.csv: row 1: its list of probabilities is shorter than its list of labels",
         {0}},
        {"b.csv",
         "target,label,prob\na,[a b],[0.5 0.25]\nb,[b b],[0.5 0.25]\n",
         ASSAY_E_INPUT,
         "b.csv: row 2: class 'b' is in its list twice",
         {0}},
        {"b.csv",
         "target,label,prob\na,[0 b a],[0.5 0.25 0.1]\n",
         ASSAY_E_INPUT,
         "b.csv: row 1: class 'a' is in its list twice",
         {.classes = "a,b"}},
        {"b.csv",
         "target,label,prob\na,[x y],[0.5 0.25]\na,[a z],[0.5 0.25]\n",
         ASSAY_E_INPUT,
         "b.csv: 2 rows have a list with what is not one of the classes; --allow-unknown-classes "
         "counts it as missing\n"
         "  row 1: 'x' in its list is not one of the 2 classes\n"
         "  row 2: 'z' in its list is not one of the 2 classes",
         {.classes = "a,b"}},
        {"b.csv",
         "target,label,prob\na,[a b],[0.75 0.5]\nb,[b a],[1 0.5]\n",
         ASSAY_E_INPUT,
         "b.csv: 2 rows have a list of probabilities with a sum above 1; --allow-any-sum takes "
         "them as they are\n"
         "  row 1: the probabilities in its list add up to 1.25\n"
         "  row 2: the probabilities in its list add up to 1.5",
         {0}},
        {"b.csv",
         "target,label,prob\na,[a b],[nan inf]\n",
         ASSAY_E_INPUT,
         "b.csv: row 1: a probability is 'nan'; --allow-nan counts such rows as missing",
         {0}},
        {"b.csv",
         "target,label,prob\na,[a b],[0.5 0.25]\nb,nothing,[0.5]\n",
         ASSAY_E_INPUT,
         "b.csv: lists of probabilities need a column with lists of labels; the columns are: "
         "target, label, prob",
         {0}},
        {"b.csv",
         "id,class,score,label\nx,a,0.5,a\nx,a,0.5,a\n",
         ASSAY_E_INPUT,
         "b.csv: row 2: its class is already in row 1 for sample 'x'",
         {0}},
        {"b.csv",
         "id,class,score,label\nx,a,0.5,a\nx,b,0.5,b\n",
         ASSAY_E_INPUT,
         "b.csv: row 2: its label differs from that in row 1 for sample 'x'",
         {0}},
        {"b.csv",
         "id,class,score,label\nx,a,0.5,a\nx,b,0.5,a\ny,a,0.5,a\ny,b,0.75,a\n",
         ASSAY_E_INPUT,
         "b.csv: row 3: the probabilities add up to 1.25; --allow-any-sum divides them, --logits "
         "takes their softmax",
         {0}},
        {"b.csv",
         "id,class,score,label\nx,a,0.5,a\nx,b,0.5,a\ny,a,0.5,a\nz,b,,a\n",
         ASSAY_E_INPUT,
         "b.csv: row 4: a probability in its list is no finite number; --allow-nan counts such "
         "rows as missing",
         {0}},
        {"b.csv",
         "id,class,score,label\nx,a,0.5,a\nx,b,0.5,a\ny,a,0.5,z\ny,b,0.5,z\n",
         ASSAY_E_INPUT,
         "b.csv: row 3: label 'z' is not one of the 2 classes; --allow-unknown-classes counts it "
         "as missing",
         {.classes = "a,b"}},
        {"b.jsonl",
         "{\"label\": {\"name\": \"a\"}, \"prediction\": \"a\"}",
         ASSAY_E_INPUT,
         "b.jsonl: column 'label' holds lists or records, not one value a row",
         {0}},
        {"b.json",
         "42",
         ASSAY_E_INPUT,
         "b.json: is not JSON; expected an array of objects or one object a line",
         {0}},
        {"b.json", "[]", ASSAY_E_INPUT, "b.json: has no rows", {0}},
        {"b.json",
         "[{\"label\": 1, \"prediction\": 1}, 7]",
         ASSAY_E_INPUT,
         "b.json: row 2: is not an object; expected {\"label\": …, \"prediction\": …} (pandas: "
         "orient=\"records\")",
         {0}},
        {"b.json",
         "[{\"label\": 1, \"prediction\": 1}",
         ASSAY_E_INPUT,
         "b.json: is cut off: the array is never closed (1 row)",
         {0}},
        {"b.json",
         "[{\"label\": 1, \"prediction\": 1}] x",
         ASSAY_E_INPUT,
         "b.json: row 1: something follows the array",
         {0}},
        {"b.json",
         "[{\"label\": 1, \"prediction\": {\"a\": 1}}]",
         ASSAY_E_INPUT,
         "b.json: column 'prediction' holds lists or records, not one value a row",
         {0}},
        {"b.parquet", "PAR1 and then nothing", ASSAY_E_INPUT, NULL, {0}},
        {"b.parquet", "label,prediction\n", ASSAY_E_INPUT, "b.parquet: is not a Parquet file", {0}},
        {"b.csv",
         "PK\x03\x04zip",
         ASSAY_E_INPUT,
         "b.csv: is a zip archive (.npz and .xlsx are, too); expected CSV, TSV, JSON or Parquet",
         {0}},
        {"b.csv", "\x1f\x8b\x08", ASSAY_E_INPUT, "b.csv: the gzip file is cut off", {0}},
        {"b.csv",
         "\x1f\x8bxxxxxxxxxxxxxxxxxxx",
         ASSAY_E_INPUT,
         "b.csv: the gzip file is damaged",
         {0}},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        put(table[i].name, table[i].content);
        if (table[i].message)
            expect_refusal(&table[i]);
    }
}

static void bad_parquet_is_refused_with_the_row(void **state)
{
    (void)state;
    make_parquet(
        "COPY (SELECT 'a' AS label, 'a' AS pred, 'same' AS id FROM range(2)) TO 'twice.parquet'");
    expect_refusal(&(bad_input){.name = "twice.parquet",
                                .code = ASSAY_E_INPUT,
                                .message = "twice.parquet: row 2: id 'same' is already in row 1; "
                                           "--allow-duplicates keeps both"});
    make_parquet(
        "COPY (SELECT 'a' AS label, 'a' AS pred, CASE WHEN i = 2999 THEN 'NaN'::DOUBLE END AS conf "
        "FROM range(4000) t(i)) TO 'nan.parquet'");
    expect_refusal(&(bad_input){.name = "nan.parquet",
                                .code = ASSAY_E_INPUT,
                                .message = "nan.parquet: row 3000: confidence is 'nan'; "
                                           "--allow-nan counts such rows as missing"});
    make_parquet("COPY (SELECT 'a' AS label, 'a' AS pred WHERE false) TO 'none.parquet'");
    expect_refusal(&(bad_input){
        .name = "none.parquet", .code = ASSAY_E_INPUT, .message = "none.parquet: has no rows"});
}

static void expect_same_arrays(const frame *a, const frame *b)
{
    assert_int_equal(a->row_count, b->row_count);
    assert_int_equal(a->classes.count, b->classes.count);
    assert_memory_equal(a->label, b->label, a->row_count * sizeof *a->label);
    assert_memory_equal(a->prediction, b->prediction, a->row_count * sizeof *a->prediction);
    assert_memory_equal(a->confidence, b->confidence, a->row_count * sizeof *a->confidence);
    assert_int_equal(a->group_count, b->group_count);
    assert_memory_equal(a->group, b->group, a->row_count * sizeof *a->group);
    assert_int_equal(a->metric_count, b->metric_count);
    for (size_t m = 0; m < a->metric_count; m++)
        assert_memory_equal(a->metric[m].value, b->metric[m].value,
                            a->row_count * sizeof *a->metric[m].value);
    assert_int_equal(a->attribute_count, b->attribute_count);
    for (size_t i = 0; i < a->attribute_count; i++) {
        const attribute_column *x = &a->attribute[i], *y = &b->attribute[i];
        assert_int_equal(x->value_count, y->value_count);
        for (uint32_t v = 0; v < x->value_count; v++)
            assert_string_equal(x->value[v], y->value[v]);
        assert_memory_equal(x->code, y->code, a->row_count * sizeof *x->code);
    }
}

/* Texts that first occur in the last rows come early where many threads read: the numbers of
 * groups and attributes must not tell. Kept ids are read in order. */
static void parquet_is_the_same_in_order_and_at_once(void **state)
{
    (void)state;
    make_parquet(
        "COPY (SELECT i AS id, 'c' || hash(i) % 97 AS label, 'c' || hash(i + 1) % 101 AS pred, "
        "CASE WHEN i % 1000 = 7 THEN NULL WHEN i IN (5, 900, 50000, 50001, 90000, 140000) THEN "
        "'NaN'::DOUBLE ELSE i / 150000 END AS conf, CASE WHEN i % 11 > 0 THEN 'kind ' || (i // "
        "1500 * 7919) % 100 END AS kind, 'group ' || hash(i // 3) % 40000 AS g, sqrt(i) AS m "
        "FROM range(150000) t(i)) TO 'groups.parquet' (ROW_GROUP_SIZE 4096)");
    frame *ordered;
    import_notes notes;
    import_request r = {.path = "groups.parquet",
                        .group = "g",
                        .keep_ids = true,
                        .allow_nan = true,
                        .thread_count = 1};
    assert_int_equal(import_predictions(&r, &ordered, &notes, NULL), ASSAY_OK);
    import_notes_clear(&notes);
    assert_int_equal(ordered->attribute[0].value_count, 100);
    r.keep_ids = false;
    for (int round = 0; round < 6; round++) {
        frame *f;
        r.thread_count = round + 1;
        assert_int_equal(import_predictions(&r, &f, &notes, NULL), ASSAY_OK);
        assert_int_equal(notes.not_finite, 6);
        expect_same_arrays(f, ordered);
        frame_free(f);
        import_notes_clear(&notes);
    }
    frame_free(ordered);
    expect_refusal(&(bad_input){
        .name = "groups.parquet",
        .code = ASSAY_E_INPUT,
        .message = "groups.parquet: 6 rows have a confidence that is not finite; --allow-nan "
                   "counts such rows as missing\n  row 6: confidence is 'nan'\n  row 901: "
                   "confidence is 'nan'\n  row 50001: confidence is 'nan'\n  row 50002: "
                   "confidence is 'nan'\n  row 90001: confidence is 'nan'\n  …"});
}

/* Whichever thread finds one first. */
static void the_first_bad_row_of_parquet_is_named(void **state)
{
    (void)state;
    make_parquet("COPY (SELECT 'a' AS label, 'a' AS pred, CASE WHEN i IN (99999, 60123, 70000) "
                 "THEN 'Infinity'::DOUBLE ELSE i END AS m FROM range(100000) t(i)) TO "
                 "'infinite.parquet' (ROW_GROUP_SIZE 4096)");
    for (int round = 0; round < 5; round++)
        expect_refusal(&(bad_input){
            .name = "infinite.parquet",
            .code = ASSAY_E_INPUT,
            .message = "infinite.parquet: row 60124: 'inf' in column 'm' is not a finite number"});
}

static void files_that_are_none_are_refused(void **state)
{
    (void)state;
    assert_int_equal(mkdir("folder.csv", 0700), 0);
    assert_int_equal(mkfifo("pipe.csv", 0600), 0);
    expect_refusal(&(bad_input){.name = "folder.csv",
                                .code = ASSAY_E_INPUT,
                                .message = "folder.csv: is a folder; expected a file"});
    expect_refusal(&(bad_input){.name = "pipe.csv",
                                .code = ASSAY_E_INPUT,
                                .message = "pipe.csv: is a pipe; expected a file"});
    expect_refusal(&(bad_input){.name = "/dev/zero",
                                .code = ASSAY_E_INPUT,
                                .message = "/dev/zero: is a device; expected a file"});
    expect_refusal(&(bad_input){.name = "s3://x/y.csv",
                                .code = ASSAY_E_NOT_FOUND,
                                .message = "s3://x/y.csv: there is no such file"});
}

static void a_cut_parquet_file_is_refused_in_our_words(void **state)
{
    (void)state;
    put("cut.parquet", "PAR1 and then nothing");
    frame *f;
    import_notes notes;
    assay_err err = {0};
    const import_request r = {.path = "cut.parquet", .thread_count = 1};
    assert_int_equal(import_predictions(&r, &f, &notes, &err), ASSAY_E_INPUT);
    assert_ptr_equal(strstr(err.msg, "cut.parquet: "), err.msg);
    assert_null(strstr(err.msg, "/proc"));
    assert_null(strchr(err.msg, '\n'));
}

static void a_zero_byte_and_a_long_line_are_refused(void **state)
{
    (void)state;
    put_bytes("zero.csv", "label,prediction\na,a\nb,b\0b\n", 26);
    expect_refusal(
        &(bad_input){.name = "zero.csv",
                     .code = ASSAY_E_INPUT,
                     .message = "zero.csv: row 2: column 'prediction' holds a zero byte"});
    char *line = malloc(5000000);
    memset(line, 'a', 5000000);
    memcpy(line, "label,prediction\n", 17);
    put_bytes("long.csv", line, 5000000);
    free(line);
    expect_refusal(&(bad_input){.name = "long.csv",
                                .code = ASSAY_E_LIMIT,
                                .message = "long.csv: row 1: is longer than 4194304 bytes; "
                                           "is a quote never closed?"});
}

static void a_field_that_later_rows_lack_is_missing_there(void **state)
{
    (void)state;
    FILE *file = fopen("later.jsonl", "w");
    assert_non_null(file);
    for (int i = 0; i < 300; i++)
        fputs("{\"label\":\"a\",\"prediction\":\"b\",\"size\":1}\n", file);
    /* As many fields as columns, but not the same ones. */
    for (int i = 0; i < 9000; i++)
        fputs("{\"other\":\"a\",\"prediction\":\"b\",\"more\":1}\n", file);
    assert_int_equal(fclose(file), 0);
    const import_request r = {.path = "later.jsonl", .thread_count = 1};
    frame *f;
    import_notes notes;
    assay_err err;
    assert_int_equal(import_predictions(&r, &f, &notes, &err), ASSAY_OK);
    assert_int_equal(f->row_count, 9300);
    for (size_t row = 300; row < f->row_count; row++) {
        assert_int_equal(f->label[row], CLASS_MISSING);
        assert_true(isnan(f->metric[0].value[row]));
    }
    frame_free(f);
    import_notes_clear(&notes);
}

static void relaxed_rules_are_counted(void **state)
{
    (void)state;
    put("x.csv",
        "id,label,prediction,confidence\n1,a,a,nan\n1,b,z,0.5\n1,q,b,0.5\n,a,a,1\n,a,a,1\n");
    const import_request r = {.path = "x.csv",
                              .classes = "a,b",
                              .allow_nan = true,
                              .allow_duplicates = true,
                              .allow_unknown_classes = true,
                              .thread_count = 2};
    frame *f;
    import_notes notes;
    assert_int_equal(import_predictions(&r, &f, &notes, NULL), ASSAY_OK);
    assert_int_equal(notes.duplicate_ids, 2);
    assert_int_equal(notes.unknown_classes, 2);
    assert_int_equal(notes.not_finite, 1);
    assert_true(notes.classes_given);
    char printed[512];
    print_frame(f, printed, sizeof printed);
    assert_string_equal(printed, "a>a@nan\nb>-@0.5\n->b@0.5\na>a@1\na>a@1\n");
    frame_free(f);
    import_notes_clear(&notes);
}

/* Rows over many blocks, with quotes, new values late, and one wrong row at the end. */
static void a_large_table_is_the_same_at_any_thread_count(void **state)
{
    (void)state;
    enum { LARGE = 200000 };
    FILE *file = fopen("large.csv", "wb");
    fputs("id,label,prediction,m,note\n", file);
    for (int i = 0; i < LARGE; i++)
        fprintf(file, "%d,c%d,\"c%d\",%d.5,\"line\nof \"\"%d\"\"\"\n", i, i % 97, i * 7 % 101, i,
                i / 50000);
    fclose(file);
    for (int threads = 1; threads <= 3; threads++) {
        const import_request r = {.path = "large.csv", .thread_count = threads};
        frame *f;
        import_notes notes;
        assert_int_equal(import_predictions(&r, &f, &notes, NULL), ASSAY_OK);
        assert_int_equal(f->row_count, LARGE);
        assert_int_equal(f->classes.count, 101);
        assert_int_equal(f->attribute[0].value_count, 4);
        for (int i = 0; i < LARGE; i++) {
            char expected[16];
            snprintf(expected, sizeof expected, "c%d", i % 97);
            assert_string_equal(f->classes.name[f->label[i]], expected);
            assert_true(f->metric[0].value[i] == i + 0.5);
            assert_int_equal(f->attribute[0].code[i], i / 50000);
        }
        frame_free(f);
        import_notes_clear(&notes);
    }
    file = fopen("large.csv", "ab");
    fputs("199999,a,b,1,x\n", file);
    fclose(file);
    expect_refusal(&(bad_input){.name = "large.csv",
                                .code = ASSAY_E_INPUT,
                                .message =
                                    "large.csv: row 200001: id '199999' is already in row 200000; "
                                    "--allow-duplicates keeps both"});
}

static void fail_each_allocation(const import_request *r)
{
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        frame *f = NULL;
        import_notes notes;
        assay_err err = {0};
        mem_fail_after(n);
        const assay_code code = import_predictions(r, &f, &notes, &err);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            assert_true(n > 10);
            frame_free(f);
            import_notes_clear(&notes);
            assert_int_equal(mem_live(), live);
            return;
        }
        if (code != ASSAY_E_NOMEM)
            fail_msg("%s: allocation %d: %s", r->path, (int)n, err.msg);
        assert_true(err.msg[0]);
        assert_null(f);
        assert_int_equal(mem_live(), live);
    }
}

static void a_failed_allocation_leaks_nothing(void **state)
{
    (void)state;
    put("tiny.csv",
        "id,label,prediction,confidence,m,split,g,\"q\"\na,x,y,0.5,1,s,1,z\nb,y,y,0.5,2,t,2,z\n");
    fail_each_allocation(&(import_request){
        .path = "tiny.csv", .keep_ids = true, .group = "g", .classes = "x,y", .thread_count = 1});
    put("tiny2.csv", "label,prob_a,prob_b\na,0.5,0.5\nb,1,0\n");
    fail_each_allocation(&(import_request){.path = "tiny2.csv", .thread_count = 1});
    put("tiny.jsonl", "{\"target\": \"a\", \"label\": [\"a\", \"b\"], \"prob\": [0.5, 0.25]}\n");
    fail_each_allocation(&(import_request){.path = "tiny.jsonl", .thread_count = 1});
    make_parquet("COPY (SELECT i AS id, 'a' AS label, 'b' || i % 3 AS pred, 0.5 AS conf, 'k' || 9 "
                 "- i % 4 AS kind FROM range(9000) t(i)) TO 'tiny.parquet' (ROW_GROUP_SIZE 2048)");
    fail_each_allocation(&(import_request){.path = "tiny.parquet", .thread_count = 2});
    put("tiny3.csv", "sample,class,probability,label\nx,a,0.5,a\nx,b,0.5,a\n");
    fail_each_allocation(
        &(import_request){.path = "tiny3.csv", .keep_ids = true, .thread_count = 1});
    const float p[] = {0.25F, 0.75F, 0.5F, 0.0F};
    put_npy("tiny.npy", "<f4", "2, 2", p, sizeof p);
    put_npy("tiny_y.npy", "|u1", "2,", "\x01\x00", 2);
    fail_each_allocation(&(import_request){.labels_path = "tiny_y.npy",
                                           .probabilities_path = "tiny.npy",
                                           .allow_any_sum = true,
                                           .thread_count = 1});
}

static int remove_folder(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") || system(command);
}

static assay_code import_told(import_request request, int stop_after, listener *l, assay_err *err)
{
    *l = (listener){.left = stop_after};
    const progress told = {.show = listen_to, .context = l, .stop = &l->stop};
    request.progress = &told;
    request.thread_count = 1;
    frame *f;
    import_notes notes;
    const assay_code code = import_predictions(&request, &f, &notes, err);
    assert_true((code == ASSAY_OK) == (f != NULL));
    frame_free(f);
    import_notes_clear(&notes);
    return code;
}

static void rows_are_told_and_it_stops_when_asked(void **state)
{
    (void)state;
    const size_t rows = 900000;
    FILE *file = fopen("long.csv", "w");
    assert_non_null(file);
    fputs("id,label,prediction,p\n", file);
    for (size_t i = 0; i < rows; i++)
        fprintf(file, "%08zu,a,%c,some words\n", i, i % 2 ? 'a' : 'b');
    fclose(file);
    const import_request csv = {.path = "long.csv"};
    listener l;
    assay_err err;
    assert_int_equal(import_told(csv, 0, &l, &err), ASSAY_OK);
    /* 22 MB in waves of 16: how many there will be is known to the hundredth, and at the end. */
    uint64_t done, total, end_done, end_total;
    assert_int_equal(sscanf(l.told, "reading rows %lu/%lu; reading rows %lu/%lu;", &done, &total,
                            &end_done, &end_total),
                     4);
    assert_true(done > rows / 2 && done < rows);
    assert_true(total > rows - rows / 50 && total < rows + rows / 50);
    assert_int_equal(end_done, rows);
    assert_int_equal(end_total, rows);
    assert_int_equal(import_told(csv, 1, &l, &err), ASSAY_E_CANCELLED);
    char words[80];
    snprintf(words, sizeof words, "long.csv: interrupted after row %lu", done);
    assert_string_equal(err.msg, words);
    unlink("long.csv");
    put("short.jsonl", "{\"label\": \"a\", \"prediction\": \"b\"}\n");
    assert_int_equal(import_told((import_request){.path = "short.jsonl"}, 0, &l, NULL), ASSAY_OK);
    assert_string_equal(l.told, "reading rows 1/1; ");
    make_parquet("COPY (SELECT 'a' AS label, 'b' AS prediction, i::VARCHAR AS id FROM range(5000) "
                 "t(i)) TO 'long.parquet'");
    const import_request parquet = {.path = "long.parquet", .keep_ids = true};
    assert_int_equal(import_told(parquet, 0, &l, NULL), ASSAY_OK);
    assert_string_equal(l.told,
                        "reading rows 2048/5000; reading rows 4096/5000; reading rows 5000/5000; ");
    assert_int_equal(import_told(parquet, 2, &l, &err), ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "long.parquet: interrupted after row 4096");
    static const float values[2][2] = {{0.5f, 0.5f}, {1.0f, 0.0f}};
    put_npy("p.npy", "<f4", "2, 2", values, sizeof values);
    const import_request array = {
        .probabilities_path = "p.npy", .classes = "a,b", .wants = IMPORT_PREDICTIONS};
    assert_int_equal(import_told(array, 0, &l, NULL), ASSAY_OK);
    assert_string_equal(l.told, "checking probabilities 0/2; ");
    assert_int_equal(import_told(array, 1, &l, &err), ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "interrupted while checking probabilities");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_of_one_row_a_sample_are_read),
        cmocka_unit_test(a_text_below_many_numbers_makes_an_attribute),
        cmocka_unit_test(the_columns_that_are_named_win),
        cmocka_unit_test(rows_are_told_and_it_stops_when_asked),
        cmocka_unit_test(gzip_is_read_as_what_is_inside),
        cmocka_unit_test(probability_columns_give_prediction_and_confidence),
        cmocka_unit_test(top_lists_give_their_first),
        cmocka_unit_test(a_relaxed_rule_counts_a_row_once),
        cmocka_unit_test(parquet_is_read_whatever_its_types),
        cmocka_unit_test(bad_parquet_is_refused_with_the_row),
        cmocka_unit_test(parquet_is_the_same_in_order_and_at_once),
        cmocka_unit_test(the_first_bad_row_of_parquet_is_named),
        cmocka_unit_test(the_long_form_becomes_one_row_a_sample),
        cmocka_unit_test(arrays_stand_beside_or_instead_of_a_table),
        cmocka_unit_test(bad_tables_are_refused_with_the_row),
        cmocka_unit_test(files_that_are_none_are_refused),
        cmocka_unit_test(a_cut_parquet_file_is_refused_in_our_words),
        cmocka_unit_test(a_zero_byte_and_a_long_line_are_refused),
        cmocka_unit_test(a_field_that_later_rows_lack_is_missing_there),
        cmocka_unit_test(relaxed_rules_are_counted),
        cmocka_unit_test(a_large_table_is_the_same_at_any_thread_count),
        cmocka_unit_test(a_failed_allocation_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
