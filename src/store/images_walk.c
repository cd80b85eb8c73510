/* Walks a folder for images. Names are bytes; the kinds of entries come with their names where the
 * file system has them, so that a million files are listed without asking for each. */
#include "store/images_walk.h"

#include "base/limits.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRIES_FIRST = 1024, NAMES_FIRST = 1 << 16, LEVELS_FIRST = 16, SKIPPED_SHOWN = 8 };

/* A name in the arena; that of a folder ends in '/', so that names sort as whole paths do. */
typedef struct entry {
    size_t at;
    uint32_t length;
    bool is_folder;
} entry;

/* A folder that is being walked: its entries are the last ones of the stack. */
typedef struct level {
    size_t first_entry, next_entry, first_byte;
    size_t path_length; /* of the folder, with its '/' */
    dev_t device;
    ino_t inode;
} level;

typedef struct walker {
    image_listing *listing;
    const char *shown;
    size_t root_bytes; /* of the folder's own path */
    int fd;            /* of the folder */
    entry *entry;
    size_t entry_count, entry_room;
    char *name;
    size_t name_used, name_room;
    level *level;
    size_t level_count, level_room;
    char
        path[PATH_MAX]; /* of the folder that is walked, relative to the first, ends in '/' or "" */
    size_t path_length;
    folder_walk *out;
    size_t unread, dangling, special, loops, long_paths;
} walker;

void folder_walk_clear(folder_walk *w)
{
    mem_free(w->start);
    mem_free(w->bytes);
    *w = (folder_walk){0};
}

static void walker_clear(walker *w)
{
    if (w->fd >= 0)
        close(w->fd);
    mem_free(w->entry);
    mem_free(w->name);
    mem_free(w->level);
}

static bool is_hidden(const char *name)
{
    return name[0] == '.' || !strcmp(name, "__MACOSX") || !strcmp(name, "Thumbs.db") ||
           !strcmp(name, "desktop.ini");
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c + ('a' - 'A'));
    return c;
}

static void skip_file(skipped_files *s, const char *name, size_t length)
{
    char ending[ENDING_BYTES_MOST] = "";
    const char *dot = memrchr(name, '.', length);
    const size_t bytes = dot ? length - (size_t)(dot - name) : 0;
    s->count++;
    if (bytes >= sizeof ending) {
        s->others++;
        return;
    }
    for (size_t i = 0; i < bytes; i++)
        ending[i] = lower(dot[i]);
    size_t i = 0;
    while (i < s->ending_count && strcmp(s->ending[i].name, ending) != 0)
        i++;
    if (i == ENDINGS_MOST) {
        s->others++;
        return;
    }
    if (i == s->ending_count)
        memcpy(s->ending[s->ending_count++].name, ending, sizeof ending);
    s->ending[i].count++;
}

static bool resize(void *array_pointer, size_t count, size_t size)
{
    void **array = array_pointer;
    void *grown = mem_resize(*array, count, size);
    if (grown)
        *array = grown;
    return grown;
}

static bool reserve(void *array_pointer, size_t needed, size_t *room, size_t first, size_t size)
{
    if (needed <= *room)
        return true;
    size_t wanted = *room ? 2 * *room : first;
    while (wanted < needed)
        wanted *= 2;
    if (!resize(array_pointer, wanted, size))
        return false;
    *room = wanted;
    return true;
}

/* An image whose folder is the one that is walked. */
static assay_code take_image(walker *w, const char *name, size_t length, assay_err *err)
{
    folder_walk *out = w->out;
    const size_t bytes = w->path_length + length;
    if (w->root_bytes + 1 + bytes >= PATH_MAX) {
        w->long_paths++;
        return ASSAY_OK;
    }
    if (out->count >= ROWS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: has more than %llu images", w->shown,
                          (unsigned long long)ROWS_MOST);
    if (out->count + 1 >= out->room) {
        const size_t room = out->room ? 2 * out->room : ENTRIES_FIRST;
        if (!resize(&out->start, room, sizeof *out->start))
            return image_listing_nomem(w->listing, err);
        out->room = room;
    }
    if (!reserve(&out->bytes, out->byte_used + bytes, &out->byte_room, NAMES_FIRST, 1))
        return image_listing_nomem(w->listing, err);
    memcpy(out->bytes + out->byte_used, w->path, w->path_length);
    memcpy(out->bytes + out->byte_used + w->path_length, name, length);
    out->start[out->count++] = out->byte_used;
    out->byte_used += bytes;
    out->start[out->count] = out->byte_used;
    return ASSAY_OK;
}

/* Only the first few are named. */
static assay_code warn_unread(walker *w, const char *folder, size_t length, int error,
                              assay_err *err)
{
    if (w->unread++ >= LISTED_WARNINGS_MOST)
        return ASSAY_OK;
    char name[IMAGE_NAME_SHOWN];
    const char *why =
        error == EACCES || error == EPERM ? "permission denied" : strerrordesc_np(error);
    return image_listing_warn(w->listing, err, "%s: folder '%s' may not be read (%s)", w->shown,
                              image_name_show(folder, length, name), why);
}

