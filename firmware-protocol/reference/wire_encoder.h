// Blocks of the wire protocol from values: the device's whole side of the stream, and the host's commands.
// Apart from the reader, because most boards need no more than this.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "wire_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

// Each wire_write_ function makes one whole block in the encoder's memory and gives its bytes. Or it makes nothing, uses up no sequence number and
// gives 0: an argument is outside the range that SPEC.md allows, or the memory is too small.

/// One direction of one session. Set the first five fields, the rest to 0.
typedef struct {
    /// Another number after each power-up, reset and start; `sequence` begins at 0 with it.
    uint32_t session;
    /// Of the next block.
    uint32_t sequence;
    /// Ticks a second of the clock that the calls are given; UINT32_MAX without a clock, and UINT64_MAX for the ticks then.
    uint32_t tick_rate;
    /// Where blocks are made, and the bytes there: those of the longest block that is made, by the macros below.
    uint8_t *block;
    size_t room;
    /// What the last configuration said; data blocks name it.
    uint16_t configuration;
    uint8_t channels;
} wire_encoder;

typedef struct {
    uint8_t lowest_version, highest_version;
    /// That the device can send, 1 to 16.
    uint8_t channels;
    /// WIRE_CAUSE_, UINT8_MAX if not known.
    uint8_t cause;
    /// WIRE_TELLS_, WIRE_TAKES_, WIRE_HAS_, WIRE_KEEPS_.
    uint32_t capabilities;
    /// UTF-8 with a zero behind; cut where longer than 32 bytes, the firmware's 16.
    const char *maker, *product, *serial_number, *firmware_version;
    /// Up to 16 of each, in hertz and in hundredths.
    const uint32_t *rates;
    const uint16_t *gains;
    uint8_t rate_count, gain_count;
} wire_hello;

typedef struct {
    /// WIRE_LEAD_ or WIRE_NO_LEAD.
    uint8_t lead;
    /// Hundredths; UINT16_MAX if not known.
    uint16_t gain;
    /// The value of 0 microvolts, and the microvolts of one step with the gain included.
    int32_t baseline;
    double scale;
    /// Thousandths of a hertz; 0 none, UINT32_MAX if not known.
    uint32_t high_pass, low_pass;
} wire_channel;

typedef struct {
    uint16_t number;
    /// WIRE_ELECTRODE_ bits whose contact is known, and bits 1 << WIRE_LEAD_ whose clipping is.
    uint16_t sensed, watched;
    /// Sample instants a second, hertz.
    uint32_t rate;
    /// That will come in this session; UINT64_MAX if not known.
    uint64_t frames;
    const wire_channel *channels;
    uint8_t channel_count;
} wire_configuration;

typedef struct {
    /// UINT64_MAX, UINT16_MAX, INT16_MIN and UINT8_MAX if not known.
    uint64_t samples_dropped, blocks_dropped;
    uint16_t buffer, battery;
    int16_t temperature;
    uint8_t state, supply;
} wire_status;

typedef struct {
    uint64_t sample;
    uint16_t code, value;
    /// UTF-8, `text_bytes` of it, up to 128; no zero behind.
    const char *text;
    size_t text_bytes;
} wire_event;

typedef struct {
    uint16_t code;
    uint8_t severity;
    uint32_t detail;
    const char *text;
    size_t text_bytes;
} wire_error;

/// A command as a device gets it.
typedef struct {
    /// WIRE_TYPE_IDENTIFY and so on, or a number that this version does not know.
    uint8_t type;
    /// What it is answered with, WIRE_RESULT_. As read: _DONE, _NOT_KNOWN, or _VALUE where its payload is too short.
    uint8_t result;
    uint32_t session, sequence;
    /// Of configure: UINT32_MAX and UINT16_MAX leave it as it is.
    uint32_t rate;
    uint16_t gain;
} wire_command;

/// Bytes of memory that blocks need.
#define WIRE_HELLO_BLOCK_BYTES(rates, gains) WIRE_BLOCK_BYTES(WIRE_HELLO_BYTES + 4 * (rates) + 2 * (gains))
#define WIRE_CONFIGURATION_BLOCK_BYTES(channels) WIRE_BLOCK_BYTES(WIRE_CONFIGURATION_BYTES + WIRE_CHANNEL_BYTES * (channels))
#define WIRE_DATA_BLOCK_BYTES(samples, marks, channels, width)                                                                              \
    WIRE_BLOCK_BYTES(WIRE_DATA_BYTES + WIRE_GROUP_BYTES * (samples) + WIRE_MARK_BYTES * (marks) + (samples) * (channels) * (width))
