/* A bounded folder of files by key. Each file is a head that says what it is, the key, the bytes;
 * its name is a hash of the key, its time of modification that of its last use. */
#include "store/picture_cache.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/rng.h"
#include "store/dictionary.h"
#include "store/project_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    HEAD_BYTES = 64,
    NAME_BYTES = 40,
    USE_SECONDS = 600,   /* a use is written down when the last one is older */
    PART_SECONDS = 3600, /* an unfinished file that old has nobody who finishes it */
};

static const char ending[] = ".pic";
static const char part_ending[] = ".pic.part";

struct picture_cache {
    char *folder; /* the project's */
    uint64_t bytes_most;
    pthread_mutex_t lock;
    uint64_t bytes; /* about what the files take */
    bool counted;
    atomic_uint parts; /* names of files that are being written */
};

assay_code picture_cache_open(const char *folder, uint64_t bytes_most, picture_cache **out,
                              assay_err *err)
{
    *out = mem_zalloc(1, sizeof **out);
    char *copy = mem_copy_text(folder, strlen(folder));
    if (!*out || !copy) {
        mem_free(copy);
        mem_free(ASSAY_GIVE(*out));
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", folder);
    }
    (*out)->folder = copy;
    (*out)->bytes_most = bytes_most;
    pthread_mutex_init(&(*out)->lock, NULL);
    return ASSAY_OK;
}

void picture_cache_close(picture_cache *c)
{
    if (!c)
        return;
    pthread_mutex_destroy(&c->lock);
    mem_free(c->folder);
    mem_free(c);
}

/* The folder itself and no other that a link leads to; -1: there is none. */
static int open_folder(const picture_cache *c, bool make)
{
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/%s", c->folder, PROJECT_PICTURES_NAME);
    if (length < 0 || length >= (int)sizeof path)
        return -1;
    if (make && mkdir(path, 0777) != 0 && errno != EEXIST)
        return -1;
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void name_of(const char *key, char out[NAME_BYTES])
{
    const uint64_t hash = text_hash(key, strlen(key));
    snprintf(out, NAME_BYTES, "%016" PRIx64 "%s", hash, ending);
}

static void write_head(const char *key, const char *at, size_t length, char out[HEAD_BYTES])
{
    const size_t key_length = strlen(key);
    const uint64_t hash = rng_mix(text_hash(key, key_length)) ^ text_hash(at, length);
    memset(out, ' ', HEAD_BYTES);
    const int used = snprintf(out, HEAD_BYTES, "assay picture 1 %016" PRIx64 " %zu %zu", hash,
                              key_length, length);
    out[used] = ' ';
    out[HEAD_BYTES - 1] = '\n';
}

static bool read_all(int fd, char *at, size_t length)
{
    while (length > 0) {
        const ssize_t got = read(fd, at, length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        length -= (size_t)got;
    }
    return true;
}

static bool write_all(int fd, const char *at, size_t length)
{
    while (length > 0) {
        const ssize_t count = write(fd, at, length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        at += count;
        length -= (size_t)count;
    }
    return true;
}

/* A whole file; NULL where it is none of ours. */
static char *read_file(int fd, size_t least, size_t *length)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size < (off_t)least ||
        info.st_size > (off_t)(least + PICTURE_BYTES_MOST))
        return NULL;
    *length = (size_t)info.st_size;
    char *at = mem_alloc(*length, 1);
    if (at && !read_all(fd, at, *length))
        mem_free(ASSAY_GIVE(at));
    if (at && time(NULL) - info.st_mtime > USE_SECONDS)
        (void)futimens(fd, NULL); /* else it counts as unused, and is made again one day */
    return at;
}

static bool take(int fd, const char *key, text *out)
{
    char head[HEAD_BYTES];
    const size_t before = HEAD_BYTES + strlen(key);
    size_t length = 0;
    ASSAY_AUTO_MEM char *at = read_file(fd, before, &length);
    if (!at || memcmp(at + HEAD_BYTES, key, strlen(key)) != 0)
        return false;
    write_head(key, at + before, length - before, head);
    if (memcmp(at, head, HEAD_BYTES) != 0)
        return false;
    text_put(out, at + before, length - before);
    return !out->broken;
}

bool picture_cache_get(picture_cache *c, const char *key, text *out)
{
    char name[NAME_BYTES];
    const int folder = open_folder(c, false);
    if (folder < 0)
        return false;
    name_of(key, name);
    const int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    const bool there = fd >= 0 && take(fd, key, out);
    if (fd >= 0)
        close(fd);
    close(folder);
    return there;
}

/* A file of the folder, as the cleaner sees it. */
typedef struct old_file {
    char name[NAME_BYTES];
    struct timespec used;
    uint64_t bytes;
} old_file;

typedef struct old_files {
    old_file *at;
    size_t count, room;
    uint64_t bytes;
} old_files;

static int by_use(const void *a, const void *b)
{
    const struct timespec x = ((const old_file *)a)->used, y = ((const old_file *)b)->used;
    if (x.tv_sec != y.tv_sec)
        return x.tv_sec < y.tv_sec ? -1 : 1;
    return (x.tv_nsec > y.tv_nsec) - (x.tv_nsec < y.tv_nsec);
}

static bool ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name), ending_length = strlen(end);
    return length > ending_length && strcmp(name + length - ending_length, end) == 0;
}

