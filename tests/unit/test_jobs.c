/* Jobs are processes: a shell script stands for the program. */
#include "server/job_child.h"
#include "server/jobs.h"
#include "support/check.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char program[64];

/* A script that gets COMMAND --progress-fd 3 OPTIONS -- PROJECT FILE. */
static void write_program(const char *words)
{
    strcpy(program, "/tmp/assay_job_XXXXXX");
    const int fd = mkstemp(program);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\n%s\n", words);
    fchmod(fd, 0700);
    fclose(f);
}

typedef struct seen {
    atomic_int moves, ends;
} seen;

static void note(void *context, bool ended)
{
    seen *s = context;
    atomic_fetch_add(ended ? &s->ends : &s->moves, 1);
}

static jobs *made(seen *s)
{
    const jobs_options options = {
        .project = "/data/my pets.assay", .program = program, .moved = note, .context = s};
    jobs *j;
    assert_int_equal(jobs_new(&options, &j, NULL), ASSAY_OK);
    return j;
}

static assay_code start(jobs *j, const char *command, assay_err *err)
{
    const job_order order = {.command = command};
    return jobs_start(j, &order, err);
}

static void wait_until_idle(jobs *j)
{
    for (int i = 0; jobs_running(j) && i < 6000; i++)
        usleep(10000);
    assert_false(jobs_running(j));
}

static void wait_for_moves(seen *s, int count)
{
    for (int i = 0; atomic_load(&s->moves) < count && i < 6000; i++)
        usleep(10000);
    assert_true(atomic_load(&s->moves) >= count);
}

/* The jobs as one text without the times. */
static void show(jobs *j, char out[1024])
{
    json_writer w;
    json_writer_init(&w);
    jobs_put(j, &w, w.root);
    out[0] = '\0';
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(w.root, "jobs"), i, one)
    {
        const char *message = json_string_value(json_object_get(one, "message"));
        const size_t length = strlen(out);
        snprintf(out + length, 1024 - length, "%s%lld %s %s %s %lld/%lld %s", i ? "; " : "",
                 (long long)json_integer_value(json_object_get(one, "job")),
                 json_string_value(json_object_get(one, "command")),
                 json_string_value(json_object_get(one, "state")),
                 json_string_value(json_object_get(one, "what")),
                 (long long)json_integer_value(json_object_get(one, "done")),
                 (long long)json_integer_value(json_object_get(one, "total")),
                 message ? message : "-");
        assert_true(json_number_value(json_object_get(one, "seconds")) >= 0.0);
    }
    json_writer_clear(&w);
}

static void lines_of_progress_are_read_or_not(void **state)
{
    (void)state;
    job_step step;
    assert_true(job_step_read("{\"what\":\"measuring\",\"done\":5,\"total\":10}", &step));
    assert_string_equal(step.what, "measuring");
    assert_int_equal(step.done, 5);
    assert_int_equal(step.total, 10);
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "7",
        "{}",
        "{\"what\":\"x\",\"done\":1}",
        "{\"what\":7,\"done\":1,\"total\":1}",
        "{\"what\":\"x\",\"done\":-1,\"total\":1}",
        "{\"what\":\"x\",\"done\":1.5,\"total\":1}",
        "{\"what\":\"x\",\"done\":1,\"done\":1,\"total\":1}",
        "{\"what\":\"\xff\",\"done\":1,\"total\":1}",
        "{\"what\":\"x\",\"done\":99999999999999999999,\"total\":1}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(job_step_read(bad[i], &step));
    assert_int_equal(step.done, 5);
    char words[256], long_one[101] = {0};
    memset(long_one, 'x', 100);
    snprintf(words, sizeof words, "{\"what\":\"%s\",\"done\":1,\"total\":1}", long_one);
    assert_true(job_step_read(words, &step));
    assert_int_equal(strlen(step.what), JOB_WHAT_BYTES - 1);
}

