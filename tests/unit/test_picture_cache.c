/* What was put is there, or nothing is; and the folder never takes more than it may. */
#include "support/listed.h"

#include "base/mem.h"
#include "store/picture_cache.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static picture_cache *open_cache(uint64_t most)
{
    picture_cache *c;
    listed_remove("pics");
    assert_int_equal(mkdir("pics", 0777), 0);
    assert_int_equal(picture_cache_open("pics", most, &c, NULL), ASSAY_OK);
    return c;
}

/* The text under a key; NULL where there is none. */
static const char *get(picture_cache *c, const char *key)
{
    static char copy[1 << 16];
    text out;
    text_init(&out, sizeof copy - 1);
    const bool there = picture_cache_get(c, key, &out);
    snprintf(copy, sizeof copy, "%s", text_view(&out));
    if (!there)
        assert_int_equal(out.length, 0);
    text_clear(&out);
    return there ? copy : NULL;
}

static size_t count_files(char last[300])
{
    size_t count = 0;
    DIR *dir = opendir("pics/thumbnails");
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        count++;
        snprintf(last, 300, "pics/thumbnails/%.200s", entry->d_name);
    }
    if (dir)
        closedir(dir);
    return count;
}

static void what_was_put_is_there(void **state)
{
    (void)state;
    char name[300];
    picture_cache *c = open_cache(1 << 20);
    assert_null(get(c, "a"));
    picture_cache_put(c, "a", "first", 5);
    picture_cache_put(c, "a\xff\n\"/../b", "second", 6);
    assert_string_equal(get(c, "a"), "first");
    assert_string_equal(get(c, "a\xff\n\"/../b"), "second");
    picture_cache_put(c, "a", "again", 5);
    assert_string_equal(get(c, "a"), "again");
    assert_int_equal(count_files(name), 2);
    picture_cache_close(c);
    assert_int_equal(picture_cache_open("pics", 1 << 20, &c, NULL), ASSAY_OK);
    assert_string_equal(get(c, "a"), "again");
    picture_cache_close(c);
}

static void change(const char *path, long at, char to)
{
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    assert_int_equal(fputc(to, f), to);
    assert_int_equal(fclose(f), 0);
}

static void a_file_that_was_changed_is_none(void **state)
{
    (void)state;
    char name[300];
    picture_cache *c = open_cache(1 << 20);
    const long places[] = {0, 20, 63, 64, 70, 72};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        picture_cache_put(c, "key", "a picture", 9);
        assert_string_equal(get(c, "key"), "a picture");
        assert_int_equal(count_files(name), 1);
        change(name, places[i], '~');
        assert_null(get(c, "key"));
    }
    picture_cache_put(c, "key", "a picture", 9);
    assert_int_equal(truncate(name, 70), 0);
    assert_null(get(c, "key"));
    assert_int_equal(truncate(name, 0), 0);
    assert_null(get(c, "key"));
    /* The file of another key, put in its place. */
    assert_int_equal(unlink(name), 0);
    char other[300];
    picture_cache_put(c, "kex", "another", 7);
    assert_int_equal(count_files(other), 1);
    assert_int_equal(rename(other, name), 0);
    assert_null(get(c, "key"));
    /* A link, and a pipe that nobody writes. */
    assert_int_equal(rename(name, "pics/moved"), 0);
    assert_int_equal(symlink("../moved", other), 0);
    assert_null(get(c, "kex"));
    assert_int_equal(mkfifo(name, 0600), 0);
    assert_null(get(c, "key"));
    picture_cache_close(c);
}

static void a_folder_that_is_a_link_is_not_used(void **state)
{
    (void)state;
    picture_cache *c = open_cache(1 << 20);
    listed_remove("elsewhere");
    assert_int_equal(mkdir("elsewhere", 0777), 0);
    assert_int_equal(symlink("../elsewhere", "pics/thumbnails"), 0);
    picture_cache_put(c, "key", "a picture", 9);
    assert_null(get(c, "key"));
    assert_int_equal(rmdir("elsewhere"), 0);
    picture_cache_close(c);
    assert_int_equal(picture_cache_open("nowhere", 1, &c, NULL), ASSAY_OK);
    picture_cache_put(c, "key", "a picture", 9);
    assert_null(get(c, "key"));
    picture_cache_close(c);
}

static void the_longest_unused_goes_first(void **state)
{
    (void)state;
    enum { PICTURE = 1000, MOST = 20 };
    static char picture[PICTURE];
    char name[300], key[8];
    memset(picture, 'x', sizeof picture);
    picture_cache *c = open_cache(MOST * (PICTURE + 100));
    listed_put("pics/thumbnails/notes.txt", "mine", 4);
    for (int i = 0; i < 3 * MOST; i++) {
        snprintf(key, sizeof key, "%d", i);
        picture_cache_put(c, key, picture, sizeof picture);
    }
    assert_true(count_files(name) <= MOST + 1);
    assert_true(count_files(name) > MOST / 2);
    assert_null(get(c, "0"));
    assert_non_null(get(c, key));
    assert_int_equal(access("pics/thumbnails/notes.txt", F_OK), 0);
    picture_cache_close(c);
}

static void every_failed_allocation_leaves_nothing_behind(void **state)
{
    (void)state;
    const size_t live = mem_live();
    for (uint64_t n = 0; n < 12; n++) {
        picture_cache *c = NULL;
        text out;
        text_init(&out, 100);
        listed_remove("pics");
        assert_int_equal(mkdir("pics", 0777), 0);
        mem_fail_after(n);
        const assay_code code = picture_cache_open("pics", 50, &c, NULL);
        if (code == ASSAY_OK) {
            picture_cache_put(c, "key", "a picture", 9);
            if (!picture_cache_get(c, "key", &out))
                assert_int_equal(out.length, 0);
        }
        mem_fail_after(UINT64_MAX);
        picture_cache_close(c);
        text_clear(&out);
        assert_int_equal(mem_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_there),
        cmocka_unit_test(a_file_that_was_changed_is_none),
        cmocka_unit_test(a_folder_that_is_a_link_is_not_used),
        cmocka_unit_test(the_longest_unused_goes_first),
        cmocka_unit_test(every_failed_allocation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests_name("picture_cache", tests, listed_make_folder,
                                       listed_drop_folder);
}
