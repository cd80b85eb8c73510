/* What runs, what ran, and the thread that listens to it. */
#include "server/jobs.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "server/job_child.h"
#include "server/job_words.h"
#include "server/uploads.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Before this a rate says nothing. */
#define RATE_SECONDS 0.5

enum { LOOK_MS = 20 };

typedef enum job_state { JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_STOPPED } job_state;

typedef struct job {
    uint64_t number;
    const char *command;                   /* static text */
    char file[UPLOAD_NAME_BYTES_MOST + 1]; /* that it reads, for people; "": none */
    job_state state;
    job_step step;
    double begun, ended; /* clock_seconds() */
    double first_at;     /* of its first step; 0: none yet */
    uint64_t first_done;
    char words[JOB_WORDS_BYTES_MOST + 1]; /* what it said, once it has ended */
} job;

struct jobs {
    jobs_options options;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    pthread_t listener;
    bool listening; /* the thread is to be joined */
    bool stopping;
    job_child child;   /* pid 0: nothing runs */
    uint64_t taken[2]; /* uploads of what runs */
    job_words said;    /* by what runs */
    uint64_t count;    /* of all that ever began */
    job kept[JOBS_KEPT_MOST];
};

/* One of the two pipes, and the line that is not yet whole. */
typedef struct job_pipe {
    int descriptor;
    char line[256];
    size_t length;
} job_pipe;

static job *latest(jobs *j)
{
    return &j->kept[(j->count - 1) % JOBS_KEPT_MOST];
}

static void tell(const jobs *j, bool ended)
{
    if (j->options.moved)
        j->options.moved(j->options.context, ended);
}

static void take_step(jobs *j, const char *line)
{
    job_step step;
    if (!job_step_read(line, &step))
        return;
    pthread_mutex_lock(&j->lock);
    job *one = latest(j);
    if (one->first_at == 0.0 || strcmp(one->step.what, step.what) != 0) {
        one->first_at = clock_seconds();
        one->first_done = step.done;
    }
    one->step = step;
    pthread_mutex_unlock(&j->lock);
    tell(j, false);
}

static void take_progress(jobs *j, job_pipe *pipe, const char *at, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (at[i] == '\n') {
            pipe->line[pipe->length] = '\0';
            take_step(j, pipe->line);
            pipe->length = 0;
        } else if (pipe->length + 1 < sizeof pipe->line) {
            pipe->line[pipe->length++] = at[i];
        }
    }
}

/* One reading of a pipe that has something to say, or has ended. */
static void listen_once(jobs *j, job_pipe *pipe, bool is_progress)
{
    char piece[4096];
    const ssize_t got = read(pipe->descriptor, piece, sizeof piece);
    if (got <= 0) {
        close(pipe->descriptor);
        pipe->descriptor = -1;
    } else if (is_progress) {
        take_progress(j, pipe, piece, (size_t)got);
    } else {
        job_words_take(&j->said, piece, (size_t)got);
    }
}

/* Read both pipes to their ends. */
static void follow(jobs *j, job_pipe *progress, job_pipe *words)
{
    while (progress->descriptor >= 0 || words->descriptor >= 0) {
        struct pollfd both[2] = {{.fd = progress->descriptor, .events = POLLIN},
                                 {.fd = words->descriptor, .events = POLLIN}};
        if (poll(both, 2, -1) < 0 && errno != EINTR)
            return;
        if (both[0].revents)
            listen_once(j, progress, true);
        if (both[1].revents)
            listen_once(j, words, false);
    }
}

/* How a child that is dead ended. Who asked it to stop gets that as its end wherever it obeyed; a
 * failure that came first is one. */
static job_state ending_of(const siginfo_t *info, bool stopping)
{
    const bool exited = info->si_code == CLD_EXITED;
    if (exited && info->si_status == 0)
        return JOB_DONE;
    const bool obeyed = !exited || info->si_status == assay_exit_status(ASSAY_E_CANCELLED);
    return stopping && obeyed ? JOB_STOPPED : JOB_FAILED;
}

