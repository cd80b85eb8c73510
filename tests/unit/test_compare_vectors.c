/* A comparison that is interrupted goes on to the same bits, and never from what is not its own. */
#include "project/compare_vectors.h"

#include "base/mem.h"
#include "base/rng.h"
#include "store/project_search.h"
#include "support/listed.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Four blocks, ten pairs of them. */
enum { ROWS = 7000, COLUMNS = 5, PAIRS = 10 };

static float rows[ROWS * COLUMNS];
static const knn_vectors vectors = {rows, ROWS, COLUMNS};
static knn_lists expected;
static project_writer *writer;
static char search_file[4096];

static char said[8][2000];
static size_t said_count;

static void hear(const char *message)
{
    if (said_count < 8)
        snprintf(said[said_count++], sizeof said[0], "%s", message);
}

static atomic_bool stop_now;
static uint64_t first_shown, stop_at;

static void watch(void *context, const char *what, uint64_t done, uint64_t total)
{
    (void)context;
    assert_string_equal(what, "comparing");
    assert_int_equal(total, PAIRS);
    if (first_shown == UINT64_MAX)
        first_shown = done;
    if (done >= stop_at)
        atomic_store(&stop_now, true);
}

static const progress watched = {watch, NULL, &stop_now};

static compare_vectors_request fresh_request(uint64_t stop)
{
    said_count = 0;
    first_shown = UINT64_MAX;
    stop_at = stop;
    atomic_store(&stop_now, false);
    return (compare_vectors_request){.embedding = "my/eyes.2",
                                     .thread_count = 1,
                                     .progress = &watched,
                                     .tell = hear,
                                     .keep_from = ROWS};
}

static int make(void **state)
{
    if (listed_make_folder(state))
        return 1;
    rng r;
    rng_init(&r, 3, 0);
    for (size_t i = 0; i < (size_t)ROWS * COLUMNS; i++)
        rows[i] = (float)rng_normal(&r);
    const knn_options options = {.thread_count = 2};
    const project_access access = {.path = "p.assay", .command = "assay test", .thread_count = 1};
    assay_err err;
    assert_int_equal(knn_exact_all(&vectors, &options, &expected, &err), ASSAY_OK);
    assert_int_equal(project_writer_create(&access, &writer, &err), ASSAY_OK);
    assert_int_equal(project_writer_publish(writer, &err), ASSAY_OK);
    snprintf(search_file, sizeof search_file, "p.assay/embeddings/my_eyes_2.search");
    return 0;
}

static int drop(void **state)
{
    project_writer_close(writer);
    knn_lists_clear(&expected);
    return listed_drop_folder(state);
}

static bool is_kept(void)
{
    return access(search_file, F_OK) == 0;
}

static void interrupt_after(uint64_t pairs)
{
    const compare_vectors_request request = fresh_request(pairs);
    knn_lists lists;
    assay_err err;
    assert_int_equal(compare_vectors(writer, &vectors, &request, &lists, &err), ASSAY_E_CANCELLED);
    assert_null(lists.index);
    assert_true(is_kept());
    char message[200];
    snprintf(message, sizeof message,
             "interrupted after %llu0 %% of the comparison; what is done is kept, and the same "
             "command goes on from there",
             (unsigned long long)pairs);
    assert_string_equal(err.msg, message);
}

