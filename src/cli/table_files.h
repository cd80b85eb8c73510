#ifndef CLI_TABLE_FILES_H
#define CLI_TABLE_FILES_H

/** The formats of tables, as --format says them; ended by NULL. */
extern const char *const table_formats[];

#endif
