// Standard input and files; the serial line has a file of its own.
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "precordia.h"
#include "serial.h"

static long read_plain(struct source *source, void *bytes, size_t count) {
    ssize_t got = read(source->descriptor, bytes, count);
    if (got >= 0) return (long)got;
    if (errno == EINTR || errno == EAGAIN) return -2;
    snprintf(source->problem, sizeof source->problem, "cannot be read, %s", strerror(errno));
    return -1;
}

static int open_standard(struct source *source, const char *name) {
    (void)name;
    source->descriptor = STDIN_FILENO;
    return 0;
}

static int open_file(struct source *source, const char *name) {
    source->descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat status;
    if (source->descriptor < 0 || fstat(source->descriptor, &status) != 0) {
        snprintf(source->problem, sizeof source->problem, "cannot be read, %s", strerror(errno));
        return -1;
    }
    if (S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode)) return 0;
    const char *hint = S_ISCHR(status.st_mode) ? "a device: a serial line is given as serial:PATH[,BAUD]" : "neither a file nor a pipe";
    snprintf(source->problem, sizeof source->problem, "is %s", hint);
    return -1;
}

const struct source_kind source_kinds[] = {
    {"-", "", PRECORDIA_FRAMING_PLAIN, open_standard, read_plain},
    {"file:", "PATH", PRECORDIA_FRAMING_PLAIN, open_file, read_plain},
    {"serial:", "PATH[,BAUD]", PRECORDIA_FRAMING_COBS, serial_open, serial_read},
    {NULL, "PATH", PRECORDIA_FRAMING_PLAIN, open_file, read_plain},
};

/// Whether a name is of that kind; of standard input only the whole name.
static int is_of(const struct source_kind *kind, const char *name) {
    if (strcmp(kind->prefix, "-") == 0) return strcmp(name, "-") == 0;
    return strncmp(name, kind->prefix, strlen(kind->prefix)) == 0;
}

const struct source_kind *source_kind_of(const char *name) {
    const struct source_kind *kind = source_kinds;
    while (kind->prefix != NULL && !is_of(kind, name)) kind++;
    return kind;
}

int source_open(struct source *source, const char *name) {
    memset(source, 0, sizeof *source);
    source->kind = source_kind_of(name);
    source->name = name;
    source->descriptor = -1;
    return source->kind->open(source, name + (source->kind->prefix == NULL ? 0 : strlen(source->kind->prefix)));
}
