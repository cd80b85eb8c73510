#ifndef BASE_TRY_H
#define BASE_TRY_H

#include "assay/err.h"

/* The one macro that hides a return: pass a failure on to the caller. */
#define ASSAY_TRY(expr)                                                                            \
    do {                                                                                           \
        assay_code try_code_ = (expr);                                                             \
        if (try_code_ != ASSAY_OK)                                                                 \
            return try_code_;                                                                      \
    } while (0)

/* After ASSAY_AUTO_DECLARE(thing), `ASSAY_AUTO(thing) x = NULL;` frees x at the end of its scope
 * through thing_free(); ASSAY_GIVE(x) hands it over and leaves NULL behind. */
#define ASSAY_AUTO_DECLARE(type)                                                                   \
    __attribute__((unused)) static inline void type##_auto_(type **p)                              \
    {                                                                                              \
        type##_free(*p);                                                                           \
    }
#define ASSAY_AUTO(type) __attribute__((cleanup(type##_auto_))) type *

/* The same for a struct in the caller's storage: `ASSAY_AUTO_CLEAR(thing) x = {0};`. */
#define ASSAY_AUTO_CLEAR_DECLARE(type)                                                             \
    __attribute__((unused)) static inline void type##_auto_clear_(type *p)                         \
    {                                                                                              \
        type##_clear(p);                                                                           \
    }
#define ASSAY_AUTO_CLEAR(type) __attribute__((cleanup(type##_auto_clear_))) type

#define ASSAY_GIVE(p)                                                                              \
    __extension__({                                                                                \
        __typeof__(p) give_ = (p);                                                                 \
        (p) = NULL;                                                                                \
        give_;                                                                                     \
    })

#endif
