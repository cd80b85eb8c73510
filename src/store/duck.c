/* Opens DuckDB with our manners, and says its errors in our words: the only place that does. */
#include "store/duck.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEMORY_MIB_LEAST = 256, SETTING_BYTES = 32, REASON_BYTES = 400 };

typedef struct setting {
    const char *name, *value;
} setting;

static int machine_mib(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long page_bytes = sysconf(_SC_PAGESIZE);
    const double mib = pages > 0 && page_bytes > 0
                           ? 0.6 * (double)pages * (double)page_bytes / (1024.0 * 1024.0)
                           : 1024.0;
    return mib < MEMORY_MIB_LEAST ? MEMORY_MIB_LEAST : mib > 1e6 ? 1000000 : (int)mib;
}

static void write_memory(int mib, char out[SETTING_BYTES])
{
    snprintf(out, SETTING_BYTES, "%dMiB", mib ? mib : machine_mib());
}

static bool configure(duckdb_config config, const duck_options *options)
{
    char threads[SETTING_BYTES];
    char memory[SETTING_BYTES];
    snprintf(threads, sizeof threads, "%d", options->thread_count < 1 ? 1 : options->thread_count);
    write_memory(options->memory_mib, memory);
    const setting settings[] = {
        {"threads", threads},
        {"memory_limit", memory},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_community_extensions", "false"},
        {"temp_directory", ""},
        {"enable_external_access", options->no_files ? "false" : "true"},
        {"access_mode", options->read_only ? "READ_ONLY" : "AUTOMATIC"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (duckdb_set_config(config, settings[i].name, settings[i].value) != DuckDBSuccess)
            return false;
    }
    return true;
}

/* Another process has the database open: its lock says which. */
static bool is_held(const char *why)
{
    return why && strstr(why, "Could not set lock on file");
}

/* What DuckDB says where it cannot write, in whatever kind of error. */
static bool tells_of_writing(const char *text)
{
    static const char *const words[] = {"Could not write", "Could not truncate", "Could not sync",
                                        "Failed to write", "fsync failed",       "No space left",
                                        "File too large",  "quota exceeded"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(text, words[i]))
            return true;
    }
    return false;
}

static assay_code fail_open(const duck_options *options, const char *why, assay_err *err)
{
    if (is_held(why)) {
        const char *holder = strstr(why, "Conflicting lock is held in ");
        const char *name = holder ? holder + strlen("Conflicting lock is held in ") : "";
        const int length = (int)strcspn(name, ")");
        return assay_fail(err, ASSAY_E_CONFLICT, "another program has the database open: %.*s%s",
                          length, name, *name ? ")" : "it is not known which");
    }
    const char *what = !options->path                 ? "DuckDB does not start"
                       : why && tells_of_writing(why) ? "the database"
                                                      : "the database does not open";
    return duck_fail(DUCKDB_ERROR_INTERNAL, why, what, err);
}

static assay_code open_configured(duck *d, duckdb_config config, const duck_options *options,
                                  assay_err *err)
{
    if (!configure(config, options))
        return assay_fail(err, ASSAY_E_INTERNAL,
                          "this DuckDB does not know a setting; expected version 1.4");
    char *why = NULL;
    if (duckdb_open_ext(options->path, &d->database, config, &why) != DuckDBSuccess) {
        const assay_code code = fail_open(options, why, err);
        duckdb_free(why);
        return code;
    }
    if (duckdb_connect(d->database, &d->connection) != DuckDBSuccess)
        return assay_fail(err, ASSAY_E_INTERNAL, "DuckDB does not start");
    return ASSAY_OK;
}

assay_code duck_open(duck *d, const duck_options *options, assay_err *err)
{
    *d = (duck){0};
    duckdb_config config = NULL;
    if (duckdb_create_config(&config) != DuckDBSuccess)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for DuckDB");
    const assay_code code = open_configured(d, config, options, err);
    duckdb_destroy_config(&config);
    if (code != ASSAY_OK)
        duck_close(d);
    return code;
}

