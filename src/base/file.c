/* Opens files that users name: regular files only. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_read_at(int fd, void *at, size_t bytes, uint64_t offset, size_t *got)
{
    *got = 0;
    while (*got < bytes) {
        const ssize_t part = pread(fd, (char *)at + *got, bytes - *got, (off_t)(offset + *got));
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return errno;
        if (part == 0)
            break;
        *got += (size_t)part;
    }
    return 0;
}

assay_code file_fail(int error, assay_err *err)
{
    if (error == ENOENT || error == ENOTDIR)
        return assay_fail(err, ASSAY_E_NOT_FOUND, "there is no such file");
    if (error == EACCES || error == EPERM)
        return assay_fail(err, ASSAY_E_IO, "may not be read (permission denied)");
    if (error == ENXIO)
        return assay_fail(err, ASSAY_E_INPUT, "is a socket or device; expected a file");
    return assay_fail(err, ASSAY_E_IO, "cannot be opened: %s", strerrordesc_np(error));
}

static assay_code check_kind(mode_t mode, assay_err *err)
{
    if (S_ISREG(mode))
        return ASSAY_OK;
    const char *what = S_ISDIR(mode)    ? "folder"
                       : S_ISFIFO(mode) ? "pipe"
                       : S_ISSOCK(mode) ? "socket"
                                        : "device";
    return assay_fail(err, ASSAY_E_INPUT, "is a %s; expected a file", what);
}

static assay_code examine(int fd, uint64_t *bytes, assay_err *err)
{
    struct stat info;
    if (fstat(fd, &info))
        return file_fail(errno, err);
    ASSAY_TRY(check_kind(info.st_mode, err));
    *bytes = (uint64_t)info.st_size;
    return ASSAY_OK;
}

assay_code file_open(const char *path, int *fd, uint64_t *bytes, assay_err *err)
{
    *fd = -1;
    *bytes = 0;
    const int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opened < 0)
        return file_fail(errno, err);
    const assay_code code = examine(opened, bytes, err);
    if (code != ASSAY_OK) {
        close(opened);
        return code;
    }
    *fd = opened;
    return ASSAY_OK;
}

int file_sync_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    const int error = fsync(fd) == 0 ? 0 : errno;
    close(fd);
    return error == EINVAL || error == ENOTSUP ? 0 : error;
}

int file_sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    const size_t length = slash ? (size_t)(slash - path) + 1 : 1;
    if (length >= sizeof folder)
        return ENAMETOOLONG;
    memcpy(folder, slash ? path : ".", length);
    folder[length] = '\0';
    return file_sync_folder(folder);
}
