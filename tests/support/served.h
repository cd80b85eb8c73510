#ifndef SUPPORT_SERVED_H
#define SUPPORT_SERVED_H

#include "server/reply.h"
#include "server/request.h"
#include "server/routes.h"
#include "server/workspace.h"
#include "support/check.h"

/* A small project to serve, in the working folder, which should be a temporary one: served.assay,
 * of SERVED_SAMPLES samples and the classes cat, dog, "hen, red". Sample i has the label i mod 3
 * but the last, which has none; glow i/N (one sample in ten has none), "grain" i mod 7, the
 * split train or test, and for some the attribute camera and the tags night and odd. */
enum { SERVED_SAMPLES = 400, SERVED_CLASSES = 3 };

/** Two models: "resnet" with probabilities, right for four of five, and a metric "depth" of its
 * own; "tiny" with confidences, right for half. */
void served_make(void);

/** The same without predictions. */
void served_make_bare(void);

workspace *served_open(void);

/** For a group of tests: the project in a new folder, opened as `served`; closed and removed. */
extern workspace *served;
int served_set_up(void **state);
int served_tear_down(void **state);

/** Something that another process would do: adds a tag to the first samples. */
void served_tag(const char *name, size_t count);

/** The same by the process that serves, as POST /api/tags does it. */
void served_tag_own(workspace *w, const char *name, size_t count);

/** Ask a handler with parameters "name=value", the list ends with NULL; the reply must be of that
 * code. `err` receives the message of a failure. */
assay_code served_ask(workspace *w, route_handler handle, reply *out, assay_err *err, ...);

/** The same, answered; the body as JSON, to be freed with json_decref(). */
json_t *served_answer(workspace *w, route_handler handle, ...);

#endif
