// The functions of precordia.h that concern models and engines, a link's end, and what is said to a device (follow.c has those of hosts, exam.c those of recorded exams), on a signal made here of whole numbers: what it prints
// must be the same on every processor and through both forms of the library. It ends with 1, and says where, if the interface breaks a
// promise of its header.
//
//     interface MODEL

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interface.h"

enum { RATE = 500, SECONDS = 40, FRAMES = RATE * SECONDS };

/// A triangle for each beat, 75 a minute, of another height in each lead, and a little noise.
static void make(int32_t *counts, precordia_marks *marks) {
    uint32_t noise = 1;
    for (int frame = 0; frame < FRAMES; frame++) {
        int phase = frame % (RATE * 60 / 75);
        int wave = phase < 20 ? phase * 50 : phase < 40 ? (40 - phase) * 50 : phase > 150 && phase < 250 ? 100 - abs(phase - 200) * 2 : 0;
        for (int lead = 0; lead < 12; lead++) {
            noise = noise * 1664525u + 1013904223u;
            counts[frame * 12 + lead] = wave * (lead - 3) / 4 + (int32_t)(noise >> 28);
        }
        marks[frame] = (precordia_marks){0};
        if (frame >= 25 * RATE && frame < 28 * RATE) marks[frame].off = PRECORDIA_ELECTRODE_V1 << 2;
        if (frame >= 30 * RATE && frame < 30 * RATE + 50) marks[frame].missing = 1 << PRECORDIA_LEAD_V5;
        if (frame == 33 * RATE) marks[frame].clipped = 1 << PRECORDIA_LEAD_V6;
    }
}

static void tell(precordia_engine *engine, const precordia_model *model, uint64_t *hash) {
    precordia_event event;
    while (precordia_engine_poll(engine, &event)) {
        precordia_text code = precordia_model_condition(model, event.code);
        uint32_t bits;
        memcpy(&bits, &event.value, 4);
        if (isnan(event.value)) bits = 0x7FC00000;
        printf("%s %llu %.*s %s leads %03x reasons %03x value %08x\n", precordia_event_name(event.kind), (unsigned long long)event.sample,
               (int)code.count, code.bytes, precordia_priority_name(event.priority), event.leads, (unsigned)(event.reasons | (uint32_t)event.more_reasons << 16), (unsigned)bits);
        if (event.kind != PRECORDIA_EVENT_WINDOW && event.kind != PRECORDIA_EVENT_UNKNOWN) continue;
        float values[64];
        precordia_engine_probabilities(engine, 0, 64, values);
        for (int index = 0; index < 64; index++) {
            memcpy(&bits, &values[index], 4);
            *hash = (*hash ^ bits) * 1099511628211u;
        }
    }
}

/// Plays the signal through one engine and returns a hash of its probabilities.
static uint64_t play(precordia_engine *engine, const precordia_model *model, const int32_t *counts, const precordia_marks *marks, int form) {
    static double doubles[FRAMES * 12];
    static float floats[FRAMES * 12];
    for (int index = 0; index < FRAMES * 12; index++) doubles[index] = floats[index] = (float)counts[index];
    uint64_t hash = 14695981039346656037u;
    size_t frame = 0;
    while (frame < FRAMES) {
        // Three quarters of a second of frames 9000 to 9999 are lost.
        if (frame == 9000) frame = 9375;
        size_t block = frame < 9000 && frame + 64 > 9000 ? 9000 - frame : FRAMES - frame < 64 ? FRAMES - frame : 64;
        size_t taken = 0;
        if (form == 0) taken = precordia_engine_push_counts(engine, frame, counts + frame * 12, marks + frame, block);
        if (form == 1) taken = precordia_engine_push_microvolts(engine, frame, doubles + frame * 12, marks + frame, block);
        if (form == 2) taken = precordia_engine_push_microvolts_float(engine, frame, floats + frame * 12, marks + frame, block);
        REQUIRE(taken >= 1 && taken <= block);
        frame += taken;
        tell(engine, model, &hash);
    }
    while (precordia_engine_drain(engine)) tell(engine, model, &hash);
    tell(engine, model, &hash);
    return hash;
}

