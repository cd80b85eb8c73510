/* Tables of text: alignment, headings over two columns, columns that go. */
#include "support/check.h"

#include "base/limits.h"
#include "base/mem.h"
#include "report/grid.h"
#include "report/text_bars.h"

#include <math.h>
#include <string.h>

typedef struct fixture {
    text out;
    page p;
} fixture;

static void set_up(fixture *f, int columns, bool colour)
{
    text_init(&f->out, REPORT_BYTES_MOST);
    f->p = (page){.style = {.colour = colour, .unicode = true, .columns = columns}, .out = &f->out};
}

static void cells_are_aligned_by_terminal_columns_and_lines_end_in_no_space(void **state)
{
    (void)state;
    static const grid_column columns[] = {
        {"name", false, 0, false, 0}, {"n", true, 2, false, 0}, {"note", false, 1, false, 0}};
    fixture f;
    set_up(&f, 60, false);
    grid t;
    grid_init(&t, columns, 3);
    text_puts(grid_cell(&t), "日本");
    text_puts(grid_cell(&t), "7");
    text_puts(grid_cell(&t), "wide");
    text_puts(grid_cell(&t), "a");
    text_puts(grid_cell(&t), "1,234");
    grid_cell(&t);
    grid_draw(&t, &f.p);
    assert_string_equal(text_view(&f.out), "  name      n note\n"
                                           "  日本      7 wide\n"
                                           "  a     1,234\n");
    grid_clear(&t);
    text_clear(&f.out);
}

static void colours_take_no_columns(void **state)
{
    (void)state;
    static const grid_column columns[] = {{"", false, 0, false, 0}, {"", false, 1, false, 0}};
    fixture f;
    set_up(&f, 60, true);
    grid t;
    grid_init(&t, columns, 2);
    ink_puts(grid_cell(&t), &f.p.style, INK_BOLD, "ab");
    text_puts(grid_cell(&t), "x");
    text_puts(grid_cell(&t), "abc");
    text_puts(grid_cell(&t), "y");
    grid_draw(&t, &f.p);
    assert_string_equal(text_view(&f.out), "  \033[1mab\033[0m  x\n  abc y\n");
    grid_clear(&t);
    text_clear(&f.out);
}

static void a_heading_may_stand_over_two_columns(void **state)
{
    (void)state;
    static const grid_column columns[] = {
        {"precision", false, 0, true, 0}, {"", false, 1, false, 0}, {"F1", false, 2, false, 0}};
    fixture f;
    set_up(&f, 60, false);
    grid t;
    grid_init(&t, columns, 3);
    text_puts(grid_cell(&t), "0.5");
    text_puts(grid_cell(&t), "[0, 1]");
    text_puts(grid_cell(&t), "0.7");
    grid_draw(&t, &f.p);
    assert_string_equal(text_view(&f.out), "  precision   F1\n  0.5 [0, 1]  0.7\n");
    grid_clear(&t);
    text_clear(&f.out);
}

