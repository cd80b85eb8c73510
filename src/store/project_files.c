/* When a project's files were last written. */
#include "store/project_files.h"

#include "store/project_parts.h"

#include <string.h>
#include <sys/stat.h>

void project_stamp_read(const char *path, project_stamp *out)
{
    static const char *const names[] = {PROJECT_DATABASE_NAME, PROJECT_DATABASE_NAME ".wal"};
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char file[PATH_MAX];
        struct stat s;
        if (!project_path(file, path, names[i]) || stat(file, &s) != 0)
            continue;
        out->file[i].inode = s.st_ino;
        out->file[i].bytes = (uint64_t)s.st_size;
        out->file[i].seconds = s.st_mtim.tv_sec;
        out->file[i].nanoseconds = s.st_mtim.tv_nsec;
    }
}

bool project_stamp_equal(const project_stamp *a, const project_stamp *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}