/// A cable of two leads: heard, and unknown for want of leads, none of which is called bad; then the same from nobody knows where.
static void few(const precordia_model *model, void *memory, size_t bytes, const int32_t *counts) {
    static int32_t two[12 * RATE * 2];
    precordia_stream stream = precordia_stream_default(RATE);
    stream.channels = 2;
    stream.lead[0] = PRECORDIA_LEAD_II;
    stream.lead[1] = PRECORDIA_LEAD_V5;
    const uint16_t own = 1 << PRECORDIA_LEAD_II | 1 << PRECORDIA_LEAD_V5;
    for (int frame = 0; frame < 12 * RATE; frame++)
        for (int channel = 0; channel < 2; channel++) two[frame * 2 + channel] = counts[frame * 12 + stream.lead[channel]];
    for (int unplaced = 0; unplaced < 2; unplaced++) {
        stream.unplaced = unplaced ? own : 0;
        precordia_engine *engine;
        REQUIRE(precordia_engine_init(&engine, memory, bytes, model, &stream, NULL) == PRECORDIA_OK);
        precordia_event event;
        for (size_t frame = 0; frame < 12 * RATE;) {
            frame += precordia_engine_push_counts(engine, frame, two + frame * 2, NULL, 12 * RATE - frame);
            while (precordia_engine_poll(engine, &event)) REQUIRE(event.kind != PRECORDIA_EVENT_WINDOW && event.leads == 0);
        }
        precordia_quality quality;
        precordia_engine_quality(engine, &quality);
        REQUIRE(quality.reasons == (PRECORDIA_REASON_TOO_FEW_LEADS | PRECORDIA_REASON_ABSENT_LEADS) && quality.absent == (0xFFF & ~own));
        precordia_counters all;
        precordia_engine_counters(engine, &all);
        REQUIRE(all.samples_missing == 0 && all.beats >= 10);
    }
    size_t needed;
    stream.unplaced = 1 << 12;
    REQUIRE(precordia_engine_bytes(model, &stream, NULL, &needed) == PRECORDIA_ERROR_RESERVED);
    stream.unplaced = 0;
    stream.channels = 1;
    stream.lead[0] = PRECORDIA_LEAD_AVR;
    stream.derived = 1 << PRECORDIA_LEAD_AVR;
    REQUIRE(precordia_engine_bytes(model, &stream, NULL, &needed) == PRECORDIA_ERROR_CHANNELS);
}

