// precordia-edge: the wire protocol in, events as JSON lines out, for boards without Swift's run-time library.
// Nothing but the C interface, a source and standard output; docs/edge.md is its manual.
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "precordia.h"
#include "source.h"

enum { DONE = 0, FAILED = 1, USAGE = 64 };

/// Everything that lives as long as the program.
static struct {
    struct source source;
    struct output output;
    precordia_model model;
    precordia_link *link;
    precordia_report report;
    /// The engine of the stream that is open; null between streams.
    precordia_engine *engine;
    void *memory;
    size_t memory_bytes;
    /// The index after the last frame, and the index that the configuration announced; UINT64_MAX if none.
    uint64_t samples, announced;
    uint64_t streams;
    bool failed;
} edge;

static volatile sig_atomic_t interrupted;

/// The second signal ends the program at once, wherever it is.
static void interrupt(int number) {
    if (interrupted) _exit(128 + number);
    interrupted = number;
}

static void say(const char *subject, const char *what) { fprintf(stderr, "precordia-edge: %s: %s\n", subject, what); }

/// What happened to lines before this one, if any were lost and there is room to say so.
static void confess(void) {
    if (edge.output.lost == 0) return;
    char words[64];
    snprintf(words, sizeof words, "%llu lines lost: the output could not be written", (unsigned long long)edge.output.lost);
    size_t room;
    char *bytes = output_room(&edge.output, &room);
    size_t count = precordia_report_error(&edge.report, words, bytes, room);
    if (count > room) return;
    output_add(&edge.output, count);
    edge.output.lost = 0;
}

/// An error as a line and in words.
static void fail(const char *what) {
    confess();
    size_t room;
    char *bytes = output_room(&edge.output, &room);
    output_add(&edge.output, precordia_report_error(&edge.report, what, bytes, room));
    say(edge.source.name, what);
    edge.failed = true;
}

static void tell_events(void) {
    precordia_event event;
    while (precordia_engine_poll(edge.engine, &event)) {
        confess();
        size_t room;
        char *bytes = output_room(&edge.output, &room);
        output_add(&edge.output, precordia_report_event(&edge.report, edge.engine, &event, bytes, room));
    }
}

/// Ends the stream that is open: its last answer, the link's counters, its own.
static void end_stream(bool early) {
    if (edge.engine == NULL) return;
    for (bool more = !early; more;) {
        more = precordia_engine_drain(edge.engine);
        tell_events();
    }
    confess();
    size_t room;
    char *bytes = output_room(&edge.output, &room);
    output_add(&edge.output, precordia_report_link(&edge.report, edge.engine, edge.link, edge.samples, bytes, room));
    bytes = output_room(&edge.output, &room);
    output_add(&edge.output, precordia_report_end(&edge.report, edge.engine, edge.samples, early, bytes, room));
    edge.engine = NULL;
}

/// Begins the stream whose configuration has come.
static void begin_stream(void) {
    end_stream(false);
    precordia_stream stream;
    uint16_t leads;
    if (!precordia_link_stream_of(edge.link, &stream, &leads, &edge.announced)) return;
    edge.streams++;
    edge.samples = 0;
    size_t bytes = 0;
    precordia_error error = precordia_engine_bytes(&edge.model, &stream, NULL, &bytes);
    if (error == PRECORDIA_OK && bytes > edge.memory_bytes) {
        free(edge.memory);
        edge.memory = malloc(bytes);
        edge.memory_bytes = edge.memory == NULL ? 0 : bytes;
        if (edge.memory == NULL) return fail("not enough memory for an engine of this stream");
    }
    if (error == PRECORDIA_OK) error = precordia_engine_init(&edge.engine, edge.memory, edge.memory_bytes, &edge.model, &stream, NULL);
    if (error != PRECORDIA_OK) {
        char words[256];
        snprintf(
            words, sizeof words, "the device's stream cannot be used (%u Hz, %u channels): %s", (unsigned)stream.rate,
            (unsigned)stream.channels, precordia_error_explanation(error));
        edge.engine = NULL;
        return fail(words);
    }
    size_t room;
    confess();
    char *line = output_room(&edge.output, &room);
    output_add(&edge.output, precordia_report_stream(&edge.report, edge.engine, leads, edge.announced, line, room));
}

