// From a fuzzer's input to the bytes of a transport. Almost no input has a right check by itself, so an input may ask for its checks to be made right.
// Apart, because the fuzzers of both decoders read their inputs alike and share one corpus.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "precordia_wire.h"
#include "wire_bytes.h"

enum { STREAM_COBS = 1, STREAM_SIGNED = 2, STREAM_MAXIMUM = 16384 };

/// How an input is to be fed.
struct stream {
    int framing;
    size_t chunk, count;
    const uint8_t *bytes;
};

/// The first byte has the bits above, the second is the size of the portions; the transport's bytes follow. Of a signed input each place that looks
/// like a block is made one, and a packet of its own on a serial line.
static inline void stream_read(struct stream *stream, const uint8_t *data, size_t size) {
    const int flags = size > 0 ? data[0] : 0;
    static uint8_t plain[STREAM_MAXIMUM], bytes[STREAM_MAXIMUM];
    size_t at = 0, length;
    stream->framing = flags & STREAM_COBS ? WIRE_COBS : WIRE_PLAIN;
    stream->chunk = size > 1 ? (size_t)data[1] + 1 : 1;
    stream->bytes = bytes;
    stream->count = 0;
    data += size < 2 ? size : 2;
    size -= size < 2 ? size : 2;
    if (size > STREAM_MAXIMUM / 2) size = STREAM_MAXIMUM / 2;
    for (size_t index = 0; index < size; index++) plain[index] = data[index];
    while (at < size) {
        length = 1;
        if (flags & STREAM_SIGNED && size - at >= WIRE_BLOCK_BYTES(0) && plain[at] == 0x9E && plain[at + 1] == 0x45 && plain[at + 2] == 0x43 &&
            plain[at + 3] == 0x47) {
            const size_t body = WIRE_HEADER_BYTES + (size_t)(plain[at + 6] | plain[at + 7] << 8);
            if (body <= WIRE_MAXIMUM_BLOCK - WIRE_CHECK_BYTES && body + WIRE_CHECK_BYTES <= size - at) {
                const uint32_t check = wire_check(0, plain + at, body);
                for (int byte = 0; byte < 4; byte++) plain[at + body + (size_t)byte] = (uint8_t)(check >> 8 * byte);
                length = body + WIRE_CHECK_BYTES;
            }
        }
        if (length > 1 && stream->framing == WIRE_COBS) {
            stream->count += wire_packet(plain + at, length, bytes + stream->count);
        } else {
            for (size_t index = 0; index < length; index++) bytes[stream->count++] = plain[at + index];
        }
        at += length;
    }
}