/* What it was good for comes first, and the reason of a failure last. */
static void keep_words(const jobs *j, job *one, const siginfo_t *info)
{
    const bool killed = info->si_code != CLD_EXITED;
    if (one->state == JOB_STOPPED && killed)
        snprintf(one->words, sizeof one->words, "interrupted: ended by signal %d", info->si_status);
    else if (killed && j->said.said == 0)
        snprintf(one->words, sizeof one->words, "ended by signal %d", info->si_status);
    else
        job_words_show(&j->said, one->state != JOB_DONE, one->words);
}

/* Its files go with a job that has done its work. Of any other they are to be had again: what took
 * an hour to send is not sent anew for a word that was wrong. */
static void let_go_of_files(const jobs *j, job_state state)
{
    if (!j->options.uploads)
        return;
    if (state == JOB_DONE)
        uploads_finish(j->options.uploads, j->taken);
    else
        uploads_give_back(j->options.uploads, j->taken);
}

/* Dead, but its number is not yet given back. */
static siginfo_t wait_for(pid_t pid)
{
    siginfo_t info = {0};
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
        ;
    return info;
}

static void *listen_to(void *argument)
{
    jobs *j = argument;
    job_pipe progress = {.descriptor = j->child.progress}, words = {.descriptor = j->child.words};
    follow(j, &progress, &words);
    const pid_t pid = j->child.pid;
    const siginfo_t info = wait_for(pid);
    pthread_mutex_lock(&j->lock);
    const job_state state = ending_of(&info, j->stopping);
    pthread_mutex_unlock(&j->lock);
    /* Before anybody is told of its end. */
    let_go_of_files(j, state);
    pthread_mutex_lock(&j->lock);
    /* With the lock, so that nobody sends a signal to a process that took the number over. */
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    j->child.pid = 0;
    job *one = latest(j);
    one->state = state;
    one->ended = clock_seconds();
    keep_words(j, one, &info);
    j->stopping = false;
    /* From here on the lock is not asked for again: whoever begins the next job joins this thread
     * with the lock held. */
    pthread_cond_broadcast(&j->ended);
    pthread_mutex_unlock(&j->lock);
    tell(j, true);
    return NULL;
}

assay_code jobs_new(const jobs_options *options, jobs **out, assay_err *err)
{
    *out = NULL;
    jobs *j = mem_zalloc(1, sizeof *j);
    if (!j)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the server");
    j->options = *options;
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->ended, NULL);
    *out = j;
    return ASSAY_OK;
}

void jobs_free(jobs *j)
{
    if (!j)
        return;
    jobs_stop(j);
    if (j->listening)
        pthread_join(j->listener, NULL);
    pthread_mutex_destroy(&j->lock);
    pthread_cond_destroy(&j->ended);
    mem_free(j);
}

/* From another folder than ours the project is found by its whole path alone. */
static assay_code start_child(const jobs *j, const job_order *order, job_child *out, assay_err *err)
{
    char whole[PATH_MAX];
    job_command command = {.program = j->options.program,
                           .words = order->command,
                           .option = order->option,
                           .option_count = order->option_count,
                           .project = j->options.project,
                           .file = order->file,
                           .folder = order->folder};
    if (order->folder && !realpath(j->options.project, whole))
        return assay_fail(err, ASSAY_E_IO, "%s: %s", j->options.project, strerrordesc_np(errno));
    if (order->folder)
        command.project = whole;
    return job_child_start(&command, out, err);
}

/* With the lock held, and nothing running. */
static assay_code begin(jobs *j, const job_order *order, assay_err *err)
{
    if (j->listening)
        pthread_join(j->listener, NULL);
    j->listening = false;
    job_child child = {0};
    ASSAY_TRY(start_child(j, order, &child, err));
    j->child = child;
    memcpy(j->taken, order->taken, sizeof j->taken);
    j->said = (job_words){0};
    j->count++;
    job *one = latest(j);
    *one = (job){.number = j->count, .command = order->command, .begun = clock_seconds()};
    snprintf(one->file, sizeof one->file, "%s", order->shown ? order->shown : "");
    if (pthread_create(&j->listener, NULL, listen_to, j) == 0) {
        j->listening = true;
        return ASSAY_OK;
    }
    kill(child.pid, SIGTERM);
    close(child.progress);
    close(child.words);
    waitpid(child.pid, NULL, 0);
    j->child.pid = 0;
    one->state = JOB_FAILED;
    return assay_fail(err, ASSAY_E_NOMEM, "no thread can be started to listen to a job");
}

