/* Files that appear whole or not at all. Knows no format. */
#include "store/whole_file.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static assay_code fail_io(const char *path, assay_err *err)
{
    const assay_code code = errno == ENOENT || errno == ENOTDIR ? ASSAY_E_NOT_FOUND : ASSAY_E_IO;
    return assay_fail(err, code, "%s: %s", path, strerror(errno));
}

static assay_code fail_taken(const char *path, assay_err *err)
{
    return assay_fail(err, ASSAY_E_CONFLICT, "%s: exists already; --force replaces it", path);
}

static assay_code check_place(const char *path, bool replace, assay_err *err)
{
    struct stat there;
    if (lstat(path, &there) != 0)
        return errno == ENOENT ? ASSAY_OK : fail_io(path, err);
    if (!S_ISREG(there.st_mode))
        return assay_fail(err, ASSAY_E_USAGE, "%s: exists and is no plain file", path);
    return replace ? ASSAY_OK : fail_taken(path, err);
}

assay_code whole_file_open(whole_file *w, const char *path, bool replace, assay_err *err)
{
    *w = (whole_file){0};
    ASSAY_TRY(check_place(path, replace, err));
    const size_t room = strlen(path) + 64;
    ASSAY_AUTO_MEM char *copy = mem_copy_text(path, strlen(path));
    ASSAY_AUTO_MEM char *written = mem_alloc(room, 1);
    if (!copy || !written)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the name of %s", path);
    int fd = -1;
    for (unsigned n = 0; n < 100 && fd < 0; n++) {
        snprintf(written, room, "%s.%ld-%u.part", path, (long)getpid(), n);
        fd = open(written, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0)
        return fail_io(path, err);
    *w = (whole_file){
        .path = ASSAY_GIVE(copy), .written = ASSAY_GIVE(written), .fd = fd, .replace = replace};
    return ASSAY_OK;
}

assay_code whole_file_write(const whole_file *w, const char *at, size_t length, assay_err *err)
{
    while (length > 0) {
        const ssize_t count = write(w->fd, at, length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail_io(w->path, err);
        at += count;
        length -= (size_t)count;
    }
    return ASSAY_OK;
}

/* Without replacing, the system looks and renames in one step; where a file system cannot, a look
 * must do. */
static int move_into_place(const whole_file *w)
{
    if (w->replace)
        return rename(w->written, w->path);
    if (renameat2(AT_FDCWD, w->written, AT_FDCWD, w->path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (access(w->path, F_OK) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(w->written, w->path);
}

assay_code whole_file_finish(whole_file *w, assay_err *err)
{
    if (fsync(w->fd) != 0)
        return fail_io(w->path, err);
    if (move_into_place(w) != 0)
        return errno == EEXIST ? fail_taken(w->path, err) : fail_io(w->path, err);
    mem_free(w->written);
    w->written = NULL;
    /* A folder that cannot be synced is no failure: the file is in it. */
    (void)file_sync_folder_of(w->path);
    if (close(w->fd) != 0)
        return fail_io(w->path, err);
    return ASSAY_OK;
}

void whole_file_clear(whole_file *w)
{
    if (w->written) {
        close(w->fd);
        (void)unlink(w->written);
    }
    mem_free(w->written);
    mem_free(w->path);
    *w = (whole_file){0};
}
