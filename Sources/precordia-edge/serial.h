// A serial line as a source: raw, 8 data bits, no parity, no flow control.
#ifndef PRECORDIA_EDGE_SERIAL_H
#define PRECORDIA_EDGE_SERIAL_H

#include "source.h"

/// Opens PATH[,BAUD], 115200 baud if not given; an adapter on USB ignores the number.
int serial_open(struct source *source, const char *name);

/// Reads; the end of a serial line is an unplugged device, and an error.
long serial_read(struct source *source, void *bytes, size_t count);

#endif
