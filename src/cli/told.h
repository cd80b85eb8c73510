#ifndef CLI_TOLD_H
#define CLI_TOLD_H

#include "base/text.h"
#include "project/add.h"
#include "project/embed_images.h"

/* What the commands that change a project say of what they did. */

/** How a table was understood, joined, and what it brought. */
void told_added(text *out, const add_notes *notes);

/** "measured 7,390 images in 12.0 s (616 a second); 2 could not be read …". */
void told_measured(text *out, const char *project, const measure_images_notes *notes);

/** What was described and compared, and how long it took. */
void told_embedded(text *out, const char *project, const embed_images_notes *notes);

/** A line a warning. */
void told_warnings(text *out, char *const *warning, size_t count);

/** What is to be known before a command has ended, for project_access.tell and its like: on
 * standard error. */
void told_meanwhile(const char *message);

#endif
