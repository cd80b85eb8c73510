/* Files in pieces, and the jobs that add them, as the page asks for them. With --json, print
 * replies for the test of the schema. */
#include "server/jobs.h"
#include "server/uploads.h"
#include "support/asked.h"
#include "support/listed.h"
#include "support/served.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uploads *sent;
static jobs *working;
static char program[256];

/* The program that jobs are: it says what it was called with, and what lies in its folder. */
static void make_parts(void)
{
    char *here = getcwd(NULL, 0);
    assert_non_null(here);
    snprintf(program, sizeof program, "%.200s/program", here);
    free(here);
    static const char script[] = "#!/bin/sh\nfor word; do echo \"<$word>\"; done\n"
                                 "for file in *; do echo \"$file: $(cat -- \"$file\")\"; done\n";
    listed_put(program, script, sizeof script - 1);
    chmod(program, 0700);
    const uploads_options taking = {.project = "served.assay"};
    assert_int_equal(uploads_new(&taking, &sent, NULL), ASSAY_OK);
    const jobs_options options = {.project = "served.assay", .program = program, .uploads = sent};
    assert_int_equal(jobs_new(&options, &working, NULL), ASSAY_OK);
}

static void free_parts(void)
{
    jobs_free(working);
    uploads_free(sent);
}

static asked with_parts(const asked *a)
{
    asked out = *a;
    out.jobs = working;
    out.uploads = sent;
    return out;
}

static json_t *answer(const asked *a)
{
    const asked all = with_parts(a);
    return asked_answer(served, &all);
}

static void refused(const asked *a, assay_code code, const char *message)
{
    const asked all = with_parts(a);
    asked_refusal(served, &all, code, message);
}

/* A file that was sent; its number. */
static uint64_t send_file(const char *name, const char *words)
{
    char body[256];
    snprintf(body, sizeof body, "{\"name\": \"%s\", \"bytes\": %zu}", name, strlen(words));
    json_t *told = answer(&(asked){.handle = handle_uploads_open, .body = body});
    const uint64_t number = (uint64_t)asked_count(told, "upload");
    json_decref(told);
    told = answer(&(asked){
        .handle = handle_upload_piece, .number = number, .query = "from=0", .bytes = words});
    assert_int_equal(asked_count(told, "received"), strlen(words));
    json_decref(told);
    return number;
}

static void drop_file(uint64_t number)
{
    json_decref(answer(&(asked){.handle = handle_upload_drop, .number = number, .body = "{}"}));
}

static void a_file_comes_in_pieces(void **state)
{
    (void)state;
    json_t *told = answer(
        &(asked){.handle = handle_uploads_open, .body = "{\"name\": \"a b.csv\", \"bytes\": 6}"});
    const uint64_t number = (uint64_t)asked_count(told, "upload");
    assert_string_equal(asked_word(told, "name"), "a b.csv");
    assert_int_equal(asked_count(told, "bytes"), 6);
    assert_int_equal(asked_count(told, "received"), 0);
    json_decref(told);
    asked piece = {
        .handle = handle_upload_piece, .number = number, .query = "from=0", .bytes = "abcd"};
    told = answer(&piece);
    assert_int_equal(asked_count(told, "received"), 4);
    json_decref(told);
    refused(&piece, ASSAY_E_CONFLICT,
            "a b.csv: 4 of 6 bytes are here; the next piece begins there, not at 0");
    piece.query = "from=4";
    refused(&piece, ASSAY_E_USAGE,
            "a b.csv: was announced with 6 bytes, and the piece from 4 on has 4");
    piece.bytes = NULL;
    refused(&piece, ASSAY_E_USAGE, "a b.csv: a piece has at least one byte");
    piece.query = NULL;
    refused(&piece, ASSAY_E_USAGE, "the address does not say where the piece begins: ?from=0");
    piece.query = "from=-1";
    refused(&piece, ASSAY_E_USAGE, "from is '-1'; use a whole number from 0 to 8589934592");
    told = answer(&(asked){.handle = handle_uploads});
    assert_int_equal(json_array_size(asked_in(told, "uploads")), 1);
    json_decref(told);
    told = answer(&(asked){.handle = handle_upload, .number = number});
    assert_int_equal(asked_count(told, "received"), 4);
    json_decref(told);
    drop_file(number);
    refused(
        &(asked){.handle = handle_upload, .number = 1}, ASSAY_E_NOT_FOUND,
        "there is no file 1 that was sent: it was added, given up, or nothing came for an hour");
}