#define WIRE_STATUS_BLOCK_BYTES WIRE_BLOCK_BYTES(WIRE_STATUS_BYTES)
#define WIRE_EVENT_BLOCK_BYTES(text) WIRE_BLOCK_BYTES(WIRE_EVENT_BYTES + (text))
#define WIRE_ERROR_BLOCK_BYTES(text) WIRE_BLOCK_BYTES(WIRE_ERROR_BYTES + (text))
#define WIRE_ANSWER_BLOCK_BYTES WIRE_BLOCK_BYTES(WIRE_ANSWER_BYTES)
#define WIRE_CONFIGURE_BLOCK_BYTES WIRE_BLOCK_BYTES(WIRE_CONFIGURE_BYTES)

size_t wire_write_hello(wire_encoder *encoder, const wire_hello *hello, uint64_t ticks);
size_t wire_write_configuration(wire_encoder *encoder, const wire_configuration *configuration, uint64_t ticks);
size_t wire_write_status(wire_encoder *encoder, const wire_status *status, uint64_t ticks);
size_t wire_write_event(wire_encoder *encoder, const wire_event *event, uint64_t ticks);
size_t wire_write_error(wire_encoder *encoder, const wire_error *error, uint64_t ticks);
/// Answers a command with its `result`.
size_t wire_write_answer(wire_encoder *encoder, const wire_command *command, uint64_t ticks);
/// The host's side: a command. Of all but configure only the type counts.
size_t wire_write_command(wire_encoder *encoder, const wire_command *command, uint64_t ticks);
/// A block of any type around a payload of so many bytes, which stands in place already: 28 bytes behind the begin of the encoder's memory.
size_t wire_write_block(wire_encoder *encoder, uint8_t type, size_t bytes, uint64_t ticks);

/// There is no sample: the encoder sends the lowest value of the width.
#define WIRE_NO_SAMPLE INT32_MIN

/// A data block in the making: samples go straight to their place in its memory as they are converted, while the encoder makes other blocks in its
/// own. Set the first five fields once.
typedef struct {
    /// The block's memory; its bytes: WIRE_DATA_BLOCK_BYTES of the three below and the configuration's channels.
    uint8_t *block;
    size_t room;
    /// Samples and marks of a block at most: 1 to 255, 0 to 255.
    uint8_t most_samples, most_marks;
    /// Bytes a value: 2, 3 or 4.
    uint8_t width;
    uint8_t channels, samples, groups, marks;
    uint8_t *group, *mark, *values, *value;
} wire_data;

/// Begins a block whose first sample instant was converted at these ticks and has this index, counted from 0 at the session's start, lost ones too.
/// Gives 0, and the block takes no sample, before a configuration or where a field is outside its range or the memory too small.
int wire_data_begin(wire_data *data, const wire_encoder *encoder, uint64_t ticks, uint64_t sample);
/// Adds one sample instant: a value for each channel of the configuration, electrodes that are off, leads that are clipped. Values that the width
/// cannot hold are sent as its ends: say in `clipped` that they were. Gives the samples that there is still room for: after 0 end the block.
/// One that comes to a full block is left out.
unsigned wire_data_add(wire_data *data, const int32_t *values, uint16_t off, uint16_t clipped);
/// Adds a pace pulse, and gives 0 where there is no room for it: the instant of this block before it, counted from 0; the fraction of a sample interval
/// after that in 1/65536; width in microseconds, UINT16_MAX if not known; amplitude in tenths of a millivolt, INT16_MIN if not known.
int wire_data_mark(wire_data *data, uint8_t sample, uint16_t fraction, uint16_t width, int16_t amplitude);
/// Ends the block and gives its bytes; 0 for one without a sample. A mark that points behind the last sample is left out.
size_t wire_data_end(wire_data *data, wire_encoder *encoder);
/// Bytes of a packet that holds `count` bytes, its zero included, at most.
#define WIRE_PACKET_BYTES(count) ((count) + (count) / 254 + 2)
/// Writes a block as one COBS packet with a zero behind it, for a serial line; gives the packet's bytes. The block may lie in the packet's own
/// memory if it begins at least WIRE_PACKET_BYTES(count) - count bytes behind the packet.
size_t wire_packet(const uint8_t *block, size_t count, uint8_t *packet);

#ifdef __cplusplus
}
#endif
