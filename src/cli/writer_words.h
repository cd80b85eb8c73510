#ifndef CLI_WRITER_WORDS_H
#define CLI_WRITER_WORDS_H

#include "cli/arguments.h"
#include "project/add.h"

/** What the commands that change a project are all told. */
typedef struct writer_words {
    const char *path;
    uint64_t threads, wait;
    uint64_t progress; /* a descriptor for progress_line_start_for(); 0: none */
} writer_words;

/** Every processor; ten seconds for another writer. */
void writer_words_init(writer_words *w);

/** The rows of --threads and --wait, into `out`; how many. */
size_t writer_specs(writer_words *w, option_spec *out);

/** --progress-fd, for commands that another program starts and waits for. */
option_spec writer_progress_spec(writer_words *w);

/** How to open the project; `command` is what others are told of us. */
project_access writer_access(const writer_words *w, const char *command);

/** What is said of a table that is added: columns, the matrix beside it, rules to relax. */
typedef struct table_words {
    add_request request;
    int format; /* index into table_formats; -1: not given */
} table_words;

enum { TABLE_SPECS_MOST = 24 };

/** The rows of those options that fit `kind`. */
size_t table_specs(table_words *w, add_kind kind, option_spec *out);

/** Puts the words where they belong. */
void table_words_settle(table_words *w, const writer_words *writer);

#endif