static void what_is_no_announcement_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *body, *message;
    } cases[] = {
        {"{}", "'name' is not a file's name"},
        {"{\"name\": 7, \"bytes\": 1}", "'name' is not a file's name"},
        {"{\"name\": \"a.csv\"}", "'bytes' is not how many bytes the file has"},
        {"{\"name\": \"a.csv\", \"bytes\": -1}", "'bytes' is not how many bytes the file has"},
        {"{\"name\": \"a.csv\", \"bytes\": 1.5}", "'bytes' is not how many bytes the file has"},
        {"{\"name\": \"a.csv\", \"bytes\": 0}", "a.csv: is empty"},
        {"{\"name\": \"a.csv\", \"bytes\": 1, \"path\": \"/\"}", "the body has no 'path'"},
        {"{\"name\": \"/etc/a.csv\", \"bytes\": 1}",
         "'/etc/a.csv' is no plain file's name: it is sent without a folder and without control "
         "characters"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused(&(asked){.handle = handle_uploads_open, .body = cases[i].body}, ASSAY_E_USAGE,
                cases[i].message);
    refused(&(asked){.handle = handle_upload_drop, .number = 1, .body = "{\"a\": 1}"},
            ASSAY_E_USAGE, "the body has no 'a'");
}

/* Begins a job and waits for its end; the Jobs. */
static json_t *run(const char *body)
{
    json_decref(answer(&(asked){.handle = handle_jobs_start, .body = body}));
    for (int i = 0; jobs_running(working) && i < 1000; i++)
        usleep(10000);
    return answer(&(asked){.handle = handle_jobs});
}

/* The project's path is written as PROJECT. */
static void expect_job(const char *body, const char *command, const char *file, const char *message)
{
    json_t *told = run(body);
    const json_t *one = json_array_get(asked_in(told, "jobs"), 0);
    assert_string_equal(asked_word(one, "command"), command);
    assert_string_equal(asked_word(one, "state"), "done");
    assert_string_equal(asked_word(one, "file"), file);
    char *project = realpath("served.assay", NULL);
    const char *words = asked_word(one, "message"), *at = strstr(words, project);
    assert_non_null(at);
    char plain[2048];
    snprintf(plain, sizeof plain, "%.*sPROJECT%s", (int)(at - words), words, at + strlen(project));
    assert_string_equal(plain, message);
    free(project);
    json_decref(told);
}

static void a_job_is_the_command_with_the_files_in_its_folder(void **state)
{
    (void)state;
    char body[512];
    const uint64_t table = send_file("-rf.csv", "path"), array = send_file("vit.npy", "numbers");
    snprintf(
        body, sizeof body,
        "{\"command\": \"add predictions\", \"table\": %d, \"probabilities\": %d, \"logits\": "
        "true, \"rows_in_order\": false, \"model\": \"--help\", \"columns\": {\"id\": \"a b\", "
        "\"label\": \"l\", \"prediction\": \"p\", \"confidence\": \"c\"}, \"classes\": "
        "[\"cat\", \"hen house\"], \"allow\": [\"unmatched\", \"nan\", \"any-sum\", "
        "\"unknown-classes\"]}",
        (int)table, (int)array);
    expect_job(body, "add predictions", "-rf.csv",
               "<add>\n<predictions>\n<--progress-fd>\n<3>\n<--logits>\n<--model=--help>\n"
               "<--classes=cat,hen house>\n<--id=a b>\n<--label=l>\n<--prediction=p>\n"
               "<--confidence=c>\n<--allow-unmatched>\n<--allow-nan>\n<--allow-any-sum>\n"
               "<--allow-unknown-classes>\n<--probabilities=vit.npy>\n<-->\n<PROJECT>\n<-rf.csv>\n"
               "-rf.csv: path\nvit.npy: numbers\n");
    /* They are gone with it. */
    json_t *told = answer(&(asked){.handle = handle_uploads});
    assert_int_equal(json_array_size(asked_in(told, "uploads")), 0);
    json_decref(told);
    snprintf(body, sizeof body,
             "{\"command\": \"add predictions\", \"probabilities\": %d, \"rows_in_order\": true}",
             (int)send_file("vit.npy", "numbers"));
    expect_job(body, "add predictions", "vit.npy",
               "<add>\n<predictions>\n<--progress-fd>\n<3>\n<--rows-in-order>\n"
               "<--probabilities=vit.npy>\n<-->\n<PROJECT>\nvit.npy: numbers\n");
    snprintf(body, sizeof body,
             "{\"command\": \"add metrics\", \"table\": %d, \"columns\": {\"id\": \"x\"}, "
             "\"allow\": [\"unmatched\"]}",
             (int)send_file("w.csv", "x"));
    expect_job(
        body, "add metrics", "w.csv",
        "<add>\n<metrics>\n<--progress-fd>\n<3>\n<--id=x>\n<--allow-unmatched>\n<-->\n<PROJECT>\n"
        "<w.csv>\nw.csv: x\n");
    json_decref(run("{\"command\": \"measure\"}"));
}

static void jobs_that_make_no_sense_are_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *body, *message;
    } cases[] = {
        {"{}", "a job is {\"command\": \"measure\"}, or another command"},
        {"{\"command\": 7}", "a job is {\"command\": \"measure\"}, or another command"},
        {"{\"command\": \"sql\"}",
         "there is no job 'sql'; use measure, embed, add predictions, add "
         "labels or add metrics"},
        {"{\"command\": \"add root\"}", "there is no job 'add root'; use measure, embed, add "
                                        "predictions, add labels or add metrics"},
        {"{\"command\": \"measure\", \"table\": 1}", "measure takes no 'table'"},
        {"{\"command\": \"embed\", \"more\": 1}", "embed takes no 'more'"},
        {"{\"command\": \"add labels\"}",
         "add labels needs a 'table', the number of a file that was sent"},
        {"{\"command\": \"add labels\", \"table\": \"/etc/passwd\"}",
         "'table' is not the number of a file that was sent"},
        {"{\"command\": \"add labels\", \"table\": 0}",
         "'table' is not the number of a file that was sent"},
        {"{\"command\": \"add labels\", \"table\": 1, \"model\": \"x\"}",
         "add labels takes no 'model'"},
        {"{\"command\": \"add labels\", \"table\": 1, \"probabilities\": 2}",
         "add labels takes no 'probabilities'"},
        {"{\"command\": \"add labels\", \"table\": 1, \"allow\": [\"nan\"]}",
         "add labels has no 'nan' to allow"},
        {"{\"command\": \"add labels\", \"table\": 1, \"allow\": [\"unmatched\", \"unmatched\"]}",
         "'unmatched' is allowed twice"},
        {"{\"command\": \"add labels\", \"table\": 1, \"allow\": [1]}",
         "add labels has no '' to allow"},
        {"{\"command\": \"add labels\", \"table\": 1, \"allow\": \"nan\"}",
         "'allow' is not a list of rules"},
        {"{\"command\": \"add labels\", \"table\": 1, \"columns\": {\"prediction\": \"p\"}}",
         "add labels has no column 'prediction' to choose"},
        {"{\"command\": \"add labels\", \"table\": 1, \"columns\": {\"id\": \"\"}}",
         "'id' is not a text of 1 to 1024 bytes"},
        {"{\"command\": \"add labels\", \"table\": 1, \"columns\": [\"id\"]}",
         "'columns' is not an object of columns' names"},
        {"{\"command\": \"add metrics\", \"table\": 1, \"classes\": [\"a\", \"b\"]}",
         "add metrics takes no 'classes'"},
        {"{\"command\": \"add predictions\", \"table\": 1, \"classes\": [\"a\"]}",
         "'classes' is not a list of two names or more"},
        {"{\"command\": \"add predictions\", \"table\": 1, \"classes\": [\"a\", \"\"]}",
         "'classes' is not a list of names"},
        {"{\"command\": \"add predictions\", \"table\": 1, \"classes\": [\"a\", \"../b\"]}",
         "the class '../b' has a comma or a slash in its name, which 'classes' cannot say; assay "
         "add reads the names from a file"},
        {"{\"command\": \"add predictions\", \"table\": 1, \"classes\": [\"a\", \"b\\u001b[2J\"]}",
         "the class 'b\\x1b[2J' has a control character in its name; assay add in a terminal takes "
         "such names"},
        {"{\"command\": \"add predictions\", \"table\": 1, \"model\": \"a\\nb\"}",
         "'model' has a control character in it; assay add in a terminal takes such names"},
        {"{\"command\": \"add predictions\", \"table\": 1, \"columns\": {\"id\": \"a\\u009b\"}}",
         "'id' has a control character in it; assay add in a terminal takes such names"},
        {"{\"command\": \"add predictions\", \"table\": 1, \"logits\": 1}",
         "'logits' is not true or false"},
        {"{\"command\": \"add predictions\", \"table\": 1, \"model\": 1}",
         "'model' is not a text of 1 to 1024 bytes"},
        {"{\"command\": \"add predictions\"}",
         "add predictions needs a 'table', the number of a file that was sent"},
        {"{\"command\": \"add predictions\", \"probabilities\": 1}",
         "probabilities without a table need 'rows_in_order': row i is the project's sample i"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused(&(asked){.handle = handle_jobs_start, .body = cases[i].body}, ASSAY_E_USAGE,
                cases[i].message);
}

static void a_long_list_of_classes_is_refused(void **state)
{
    (void)state;
    static char body[200000];
    size_t length = (size_t)snprintf(
        body, sizeof body, "{\"command\": \"add labels\", \"table\": 1, \"classes\": [\"a\"");
    for (int i = 0; i < 20000; i++)
        length += (size_t)snprintf(body + length, sizeof body - length, ",\"%05d\"", i);
    snprintf(body + length, sizeof body - length, "]}");
    refused(&(asked){.handle = handle_jobs_start, .body = body}, ASSAY_E_USAGE,
            "'classes' takes more than 100000 bytes");
}

static void a_job_that_could_not_begin_leaves_its_files(void **state)
{
    (void)state;
    char body[256], message[128];
    const uint64_t table = send_file("a.csv", "x"), array = send_file("a.npy", "y");
    snprintf(body, sizeof body,
             "{\"command\": \"add predictions\", \"table\": %d, \"probabilities\": %d}", (int)table,
             (int)array);
    const asked start = {.handle = handle_jobs_start, .body = body};
    chmod(program, 0600);
    refused(&start, ASSAY_E_IO, "assay add predictions cannot be started: Permission denied");
    chmod(program, 0700);
    json_t *told = answer(&(asked){.handle = handle_uploads});
    assert_int_equal(json_array_size(asked_in(told, "uploads")), 2);
    json_decref(told);
    json_decref(run(body));
    snprintf(
        message, sizeof message,
        "there is no file %d that was sent: it was added, given up, or nothing came for an hour",
        (int)array);
    refused(&start, ASSAY_E_NOT_FOUND, message);
}

/* A list of names that is the name of a file would be read from that file. */
static void classes_are_not_read_from_the_files_that_were_sent(void **state)
{
    (void)state;
    char body[256];
    const uint64_t table = send_file("cat,dog.csv", "x"), array = send_file("a,b.npy", "y");
    static const char *const classes[] = {"\"cat\", \"dog.csv\"", "\"a\", \"b.npy\""};
    static const char *const words[] = {
        "'classes' is read as the file 'cat,dog.csv', which was sent; rename the file",
        "'classes' is read as the file 'a,b.npy', which was sent; rename the file"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(body, sizeof body,
                 "{\"command\": \"add predictions\", \"table\": %d, \"probabilities\": %d, "
                 "\"classes\": [%s]}",
                 (int)table, (int)array, classes[i]);
        refused(&(asked){.handle = handle_jobs_start, .body = body}, ASSAY_E_USAGE, words[i]);
    }
    drop_file(table);
    drop_file(array);
}

/* What failed gives its files back, each in its own place; what is done takes them with it. */
static void a_job_that_failed_gives_its_files_back(void **state)
{
    (void)state;
    char body[256], plain[512];
    FILE *f = fopen(program, "r");
    assert_non_null(f);
    plain[fread(plain, 1, sizeof plain - 1, f)] = '\0';
    fclose(f);
    static const char failing[] = "#!/bin/sh\necho 'assay: no column' >&2; exit 10\n";
    listed_put(program, failing, sizeof failing - 1);
    const uint64_t table = send_file("a.csv", "x"), array = send_file("a.npy", "y");
    snprintf(body, sizeof body,
             "{\"command\": \"add predictions\", \"table\": %d, \"probabilities\": %d}", (int)table,
             (int)array);
    for (int i = 0; i < 2; i++) {
        json_t *told = run(body);
        const json_t *one = json_array_get(asked_in(told, "jobs"), 0);
        assert_string_equal(asked_word(one, "state"), "failed");
        assert_string_equal(asked_word(one, "message"), "no column\n");
        json_decref(told);
        told = answer(&(asked){.handle = handle_uploads});
        assert_int_equal(json_array_size(asked_in(told, "uploads")), 2);
        json_decref(told);
    }
    listed_put(program, plain, strlen(plain));
    json_decref(run(body));
    json_t *told = answer(&(asked){.handle = handle_uploads});
    assert_int_equal(json_array_size(asked_in(told, "uploads")), 0);
    json_decref(told);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    const uint64_t table = send_file("a.csv", "x");
    const asked list = with_parts(&(asked){.handle = handle_uploads});
    asked_fail_each_allocation(served, &list);
    const asked look = with_parts(&(asked){.handle = handle_upload, .number = table});
    asked_fail_each_allocation(served, &look);
    drop_file(table);
}

/* The handler itself, of whose allocations only the first `n` succeed. */
static assay_code ask_short(route_handler handle, const char *words, uint64_t n)
{
    json_t *body = json_loads(words, 0, NULL);
    const request q = {.method = "POST", .body = body, .jobs = working, .uploads = sent};
    reply out = {0};
    assay_err err;
    const size_t live = mem_live();
    mem_fail_after(n);
    const assay_code code = handle(served, &q, &out, &err);
    mem_fail_after(UINT64_MAX);
    reply_clear(&out);
    assert_true(code == ASSAY_OK || (code == ASSAY_E_NOMEM && err.msg[0]));
    assert_int_equal(mem_live(), live);
    json_decref(body);
    return code;
}

static void what_failed_for_want_of_memory_left_nothing_half(void **state)
{
    (void)state;
    static const char announcement[] = "{\"name\": \"a.csv\", \"bytes\": 1}";
    upload_state open[UPLOADS_MOST];
    uint64_t n = 0;
    while (ask_short(handle_uploads_open, announcement, n++) != ASSAY_OK)
        assert_int_equal(uploads_list(sent, open), 0);
    assert_true(n > 3);
    assert_int_equal(uploads_list(sent, open), 1);
    drop_file(open[0].number);
    char body[256];
    snprintf(body, sizeof body,
             "{\"command\": \"add labels\", \"table\": %d, \"allow\": [\"unmatched\"], "
             "\"classes\": [\"a\", \"b\"], \"columns\": {\"id\": \"x\"}}",
             (int)send_file("a.csv", "x"));
    /* Until it has begun, though perhaps nobody is told. */
    for (n = 0; uploads_list(sent, open) == 1; n++)
        (void)!ask_short(handle_jobs_start, body, n);
    assert_true(n > 5);
    for (int i = 0; jobs_running(working) && i < 1000; i++)
        usleep(10000);
    assert_int_equal(uploads_list(sent, open), 0);
}

static int set_up(void **state)
{
    if (served_set_up(state))
        return -1;
    make_parts();
    return 0;
}

static int tear_down(void **state)
{
    free_parts();
    return served_tear_down(state);
}

static int print_replies(void)
{
    void *state = NULL;
    if (set_up(&state))
        return 1;
    char body[128];
    asked_print(served, "Upload",
                &(asked){.handle = handle_uploads_open,
                         .body = "{\"name\": \"a.csv\", \"bytes\": 3}",
                         .uploads = sent});
    asked_print(served, "Upload",
                &(asked){.handle = handle_upload_piece,
                         .number = 1,
                         .query = "from=0",
                         .bytes = "a\n1",
                         .uploads = sent});
    asked_print(served, "Uploads", &(asked){.handle = handle_uploads, .uploads = sent});
    snprintf(body, sizeof body, "{\"command\": \"add metrics\", \"table\": 1}");
    const asked start = {
        .handle = handle_jobs_start, .body = body, .jobs = working, .uploads = sent};
    asked_print(served, "Jobs", &start);
    return tear_down(&state);
}

int main(int argc, char **argv)
{
    json_use_our_memory();
    if (argc == 2 && strcmp(argv[1], "--json") == 0)
        return print_replies();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_comes_in_pieces),
        cmocka_unit_test(what_is_no_announcement_is_refused),
        cmocka_unit_test(a_job_is_the_command_with_the_files_in_its_folder),
        cmocka_unit_test(jobs_that_make_no_sense_are_refused_in_words),
        cmocka_unit_test(a_long_list_of_classes_is_refused),
        cmocka_unit_test(a_job_that_could_not_begin_leaves_its_files),
        cmocka_unit_test(classes_are_not_read_from_the_files_that_were_sent),
        cmocka_unit_test(a_job_that_failed_gives_its_files_back),
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(what_failed_for_want_of_memory_left_nothing_half),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
