/* A bounded memory of answers: a list, latest first. There are some hundred answers at most, and
 * each took milliseconds to compute, so that walking the list costs nothing. */
#include "server/kept.h"

#include "base/mem.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

/* How often whoever waits for another thread looks whether he is still waited for himself. */
enum { LOOK_MS = 20, NS_A_MS = 1000000, NS_A_SECOND = 1000000000 };

struct kept_item {
    kept_item *next;
    char *key;
    void *value;
    kept_free *free_value;
    size_t bytes;
    size_t users;
    bool made;
    bool listed; /* can be found; else it is freed with its last user */
};

struct kept {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    kept_item *first;
    size_t count, bytes, most_count, most_bytes;
};

assay_code kept_new(size_t most_count, size_t most_bytes, kept **out, assay_err *err)
{
    *out = mem_zalloc(1, sizeof **out);
    if (!*out)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for what is kept of answers");
    (*out)->most_count = most_count;
    (*out)->most_bytes = most_bytes;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&(*out)->lock, NULL);
    pthread_cond_init(&(*out)->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return ASSAY_OK;
}

static void free_items(kept_item *list)
{
    while (list) {
        kept_item *item = list;
        list = item->next;
        if (item->free_value && item->value)
            item->free_value(item->value);
        mem_free(item->key);
        mem_free(item);
    }
}

void kept_close(kept *k)
{
    if (!k)
        return;
    kept_forget(k);
    pthread_cond_destroy(&k->changed);
    pthread_mutex_destroy(&k->lock);
    mem_free(k);
}

/* Where the item hangs in the list; it does. */
static kept_item **place_of(kept *k, const kept_item *item)
{
    kept_item **at = &k->first;
    while (*at != item)
        at = &(*at)->next;
    return at;
}

static void unlist(kept *k, kept_item *item)
{
    *place_of(k, item) = item->next;
    item->next = NULL;
    item->listed = false;
    k->count--;
    k->bytes -= item->bytes;
}

/* The item of that key, moved to the front; NULL where there is none. */
static kept_item *find(kept *k, const char *key)
{
    for (kept_item **at = &k->first; *at; at = &(*at)->next) {
        kept_item *item = *at;
        if (strcmp(item->key, key) != 0)
            continue;
        *at = item->next;
        item->next = k->first;
        k->first = item;
        return item;
    }
    return NULL;
}

static kept_item *item_new(const char *key)
{
    kept_item *item = mem_zalloc(1, sizeof *item);
    if (item)
        item->key = mem_copy_text(key, strlen(key));
    if (item && !item->key) {
        mem_free(item);
        item = NULL;
    }
    return item;
}

/* The last of those that nobody uses, taken out of the list; NULL where all are in use. */
static kept_item *take_oldest(kept *k)
{
    kept_item *oldest = NULL;
    for (kept_item *item = k->first; item; item = item->next) {
        if (item->users == 0)
            oldest = item;
    }
    if (oldest)
        unlist(k, oldest);
    return oldest;
}

/* Takes out what is too much, to be freed without the lock: a value's end may ask for others. */
static kept_item *take_surplus(kept *k)
{
    kept_item *surplus = NULL;
    while (k->count > k->most_count || k->bytes > k->most_bytes) {
        kept_item *item = take_oldest(k);
        if (!item)
            break;
        item->next = surplus;
        surplus = item;
    }
    return surplus;
}

/* Until something changed or it is time to look; with the lock held. */
static void wait_a_moment(kept *k)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)LOOK_MS * NS_A_MS;
    if (until.tv_nsec >= NS_A_SECOND) {
        until.tv_nsec -= NS_A_SECOND;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&k->changed, &k->lock, &until);
}

/* The item that is there once nobody computes it, which may be none; false where `stop` was asked
 * before. */
static bool await_item(kept *k, const char *key, cancellation *stop, kept_item **out)
{
    while ((*out = find(k, key)) && !(*out)->made) {
        if (!stop)
            pthread_cond_wait(&k->changed, &k->lock);
        else if (cancellation_asked(stop))
            return false;
        else
            wait_a_moment(k);
    }
    return true;
}

assay_code kept_take(kept *k, const char *key, kept_item **out, bool *made, assay_err *err)
{
    return kept_take_until(k, key, NULL, out, made, err);
}

assay_code kept_take_until(kept *k, const char *key, cancellation *stop, kept_item **out,
                           bool *made, assay_err *err)
{
    *out = NULL;
    *made = false;
    kept_item *fresh = item_new(key);
    if (!fresh)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for what is kept of answers");
    pthread_mutex_lock(&k->lock);
    kept_item *item;
    if (!await_item(k, key, stop, &item)) {
        pthread_mutex_unlock(&k->lock);
        free_items(fresh);
        return cancellation_check(stop, err);
    }
    if (!item) {
        item = ASSAY_GIVE(fresh);
        item->next = k->first;
        item->listed = true;
        k->first = item;
        k->count++;
    }
    item->users++;
    *made = item->made;
    pthread_mutex_unlock(&k->lock);
    free_items(fresh);
    *out = item;
    return ASSAY_OK;
}

void kept_finish(kept *k, kept_item *item, void *value, size_t bytes, kept_free *free_value)
{
    pthread_mutex_lock(&k->lock);
    item->value = value;
    item->free_value = free_value;
    item->bytes = bytes + strlen(item->key);
    item->made = true;
    if (item->listed)
        k->bytes += item->bytes;
    kept_item *surplus = take_surplus(k);
    pthread_cond_broadcast(&k->changed);
    pthread_mutex_unlock(&k->lock);
    free_items(surplus);
}

void kept_abandon(kept *k, kept_item *item)
{
    pthread_mutex_lock(&k->lock);
    if (item->listed)
        unlist(k, item);
    pthread_cond_broadcast(&k->changed);
    pthread_mutex_unlock(&k->lock);
    kept_release(k, item);
}

void *kept_value(const kept_item *item)
{
    return item->value;
}

const char *kept_key(const kept_item *item)
{
    return item->key;
}

void kept_release(kept *k, kept_item *item)
{
    if (!item)
        return;
    pthread_mutex_lock(&k->lock);
    kept_item *gone = NULL;
    if (--item->users == 0 && !item->listed)
        gone = item;
    else
        gone = take_surplus(k);
    pthread_mutex_unlock(&k->lock);
    free_items(gone);
}

void kept_forget(kept *k)
{
    pthread_mutex_lock(&k->lock);
    kept_item *gone = NULL;
    for (kept_item *item = k->first, *next; item; item = next) {
        next = item->next;
        unlist(k, item);
        if (item->users > 0)
            continue;
        item->next = gone;
        gone = item;
    }
    pthread_cond_broadcast(&k->changed);
    pthread_mutex_unlock(&k->lock);
    free_items(gone);
}