static void errors(const precordia_model *model, void *memory, size_t bytes) {
    precordia_stream stream = precordia_stream_default(RATE);
    precordia_options options = {0};
    precordia_engine *engine;
    size_t needed;
    REQUIRE(precordia_engine_init(&engine, memory, bytes - 1, model, &stream, NULL) == PRECORDIA_ERROR_MEMORY && engine == NULL);
    stream.rate = 99;
    REQUIRE(precordia_engine_bytes(model, &stream, NULL, &needed) == PRECORDIA_ERROR_RATE && needed == 0);
    stream = precordia_stream_eight(RATE);
    stream.lead[3] = stream.lead[2];
    REQUIRE(precordia_engine_bytes(model, &stream, NULL, &needed) == PRECORDIA_ERROR_CHANNELS);
    stream = precordia_stream_eight(RATE);
    stream.derived = 1;
    REQUIRE(precordia_engine_bytes(model, &stream, NULL, &needed) == PRECORDIA_ERROR_DERIVED_LEADS);
    stream = precordia_stream_eight(RATE);
    stream.microvolts_per_count[7] = 0;
    REQUIRE(precordia_engine_bytes(model, &stream, NULL, &needed) == PRECORDIA_ERROR_SCALE);
    stream = precordia_stream_eight(RATE);
    options.hop = 7;
    REQUIRE(precordia_engine_bytes(model, &stream, &options, &needed) == PRECORDIA_ERROR_HOP);
    options = (precordia_options){.display_notch = 55};
    REQUIRE(precordia_engine_bytes(model, &stream, &options, &needed) == PRECORDIA_ERROR_NOTCH);
    options = (precordia_options){.heart_rate_high = NAN};
    REQUIRE(precordia_engine_bytes(model, &stream, &options, &needed) == PRECORDIA_ERROR_ALERT_LIMIT);
    options = (precordia_options){.measure_seconds = 61};
    REQUIRE(precordia_engine_bytes(model, &stream, &options, &needed) == PRECORDIA_ERROR_RESERVED);
    options = (precordia_options){.patient = PRECORDIA_PATIENT_FEMALE | PRECORDIA_PATIENT_MALE};
    REQUIRE(precordia_engine_bytes(model, &stream, &options, &needed) == PRECORDIA_ERROR_RESERVED);
    options = (precordia_options){.reserved = {1}};
    REQUIRE(precordia_engine_bytes(model, &stream, &options, &needed) == PRECORDIA_ERROR_RESERVED);

    static uint8_t _Alignas(64) broken[4096];
    precordia_model other;
    precordia_model_fault fault;
    REQUIRE(precordia_model_init(&other, broken, sizeof broken) == PRECORDIA_ERROR_MODEL_INVALID);
    REQUIRE(precordia_model_last_fault(&other, &fault) && fault.code != 0);
    printf("fault %d at %llu: %s\n", (int)fault.code, (unsigned long long)fault.offset, fault.explanation);
    REQUIRE(precordia_model_init(&other, broken + 1, 1000) == PRECORDIA_ERROR_MODEL_MISALIGNED);
    REQUIRE(precordia_engine_bytes(&other, &stream, NULL, &needed) == PRECORDIA_ERROR_MODEL_ABSENT);
    precordia_model_close(&other);
    REQUIRE(precordia_model_open(&other, "/nowhere/at/all") == PRECORDIA_ERROR_MODEL_FILE && precordia_model_last_fault(&other, &fault));
    REQUIRE(precordia_model_open(&other, "/dev/null") == PRECORDIA_ERROR_MODEL_FILE);
    REQUIRE(!precordia_model_last_fault(model, &fault) && fault.code == 0);
    for (precordia_error error = -1; error < 20; error++)
        printf("error %d %s: %s\n", (int)error, precordia_error_name(error), precordia_error_explanation(error));
}

static void describe(const precordia_model *model) {
    precordia_model_facts facts;
    REQUIRE(precordia_model_describe(model, &facts) == PRECORDIA_OK);
    printf("%.*s version %u, %u Hz, window %u, hop %u of %u, %u statements of %u labels in %u sets, %u classes, %02x%02x\n",
           (int)facts.name.count, facts.name.bytes, (unsigned)facts.version, (unsigned)facts.rate, (unsigned)facts.window, (unsigned)facts.hop,
           (unsigned)facts.hop_unit, (unsigned)facts.statements, (unsigned)facts.labels, (unsigned)facts.label_sets, (unsigned)facts.classes,
           facts.sha256[0], facts.sha256[31]);
    precordia_label_set set;
    precordia_label label;
    precordia_class entry;
    uint32_t labels = 0;
    for (uint32_t index = 0; precordia_model_label_set(model, index, &set); index++) {
        REQUIRE(set.first == labels);
        labels += set.count;
        printf("set %.*s %u\n", (int)set.name.count, set.name.bytes, (unsigned)set.count);
    }
    REQUIRE(labels == facts.labels && !precordia_model_label(model, labels, &label) && !precordia_model_class(model, facts.classes, &entry));
    for (uint32_t index = 0; precordia_model_label(model, index, &label); index++)
        printf("%.*s %.6f %.6f %u\n", (int)label.code.count, label.code.bytes, label.threshold, label.alarm_threshold, (unsigned)label.priority);
    for (uint32_t index = 0; precordia_model_class(model, index, &entry); index++)
        printf("%.*s %.*s %u\n", (int)entry.code.count, entry.code.bytes, (int)entry.status.count, entry.status.bytes, (unsigned)entry.evidence);
}

