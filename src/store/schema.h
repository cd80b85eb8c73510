#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/duck.h"

#include "base/try.h"

#include <stdint.h>

/** The version of a project's tables that this program writes; a file schema/N.sql each. */
enum { SCHEMA_VERSION = 3 };

/** The SQL that takes a database from version `from` to from + 1 (0 is the empty one). Static text.
 */
const char *schema_step(uint32_t from);

/**
 * Take an open database from version `from` to `to`, in the transaction that the caller has begun.
 * The row of `project` must be there unless `from` is 0; its version is set then. INPUT, IO, NOMEM.
 */
ASSAY_MUST_USE assay_code schema_migrate(const duck *d, uint32_t from, uint32_t to, assay_err *err);

/** Set the version in the row of `project`. */
ASSAY_MUST_USE assay_code schema_put_version(const duck *d, uint32_t version, assay_err *err);

#endif