static void take_frame(void) {
    if (edge.engine == NULL) return;
    uint64_t index;
    int32_t counts[PRECORDIA_LEADS];
    precordia_marks marks;
    precordia_link_frame_of(edge.link, &index, counts, &marks);
    precordia_engine_push_counts(edge.engine, index, counts, &marks, 1);
    edge.samples = index + 1;
    tell_events();
}

/// A pulse that comes too late to be cut out is counted in the last line.
static void take_pace(void) {
    if (edge.engine == NULL) return;
    uint64_t sample;
    uint16_t width;
    precordia_link_pace_of(edge.link, &sample, &width);
    precordia_engine_mark_pace(edge.engine, sample, width);
}

/// A device's own trouble, for the person at the cart; events and counters do not depend on it.
static void take_notice(const char *kind) {
    precordia_notice notice;
    if (!precordia_link_notice_of(edge.link, &notice)) return;
    char words[256];
    int count = notice.text.count < 128 ? (int)notice.text.count : 128;
    snprintf(words, sizeof words, "%s %u, %u %.*s", kind, (unsigned)notice.code, (unsigned)notice.value, count, notice.text.bytes);
    for (char *byte = words; *byte != '\0'; byte++)
        if ((unsigned char)*byte < 0x20 || *byte == 0x7F) *byte = '?';
    say(edge.source.name, words);
}

static void take_messages(void) {
    for (uint32_t kind; (kind = precordia_link_next(edge.link)) != PRECORDIA_LINK_NOTHING;) {
        switch (kind) {
        case PRECORDIA_LINK_STREAM: begin_stream(); break;
        case PRECORDIA_LINK_FRAME: take_frame(); break;
        case PRECORDIA_LINK_PACE: take_pace(); break;
        case PRECORDIA_LINK_EVENT: take_notice("the device tells event"); break;
        case PRECORDIA_LINK_ERROR: take_notice("the device tells error"); break;
        default: break;
        }
    }
}

