/* Rows of a table find their samples: by id, then by path, then by a file name that is unique. */
#include "support/listed.h"

#include "base/mem.h"
#include "project/join.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXTS_MOST = 4 };

/* Texts end to end. */
typedef struct texts {
    text_column column;
    uint64_t start[TEXTS_MOST + 1];
    char bytes[600];
    size_t count;
} texts;

static void put_texts(texts *t, const char *const *from)
{
    *t = (texts){0};
    for (; t->count < TEXTS_MOST && from[t->count]; t->count++) {
        const size_t length = strlen(from[t->count]);
        memcpy(t->bytes + t->start[t->count], from[t->count], length);
        t->start[t->count + 1] = t->start[t->count] + length;
    }
    t->column = (text_column){.start = t->start, .bytes = t->bytes};
}

static char here[3000];

/* 0: cat/1.jpg, 1: dog/1.jpg, 2: dog/2.jpg; the images lie in photos/ of the working folder. */
static const char *const paths[] = {"cat/1.jpg", "dog/1.jpg", "dog/2.jpg", NULL};
static const char *const ids[] = {"a", "b", "2.jpg", NULL};

typedef struct join_case {
    const char *name;
    const char *key[TEXTS_MOST + 1];
    const char *folder;
    const char *by;
    uint32_t sample[TEXTS_MOST];
    uint64_t unmatched, doubled;
    const char *first; /* what is said of the first unmatched or double row */
    bool with_ids;
} join_case;

#define NO SAMPLE_NONE
static const join_case cases[] = {
    {"ids", {"b", "a"}, NULL, "id", {1, 0}, 0, 0, NULL, true},
    {"an id comes before a file name", {"2.jpg"}, NULL, "id", {2}, 0, 0, NULL, true},
    {"paths where there are ids", {"dog/1.jpg"}, NULL, "path", {1}, 0, 0, NULL, true},
    {"without ids the path is the id", {"dog/1.jpg"}, NULL, "id", {1}, 0, 0, NULL, false},
    {"dots and slashes",
     {"./dog//2.jpg", "cat/../dog/1.jpg"},
     NULL,
     "path",
     {2, 1},
     0,
     0,
     NULL,
     false},
    {"below a folder", {"1.jpg", "2.jpg"}, "dog", "path", {1, 2}, 0, 0, NULL, false},
    {"out of a folder", {"../cat/1.jpg"}, "dog", "path", {0}, 0, 0, NULL, false},
    {"relative to where one works", {"photos/dog/2.jpg"}, NULL, "path", {2}, 0, 0, NULL, false},
    {"relative to the table", {"../photos/cat/1.jpg"}, NULL, "path", {0}, 0, 0, NULL, false},
    {"file names",
     {"2.jpg", "x/2.jpg"},
     NULL,
     "file name",
     {2, NO},
     0,
     1,
     "an earlier row is of the same sample as 'x/2.jpg'",
     false},
    {"a file name that two have",
     {"1.jpg", "2.jpg"},
     NULL,
     "file name",
     {NO, 2},
     1,
     0,
     "more than one sample has the file name of '1.jpg'",
     false},
    {"one way for a table",
     {"cat/1.jpg", "2.jpg"},
     NULL,
     "id",
     {0, NO},
     1,
     0,
     "no sample is called '2.jpg'",
     false},
    {"doubles",
     {"cat/1.jpg", "cat/1.jpg", "cat/1.jpg"},
     NULL,
     "id",
     {0, NO, NO},
     0,
     2,
     "an earlier row is of the same sample as 'cat/1.jpg'",
     false},
    {"out of the root",
     {"../../../../../../../../../../cat/1.jpg"},
     NULL,
     "file name",
     {NO},
     1,
     0,
     NULL,
     false},
    {"empty", {""}, NULL, "file name", {NO}, 1, 0, NULL, false},
};

