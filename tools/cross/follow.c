// The functions of precordia.h that concern hosts: a board that talks, streams, begins anew each second, falls silent and comes to its end, on a clock that is
// counted here. What it prints must be the same on every processor and through both forms of the library.
#include "interface.h"

enum { RATE = 500, BLOCK = 10 };
static const int64_t SECOND = 1000000000, BEGAN = 1000 * SECOND;

static precordia_host *host;
static int64_t now = BEGAN;
/// The board's own count.
static uint8_t session = 1;
static uint32_t sequence, noise = 1;
static uint64_t sample;
/// What was heard.
static uint64_t frames, next_frame, missing, commands;
static uint8_t command[64];
/// The rate of the engine, and one for which there is none.
static uint32_t rate, refused;

static void print_words(const char *subject) {
    char words[256];
    size_t count = precordia_host_words(host, words, sizeof words);
    REQUIRE(count < sizeof words && strlen(words) == count);
    printf("%.2f s %s%s%s\n", (double)(now - BEGAN) / 1e9, subject, count > 0 ? ": " : "", words);
}

/// Fetches news, and the command that follows from them.
static void fetch(void) {
    precordia_host_facts facts;
    precordia_stream stream;
    precordia_marks marks;
    precordia_notice notice;
    uint16_t leads, width;
    uint64_t index, announced;
    int32_t counts[12];
    for (uint32_t news; (news = precordia_host_next(host)) != PRECORDIA_HOST_NOTHING;) {
        precordia_host_facts_of(host, &facts);
        switch (news) {
        case PRECORDIA_HOST_BEGAN:
            REQUIRE(precordia_host_stream_of(host, &stream, &leads, &announced) && leads == 1 && stream.channels == 1);
            printf("%.2f s begins, %u Hz\n", (double)(now - BEGAN) / 1e9, (unsigned)stream.rate);
            next_frame = 0;
            if (stream.rate == refused) precordia_host_refuse(host);
            else rate = stream.rate;
            break;
        case PRECORDIA_HOST_CHANGED:
            REQUIRE(precordia_host_stream_of(host, &stream, &leads, &announced));
            if (stream.rate != rate) precordia_host_refuse(host);
            break;
        case PRECORDIA_HOST_HOLE:
            if (facts.missing != UINT64_MAX) {
                missing += facts.missing;
                next_frame += facts.missing;
            }
            break;
        case PRECORDIA_HOST_PACE:
            precordia_host_pace_of(host, &index, &width);
            REQUIRE(index == next_frame + 3 && width == 500);
            break;
        case PRECORDIA_HOST_FRAME:
            precordia_host_frame_of(host, &index, counts, &marks);
            REQUIRE((index == next_frame || next_frame == 0) && facts.samples == index + 1 && marks.missing == 0xFFE);
            next_frame = index + 1;
            frames++;
            break;
        case PRECORDIA_HOST_ENDED: printf("%.2f s ends, for reason %u\n", (double)(now - BEGAN) / 1e9, (unsigned)facts.ending); break;
        case PRECORDIA_HOST_DEVICE_LOST: printf("%.2f s lost since %.2f s\n", (double)(now - BEGAN) / 1e9, (double)facts.unheard / 1e9); break;
        case PRECORDIA_HOST_DEVICE_FOUND: printf("%.2f s found after %.2f s\n", (double)(now - BEGAN) / 1e9, (double)facts.unheard / 1e9); break;
        case PRECORDIA_HOST_EVENT:
            REQUIRE(precordia_host_notice_of(host, &notice) && notice.code == 1 && notice.value == 1 && notice.text.count == 5);
            print_words("notice");
            break;
        default: print_words("news");
        }
    }
    size_t count = precordia_host_command(host, command, sizeof command);
    REQUIRE(precordia_host_command(host, command, sizeof command) == 0 && count <= sizeof command);
    if (count > 0) {
        commands++;
        printf("%.2f s sends %02x, number %u\n", (double)(now - BEGAN) / 1e9, command[5], command[12]);
    }
}

static void act(double seconds) {
    now += (int64_t)(seconds * 1e9 + 0.5);
    precordia_host_act(host, now);
    fetch();
}

/// A block of the board comes, in two pieces.
static void hear(uint8_t type, const void *payload, uint16_t length) {
    uint8_t bytes[256];
    size_t count = block_of(session, bytes, type, sequence++, payload, length);
    act(0);
    for (size_t done = 0; done < count;) {
        size_t piece = done < 40 ? 40 - done : count - done;
        done += precordia_host_feed(host, bytes + done, piece < count - done ? piece : count - done, now);
        fetch();
    }
    precordia_host_look(host, now);
    fetch();
}

static void configure(uint32_t rate, uint64_t announced) {
    uint8_t settings[48] = {[2] = 1, [30] = 0x3F, [38] = 0xF0, 0x3F};
    memcpy(settings + 4, &rate, 4);
    memcpy(settings + 8, &announced, 8);
    hear(2, settings, sizeof settings);
}

/// Begins anew, as after a reset.
static void restart(void) {
    session++;
    sequence = 0;
    sample = 0;
}

/// So many blocks of ten frames, one each 20 ms; the first with a pulse after the fourth frame.
static void stream(int blocks) {
    for (int number = 0; number < blocks; number++) {
        uint8_t samples[50] = {[10] = BLOCK, 2, 1, 1, 1, [16] = BLOCK, [22] = 3, [26] = 0xF4, 1};
        memcpy(samples, &sample, 8);
        for (int place = 30; place < 50; place += 2) {
            noise = noise * 1664525u + 1013904223u;
            samples[place] = (uint8_t)(noise >> 24);
            samples[place + 1] = (uint8_t)(noise >> 22 & 3);
        }
        now += SECOND / 50;
        hear(3, samples, sizeof samples);
        sample += BLOCK;
    }
}