/// Whether a person or the system has asked the program to end: also where the source was ready at the same moment.
static bool is_interrupted(void) {
    sigset_t before;
    sigprocmask(SIG_SETMASK, &edge.output.awake, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return interrupted != 0;
}

/// Reads until the source's end, a signal, or a reader that has gone.
static void run(void) {
    static char bytes[1 << 16];
    struct pollfd waiting = {edge.source.descriptor, POLLIN, 0};
    while (!edge.output.closed) {
        // Signals are let in only here and where lines are written, so that none is missed between the test and the wait.
        int ready = ppoll(&waiting, 1, NULL, &edge.output.awake);
        if (is_interrupted()) return;
        if (ready < 0) continue;
        long count = edge.source.kind->read(&edge.source, bytes, sizeof bytes);
        if (count == -2) continue;
        if (count < 0) fail(edge.source.problem);
        if (count <= 0) break;
        for (long done = 0; done < count;) {
            done += (long)precordia_link_feed(edge.link, bytes + done, (size_t)(count - done));
            take_messages();
        }
        output_flush(&edge.output);
    }
    if (edge.output.closed) return;
    precordia_link_finish(edge.link);
    take_messages();
    if (edge.engine != NULL && edge.announced != UINT64_MAX && edge.samples < edge.announced)
        fail("the source ended before the frames that it announced");
}

/// What a person should know about the link, where anything was lost.
static void tell_losses(void) {
    precordia_link_counters counters;
    precordia_link_counters_of(edge.link, &counters);
    char words[384];
    if (edge.streams == 0 && !interrupted) {
        bool foreign = counters.blocks > 0 && counters.blocks_other_version == counters.blocks;
        snprintf(
            words, sizeof words,
            "no stream was heard: %llu bytes, %llu valid blocks, of which %llu are of another protocol version than 1 and %llu malformed, %llu with a "
            "wrong check, no configuration%s",
            (unsigned long long)counters.bytes, (unsigned long long)counters.blocks, (unsigned long long)counters.blocks_other_version,
            (unsigned long long)counters.blocks_malformed, (unsigned long long)counters.checksum_failures,
            foreign ? "; the device speaks a version of the protocol that this program does not" : "");
        return fail(words);
    }
    uint64_t left_out = counters.blocks_repeated + counters.blocks_other_version + counters.blocks_unknown + counters.blocks_malformed;
    uint64_t frames = counters.frames_missing + counters.frames_unconfigured;
    if ((counters.bytes_skipped | counters.blocks_missing | left_out | frames | counters.device_samples_dropped) == 0) return;
    snprintf(
        words, sizeof words, "%llu bytes skipped, %llu blocks missing, %llu left out, %llu frames lost; the device says that it dropped %llu",
        (unsigned long long)counters.bytes_skipped, (unsigned long long)counters.blocks_missing, (unsigned long long)left_out,
        (unsigned long long)frames, (unsigned long long)counters.device_samples_dropped);
    say(edge.source.name, words);
}

static void help(FILE *file) {
    fprintf(file, "usage: precordia-edge --model FILE [--name TEXT] [--top N | --all] [--framing plain|cobs] [SOURCE]\n\n");
    fprintf(file, "Reads an ECG device's wire protocol and prints what the engine says, one JSON object a line. Not a medical device.\n\n");
    fprintf(file, "SOURCE is one of these, standard input if not given:\n");
    for (const struct source_kind *kind = source_kinds;; kind++) {
        fprintf(file, "  %s%s\n", kind->prefix == NULL ? "" : kind->prefix, kind->form);
        if (kind->prefix == NULL) break;
    }
    fprintf(file, "\n  -m, --model FILE     the model, such as ptbxl71.precordia\n");
    fprintf(file, "  -n, --name TEXT      the record's name in every line; the source if not given\n");
    fprintf(file, "      --top N          statements in each answer, 5 if not given\n");
    fprintf(file, "      --all            all statements and classes in each answer\n");
    fprintf(file, "      --framing WORD   plain blocks or cobs packets; serial lines have cobs, the others plain if not given\n");
    fprintf(file, "      --version        this program's version and the kernel of this processor\n\n");
    fprintf(file, "Exit status: 0 done, 1 the source, the model or the output failed or nothing was heard, 64 wrong command line,\n");
    fprintf(file, "130 or 143 ended by SIGINT or SIGTERM, after the end line.\n");
}

/// The exit status after words for standard output alone.
static int flushed(void) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return DONE;
    say("standard output: cannot be written", strerror(errno));
    return FAILED;
}

static int wrong(const char *what, const char *value) {
    fprintf(stderr, "precordia-edge: %s%s; precordia-edge --help says what would be right\n", what, value);
    return USAGE;
}

static int load(const char *path) {
    precordia_error error = precordia_model_open(&edge.model, path);
    if (error == PRECORDIA_OK) return 0;
    precordia_model_fault fault;
    precordia_model_last_fault(&edge.model, &fault);
    char words[384];
    if (error == PRECORDIA_ERROR_MODEL_FILE)
        snprintf(
            words, sizeof words, "cannot be read, %s",
            fault.code == ESPIPE ? "it is a pipe and the model must be a file" : fault.code == ENODATA ? "it is empty" : strerror(fault.code));
    else
        snprintf(words, sizeof words, "%s (byte %llu, value %lld)", fault.explanation, (unsigned long long)fault.offset, (long long)fault.value);
    say(path, words);
    return -1;
}