/// One channel, ten frames, and an end of the bytes after the first of them was fetched: the others still come.
static void link_frames(void) {
    static const uint8_t settings[48] = {[2] = 1, [4] = RATE & 0xFF, RATE >> 8, [8] = 10, [30] = 0x3F, [38] = 0xF0, 0x3F};
    // Before the samples a pulse of 500 us after the fourth of them.
    static const uint8_t samples[50] = {[10] = 10, 2, 1, 1, 1, [16] = 10, [22] = 3, [26] = 0xF4, 1, [30] = 1};
    uint8_t bytes[192];
    size_t total = block(bytes, 2, 0, settings, sizeof settings);
    total += block(bytes + total, 3, 1, samples, sizeof samples);
    char *memory = malloc(precordia_link_bytes());
    precordia_link *link;
    REQUIRE(precordia_link_init(&link, memory, 1, PRECORDIA_FRAMING_PLAIN) == PRECORDIA_ERROR_MEMORY && link == NULL);
    REQUIRE(precordia_link_init(&link, memory, precordia_link_bytes(), 2) == PRECORDIA_ERROR_FRAMING && link == NULL);
    REQUIRE(precordia_link_init(&link, memory, precordia_link_bytes(), PRECORDIA_FRAMING_PLAIN) == PRECORDIA_OK);
    REQUIRE(precordia_link_feed(link, bytes, total) == total);
    uint64_t pulse;
    uint16_t width;
    REQUIRE(precordia_link_next(link) == PRECORDIA_LINK_STREAM && precordia_link_next(link) == PRECORDIA_LINK_PACE);
    precordia_link_pace_of(link, &pulse, &width);
    REQUIRE(pulse == 3 && width == 500 && precordia_link_next(link) == PRECORDIA_LINK_FRAME);
    precordia_stream stream;
    precordia_marks marks;
    uint16_t leads;
    uint64_t frames, index;
    int32_t counts[12];
    REQUIRE(precordia_link_stream_of(link, &stream, &leads, &frames) && stream.rate == RATE && leads == 1 && frames == 10);
    precordia_link_finish(link);
    for (uint64_t expected = 1; expected < 10; expected++) {
        REQUIRE(precordia_link_next(link) == PRECORDIA_LINK_FRAME);
        precordia_link_frame_of(link, &index, counts, &marks);
        REQUIRE(index == expected);
    }
    precordia_link_counters all;
    precordia_link_counters_of(link, &all);
    REQUIRE(precordia_link_next(link) == PRECORDIA_LINK_NOTHING && all.frames == 10 && all.frames_missing == 0 && all.bytes_skipped == 0);
    const precordia_report report = {.name = {"usb", 3}, .top = 5};
    char line[8];
    REQUIRE(precordia_link_version_of(link) == 1 && precordia_report_notice(&report, link, 0, line, sizeof line) == 0);
    free(memory);
}

/// What a host says to a device and tells of it.
static void talk(void) {
    unsigned char block[64];
    memset(block, 0x55, sizeof block);
    REQUIRE(precordia_link_command(PRECORDIA_COMMAND_START, 0x01020304, 9, NULL, 0, block, 31) == 32 && block[0] == 0x55);
    REQUIRE(precordia_link_command(PRECORDIA_LINK_HELLO, 1, 0, NULL, 0, block, sizeof block) == 0 && block[0] == 0x55);
    REQUIRE(precordia_link_command(0x80, 1, 0, NULL, 0, block, sizeof block) == 0);
    const unsigned char rate[8] = {0xF4, 1, 0, 0, 0xFF, 0xFF, 0, 0};
    size_t count = precordia_link_command(PRECORDIA_COMMAND_CONFIGURE, 0x01020304, 9, rate, sizeof rate, block, sizeof block);
    REQUIRE(count == 40 && block[40] == 0x55);
    for (size_t index = 0; index < count; index++) printf("%02x", block[index]);
    char line[512];
    const precordia_report report = {.name = {"usb", 3}, .top = 5};
    const precordia_counter counters[] = {{"opened", 2}, {"lost", 1}};
    printf("\n%.*s", (int)precordia_report_device(&report, PRECORDIA_DEVICE_SILENT, 2, "no valid block", line, sizeof line), line);
    printf("%.*s", (int)precordia_report_session(&report, 2, 1, counters, 2, line, sizeof line), line);
    REQUIRE(strcmp(precordia_device_state_name(PRECORDIA_DEVICE_ABSENT), "absent") == 0 && precordia_device_state_name(9)[0] == '\0');
}

