/* Pictures, what looks alike and what cannot be read, over a project of real images with names that
 * are hard on whoever writes them down. With --json, print replies for the test of the schema. */
#include "support/asked.h"
#include "support/listed.h"
#include "support/served.h"

#include "image/decode.h"
#include "image/kind.h"
#include "project/create.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static workspace *shown;

/* In the order of their bytes, which is that of the samples. */
enum { BMP, TIFF, TURNED, CUT, GIF, GREY, LARGE, PNG, AGAIN, WEBP, HOSTILE, COUNT };

static const struct {
    const char *path, *from; /* NULL: no image */
} images[COUNT] = {
    [BMP] = {"photos/a/0.png", "rgb.bmp"}, /* a name that lies */
    [TIFF] = {"photos/a/1.tif", "rgb.tif"},
    [TURNED] = {"photos/a/2.jpg", "turned_6.jpg"},
    [CUT] = {"photos/a/3.png", NULL},
    [GIF] = {"photos/b/4.gif", "one.gif"},
    [GREY] = {"photos/b/5.jpg", "grey.jpg"},
    [LARGE] = {"photos/b/6.jpg", "large.jpg"},
    [PNG] = {"photos/b/7.png", "rgb.png"},
    [AGAIN] = {"photos/b/8.png", "rgb.png"},
    [WEBP] = {"photos/b/9.webp", "lossless.webp"},
    [HOSTILE] = {"photos/b/z\"\n\x01<\xff.png", "size_40_17.png"},
};

static char bytes[1 << 20];

static size_t read_image(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", getenv("ASSAY_TEST_IMAGES"), name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    const size_t length = fread(bytes, 1, sizeof bytes, f);
    assert_true(length > 0 && length < sizeof bytes);
    fclose(f);
    return length;
}

