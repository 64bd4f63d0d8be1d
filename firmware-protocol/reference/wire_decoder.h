// A device's bytes to samples: the host's side, for gateways and test benches without Precordia's own library.
// The same messages, in the same order, and the same counters as the host's decoder, which a test and a fuzzer compare.
#pragma once

#include "wire_scanner.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wire_message {
    /// More bytes are needed.
    WIRE_NOTHING = 0,
    /// A new stream: `configuration` says how frames are to be read from here on.
    WIRE_STREAM = 1,
    /// `frame`.
    WIRE_FRAME = 2,
    /// `pace`, before the frames of its block.
    WIRE_PACE = 3,
    /// `hello`.
    WIRE_HELLO = 4,
    /// `payload`, for the next four with a function below.
    WIRE_STATUS = 5,
    WIRE_EVENT = 6,
    WIRE_ERROR = 7,
    WIRE_ANSWER = 8,
    /// A host's command, which a host meets nowhere.
    WIRE_COMMAND = 9
};

/// What is counted since the decoder was made, beside the scanner's; SPEC.md says when.
typedef struct {
    uint64_t blocks_missing, blocks_repeated, blocks_other_version, blocks_unknown, blocks_malformed;
    uint64_t restarts;
    uint64_t frames, frames_missing, frames_repeated, frames_unconfigured;
    uint64_t device_samples_dropped;
} wire_counters;

/// One sample instant, by lead. A missing lead keeps its last value.
typedef struct {
    uint64_t index;
    int32_t values[WIRE_LEADS];
    uint16_t missing, clipped, off;
} wire_frame;

/// A pace pulse: the sample instant before it and the fraction of an interval after that.
typedef struct {
    uint64_t sample;
    uint16_t fraction, width;
    int16_t amplitude;
} wire_pace;

/// Set scanner.memory, scanner.room (WIRE_MAXIMUM_BLOCK) and scanner.framing, the rest to 0.
typedef struct {
    /// The data block that is open while `place` of its samples is less than `samples`: what comes next of it.
    uint32_t place, samples, marks, group_end;
    const uint8_t *group, *mark, *values;
    uint64_t first;
    /// The payload of the last block, until the next call, and its bytes; the header stands before it.
    uint32_t payload_bytes;
    /// The configuration in force and the last hello, as payloads; 0 bytes before the first.
    uint32_t configuration_bytes, hello_bytes;
    /// Leads that a channel carries, and leads that neither a channel nor a derivation from I and II gives.
    uint32_t leads, absent;
    const uint8_t *payload;
    /// The index of the sample instant that is to come next, if the session's begin was heard.
    uint64_t next_sample, last_dropped;
    uint32_t knows_next_sample;
    wire_order order;
    wire_frame frame;
    wire_pace pace;
    wire_counters counters;
    wire_scanner scanner;
    uint8_t configuration[WIRE_CONFIGURATION_BYTES + WIRE_CHANNEL_BYTES * WIRE_MAXIMUM_CHANNELS];
    uint8_t hello[WIRE_HELLO_BYTES + 4 * WIRE_MAXIMUM_RATES + 2 * WIRE_MAXIMUM_GAINS];
} wire_decoder;

/// Takes bytes, as many as there is room for, and says how many; 0 while wire_decoder_next has something left. When no more will come from
/// a connection, call wire_scanner_finish on the scanner, and then wire_decoder_next as always.
size_t wire_decoder_feed(wire_decoder *decoder, const uint8_t *bytes, size_t count);
/// The next wire_message; WIRE_NOTHING when more bytes are needed.
int wire_decoder_next(wire_decoder *decoder);

/// What became of a command: its type and its sequence, and a WIRE_RESULT_.
typedef struct {
    uint32_t sequence;
    uint8_t command, result;
} wire_answer;

/// What the payload of such a message says; texts are in place.
void wire_read_status(const wire_decoder *decoder, wire_status *status);
void wire_read_event(const wire_decoder *decoder, wire_event *event);
void wire_read_error(const wire_decoder *decoder, wire_error *error);
void wire_read_answer(const wire_decoder *decoder, wire_answer *answer);
/// A channel of the configuration in force.
void wire_read_channel(const wire_decoder *decoder, unsigned index, wire_channel *channel);

#ifdef __cplusplus
}
#endif
