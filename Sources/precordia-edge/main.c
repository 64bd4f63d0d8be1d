// precordia-edge: the wire protocol in, events as JSON lines out, for boards without Swift's run-time library.
// Nothing but the C interface, a transport and standard output; docs/edge.md is its manual.
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edge.h"
#include "precordia_build.h"
#include "times.h"

enum { DONE = 0, FAILED = 1, USAGE = 64 };

struct edge edge;

volatile sig_atomic_t interrupted;

/// The second signal ends the program at once, wherever it is.
static void interrupt(int number) {
    if (interrupted) _exit(128 + number);
    interrupted = number;
}

void say(const char *subject, const char *what) { fprintf(stderr, "precordia-edge: %s: %s\n", subject, what); }

char *line_room(size_t *room) {
    if (edge.output.lost > 0) {
        char words[64];
        snprintf(words, sizeof words, "%llu lines lost: the output could not be written", (unsigned long long)edge.output.lost);
        char *line = output_room(&edge.output, room);
        size_t count = precordia_report_error(&edge.report, words, line, *room);
        if (count <= *room) {
            output_add(&edge.output, count);
            edge.output.lost = 0;
        }
    }
    return output_room(&edge.output, room);
}

void add_line(size_t count) { output_add(&edge.output, count); }

void fail(const char *what) {
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_error(&edge.report, what, line, room));
    say(edge.source, what);
    edge.failed = true;
}

/// What a person should know about the link, where anything was lost.
static void tell_losses(void) {
    precordia_link_counters counters;
    precordia_host_counters(edge.host, &counters);
    char words[384];
    if (facts().streams == 0 && !interrupted) {
        precordia_stream stream;
        uint16_t leads;
        uint64_t announced;
        bool foreign = counters.blocks > 0 && counters.blocks_other_version == counters.blocks;
        snprintf(
            words, sizeof words,
            "no stream was heard: %llu bytes, %llu valid blocks, of which %llu are of another protocol version than 1 and %llu malformed, %llu with a "
            "wrong check, %s%s",
            (unsigned long long)counters.bytes, (unsigned long long)counters.blocks, (unsigned long long)counters.blocks_other_version,
            (unsigned long long)counters.blocks_malformed, (unsigned long long)counters.checksum_failures,
            precordia_host_stream_of(edge.host, &stream, &leads, &announced) ? "a configuration and no frame" : "no configuration",
            foreign ? "; the device speaks a version of the protocol that this program does not" : "");
        return fail(words);
    }
    uint64_t left_out = counters.blocks_repeated + counters.blocks_other_version + counters.blocks_unknown + counters.blocks_malformed;
    uint64_t frames = counters.frames_missing + counters.frames_unconfigured;
    precordia_hearing_counters heard;
    precordia_host_hearing_counters(edge.host, &heard);
    if ((heard.same | heard.mistimed | heard.skipped | heard.silent | heard.cuts) != 0) {
        snprintf(
            words, sizeof words,
            "%llu frames once more, %llu at a wrong rate, %llu missed in the device by its clock, %llu of time that was not heard, begun anew %llu times in a "
            "stream",
            (unsigned long long)heard.same, (unsigned long long)heard.mistimed, (unsigned long long)heard.skipped, (unsigned long long)heard.silent,
            (unsigned long long)heard.cuts);
        say(edge.source, words);
    }
    if ((counters.bytes_skipped | counters.blocks_missing | left_out | frames | counters.device_samples_dropped) == 0) return;
    snprintf(
        words, sizeof words, "%llu bytes skipped, %llu blocks missing, %llu left out, %llu frames lost; the device says that it dropped %llu",
        (unsigned long long)counters.bytes_skipped, (unsigned long long)counters.blocks_missing, (unsigned long long)left_out,
        (unsigned long long)frames, (unsigned long long)counters.device_samples_dropped);
    say(edge.source, words);
}

