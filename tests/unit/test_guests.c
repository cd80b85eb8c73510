/* Each connection has its time, and only those whose time is up are shut. */
#include "server/guests.h"
#include "support/check.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

/* A connection over loopback: [0] the server's end, [1] the guest's. */
static void connect_pair(int ends[2])
{
    const int listening = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    assert_int_equal(bind(listening, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listening, 1), 0);
    assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &size), 0);
    ends[1] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(ends[1], (struct sockaddr *)&address, size), 0);
    ends[0] = accept(listening, NULL, NULL);
    assert_true(ends[0] >= 0);
    close(listening);
}

static void close_pair(const int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

static bool is_shut(const int ends[2])
{
    char byte;
    return recv(ends[1], &byte, 1, MSG_DONTWAIT) == 0;
}

static void each_state_has_its_time(void **state)
{
    (void)state;
    static const struct {
        guest_state state;
        size_t bytes;
        double lasts, ends; /* still there after; shut after; 0: never */
    } cases[] = {
        {GUEST_ASKS, 0, 9.0, 10.1},
        {GUEST_WAITS, 0, 10000.0, 0.0},
        {GUEST_READS, 0, 9.0, 10.1},
        {GUEST_READS, (size_t)READER_BYTES_LEAST * 100, 109.0, 110.1},
        {GUEST_RESTS, 0, 10000.0, 0.0},
        {GUEST_LISTENS, 0, 10000.0, 0.0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        guests *g;
        int ends[2];
        assert_int_equal(guests_new(&g, NULL), ASSAY_OK);
        connect_pair(ends);
        /* Its time began in between, however long that took. */
        const double before = clock_seconds();
        guest *one = guest_come(g, ends[0]);
        guest_turn(g, one, cases[i].state, cases[i].bytes);
        const double now = clock_seconds();
        assert_int_equal(guests_sweep(g, now), 0);
        /* The wait for nothing of a guest who rests counts from the bytes that come. */
        if (cases[i].state != GUEST_RESTS)
            assert_int_equal(guests_sweep(g, before + cases[i].lasts), 0);
        assert_false(is_shut(ends));
        if (cases[i].ends > 0.0) {
            assert_int_equal(guests_sweep(g, now + cases[i].ends), 1);
            assert_true(is_shut(ends));
            assert_int_equal(guests_sweep(g, now + 2.0 * cases[i].ends), 0);
        }
        guest_leave(g, one);
        close_pair(ends);
        guests_free(g);
    }
}

static void a_first_line_gives_no_more_time(void **state)
{
    (void)state;
    guests *g;
    int ends[2];
    assert_int_equal(guests_new(&g, NULL), ASSAY_OK);
    connect_pair(ends);
    guest *one = guest_come(g, ends[0]);
    const double come = clock_seconds();
    usleep(200000);
    guest_turn(g, one, GUEST_ASKS, 0);
    assert_int_equal(guests_sweep(g, come + REQUEST_SECONDS_MOST + 0.05), 1);
    guest_leave(g, one);
    close_pair(ends);
    guests_free(g);
}

static void bytes_after_a_reply_begin_a_request(void **state)
{
    (void)state;
    guests *g;
    int ends[2];
    assert_int_equal(guests_new(&g, NULL), ASSAY_OK);
    connect_pair(ends);
    guest *one = guest_come(g, ends[0]);
    assert_int_equal(send(ends[1], "x", 1, 0), 1);
    usleep(20000);
    guest_turn(g, one, GUEST_RESTS, 0);
    assert_int_equal(guests_sweep(g, clock_seconds()), 0);
    usleep(120000);
    assert_int_equal(send(ends[1], "x", 1, 0), 1);
    usleep(20000);
    const double now = clock_seconds();
    assert_int_equal(guests_sweep(g, now), 0);
    assert_int_equal(guests_sweep(g, now + REQUEST_SECONDS_MOST + 0.01), 1);
    assert_true(is_shut(ends));
    guest_leave(g, one);
    close_pair(ends);
    guests_free(g);
}

static void the_busy_are_counted(void **state)
{
    (void)state;
    guests *g;
    assert_int_equal(guests_new(&g, NULL), ASSAY_OK);
    guest *ones[5];
    static const guest_state states[5] = {GUEST_ASKS, GUEST_WAITS, GUEST_READS, GUEST_RESTS,
                                          GUEST_LISTENS};
    for (int i = 0; i < 5; i++) {
        ones[i] = guest_come(g, -1);
        guest_turn(g, ones[i], states[i], 0);
    }
    assert_int_equal(guests_busy(g), 2);
    guest_leave(g, ones[1]);
    assert_int_equal(guests_busy(g), 1);
    guest_leave(g, ones[4]);
    guest_leave(g, ones[0]);
    guest_leave(g, ones[2]);
    guest_leave(g, ones[3]);
    guest_leave(g, NULL);
    guest_turn(g, NULL, GUEST_ASKS, 0);
    assert_int_equal(guests_busy(g), 0);
    guests_free(g);
}

/* Whether the thread of `g` asks: at once, but where the machine is busy. */
static bool is_asked_soon(cancellation *stop)
{
    for (int i = 0; i < 6000 && !cancellation_asked(stop); i++)
        usleep(10000);
    return cancellation_asked(stop);
}

static void who_leaves_is_not_computed_for(void **state)
{
    (void)state;
    static const bool halves[] = {false, true};
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        guests *g;
        int ends[2];
        cancellation stop = {0};
        assert_int_equal(guests_new(&g, NULL), ASSAY_OK);
        connect_pair(ends);
        guest *one = guest_come(g, ends[0]);
        guest_wait(g, one, &stop);
        assert_int_equal(guests_look(g, clock_seconds()), 0);
        assert_false(cancellation_asked(&stop));
        /* The next request, which has come already, doesn't hide it. */
        assert_int_equal(send(ends[1], "GET", 3, 0), 3);
        if (halves[i])
            shutdown(ends[1], SHUT_WR);
        else
            close(ends[1]);
        assert_true(is_asked_soon(&stop));
        assert_int_equal(guests_look(g, clock_seconds()), 0);
        guest_leave(g, one);
        guests_free(g);
        close(ends[0]);
        if (halves[i])
            close(ends[1]);
    }
}

static void a_computation_has_its_time(void **state)
{
    (void)state;
    guests *g;
    int ends[2];
    cancellation first = {0}, second = {0};
    assert_int_equal(guests_new(&g, NULL), ASSAY_OK);
    connect_pair(ends);
    guest *one = guest_come(g, ends[0]);
    const double before = clock_seconds();
    guest_wait(g, one, &first);
    const double now = clock_seconds();
    assert_int_equal(guests_look(g, before + ANSWER_SECONDS_MOST - 1.0), 0);
    assert_int_equal(guests_look(g, now + ANSWER_SECONDS_MOST + 0.1), 1);
    assert_true(cancellation_asked(&first));
    /* Who reads the reply waits for nothing any more. */
    guest_turn(g, one, GUEST_READS, 10);
    assert_int_equal(guests_look(g, now + 2.0 * ANSWER_SECONDS_MOST), 0);
    guest_wait(g, one, &second);
    guests_hurry(g, clock_seconds() + 0.1);
    assert_true(is_asked_soon(&second));
    guest_wait(g, NULL, &second);
    guest_leave(g, one);
    guests_free(g);
    close_pair(ends);
}

static void without_memory_nobody_comes(void **state)
{
    (void)state;
    guests *g;
    assay_err err;
    mem_fail_after(0);
    assay_code code = guests_new(&g, &err);
    mem_fail_after(UINT64_MAX);
    assert_int_equal(code, ASSAY_E_NOMEM);
    assert_null(g);
    assert_int_equal(guests_new(&g, NULL), ASSAY_OK);
    mem_fail_after(0);
    guest *one = guest_come(g, -1);
    mem_fail_after(UINT64_MAX);
    assert_null(one);
    guests_free(g);
    guests_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_its_time),
        cmocka_unit_test(a_first_line_gives_no_more_time),
        cmocka_unit_test(bytes_after_a_reply_begin_a_request),
        cmocka_unit_test(the_busy_are_counted),
        cmocka_unit_test(who_leaves_is_not_computed_for),
        cmocka_unit_test(a_computation_has_its_time),
        cmocka_unit_test(without_memory_nobody_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
