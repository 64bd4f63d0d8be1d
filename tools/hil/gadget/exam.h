// A recorded exam as a gadget plays it: settings and samples of one file, whose samples are read where they lie.
// Apart from the device, because a board has a converter in this place.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXAM_CHANNELS = 16 };

/// One channel, as a configuration block tells it.
struct exam_channel {
    /// 0 to 11, or 0xFF for no lead.
    uint8_t lead;
    uint8_t reserved;
    /// Hundredths; 0xFFFF: not known.
    uint16_t gain;
    int32_t baseline;
    /// Microvolts of one count.
    double scale;
    /// Thousandths of a hertz; all ones: not known.
    uint32_t high_pass, low_pass;
};

/// The values of all channels at one instant, and what the electrodes said.
struct exam_frame {
    uint16_t off, clipped;
    /// INT32_MIN where there is no sample.
    int32_t values[EXAM_CHANNELS];
};

/// An exam in memory; tools/hil/exam.py writes the file: a header of 24 bytes, the channels, then frames of 4 + 4 channels bytes.
struct exam {
    uint32_t channels, rate;
    uint64_t frames;
    uint16_t sensed, watched;
    struct exam_channel channel[EXAM_CHANNELS];
    const uint8_t *samples;
};

/// Maps the file. False, with `problem` filled, if it cannot be read or is none.
bool exam_open(struct exam *exam, const char *path, char *problem, size_t problem_bytes);

/// Copies the frame `index`, less than `frames`.
void exam_frame_at(const struct exam *exam, uint64_t index, struct exam_frame *frame);
