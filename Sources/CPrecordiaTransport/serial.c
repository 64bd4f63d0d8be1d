// The terminal interface of the kernel, told to keep its hands off the bytes.
// Apart from the other lines, because only here a device can be configured wrongly.
#include "transport.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static const struct {
    long baud;
    speed_t speed;
} speeds[] = {
    {9600, B9600},     {19200, B19200},   {38400, B38400},   {57600, B57600},     {115200, B115200},   {230400, B230400},
    {460800, B460800}, {500000, B500000}, {921600, B921600}, {1000000, B1000000}, {2000000, B2000000}, {3000000, B3000000},
};

/// What stands in PATH[,BAUD].
struct serial {
    char *path;
    speed_t speed;
};

static bool prepare(precordia_transport *transport) {
    struct serial *serial = transport->own = calloc(1, sizeof *serial);
    if (serial != NULL) serial->path = strdup(transport->name);
    if (serial == NULL || serial->path == NULL) return transport_say(transport, "not enough memory for a serial line"), false;
    char *comma = strrchr(serial->path, ',');
    long baud = 115200;
    if (comma != NULL) {
        char *end;
        baud = strtol(comma + 1, &end, 10);
        if (*end != '\0' || end == comma + 1) baud = -1;
        *comma = '\0';
    }
    if (serial->path[0] == '\0') return transport_say(transport, "names no device; serial:/dev/ttyACM0 would be right"), false;
    for (size_t index = 0; index < sizeof speeds / sizeof speeds[0]; index++) {
        serial->speed = speeds[index].speed;
        if (speeds[index].baud == baud) return true;
    }
    transport_say(
        transport,
        "baud rate %s not possible; 9600, 19200, 38400, 57600, 115200, 230400, 460800, 500000, 921600, 1000000, 2000000 or 3000000", comma + 1);
    return false;
}

static void discard(precordia_transport *transport) {
    struct serial *serial = transport->own;
    if (serial != NULL) free(serial->path);
    free(serial);
}

/// Asks the driver to hand bytes over at once: FTDI adapters wait 16 ms otherwise. Most others refuse, and lose nothing by it.
static void hurry(int descriptor) {
#if defined(__linux__) && defined(TIOCSSERIAL)
    // struct serial_struct of <linux/serial.h>, which a C library without the kernel's headers does not bring.
    struct {
        int type, line;
        unsigned port;
        int irq, flags, fifo, divisor, base;
        unsigned short close_delay;
        char io_type, reserved;
        int hub;
        unsigned short closing_wait, closing_wait2;
        void *memory;
        unsigned short shift;
        unsigned port_high;
        unsigned long map;
    } settings;
    enum { LOW_LATENCY = 1 << 13 };
    if (ioctl(descriptor, TIOCGSERIAL, &settings) != 0 || (settings.flags & LOW_LATENCY) != 0) return;
    settings.flags |= LOW_LATENCY;
    ioctl(descriptor, TIOCSSERIAL, &settings);
#else
    (void)descriptor;
#endif
}

static enum transport_step open_serial(precordia_transport *transport) {
    const struct serial *serial = transport->own;
    // Without O_NONBLOCK opening waits for a carrier that a board may never raise.
    transport->descriptor = open(serial->path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (transport->descriptor < 0) {
        const char *hint = errno == EACCES ? "; the group that may is mostly dialout: usermod -aG dialout USER, then log in again"
            : errno == EBUSY ? ": another program reads it" : "";
        transport_say(transport, "cannot be opened, %s%s", strerror(errno), hint);
        return TRANSPORT_REFUSED;
    }
    struct termios line;
    if (tcgetattr(transport->descriptor, &line) != 0) {
        bool never = errno == ENOTTY || errno == EINVAL;
        if (never) transport_say(transport, "is no serial line; those that are there stand in /dev/serial/by-id");
        else transport_say(transport, "cannot be asked for its settings, %s", strerror(errno));
        return never ? TRANSPORT_HOPELESS : TRANSPORT_REFUSED;
    }
    cfmakeraw(&line);
    line.c_cflag |= CLOCAL | CREAD;
    line.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
    line.c_cc[VMIN] = 1;
    line.c_cc[VTIME] = 0;
    if (cfsetispeed(&line, serial->speed) != 0 || cfsetospeed(&line, serial->speed) != 0
        || tcsetattr(transport->descriptor, TCSANOW, &line) != 0) {
        transport_say(transport, "does not take these settings, %s", strerror(errno));
        return TRANSPORT_REFUSED;
    }
    // Two readers would each get a part of the bytes, and neither would know.
    ioctl(transport->descriptor, TIOCEXCL);
    hurry(transport->descriptor);
    transport_say(transport, "opened");
    return TRANSPORT_IS_OPEN;
}

const struct transport_kind transport_serial = {
    .prefix = "serial:", .framing = 1, .comes_again = true, .prepare = prepare, .open = open_serial, .wait = line_wait, .send = line_send,
    .is_sending = line_is_sending, .close = line_close, .discard = discard,
};
