/* Places for files that are being sent. The lock is not held while a piece is written: its place is
 * then busy, and who wants the same one waits for that moment. */
#include "server/uploads.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "project/wording.h"
#include "server/upload_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Those of a job too, for they may be given back. */
enum { PLACES = UPLOADS_MOST, NUMBER_BYTES = 24 };

typedef struct upload {
    upload_state state; /* number 0: the place is free */
    int fd;             /* -1: complete */
    double moved;       /* clock_seconds() when something came */
    bool busy, taken;
} upload;

struct uploads {
    const char *project;
    double idle_seconds;
    pthread_mutex_t lock;
    pthread_cond_t idle; /* a place is no longer busy */
    upload_folder folder;
    uint64_t count; /* of all that ever were */
    upload place[PLACES];
};

static void name_folder(const upload *p, char out[NUMBER_BYTES])
{
    snprintf(out, NUMBER_BYTES, "%llu", (unsigned long long)p->state.number);
}

assay_code uploads_new(const uploads_options *options, uploads **out, assay_err *err)
{
    *out = NULL;
    uploads *u = mem_zalloc(1, sizeof *u);
    if (!u)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the server");
    u->project = options->project;
    u->idle_seconds =
        options->idle_seconds > 0.0 ? options->idle_seconds : (double)UPLOAD_IDLE_SECONDS;
    u->folder = (upload_folder)UPLOAD_FOLDER_NONE;
    pthread_mutex_init(&u->lock, NULL);
    pthread_cond_init(&u->idle, NULL);
    upload_folder_tidy(u->project);
    *out = u;
    return ASSAY_OK;
}

static void close_file(upload *p)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

/* With the lock held, and the place not busy. */
static void forget(uploads *u, upload *p)
{
    char folder[NUMBER_BYTES];
    close_file(p);
    name_folder(p, folder);
    upload_folder_drop(&u->folder, folder);
    *p = (upload){.fd = -1};
}

static assay_code fail_gone(const char *name, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOT_FOUND,
                      "%s: what was sent of it is gone, for somebody removed it from the project's "
                      "folder; send it again",
                      name);
}

static assay_code forget_gone(uploads *u, upload *p, assay_err *err)
{
    char name[UPLOAD_NAME_BYTES_MOST + 1];
    memcpy(name, p->state.name, sizeof name);
    forget(u, p);
    return fail_gone(name, err);
}

/* "3/names.csv", where a file lies in the server's folder. */
enum { PLACE_BYTES = NUMBER_BYTES + UPLOAD_NAME_BYTES_MOST + 2 };
static void place_of(uint64_t folder, const char *name, char out[PLACE_BYTES])
{
    snprintf(out, PLACE_BYTES, "%llu/%s", (unsigned long long)folder, name);
}

/* A job finds it by its whole path. */
static bool is_gone(const uploads *u, const upload *p)
{
    char place[PLACE_BYTES], path[PATH_MAX + PLACE_BYTES];
    struct stat info;
    place_of(p->state.number, p->state.name, place);
    snprintf(path, sizeof path, "%s/%s", u->folder.path, place);
    return lstat(path, &info) != 0 && errno == ENOENT;
}

void uploads_free(uploads *u)
{
    if (!u)
        return;
    for (size_t i = 0; i < PLACES; i++) {
        if (u->place[i].state.number)
            forget(u, &u->place[i]);
    }
    upload_folder_remove(&u->folder);
    pthread_mutex_destroy(&u->lock);
    pthread_cond_destroy(&u->idle);
    mem_free(u);
}

/* Whether the file is called as one that is read: the endings of store/format.c, and .npy. */
static bool has_known_ending(const char *name)
{
    static const char *const texts[] = {".csv",   ".tsv",    ".tab",      ".json",
                                        ".jsonl", ".ndjson", ".jsonlines"};
    static const char *const others[] = {".parquet", ".pq", ".npy"};
    size_t length = strlen(name);
    const bool packed = length > 3 && strcasecmp(name + length - 3, ".gz") == 0;
    length -= packed ? 3 : 0;
    const char *dot = memrchr(name, '.', length);
    const size_t ending = dot ? length - (size_t)(dot - name) : 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strlen(texts[i]) == ending && strncasecmp(dot, texts[i], ending) == 0)
            return true;
    }
    for (size_t i = 0; !packed && i < sizeof others / sizeof *others; i++) {
        if (strlen(others[i]) == ending && strncasecmp(dot, others[i], ending) == 0)
            return true;
    }
    return false;
}