static void help(FILE *file) {
    fprintf(file, "usage: precordia-edge --model FILE [--name TEXT] [--top N | --all] [--framing plain|cobs] [--rate HERTZ] [--measure N]\n");
    fprintf(file, "                      [--any-pace] [--once] [SOURCE]\n");
    fprintf(file, "       precordia-edge --devices\n\n");
    fprintf(file, "Reads an ECG device's wire protocol and prints what the engine says, one JSON object a line. Not a medical device.\n\n");
    fprintf(file, "SOURCE is one of these, standard input if not given:\n%s", precordia_transport_forms());
    fprintf(file, "\n  -m, --model FILE     the model, such as ptbxl71.precordia\n");
    fprintf(file, "  -n, --name TEXT      the record's name in every line; the source if not given\n");
    fprintf(file, "      --top N          statements in each answer, 5 if not given\n");
    fprintf(file, "      --all            all statements and classes in each answer\n");
    fprintf(file, "      --framing WORD   plain blocks or cobs packets; serial lines have cobs, the others plain if not given\n");
    fprintf(file, "      --rate HERTZ     samples a second to ask the device for; its own if not given\n");
    fprintf(file, "      --measure N      seconds between two measurements of PR, QRS, QT, axes and ST, 5 if not given, 0 for none\n");
    fprintf(file, "      --any-pace       the source plays faster or slower than time, which is no fault then\n");
    fprintf(file, "      --once           end when the device is not there or is lost, rather than wait for it\n");
    fprintf(file, "      --devices        list USB devices of the protocol and serial lines\n");
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

static int list_devices(void) {
    static struct precordia_transport_device devices[64];
    char problem[256] = "";
    long count = precordia_transport_devices(devices, 64, problem, sizeof problem);
    if (count < 0) {
        say("devices", problem);
        return FAILED;
    }
    for (long index = 0; index < count && index < 64; index++) printf("%s\t%s\n", devices[index].source, devices[index].words);
    return flushed();
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

/// Makes the host session that follows the source.
static int make_host(precordia_host_settings *settings) {
    precordia_model_facts model;
    precordia_model_describe(&edge.model, &model);
    settings->framing = precordia_transport_framing(edge.transport);
    settings->has_times = edge.has_times;
    settings->takes_commands = edge.is_device;
    // Any number will do that another run of the program has not.
    settings->number = (uint32_t)(clock_now() ^ ((int64_t)getpid() << 16)) | 1;
    settings->window_seconds = (uint16_t)(model.window / model.rate);
    size_t bytes = precordia_host_bytes();
    void *memory = malloc(bytes);
    precordia_error error = memory == NULL ? PRECORDIA_ERROR_MEMORY : precordia_host_init(&edge.host, memory, bytes, settings);
    if (error == PRECORDIA_OK) return 0;
    say(edge.source, memory == NULL ? "not enough memory to follow a device" : precordia_error_explanation(error));
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

/// Makes SIGINT and SIGTERM a flag; a wait and a write end early by them.
static void catch_signals(void) {
    struct sigaction action = {0};
    action.sa_handler = interrupt;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int main(int count, char **arguments) {
    enum { VERSION = 256, HELP, TOP, ALL, FRAMING, ONCE, DEVICES, ANY_PACE, ASKED_RATE, MEASURE };
    static const struct option options[] = {
        {"model", required_argument, NULL, 'm'}, {"name", required_argument, NULL, 'n'}, {"top", required_argument, NULL, TOP},
        {"all", no_argument, NULL, ALL},         {"framing", required_argument, NULL, FRAMING}, {"once", no_argument, NULL, ONCE},
        {"devices", no_argument, NULL, DEVICES}, {"version", no_argument, NULL, VERSION},       {"help", no_argument, NULL, HELP},
        {"any-pace", no_argument, NULL, ANY_PACE}, {"rate", required_argument, NULL, ASKED_RATE},
        {"measure", required_argument, NULL, MEASURE}, {NULL, 0, NULL, 0},
    };
    const char *model = NULL, *name = NULL;
    struct precordia_transport_options transport = {-1, true};
    precordia_host_settings following = precordia_host_settings_default();
    edge.report.top = 5;
    edge.options.measure_seconds = 5;
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
            transport.framing = strcmp(optarg, "cobs") == 0 ? PRECORDIA_FRAMING_COBS : PRECORDIA_FRAMING_PLAIN;
            if (transport.framing == PRECORDIA_FRAMING_PLAIN && strcmp(optarg, "plain") != 0) return wrong("--framing takes plain or cobs, not ", optarg);
            break;
        case ONCE: transport.reopen = false; break;
        case ANY_PACE: following.keeps_time = false; break;
        case ASKED_RATE: {
            long rate = strtol(optarg, &end, 10);
            if (*end != '\0' || end == optarg || rate < 100 || rate > 2000) return wrong("--rate takes 100 to 2000, not ", optarg);
            following.rate = (uint32_t)rate;
            break;
        }
        case MEASURE: {
            long seconds = strtol(optarg, &end, 10);
            if (*end != '\0' || end == optarg || seconds < 0 || seconds > 60) return wrong("--measure takes 0 to 60 seconds, not ", optarg);
            edge.options.measure_seconds = (uint32_t)seconds;
            break;
        }
        case DEVICES: return list_devices();
        case VERSION:
            printf("precordia-edge %s, kernel %s\n", precordia_version(), precordia_kernel());
            printf("%s, %s\n", precordia_build_commit(), precordia_build_compiler());
            return flushed();
        case 'h':
        case HELP: help(stdout); return flushed();
        default: return wrong("the command line is wrong", "");
        }
    }
    if (count - optind > 1) return wrong("one source can be read, not also ", arguments[optind + 1]);
    if (model == NULL) return wrong("--model FILE is missing", "");
    edge.source = optind < count ? arguments[optind] : "-";
    edge.report.name.bytes = name == NULL ? edge.source : name;
    edge.report.name.count = strlen(edge.report.name.bytes);
    signal(SIGPIPE, SIG_IGN);
    if (hold_places() != 0 || load(model) != 0) return FAILED;
    catch_signals();
    char problem[512];
    edge.transport = precordia_transport_open(edge.source, &transport, problem, sizeof problem);
    if (edge.transport == NULL) {
        fail(problem);
        output_end(&edge.output);
        return FAILED;
    }
    edge.is_device = precordia_transport_takes_commands(edge.transport);
    edge.has_times = edge.is_device || times_open(edge.source);
    if (make_host(&following) != 0) return FAILED;
    if (source_follow()) {
        struct precordia_transport_reading last;
        while (device_is_sending()) source_take(20, &last);
        if (device_rest()) do source_take(20, &last);
            while (device_is_sending());
    }
    precordia_transport_end(edge.transport);
    if (precordia_host_end_stream(edge.host)) stream_end(interrupted != 0);
    device_end();
    if (!edge.output.closed) tell_losses();
    output_end(&edge.output);
    precordia_transport_close(edge.transport);
    times_close();
    if (interrupted) return 128 + (int)interrupted;
    if (edge.output.closed) return DONE;
    return edge.failed || edge.output.lost_in_all > 0 ? FAILED : DONE;
}