/* A join of a case, and what it looks at. */
typedef struct bench {
    texts key, path, id;
    image_list images;
    join_request request;
} bench;

static void bench_init(bench *b, const join_case *c)
{
    static char root[4000];
    snprintf(root, sizeof root, "%s/photos", here);
    put_texts(&b->key, c->key);
    put_texts(&b->path, paths);
    put_texts(&b->id, ids);
    b->images = (image_list){.root = root, .count = b->path.count, .path = b->path.column};
    if (c->with_ids)
        b->images.id = b->id.column;
    b->request = (join_request){.images = &b->images,
                                .key = &b->key.column,
                                .row_count = b->key.count,
                                .table = "tables/t.csv",
                                .folder = c->folder};
}

static void rows_find_their_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const join_case *c = &cases[i];
        bench b;
        bench_init(&b, c);
        joined j;
        assert_int_equal(join_rows(&b.request, &j, NULL), ASSAY_OK);
        bool same = !strcmp(j.by, c->by) && j.unmatched.count == c->unmatched &&
                    j.doubled.count == c->doubled;
        for (size_t row = 0; row < b.key.count; row++)
            same &= j.sample[row] == c->sample[row];
        const bad_rows *bad = c->unmatched ? &j.unmatched : &j.doubled;
        same &= !c->first || !strcmp(bad->first[0].what, c->first);
        if (!same)
            fail_msg("%s: by %s, row 0 is %u, %llu unmatched, %llu doubles: %s", c->name, j.by,
                     j.sample[0], (unsigned long long)j.unmatched.count,
                     (unsigned long long)j.doubled.count, bad->first[0].what);
        joined_clear(&j);
    }
}

static void absolute_paths_lie_below_the_root(void **state)
{
    (void)state;
    char inside[4000];
    char beside[4000];
    snprintf(inside, sizeof inside, "%s/photos/./dog/2.jpg", here);
    snprintf(beside, sizeof beside, "%s/photos2/dog/1.jpg", here);
    assert_true(strlen(inside) + strlen(beside) < 600);
    const join_case c = {.key = {inside, beside}};
    bench b;
    bench_init(&b, &c);
    joined j;
    assert_int_equal(join_rows(&b.request, &j, NULL), ASSAY_OK);
    assert_string_equal(j.by, "path");
    assert_int_equal(j.sample[0], 2);
    assert_int_equal(j.sample[1], SAMPLE_NONE);
    joined_clear(&j);
}

static void each_allocation_of_a_join_may_fail(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, &(const join_case){.key = {"2.jpg"}});
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        joined j;
        assay_err err;
        mem_fail_after(n);
        const assay_code code = join_rows(&b.request, &j, &err);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            assert_true(n > 5);
            joined_clear(&j);
            break;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_null(j.sample);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(mem_live(), live);
}

static void a_join_ends_when_it_is_told_to(void **state)
{
    (void)state;
    bench b;
    bench_init(&b, &(const join_case){.key = {"2.jpg"}});
    atomic_bool stop = true;
    b.request.progress = &(progress){.stop = &stop};
    const size_t live = mem_live();
    joined j;
    assay_err err;
    assert_int_equal(join_rows(&b.request, &j, &err), ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "interrupted");
    assert_null(j.sample);
    assert_int_equal(mem_live(), live);
    stop = false;
    assert_int_equal(join_rows(&b.request, &j, NULL), ASSAY_OK);
    joined_clear(&j);
}

static int make_folder(void **state)
{
    if (listed_make_folder(state) || !getcwd(here, sizeof here))
        return -1;
    listed_touch("tables/t.csv", "photos/cat/1.jpg", NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_find_their_samples),
        cmocka_unit_test(absolute_paths_lie_below_the_root),
        cmocka_unit_test(each_allocation_of_a_join_may_fail),
        cmocka_unit_test(a_join_ends_when_it_is_told_to),
    };
    return cmocka_run_group_tests(tests, make_folder, listed_drop_folder);
}
