// A TCP connection to a device or a bridge: found by name, connected without waiting, watched so that a pulled cable is noticed.
// Apart from the other lines, because only here opening takes time.
#include "transport.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/// HOST:PORT, and where a connection that is being made has got to.
struct tcp {
    char *host, *port;
    struct addrinfo *found, *at;
    /// When the address is given up, in nanoseconds.
    int64_t patience;
};

static const int64_t PATIENCE = 5000000000;

static bool prepare(precordia_transport *transport) {
    struct tcp *tcp = transport->own = calloc(1, sizeof *tcp);
    if (tcp != NULL) tcp->host = strdup(transport->name);
    if (tcp == NULL || tcp->host == NULL) return transport_say(transport, "not enough memory for a connection"), false;
    char *colon = strrchr(tcp->host, ':');
    char *end = NULL;
    long port = colon == NULL ? 0 : strtol(colon + 1, &end, 10);
    bool bracketed = colon != NULL && tcp->host[0] == '[' && colon > tcp->host + 2 && colon[-1] == ']';
    if (port < 1 || port > 65535 || *end != '\0' || colon == tcp->host || (!bracketed && (tcp->host[0] == '[' || strchr(tcp->host, ':') != colon))) {
        transport_say(transport, "names no connection; tcp:192.168.0.7:4000 or tcp:[fe80::7]:4000 would be right, ports are 1 to 65535");
        return false;
    }
    *colon = '\0';
    tcp->port = colon + 1;
    if (bracketed) {
        colon[-1] = '\0';
        memmove(tcp->host, tcp->host + 1, strlen(tcp->host));
    }
    return true;
}

static void forget(struct tcp *tcp) {
    if (tcp->found != NULL) freeaddrinfo(tcp->found);
    tcp->found = tcp->at = NULL;
}

static void discard(precordia_transport *transport) {
    struct tcp *tcp = transport->own;
    if (tcp != NULL) free(tcp->host);
    free(tcp);
}

/// Settings without which nobody would notice for hours that the other side has gone: asked after 2 s of silence, given up after three more.
static void watch(int descriptor) {
    const int on = 1, idle = 2, interval = 1, tries = 3;
    const unsigned unheard = 5000;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof tries);
    setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &unheard, sizeof unheard);
}

static enum transport_step connected(precordia_transport *transport) {
    struct tcp *tcp = transport->own;
    forget(tcp);
    watch(transport->descriptor);
    transport_say(transport, "connected to %s, port %s", tcp->host, tcp->port);
    return TRANSPORT_IS_OPEN;
}

/// Begins with the address at hand, or the next one that can be begun with; `code` is why the last one failed.
static enum transport_step begin(precordia_transport *transport, int code) {
    struct tcp *tcp = transport->own;
    for (; tcp->at != NULL; tcp->at = tcp->at->ai_next) {
        line_close(transport);
        transport->descriptor = socket(tcp->at->ai_family, tcp->at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, tcp->at->ai_protocol);
        if (transport->descriptor < 0) {
            code = errno;
            continue;
        }
        tcp->patience = transport_now() + PATIENCE;
        if (connect(transport->descriptor, tcp->at->ai_addr, tcp->at->ai_addrlen) == 0) return connected(transport);
        if (errno == EINPROGRESS || errno == EINTR) return TRANSPORT_WAITS;
        code = errno;
    }
    transport_say(transport, "cannot be connected to, %s", strerror(code));
    return TRANSPORT_REFUSED;
}

static enum transport_step open_tcp(precordia_transport *transport) {
    struct tcp *tcp = transport->own;
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    // Asked anew at each opening, because a device may come back with another address. A name that no server answers for holds the caller
    // up for as long as the system's resolver takes; an address never does.
    int code = getaddrinfo(tcp->host, tcp->port, &wanted, &tcp->found);
    if (code != 0) {
        tcp->found = NULL;
        transport_say(transport, "host %s is not known, %s", tcp->host, code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
        return TRANSPORT_REFUSED;
    }
    tcp->at = tcp->found;
    return begin(transport, EADDRNOTAVAIL);
}

static enum transport_step opening(precordia_transport *transport, int timeout) {
    struct tcp *tcp = transport->own;
    struct pollfd line = {transport->descriptor, POLLOUT, 0};
    int ready = poll(&line, 1, timeout), code = ETIMEDOUT;
    if (ready <= 0 && transport_now() < tcp->patience) return TRANSPORT_WAITS;
    socklen_t length = sizeof code;
    if (ready > 0 && getsockopt(transport->descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 && code == 0) return connected(transport);
    tcp->at = tcp->at->ai_next;
    return begin(transport, code);
}

static void close_tcp(precordia_transport *transport) {
    if (transport->own != NULL) forget(transport->own);
    line_close(transport);
}

const struct transport_kind transport_tcp = {
    .prefix = "tcp:", .comes_again = true, .prepare = prepare, .open = open_tcp, .opening = opening, .wait = line_wait, .send = line_send,
    .is_sending = line_is_sending, .close = close_tcp, .discard = discard,
};
