/* Where a project lies and who may write it. Knows no table. */
#include "store/project_parts.h"

#include "base/file.h"
#include "base/mem.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { POLL_MS = 20, HOLDER_BYTES = 300 };

static void close_writer(project_writer **w)
{
    project_writer_close(*w);
}

static const char lock_name[] = "lock";

static assay_code fail_errno(const char *path, const char *what, assay_err *err)
{
    const int error = errno;
    return assay_fail(err, error == ENOENT ? ASSAY_E_NOT_FOUND : ASSAY_E_IO, "%s: %s: %s", path,
                      what, strerrordesc_np(error));
}

void project_pause(int ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

bool project_path(char out[PATH_MAX], const char *folder, const char *inside)
{
    const int length = snprintf(out, PATH_MAX, "%s/%s", folder, inside);
    return length > 0 && length < PATH_MAX;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool project_folder_is(const char *path)
{
    char database[PATH_MAX];
    return is_folder(path) && project_path(database, path, PROJECT_DATABASE_NAME) &&
           access(database, F_OK) == 0;
}

static char *without_slashes(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    return mem_copy_text(path, length);
}

static assay_code project_writer_new(const project_access *access, project_writer **out,
                                     assay_err *err)
{
    *out = NULL;
    __attribute__((cleanup(close_writer))) project_writer *w = mem_zalloc(1, sizeof *w);
    if (!w)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", access->path);
    w->lock_fd = -1;
    w->thread_count = access->thread_count;
    w->wait_seconds = access->wait_seconds;
    w->tell = access->tell;
    w->name = without_slashes(access->path);
    if (!w->name)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", access->path);
    if (strlen(w->name) > PATH_MAX - 300)
        return assay_fail(err, ASSAY_E_LIMIT, "the project's path is longer than %d bytes",
                          PATH_MAX - 300);
    *out = ASSAY_GIVE(w);
    return ASSAY_OK;
}

/* Who holds the lock, as it wrote itself into the file. */
static void read_holder(int fd, char out[HOLDER_BYTES])
{
    const ssize_t length = pread(fd, out, HOLDER_BYTES - 1, 0);
    out[length > 0 ? length : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
    if (!*out)
        snprintf(out, HOLDER_BYTES, "another process");
}

static void write_holder(int fd, const char *command)
{
    char line[HOLDER_BYTES];
    const int length = snprintf(line, sizeof line, "%.200s (process %ld)\n",
                                command ? command : "assay", (long)getpid());
    /* A lock without its holder's name is still a lock. */
    const bool written =
        ftruncate(fd, 0) == 0 && pwrite(fd, line, (size_t)length, 0) == (ssize_t)length;
    (void)written;
}

static assay_code wait_for_lock(project_writer *w, const project_access *access, assay_err *err)
{
    bool told = false;
    for (long waited = 0; flock(w->lock_fd, LOCK_EX | LOCK_NB) != 0; waited += POLL_MS) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail_errno(w->name, "cannot be locked", err);
        char holder[HOLDER_BYTES];
        read_holder(w->lock_fd, holder);
        if (waited >= 1000L * access->wait_seconds)
            return assay_fail(err, ASSAY_E_CONFLICT, "%s: is being written by %s", w->name, holder);
        if (!told && access->tell) {
            char message[HOLDER_BYTES + 300];
            snprintf(message, sizeof message, "%.250s: is being written by %s; waiting for it",
                     w->name, holder);
            access->tell(message);
            told = true;
        }
        project_pause(POLL_MS);
    }
    write_holder(w->lock_fd, access->command);
    return ASSAY_OK;
}

static assay_code take_lock(project_writer *w, const project_access *access, assay_err *err)
{
    char path[PATH_MAX];
    if (!project_path(path, w->folder, lock_name))
        return assay_fail(err, ASSAY_E_LIMIT, "%s: the path is too long", w->name);
    w->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (w->lock_fd < 0)
        return fail_errno(w->name, "cannot be written", err);
    return wait_for_lock(w, access, err);
}

/* Removes what an unfinished project consists of, and nothing else. */
static void remove_folder(const char *folder)
{
    static const char *const files[] = {"project.duckdb", "project.duckdb.wal", "thumbnails.npy",
                                        "lock"};
    static const char *const folders[] = {PROJECT_MATRICES_NAME, PROJECT_EMBEDDINGS_NAME,
                                          PROJECT_PICTURES_NAME};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (!project_path(path, folder, folders[i]))
            continue;
        DIR *matrices = opendir(path);
        for (struct dirent *entry; matrices && (entry = readdir(matrices));)
            unlinkat(dirfd(matrices), entry->d_name, 0);
        if (matrices)
            closedir(matrices);
        rmdir(path);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (project_path(path, folder, files[i]))
            unlink(path);
    }
    rmdir(folder);
}

/* An unfinished folder that nobody holds any more. */
static void remove_abandoned(const char *folder)
{
    char path[PATH_MAX];
    if (!project_path(path, folder, lock_name))
        return;
    const int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        rmdir(folder); /* it was made, and nothing in it */
    else if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        remove_folder(folder);
    if (fd >= 0)
        close(fd);
}

/* "-PID-N", and nothing behind it. A project that a user calls NAME.assay.new-2 is none of ours to
 * remove. */
static bool is_leftover_ending(const char *at)
{
    static const char digits[] = "0123456789";
    static const char start[] = ".new-";
    if (strncmp(at, start, sizeof start - 1) != 0)
        return false;
    at += sizeof start - 1;
    const size_t process = strspn(at, digits);
    if (process == 0 || at[process] != '-')
        return false;
    at += process + 1;
    const size_t attempt = strspn(at, digits);
    return attempt > 0 && at[attempt] == '\0';
}

/* "NAME.assay.new-PID-N" beside NAME.assay. */
static void remove_leftovers(const project_writer *w)
{
    char above[PATH_MAX];
    const char *slash = strrchr(w->name, '/');
    const char *base = slash ? slash + 1 : w->name;
    snprintf(above, sizeof above, "%.*s", slash ? (int)(slash - w->name) + 1 : 1,
             slash ? w->name : ".");
    DIR *dir = opendir(above);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        const size_t length = strlen(base);
        char folder[PATH_MAX];
        if (!strncmp(entry->d_name, base, length) && is_leftover_ending(entry->d_name + length) &&
            project_path(folder, above, entry->d_name))
            remove_abandoned(folder);
    }
    if (dir)
        closedir(dir);
}

