/* Small pictures made of characters: bars, sparklines, heat. */
#include "report/text_bars.h"

#include <math.h>

static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

static double within_unit(double x)
{
    return x > 0 ? (x < 1 ? x : 1) : 0;
}

static void put_track(text *out, const report_style *style, size_t columns)
{
    if (columns == 0)
        return;
    ink_on(out, style, INK_FAINT);
    text_repeat(out, style->unicode ? "·" : ".", columns);
    ink_off(out, style, INK_FAINT);
}

void put_bar(text *out, const report_style *style, ink colour, double share, size_t columns)
{
    const char *full = style->unicode ? "█" : "#";
    size_t parts = style->unicode ? 8 : 1;
    size_t filled = (size_t)lround(within_unit(share) * (double)(columns * parts));
    /* Something is never drawn as nothing. */
    if (share > 0 && filled == 0)
        filled = 1;
    size_t rest = filled % parts;
    ink_on(out, style, colour);
    text_repeat(out, full, filled / parts);
    text_puts(out, eighths[rest]);
    ink_off(out, style, colour);
    put_track(out, style, columns - filled / parts - (rest > 0));
}

void put_marked_bar(text *out, const report_style *style, double share, double mark, size_t columns)
{
    const char *full = style->unicode ? "█" : "#";
    const char *track = style->unicode ? "·" : ".";
    size_t filled = (size_t)lround(within_unit(share) * (double)columns);
    size_t at = isnan(mark) ? columns : (size_t)(within_unit(mark) * (double)columns);
    if (!isnan(mark) && at == columns)
        at = columns - 1;
    for (size_t i = 0; i < columns; i++) {
        if (i == at)
            ink_puts(out, style, INK_WARN, style->unicode ? "┃" : "|");
        else if (i < filled)
            ink_puts(out, style, INK_ACCENT, full);
        else
            ink_puts(out, style, INK_FAINT, track);
    }
}

void put_spark(text *out, const report_style *style, double value, double low, double high)
{
    if (isnan(value)) {
        text_puts(out, " ");
        return;
    }
    double share = high > low ? within_unit((value - low) / (high - low)) : 1;
    size_t steps = style->unicode ? 8 : 10;
    size_t step = (size_t)(share * (double)steps);
    if (step == steps)
        step--;
    if (style->unicode)
        text_puts(out, blocks[step]);
    else
        text_printf(out, "%zu", step);
}

/* Ground and letters of each step. All grounds are of middling brightness and grow in strength, so
 * that a small share recedes and a large one stands out on dark and on light terminals. */
typedef struct heat_step {
    double from; /* share of the row */
    int errors, right, letters_on_errors, letters_on_right;
} heat_step;

enum { NO_GROUND = -1 };

static const heat_step ramp[] = {
    {0.00, NO_GROUND, 65, 0, 231}, {0.01, 60, 65, 231, 231},  {0.03, 61, 65, 231, 231},
    {0.05, 97, 65, 231, 231},      {0.10, 133, 65, 231, 231}, {0.25, 162, 71, 231, 16},
    {0.50, 160, 28, 231, 231},
};
enum { RAMP_STEPS = sizeof ramp / sizeof *ramp };

void put_heat(text *out, const report_style *style, heat kind, double share, const char *s)
{
    if (!style->colour) {
        text_puts(out, s);
        return;
    }
    size_t i = RAMP_STEPS - 1;
    while (i > 0 && !(share >= ramp[i].from))
        i--;
    const bool right = kind == HEAT_DIAGONAL;
    const int ground = right ? ramp[i].right : ramp[i].errors;
    if (ground == NO_GROUND)
        text_puts(out, s);
    else
        text_printf(out, "\033[38;5;%d;48;5;%dm%s\033[0m",
                    right ? ramp[i].letters_on_right : ramp[i].letters_on_errors, ground, s);
}

void put_heat_scale(text *out, const report_style *style)
{
    static const char *const words[RAMP_STEPS] = {" <1 % ", " 1 % ",  " 3 % ", " 5 % ",
                                                  " 10 % ", " 25 % ", " 50 % "};
    for (size_t i = 0; i < RAMP_STEPS; i++)
        put_heat(out, style, HEAT_OFF_DIAGONAL, ramp[i].from, words[i]);
    text_puts(out, " of the row");
}
