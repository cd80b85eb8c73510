/* The progress of a long step, for whoever waits. */
#include "cli/progress_line.h"

#include "base/clock.h"

#include "project/wording.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 24, LINE_BYTES = 512 };
#define MINUTE 60.0
#define REDRAW_SECONDS 0.1
/* Before this a rate says nothing. */
#define RATE_SECONDS 0.5

static atomic_bool interrupted;

static void note_interruption(int number)
{
    (void)number;
    atomic_store(&interrupted, true);
}

static void put_state(const progress_line *line, const char *what, uint64_t done, uint64_t total,
                      text *out)
{
    const double seconds = clock_seconds() - line->begun;
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
        wording_duration(out, (double)(total - done) / rate);
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

/* Whoever listens may have gone: then nobody wants to know. `what` is a word of ours. */
static void tell(progress_line *line, const char *what, uint64_t done, uint64_t total)
{
    const double now = clock_seconds();
    if (line->begun == 0.0)
        line->begun = now;
    else if (now - line->shown < REDRAW_SECONDS && done < total)
        return;
    line->shown = now;
    char words[LINE_BYTES];
    const int length = snprintf(words, sizeof words,
                                "{\"what\":\"%.64s\",\"done\":%" PRIu64 ",\"total\":%" PRIu64 "}\n",
                                what, done, total);
    const ssize_t written = write(line->descriptor, words, (size_t)length);
    (void)written;
}

static void show(void *context, const char *what, uint64_t done, uint64_t total)
{
    progress_line *line = context;
    if (line->descriptor) {
        tell(line, what, done, total);
        return;
    }
    const bool is_terminal = isatty(STDERR_FILENO) == 1;
    const double now = clock_seconds();
    if (line->shown == 0.0)
        line->started = line->shown = now;
    /* Each step of a command has a rate of its own. */
    if (!line->what || strcmp(line->what, what) != 0) {
        line->what = what;
        line->begun = now;
        line->first = done;
    }
    const bool due = now - line->shown >= (is_terminal ? REDRAW_SECONDS : MINUTE);
    if (!due && !(is_terminal && !line->drawn))
        return;
    if (is_terminal && now - line->started < line->patience)
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
    return progress_line_start_for(line, 0);
}

progress progress_line_start_for(progress_line *line, int descriptor)
{
    *line = (progress_line){.descriptor = descriptor};
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
