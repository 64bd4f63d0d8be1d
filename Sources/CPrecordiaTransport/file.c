// Standard input, files and pipes: sources with an end, which cannot be lost.
// Apart from lines, because here the end is no fault.
#include "transport.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum transport_step open_standard(precordia_transport *transport) {
    transport->descriptor = STDIN_FILENO;
    transport_say(transport, "standard input");
    return TRANSPORT_IS_OPEN;
}

static enum transport_step open_file(precordia_transport *transport) {
    // Without O_NONBLOCK opening a pipe waits for its writer.
    transport->descriptor = open(transport->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;
    if (transport->descriptor < 0 || fstat(transport->descriptor, &status) != 0) {
        // A source of no known kind is taken for a file; whoever mistyped one must learn which there are.
        bool named = strncmp(transport->source, "file:", 5) == 0;
        transport_say(transport, "cannot be read, %s%s", strerror(errno), named ? "" : "; usb, serial:PATH, tcp:HOST:PORT, file:PATH or - would be right");
        return TRANSPORT_HOPELESS;
    }
    if (S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode)) {
        transport_say(transport, "opened");
        return TRANSPORT_IS_OPEN;
    }
    const char *hint = S_ISCHR(status.st_mode) ? "a device: a serial line is given as serial:PATH[,BAUD]" : "neither a file nor a pipe";
    transport_say(transport, "is %s", hint);
    return TRANSPORT_HOPELESS;
}

static void wait_file(precordia_transport *transport, int timeout, struct precordia_transport_reading *reading) {
    // Of a pipe that nobody has opened for writing yet, read would tell the end; poll waits for the writer.
    struct pollfd file = {transport->descriptor, POLLIN, 0};
    if (poll(&file, 1, timeout) <= 0) return;
    ssize_t got = read(transport->descriptor, transport->bytes, sizeof transport->bytes);
    if (got > 0) return transport_bytes(transport, transport->bytes, (size_t)got, transport_now(), reading);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    reading->news = got == 0 ? PRECORDIA_TRANSPORT_ENDED : PRECORDIA_TRANSPORT_FAILED;
    if (got < 0) transport_say(transport, "cannot be read, %s", strerror(errno));
}

static void close_file(precordia_transport *transport) {
    if (transport->descriptor >= 0 && transport->kind != &transport_standard) close(transport->descriptor);
    transport->descriptor = -1;
}

const struct transport_kind transport_standard = {.prefix = "-", .open = open_standard, .wait = wait_file, .close = close_file};
const struct transport_kind transport_file = {.prefix = "file:", .open = open_file, .wait = wait_file, .close = close_file};
const struct transport_kind transport_path = {.open = open_file, .wait = wait_file, .close = close_file};