static void a_job_is_followed_to_its_end(void **state)
{
    (void)state;
    write_program(
        "echo '{\"what\":\"measuring\",\"done\":1,\"total\":4}' >&3\n"
        "echo 'no progress' >&3\n"
        "printf '{\"what\":\"measuring\",' >&3; sleep 0.05; echo '\"done\":4,\"total\":4}' >&3\n"
        "echo \"$1 $2 $3 $4 $5\"");
    seen s = {0};
    jobs *j = made(&s);
    assert_int_equal(start(j, "measure", NULL), ASSAY_OK);
    wait_until_idle(j);
    char words[1024];
    show(j, words);
    assert_string_equal(
        words, "1 measure done measuring 4/4 measure --progress-fd 3 -- /data/my pets.assay\n");
    jobs_free(j);
    assert_int_equal(s.moves, 3);
    assert_int_equal(s.ends, 1);
    unlink(program);
}

static void a_failure_says_why(void **state)
{
    (void)state;
    seen s = {0};
    write_program("echo 'assay: pets.assay: is gone' >&2; exit 11");
    jobs *j = made(&s);
    char words[1024];
    assert_int_equal(start(j, "embed", NULL), ASSAY_OK);
    wait_until_idle(j);
    show(j, words);
    assert_string_equal(words, "1 embed failed  0/0 pets.assay: is gone\n");
    unlink(program);
    write_program("kill -9 $$");
    assert_int_equal(start(j, "measure", NULL), ASSAY_OK);
    wait_until_idle(j);
    show(j, words);
    assert_string_equal(
        words,
        "2 measure failed  0/0 ended by signal 9; 1 embed failed  0/0 pets.assay: is gone\n");
    jobs_free(j);
    unlink(program);
}

static void one_at_a_time_and_stopped_when_asked(void **state)
{
    (void)state;
    write_program("trap 'echo kept what is done; exit 16' TERM\n"
                  "echo '{\"what\":\"describing\",\"done\":0,\"total\":9}' >&3\n"
                  "while :; do sleep 0.02; done");
    seen s = {0};
    jobs *j = made(&s);
    assay_err err;
    char words[1024];
    jobs_stop(j);
    assert_int_equal(start(j, "embed", NULL), ASSAY_OK);
    assert_true(jobs_running(j));
    assert_int_equal(start(j, "measure", &err), ASSAY_E_CONFLICT);
    assert_string_equal(err.msg, "assay embed is running; stop it, or wait for its end");
    wait_for_moves(&s, 2);
    show(j, words);
    assert_string_equal(words, "1 embed running describing 0/9 -");
    jobs_stop(j);
    assert_false(jobs_running(j));
    show(j, words);
    assert_string_equal(words, "1 embed stopped describing 0/9 kept what is done\n");
    assert_int_equal(start(j, "embed", NULL), ASSAY_OK);
    show(j, words);
    assert_int_equal(strncmp(words, "2 embed running", 15), 0);
    wait_for_moves(&s, 4);
    /* What runs ends with it. */
    jobs_free(j);
    assert_int_equal(s.ends, 2);
    unlink(program);
}

/* A process that does not look at the signal for two seconds. */
static void who_asks_to_stop_does_not_wait_for_the_deaf(void **state)
{
    (void)state;
    write_program("trap '' TERM; echo '{\"what\":\"joining\",\"done\":1,\"total\":2}' >&3\n"
                  "sleep 2; echo 'assay: interrupted: nothing was added'; exit 16");
    seen s = {0};
    jobs *j = made(&s);
    char words[1024];
    cancellation given_up = {0};
    jobs_ask_to_stop(j, 1.0, NULL);
    assert_int_equal(start(j, "embed", NULL), ASSAY_OK);
    wait_for_moves(&s, 2);
    const double begun = clock_seconds();
    jobs_ask_to_stop(j, 0.1, NULL);
    cancellation_ask(&given_up);
    jobs_ask_to_stop(j, 60.0, &given_up);
    assert_true(clock_seconds() - begun < 1.5);
    assert_true(jobs_running(j));
    show(j, words);
    assert_string_equal(words, "1 embed running joining 1/2 -");
    jobs_ask_to_stop(j, 60.0, NULL);
    show(j, words);
    assert_string_equal(words, "1 embed stopped joining 1/2 interrupted: nothing was added\n");
    jobs_free(j);
    unlink(program);
}

