/* `assay serve PROJECT`: the workbench, until somebody ends it. */
#include "cli/command.h"

#include "base/limits.h"
#include "base/threads.h"
#include "cli/option_table.h"
#include "cli/project_words.h"
#include "cli/terminal.h"
#include "server/server.h"

#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>

extern char **environ;

enum { PORT_DEFAULT = 8080 };

typedef struct serve_words {
    const char *path, *bind, *token, *web_dir;
    uint64_t port, threads;
    bool open;
} serve_words;

static const char usage[] =
    "Usage: assay serve PROJECT [options]\n"
    "\n"
    "Open the workbench over a project: see it, click it, look at the samples. It listens on this\n"
    "machine alone, until it is ended with ^C. What other commands change meanwhile is shown.\n"
    "Any other address than loopback asks for a token, and nothing on the way is encrypted: from\n"
    "another machine, a tunnel is better (ssh -L 8080:127.0.0.1:8080 HOST; docs/workbench.md).\n";

static const char examples[] = "\n"
                               "Examples\n"
                               "  assay serve pets.assay --open\n"
                               "  assay serve pets.assay --port 9000\n"
                               "  assay serve pets.assay --bind 0.0.0.0\n";

static sem_t ending;

static void note_ending(int number)
{
    (void)number;
    sem_post(&ending);
}

/* The first request to end is noted, the second one ends the program whatever it does. A handler
 * and not a wait for a blocked signal: libraries have threads that block nothing and would take it.
 */
static void catch_endings(void)
{
    sem_init(&ending, 0, 0);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_ending;
    action.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void wait_for_ending(void)
{
    while (sem_wait(&ending) != 0)
        ;
}

/* No thread of the server is woken by what ends it. */
static assay_code start_undisturbed(const server_options *options, server **out, assay_err *err)
{
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    const assay_code code = server_start(options, out, err);
    workspace_prepare(options->workspace);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

/* A browser that is missing is no failure: the address stands above. */
static void open_browser(const char *url)
{
    char name[] = "xdg-open";
    char *const arguments[] = {name, (char *)(uintptr_t)url, NULL};
    pid_t pid;
    if (posix_spawnp(&pid, name, NULL, NULL, arguments, environ) != 0)
        fputs("assay: there is no xdg-open to open a browser with\n", stderr);
}

/* "pets.assay: http://127.0.0.1:8080/", where whoever started it in a script can read it at once.
 */
static int print_address(const char *project, const char *url)
{
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    text_put_utf8(&out, project, strlen(project));
    text_printf(&out, ": %s\n", url);
    const int status = terminal_print(&out);
    text_clear(&out);
    return status;
}

static int run(const serve_words *w, workspace *served)
{
    const server_options options = {.workspace = served,
                                    .bind = w->bind,
                                    .port = (uint16_t)w->port,
                                    .token = w->token,
                                    .web_dir = w->web_dir};
    server *s;
    assay_err err;
    if (start_undisturbed(&options, &s, &err))
        return terminal_fail(&err);
    int status = print_address(w->path, server_url(s));
    if (status == 0) {
        if (w->open)
            open_browser(server_url(s));
        wait_for_ending();
    }
    server_stop(s);
    return status;
}

static int serve(const serve_words *w)
{
    catch_endings();
    const workspace_options options = {.path = w->path, .thread_count = (int)w->threads};
    workspace *served;
    assay_err err;
    if (workspace_open(&options, &served, &err))
        return terminal_fail(&err);
    const int status = run(w, served);
    workspace_close(served);
    return status;
}

int command_serve(int argc, const char *const *argv)
{
    serve_words w = {.port = PORT_DEFAULT, .threads = (uint64_t)threads_available()};
    const option_spec specs[] = {
        OPT_COUNT("port", &w.port, 0, 65535, "the port (8080); 0: one that is free"),
        OPT_TEXT("bind", &w.bind, "ADDRESS",
                 "listen on another address of this machine than 127.0.0.1; asks for a token"),
        OPT_TEXT(
            "token", &w.token, "TOKEN",
            "what a browser must know, 16 to 128 letters, digits and -._~; made and printed where "
            "one is needed and none is given"),
        OPT_FLAG("open", &w.open, "open it in the browser"),
        OPT_TEXT("web-dir", &w.web_dir, "DIR", "the page from this folder, while it is written"),
        OPT_COUNT("threads", &w.threads, 1, THREADS_MOST,
                  "threads to compute with (all processors)"),
    };
    assay_err err;
    option_words words;
    if (options_parse(specs, sizeof specs / sizeof *specs, argc, argv, &words, &err))
        return terminal_fail(&err);
    if (words.help)
        return project_help(usage, specs, sizeof specs / sizeof *specs, examples);
    if (words.count != 1) {
        assay_fail(&err, ASSAY_E_USAGE,
                   words.count ? "serve takes one project; '%.200s' is one too many"
                               : "serve needs a project: assay serve pets.assay%.0s",
                   words.count ? words.word[1] : "");
        return terminal_fail(&err);
    }
    w.path = words.word[0];
    return serve(&w);
}