/* The kind of an entry that the file system did not tell, or where a link leads. */
static unsigned char kind_at(int folder, const char *name)
{
    struct stat info;
    if (fstatat(folder, name, &info, 0))
        return errno == ELOOP || errno == ENOENT ? DT_LNK : DT_UNKNOWN;
    return S_ISREG(info.st_mode) ? DT_REG : S_ISDIR(info.st_mode) ? DT_DIR : DT_FIFO;
}

static assay_code take_entry(walker *w, int folder, const struct dirent *d, assay_err *err)
{
    unsigned char kind = d->d_type;
    const size_t length = strlen(d->d_name);
    if (is_hidden(d->d_name))
        return ASSAY_OK;
    if (kind == DT_LNK || kind == DT_UNKNOWN)
        kind = kind_at(folder, d->d_name);
    if (kind == DT_LNK || kind == DT_UNKNOWN) {
        w->dangling++;
        return ASSAY_OK;
    }
    if (kind != DT_DIR && kind != DT_REG) {
        w->special++;
        return ASSAY_OK;
    }
    if (kind == DT_REG && !image_name_is_image(d->d_name, length)) {
        skip_file(&w->out->skipped, d->d_name, length);
        return ASSAY_OK;
    }
    if (!reserve(&w->entry, w->entry_count + 1, &w->entry_room, ENTRIES_FIRST, sizeof *w->entry) ||
        !reserve(&w->name, w->name_used + length + 1, &w->name_room, NAMES_FIRST, 1))
        return image_listing_nomem(w->listing, err);
    entry *e = &w->entry[w->entry_count++];
    *e = (entry){w->name_used, (uint32_t)length + (kind == DT_DIR), kind == DT_DIR};
    memcpy(w->name + e->at, d->d_name, length);
    w->name[e->at + length] = '/';
    w->name_used += e->length;
    return ASSAY_OK;
}

static int compare_entries(const void *a, const void *b, void *names)
{
    const entry *x = a;
    const entry *y = b;
    const uint32_t shorter = x->length < y->length ? x->length : y->length;
    const int order = memcmp((char *)names + x->at, (char *)names + y->at, shorter);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

static assay_code read_entries(walker *w, DIR *folder, assay_err *err)
{
    const size_t first = w->entry_count;
    const struct dirent *d;
    errno = 0;
    while ((d = readdir(folder))) {
        ASSAY_TRY(take_entry(w, dirfd(folder), d, err));
        errno = 0;
    }
    if (errno)
        ASSAY_TRY(warn_unread(w, w->path, w->path_length, errno, err));
    if (w->entry_count > first)
        qsort_r(w->entry + first, w->entry_count - first, sizeof *w->entry, compare_entries,
                w->name);
    return ASSAY_OK;
}

/* A folder that is its own ancestor is the end of a loop of links. */
static bool is_ancestor(const walker *w, const struct stat *info)
{
    for (size_t i = 0; i < w->level_count; i++) {
        if (w->level[i].device == info->st_dev && w->level[i].inode == info->st_ino)
            return true;
    }
    return false;
}

static assay_code enter_opened(walker *w, int fd, assay_err *err)
{
    struct stat info;
    if (fstat(fd, &info) || is_ancestor(w, &info)) {
        close(fd);
        w->loops++;
        w->path_length = w->level_count ? w->level[w->level_count - 1].path_length : 0;
        return ASSAY_OK;
    }
    if (!reserve(&w->level, w->level_count + 1, &w->level_room, LEVELS_FIRST, sizeof *w->level)) {
        close(fd);
        return image_listing_nomem(w->listing, err);
    }
    w->level[w->level_count++] = (level){.first_entry = w->entry_count,
                                         .next_entry = w->entry_count,
                                         .first_byte = w->name_used,
                                         .path_length = w->path_length,
                                         .device = info.st_dev,
                                         .inode = info.st_ino};
    w->out->folders++;
    DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return image_listing_nomem(w->listing, err);
    }
    const assay_code code = read_entries(w, folder, err);
    closedir(folder);
    return code;
}

/* Begin with the folder `name` (ends in '/') of the one that is walked. */
static assay_code enter(walker *w, const char *name, size_t length, assay_err *err)
{
    const size_t before = w->path_length;
    if (w->root_bytes + before + length + 1 >= PATH_MAX) {
        w->long_paths++;
        return ASSAY_OK;
    }
    memcpy(w->path + before, name, length);
    w->path_length += length;
    w->path[w->path_length] = '\0';
    const int fd = openat(w->fd, w->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0)
        return enter_opened(w, fd, err);
    w->path_length = before;
    return warn_unread(w, w->path, before + length - 1, errno, err);
}

