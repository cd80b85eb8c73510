#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/try.h"

#include <stddef.h>
#include <stdint.h>

/**
 * Open a regular file for reading, whatever its name might mean to somebody else: never waits for
 * a pipe, never opens a device.
 *
 * fd     set to the descriptor, which the caller closes; -1 on failure
 * bytes  its size as the system tells it: 0 for some files that are not empty (/proc)
 *
 * NOT_FOUND; INPUT: a folder, pipe, socket or device; IO. The message is the reason alone ("there
 * is no such file"), for the caller knows the name. O(1).
 */
ASSAY_MUST_USE assay_code file_open(const char *path, int *fd, uint64_t *bytes, assay_err *err);

/** Read `bytes` bytes from `offset` on, fewer only where the file ends: *got of them. 0, or the
 * errno of what went wrong. Safe for many threads, and for a file that somebody cuts meanwhile,
 * which a mapped one is not. */
int file_read_at(int fd, void *at, size_t bytes, uint64_t offset, size_t *got);

/** The failure that an errno of opening or reading means, in the words of file_open(). */
ASSAY_MUST_USE assay_code file_fail(int error, assay_err *err);

/** Make the names in a folder durable: what was renamed into it stays. 0, or the errno of what went
 * wrong; some file systems cannot sync a folder, which is none. */
int file_sync_folder(const char *folder);

/** The same for the folder that a path lies in. */
int file_sync_folder_of(const char *path);

#endif
