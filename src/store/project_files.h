#ifndef STORE_PROJECT_FILES_H
#define STORE_PROJECT_FILES_H

#include <stdbool.h>
#include <stdint.h>

/** What tells cheaply, without opening it, that a project's database may have changed. */
typedef struct project_stamp {
    struct {
        uint64_t inode, bytes;
        int64_t seconds, nanoseconds; /* when it was last written */
    } file[2];                        /* the database and its log; zero where it is not there */
} project_stamp;

/** Never fails: what cannot be seen is zero. */
void project_stamp_read(const char *path, project_stamp *out);
bool project_stamp_equal(const project_stamp *a, const project_stamp *b);

#endif
