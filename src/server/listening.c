/* Bind and listen, ourselves: who asks for a port wants to know why he cannot have it. */
#include "server/listening.h"

#include "base/limits.h"
#include "base/try.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef union any_address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
} any_address;

static socklen_t read_address(const char *bind, uint16_t port, any_address *out)
{
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, bind, &out->four.sin_addr) == 1) {
        out->four.sin_family = AF_INET;
        out->four.sin_port = htons(port);
        return sizeof out->four;
    }
    if (inet_pton(AF_INET6, bind, &out->six.sin6_addr) == 1) {
        out->six.sin6_family = AF_INET6;
        out->six.sin6_port = htons(port);
        return sizeof out->six;
    }
    return 0;
}

static assay_code fail_at(const char *bind, uint16_t port, int error, assay_err *err)
{
    if (error == EADDRINUSE)
        return assay_fail(err, ASSAY_E_CONFLICT,
                          "port %u of %s is taken by another program; choose another one: --port "
                          "%u, or --port 0 for one that is free",
                          (unsigned)port, bind, port < UINT16_MAX ? port + 1u : 8080u);
    if (error == EACCES)
        return assay_fail(err, ASSAY_E_IO, "port %u is not for this user; use one from 1024 up",
                          (unsigned)port);
    if (error == EADDRNOTAVAIL)
        return assay_fail(err, ASSAY_E_IO, "%s is no address of this machine", bind);
    return assay_fail(err, ASSAY_E_IO, "%s, port %u, cannot be listened to: %s", bind,
                      (unsigned)port, strerror(error));
}

static int bind_and_listen(int fd, const any_address *address, socklen_t size)
{
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (address->any.sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    return bind(fd, &address->any, size) != 0 || listen(fd, CONNECTIONS_MOST) != 0 ? errno : 0;
}

assay_code listening_open(const char *bind, uint16_t port, int *out, uint16_t *port_out,
                          bool *is_six, assay_err *err)
{
    *out = -1;
    any_address address;
    socklen_t size = read_address(bind, port, &address);
    if (size == 0)
        return assay_fail(
            err, ASSAY_E_USAGE,
            "'%.100s' is not an address to listen on; use one like 127.0.0.1, 0.0.0.0 "
            "or ::1",
            bind);
    *is_six = address.any.sa_family == AF_INET6;
    const int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail_at(bind, port, errno, err);
    int error = bind_and_listen(fd, &address, size);
    if (error == 0 && getsockname(fd, &address.any, &size) != 0)
        error = errno;
    if (error != 0) {
        close(fd);
        return fail_at(bind, port, error, err);
    }
    *port_out = ntohs(*is_six ? address.six.sin6_port : address.four.sin_port);
    *out = fd;
    return ASSAY_OK;
}
