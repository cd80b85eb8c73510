#ifndef SUPPORT_ASKED_H
#define SUPPORT_ASKED_H

#include "server/routes.h"
#include "support/check.h"

/** A request of a test: a handler, the number in its path, a query "a=1&b=2" (values as they are,
 * not encoded; NULL: none), a body as JSON (NULL: none), or as bytes (NULL: none). */
typedef struct asked {
    route_handler handle;
    uint64_t number;
    const char *query, *body, *bytes;
    struct jobs *jobs; /* NULL: the server has none */
    struct uploads *uploads;
} asked;

/** What the handler says; the reply belongs to the caller. */
assay_code asked_reply(workspace *w, const asked *a, reply *out, assay_err *err);

/** The body of an answer as JSON, to be freed with json_decref(). Fails the test where it is none,
 * or not valid UTF-8. */
json_t *asked_answer(workspace *w, const asked *a);

/** The handler refuses with exactly these words. */
void asked_refusal(workspace *w, const asked *a, assay_code code, const char *message);

/** Fail each allocation of a request in turn: it is told, and nothing is left behind. `forget`:
 * what is kept of answers is forgotten before each. */
void asked_fail_each_allocation(workspace *w, const asked *a);

/** For a program's --json: prints {"definition": …, "reply": …} on one line. */
void asked_print(workspace *w, const char *definition, const asked *a);

/* Looks into answers. */
const json_t *asked_in(const json_t *value, const char *key);
json_int_t asked_count(const json_t *value, const char *key);
double asked_number(const json_t *value, const char *key);
const char *asked_word(const json_t *value, const char *key);

#endif