void duck_close(duck *d)
{
    if (d->connection)
        duckdb_disconnect(&d->connection);
    if (d->database)
        duckdb_close(&d->database);
    *d = (duck){0};
}

assay_code duck_limit_memory(const duck *d, int mib, assay_err *err)
{
    char memory[SETTING_BYTES];
    char sql[SETTING_BYTES + 32];
    write_memory(mib, memory);
    snprintf(sql, sizeof sql, "SET memory_limit = '%s'", memory);
    return duck_run(d, sql, err);
}

assay_code duck_prepare(const duck *d, const char *sql, const char *what,
                        duckdb_prepared_statement *out, assay_err *err)
{
    *out = NULL;
    if (duckdb_prepare(d->connection, sql, out) == DuckDBSuccess)
        return ASSAY_OK;
    const assay_code code = duck_fail(DUCKDB_ERROR_INVALID, duckdb_prepare_error(*out), what, err);
    duckdb_destroy_prepare(out);
    return code;
}

assay_code duck_run(const duck *d, const char *sql, assay_err *err)
{
    duckdb_result result = {0};
    assay_code code = ASSAY_OK;
    if (duckdb_query(d->connection, sql, &result) != DuckDBSuccess)
        code = duck_fail(duckdb_result_error_type(&result), duckdb_result_error(&result),
                         "the database", err);
    duckdb_destroy_result(&result);
    return code;
}

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

/* Prepared statements give no type, but the text begins with its name. */
static assay_code kind_of(duckdb_error_type type, const char *text)
{
    if (type == DUCKDB_ERROR_OUT_OF_MEMORY || strstr(text, "Out of Memory"))
        return ASSAY_E_NOMEM;
    if (type == DUCKDB_ERROR_INTERRUPT || begins(text, "INTERRUPT"))
        return ASSAY_E_CANCELLED;
    if (tells_of_writing(text))
        return ASSAY_E_IO;
    if (type == DUCKDB_ERROR_IO || begins(text, "IO Error"))
        return ASSAY_E_INPUT;
    if (type == DUCKDB_ERROR_INTERNAL || begins(text, "INTERNAL"))
        return ASSAY_E_INTERNAL;
    return ASSAY_E_INPUT;
}

/* After "Binder Error: " and the like. */
static const char *skip_kind(const char *text)
{
    const char *colon = strstr(text, "Error: ");
    const char *line = strchr(text, '\n');
    return colon && (!line || colon < line) && colon - text < 40 ? colon + strlen("Error: ") : text;
}

/* The first line, without the path that we handed in, its quotes and the blank before it: the
 * message begins with the user's name of the file. */
static void clean_reason(const char *text, char out[REASON_BYTES])
{
    static const char ours[] = "/proc/self/fd/";
    size_t used = 0;
    for (const char *p = text; *p && *p != '\n' && used + 1 < REASON_BYTES;) {
        if (!begins(p, ours)) {
            out[used++] = *p++;
            continue;
        }
        p += strlen(ours);
        p += strspn(p, "0123456789");
        p += *p == '"' || *p == '\'';
        while (used > 0 && strchr(" \"'", out[used - 1]))
            used--;
    }
    out[used] = '\0';
}

/* The system's word for it, behind the file's name. */
static const char *system_reason(const char *reason)
{
    const char *last = reason;
    for (const char *p = reason; (p = strstr(p, ": ")); p += 2)
        last = p + 2;
    return last;
}

assay_code duck_fail(duckdb_error_type type, const char *text, const char *what, assay_err *err)
{
    if (!text)
        text = "no reason given";
    char reason[REASON_BYTES];
    const assay_code code = kind_of(type, text);
    clean_reason(skip_kind(text), reason);
    return code == ASSAY_E_IO
               ? assay_fail(err, code, "%s: cannot be written: %s", what, system_reason(reason))
               : assay_fail(err, code, "%s: %s", what, reason);
}

const char *duck_unknown_column(const char *text, size_t *length)
{
    static const char before[] = "Referenced column \"";
    const char *name = strstr(text, before);
    if (!name)
        return NULL;
    name += sizeof before - 1;
    *length = strcspn(name, "\"");
    return name;
}
