/* A condition in a forked process, which can be killed. Knows no SQL. */
#include "store/where_apart.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/try.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

ASSAY_AUTO_CLEAR_DECLARE(selection)

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WATCHED_FOR_RACES 1
#endif
#endif

/* In memory that both processes have. */
typedef struct finding {
    bool whole; /* the rest was written to its end */
    assay_code code;
    long position;
    assay_err why;
    uint64_t word[]; /* of the selection */
} finding;

/* What the child is asked. */
typedef struct question {
    const frame *frame;
    const char *condition;
    where_options options;
    finding *finding;
    size_t bytes; /* of the finding */
} question;

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_moved = PTHREAD_COND_INITIALIZER;
static int running;

static assay_code enter_gate(int seconds, assay_err *err)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    int late = 0;
    pthread_mutex_lock(&gate);
    while (running >= CONDITIONS_AT_ONCE && late == 0)
        late = pthread_cond_clockwait(&gate_moved, &gate, CLOCK_MONOTONIC, &until);
    const bool may = running < CONDITIONS_AT_ONCE;
    running += may;
    pthread_mutex_unlock(&gate);
    return may ? ASSAY_OK
               : assay_fail(err, ASSAY_E_CONFLICT,
                            "--where: other conditions are being run; try again");
}

static void leave_gate(void)
{
    pthread_mutex_lock(&gate);
    running--;
    pthread_cond_signal(&gate_moved);
    pthread_mutex_unlock(&gate);
}

/* The child's, where a condition is deaf. Its parent sees that nothing was found. */
static void end_child(const char *why)
{
    (void)why;
    _exit(1);
}

static void find(const question *q)
{
    finding *found = q->finding;
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    where_options options = q->options;
    options.give_up = end_child;
    options.position = &found->position;
    found->code = where_select(q->frame, q->condition, &options, &rows, &found->why);
    if (found->code == ASSAY_OK)
        memcpy(found->word, rows.word, (rows.row_count + 63) / 64 * sizeof *rows.word);
    found->whole = true;
}

/* Descriptors of the parent would keep its connections open for those at their other end. */
_Noreturn static void be_child(const question *q, pid_t parent, int alive)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    const int kept = dup2(alive, STDERR_FILENO + 1);
    if (kept >= 0 && close_range((unsigned)kept + 1, ~0u, 0) == 0)
        find(q);
    _exit(0);
}

/* Whether the child ended by itself: its end of the pipe is closed with it. */
static bool ends_in_time(int pipe, double until)
{
    struct pollfd end = {.fd = pipe};
    for (;;) {
        const double left = until - clock_seconds();
        const int got = poll(&end, 1, left > 0 ? (int)(left * 1000) + 1 : 0);
        if (got > 0)
            return true;
        if (left <= 0 || (got < 0 && errno != EINTR))
            return false;
    }
}

/* True: it ended in time. */
static bool wait_for(pid_t child, int pipe, int seconds)
{
    const bool in_time = ends_in_time(pipe, clock_seconds() + seconds + CONDITION_KILL_SECONDS);
    if (!in_time)
        kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    return in_time;
}

static assay_code run_child(const question *q, bool *in_time, assay_err *err)
{
    int alive[2];
    if (pipe2(alive, O_CLOEXEC) != 0)
        return assay_fail(err, ASSAY_E_IO, "--where: no pipe can be made: %s", strerror(errno));
    const pid_t parent = getpid(), child = fork();
    if (child == 0)
        be_child(q, parent, alive[1]);
    const int error = errno;
    close(alive[1]);
    if (child > 0)
        *in_time = wait_for(child, alive[0], q->options.seconds);
    close(alive[0]);
    return child > 0 ? ASSAY_OK
                     : assay_fail(err, error == ENOMEM ? ASSAY_E_NOMEM : ASSAY_E_IO,
                                  "--where: no process can be made: %s", strerror(error));
}

static assay_code take_finding(const question *q, bool in_time, selection *out, assay_err *err)
{
    finding *found = q->finding;
    if (!found->whole && !in_time)
        return assay_fail(err, ASSAY_E_LIMIT, "--where: did not end within %d second%s",
                          q->options.seconds, q->options.seconds == 1 ? "" : "s");
    if (!found->whole)
        return assay_fail(err, ASSAY_E_LIMIT,
                          "--where: was ended, for it needs more than %d MiB of memory",
                          CONDITION_ADDRESS_MIB);
    found->why.msg[ASSAY_ERR_MSG_SIZE - 1] = '\0';
    if (q->options.position)
        *q->options.position = found->position;
    if (found->code != ASSAY_OK)
        return assay_fail(err, found->code, "%s", found->why.msg);
    ASSAY_TRY(selection_init(out, q->frame->row_count, false, err));
    memcpy(out->word, found->word, q->bytes - sizeof *found);
    return ASSAY_OK;
}

static assay_code ask(const question *q, selection *out, assay_err *err)
{
    bool in_time = true;
    ASSAY_TRY(enter_gate(q->options.seconds, err));
    const assay_code code = run_child(q, &in_time, err);
    leave_gate();
    return code == ASSAY_OK ? take_finding(q, in_time, out, err) : code;
}

assay_code where_select_apart(const frame *f, const char *condition, const where_options *options,
                              selection *out, assay_err *err)
{
    *out = (selection){0};
#ifdef WATCHED_FOR_RACES /* there a forked process cannot start threads */
    return where_select(f, condition, options, out, err);
#endif
    question q = {.frame = f,
                  .condition = condition,
                  .options = *options,
                  .bytes = sizeof(finding) + (f->row_count + 63) / 64 * sizeof(uint64_t)};
    if (q.options.seconds <= 0)
        q.options.seconds = CONDITION_SECONDS_MOST;
    q.finding = mmap(NULL, q.bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (q.finding == MAP_FAILED)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the condition");
    q.finding->position = -1;
    const assay_code code = ask(&q, out, err);
    munmap(q.finding, q.bytes);
    return code;
}
