#ifndef STORE_PICTURE_CACHE_H
#define STORE_PICTURE_CACHE_H

#include "base/text.h"
#include "base/try.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Small files that can be made again, in the folder thumbnails/ of a project: those unused for
 * longest are removed when they take too much. Any process may use it beside any other, whoever
 * holds the project's lock. Nothing in it is trusted: a file that is not what was put under its key
 * is as good as none. Safe for many threads.
 */
typedef struct picture_cache picture_cache;

/** `folder`: the project's; `bytes_most`: what all files take together, PICTURES_BYTES_MOST or
 * less. Touches nothing yet. NOMEM. */
ASSAY_MUST_USE assay_code picture_cache_open(const char *folder, uint64_t bytes_most,
                                             picture_cache **out, assay_err *err);
/** NULL is allowed. */
void picture_cache_close(picture_cache *c);

/** Appends what was put under `key` (a terminated text of any bytes) to `out`. False: there is
 * none, and `out` is as it was. */
bool picture_cache_get(picture_cache *c, const char *key, text *out);

/** Keep bytes under a key. Where that cannot be (a project that must not be written, a full disk),
 * they are not kept. */
void picture_cache_put(picture_cache *c, const char *key, const char *at, size_t length);

#endif