static void expect_lists(const compare_vectors_request *request)
{
    knn_lists lists;
    assay_err err = {0};
    if (compare_vectors(writer, &vectors, request, &lists, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    assert_int_equal(lists.k, expected.k);
    const size_t count = (size_t)ROWS * lists.k;
    assert_memory_equal(lists.index, expected.index, count * sizeof *lists.index);
    assert_memory_equal(lists.distance, expected.distance, count * sizeof *lists.distance);
    knn_lists_clear(&lists);
}

static void interrupted_it_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    interrupt_after(3);
    interrupt_after(7);
    assert_string_equal(said[0],
                        "my/eyes.2: going on with a comparison that was interrupted, 30 % done");
    const compare_vectors_request request = fresh_request(UINT64_MAX);
    expect_lists(&request);
    assert_int_equal(first_shown, 7);
    assert_string_equal(said[0],
                        "my/eyes.2: going on with a comparison that was interrupted, 70 % done");
    assert_int_equal(said_count, 2);
    static const char start[] = "my/eyes.2: comparing 7,000 samples with each other takes about ";
    static const char end[] = " more; interrupted, the same command goes on from there";
    assert_int_equal(strncmp(said[1], start, sizeof start - 1), 0);
    assert_non_null(strstr(said[1], end));
    assert_true(is_kept());
    project_search_remove(writer, "my/eyes.2");
    assert_false(is_kept());
}

static void it_is_kept_while_it_lasts(void **state)
{
    (void)state;
    compare_vectors_request request = fresh_request(UINT64_MAX);
    request.keep_seconds = 1e-9;
    expect_lists(&request);
    assert_true(is_kept());
    /* How much of it depends on how long keeping took. */
    static const char start[] = "my/eyes.2: going on with a comparison that was interrupted, ";
    request = fresh_request(UINT64_MAX);
    expect_lists(&request);
    assert_int_equal(strncmp(said[0], start, sizeof start - 1), 0);
    assert_true(first_shown > 0);
    project_search_remove(writer, "my/eyes.2");
}

static void few_samples_are_not_kept(void **state)
{
    (void)state;
    compare_vectors_request request = fresh_request(3);
    request.keep_from = 0;
    knn_lists lists;
    assay_err err;
    assert_int_equal(compare_vectors(writer, &vectors, &request, &lists, &err), ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "interrupted after comparing 3 of 10 pairs of blocks");
    assert_false(is_kept());
    assert_int_equal(said_count, 0);
}

/* Writes over a byte of the file, or cuts it off there. */
static void damage(long at, bool cut)
{
    if (cut) {
        assert_int_equal(truncate(search_file, at), 0);
        return;
    }
    FILE *const file = fopen(search_file, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    const int before = fgetc(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fputc(before ^ 8, file), before ^ 8);
    assert_int_equal(fclose(file), 0);
}

static void what_was_kept_is_never_trusted(void **state)
{
    (void)state;
    static const char is_other[] =
        "the stored search for neighbours is of other vectors or another k";
    static const char is_damaged[] = "the stored search for neighbours is damaged";
    static const struct {
        const char *name;
        long at;
        bool cut;
        const char *message;
    } cases[] = {
        {"empty", 0, true, "p.assay/embeddings/my_eyes_2.search: is empty"},
        {"shorter than its header", 20, true,
         "the stored search for neighbours has 20 bytes, this one takes 3248072"},
        {"cut", 100000, true,
         "the stored search for neighbours has 100000 bytes, this one takes 3248072"},
        {"longer", 3248073, true,
         "the stored search for neighbours has 3248073 bytes, this one takes 3248072"},
        {"another kind of file", 0, false, is_other},
        {"of other vectors", 40, false, is_other},
        {"another sum", 48, false, is_damaged},
        {"another pair done", 57, false, is_damaged},
        {"another neighbour", 2000000, false, is_damaged},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        interrupt_after(4);
        damage(cases[i].at, cases[i].cut);
        const compare_vectors_request request = fresh_request(1);
        knn_lists lists;
        assay_err err;
        assert_int_equal(compare_vectors(writer, &vectors, &request, &lists, &err),
                         ASSAY_E_CANCELLED);
        char message[300];
        snprintf(message, sizeof message, "my/eyes.2: comparing anew: %s", cases[i].message);
        assert_string_equal(said[0], message);
        assert_int_equal(first_shown, 0);
        project_search_remove(writer, "my/eyes.2");
    }
    interrupt_after(4);
    rows[17] += 1.0F;
    const compare_vectors_request request = fresh_request(UINT64_MAX);
    knn_lists lists;
    assert_int_equal(compare_vectors(writer, &vectors, &request, &lists, NULL), ASSAY_OK);
    rows[17] -= 1.0F;
    assert_int_equal(first_shown, 0);
    assert_false(is_kept());
    knn_lists_clear(&lists);
}

static void a_folder_in_its_place_is_told(void **state)
{
    (void)state;
    assert_int_equal(mkdir(search_file, 0777), 0);
    const compare_vectors_request request = fresh_request(2);
    knn_lists lists;
    assay_err err;
    assert_int_equal(compare_vectors(writer, &vectors, &request, &lists, &err), ASSAY_E_CANCELLED);
    assert_string_equal(said[0],
                        "my/eyes.2: comparing anew: "
                        "p.assay/embeddings/my_eyes_2.search: is a folder; expected a file");
    assert_string_equal(err.msg,
                        "interrupted after 20 % of the comparison, which cannot be kept: "
                        "p.assay/embeddings/my_eyes_2.search: exists and is no plain file");
    assert_int_equal(rmdir(search_file), 0);
}

static void a_full_disk_is_told_once_and_ends_nothing(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small = {1000000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    compare_vectors_request request = fresh_request(UINT64_MAX);
    request.keep_seconds = 1e-9;
    knn_lists lists;
    const assay_code code = compare_vectors(writer, &vectors, &request, &lists, NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(code, ASSAY_OK);
    knn_lists_clear(&lists);
    size_t told = 0;
    for (size_t i = 0; i < said_count; i++)
        told += strcmp(said[i], "my/eyes.2: the comparison cannot be kept while it lasts: "
                                "p.assay/embeddings/my_eyes_2.search: File too large") == 0;
    assert_int_equal(told, 1);
    assert_false(is_kept());
}

static void the_next_writer_removes_what_was_half_written(void **state)
{
    (void)state;
    interrupt_after(2);
    static const char *const files[] = {"p.assay/embeddings/my_eyes_2.search.17-0.part",
                                        "p.assay/embeddings/old.npy.part"};
    static const char *const others[] = {"p.assay/embeddings/notes.part",
                                         "p.assay/embeddings/my.search.part"};
    for (size_t i = 0; i < 2; i++) {
        listed_put(files[i], "x", 1);
        listed_put(others[i], "x", 1);
    }
    project_writer_tidy(writer);
    for (size_t i = 0; i < 2; i++) {
        assert_int_not_equal(access(files[i], F_OK), 0);
        assert_int_equal(access(others[i], F_OK), 0);
    }
    assert_true(is_kept());
    project_search_remove(writer, "my/eyes.2");
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    interrupt_after(9);
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code == ASSAY_E_NOMEM && n < 100; n++) {
        compare_vectors_request request = fresh_request(UINT64_MAX);
        request.tell = NULL;
        knn_lists lists;
        mem_fail_after(n);
        code = compare_vectors(writer, &vectors, &request, &lists, NULL);
        mem_fail_after(UINT64_MAX);
        assert_int_equal(lists.index == NULL, code != ASSAY_OK);
        knn_lists_clear(&lists);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
    assert_true(n > 8);
    project_search_remove(writer, "my/eyes.2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupted_it_goes_on_to_the_same_bits),
        cmocka_unit_test(it_is_kept_while_it_lasts),
        cmocka_unit_test(few_samples_are_not_kept),
        cmocka_unit_test(what_was_kept_is_never_trusted),
        cmocka_unit_test(a_folder_in_its_place_is_told),
        cmocka_unit_test(a_full_disk_is_told_once_and_ends_nothing),
        cmocka_unit_test(the_next_writer_removes_what_was_half_written),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