static assay_code make_folder(project_writer *w, assay_err *err)
{
    char folder[PATH_MAX];
    for (int attempt = 0;; attempt++) {
        snprintf(folder, sizeof folder, "%s.new-%ld-%d", w->name, (long)getpid(), attempt);
        if (mkdir(folder, 0777) == 0)
            break;
        if (errno == EEXIST && attempt < 100)
            continue;
        return fail_errno(w->name, "cannot be made", err);
    }
    w->is_new = true;
    w->folder = mem_copy_text(folder, strlen(folder));
    if (w->folder)
        return ASSAY_OK;
    rmdir(folder);
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", w->name);
}

static assay_code make_matrix_folders(const project_writer *w, assay_err *err)
{
    static const char *const names[] = {PROJECT_MATRICES_NAME, PROJECT_EMBEDDINGS_NAME};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_MAX];
        if (!project_path(path, w->folder, names[i]) || (mkdir(path, 0777) != 0 && errno != EEXIST))
            return fail_errno(w->name, "cannot be written", err);
    }
    return ASSAY_OK;
}

static assay_code refuse_existing(const project_writer *w, assay_err *err)
{
    struct stat info;
    if (lstat(w->name, &info) != 0)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_CONFLICT,
                      project_folder_is(w->name)
                          ? "%s: is a project already"
                          : "%s: is there already, and is not a project of assay",
                      w->name);
}

assay_code project_writer_create(const project_access *access, project_writer **out, assay_err *err)
{
    *out = NULL;
    __attribute__((cleanup(close_writer))) project_writer *w = NULL;
    ASSAY_TRY(project_writer_new(access, &w, err));
    assert(w);
    ASSAY_TRY(refuse_existing(w, err));
    remove_leftovers(w);
    ASSAY_TRY(make_folder(w, err));
    ASSAY_TRY(take_lock(w, access, err));
    ASSAY_TRY(make_matrix_folders(w, err));
    ASSAY_TRY(project_database_make(w, err));
    *out = ASSAY_GIVE(w);
    return ASSAY_OK;
}

