/* The progress of a long step, for whoever waits. */
#include "cli/progress_line.h"

#include "project/wording.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 24, LINE_BYTES = 512 };
#define MINUTE 60ul
#define REDRAW_SECONDS 0.1
/* Before this a rate says nothing. */
#define RATE_SECONDS 0.5

static atomic_bool interrupted;

static void note_interruption(int number)
{
    (void)number;
    atomic_store(&interrupted, true);
}

static double now_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* "3 min 20 s", "45 s", "2 h 5 min". */
static void put_duration(text *out, double seconds)
{
    const unsigned long whole = seconds < 1e8 ? (unsigned long)(seconds + 0.5) : 100000000;
    if (whole < MINUTE)
        text_printf(out, "%lu s", whole);
    else if (whole < MINUTE * MINUTE)
        text_printf(out, "%lu min %lu s", whole / MINUTE, whole % MINUTE);
    else
        text_printf(out, "%lu h %lu min", whole / (MINUTE * MINUTE), whole / MINUTE % MINUTE);
}

static void put_state(const progress_line *line, const char *what, uint64_t done, uint64_t total,
                      text *out)
{
    const double seconds = now_seconds() - line->begun;
    const double rate = seconds > RATE_SECONDS ? (double)(done - line->first) / seconds : 0.0;
    text_printf(out, "%s ", what);
    wording_count(out, done);
    text_puts(out, " of ");
    wording_count(out, total);
    if (rate >= 10.0) {
        text_puts(out, ", ");
        wording_count(out, (uint64_t)rate);
        text_puts(out, " a second");
    } else if (rate > 0.0) {
        text_printf(out, ", %.1f a second", rate);
    }
    if (rate > 0.0 && done < total) {
        text_puts(out, ", ");
        put_duration(out, (double)(total - done) / rate);
        text_puts(out, " left");
    }
}

static void put_bar(uint64_t done, uint64_t total, text *out)
{
    const int full = total ? (int)((double)done / (double)total * BAR_WIDTH) : BAR_WIDTH;
    text_puts(out, "[");
    text_repeat(out, "#", (size_t)full);
    text_repeat(out, "-", (size_t)(BAR_WIDTH - full));
    text_puts(out, "] ");
}

static void show(void *context, const char *what, uint64_t done, uint64_t total)
{
    progress_line *line = context;
    const bool is_terminal = isatty(STDERR_FILENO) == 1;
    const double now = now_seconds();
    if (line->begun == 0.0) {
        line->begun = line->shown = now;
        line->first = done;
    }
    const bool due = now - line->shown >= (is_terminal ? REDRAW_SECONDS : (double)MINUTE);
    if (!due && !(is_terminal && !line->drawn))
        return;
    line->shown = now;
    text out;
    text_init(&out, LINE_BYTES);
    if (is_terminal) {
        text_puts(&out, "\r");
        put_bar(done, total, &out);
    }
    put_state(line, what, done, total, &out);
    text_puts(&out, is_terminal ? "\033[K" : "\n");
    fputs(text_view(&out), stderr);
    fflush(stderr);
    text_clear(&out);
    line->drawn = is_terminal;
}

progress progress_line_start(progress_line *line)
{
    *line = (progress_line){0};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_interruption;
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return (progress){.show = show, .context = line, .stop = &interrupted};
}

void progress_line_end(progress_line *line)
{
    if (line->drawn)
        fputs("\r\033[K", stderr);
    *line = (progress_line){0};
}
