#ifndef SERVER_KEPT_H
#define SERVER_KEPT_H

#include "base/cancellation.h"
#include "base/mem.h"

#include <stdbool.h>

/**
 * Answers that were computed once, by a text that tells one question from another. Safe for many
 * threads: who asks for what another thread is computing waits for it. Bounded: what nobody uses
 * and was asked for longest ago goes first.
 */
typedef struct kept kept;
typedef struct kept_item kept_item;
typedef void kept_free(void *value);

/** Room for `most_count` answers of `most_bytes` together. NOMEM. */
ASSAY_MUST_USE assay_code kept_new(size_t most_count, size_t most_bytes, kept **out,
                                   assay_err *err);
/** No item may be in use. NULL is allowed. */
void kept_close(kept *k);

/**
 * The answer to `key`. *made: it is there, kept_value() gives it. Otherwise it is the caller's to
 * compute, and to hand over with kept_finish() or kept_abandon(). Waits while another thread
 * computes it. Released with kept_release(). NOMEM. O(answers).
 */
ASSAY_MUST_USE assay_code kept_take(kept *k, const char *key, kept_item **out, bool *made,
                                    assay_err *err);

/** The same, but waits no longer than until `stop` (may be NULL) is asked: CANCELLED. */
ASSAY_MUST_USE assay_code kept_take_until(kept *k, const char *key, cancellation *stop,
                                          kept_item **out, bool *made, assay_err *err);

/** Hand over what was computed; `bytes` is what it weighs beside its key. The item goes on being in
 * use. */
void kept_finish(kept *k, kept_item *item, void *value, size_t bytes, kept_free *free_value);

/** It could not be computed: whoever waits tries for himself. Releases the item. */
void kept_abandon(kept *k, kept_item *item);

void *kept_value(const kept_item *item);
const char *kept_key(const kept_item *item);

/** NULL is allowed. */
void kept_release(kept *k, kept_item *item);

/** Forget everything; what is in use is freed when it is released. */
void kept_forget(kept *k);

#endif