static void what_was_stopped_says_so_and_what_failed_first_says_why(void **state)
{
    (void)state;
    seen s = {0};
    jobs *j = made(&s);
    char words[1024];
    write_program("echo 'assay: x: is being written by y; waiting for it' >&2\n"
                  "echo '{\"what\":\"a\",\"done\":0,\"total\":9}' >&3; exec sleep 60");
    assert_int_equal(start(j, "embed", NULL), ASSAY_OK);
    wait_for_moves(&s, 2);
    jobs_stop(j);
    show(j, words);
    assert_string_equal(words, "1 embed stopped a 0/9 interrupted: ended by signal 15");
    unlink(program);
    write_program("trap 'echo \"assay: x: no column\"; exit 10' TERM\n"
                  "echo '{\"what\":\"a\",\"done\":0,\"total\":9}' >&3\n"
                  "while :; do sleep 0.02; done");
    assert_int_equal(start(j, "embed", NULL), ASSAY_OK);
    wait_for_moves(&s, 4);
    jobs_stop(j);
    show(j, words);
    assert_int_equal(strncmp(words, "2 embed failed a 0/9 x: no column\n;", 35), 0);
    jobs_free(j);
    unlink(program);
}

/* All that may be remembered, each with the worst that words and names can be. */
static void the_jobs_fit_in_a_reply_whatever_they_said(void **state)
{
    (void)state;
    static const char *const said[] = {"\\001", "\\\\", "\\042", "\\342\\200\\256", "\\377"};
    char script[256], name[UPLOAD_NAME_BYTES_MOST + 1];
    memset(name, '"', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (size_t c = 0; c < sizeof said / sizeof *said; c++) {
        snprintf(script, sizeof script,
                 "i=0; while [ $i -lt 500 ]; do printf '%s%s%s%s%s%s%s%s%s%s'; i=$((i+1)); done",
                 said[c], said[c], said[c], said[c], said[c], said[c], said[c], said[c], said[c],
                 said[c]);
        write_program(script);
        seen s = {0};
        jobs *j = made(&s);
        for (int i = 0; i < JOBS_KEPT_MOST; i++) {
            const job_order order = {.command = "add predictions", .shown = name};
            assert_int_equal(jobs_start(j, &order, NULL), ASSAY_OK);
            wait_until_idle(j);
        }
        json_writer w;
        json_writer_init(&w);
        jobs_put(j, &w, w.root);
        text out;
        text_init(&out, JOBS_BYTES_MOST);
        assert_int_equal(json_dump_checked(&w, &out, NULL), ASSAY_OK);
        assert_true(out.length > (size_t)JOBS_KEPT_MOST * JOB_WORDS_BYTES_MOST);
        assert_null(strstr(text_view(&out), "\\u0"));
        text_clear(&out);
        json_writer_clear(&w);
        jobs_free(j);
        unlink(program);
    }
}

static void a_machine_without_memory_ends_the_job_first(void **state)
{
    (void)state;
    write_program("echo '{\"what\":\"a\",\"done\":0,\"total\":9}' >&3\n"
                  "i=0; while [ $i -lt 100 ]; do\n"
                  "[ \"$(cat /proc/$$/oom_score_adj)\" = 500 ] && break; sleep 0.02; i=$((i+1))\n"
                  "done; cat /proc/$$/oom_score_adj");
    seen s = {0};
    jobs *j = made(&s);
    char words[1024];
    assert_int_equal(start(j, "embed", NULL), ASSAY_OK);
    wait_until_idle(j);
    show(j, words);
    assert_string_equal(words, "1 embed done a 0/9 500\n");
    jobs_free(j);
    unlink(program);
}

static void a_program_that_is_not_there_is_told(void **state)
{
    (void)state;
    seen s = {0};
    jobs *j = made(&s);
    strcpy(program, "/nowhere/assay");
    assay_err err;
    assert_int_equal(start(j, "measure", &err), ASSAY_E_IO);
    assert_string_equal(err.msg, "assay measure cannot be started: No such file or directory");
    assert_false(jobs_running(j));
    jobs_free(j);
}

static void options_a_file_and_a_folder_reach_the_command_as_they_are(void **state)
{
    (void)state;
    write_program("pwd; for word; do echo \"<$word>\"; done; ls");
    char folder[] = "/tmp/assay_job_folder_XXXXXX";
    assert_non_null(mkdtemp(folder));
    char file[64];
    snprintf(file, sizeof file, "%s/-rf x.csv", folder);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fclose(f);
    /* From elsewhere the project is named by its whole path. */
    seen s = {0};
    const jobs_options options = {
        .project = "/tmp/../tmp", .program = program, .moved = note, .context = &s};
    jobs *j;
    assert_int_equal(jobs_new(&options, &j, NULL), ASSAY_OK);
    const char *const option[] = {"--model=--help", "--classes=a,b c"};
    const job_order order = {.command = "add predictions",
                             .option = option,
                             .option_count = 2,
                             .folder = folder,
                             .file = "-rf x.csv",
                             .shown = "-rf x.csv"};
    assert_int_equal(jobs_start(j, &order, NULL), ASSAY_OK);
    wait_until_idle(j);
    char words[1024], expected[1024];
    show(j, words);
    snprintf(expected, sizeof expected,
             "1 add predictions done  0/0 %s\n<add>\n<predictions>\n<--progress-fd>\n<3>\n"
             "<--model=--help>\n<--classes=a,b c>\n<-->\n</tmp>\n<-rf x.csv>\n-rf x.csv\n",
             folder);
    assert_string_equal(words, expected);
    /* A folder that is gone. */
    unlink(file);
    rmdir(folder);
    assay_err err;
    assert_int_equal(jobs_start(j, &order, &err), ASSAY_E_IO);
    assert_string_equal(err.msg,
                        "assay add predictions cannot be started: No such file or directory");
    jobs_free(j);
    unlink(program);
}

static void the_last_ones_are_kept_and_of_long_words_the_beginning(void **state)
{
    (void)state;
    write_program("i=0; while [ $i -lt 900 ]; do echo 'line of words'; i=$((i+1)); done; echo end");
    seen s = {0};
    jobs *j = made(&s);
    for (int i = 0; i < 18; i++) {
        assert_int_equal(start(j, "measure", NULL), ASSAY_OK);
        wait_until_idle(j);
    }
    json_writer w;
    json_writer_init(&w);
    jobs_put(j, &w, w.root);
    json_t *array = json_object_get(w.root, "jobs");
    assert_int_equal(json_array_size(array), 16);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(array, 0), "job")), 18);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(array, 15), "job")), 3);
    const char *message = json_string_value(json_object_get(json_array_get(array, 0), "message"));
    /* A result begins with what matters, and is cut at a whole line. */
    assert_int_equal(strlen(message), 4092);
    assert_string_equal(message + 4092 - 18, "line of words\n…\n");
    json_writer_clear(&w);
    jobs_free(j);
    unlink(program);
}