/* False: no memory. Files that are none of ours are somebody's, and stay. */
static bool look_at(int folder, const char *name, old_files *list)
{
    struct stat info;
    const bool part = ends_with(name, part_ending);
    if ((!part && !ends_with(name, ending)) || strlen(name) >= NAME_BYTES ||
        fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode))
        return true;
    if (part && time(NULL) - info.st_mtime > PART_SECONDS)
        unlinkat(folder, name, 0);
    if (part)
        return true;
    if (list->count == list->room) {
        const size_t room = list->room ? 2 * list->room : 256;
        old_file *grown = mem_resize(list->at, room, sizeof *grown);
        if (!grown)
            return false;
        list->at = grown;
        list->room = room;
    }
    old_file *file = &list->at[list->count++];
    snprintf(file->name, NAME_BYTES, "%s", name);
    file->used = info.st_mtim;
    file->bytes = (uint64_t)info.st_size;
    list->bytes += file->bytes;
    return true;
}

static bool list_files(int folder, old_files *list)
{
    const int again = dup(folder);
    DIR *dir = again >= 0 ? fdopendir(again) : NULL;
    if (!dir) {
        if (again >= 0)
            close(again);
        return false;
    }
    rewinddir(dir);
    bool whole = true;
    for (struct dirent *entry; whole && (entry = readdir(dir));)
        whole = look_at(folder, entry->d_name, list);
    closedir(dir);
    return whole;
}

/* Counts the files, and removes the longest unused where they are too much: an eighth more than
 * need be, so that it is not for every picture anew. Called with the lock held. */
static void count_and_clean(picture_cache *c, int folder)
{
    old_files list = {0};
    c->counted = true;
    if (list_files(folder, &list)) {
        c->bytes = list.bytes;
        if (list.bytes > c->bytes_most)
            qsort(list.at, list.count, sizeof *list.at, by_use);
        for (size_t i = 0;
             list.bytes > c->bytes_most && i < list.count && c->bytes > c->bytes_most / 8 * 7;
             i++) {
            if (unlinkat(folder, list.at[i].name, 0) == 0 || errno == ENOENT)
                c->bytes -= list.at[i].bytes;
        }
    }
    mem_free(list.at);
}

static void grew(picture_cache *c, int folder, uint64_t bytes)
{
    pthread_mutex_lock(&c->lock);
    c->bytes += bytes;
    if (!c->counted || c->bytes > c->bytes_most)
        count_and_clean(c, folder);
    pthread_mutex_unlock(&c->lock);
}

static bool write_file(int fd, const char *key, const char *at, size_t length)
{
    char head[HEAD_BYTES];
    write_head(key, at, length, head);
    const bool done = write_all(fd, head, HEAD_BYTES) && write_all(fd, key, strlen(key)) &&
                      write_all(fd, at, length);
    /* By itself the system's clock of files ticks too seldom to tell which came first. */
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return done && futimens(fd, (const struct timespec[]){now, now}) == 0;
}

void picture_cache_put(picture_cache *c, const char *key, const char *at, size_t length)
{
    char name[NAME_BYTES], part[NAME_BYTES];
    if (length > PICTURE_BYTES_MOST)
        return;
    const int folder = open_folder(c, true);
    if (folder < 0)
        return;
    name_of(key, name);
    snprintf(part, sizeof part, "%ld-%u%s", (long)getpid(), c->parts++, part_ending);
    const int fd = openat(folder, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool done = fd >= 0 && write_file(fd, key, at, length);
    if (fd >= 0) {
        done &= close(fd) == 0;
        done = done && renameat(folder, part, folder, name) == 0;
        if (!done)
            unlinkat(folder, part, 0);
    }
    if (done)
        grew(c, folder, HEAD_BYTES + strlen(key) + length);
    close(folder);
}
