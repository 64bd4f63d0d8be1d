// A bedside cart's loop over libprecordia: samples come in packets, alerts go out. Put your amplifier where this reads a file.
//
//     cart MODEL RATE [FILE]    FILE, or standard input, holds 16-bit little-endian microvolts of 12 leads, one frame after another

#include <precordia.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEADS = 12, PACKET = 10 };

/// Prints one event as a nurse's station would show it; most kinds are for other screens.
static void show(const precordia_engine *engine, const precordia_model *model, const precordia_event *event, unsigned rate) {
    double seconds = (double)event->sample / rate;
    precordia_text code = precordia_model_condition(model, event->code);
    switch (event->kind) {
    case PRECORDIA_EVENT_ALERT_RAISED:
        printf("%8.2f s  ALERT %s: %.*s (%.2f), heart rate %.0f\n", seconds, precordia_priority_name(event->priority), (int)code.count, code.bytes,
               (double)event->value, precordia_engine_heart_rate(engine));
        break;
    case PRECORDIA_EVENT_ALERT_CLEARED:
        printf("%8.2f s  over: %.*s%s\n", seconds, (int)code.count, code.bytes, event->reasons & PRECORDIA_REASON_LAPSED ? ", nothing known any more" : "");
        break;
    case PRECORDIA_EVENT_QUALITY:
        printf("%8.2f s  signal:", seconds);
        for (uint32_t bit = 0; bit < 32; bit++)
            if ((event->reasons | (uint32_t)event->more_reasons << 16) >> bit & 1) printf(" %s", precordia_reason_name(1u << bit));
        for (uint32_t lead = 0; lead < LEADS; lead++)
            if (event->leads >> lead & 1) printf(" %s", precordia_lead_name(lead));
        printf(event->reasons | event->more_reasons ? "\n" : " good\n");
        break;
    case PRECORDIA_EVENT_GAP:
        printf("%8.2f s  %.0f frames lost\n", seconds, (double)event->value);
        break;
    default:
        break;
    }
}

/// Hands a packet over. The engine stops after each frame that has something to say.
static void take(precordia_engine *engine, const precordia_model *model, uint64_t index, const int32_t *counts, size_t frames, unsigned rate) {
    precordia_event event;
    for (size_t taken = 0; taken < frames;) {
        taken += precordia_engine_push_counts(engine, index + taken, counts + taken * LEADS, NULL, frames - taken);
        while (precordia_engine_poll(engine, &event)) show(engine, model, &event, rate);
    }
}

static int refuse(const char *what, precordia_error error) {
    fprintf(stderr, "cart: %s: %s\n", what, precordia_error_explanation(error));
    return 1;
}

int main(int count, char **arguments) {
    unsigned rate = count > 2 ? (unsigned)strtoul(arguments[2], NULL, 10) : 0;
    FILE *input = count > 3 ? fopen(arguments[3], "rb") : stdin;
    if (rate == 0 || input == NULL) {
        fprintf(stderr, "usage: cart MODEL RATE [FILE], with FILE of 16-bit little-endian microvolts of 12 leads\n");
        return 2;
    }

    precordia_model model;
    precordia_error error = precordia_model_open(&model, arguments[1]);
    if (error != PRECORDIA_OK) {
        precordia_model_fault fault;
        precordia_model_last_fault(&model, &fault);
        fprintf(stderr, "cart: %s: %s\n", arguments[1], error == PRECORDIA_ERROR_MODEL_FILE ? strerror(fault.code) : fault.explanation);
        return 1;
    }
    precordia_stream stream = precordia_stream_default(rate);
    size_t bytes;
    error = precordia_engine_bytes(&model, &stream, NULL, &bytes);
    if (error != PRECORDIA_OK) return refuse("stream", error);
    // The only memory that the cart ever takes.
    void *memory = malloc(bytes);
    precordia_engine *engine = NULL;
    if (memory == NULL) {
        fprintf(stderr, "cart: engine: no %zu bytes of memory are free\n", bytes);
        return 1;
    }
    error = precordia_engine_init(&engine, memory, bytes, &model, &stream, NULL);
    if (error != PRECORDIA_OK) return refuse("engine", error);
    fprintf(stderr, "cart: libprecordia %s, %s kernels, %zu KiB for the engine\n", precordia_version(), precordia_kernel(), bytes >> 10);

    uint8_t packet[PACKET * LEADS * 2];
    int32_t counts[PACKET * LEADS];
    uint64_t index = 0;
    for (size_t got; (got = fread(packet, 1, sizeof packet, input)) > 0;) {
        size_t frames = got / (LEADS * 2);
        if (got % (LEADS * 2) != 0) fprintf(stderr, "cart: the input ends inside a frame: %zu bytes left out\n", got % (LEADS * 2));
        for (size_t i = 0; i < frames * LEADS; i++) counts[i] = (int16_t)(packet[2 * i] | packet[2 * i + 1] << 8);
        take(engine, &model, index, counts, frames, rate);
        index += frames;
    }
    bool is_broken = ferror(input);
    if (is_broken) perror("cart: input");
    bool more;
    do {
        precordia_event event;
        more = precordia_engine_drain(engine);
        while (precordia_engine_poll(engine, &event)) show(engine, &model, &event, rate);
    } while (more);

    precordia_counters all;
    precordia_engine_counters(engine, &all);
    printf("%8.2f s  end: %llu answers, %llu unknown, %llu alerts, %llu frames missing, %llu events dropped\n", (double)index / rate,
           (unsigned long long)all.windows, (unsigned long long)all.windows_unknown, (unsigned long long)all.alerts_raised,
           (unsigned long long)all.frames_missing, (unsigned long long)all.events_dropped);
    free(memory);
    precordia_model_close(&model);
    return is_broken;
}
