#ifndef SUPPORT_LISTED_H
#define SUPPORT_LISTED_H

#include "store/image_list.h"
#include "support/check.h"

/** A temporary folder that the program works in; what was put there goes with it. For the group's
 * set-up and tear-down. */
int listed_make_folder(void **state);
int listed_drop_folder(void **state);

/** Make a file, and the folders above it. */
void listed_put(const char *path, const void *at, size_t length);

/** Empty files, one a name; the list ends with NULL. */
void listed_touch(const char *first, ...);

/** Remove a file or a folder with all that is in it; it need not be there. */
void listed_remove(const char *path);

/** An IDX file of `dimensions` extents and the bytes 0, 1, 2, …; gzip where the name ends so. */
void listed_put_idx(const char *path, const uint32_t *extent, size_t dimensions);
void listed_put_gzip(const char *path, const void *at, size_t length);

/** An .npy file of version 1; `shape` like "3, 2". */
void listed_put_npy(const char *path, const char *type, const char *shape, const void *data,
                    size_t length);

/** A list as text: kind, then a line a sample ("path #id =label @split"), then tables and warnings.
 * What is not there is not shown. The temporary folder is written as ROOT. */
void listed_print(const image_list *list, char *out, size_t room);

/** What a request gives is printed so. */
void listed_expect(const image_list_request *r, const char *printed);

/** Fail each allocation of a request in turn. */
void listed_fail_each_allocation(const image_list_request *r);

/** A request that is refused. */
typedef struct listed_refusal {
    const char *name;
    image_list_request request;
    assay_code code;
    const char *message;
} listed_refusal;

void listed_expect_refusal(const listed_refusal *r);

#endif