int main(int count, char **arguments) {
    link_frames();
    talk();
    follow();
    REQUIRE(count == 2 && precordia_abi() == PRECORDIA_ABI);
    precordia_model model;
    REQUIRE(precordia_model_open(&model, arguments[1]) == PRECORDIA_OK);
    describe(&model);
    exams(&model);

    static int32_t counts[FRAMES * 12];
    static precordia_marks marks[FRAMES];
    make(counts, marks);
    precordia_stream stream = precordia_stream_default(RATE);
    size_t bytes;
    REQUIRE(precordia_engine_bytes(&model, &stream, NULL, &bytes) == PRECORDIA_OK);
    // The memory may have any alignment.
    char *memory = malloc(2 * bytes + 3);
    precordia_engine *one, *two;
    REQUIRE(precordia_engine_init(&one, memory + 1, bytes, &model, &stream, NULL) == PRECORDIA_OK);
    REQUIRE(precordia_engine_init(&two, memory + 1 + bytes, bytes, &model, &stream, NULL) == PRECORDIA_OK);
    errors(&model, memory + 1, bytes);
    few(&model, memory + 1, bytes, counts);
    REQUIRE(precordia_engine_init(&one, memory + 1, bytes, &model, &stream, NULL) == PRECORDIA_OK);
    uint64_t first = play(one, &model, counts, marks, 0), second = play(two, &model, counts, marks, 1);
    REQUIRE(first == second);
    precordia_counters all;
    precordia_engine_counters(one, &all);
    REQUIRE(all.frames_missing == 375 && all.frames == FRAMES - 375 && all.frames_clipped == 1 && all.events_dropped == 0);
    precordia_quality quality;
    precordia_engine_quality(one, &quality);
    float index[12];
    precordia_engine_quality_index(one, index);
    for (int lead = 0; lead < 12; lead++) REQUIRE(index[lead] >= 0 && index[lead] <= 1);
    double display[12], sum = 0;
    precordia_engine_display(one, display);
    for (int lead = 0; lead < 12; lead++) sum += display[lead] * (lead + 1);
    printf("%016llx, %.1f a minute, %llu beats, verdict %u, reasons %03x, real %u, whole %d, display %.17g\n", (unsigned long long)first,
           precordia_engine_heart_rate(one), (unsigned long long)all.beats, (unsigned)quality.verdict, quality.reasons, (unsigned)quality.samples,
           precordia_engine_is_whole(one), sum);
    // A pulse after a frame that is still to come is kept; one after a frame that has been, or a seventeenth at once, is not.
    REQUIRE(!precordia_engine_mark_pace(one, FRAMES - 1, 500));
    for (int pulse = 0; pulse < 17; pulse++) REQUIRE(precordia_engine_mark_pace(one, FRAMES + 10, 0) == (pulse < 16));
    precordia_engine_reset(one);
    REQUIRE(!precordia_engine_mark_pace(one, 10, 0));
    precordia_engine_counters(one, &all);
    REQUIRE(all.frames == 0 && isnan(precordia_engine_heart_rate(one)));
    precordia_measurement measured;
    REQUIRE(sizeof measured == 144 && !precordia_engine_measurement(one, &measured) && isnan(measured.qrs) && isnan(measured.st_j[11]));
    REQUIRE(play(one, &model, counts, marks, 2) == first);
    precordia_model_close(&model);
    return 0;
}