static void refusals(char *memory, size_t bytes) {
    precordia_host_settings settings = precordia_host_settings_default();
    REQUIRE(settings.has_times && settings.takes_commands && settings.keeps_time && settings.window_seconds == 10 && settings.grace == 10 * SECOND);
    REQUIRE(precordia_host_init(&host, memory, bytes - 1, &settings) == PRECORDIA_ERROR_MEMORY && host == NULL);
    settings.framing = 2;
    REQUIRE(precordia_host_init(&host, memory, bytes, &settings) == PRECORDIA_ERROR_FRAMING && host == NULL);
    settings.framing = PRECORDIA_FRAMING_COBS;
    settings.rate = 99;
    REQUIRE(precordia_host_init(&host, memory, bytes, &settings) == PRECORDIA_ERROR_RATE && host == NULL);
    settings.rate = 100;
    settings.reserved = 1;
    REQUIRE(precordia_host_init(&host, memory, bytes, &settings) == PRECORDIA_ERROR_RESERVED && host == NULL);
}

void follow(void) {
    size_t bytes = precordia_host_bytes();
    REQUIRE(sizeof(precordia_host_settings) == 40 && sizeof(precordia_host_facts) == 120);
    char *memory = malloc(bytes + 1);
    refusals(memory, bytes);
    precordia_host_settings settings = precordia_host_settings_default();
    settings.rate = 250;
    settings.number = 0x01020304;
    // The memory may have any alignment.
    REQUIRE(precordia_host_init(&host, memory + 1, bytes, &settings) == PRECORDIA_OK);
    precordia_device device;
    precordia_notice notice;
    precordia_stream none;
    uint16_t leads;
    uint64_t announced;
    REQUIRE(!precordia_host_device_of(host, &device) && !precordia_host_notice_of(host, &notice));
    REQUIRE(!precordia_host_stream_of(host, &none, &leads, &announced));
    // A board that takes commands, refuses the rate, and streams when it is started.
    precordia_host_opened(host, now, PRECORDIA_FRAMING_PLAIN);
    fetch();
    const uint8_t hello[128] = {1, 1, 1, 1, [8] = 8, [12] = 'M', [124] = 0xF4, 1};
    hear(1, hello, sizeof hello);
    REQUIRE(precordia_host_device_of(host, &device) && device.maker.count == 1 && device.capabilities == 8);
    configure(RATE, UINT64_MAX);
    act(0.4);
    REQUIRE(command[5] == PRECORDIA_COMMAND_CONFIGURE && command[28] == 250);
    const uint8_t refusal[8] = {PRECORDIA_COMMAND_CONFIGURE, 3, 0, 0, 1};
    hear(7, refusal, sizeof refusal);
    act(0.1);
    REQUIRE(command[5] == PRECORDIA_COMMAND_START && commands == 3);
    stream(200);
    const uint8_t pressed[17] = {[0] = 5, [8] = 1, 0, 1, 0, 'n', 'u', 'r', 's', 'e'};
    hear(5, pressed, sizeof pressed);
    // It begins anew each second, six times, and then stays.
    for (int round = 0; round < 6; round++) {
        restart();
        configure(RATE, UINT64_MAX);
        stream(45);
        act(0.3);
    }
    stream(520);
    // It falls silent, is unplugged and comes back with a rate that no engine has.
    for (int tenth = 0; tenth < 25; tenth++) act(0.1);
    precordia_host_finish(host);
    fetch();
    precordia_host_lost(host, now);
    act(1);
    precordia_host_opened(host, now, PRECORDIA_FRAMING_PLAIN);
    refused = 50;
    restart();
    configure(50, UINT64_MAX);
    stream(5);
    restart();
    configure(RATE, 1000);
    stream(100);
    precordia_host_facts facts;
    precordia_host_facts_of(host, &facts);
    REQUIRE(facts.stream == PRECORDIA_STREAM_CONCLUDED && facts.news_dropped == 0 && facts.epoch == 2 && facts.silences == 1);
    REQUIRE(facts.streams == 3 && facts.frames_unheard == 50);
    REQUIRE(!precordia_host_end_stream(host) && precordia_host_leave(host, now));
    fetch();
    REQUIRE(command[5] == PRECORDIA_COMMAND_STOP);
    precordia_link_counters counters;
    precordia_hearing_counters hearing;
    precordia_host_counters(host, &counters);
    precordia_host_hearing_counters(host, &hearing);
    // What is silent before a stream that takes another engine is no hole in any.
    REQUIRE(counters.frames_missing == 0 && counters.restarts == 8 && missing > 0 && hearing.silent > missing && hearing.cuts == 8);
    printf("%llu frames, %llu missing, %llu without an engine, %llu streams, %llu cuts, %llu commands\n", (unsigned long long)frames,
           (unsigned long long)missing, (unsigned long long)facts.frames_unheard, (unsigned long long)facts.streams, (unsigned long long)hearing.cuts,
           (unsigned long long)commands);
    const precordia_report report = {.name = {"usb", 3}, .top = 5};
    char line[8];
    REQUIRE(precordia_report_host_notice(&report, host, line, sizeof line) == 0);
    free(memory);
}
