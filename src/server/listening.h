#ifndef SERVER_LISTENING_H
#define SERVER_LISTENING_H

#include "assay/err.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * A socket that listens on one address, as text, and a port; 0: one that is free. The caller closes
 * it. USAGE: no address; CONFLICT: the port is taken; IO: the address is not this machine's, the
 * port is not for this user.
 */
ASSAY_MUST_USE assay_code listening_open(const char *bind, uint16_t port, int *socket,
                                         uint16_t *port_out, bool *is_six, assay_err *err);

#endif
