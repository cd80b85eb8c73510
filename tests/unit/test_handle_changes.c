/* What the page changes and saves: tags, decisions, exports; and what is refused. With --json,
 * print replies for the test of the schema. */
#include "support/asked.h"
#include "support/served.h"

#include "base/mem.h"
#include "store/project_folder.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static json_int_t changed(route_handler handle, const char *body)
{
    const asked a = {.handle = handle, .body = body};
    json_t *told = asked_answer(served, &a);
    const json_int_t count = asked_count(told, "changed");
    json_decref(told);
    return count;
}

static bool is_tagged(uint64_t sample, const char *tag)
{
    const asked a = {.handle = handle_sample, .number = sample};
    json_t *detail = asked_answer(served, &a);
    const json_t *tags = asked_in(asked_in(detail, "sample"), "tags");
    bool found = false;
    for (size_t i = 0; i < json_array_size(tags); i++)
        found |= strcmp(json_string_value(json_array_get(tags, i)), tag) == 0;
    json_decref(detail);
    return found;
}

static void tags_are_added_and_removed(void **state)
{
    (void)state;
    assert_int_equal(
        changed(handle_tags, "{\"add\": [\"blurred\", \"seen\"], \"samples\": [7, 9]}"), 4);
    assert_int_equal(changed(handle_tags, "{\"add\": [\"blurred\"], \"samples\": [9, 10]}"), 1);
    assert_true(is_tagged(7, "seen"));
    assert_true(is_tagged(10, "blurred"));
    assert_int_equal(
        changed(handle_tags,
                "{\"add\": [\"kept\"], \"remove\": [\"seen\", \"never\"], \"samples\": [7, 9]}"),
        4);
    assert_false(is_tagged(7, "seen"));
    /* All that a query gives, by what was just tagged. */
    assert_int_equal(changed(handle_tags, "{\"remove\": [\"kept\"], \"all\": {\"filter\": "
                                          "{\"tags\": [\"blurred\"]}}}"),
                     2);
    assert_int_equal(changed(handle_tags, "{\"add\": [\"no label\"], \"all\": {\"outcome\": "
                                          "\"unlabelled\"}}"),
                     1);
    assert_true(is_tagged(SERVED_SAMPLES - 1, "no label"));
}

static void all_but_some_are_changed(void **state)
{
    (void)state;
    const asked wrong = {.handle = handle_samples, .query = "outcome=wrong&count=3"};
    json_t *list = asked_answer(served, &wrong);
    const json_int_t count = asked_count(list, "count");
    uint64_t sample[3];
    for (size_t i = 0; i < 3; i++)
        sample[i] = (uint64_t)asked_count(json_array_get(asked_in(list, "samples"), i), "sample");
    json_decref(list);
    /* One that is named twice, and one (399, unlabelled) that is not wrong, take out no more. */
    char body[256];
    snprintf(body, sizeof body,
             "{\"add\": [\"some\"], \"all\": {\"outcome\": \"wrong\"}, \"except\": [%d, %d, "
             "%d, 399]}",
             (int)sample[0], (int)sample[2], (int)sample[0]);
    assert_int_equal(changed(handle_tags, body), count - 2);
    assert_false(is_tagged(sample[0], "some"));
    assert_true(is_tagged(sample[1], "some"));
    assert_false(is_tagged(sample[2], "some"));
    snprintf(body, sizeof body,
             "{\"remove\": [\"some\"], \"all\": {\"outcome\": \"wrong\"}, \"except\": [%d]}",
             (int)sample[1]);
    assert_int_equal(changed(handle_tags, body), count - 3);
    assert_true(is_tagged(sample[1], "some"));
    assert_int_equal(changed(handle_tags, "{\"remove\": [\"some\"], \"all\": {}, \"except\": []}"),
                     1);
}

static void what_changes_nothing_is_no_revision(void **state)
{
    (void)state;
    const asked again = {.handle = handle_tags, .body = "{\"add\": [\"same\"], \"samples\": [1]}"};
    json_t *first = asked_answer(served, &again), *second = asked_answer(served, &again);
    assert_int_equal(asked_count(first, "changed"), 1);
    assert_int_equal(asked_count(second, "changed"), 0);
    assert_int_equal(asked_count(first, "revision"), asked_count(second, "revision"));
    json_decref(first);
    json_decref(second);
}

