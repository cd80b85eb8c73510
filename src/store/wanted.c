/* Guesses which columns a list or a condition names, rather too many than one too few. Knows no SQL
 * beyond the ways in which a column is reached without its name. */
#include "store/wanted.h"

#include <string.h>

/* `COLUMNS('m.*')`, `struct_pack(*)`, `samples::VARCHAR`, `#3`, `query_table(…)`. In a doubled
 * quote a name does not stand as it is. */
static bool may_reach_all(const char *where)
{
    return strpbrk(where, "*#") || strcasestr(where, "query") || strstr(where, "\"\"") ||
           strcasestr(where, "columns") || strcasestr(where, "samples");
}

bool column_is_wanted(const wanted_columns *w, const char *name)
{
    if (!w)
        return true;
    for (size_t i = 0; i < w->names_count; i++) {
        if (w->names[i] && strstr(w->names[i], name))
            return true;
    }
    return w->where && (strcasestr(w->where, name) || may_reach_all(w->where));
}
