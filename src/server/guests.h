#ifndef SERVER_GUESTS_H
#define SERVER_GUESTS_H

#include "base/cancellation.h"

#include <stddef.h>

/**
 * The connections, and how long each may take for what it is about. A thread of its own looks every
 * second and closes those whose time is up: the idle timeout of an HTTP library starts anew with
 * each byte, so that one byte now and then would hold a place for ever. Safe for many threads.
 */
typedef struct guests guests;
typedef struct guest guest;

typedef enum guest_state {
    GUEST_ASKS,   /* has REQUEST_SECONDS_MOST for a whole request */
    GUEST_WAITS,  /* for us; see guest_wait() */
    GUEST_READS,  /* a reply: the same time, and what a slow reader needs for its bytes */
    GUEST_RESTS,  /* between two requests; asks from the first byte that comes */
    GUEST_LISTENS /* to events: no limit */
} guest_state;

/** NOMEM, also without a thread. Free with guests_free(), when all have left. */
ASSAY_MUST_USE assay_code guests_new(guests **out, assay_err *err);
void guests_free(guests *g);

/** A connection has come, and asks. NULL: no memory for it. O(1). */
guest *guest_come(guests *g, int socket);
/** It is about to be closed; frees `one`. NULL is allowed. O(1). */
void guest_leave(guests *g, guest *one);

/** What it does from now on. `bytes`: of the reply that it reads. O(1). */
void guest_turn(guests *g, guest *one, guest_state state, size_t bytes);

/**
 * It waits for an answer that is being computed. `stop`, which must stay until the guest's next
 * turn, is asked when nobody wants it any more: the other end has closed the connection (or its
 * half of it: the two cannot be told apart), ANSWER_SECONDS_MOST are over, or guests_hurry() said
 * so. Noticed within some 50 ms. O(1).
 */
void guest_wait(guests *g, guest *one, cancellation *stop);

/** From `until` (clock_seconds()) on nothing is computed any more. */
void guests_hurry(guests *g, double until);

/** What the thread does every 50 ms while somebody waits: ask those that are to stop at `now`. How
 * many. O(connections). */
size_t guests_look(guests *g, double now);

/** How many wait for us or read a reply. O(connections). */
size_t guests_busy(guests *g);

/** What the thread does every second: shut the sockets whose time is up at `now` (clock_seconds()).
 * How many. O(connections). */
size_t guests_sweep(guests *g, double now);

#endif
