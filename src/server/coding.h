#ifndef SERVER_CODING_H
#define SERVER_CODING_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* What HTTP says of bodies: their version, and their packing. */

enum { ETAG_BYTES = 48 };

/** What names a reply that is a function of the project's state and the request. `salt`: of the
 * server: another project, another program. Weak, for it is the same packed and unpacked. */
void coding_etag(uint64_t revision, uint64_t salt, const char *address, char out[ETAG_BYTES]);

/** A number for a text: what coding_etag() takes as salt. FNV-1a, 64 bits. */
uint64_t coding_hash(const char *at, uint64_t hash);
#define CODING_HASH_START 0xcbf29ce484222325u

/** Whether an If-None-Match names this version. `header` may be NULL. */
bool coding_matches(const char *header, const char *etag);

/** Whether an Accept-Encoding takes gzip. `header` may be NULL. */
bool coding_accepts_gzip(const char *header);

/** Pack `length` bytes; `out` (not initialised before) holds no more than they. LIMIT: packing does
 * not make them fewer; NOMEM. O(length). */
ASSAY_MUST_USE assay_code coding_pack(const char *at, size_t length, text *out, assay_err *err);

/** The opposite, for what was packed by us: exactly `most` bytes. INTERNAL, NOMEM. */
ASSAY_MUST_USE assay_code coding_unpack(const char *at, size_t length, size_t most, text *out,
                                        assay_err *err);

#endif