assay_code upload_check_name(const char *name, assay_err *err)
{
    const size_t length = strlen(name);
    if (length == 0 || length > UPLOAD_NAME_BYTES_MOST || utf8_valid(name, length) != length)
        return assay_fail(err, ASSAY_E_USAGE, "a file's name has 1 to %d bytes of UTF-8",
                          UPLOAD_NAME_BYTES_MOST);
    if (strchr(name, '/') || utf8_has_controls(name, length) || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0)
        return assay_fail(err, ASSAY_E_USAGE,
                          "'%s' is no plain file's name: it is sent without a folder and without "
                          "control characters",
                          name);
    if (!has_known_ending(name))
        return assay_fail(err, ASSAY_E_USAGE,
                          "'%s' is called as no table: expected .csv, .tsv, .json, .jsonl (or one "
                          "of these with .gz), .parquet or .npy",
                          name);
    return ASSAY_OK;
}

/* Whether somebody may ask for it. */
static bool is_open(const upload *p)
{
    return p->state.number != 0 && !p->taken;
}

/* With the lock held; once it is not busy, for which it waits. */
static assay_code find(uploads *u, uint64_t number, upload **out, assay_err *err)
{
    for (size_t i = 0; number != 0 && i < PLACES; i++) {
        upload *p = &u->place[i];
        while (p->state.number == number && p->busy)
            pthread_cond_wait(&u->idle, &u->lock);
        if (p->state.number == number && is_open(p)) {
            *out = p;
            return ASSAY_OK;
        }
    }
    return assay_fail(
        err, ASSAY_E_NOT_FOUND,
        "there is no file %llu that was sent: it was added, given up, or nothing came "
        "for an hour",
        (unsigned long long)number);
}

static void tidy(uploads *u)
{
    const double now = clock_seconds();
    for (size_t i = 0; i < PLACES; i++) {
        upload *p = &u->place[i];
        if (is_open(p) && !p->busy && now - p->moved > u->idle_seconds)
            forget(u, p);
    }
}

void uploads_tidy(uploads *u)
{
    pthread_mutex_lock(&u->lock);
    tidy(u);
    pthread_mutex_unlock(&u->lock);
}

/* A place for one more; CONFLICT where there are enough. */
static assay_code find_place(uploads *u, upload **out, assay_err *err)
{
    *out = NULL;
    for (size_t i = 0; i < PLACES; i++) {
        if (u->place[i].state.number == 0)
            *out = &u->place[i];
    }
    if (!*out)
        return assay_fail(err, ASSAY_E_CONFLICT,
                          "%d files are being sent already; add them, or give one up",
                          UPLOADS_MOST);
    return ASSAY_OK;
}