/// Takes the places of closed standard streams, so that no line goes into what is opened later, such as the ECG device. Standard output
/// itself must be there.
static int hold_places(void) {
    if (fcntl(STDOUT_FILENO, F_GETFD) < 0) {
        say("standard output", "is closed");
        return -1;
    }
    int place = 0;
    while (place >= 0 && place <= STDERR_FILENO) place = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (place > STDERR_FILENO) close(place);
    return 0;
}

/// Makes SIGINT and SIGTERM a flag that the wait sees.
static void catch_signals(void) {
    struct sigaction action = {0};
    action.sa_handler = interrupt;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigprocmask(SIG_BLOCK, &blocked, &edge.output.awake);
    sigdelset(&edge.output.awake, SIGINT);
    sigdelset(&edge.output.awake, SIGTERM);
}

int main(int count, char **arguments) {
    enum { VERSION = 256, HELP, TOP, ALL, FRAMING };
    static const struct option options[] = {
        {"model", required_argument, NULL, 'm'}, {"name", required_argument, NULL, 'n'}, {"top", required_argument, NULL, TOP},
        {"all", no_argument, NULL, ALL},         {"framing", required_argument, NULL, FRAMING}, {"version", no_argument, NULL, VERSION},
        {"help", no_argument, NULL, HELP},       {NULL, 0, NULL, 0},
    };
    const char *model = NULL, *name = NULL;
    long framing = -1;
    edge.report.top = 5;
    for (int letter; (letter = getopt_long(count, arguments, "m:n:h", options, NULL)) != -1;) {
        char *end = NULL;
        switch (letter) {
        case 'm': model = optarg; break;
        case 'n': name = optarg; break;
        case TOP: {
            long top = strtol(optarg, &end, 10);
            if (*end != '\0' || end == optarg || top < 0 || top > INT32_MAX) return wrong("--top takes 0 or more, not ", optarg);
            edge.report.top = (int32_t)top;
            break;
        }
        case ALL: edge.report.top = -1; break;
        case FRAMING:
            framing = strcmp(optarg, "cobs") == 0 ? PRECORDIA_FRAMING_COBS : PRECORDIA_FRAMING_PLAIN;
            if (framing == PRECORDIA_FRAMING_PLAIN && strcmp(optarg, "plain") != 0) return wrong("--framing takes plain or cobs, not ", optarg);
            break;
        case VERSION: printf("precordia-edge %s, kernel %s\n", precordia_version(), precordia_kernel()); return flushed();
        case 'h':
        case HELP: help(stdout); return flushed();
        default: return wrong("the command line is wrong", "");
        }
    }
    if (count - optind > 1) return wrong("one source can be read, not also ", arguments[optind + 1]);
    if (model == NULL) return wrong("--model FILE is missing", "");
    const char *source = optind < count ? arguments[optind] : "-";
    if (name == NULL) name = source;
    edge.report.name.bytes = name;
    edge.report.name.count = strlen(name);
    signal(SIGPIPE, SIG_IGN);
    if (hold_places() != 0 || load(model) != 0) return FAILED;
    size_t bytes = precordia_link_bytes();
    void *memory = malloc(bytes);
    if (memory == NULL) {
        say(source, "not enough memory for the link");
        return FAILED;
    }
    if (source_open(&edge.source, source) != 0) {
        fail(edge.source.problem);
        output_end(&edge.output);
        return FAILED;
    }
    precordia_link_init(&edge.link, memory, bytes, framing < 0 ? edge.source.kind->framing : (uint32_t)framing);
    // Not before: a pipe without a writer holds the program in open.
    catch_signals();
    run();
    end_stream(interrupted != 0);
    if (!edge.output.closed) tell_losses();
    output_end(&edge.output);
    if (interrupted) return 128 + (int)interrupted;
    if (edge.output.closed) return DONE;
    return edge.failed || edge.output.lost_in_all > 0 ? FAILED : DONE;
}