static void leave(walker *w)
{
    const level *l = &w->level[--w->level_count];
    w->entry_count = l->first_entry;
    w->name_used = l->first_byte;
    w->path_length = w->level_count ? w->level[w->level_count - 1].path_length : 0;
}

static assay_code walk(walker *w, assay_err *err)
{
    while (w->level_count > 0) {
        level *l = &w->level[w->level_count - 1];
        if (!w->entry || l->next_entry == w->entry_count) {
            leave(w);
            continue;
        }
        const entry e = w->entry[l->next_entry++];
        char name[NAME_MAX + 2]; /* the arena may move while the folder is read */
        memcpy(name, w->name + e.at, e.length);
        ASSAY_TRY(e.is_folder ? enter(w, name, e.length, err) : take_image(w, name, e.length, err));
    }
    return ASSAY_OK;
}

static assay_code warn_count(const walker *w, size_t count, const char *one, const char *many,
                             assay_err *err)
{
    if (count == 0)
        return ASSAY_OK;
    return image_listing_warn(w->listing, err, "%s: skipped %zu %s", w->shown, count,
                              count == 1 ? one : many);
}

static assay_code warn(const walker *w, assay_err *err)
{
    if (w->unread > LISTED_WARNINGS_MOST)
        ASSAY_TRY(image_listing_warn(w->listing, err, "%s: %zu more folders may not be read",
                                     w->shown, w->unread - LISTED_WARNINGS_MOST));
    ASSAY_TRY(warn_count(w, w->dangling, "symbolic link that leads nowhere",
                         "symbolic links that lead nowhere", err));
    ASSAY_TRY(warn_count(w, w->loops, "symbolic link that leads back to a folder above it",
                         "symbolic links that lead back to a folder above them", err));
    ASSAY_TRY(
        warn_count(w, w->special, "pipe, socket or device", "pipes, sockets or devices", err));
    return warn_count(w, w->long_paths, "entry whose path is longer than the system opens",
                      "entries whose paths are longer than the system opens", err);
}

static assay_code walk_opened(walker *w, const char *path, assay_err *err)
{
    w->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
    if (w->fd < 0)
        return assay_fail(err, ASSAY_E_IO, "%s: the folder may not be read: %s", w->shown,
                          strerrordesc_np(errno));
    const int first = openat(w->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (first < 0)
        return assay_fail(err, ASSAY_E_IO, "%s: the folder may not be read: %s", w->shown,
                          strerrordesc_np(errno));
    ASSAY_TRY(enter_opened(w, first, err));
    ASSAY_TRY(walk(w, err));
    return warn(w, err);
}

assay_code folder_walk_read(image_listing *l, const char *path, const char *shown, folder_walk *out,
                            assay_err *err)
{
    *out = (folder_walk){0};
    walker w = {.listing = l, .shown = shown, .root_bytes = strlen(path), .fd = -1, .out = out};
    const assay_code code = walk_opened(&w, path, err);
    walker_clear(&w);
    if (code != ASSAY_OK)
        folder_walk_clear(out);
    return code;
}

/* The endings with most files first, equals by name. */
static int compare_endings(const void *a, const void *b, void *skipped)
{
    const skipped_files *s = skipped;
    const size_t x = *(const size_t *)a;
    const size_t y = *(const size_t *)b;
    if (s->ending[x].count != s->ending[y].count)
        return s->ending[x].count > s->ending[y].count ? -1 : 1;
    return strcmp(s->ending[x].name, s->ending[y].name);
}

/* "2 .txt, 1 .svg", the most frequent endings by name, the rest as a number. */
static void list_endings(const skipped_files *s, const size_t *order, char *words, size_t room)
{
    size_t used = 0;
    size_t others = s->others;
    for (size_t i = 0; i < s->ending_count; i++) {
        const char *name = s->ending[order[i]].name;
        const size_t count = s->ending[order[i]].count;
        if (i < SKIPPED_SHOWN)
            used += (size_t)snprintf(words + used, room - used, "%s%zu %s", i ? ", " : "", count,
                                     *name ? name : "without an ending");
        else
            others += count;
    }
    if (others)
        snprintf(words + used, room - used, "%s%zu of other endings", used ? ", " : "", others);
}

assay_code folder_walk_warn_skipped(image_listing *l, const folder_walk *w, assay_err *err)
{
    skipped_files s = w->skipped;
    size_t order[ENDINGS_MOST];
    char words[1024] = "";
    if (s.count == 0)
        return ASSAY_OK;
    for (size_t i = 0; i < s.ending_count; i++)
        order[i] = i;
    qsort_r(order, s.ending_count, sizeof *order, compare_endings, &s);
    list_endings(&s, order, words, sizeof words);
    const bool one = s.count == 1;
    return image_listing_warn(l, err, "skipped %zu file%s that %s: %s", s.count, one ? "" : "s",
                              one ? "is not an image" : "are not images", words);
}
