/* What the words for tables and arrays are on the command line. */
#include "cli/table_files.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

const char *const table_formats[] = {"csv", "tsv", "json", "jsonl", "parquet", NULL};

bool table_is_npy(const char *path)
{
    const size_t length = strlen(path);
    return length > 4 && strcasecmp(path + length - 4, ".npy") == 0;
}
