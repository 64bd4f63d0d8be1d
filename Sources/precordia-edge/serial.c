// The terminal interface of the kernel, told to keep its hands off the bytes.
// Apart from the other sources, because only here a device can be configured wrongly or pulled out.
#include "serial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const struct {
    long baud;
    speed_t speed;
} speeds[] = {
    {9600, B9600},     {19200, B19200},   {38400, B38400},   {57600, B57600},     {115200, B115200},   {230400, B230400},
    {460800, B460800}, {500000, B500000}, {921600, B921600}, {1000000, B1000000}, {2000000, B2000000}, {3000000, B3000000},
};

static int failed(struct source *source, const char *what) {
    snprintf(source->problem, sizeof source->problem, "%s, %s", what, strerror(errno));
    return -1;
}

/// Splits PATH[,BAUD]; -1 with a problem for a number that no line has.
static int split(struct source *source, const char *name, char *path, size_t room, speed_t *speed) {
    const char *comma = strrchr(name, ',');
    size_t length = comma ? (size_t)(comma - name) : strlen(name);
    long baud = 115200;
    if (comma != NULL) {
        char *end;
        baud = strtol(comma + 1, &end, 10);
        if (*end != '\0' || end == comma + 1) baud = -1;
    }
    if (length == 0 || length >= room) {
        snprintf(source->problem, sizeof source->problem, "names no device; serial:/dev/ttyACM0 would be right");
        return -1;
    }
    memcpy(path, name, length);
    path[length] = '\0';
    for (size_t index = 0; index < sizeof speeds / sizeof speeds[0]; index++) {
        *speed = speeds[index].speed;
        if (speeds[index].baud == baud) return 0;
    }
    snprintf(
        source->problem, sizeof source->problem,
        "baud rate %s not possible; 9600, 19200, 38400, 57600, 115200, 230400, 460800, 500000, 921600, 1000000, 2000000 or 3000000",
        comma + 1);
    return -1;
}

int serial_open(struct source *source, const char *name) {
    char path[4096];
    speed_t speed;
    if (split(source, name, path, sizeof path, &speed) != 0) return -1;
    // Without O_NONBLOCK opening waits for a carrier that a board may never raise.
    source->descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (source->descriptor < 0) return failed(source, "cannot be opened");
    struct termios line;
    if (tcgetattr(source->descriptor, &line) != 0) return failed(source, "is no serial line");
    cfmakeraw(&line);
    line.c_cflag |= CLOCAL | CREAD;
    line.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
    line.c_cc[VMIN] = 1;
    line.c_cc[VTIME] = 0;
    if (cfsetispeed(&line, speed) != 0 || cfsetospeed(&line, speed) != 0 || tcsetattr(source->descriptor, TCSANOW, &line) != 0)
        return failed(source, "does not take these settings");
    return 0;
}

long serial_read(struct source *source, void *bytes, size_t count) {
    ssize_t got = read(source->descriptor, bytes, count);
    if (got > 0) return (long)got;
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return -2;
    if (got == 0 || errno == EIO || errno == ENXIO || errno == ENODEV) {
        snprintf(source->problem, sizeof source->problem, "is gone: the device was unplugged or its line hung up");
        return -1;
    }
    return failed(source, "cannot be read");
}