static void bodies_that_make_no_sense_are_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        route_handler handle;
        const char *body;
        assay_code code;
        const char *message;
    } cases[] = {
        {handle_tags, NULL, ASSAY_E_USAGE, "the request has no body"},
        {handle_tags, "{\"add\": [\"a\"], \"sample\": 1}", ASSAY_E_USAGE,
         "the body has no 'sample'"},
        {handle_tags, "{\"samples\": [1]}", ASSAY_E_USAGE,
         "the body names no tag to 'add' or 'remove'"},
        {handle_tags, "{\"add\": \"a\", \"samples\": [1]}", ASSAY_E_USAGE,
         "'add' is not a list of names"},
        {handle_tags, "{\"add\": [3], \"samples\": [1]}", ASSAY_E_USAGE,
         "'add' is not a list of names"},
        {handle_tags, "{\"add\": [\"\"], \"samples\": [1]}", ASSAY_E_USAGE,
         "a tag's name has 1 to 256 bytes"},
        {handle_tags, "{\"add\": [\"a\"], \"remove\": [\"a\"], \"samples\": [1]}", ASSAY_E_USAGE,
         "the tag 'a' cannot be both added and removed"},
        {handle_tags, "{\"add\": [\"a\"]}", ASSAY_E_USAGE,
         "the body names no samples: it needs 'samples', a list of numbers, or 'all', a query"},
        {handle_tags, "{\"add\": [\"a\"], \"samples\": [400]}", ASSAY_E_NOT_FOUND,
         "there is no sample 400; they are numbered 0 to 399"},
        {handle_tags, "{\"add\": [\"a\"], \"samples\": [-1]}", ASSAY_E_USAGE,
         "'samples' is not a list of numbers"},
        {handle_tags, "{\"add\": [\"a\"], \"all\": {\"outcom\": \"all\"}}", ASSAY_E_USAGE,
         "'all' has no 'outcom'"},
        {handle_tags, "{\"add\": [\"a\"], \"all\": {\"class\": 1}}", ASSAY_E_USAGE,
         "'class' is not a text"},
        {handle_tags, "{\"add\": [\"a\"], \"all\": {}, \"except\": 1}", ASSAY_E_USAGE,
         "'except' is not a list of numbers"},
        {handle_tags, "{\"add\": [\"a\"], \"all\": {}, \"except\": [1.5]}", ASSAY_E_USAGE,
         "'except' is not a list of numbers"},
        {handle_tags, "{\"add\": [\"a\"], \"all\": {}, \"except\": [400]}", ASSAY_E_NOT_FOUND,
         "there is no sample 400; they are numbered 0 to 399"},
        {handle_tags, "{\"add\": [\"a\"], \"except\": [1]}", ASSAY_E_USAGE,
         "the body names no samples: it needs 'samples', a list of numbers, or 'all', a query"},
        {handle_tags, "{\"add\": [\"a\"], \"samples\": [1, 2], \"except\": [1]}", ASSAY_E_USAGE,
         "'except' takes samples out of 'all', not out of 'samples'"},
        {handle_tags,
         "{\"add\": [\"a\"], \"all\": {\"outcome\": \"fp\", \"class\": \"dog\", "
         "\"threshold\": \"0.5\"}}",
         ASSAY_E_USAGE, "'threshold' is not a number"},
        {handle_tags,
         "{\"add\": [\"a\"], \"all\": {\"outcome\": \"fp\", \"class\": \"dog\", "
         "\"threshold\": 2.5}}",
         ASSAY_E_USAGE,
         "threshold is '2.5'; use a probability, from 0 to 1, or 2 for above them all"},
        {handle_decisions, "{\"decision\": \"accept\"}", ASSAY_E_USAGE,
         "'sample' is the number of a sample"},
        {handle_decisions, "{\"sample\": 1}", ASSAY_E_USAGE,
         "'decision' is \"accept\", \"dismiss\" or null"},
        {handle_decisions, "{\"sample\": 1, \"decision\": \"maybe\"}", ASSAY_E_USAGE,
         "'decision' is \"accept\", \"dismiss\" or null"},
        {handle_decisions, "{\"sample\": 1, \"decision\": \"accept\", \"suggested\": \"wolf\"}",
         ASSAY_E_USAGE, "there is no class 'wolf'"},
        {handle_decisions, "{\"sample\": 400, \"decision\": \"accept\"}", ASSAY_E_NOT_FOUND,
         "there is no sample 400; they are numbered 0 to 399"},
        {handle_export, "{\"samples\": [1]}", ASSAY_E_USAGE,
         "'form' is \"csv\", \"jsonl\" or \"paths\""},
        {handle_export, "{\"form\": \"paths\"}", ASSAY_E_USAGE,
         "the body names no samples: it needs 'samples', a list of numbers, or 'all', a query"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const asked a = {.handle = cases[i].handle, .body = cases[i].body};
        asked_refusal(served, &a, cases[i].code, cases[i].message);
    }
    const asked form = {.handle = handle_export_decisions, .query = "form=xls"};
    asked_refusal(served, &form, ASSAY_E_USAGE, "form is 'xls'; use csv or jsonl");
}

