#ifndef SUPPORT_LISTENER_H
#define SUPPORT_LISTENER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Who is told of progress: what was told, and after which telling it is to stop. */
typedef struct listener {
    char told[2048];
    atomic_bool stop;
    int left; /* 0: never */
} listener;

static inline void listen_to(void *context, const char *what, uint64_t done, uint64_t total)
{
    listener *l = context;
    const size_t length = strlen(l->told);
    snprintf(l->told + length, sizeof l->told - length, "%s %d/%d; ", what, (int)done, (int)total);
    if (l->left > 0 && --l->left == 0)
        atomic_store(&l->stop, true);
}

#endif
