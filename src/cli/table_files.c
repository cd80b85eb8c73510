/* What the words for tables and arrays are on the command line. */
#include "cli/table_files.h"

#include <stddef.h>

const char *const table_formats[] = {"csv", "tsv", "json", "jsonl", "parquet", NULL};