static const char *decision_of(uint64_t sample)
{
    static char word[16];
    const asked a = {.handle = handle_sample, .number = sample};
    json_t *detail = asked_answer(served, &a);
    const char *told = asked_word(detail, "decision");
    snprintf(word, sizeof word, "%s", told ? told : "none");
    json_decref(detail);
    return word;
}

static void decisions_are_made_merged_and_exported(void **state)
{
    (void)state;
    assert_string_equal(decision_of(5), "none");
    assert_int_equal(
        changed(handle_decisions,
                "{\"sample\": 5, \"decision\": \"accept\", \"suggested\": \"hen, red\"}"),
        1);
    assert_int_equal(changed(handle_decisions,
                             "{\"sample\": 4, \"decision\": \"dismiss\", \"suggested\": \"dog\"}"),
                     1);
    assert_int_equal(changed(handle_decisions, "{\"sample\": 4, \"decision\": \"dismiss\"}"), 0);
    assert_string_equal(decision_of(5), "accept");
    assert_string_equal(decision_of(4), "dismiss");
    const asked suspects = {.handle = handle_suspects, .query = "count=200"};
    json_t *list = asked_answer(served, &suspects);
    assert_int_equal(asked_count(asked_in(list, "decided"), "accept"), 1);
    assert_int_equal(asked_count(asked_in(list, "decided"), "dismiss"), 1);
    json_decref(list);
    reply out;
    const asked csv = {.handle = handle_export_decisions, .query = "form=csv"};
    assert_int_equal(asked_reply(served, &csv, &out, NULL), ASSAY_OK);
    assert_string_equal(out.file_name, "decisions.csv");
    assert_non_null(strstr(text_view(&out.body), "id,path,label,decision,suggested,decided\n"
                                                 "photo4.png,photo4.png,dog,dismiss,,20"));
    assert_non_null(strstr(text_view(&out.body),
                           "\nphoto5.png,photo5.png,\"hen, red\",accept,\"hen, red\",20"));
    reply_clear(&out);
    assert_int_equal(changed(handle_decisions, "{\"sample\": 5, \"decision\": null}"), 1);
    assert_int_equal(changed(handle_decisions, "{\"sample\": 4, \"decision\": null}"), 1);
    assert_string_equal(decision_of(5), "none");
}