static reply get(route_handler handle, uint64_t sample, const char *query)
{
    reply out;
    assay_err err = {0};
    const asked a = {.handle = handle, .number = sample, .query = query};
    if (asked_reply(shown, &a, &out, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    return out;
}

static void expect_size(const reply *r, uint32_t width, uint32_t height, image_kind kind)
{
    image_decoder *d;
    pixels p;
    const uint8_t *at = (const uint8_t *)text_view(&r->body);
    assert_int_equal(image_kind_of(at, r->body.length), kind);
    assert_string_equal(r->content_type, kind == KIND_PNG ? "image/png" : "image/jpeg");
    assert_int_equal(image_decoder_new(&d, NULL), ASSAY_OK);
    assert_int_equal(image_decode(d, at, r->body.length, &p, NULL), ASSAY_OK);
    assert_int_equal(p.width, width);
    assert_int_equal(p.height, height);
    image_decoder_free(d);
}

/* A sample as a list shows it; freed by whoever asked, with the list. */
static const json_t *listed(json_t **list, uint64_t sample)
{
    const asked a = {.handle = handle_samples, .query = "count=500"};
    *list = asked_answer(shown, &a);
    return json_array_get(asked_in(*list, "samples"), sample);
}

static void a_small_picture_fits_and_is_upright(void **state)
{
    (void)state;
    static const struct {
        uint64_t sample;
        const char *query;
        uint32_t side;
    } cases[] = {{TURNED, "size=64", 64}, {LARGE, "size=64", 64},  {LARGE, "size=128", 128},
                 {BMP, "size=64", 64},    {TIFF, "size=256", 256}, {WEBP, "size=64", 64},
                 {GIF, "size=512", 512},  {GREY, "size=64", 64},   {HOSTILE, "size=64", 64}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *list;
        const json_t *s = listed(&list, cases[i].sample);
        const double width = asked_number(s, "width"), height = asked_number(s, "height");
        const double longest = width > height ? width : height;
        const double part = longest > cases[i].side ? cases[i].side / longest : 1.0;
        for (int again = 0; again < 2; again++) { /* the second is kept */
            reply r = get(handle_thumbnail, cases[i].sample, cases[i].query);
            const uint32_t w = (uint32_t)(width * part + .5), h = (uint32_t)(height * part + .5);
            expect_size(&r, w, h, w <= 64 && h <= 64 ? KIND_PNG : KIND_JPEG);
            reply_clear(&r);
        }
        json_decref(list);
    }
}

static void the_latest_version_may_be_kept_for_ever(void **state)
{
    (void)state;
    json_t *list;
    char query[64];
    snprintf(query, sizeof query, "size=64&v=%s", asked_word(listed(&list, PNG), "picture"));
    for (int again = 0; again < 2; again++) {
        reply r = get(handle_thumbnail, PNG, query);
        assert_true(r.cache_seconds > 30u * 24 * 3600);
        assert_true(r.revision_plus_one == 0);
        reply_clear(&r);
    }
    reply r = get(handle_thumbnail, PNG, "size=64&v=0123456789abcdef");
    assert_true(r.cache_seconds == 0);
    assert_true(r.revision_plus_one > 0);
    reply_clear(&r);
    json_decref(list);
}

static void the_image_is_the_file_where_a_browser_shows_it(void **state)
{
    (void)state;
    static const struct {
        uint64_t sample;
        const char *type;
    } whole[] = {{TURNED, "image/jpeg"},
                 {GIF, "image/gif"},
                 {PNG, "image/png"},
                 {WEBP, "image/webp"},
                 {GREY, "image/jpeg"}};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        reply r = get(handle_image, whole[i].sample, NULL);
        assert_string_equal(r.content_type, whole[i].type);
        assert_int_equal(r.body.length, read_image(images[whole[i].sample].from));
        assert_memory_equal(text_view(&r.body), bytes, r.body.length);
        reply_clear(&r);
    }
    /* Whatever the name says. */
    reply r = get(handle_image, BMP, NULL);
    assert_string_equal(r.content_type, "image/png");
    reply_clear(&r);
    r = get(handle_image, TIFF, NULL);
    assert_string_equal(r.content_type, "image/png");
    reply_clear(&r);
}

static void what_cannot_be_shown_says_why(void **state)
{
    (void)state;
    reply out;
    assay_err err;
    const asked size = {.handle = handle_thumbnail, .query = "size=65"};
    asked_refusal(shown, &size, ASSAY_E_USAGE, "size is '65'; use 64, 128, 256 or 512");
    const asked cut = {.handle = handle_image, .number = CUT};
    assert_int_equal(asked_reply(shown, &cut, &out, &err), ASSAY_E_NOT_FOUND);
    assert_non_null(strstr(err.msg, "the image cannot be shown: "));
    json_t *list;
    const json_t *s = listed(&list, CUT);
    assert_true(json_is_null(asked_in(s, "picture")));
    json_decref(list);
    const asked unreadable = {.handle = handle_unreadable};
    list = asked_answer(shown, &unreadable);
    assert_int_equal(asked_count(list, "count"), 1);
    const json_t *first = json_array_get(asked_in(list, "samples"), 0);
    assert_int_equal(asked_count(asked_in(first, "sample"), "sample"), CUT);
    assert_true(strlen(asked_word(first, "reason")) > 5);
    json_decref(list);
    assert_int_equal(rename("photos/a/1.tif", "moved"), 0);
    const asked gone = {.handle = handle_image, .number = TIFF};
    asked_refusal(shown, &gone, ASSAY_E_NOT_FOUND,
                  "the image cannot be shown: there is no such file");
    assert_int_equal(rename("moved", "photos/a/1.tif"), 0);
}

static void a_file_that_changed_is_drawn_anew(void **state)
{
    (void)state;
    reply before = get(handle_thumbnail, AGAIN, "size=64");
    const size_t length = read_image("size_9_1.png");
    listed_put("photos/b/8.png", bytes, length);
    reply after = get(handle_thumbnail, AGAIN, "size=64");
    expect_size(&after, 9, 1, KIND_PNG);
    reply_clear(&before);
    reply_clear(&after);
    const size_t old = read_image("rgb.png");
    listed_put("photos/b/8.png", bytes, old);
}

static void names_of_any_bytes_leave_the_json_whole(void **state)
{
    (void)state;
    json_t *list;
    const json_t *s = listed(&list, HOSTILE);
    assert_string_equal(asked_word(s, "path"), "b/z\"\n\x01<\\xff.png");
    json_decref(list);
    const asked detail = {.handle = handle_sample, .number = HOSTILE};
    json_decref(asked_answer(shown, &detail));
    const asked paths = {.handle = handle_export,
                         .body = "{\"form\": \"paths\", \"samples\": [10]}"};
    reply out;
    assert_int_equal(asked_reply(shown, &paths, &out, NULL), ASSAY_OK);
    assert_string_equal(text_view(&out.body), "b/z\"\n\x01<\xff.png\n");
    reply_clear(&out);
}

static void equal_pictures_are_duplicates(void **state)
{
    (void)state;
    const asked a = {.handle = handle_duplicates, .query = "threshold=1"};
    json_t *told = asked_answer(shown, &a);
    bool together = false;
    const json_t *groups = asked_in(told, "groups");
    for (size_t g = 0; g < json_array_size(groups); g++) {
        const json_t *group = json_array_get(groups, g), *all = asked_in(group, "samples");
        bool first = false, second = false;
        for (size_t i = 0; i < json_array_size(all); i++) {
            first |= asked_count(json_array_get(all, i), "sample") == PNG;
            second |= asked_count(json_array_get(all, i), "sample") == AGAIN;
        }
        together |= first && second && strcmp(asked_word(group, "kind"), "equal") == 0;
    }
    assert_true(together);
    assert_int_equal(asked_count(told, "count"), json_array_size(groups));
    json_decref(told);
    const asked leaking = {.handle = handle_duplicates, .query = "only=leakage"};
    told = asked_answer(shown, &leaking);
    assert_int_equal(asked_count(told, "count"), 0);
    json_decref(told);
    const asked detail = {.handle = handle_sample, .number = PNG};
    told = asked_answer(shown, &detail);
    const json_t *repeats = asked_in(told, "duplicates");
    bool again = false;
    for (size_t i = 0; i < json_array_size(repeats); i++)
        again |= asked_count(json_array_get(repeats, i), "sample") == AGAIN;
    assert_true(again);
    assert_int_equal(json_array_size(asked_in(told, "similar")), COUNT - 2);
    json_decref(told);
    static const struct {
        const char *query, *message;
    } cases[] = {
        {"only=some", "only is 'some'; use all, leakage, two_labels or wrong"},
        {"threshold=2", "threshold is '2'; use a number from 0 to 1"},
        {"threshold=nan", "threshold is 'nan'; use a number from 0 to 1"},
        {"count=201", "count is '201'; use a whole number from 0 to 200"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const asked wrong = {.handle = handle_duplicates, .query = cases[i].query};
        asked_refusal(shown, &wrong, ASSAY_E_USAGE, cases[i].message);
    }
}

static void similar_ones_come_nearest_first(void **state)
{
    (void)state;
    const asked a = {.handle = handle_similar, .number = PNG, .query = "count=5"};
    json_t *told = asked_answer(shown, &a);
    const json_t *all = asked_in(told, "samples");
    assert_int_equal(json_array_size(all), 5);
    /* The same pixels in other files: ties by row. */
    assert_int_equal(asked_count(json_array_get(all, 0), "sample"), BMP);
    assert_true(asked_number(json_array_get(all, 0), "value") > 1.0 - 1e-6);
    for (size_t i = 1; i < 5; i++)
        assert_true(asked_number(json_array_get(all, i), "value") <=
                    asked_number(json_array_get(all, i - 1), "value"));
    json_decref(told);
    const asked some = {
        .handle = handle_similar, .number = PNG, .query = "count=50&filter={\"classes\": [\"a\"]}"};
    told = asked_answer(shown, &some);
    assert_int_equal(json_array_size(asked_in(told, "samples")), 3);
    json_decref(told);
    const asked none = {.handle = handle_similar, .number = CUT};
    asked_refusal(shown, &none, ASSAY_E_INPUT,
                  "sample 3 has no vector: its image could not be read, or has not been described");
}

static void alike_ones_are_groups_with_a_leader(void **state)
{
    (void)state;
    const asked a = {.handle = handle_groups, .query = "similarity=0.9999"};
    json_t *told = asked_answer(shown, &a);
    assert_int_equal(asked_count(told, "listed"), COUNT);
    assert_int_equal(asked_count(told, "without_neighbour"), 1);
    assert_true(asked_number(told, "similarity") == 0.9999);
    const json_t *first = json_array_get(asked_in(told, "groups"), 0);
    const json_t *members = asked_in(first, "members"), *samples = asked_in(first, "samples");
    /* The same pixels in other files, of which the first row leads. */
    static const int equal[] = {BMP, PNG, AGAIN};
    size_t found = 0;
    assert_int_equal(json_array_size(members), json_array_size(samples));
    for (size_t i = 0; i < json_array_size(members); i++) {
        const json_int_t member = json_integer_value(json_array_get(members, i));
        assert_int_equal(asked_count(json_array_get(samples, i), "sample"), member);
        for (size_t e = 0; e < sizeof equal / sizeof *equal; e++)
            found += member == equal[e];
    }
    assert_int_equal(found, sizeof equal / sizeof *equal);
    assert_int_equal(json_integer_value(json_array_get(members, 0)), BMP);
    assert_true(asked_number(first, "least") >= 0.9999);
    assert_true(asked_number(json_array_get(samples, 0), "value") == 1.0);
    json_decref(told);
}

static void groups_come_in_pages_and_follow_the_query(void **state)
{
    (void)state;
    const asked whole = {.handle = handle_groups, .query = "similarity=0.3&count=200"};
    json_t *all = asked_answer(shown, &whole);
    const json_int_t count = asked_count(all, "count");
    json_int_t grouped = 0;
    assert_true(count >= 2);
    for (json_int_t g = 0; g < count; g++) {
        char query[64];
        snprintf(query, sizeof query, "similarity=0.3&shown=1&count=1&from=%d", (int)g);
        const asked one = {.handle = handle_groups, .query = query};
        json_t *page = asked_answer(shown, &one);
        const json_t *group = json_array_get(asked_in(page, "groups"), 0);
        const json_t *same = json_array_get(asked_in(all, "groups"), (size_t)g);
        assert_int_equal(asked_count(page, "count"), count);
        assert_int_equal(json_array_size(asked_in(group, "samples")), 1);
        assert_true(json_equal(asked_in(group, "members"), asked_in(same, "members")));
        grouped += (json_int_t)json_array_size(asked_in(group, "members"));
        json_decref(page);
    }
    assert_int_equal(asked_count(all, "grouped"), grouped);
    json_decref(all);
    const asked of_b = {.handle = handle_groups, .query = "filter={\"classes\": [\"b\"]}"};
    json_t *some = asked_answer(shown, &of_b);
    assert_int_equal(asked_count(some, "listed"), COUNT - GIF);
    json_decref(some);
    const asked none = {.handle = handle_groups, .query = "outcome=wrong"};
    some = asked_answer(shown, &none);
    assert_int_equal(asked_count(some, "listed") + asked_count(some, "count"), 0);
    json_decref(some);
    static const struct {
        const char *query, *message;
    } cases[] = {
        {"similarity=2", "similarity is '2'; use a number from 0 to 1"},
        {"similarity=", "similarity is ''; use a number from 0 to 1"},
        {"similarity=nan", "similarity is 'nan'; use a number from 0 to 1"},
        {"count=201", "count is '201'; use a whole number from 0 to 200"},
        {"shown=501", "shown is '501'; use a whole number from 0 to 500"},
        {"outcome=good",
         "there is no outcome 'good'; there are: all, correct, wrong, tp, fp, fn, unlabelled, "
         "fixed, broken, both_wrong, both_right"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const asked wrong = {.handle = handle_groups, .query = cases[i].query};
        asked_refusal(shown, &wrong, ASSAY_E_USAGE, cases[i].message);
    }
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    const asked cases[] = {
        {.handle = handle_similar, .number = PNG, .query = "count=2"},
        {.handle = handle_groups, .query = "count=2"},
        {.handle = handle_sample, .number = PNG},
        {.handle = handle_thumbnail, .number = GREY, .query = "size=64"},
        {.handle = handle_image, .number = BMP},
        {.handle = handle_duplicates, .query = "count=1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        asked_fail_each_allocation(shown, &cases[i]);
}

static int make_all(void **state)
{
    if (listed_make_folder(state))
        return -1;
    for (size_t i = 0; i < COUNT; i++) {
        if (images[i].from)
            listed_put(images[i].path, bytes, read_image(images[i].from));
        else
            listed_put(images[i].path, "no image", 8);
    }
    const create_request wanted = {
        .access = {.path = "shown.assay", .command = "assay test", .thread_count = 2},
        .list = {.images = "photos", .thread_count = 2},
        .predictions = {0}};
    create_notes notes;
    assay_err err;
    const assay_code code = create_project(&wanted, &notes, &err);
    create_notes_clear(&notes);
    if (code != ASSAY_OK)
        fprintf(stderr, "%s\n", err.msg);
    const workspace_options options = {.path = "shown.assay", .thread_count = 2};
    return code != ASSAY_OK || workspace_open(&options, &shown, &err) != ASSAY_OK ? -1 : 0;
}

static int drop_all(void **state)
{
    workspace_close(shown);
    return listed_drop_folder(state);
}

static int print_json(void)
{
    void *state = NULL;
    if (make_all(&state))
        return 1;
    static const struct {
        const char *definition;
        asked a;
    } replies[] = {
        {"Samples", {.handle = handle_samples}},
        {"SampleDetail", {.handle = handle_sample, .number = HOSTILE}},
        {"SampleDetail", {.handle = handle_sample, .number = CUT}},
        {"Similar", {.handle = handle_similar, .number = PNG}},
        {"Unreadable", {.handle = handle_unreadable}},
        {"Duplicates", {.handle = handle_duplicates}},
        {"SimilarGroups", {.handle = handle_groups, .query = "similarity=0.3"}},
    };
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++)
        asked_print(shown, replies[i].definition, &replies[i].a);
    return drop_all(&state);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--json") == 0)
        return print_json();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_picture_fits_and_is_upright),
        cmocka_unit_test(the_latest_version_may_be_kept_for_ever),
        cmocka_unit_test(the_image_is_the_file_where_a_browser_shows_it),
        cmocka_unit_test(what_cannot_be_shown_says_why),
        cmocka_unit_test(a_file_that_changed_is_drawn_anew),
        cmocka_unit_test(names_of_any_bytes_leave_the_json_whole),
        cmocka_unit_test(equal_pictures_are_duplicates),
        cmocka_unit_test(similar_ones_come_nearest_first),
        cmocka_unit_test(alike_ones_are_groups_with_a_leader),
        cmocka_unit_test(groups_come_in_pages_and_follow_the_query),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests_name("handle_pictures", tests, make_all, drop_all);
}