static void without_memory_there_are_none(void **state)
{
    (void)state;
    const jobs_options options = {.project = "x"};
    jobs *j;
    mem_fail_after(0);
    const assay_code code = jobs_new(&options, &j, NULL);
    mem_fail_after(UINT64_MAX);
    assert_int_equal(code, ASSAY_E_NOMEM);
    assert_null(j);
    jobs_free(NULL);
}

int main(void)
{
    json_use_our_memory();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_progress_are_read_or_not),
        cmocka_unit_test(a_job_is_followed_to_its_end),
        cmocka_unit_test(a_failure_says_why),
        cmocka_unit_test(one_at_a_time_and_stopped_when_asked),
        cmocka_unit_test(who_asks_to_stop_does_not_wait_for_the_deaf),
        cmocka_unit_test(what_was_stopped_says_so_and_what_failed_first_says_why),
        cmocka_unit_test(the_jobs_fit_in_a_reply_whatever_they_said),
        cmocka_unit_test(a_machine_without_memory_ends_the_job_first),
        cmocka_unit_test(a_program_that_is_not_there_is_told),
        cmocka_unit_test(options_a_file_and_a_folder_reach_the_command_as_they_are),
        cmocka_unit_test(the_last_ones_are_kept_and_of_long_words_the_beginning),
        cmocka_unit_test(without_memory_there_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