assay_code jobs_start(jobs *j, const job_order *order, assay_err *err)
{
    pthread_mutex_lock(&j->lock);
    const assay_code code =
        j->child.pid
            ? assay_fail(err, ASSAY_E_CONFLICT, "assay %s is running; stop it, or wait for its end",
                         latest(j)->command)
            : begin(j, order, err);
    pthread_mutex_unlock(&j->lock);
    if (code == ASSAY_OK)
        tell(j, false);
    return code;
}

/* With the lock held. A second request would end it without care for what is done. */
static void ask_to_end(jobs *j)
{
    if (j->child.pid && !j->stopping)
        kill(j->child.pid, SIGTERM);
    j->stopping = j->child.pid != 0;
}

void jobs_stop(jobs *j)
{
    pthread_mutex_lock(&j->lock);
    const uint64_t number = j->count;
    ask_to_end(j);
    while (j->child.pid && j->count == number)
        pthread_cond_wait(&j->ended, &j->lock);
    pthread_mutex_unlock(&j->lock);
}

/* Short, for nobody wakes who waits when he is asked to give up. */
static struct timespec next_look(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += LOOK_MS * 1000000L;
    at.tv_sec += at.tv_nsec / 1000000000L;
    at.tv_nsec %= 1000000000L;
    return at;
}

void jobs_ask_to_stop(jobs *j, double seconds, cancellation *stop)
{
    const double until = clock_seconds() + seconds;
    pthread_mutex_lock(&j->lock);
    const uint64_t number = j->count;
    ask_to_end(j);
    while (j->child.pid && j->count == number && clock_seconds() < until &&
           !cancellation_asked(stop)) {
        const struct timespec look = next_look();
        pthread_cond_clockwait(&j->ended, &j->lock, CLOCK_MONOTONIC, &look);
    }
    pthread_mutex_unlock(&j->lock);
}

bool jobs_running(jobs *j)
{
    pthread_mutex_lock(&j->lock);
    const bool running = j->child.pid != 0;
    pthread_mutex_unlock(&j->lock);
    return running;
}

/* NaN: it cannot be told. */
static double seconds_left(const job *one, double now)
{
    const double seconds = now - one->first_at;
    const uint64_t done = one->step.done;
    if (one->state != JOB_RUNNING || one->first_at == 0.0 || seconds < RATE_SECONDS ||
        done <= one->first_done || done > one->step.total)
        return __builtin_nan("");
    return (double)(one->step.total - done) * seconds / (double)(done - one->first_done);
}

static void put_job(json_writer *w, json_t *array, const job *one, double now)
{
    static const char *const states[] = {"running", "done", "failed", "stopped"};
    json_t *object = json_append_object(w, array);
    json_put_count(w, object, "job", one->number);
    json_put_text(w, object, "command", one->command);
    json_put_text(w, object, "file", one->file[0] ? one->file : NULL);
    json_put_text(w, object, "state", states[one->state]);
    json_put_text(w, object, "what", one->step.what);
    json_put_count(w, object, "done", one->step.done);
    json_put_count(w, object, "total", one->step.total);
    json_put_number(w, object, "seconds",
                    (one->state == JOB_RUNNING ? now : one->ended) - one->begun);
    json_put_number(w, object, "seconds_left", seconds_left(one, now));
    json_put_text(w, object, "message", one->words[0] ? one->words : NULL);
}

void jobs_put(jobs *j, json_writer *w, json_t *object)
{
    json_t *array = json_put_array(w, object, "jobs");
    pthread_mutex_lock(&j->lock);
    const double now = clock_seconds();
    for (uint64_t i = 0; i < j->count && i < JOBS_KEPT_MOST; i++)
        put_job(w, array, &j->kept[(j->count - 1 - i) % JOBS_KEPT_MOST], now);
    pthread_mutex_unlock(&j->lock);
}