static void columns_go_in_their_order_until_the_page_holds_the_rest(void **state)
{
    (void)state;
    static const grid_column columns[] = {
        {"a", false, 0, false, 0}, {"b", false, 1, false, 2}, {"c", false, 1, false, 1}};
    static const struct {
        int columns;
        const char *drawn;
    } cases[] = {
        {32, "  a          b          c\n  0123456789 0123456789 01234567\n"},
        {31, "  a          b\n  0123456789 0123456789\n"},
        {22, "  a\n  0123456789\n"},
        {4, "  a\n  0123456789\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture f;
        set_up(&f, cases[i].columns, false);
        grid t;
        grid_init(&t, columns, 3);
        text_puts(grid_cell(&t), "0123456789");
        text_puts(grid_cell(&t), "0123456789");
        text_puts(grid_cell(&t), "01234567");
        grid_draw(&t, &f.p);
        assert_string_equal(text_view(&f.out), cases[i].drawn);
        grid_clear(&t);
        text_clear(&f.out);
    }
}

static void a_table_without_memory_breaks_the_page_and_leaks_nothing(void **state)
{
    (void)state;
    static const grid_column columns[] = {{"a", false, 0, false, 0}};
    const size_t live = mem_live();
    bool whole = false;
    for (uint64_t n = 0; !whole; n++) {
        assert_true(n < 100);
        fixture f;
        set_up(&f, 60, false);
        mem_fail_after(n);
        grid t;
        grid_init(&t, columns, 1);
        for (int i = 0; i < 100; i++)
            text_puts(grid_cell(&t), "content");
        grid_draw(&t, &f.p);
        mem_fail_after(UINT64_MAX);
        whole = !f.out.broken;
        grid_clear(&t);
        text_clear(&f.out);
        assert_int_equal(mem_live(), live);
        assert_true(whole || n < 99);
    }
}

static void names_are_made_safe_and_cut(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t columns;
        const char *drawn;
    } cases[] = {
        {"plain", 10, "plain"},
        {"\033[31mred", 20, "\\x1b[31mred"},
        {"a\nb\tc\x7f", 20, "a\\x0ab\\x09c\\x7f"},
        {"\xff\xfe", 20, "\\xff\\xfe"},
        {"cut\xE2\x82", 20, "cut\\xe2\\x82"},
        {"\xC2\x9B"
         "m",
         20, "\\x9bm"},
        {"\xE2\x80\xAEturned", 20, "\\u202eturned"},
        {"\xE2\x81\xA6isolated", 20, "\\u2066isolated"},
        {"much too long", 8, "much to…"},
        {"日本語", 5, "日本…"},
        {"日本語", 4, "日…"},
        {"ab\033", 4, "ab…"},
        {"anything", 0, ""},
    };
    const report_style style = {.unicode = true, .columns = 80};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text t;
        text_init(&t, 1000);
        size_t columns = put_name(&t, &style, cases[i].name, cases[i].columns);
        assert_string_equal(text_view(&t), cases[i].drawn);
        assert_int_equal(columns, drawn_columns(text_view(&t), t.length));
        text_clear(&t);
    }
}

static void words_are_wrapped_with_their_indent(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, 20, false);
    page_words(&f.p, "  ! ", INK_PLAIN, "one two three four 0123456789abcdefghij end");
    assert_string_equal(text_view(&f.out), "  ! one two three\n"
                                           "    four\n"
                                           "    0123456789abcdef\n"
                                           "    ghij end\n");
    text_clear(&f.out);
}

static void bars_fill_their_columns_exactly(void **state)
{
    (void)state;
    static const struct {
        double share;
        bool unicode;
        const char *drawn;
    } cases[] = {
        {0, true, "····"},       {1, true, "████"},           {0.5, true, "██··"},
        {0.28125, true, "█▏··"}, {1e-9, true, "▏···"},        {2, true, "████"},
        {-1, true, "····"},      {(double)NAN, true, "····"}, {0.5, false, "##.."},
        {1, false, "####"},      {1e-9, false, "#..."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const report_style style = {.unicode = cases[i].unicode};
        text t;
        text_init(&t, 1000);
        put_bar(&t, &style, INK_ACCENT, cases[i].share, 4);
        assert_string_equal(text_view(&t), cases[i].drawn);
        text_clear(&t);
    }
}

static void sparks_run_from_lowest_to_highest(void **state)
{
    (void)state;
    text t;
    text_init(&t, 1000);
    const report_style fine = {.unicode = true};
    const report_style plain = {.unicode = false};
    const double value[] = {0.25, 0.5, 0.75, (double)NAN};
    for (size_t i = 0; i < 4; i++)
        put_spark(&t, &fine, value[i], 0.25, 0.75);
    for (size_t i = 0; i < 4; i++)
        put_spark(&t, &plain, value[i], 0.25, 0.75);
    put_spark(&t, &fine, 0.5, 0.5, 0.5);
    assert_string_equal(text_view(&t), "▁▅█ 059 █");
    text_clear(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_aligned_by_terminal_columns_and_lines_end_in_no_space),
        cmocka_unit_test(colours_take_no_columns),
        cmocka_unit_test(a_heading_may_stand_over_two_columns),
        cmocka_unit_test(columns_go_in_their_order_until_the_page_holds_the_rest),
        cmocka_unit_test(a_table_without_memory_breaks_the_page_and_leaks_nothing),
        cmocka_unit_test(names_are_made_safe_and_cut),
        cmocka_unit_test(words_are_wrapped_with_their_indent),
        cmocka_unit_test(bars_fill_their_columns_exactly),
        cmocka_unit_test(sparks_run_from_lowest_to_highest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