static void samples_are_exported_as_files(void **state)
{
    (void)state;
    reply out;
    const asked paths = {.handle = handle_export,
                         .body = "{\"form\": \"paths\", \"samples\": [12, 3]}"};
    assert_int_equal(asked_reply(served, &paths, &out, NULL), ASSAY_OK);
    assert_string_equal(text_view(&out.body), "photo3.png\nphoto12.png\n");
    assert_string_equal(out.content_type, "text/plain; charset=utf-8");
    assert_string_equal(out.file_name, "samples.txt");
    reply_clear(&out);
    const asked csv = {.handle = handle_export,
                       .body = "{\"form\": \"csv\", \"all\": {\"outcome\": \"unlabelled\"}}"};
    assert_int_equal(asked_reply(served, &csv, &out, NULL), ASSAY_OK);
    assert_int_equal(strncmp(text_view(&out.body), "id,path,label,prediction,confidence,", 36), 0);
    assert_non_null(strstr(text_view(&out.body), "\nphoto399.png,photo399.png,,"));
    reply_clear(&out);
    const asked but = {.handle = handle_export,
                       .body = "{\"form\": \"paths\", \"all\": {\"true\": \"dog\", \"filter\": "
                               "{\"where\": \"grain = 0\"}}, \"except\": [7, 28]}"};
    assert_int_equal(asked_reply(served, &but, &out, NULL), ASSAY_OK);
    assert_int_equal(strncmp(text_view(&out.body), "photo49.png\nphoto70.png\n", 24), 0);
    reply_clear(&out);
    const asked tiny = {
        .handle = handle_export,
        .body = "{\"form\": \"jsonl\", \"samples\": [1], \"all\": {\"filter\": {\"model\": "
                "\"tiny\"}}}"};
    assert_int_equal(asked_reply(served, &tiny, &out, NULL), ASSAY_OK);
    json_t *line = json_loads(text_view(&out.body), 0, NULL);
    assert_string_equal(asked_word(line, "prediction"), "hen, red");
    json_decref(line);
    reply_clear(&out);
}

static void a_job_that_holds_the_project_keeps_nobody_from_tagging(void **state)
{
    (void)state;
    const project_access access = {
        .path = "served.assay", .command = "assay measure", .thread_count = 1};
    project_writer *w;
    assay_err err;
    assert_int_equal(project_writer_open(&access, &w, &err), ASSAY_OK);
    assert_int_equal(changed(handle_tags, "{\"add\": [\"meanwhile\"], \"samples\": [1]}"), 1);
    assert_true(is_tagged(1, "meanwhile"));
    const char *decide = "{\"sample\": 5, \"decision\": \"dismiss\"}";
    assert_int_equal(changed(handle_decisions, decide), 1);
    project_writer_close(w);
    assert_true(is_tagged(1, "meanwhile"));
    assert_int_equal(changed(handle_decisions, decide), 0);
}

/* The database's lock as another program has it, until the descriptor is closed: a lock of an open
 * file keeps this process out like any other, and no second process has to be made. */
static int hold_database(void)
{
    const int fd = open("served.assay/project.duckdb", O_RDWR | O_CLOEXEC);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
    return fd;
}

static const asked late = {.handle = handle_tags,
                           .body = "{\"add\": [\"late\"], \"samples\": [1]}"};

static void who_has_the_database_open_for_long_is_told_of(void **state)
{
    (void)state;
    reply out;
    assay_err err;
    const int held = hold_database();
    assert_int_equal(asked_reply(served, &late, &out, &err), ASSAY_E_CONFLICT);
    reply_clear(&out);
    close(held);
    assert_non_null(strstr(err.msg, "served.assay: another program has the database open: "));
    assert_non_null(strstr(err.msg, "; nothing was changed, try again in a moment"));
    assert_int_equal(changed(handle_tags, late.body), 1);
}

static void *tag_late(void *out)
{
    reply told;
    *(assay_code *)out = asked_reply(served, &late, &told, NULL);
    reply_clear(&told);
    return NULL;
}

