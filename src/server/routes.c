/* Which handler answers what. docs/workbench-api.md lists the same with parameters and replies. */
#include "server/routes.h"

#include "base/limits.h"

#include <string.h>

/* One line a route, in the order of the page that describes them. */
/* clang-format off */
static const route routes[] = {
    {"GET", "/api/project", handle_project},
    {"GET", "/api/selection", handle_selection},
    {"GET", "/api/evaluation", handle_evaluation},
    {"GET", "/api/curves", handle_curves},
    {"GET", "/api/performance", handle_performance},
    {"GET", "/api/plan", handle_plan},
    {"GET", "/api/compare", handle_compare},
    {"GET", "/api/metrics", handle_metrics},
    {"GET", "/api/samples", handle_samples},
    {"GET", "/api/samples/N", handle_sample},
    {"GET", "/api/samples/N/similar", handle_similar},
    {"GET", "/api/samples/N/thumbnail", handle_thumbnail},
    {"GET", "/api/samples/N/image", handle_image},
    {"GET", "/api/groups", handle_groups},
    {"GET", "/api/unreadable", handle_unreadable},
    {"GET", "/api/duplicates", handle_duplicates},
    {"GET", "/api/suspects", handle_suspects},
    {"POST", "/api/tags", handle_tags},
    {"POST", "/api/decisions", handle_decisions},
    {"POST", "/api/export", handle_export},
    {"GET", "/api/export/decisions", handle_export_decisions},
    {"GET", "/api/uploads", handle_uploads},
    {"POST", "/api/uploads", handle_uploads_open},
    {"GET", "/api/uploads/N", handle_upload},
    {"POST", "/api/uploads/N", handle_upload_piece},
    {"DELETE", "/api/uploads/N", handle_upload_drop},
    {"GET", "/api/jobs", handle_jobs},
    {"POST", "/api/jobs", handle_jobs_start},
    {"DELETE", "/api/jobs", handle_jobs_stop},
    {NULL, NULL, NULL}, /* the end */
};
/* clang-format on */

/* Beyond this a number is no row of anything. */
enum { NUMBER_DIGITS_MOST = 18 };

/* A segment of digits at `at`: how long it is, and its value. */
static size_t read_number(const char *at, uint64_t *value)
{
    size_t length = 0;
    for (*value = 0; at[length] >= '0' && at[length] <= '9'; length++) {
        if (length == NUMBER_DIGITS_MOST)
            return 0;
        *value = *value * 10 + (uint64_t)(at[length] - '0');
    }
    return length;
}

/* `N` in a route's path stands for a number, everything else for itself. */
static bool matches(const char *pattern, const char *path, uint64_t *number)
{
    for (; *pattern; pattern++) {
        if (*pattern == 'N') {
            const size_t digits = read_number(path, number);
            if (digits == 0)
                return false;
            path += digits;
        } else if (*pattern == *path) {
            path++;
        } else {
            return false;
        }
    }
    return *path == '\0';
}

const route *route_find(const char *method, const char *path, uint64_t *number, bool *known)
{
    *known = false;
    *number = 0;
    for (const route *r = routes; r->path; r++) {
        uint64_t value = 0;
        if (!matches(r->path, path, &value))
            continue;
        *known = true;
        if (strcmp(r->method, method) == 0) {
            *number = value;
            return r;
        }
    }
    return NULL;
}

void route_methods(const char *path, char out[ROUTE_METHODS_BYTES])
{
    size_t length = 0;
    out[0] = '\0';
    for (const route *r = routes; r->path; r++) {
        uint64_t number = 0;
        if (!matches(r->path, path, &number))
            continue;
        const char *words = strcmp(r->method, "GET") == 0 ? "GET, HEAD" : r->method;
        const size_t more = strlen(words) + 2;
        if (length + more >= ROUTE_METHODS_BYTES)
            return;
        memcpy(out + length, length ? ", " : "", length ? 2 : 0);
        length += length ? 2 : 0;
        memcpy(out + length, words, more - 1);
        length += more - 2;
    }
}

bool route_takes_bytes(const route *r)
{
    return r->handle == handle_upload_piece;
}

size_t route_body_most(const route *r)
{
    if (route_takes_bytes(r))
        return UPLOAD_PIECE_BYTES_MOST;
    /* These name samples one by one. */
    static const char *const large[] = {"/api/tags", "/api/export"};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        if (strcmp(r->path, large[i]) == 0)
            return BODY_BYTES_LARGE;
    }
    return BODY_BYTES_MOST;
}