assay_code project_check(const char *path, assay_err *err)
{
    if (project_folder_is(path))
        return ASSAY_OK;
    if (access(path, F_OK) != 0)
        return assay_fail(err, ASSAY_E_NOT_FOUND, "%s: there is no such project", path);
    return assay_fail(err, ASSAY_E_INPUT, "%s: is not a project of assay (assay create makes one)",
                      path);
}

/* A writer of a project that is there, without any lock; the caller's to close, whatever is
 * returned. */
static assay_code new_writer_of(const project_access *access, project_writer **out, assay_err *err)
{
    ASSAY_TRY(project_writer_new(access, out, err));
    project_writer *const w = *out;
    assert(w);
    ASSAY_TRY(project_check(w->name, err));
    w->folder = mem_copy_text(w->name, strlen(w->name));
    return w->folder ? ASSAY_OK : assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", w->name);
}

assay_code project_writer_open(const project_access *access, project_writer **out, assay_err *err)
{
    *out = NULL;
    __attribute__((cleanup(close_writer))) project_writer *w = NULL;
    ASSAY_TRY(new_writer_of(access, &w, err));
    assert(w);
    ASSAY_TRY(take_lock(w, access, err));
    ASSAY_TRY(make_matrix_folders(w, err));
    ASSAY_TRY(project_database_check(w, err));
    *out = ASSAY_GIVE(w);
    return ASSAY_OK;
}

/* The database, and the log that comes beside it, as whoever takes the lock finds out by that. */
static assay_code check_writable(const project_writer *w, assay_err *err)
{
    char database[PATH_MAX];
    if (!project_path(database, w->folder, PROJECT_DATABASE_NAME))
        return assay_fail(err, ASSAY_E_LIMIT, "%s: the path is too long", w->name);
    return access(database, W_OK) == 0 && access(w->folder, W_OK) == 0
               ? ASSAY_OK
               : fail_errno(w->name, "cannot be written", err);
}

assay_code project_writer_open_beside(const project_access *access, project_writer **out,
                                      assay_err *err)
{
    *out = NULL;
    __attribute__((cleanup(close_writer))) project_writer *w = NULL;
    ASSAY_TRY(new_writer_of(access, &w, err));
    assert(w);
    ASSAY_TRY(check_writable(w, err));
    const int least = access->wait_seconds < 1 ? 1 : access->wait_seconds;
    w->beside = true;
    w->moment_ms = access->moment_ms ? access->moment_ms : 1000 * least;
    *out = ASSAY_GIVE(w);
    return ASSAY_OK;
}

static assay_code check_synced(const project_writer *w, int error, assay_err *err)
{
    return error ? assay_fail(err, ASSAY_E_IO, "%s: cannot be written: %s", w->name,
                              strerrordesc_np(error))
                 : ASSAY_OK;
}

assay_code project_writer_publish(project_writer *w, assay_err *err)
{
    ASSAY_TRY(check_synced(w, file_sync_folder(w->folder), err));
    if (renameat2(AT_FDCWD, w->folder, AT_FDCWD, w->name, RENAME_NOREPLACE) != 0) {
        const bool unknown = errno == EINVAL || errno == ENOSYS;
        if (errno == EEXIST || (unknown && access(w->name, F_OK) == 0))
            return refuse_existing(w, err);
        if (!unknown || rename(w->folder, w->name) != 0)
            return fail_errno(w->name, "cannot be made", err);
    }
    w->is_new = false;
    memcpy(w->folder, w->name, strlen(w->name) + 1);
    return check_synced(w, file_sync_folder_of(w->name), err);
}

void project_writer_close(project_writer *w)
{
    if (!w)
        return;
    project_writer_abandon(w);
    if (w->is_new && w->folder)
        remove_folder(w->folder);
    if (w->lock_fd >= 0)
        close(w->lock_fd);
    mem_free(w->folder);
    mem_free(w->name);
    mem_free(w);
}

uint64_t project_writer_revision(const project_writer *w)
{
    return w->revision;
}

const char *project_writer_name(const project_writer *w)
{
    return w->name;
}

const char *project_writer_folder(const project_writer *w)
{
    return w->folder;
}

assay_code project_writer_path(const project_writer *w, const char *inside, text *out,
                               assay_err *err)
{
    text_init(out, PATH_MAX);
    text_printf(out, "%s/%s", w->folder, inside);
    const assay_code code = text_check(out, err);
    if (code != ASSAY_OK)
        text_clear(out);
    return code;
}
