/* A folder and its lock. No link is followed: a project may come from anybody. */
#include "server/upload_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ATTEMPTS_MOST = 100, NAME_ROOM = 300 };

static const char incoming_name[] = "incoming";

static int open_folder(int above, const char *name)
{
    return openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Calls `use(folder, name)` with each entry but the folder itself and the one above; `folder` stays
 * the caller's. */
static void for_each_entry(int folder, void (*use)(int folder, const char *name))
{
    const int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = own < 0 ? NULL : fdopendir(own);
    if (!dir) {
        if (own >= 0)
            close(own);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            use(folder, entry->d_name);
    }
    closedir(dir);
}

static void drop_file(int above, const char *name)
{
    unlinkat(above, name, 0);
}

/* The folder `name` with the files in it. */
static void drop(int above, const char *name)
{
    const int fd = open_folder(above, name);
    if (fd >= 0) {
        for_each_entry(fd, drop_file);
        close(fd);
    }
    unlinkat(above, name, AT_REMOVEDIR);
}

/* A server's whole folder: the folders of its uploads. */
static void drop_all(int above, const char *name, int fd)
{
    for_each_entry(fd, drop);
    unlinkat(above, name, AT_REMOVEDIR);
}

/* "PROCESS-N", and nothing else is ours to remove. */
static bool is_server_name(const char *name)
{
    static const char digits[] = "0123456789";
    const size_t process = strspn(name, digits);
    if (process == 0 || name[process] != '-')
        return false;
    const size_t attempt = strspn(name + process + 1, digits);
    return attempt > 0 && name[process + 1 + attempt] == '\0';
}

static bool incoming_path(const char *project, char out[PATH_MAX])
{
    const int length = snprintf(out, PATH_MAX, "%s/%s", project, incoming_name);
    return length > 0 && length < PATH_MAX;
}

/* What a server has left; the folder of one that runs is locked. */
static void drop_left(int above, const char *name)
{
    if (!is_server_name(name))
        return;
    const int fd = open_folder(above, name);
    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        drop_all(above, name, fd);
    close(fd);
}

void upload_folder_tidy(const char *project)
{
    char path[PATH_MAX];
    if (!incoming_path(project, path))
        return;
    const int above = open_folder(AT_FDCWD, path);
    if (above < 0)
        return;
    for_each_entry(above, drop_left);
    close(above);
    rmdir(path); /* where nobody needs it */
}

/* Somebody who tidies may take a folder away between its making and its lock. */
static bool is_there(const upload_folder *f)
{
    struct stat opened, named;
    return fstat(f->fd, &opened) == 0 &&
           fstatat(f->above, f->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

static void let_go(upload_folder *f)
{
    if (f->fd >= 0)
        close(f->fd);
    if (f->above >= 0)
        close(f->above);
    f->fd = f->above = -1;
}

/* 0: it is made and locked; EAGAIN: somebody was quicker, again with another name. */
static int try_to_make(const char *incoming, int attempt, upload_folder *f)
{
    if (mkdir(incoming, 0777) != 0 && errno != EEXIST)
        return errno;
    f->above = open_folder(AT_FDCWD, incoming);
    if (f->above < 0)
        return errno == ENOENT ? EAGAIN : errno;
    snprintf(f->name, sizeof f->name, "%ld-%d", (long)getpid(), attempt);
    if (mkdirat(f->above, f->name, 0700) != 0)
        return errno == EEXIST || errno == ENOENT ? EAGAIN : errno;
    f->fd = open_folder(f->above, f->name);
    if (f->fd < 0)
        return errno == ENOENT ? EAGAIN : errno;
    if (flock(f->fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? EAGAIN : errno;
    return is_there(f) ? 0 : EAGAIN;
}

assay_code upload_folder_make(const char *project, upload_folder *out, assay_err *err)
{
    *out = (upload_folder)UPLOAD_FOLDER_NONE;
    char whole[PATH_MAX], incoming[PATH_MAX];
    int error = realpath(project, whole) ? EAGAIN : errno;
    if (error == EAGAIN && (strlen(whole) > PATH_MAX - NAME_ROOM - sizeof out->name ||
                            !incoming_path(whole, incoming)))
        return assay_fail(err, ASSAY_E_LIMIT, "%s: the path is too long", project);
    for (int attempt = 0; error == EAGAIN && attempt < ATTEMPTS_MOST; attempt++) {
        error = try_to_make(incoming, attempt, out);
        if (error != 0)
            let_go(out);
    }
    if (error != 0)
        return assay_fail(err, ASSAY_E_IO, "%s: cannot take files: %s", project,
                          strerrordesc_np(error));
    snprintf(out->path, sizeof out->path, "%.*s/%s", PATH_MAX - (int)sizeof out->name - 2, incoming,
             out->name);
    return ASSAY_OK;
}

void upload_folder_remove(upload_folder *f)
{
    if (f->fd >= 0) {
        drop_all(f->above, f->name, f->fd);
        char incoming[PATH_MAX];
        snprintf(incoming, sizeof incoming, "%s", f->path);
        *strrchr(incoming, '/') = '\0';
        rmdir(incoming); /* where no other server needs it */
    }
    let_go(f);
}

void upload_folder_drop(const upload_folder *f, const char *name)
{
    if (f->fd >= 0)
        drop(f->fd, name);
}