/* "620.0 MB". */
static void put_size(uint64_t bytes, char out[32])
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    double value = (double)bytes;
    for (; value >= 1000.0 && unit + 1 < sizeof units / sizeof *units; unit++)
        value /= 1000.0;
    snprintf(out, 32, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

/* What others still have to send takes its place too. */
static assay_code check_room(const uploads *u, const char *name, uint64_t bytes, assay_err *err)
{
    struct statvfs disk;
    if (fstatvfs(u->folder.fd, &disk) != 0)
        return ASSAY_OK; /* the pieces will tell */
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize, promised = 0;
    for (size_t i = 0; i < PLACES; i++) {
        if (is_open(&u->place[i]))
            promised += u->place[i].state.bytes - u->place[i].state.received;
    }
    room -= promised < room ? promised : room;
    if (bytes <= room)
        return ASSAY_OK;
    char has[32], free_bytes[32];
    put_size(bytes, has);
    put_size(room, free_bytes);
    return assay_fail(err, ASSAY_E_LIMIT, "%s: has %s, and the project's disk has room for %s",
                      name, has, free_bytes);
}

/* An errno of making a file or writing to it. */
static assay_code fail_writing(const char *name, int error, assay_err *err)
{
    if (error == ENOSPC || error == EDQUOT)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: the project's disk is full", name);
    if (error == EFBIG)
        return assay_fail(err, ASSAY_E_LIMIT,
                          "%s: is larger than the system lets this server write", name);
    return assay_fail(err, ASSAY_E_IO, "%s: cannot be written: %s", name, strerrordesc_np(error));
}

/* The folder and the empty file of a place. 0, or an errno; then neither is there. */
static int make_file(const uploads *u, upload *p)
{
    char folder[NUMBER_BYTES];
    name_folder(p, folder);
    if (mkdirat(u->folder.fd, folder, 0700) != 0)
        return errno;
    const int above = openat(u->folder.fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    p->fd = above < 0 ? -1
                      : openat(above, p->state.name,
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    const int error = p->fd < 0 ? errno : 0;
    if (above >= 0)
        close(above);
    if (error != 0)
        upload_folder_drop(&u->folder, folder);
    return error;
}

/* Where somebody has removed the project's folder, and perhaps put another in its place, what was
 * sent is gone with it. Whatever else keeps it from being seen may pass. */
static assay_code renew_folder(uploads *u, assay_err *err)
{
    struct stat info;
    const bool gone = u->folder.fd >= 0 && stat(u->folder.path, &info) != 0 && errno == ENOENT;
    for (size_t i = 0; gone && i < PLACES; i++) {
        if (is_open(&u->place[i]) && !u->place[i].busy)
            forget(u, &u->place[i]);
    }
    if (gone)
        upload_folder_remove(&u->folder);
    return u->folder.fd >= 0 ? ASSAY_OK : upload_folder_make(u->project, &u->folder, err);
}

static assay_code begin(uploads *u, const char *name, uint64_t bytes, upload_state *out,
                        assay_err *err)
{
    upload *p;
    tidy(u);
    ASSAY_TRY(renew_folder(u, err));
    ASSAY_TRY(find_place(u, &p, err));
    ASSAY_TRY(check_room(u, name, bytes, err));
    upload made = {.fd = -1, .moved = clock_seconds()};
    made.state.number = u->count + 1;
    made.state.bytes = bytes;
    snprintf(made.state.name, sizeof made.state.name, "%s", name);
    const int error = make_file(u, &made);
    if (error != 0)
        return fail_writing(name, error, err);
    u->count++;
    *p = made;
    *out = made.state;
    return ASSAY_OK;
}

assay_code uploads_open(uploads *u, const char *name, uint64_t bytes, upload_state *out,
                        assay_err *err)
{
    ASSAY_TRY(upload_check_name(name, err));
    if (bytes == 0)
        return assay_fail(err, ASSAY_E_USAGE, "%s: is empty", name);
    if (bytes > UPLOAD_BYTES_MOST)
        return assay_fail(
            err, ASSAY_E_LIMIT,
            "%s: has %llu bytes; a browser may send %llu at most, and assay add takes "
            "any",
            name, (unsigned long long)bytes, (unsigned long long)UPLOAD_BYTES_MOST);
    pthread_mutex_lock(&u->lock);
    const assay_code code = begin(u, name, bytes, out, err);
    pthread_mutex_unlock(&u->lock);
    return code;
}

assay_code uploads_look(uploads *u, uint64_t number, upload_state *out, assay_err *err)
{
    upload *p = NULL;
    pthread_mutex_lock(&u->lock);
    tidy(u);
    assay_code code = find(u, number, &p, err);
    if (code == ASSAY_OK && is_gone(u, p))
        code = forget_gone(u, p, err);
    if (code == ASSAY_OK)
        *out = p->state;
    pthread_mutex_unlock(&u->lock);
    return code;
}

size_t uploads_list(uploads *u, upload_state out[UPLOADS_MOST])
{
    size_t count = 0;
    pthread_mutex_lock(&u->lock);
    tidy(u);
    for (uint64_t least = 0; count < UPLOADS_MOST; least = out[count++].number) {
        const upload *next = NULL;
        for (size_t i = 0; i < PLACES; i++) {
            const upload *p = &u->place[i];
            if (is_open(p) && p->state.number > least &&
                (!next || p->state.number < next->state.number))
                next = p;
        }
        if (!next)
            break;
        out[count] = next->state;
    }
    pthread_mutex_unlock(&u->lock);
    return count;
}

static assay_code check_piece(const upload *p, const upload_piece *piece, assay_err *err)
{
    const upload_state *s = &p->state;
    if (piece->from != s->received)
        return assay_fail(err, ASSAY_E_CONFLICT,
                          "%s: %llu of %llu bytes are here; the next piece begins there, not at "
                          "%llu",
                          s->name, (unsigned long long)s->received, (unsigned long long)s->bytes,
                          (unsigned long long)piece->from);
    if (piece->bytes == 0)
        return assay_fail(err, ASSAY_E_USAGE, "%s: a piece has at least one byte", s->name);
    if (piece->bytes > s->bytes - s->received)
        return assay_fail(err, ASSAY_E_USAGE,
                          "%s: was announced with %llu bytes, and the piece from %llu on has %zu",
                          s->name, (unsigned long long)s->bytes, (unsigned long long)s->received,
                          piece->bytes);
    return ASSAY_OK;
}

/* 0, or an errno; then the file is as long as it was. */
static int write_piece(int fd, const upload_piece *piece)
{
    for (size_t done = 0; done < piece->bytes;) {
        const ssize_t wrote =
            pwrite(fd, piece->at + done, piece->bytes - done, (off_t)(piece->from + done));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            const int error = wrote < 0 ? errno : EIO;
            /* What it wrote is written over by the piece that comes again, if it stays. */
            const int cut = ftruncate(fd, (off_t)piece->from);
            (void)cut;
            return error;
        }
        done += (size_t)wrote;
    }
    return 0;
}

/* Bytes in a file without a name are nobody's. */
static bool is_unlinked(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && info.st_nlink == 0;
}

/* With the lock held; it is let go for the writing. */
static assay_code put(uploads *u, upload *p, const upload_piece *piece, assay_err *err)
{
    ASSAY_TRY(check_piece(p, piece, err));
    p->busy = true;
    pthread_mutex_unlock(&u->lock);
    const int error = write_piece(p->fd, piece);
    const bool gone = is_unlinked(p->fd);
    pthread_mutex_lock(&u->lock);
    p->busy = false;
    p->moved = clock_seconds();
    pthread_cond_broadcast(&u->idle);
    if (gone)
        return forget_gone(u, p, err);
    if (error != 0)
        return fail_writing(p->state.name, error, err);
    p->state.received += piece->bytes;
    if (p->state.received == p->state.bytes)
        close_file(p);
    return ASSAY_OK;
}

assay_code uploads_write(uploads *u, uint64_t number, const upload_piece *piece, upload_state *out,
                         assay_err *err)
{
    upload *p = NULL;
    pthread_mutex_lock(&u->lock);
    assay_code code = find(u, number, &p, err);
    if (code == ASSAY_OK)
        code = put(u, p, piece, err);
    if (code == ASSAY_OK)
        *out = p->state;
    pthread_mutex_unlock(&u->lock);
    return code;
}

assay_code uploads_drop(uploads *u, uint64_t number, upload_state *out, assay_err *err)
{
    upload *p = NULL;
    pthread_mutex_lock(&u->lock);
    const assay_code code = find(u, number, &p, err);
    if (code == ASSAY_OK) {
        *out = p->state;
        forget(u, p);
    }
    pthread_mutex_unlock(&u->lock);
    return code;
}

static assay_code find_whole(uploads *u, uint64_t number, upload **out, assay_err *err)
{
    *out = NULL;
    if (number == 0)
        return ASSAY_OK;
    ASSAY_TRY(find(u, number, out, err));
    const upload_state *s = &(*out)->state;
    if (is_gone(u, *out))
        return forget_gone(u, *out, err);
    if (s->received < s->bytes)
        return assay_fail(err, ASSAY_E_CONFLICT,
                          "%s: only %llu of %llu bytes are here; send the rest first", s->name,
                          (unsigned long long)s->received, (unsigned long long)s->bytes);
    return ASSAY_OK;
}

/* The second file lies beside the first, where the command finds it under its name. */
static assay_code put_beside(const uploads *u, const upload *table, const upload *other, bool back,
                             assay_err *err)
{
    char own[PLACE_BYTES], beside[PLACE_BYTES];
    place_of(other->state.number, other->state.name, own);
    place_of(table->state.number, other->state.name, beside);
    if (renameat(u->folder.fd, back ? beside : own, u->folder.fd, back ? own : beside) == 0)
        return ASSAY_OK;
    return fail_writing(other->state.name, errno, err);
}

static assay_code check_pair(const upload *first, const upload *other, assay_err *err)
{
    if (!first || !other)
        return ASSAY_OK;
    if (first == other)
        return assay_fail(err, ASSAY_E_USAGE, "'table' and 'probabilities' are one file: %llu",
                          (unsigned long long)first->state.number);
    if (strcmp(first->state.name, other->state.name) == 0)
        return assay_fail(err, ASSAY_E_USAGE,
                          "both files are called '%s', and messages would not tell them apart; "
                          "rename one",
                          first->state.name);
    return ASSAY_OK;
}

static assay_code take(uploads *u, uploads_taken *t, assay_err *err)
{
    /* The places are looked for anew after the second one, for which the lock may be let go. */
    upload *table, *other;
    ASSAY_TRY(find_whole(u, t->other, &other, err));
    ASSAY_TRY(find_whole(u, t->table, &table, err));
    ASSAY_TRY(find_whole(u, t->other, &other, err));
    ASSAY_TRY(check_pair(table, other, err));
    if (table)
        memcpy(t->table_name, table->state.name, sizeof t->table_name);
    if (other)
        memcpy(t->other_name, other->state.name, sizeof t->other_name);
    const int length = snprintf(t->folder, sizeof t->folder, "%s/%llu", u->folder.path,
                                (unsigned long long)(t->table ? t->table : t->other));
    if (length < 0 || (size_t)length >= sizeof t->folder)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: the path is too long", u->project);
    if (table && other)
        ASSAY_TRY(put_beside(u, table, other, false, err));
    if (table)
        table->taken = true;
    if (other)
        other->taken = true;
    return ASSAY_OK;
}

assay_code uploads_take(uploads *u, uint64_t table, uint64_t other, uploads_taken *out,
                        assay_err *err)
{
    *out = (uploads_taken){.table = table, .other = other};
    pthread_mutex_lock(&u->lock);
    const assay_code code = take(u, out, err);
    pthread_mutex_unlock(&u->lock);
    return code;
}

static upload *find_taken(uploads *u, uint64_t number)
{
    for (size_t i = 0; number != 0 && i < PLACES; i++) {
        if (u->place[i].state.number == number && u->place[i].taken)
            return &u->place[i];
    }
    return NULL;
}

/* A file that is not where it belongs is none any more. */
static void give_back(uploads *u, upload *p)
{
    if (is_gone(u, p)) {
        forget(u, p);
        return;
    }
    p->taken = false;
    p->moved = clock_seconds();
}

void uploads_give_back(uploads *u, const uint64_t number[2])
{
    pthread_mutex_lock(&u->lock);
    upload *table = find_taken(u, number[0]), *other = find_taken(u, number[1]);
    if (table && other)
        (void)!put_beside(u, table, other, true, NULL);
    if (table)
        give_back(u, table);
    if (other)
        give_back(u, other);
    pthread_mutex_unlock(&u->lock);
}

void uploads_finish(uploads *u, const uint64_t number[2])
{
    pthread_mutex_lock(&u->lock);
    for (size_t i = 0; i < 2; i++) {
        upload *p = find_taken(u, number[i]);
        if (p)
            forget(u, p);
    }
    pthread_mutex_unlock(&u->lock);
}
