#ifndef PROJECT_READ_LINES_H
#define PROJECT_READ_LINES_H

#include "base/mem.h"
#include "base/try.h"

#include <stddef.h>
#include <stdint.h>

/** The lines of a text file that are not empty, end to end: line i is bytes[start[i] .. start[i +
 * 1]). */
typedef struct read_lines {
    char *bytes;
    uint64_t *start; /* count + 1 entries */
    size_t count;
} read_lines;

/** Read a file of lines, each an id or a path: any bytes but the line's end, with or without a
 * carriage return before it. NOT_FOUND, INPUT, IO, LIMIT, NOMEM. O(bytes). */
ASSAY_MUST_USE assay_code read_lines_open(const char *path, read_lines *out, assay_err *err);
void read_lines_clear(read_lines *lines);
ASSAY_AUTO_CLEAR_DECLARE(read_lines)

#endif