static void who_has_it_open_for_a_moment_is_waited_for(void **state)
{
    (void)state;
    changed(handle_tags, "{\"remove\": [\"late\"], \"samples\": [1]}");
    const int held = hold_database();
    assay_code code = ASSAY_E_INTERNAL;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, tag_late, &code), 0);
    const struct timespec moment = {.tv_nsec = 300000000};
    nanosleep(&moment, NULL); /* begun by now or not, it succeeds */
    close(held);
    pthread_join(thread, NULL);
    assert_int_equal(code, ASSAY_OK);
    assert_true(is_tagged(1, "late"));
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    const asked cases[] = {
        {.handle = handle_export, .body = "{\"form\": \"csv\", \"samples\": [1, 2]}"},
        {.handle = handle_export, .body = "{\"form\": \"csv\", \"all\": {}, \"except\": [1]}"},
        {.handle = handle_export_decisions},
        {.handle = handle_suspects, .query = "count=3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        asked_fail_each_allocation(served, &cases[i]);
}

/* Undoes it, where there is anything to undo, and reads all of the project as it is then. */
static void undo(const char *body, route_handler handle)
{
    changed(handle, body);
    workspace_changed(served);
    const asked look = {.handle = handle_sample, .number = 11};
    json_decref(asked_answer(served, &look));
    kept_forget(workspace_answers(served));
    kept_forget(workspace_lasting(served));
    kept_forget(workspace_filters(served));
}

/* A change that fails is told and leaves nothing behind; it can be made again. */
static void every_failed_allocation_of_a_change_is_told(void **state)
{
    (void)state;
    static const struct {
        route_handler handle;
        const char *body, *undone;
    } cases[] = {
        {handle_tags, "{\"add\": [\"lean\"], \"samples\": [11, 12]}",
         "{\"remove\": [\"lean\"], \"samples\": [11, 12]}"},
        {handle_tags, "{\"add\": [\"lean\"], \"all\": {\"outcome\": \"unlabelled\"}}",
         "{\"remove\": [\"lean\"], \"all\": {\"outcome\": \"unlabelled\"}}"},
        {handle_decisions, "{\"sample\": 11, \"decision\": \"accept\", \"suggested\": \"dog\"}",
         "{\"sample\": 11, \"decision\": null}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const asked a = {.handle = cases[i].handle, .body = cases[i].body};
        json_decref(asked_answer(served, &a));
        undo(cases[i].undone, cases[i].handle);
        const size_t live = mem_live();
        assay_code code = ASSAY_E_NOMEM;
        uint64_t n = 0;
        for (; code == ASSAY_E_NOMEM; n++) {
            reply out;
            assay_err err = {0};
            mem_fail_after(n);
            code = asked_reply(served, &a, &out, &err);
            mem_fail_after(UINT64_MAX);
            reply_clear(&out);
            if (code != ASSAY_OK && (code != ASSAY_E_NOMEM || !err.msg[0]))
                fail_msg("%s, allocation %llu: %d %s", a.body, (unsigned long long)n, (int)code,
                         err.msg);
            undo(cases[i].undone, cases[i].handle);
        }
        assert_true(n > 5);
        /* Views come and go on the way; what was lost by a failure would still be. */
        assert_int_equal(mem_live(), live);
    }
}

static int print_json(void)
{
    void *state = NULL;
    if (served_set_up(&state))
        return 1;
    const asked tags = {.handle = handle_tags, .body = "{\"add\": [\"a\"], \"samples\": [1]}"};
    const asked decision = {.handle = handle_decisions,
                            .body = "{\"sample\": 2, \"decision\": \"accept\"}"};
    const asked detail = {.handle = handle_sample, .number = 2};
    asked_print(served, "Changed", &tags);
    asked_print(served, "Changed", &decision);
    asked_print(served, "SampleDetail", &detail);
    return served_tear_down(&state);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--json") == 0)
        return print_json();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_are_added_and_removed),
        cmocka_unit_test(all_but_some_are_changed),
        cmocka_unit_test(what_changes_nothing_is_no_revision),
        cmocka_unit_test(bodies_that_make_no_sense_are_refused_in_words),
        cmocka_unit_test(decisions_are_made_merged_and_exported),
        cmocka_unit_test(samples_are_exported_as_files),
        cmocka_unit_test(a_job_that_holds_the_project_keeps_nobody_from_tagging),
        cmocka_unit_test(who_has_the_database_open_for_long_is_told_of),
        cmocka_unit_test(who_has_it_open_for_a_moment_is_waited_for),
        cmocka_unit_test(every_failed_allocation_is_told),
        cmocka_unit_test(every_failed_allocation_of_a_change_is_told),
    };
    return cmocka_run_group_tests_name("handle_changes", tests, served_set_up, served_tear_down);
}
