/* A child process with two pipes. Knows nothing of what it does. */
#include "server/job_child.h"

#include "base/json.h"
#include "base/try.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

enum { PROGRESS_DESCRIPTOR = 3, WORDS_BYTES = 64 };

/* Of 1000: half of the machine's memory more than it has. */
#define EXPENDABLE "500"

/* The command's words, the rest of what it is started with, and an end. */
enum { ARGUMENTS_MOST = 1 + JOB_WORDS_MOST + 2 + JOB_OPTIONS_MOST + 3 + 1 };

/* What a process is started with. */
typedef struct job_start {
    const char *program, *folder;
    int progress, words;
    char *argument[ARGUMENTS_MOST];
    char room[WORDS_BYTES]; /* the command's words, apart */
} job_start;

static int spawn(const job_start *s, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    posix_spawnattr_init(&attributes);
    /* Through high numbers, for a pipe of ours may have one of those that the child shall have. */
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, s->words, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, s->words, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&actions, s->progress, PROGRESS_DESCRIPTOR);
    int error = posix_spawn_file_actions_addclosefrom_np(&actions, PROGRESS_DESCRIPTOR + 1);
    if (error == 0 && s->folder)
        error = posix_spawn_file_actions_addchdir_np(&actions, s->folder);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                  POSIX_SPAWN_SETPGROUP));
    if (error == 0)
        error = posix_spawn(pid, s->program, &actions, &attributes, s->argument, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* A machine that is short of memory ends the job, which can be begun again, and not the server with
 * all that waits for it. Where the system knows no such wish, none is told. */
static void give_way(pid_t pid)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/%ld/oom_score_adj", (long)pid);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    const ssize_t written = fd < 0 ? 0 : write(fd, EXPENDABLE, strlen(EXPENDABLE));
    (void)written;
    if (fd >= 0)
        close(fd);
}

/* A pipe whose ends are above the descriptors that the child is given. */
static int make_pipe(int ends[2])
{
    int low[2];
    if (pipe2(low, O_CLOEXEC) != 0)
        return errno;
    for (int i = 0; i < 2; i++)
        ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, PROGRESS_DESCRIPTOR + 1);
    const int error = ends[0] < 0 || ends[1] < 0 ? errno : 0;
    close(low[0]);
    close(low[1]);
    return error;
}

static void close_both(const int ends[2])
{
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            close(ends[i]);
    }
}

/* posix_spawn() takes texts that it doesn't change without saying so. */
static char *as_argument(const char *words)
{
    return (char *)(uintptr_t)words;
}

static void put_arguments(const job_command *c, job_start *s)
{
    size_t count = 0;
    char *rest = NULL;
    assert(strlen(c->words) < sizeof s->room && c->option_count <= JOB_OPTIONS_MOST);
    snprintf(s->room, sizeof s->room, "%s", c->words);
    s->argument[count++] = as_argument("assay");
    for (char *word = strtok_r(s->room, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        assert(count <= JOB_WORDS_MOST);
        s->argument[count++] = word;
    }
    s->argument[count++] = as_argument("--progress-fd");
    s->argument[count++] = as_argument("3");
    for (size_t i = 0; i < c->option_count; i++)
        s->argument[count++] = as_argument(c->option[i]);
    s->argument[count++] = as_argument("--");
    s->argument[count++] = as_argument(c->project);
    if (c->file)
        s->argument[count++] = as_argument(c->file);
    s->argument[count] = NULL;
}

assay_code job_child_start(const job_command *command, job_child *out, assay_err *err)
{
    *out = (job_child){.progress = -1, .words = -1};
    job_start start = {.program = command->program ? command->program : "/proc/self/exe",
                       .folder = command->folder};
    put_arguments(command, &start);
    int progress[2] = {-1, -1}, words[2] = {-1, -1};
    int error = make_pipe(progress);
    if (error == 0)
        error = make_pipe(words);
    start.progress = progress[1];
    start.words = words[1];
    if (error == 0)
        error = spawn(&start, &out->pid);
    if (error != 0) {
        close_both(progress);
        close_both(words);
        return assay_fail(err, ASSAY_E_IO, "assay %.40s cannot be started: %s", command->words,
                          strerror(error));
    }
    give_way(out->pid);
    close(progress[1]);
    close(words[1]);
    out->progress = progress[0];
    out->words = words[0];
    return ASSAY_OK;
}

static bool read_count(const json_t *value, uint64_t *out)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

bool job_step_read(const char *line, job_step *out)
{
    json_t *root = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    const char *what = json_string_value(json_object_get(root, "what"));
    job_step step;
    const bool fine = what && read_count(json_object_get(root, "done"), &step.done) &&
                      read_count(json_object_get(root, "total"), &step.total);
    if (fine) {
        snprintf(step.what, sizeof step.what, "%s", what);
        *out = step;
    }
    json_decref(root);
    return fine;
}
