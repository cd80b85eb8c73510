#ifndef CLI_TABLE_FILES_H
#define CLI_TABLE_FILES_H

#include <stdbool.h>

/** The formats of tables, as --format says them; ended by NULL. */
extern const char *const table_formats[];

/** Whether a file is called as an array, not as a table. */
bool table_is_npy(const char *path);

#endif
