/* What was sent is there to the last byte, or is not there; and nothing stays behind. */
#include "server/uploads.h"
#include "support/listed.h"

#include "base/mem.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static uploads *opened_for(double idle_seconds)
{
    const uploads_options options = {.project = "pets.assay", .idle_seconds = idle_seconds};
    uploads *u;
    mkdir("pets.assay", 0777);
    assert_int_equal(uploads_new(&options, &u, NULL), ASSAY_OK);
    return u;
}

static uploads *opened(void)
{
    return opened_for(0.0);
}

static upload_state announced(uploads *u, const char *name, uint64_t bytes)
{
    upload_state s;
    assay_err err = {0};
    if (uploads_open(u, name, bytes, &s, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    return s;
}

static assay_code put(uploads *u, uint64_t number, uint64_t from, const char *words, assay_err *err)
{
    upload_state s;
    const upload_piece piece = {from, words, strlen(words)};
    return uploads_write(u, number, &piece, &s, err);
}

static upload_state sent(uploads *u, const char *name, const char *words)
{
    upload_state s = announced(u, name, strlen(words));
    assert_int_equal(put(u, s.number, 0, words, NULL), ASSAY_OK);
    assert_int_equal(uploads_look(u, s.number, &s, NULL), ASSAY_OK);
    assert_int_equal(s.received, s.bytes);
    return s;
}

static size_t entries(const char *folder)
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return count;
}

static void expect_file(const char *folder, const char *name, const char *words)
{
    char path[PATH_MAX + 300], there[256] = "";
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    there[fread(there, 1, sizeof there - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(there, words);
}

static void names_are_plain_and_of_tables(void **state)
{
    (void)state;
    static const char *const fine[] = {
        "resnet.csv",      "a.TSV",    "a.tab", "x.y.json", "a.jsonl",   "a.ndjson",
        "a.jsonlines",     "a.csv.gz", "a.PQ",  ".csv",     "-rf.csv",   "a b.parquet",
        "caf\xc3\xa9.npy", "a\\b.csv", "..csv", "%2e.csv",  "a.json.GZ",
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        if (upload_check_name(fine[i], NULL) != ASSAY_OK)
            fail_msg("%s is refused", fine[i]);
    }
    char long_one[UPLOAD_NAME_BYTES_MOST + 2];
    memset(long_one, 'a', sizeof long_one);
    memcpy(long_one + sizeof long_one - 5, ".csv", 5);
    assert_int_equal(upload_check_name(long_one, NULL), ASSAY_E_USAGE);
    assert_int_equal(upload_check_name(long_one + 1, NULL), ASSAY_OK);
    static const struct {
        const char *name, *words;
    } bad[] = {
        {"", "a file's name has 1 to 200 bytes of UTF-8"},
        {"\xff.csv", "a file's name has 1 to 200 bytes of UTF-8"},
        {"../x.csv", "'../x.csv' is no plain file's name: it is sent without a folder and without "
                     "control characters"},
        {"a/b.csv", "'a/b.csv' is no plain file's name: it is sent without a folder and without "
                    "control characters"},
        {"..", "'..' is no plain file's name: it is sent without a folder and without control "
               "characters"},
        {"x.exe", "'x.exe' is called as no table: expected .csv, .tsv, .json, .jsonl (or one of "
                  "these with .gz), .parquet or .npy"},
        {"csv", "'csv' is called as no table: expected .csv, .tsv, .json, .jsonl (or one of these "
                "with .gz), .parquet or .npy"},
    };
    assay_err err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(upload_check_name(bad[i].name, &err), ASSAY_E_USAGE);
        assert_string_equal(err.msg, bad[i].words);
    }
    static const char *const others[] = {".",         "a\n.csv", "a\x7f.csv",    "a\xc2\x85.csv",
                                         "a.npy.gz",  "a.pq.gz", "a.parquet.gz", "a.gz",
                                         "a.csv.zip", "a.npz",   "a.csvx",       "a.csv/"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (upload_check_name(others[i], NULL) != ASSAY_E_USAGE)
            fail_msg("%s is taken", others[i]);
    }
}

static void pieces_follow_each_other_and_nothing_else_is_taken(void **state)
{
    (void)state;
    uploads *u = opened();
    assert_int_equal(access("pets.assay/incoming", F_OK), -1); /* until something comes */
    upload_state s = announced(u, "a.csv", 10);
    assert_int_equal(s.number, 1);
    assert_int_equal(s.received, 0);
    assay_err err;
    assert_int_equal(put(u, 1, 0, "abcd", NULL), ASSAY_OK);
    assert_int_equal(put(u, 1, 0, "abcd", &err), ASSAY_E_CONFLICT);
    assert_string_equal(err.msg,
                        "a.csv: 4 of 10 bytes are here; the next piece begins there, not at 0");
    assert_int_equal(put(u, 1, 5, "f", &err), ASSAY_E_CONFLICT);
    assert_int_equal(put(u, 1, UINT64_MAX, "f", &err), ASSAY_E_CONFLICT);
    assert_int_equal(put(u, 1, 4, "", &err), ASSAY_E_USAGE);
    assert_string_equal(err.msg, "a.csv: a piece has at least one byte");
    assert_int_equal(put(u, 1, 4, "efghijk", &err), ASSAY_E_USAGE);
    assert_string_equal(err.msg,
                        "a.csv: was announced with 10 bytes, and the piece from 4 on has 7");
    assert_int_equal(put(u, 2, 0, "x", &err), ASSAY_E_NOT_FOUND);
    assert_int_equal(put(u, 0, 0, "x", &err), ASSAY_E_NOT_FOUND);
    uploads_taken t;
    assert_int_equal(uploads_take(u, 1, 0, &t, &err), ASSAY_E_CONFLICT);
    assert_string_equal(err.msg, "a.csv: only 4 of 10 bytes are here; send the rest first");
    assert_int_equal(put(u, 1, 4, "efghij", NULL), ASSAY_OK);
    assert_int_equal(put(u, 1, 10, "k", &err), ASSAY_E_USAGE);
    assert_int_equal(uploads_take(u, 1, 0, &t, NULL), ASSAY_OK);
    assert_int_equal(t.folder[0], '/');
    assert_string_equal(t.table_name, "a.csv");
    assert_string_equal(t.other_name, "");
    expect_file(t.folder, "a.csv", "abcdefghij");
    struct stat info;
    assert_int_equal(stat(t.folder, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    uploads_free(u);
    assert_int_equal(access("pets.assay/incoming", F_OK), -1);
}

static void sizes_and_numbers_have_their_limits(void **state)
{
    (void)state;
    uploads *u = opened();
    upload_state s;
    assay_err err;
    assert_int_equal(uploads_open(u, "a.csv", 0, &s, &err), ASSAY_E_USAGE);
    assert_string_equal(err.msg, "a.csv: is empty");
    assert_int_equal(uploads_open(u, "a.csv", UPLOAD_BYTES_MOST + 1, &s, &err), ASSAY_E_LIMIT);
    assert_string_equal(err.msg, "a.csv: has 8589934593 bytes; a browser may send 8589934592 at "
                                 "most, and assay add takes any");
    assert_int_equal(uploads_open(u, "a.exe", 1, &s, &err), ASSAY_E_USAGE);
    for (int i = 0; i < UPLOADS_MOST; i++)
        announced(u, "same.csv", 1);
    assert_int_equal(uploads_open(u, "e.csv", 1, &s, &err), ASSAY_E_CONFLICT);
    assert_string_equal(err.msg, "4 files are being sent already; add them, or give one up");
    upload_state open[UPLOADS_MOST];
    assert_int_equal(uploads_list(u, open), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(open[i].number, i + 1);
    assert_int_equal(uploads_drop(u, 2, &s, NULL), ASSAY_OK);
    assert_string_equal(s.name, "same.csv");
    assert_int_equal(uploads_drop(u, 2, &s, &err), ASSAY_E_NOT_FOUND);
    assert_string_equal(err.msg, "there is no file 2 that was sent: it was added, given up, or "
                                 "nothing came for an hour");
    assert_int_equal(uploads_look(u, 2, &s, NULL), ASSAY_E_NOT_FOUND);
    assert_int_equal(announced(u, "e.csv", 1).number, 5);
    assert_int_equal(uploads_list(u, open), 4);
    assert_int_equal(open[1].number, 3);
    assert_int_equal(open[3].number, 5);
    uploads_free(u);
}

static void a_job_has_its_files_until_it_ends_or_could_not_begin(void **state)
{
    (void)state;
    uploads *u = opened();
    sent(u, "names.csv", "path\n");
    sent(u, "vit.npy", "numbers");
    sent(u, "names.csv", "again");
    uploads_taken t;
    assay_err err;
    assert_int_equal(uploads_take(u, 1, 1, &t, &err), ASSAY_E_USAGE);
    assert_string_equal(err.msg, "'table' and 'probabilities' are one file: 1");
    assert_int_equal(uploads_take(u, 1, 3, &t, &err), ASSAY_E_USAGE);
    assert_string_equal(err.msg, "both files are called 'names.csv', and messages would not tell "
                                 "them apart; rename one");
    assert_int_equal(uploads_take(u, 1, 9, &t, &err), ASSAY_E_NOT_FOUND);
    for (int i = 0; i < 2; i++) {
        upload_state s;
        assert_int_equal(uploads_take(u, 1, 2, &t, NULL), ASSAY_OK);
        expect_file(t.folder, "names.csv", "path\n");
        expect_file(t.folder, "vit.npy", "numbers");
        assert_int_equal(uploads_look(u, 1, &s, NULL), ASSAY_E_NOT_FOUND);
        assert_int_equal(uploads_drop(u, 2, &s, NULL), ASSAY_E_NOT_FOUND);
        uploads_taken again;
        assert_int_equal(uploads_take(u, 2, 0, &again, NULL), ASSAY_E_NOT_FOUND);
        uploads_give_back(u, (const uint64_t[2]){1, 2});
        assert_int_equal(uploads_look(u, 2, &s, NULL), ASSAY_OK);
    }
    /* An array alone is in its own folder again. */
    assert_int_equal(uploads_take(u, 0, 2, &t, NULL), ASSAY_OK);
    expect_file(t.folder, "vit.npy", "numbers");
    assert_string_equal(t.table_name, "");
    uploads_finish(u, (const uint64_t[2]){0, 2});
    assert_int_equal(access(t.folder, F_OK), -1);
    /* Those of a job keep their places, for they may come back. */
    assert_int_equal(uploads_take(u, 1, 0, &t, NULL), ASSAY_OK);
    upload_state open[UPLOADS_MOST], s;
    assert_int_equal(uploads_list(u, open), 1);
    for (int i = 0; i < 2; i++)
        announced(u, "x.csv", 1);
    assert_int_equal(uploads_open(u, "x.csv", 1, &s, NULL), ASSAY_E_CONFLICT);
    uploads_give_back(u, (const uint64_t[2]){1, 0});
    assert_int_equal(uploads_list(u, open), 4);
    assert_int_equal(open[0].received, 5);
    assert_int_equal(uploads_take(u, 1, 0, &t, NULL), ASSAY_OK);
    uploads_finish(u, (const uint64_t[2]){1, 0});
    assert_int_equal(uploads_list(u, open), 3);
    announced(u, "x.csv", 1);
    uploads_free(u);
    assert_int_equal(entries("pets.assay"), 0);
}

static void what_nothing_comes_to_is_forgotten(void **state)
{
    (void)state;
    /* Long enough for a machine that is busy to keep to. */
    uploads *u = opened_for(1.0);
    upload_state s = announced(u, "a.csv", 4);
    uploads_taken t;
    sent(u, "b.csv", "abc");
    assert_int_equal(uploads_take(u, 2, 0, &t, NULL), ASSAY_OK);
    usleep(600000);
    assert_int_equal(put(u, 1, 0, "a", NULL), ASSAY_OK);
    usleep(600000);
    uploads_tidy(u);
    assert_int_equal(uploads_look(u, s.number, &s, NULL), ASSAY_OK);
    usleep(1600000);
    uploads_tidy(u);
    /* Not what a job reads. */
    expect_file(t.folder, "b.csv", "abc");
    *strrchr(t.folder, '/') = '\0';
    assert_int_equal(entries(t.folder), 1);
    assert_int_equal(uploads_look(u, s.number, &s, NULL), ASSAY_E_NOT_FOUND);
    uploads_free(u);
}

static void what_a_killed_server_left_goes_and_what_another_has_stays(void **state)
{
    (void)state;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        sent(opened(), "left.csv", "left");
        _exit(0); /* as if killed: nothing is tidied */
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(entries("pets.assay/incoming"), 1);
    /* What is not ours stays, and no link is followed. */
    listed_put("elsewhere/7/kept.csv", "x", 1);
    listed_put("pets.assay/incoming/notes/kept.csv", "x", 1);
    listed_put("pets.assay/incoming/12-a", "x", 1);
    assert_int_equal(symlink("../../elsewhere", "pets.assay/incoming/5-0"), 0);
    uploads *first = opened();
    assert_int_equal(entries("pets.assay/incoming"), 3);
    sent(first, "a.csv", "one");
    uploads *second = opened();
    sent(second, "a.csv", "two");
    uploads_taken t;
    assert_int_equal(uploads_take(first, 1, 0, &t, NULL), ASSAY_OK);
    expect_file(t.folder, "a.csv", "one");
    uploads_free(second);
    expect_file(t.folder, "a.csv", "one");
    uploads_free(first);
    assert_int_equal(entries("pets.assay/incoming"), 3);
    expect_file("elsewhere/7", "kept.csv", "x");
    listed_remove("pets.assay/incoming");
    /* A folder that leads elsewhere is not entered at all. */
    listed_put("elsewhere/9-0/1/kept.csv", "x", 1);
    assert_int_equal(symlink("../elsewhere", "pets.assay/incoming"), 0);
    uploads *third = opened();
    expect_file("elsewhere/9-0/1", "kept.csv", "x");
    upload_state s;
    assay_err err;
    assert_int_equal(uploads_open(third, "a.csv", 1, &s, &err), ASSAY_E_IO);
    assert_string_equal(err.msg, "pets.assay: cannot take files: Not a directory");
    uploads_free(third);
    expect_file("elsewhere/9-0/1", "kept.csv", "x");
    unlink("pets.assay/incoming");
}

static void a_project_that_was_made_anew_takes_files_again(void **state)
{
    (void)state;
    uploads *u = opened();
    sent(u, "a.csv", "abc");
    listed_remove("pets.assay");
    mkdir("pets.assay", 0777);
    sent(u, "b.csv", "abc");
    upload_state open[UPLOADS_MOST];
    assert_int_equal(uploads_list(u, open), 1);
    assert_string_equal(open[0].name, "b.csv");
    uploads_free(u);
}

/* Words that say so, and the number is nobody's any more. */
static void expect_gone(uploads *u, uint64_t number, assay_code code, const assay_err *err)
{
    upload_state s;
    assert_int_equal(code, ASSAY_E_NOT_FOUND);
    assert_string_equal(err->msg,
                        "a.csv: what was sent of it is gone, for somebody removed it from "
                        "the project's folder; send it again");
    assert_int_equal(uploads_drop(u, number, &s, NULL), ASSAY_E_NOT_FOUND);
}

static void what_somebody_removed_is_told_and_never_taken_for_sent(void **state)
{
    (void)state;
    uploads *u = opened();
    upload_state s = announced(u, "a.csv", 4);
    uploads_taken t;
    assay_err err;
    assert_int_equal(put(u, s.number, 0, "ab", NULL), ASSAY_OK);
    listed_remove("pets.assay/incoming");
    expect_gone(u, s.number, put(u, s.number, 2, "cd", &err), &err);
    /* Others take the place of what is gone. */
    s = sent(u, "a.csv", "abcd");
    listed_remove("pets.assay/incoming");
    expect_gone(u, s.number, uploads_take(u, s.number, 0, &t, &err), &err);
    s = sent(u, "a.csv", "abcd");
    listed_remove("pets.assay/incoming");
    expect_gone(u, s.number, uploads_look(u, s.number, &s, &err), &err);
    /* Removed while a job had it. */
    s = sent(u, "a.csv", "abcd");
    const uint64_t array = sent(u, "b.npy", "abcd").number;
    assert_int_equal(uploads_take(u, s.number, array, &t, NULL), ASSAY_OK);
    char path[PATH_MAX + 300];
    snprintf(path, sizeof path, "%s/b.npy", t.folder);
    assert_int_equal(unlink(path), 0);
    uploads_give_back(u, (const uint64_t[2]){s.number, array});
    upload_state open[UPLOADS_MOST];
    assert_int_equal(uploads_list(u, open), 1);
    assert_string_equal(open[0].name, "a.csv");
    assert_int_equal(uploads_take(u, s.number, 0, &t, NULL), ASSAY_OK);
    expect_file(t.folder, "a.csv", "abcd");
    uploads_free(u);
}

/* What cannot be seen for a moment is not gone: here another folder's name stands in the way. */
static void only_what_is_not_there_is_gone(void **state)
{
    (void)state;
    uploads *u = opened();
    sent(u, "a.csv", "abc");
    assert_int_equal(rename("pets.assay", "away.assay"), 0);
    listed_put("pets.assay", "x", 1);
    upload_state s, open[UPLOADS_MOST];
    (void)!uploads_open(u, "b.csv", 1, &s, NULL);
    unlink("pets.assay");
    assert_int_equal(rename("away.assay", "pets.assay"), 0);
    uploads_taken t;
    assert_true(uploads_list(u, open) >= 1);
    assert_int_equal(uploads_take(u, 1, 0, &t, NULL), ASSAY_OK);
    expect_file(t.folder, "a.csv", "abc");
    uploads_free(u);
}

static void a_full_disk_is_told_and_the_piece_may_come_again(void **state)
{
    (void)state;
    uploads *u = opened();
    upload_state s = announced(u, "a.csv", 30);
    assert_int_equal(put(u, s.number, 0, "0123456789", NULL), ASSAY_OK);
    struct rlimit limit, before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){.rlim_cur = 15, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assay_err err;
    const assay_code code = put(u, s.number, 10, "abcdefghij", &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(code, ASSAY_E_LIMIT);
    assert_string_equal(err.msg, "a.csv: is larger than the system lets this server write");
    assert_int_equal(uploads_look(u, s.number, &s, NULL), ASSAY_OK);
    assert_int_equal(s.received, 10);
    assert_int_equal(put(u, s.number, 10, "ABCDEFGHIJabcdefghij", NULL), ASSAY_OK);
    uploads_taken t;
    assert_int_equal(uploads_take(u, s.number, 0, &t, NULL), ASSAY_OK);
    expect_file(t.folder, "a.csv", "0123456789ABCDEFGHIJabcdefghij");
    uploads_free(u);
}

/* One of several that send the same file at once: each piece is taken from one of them. */
enum { SENDERS = 4, PIECES = 200 };
static atomic_int taken_pieces;

static void *send_all(void *argument)
{
    uploads *u = argument;
    for (uint64_t i = 0; i < PIECES; i++) {
        const char at[1] = {(char)('a' + i % 26)};
        const upload_piece piece = {i, at, 1};
        upload_state s;
        const assay_code code = uploads_write(u, 1, &piece, &s, NULL);
        if (code == ASSAY_OK)
            taken_pieces++;
        else
            i -= uploads_look(u, 1, &s, NULL) == ASSAY_OK && s.received < i;
    }
    return NULL;
}

static void of_several_senders_each_byte_is_taken_once(void **state)
{
    (void)state;
    uploads *u = opened();
    announced(u, "a.csv", PIECES);
    taken_pieces = 0;
    pthread_t thread[SENDERS];
    for (size_t i = 0; i < SENDERS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, send_all, u), 0);
    for (size_t i = 0; i < SENDERS; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(taken_pieces, PIECES);
    char expected[PIECES + 1] = "";
    for (size_t i = 0; i < PIECES; i++)
        expected[i] = (char)('a' + i % 26);
    uploads_taken t;
    assert_int_equal(uploads_take(u, 1, 0, &t, NULL), ASSAY_OK);
    expect_file(t.folder, "a.csv", expected);
    uploads_free(u);
}

static void without_memory_there_are_none(void **state)
{
    (void)state;
    const uploads_options options = {.project = "pets.assay"};
    uploads *u;
    mem_fail_after(0);
    const assay_code code = uploads_new(&options, &u, NULL);
    mem_fail_after(UINT64_MAX);
    assert_int_equal(code, ASSAY_E_NOMEM);
    assert_null(u);
    uploads_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_plain_and_of_tables),
        cmocka_unit_test(pieces_follow_each_other_and_nothing_else_is_taken),
        cmocka_unit_test(sizes_and_numbers_have_their_limits),
        cmocka_unit_test(a_job_has_its_files_until_it_ends_or_could_not_begin),
        cmocka_unit_test(what_nothing_comes_to_is_forgotten),
        cmocka_unit_test(what_a_killed_server_left_goes_and_what_another_has_stays),
        cmocka_unit_test(a_project_that_was_made_anew_takes_files_again),
        cmocka_unit_test(what_somebody_removed_is_told_and_never_taken_for_sent),
        cmocka_unit_test(only_what_is_not_there_is_gone),
        cmocka_unit_test(a_full_disk_is_told_and_the_piece_may_come_again),
        cmocka_unit_test(of_several_senders_each_byte_is_taken_once),
        cmocka_unit_test(without_memory_there_are_none),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
