// A descriptor that is read and written without waiting: what serial lines and TCP connections have in common.
// Apart from their files, which only know how each is opened.
#include "transport.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/// Writes as write does, but without a signal when the other side of a connection has gone.
static ssize_t put(int descriptor, const void *bytes, size_t count) {
    ssize_t written = send(descriptor, bytes, count, MSG_NOSIGNAL);
    return written < 0 && errno == ENOTSOCK ? write(descriptor, bytes, count) : written;
}

/// Hands over what the line takes of the command that waits. What goes wrong here shows again in the next read.
static void flush(precordia_transport *transport) {
    while (transport->outgoing_start < transport->outgoing_end) {
        size_t rest = transport->outgoing_end - transport->outgoing_start;
        ssize_t written = put(transport->descriptor, transport->outgoing + transport->outgoing_start, rest);
        if (written <= 0) return;
        transport->outgoing_start += (size_t)written;
        transport->counters.sent += (size_t)written;
    }
}

void line_wait(precordia_transport *transport, int timeout, struct precordia_transport_reading *reading) {
    short wanted = transport->outgoing_start < transport->outgoing_end ? POLLIN | POLLOUT : POLLIN;
    struct pollfd line = {transport->descriptor, wanted, 0};
    if (poll(&line, 1, timeout) <= 0) return;
    if (line.revents & POLLOUT) flush(transport);
    if ((line.revents & ~POLLOUT) == 0) return;
    ssize_t got = read(transport->descriptor, transport->bytes, sizeof transport->bytes);
    if (got > 0) return transport_bytes(transport, transport->bytes, (size_t)got, transport_now(), reading);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    reading->news = PRECORDIA_TRANSPORT_LOST;
    bool serial = transport->kind == &transport_serial;
    bool hung_up = got == 0 || (serial && (errno == EIO || errno == ENXIO || errno == ENODEV));
    if (!hung_up) transport_say(transport, "%s, %s", serial ? "the line cannot be read" : "the connection is gone", strerror(errno));
    else if (serial) transport_say(transport, "is gone: the device was unplugged or its line hung up");
    else transport_say(transport, "is gone: the other side ended the connection");
}

/// Writes a block as a COBS packet behind an idle zero byte, which ends whatever noise the line had before; returns its length.
static size_t packet(const uint8_t *block, size_t count, uint8_t *packet) {
    size_t end = 0;
    packet[end++] = 0;
    size_t code = end++;
    for (size_t index = 0; index < count; index++) {
        if (block[index] != 0) packet[end++] = block[index];
        bool full = end - code == 255;
        if (block[index] != 0 && !full) continue;
        packet[code] = (uint8_t)(end - code);
        if (full && block[index] != 0 && index + 1 == count) return packet[end++] = 0, end;
        code = end++;
    }
    packet[code] = (uint8_t)(end - code);
    packet[end++] = 0;
    return end;
}

bool line_send(precordia_transport *transport, const void *block, size_t count) {
    if (transport->outgoing_start < transport->outgoing_end) return false;
    transport->outgoing_start = 0;
    transport->outgoing_end = count;
    if (transport->framing == 1) transport->outgoing_end = packet(block, count, transport->outgoing);
    else memcpy(transport->outgoing, block, count);
    flush(transport);
    return true;
}

bool line_is_sending(const precordia_transport *transport) { return transport->outgoing_start < transport->outgoing_end; }

void line_close(precordia_transport *transport) {
    // A command that was cut by the loss was never sent.
    transport->counters.unsent += transport->outgoing_start < transport->outgoing_end;
    transport->outgoing_start = transport->outgoing_end = 0;
    if (transport->descriptor >= 0) close(transport->descriptor);
    transport->descriptor = -1;
}
