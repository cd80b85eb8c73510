/* What a terminal shows of a long step, and when. */
#include "cli/progress_line.h"
#include "support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Standard error is a terminal whose other end is `screen`. */
static int screen, before;

static int set_up(void **state)
{
    (void)state;
    screen = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    before = dup(STDERR_FILENO);
    if (screen < 0 || before < 0 || grantpt(screen) || unlockpt(screen))
        return -1;
    const int terminal = open(ptsname(screen), O_RDWR | O_NOCTTY);
    return terminal < 0 || dup2(terminal, STDERR_FILENO) < 0 || close(terminal);
}

static int tear_down(void **state)
{
    (void)state;
    dup2(before, STDERR_FILENO);
    return close(before) || close(screen);
}

/* What came since it was last asked. */
static const char *shown(void)
{
    static char words[1024];
    const ssize_t got = read(screen, words, sizeof words - 1);
    words[got > 0 ? got : 0] = '\0';
    return words;
}

static void a_bar_is_drawn_at_once_and_wiped(void **state)
{
    (void)state;
    progress_line line;
    const progress told = progress_line_start(&line);
    progress_show(&told, "measuring", 3, 12);
    assert_string_equal(shown(), "\r[######------------------] measuring 3 of 12\033[K");
    progress_line_end(&line);
    assert_string_equal(shown(), "\r\033[K");
}

static void with_patience_what_is_short_shows_nothing(void **state)
{
    (void)state;
    progress_line line;
    const progress told = progress_line_start(&line);
    line.patience = 0.2;
    progress_show(&told, "reading rows", 1, 4);
    progress_show(&told, "adding metrics", 2, 4);
    progress_line_end(&line);
    assert_string_equal(shown(), "");
}

static void with_patience_what_is_long_is_shown_though_its_steps_are_short(void **state)
{
    (void)state;
    progress_line line;
    const progress told = progress_line_start(&line);
    line.patience = 0.2;
    progress_show(&told, "reading rows", 1, 4);
    usleep(150000);
    progress_show(&told, "reading rows", 2, 4);
    assert_string_equal(shown(), "");
    usleep(100000);
    progress_show(&told, "adding metrics", 3, 4);
    assert_string_equal(shown(), "\r[##################------] adding metrics 3 of 4\033[K");
    progress_line_end(&line);
    assert_string_equal(shown(), "\r\033[K");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bar_is_drawn_at_once_and_wiped),
        cmocka_unit_test(with_patience_what_is_short_shows_nothing),
        cmocka_unit_test(with_patience_what_is_long_is_shown_though_its_steps_are_short),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
