// gadget: an acquisition board on FunctionFS that plays a recorded exam, well or with faults. The device side of tools/hil.
// Three threads: this one samples, one sends what waits, one listens to the host.
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "board.h"
#include "exam.h"
#include "faults.h"
#include "usb.h"

static struct {
    struct exam exam;
    struct board board;
    struct usb usb;
    struct faults faults;
    /// A command of the shell when so many samples have been taken; null for none.
    uint64_t event_at;
    const char *event;
    /// A reset when so many samples have been taken; 0 for none.
    uint64_t reset_at;
    /// Added to what the report says was dropped: the fault with which the comparison is tested.
    uint64_t miscount;
} gadget;

static void *send_blocks(void *nothing) {
    (void)nothing;
    for (;;) {
        size_t count;
        const uint8_t *block = board_front(&gadget.board, &count);
        faults_send(&gadget.faults, &gadget.usb, block, count);
        board_sent(&gadget.board);
    }
    return NULL;
}

static void *listen_to_host(void *nothing) {
    (void)nothing;
    uint8_t command[WIRE_USB_COMMAND_BYTES];
    for (bool first = true;;) switch (usb_wait(&gadget.usb, command)) {
        case USB_ENABLED:
            // The first introduction is in the buffer already.
            if (!first) board_introduce(&gadget.board);
            first = false;
            break;
        case USB_COMMAND: board_command(&gadget.board, command); break;
        case USB_FAILED: fprintf(stderr, "gadget: no more events, %s\n", strerror(errno)); return NULL;
        default: break;
        }
}

/// What the device did and what was done to it, one JSON object: what the host's counters must agree with.
static bool report(const char *path) {
    FILE *file = fopen(path, "w");
    if (file == NULL) return false;
    const struct board *board = &gadget.board;
    fprintf(
        file, "{\"samples\":%llu,\"blocks\":%llu,\"samplesDropped\":%llu,\"blocksDropped\":%llu,\"commands\":%llu,",
        (unsigned long long)board->samples, (unsigned long long)board->blocks,
        (unsigned long long)(board->samples_dropped + gadget.miscount), (unsigned long long)board->blocks_dropped,
        (unsigned long long)board->commands);
    fprintf(
        file, "\"bytes\":%llu,\"transfers\":%llu,\"broken\":%llu,\"wrongChecks\":%llu,\"faults\":{", (unsigned long long)gadget.usb.bytes,
        (unsigned long long)gadget.usb.transfers, (unsigned long long)gadget.usb.broken, (unsigned long long)gadget.faults.wrong_checks);
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        fprintf(
            file, "%s\"%s\":{\"blocks\":%llu,\"samples\":%llu,\"bytes\":%llu}", kind == 0 ? "" : ",", fault_name((enum fault_kind)kind),
            (unsigned long long)gadget.faults.ledger[kind].blocks, (unsigned long long)gadget.faults.ledger[kind].samples,
            (unsigned long long)gadget.faults.ledger[kind].bytes);
    fprintf(file, "}}\n");
    return fclose(file) == 0;
}

static void help(void) {
    fprintf(stderr, "usage: gadget --exam FILE --function FOLDER --report FILE [--wire FILE] [--ready FILE]\n");
    fprintf(stderr, "              [--speed N] [--drift PPM] [--commands] [--slots 16-128] [--blocks 10-50] [--alone] [--reset-at SAMPLE]\n");
    fprintf(stderr, "              [--cable FILE --controller NAME] [--fault KIND[,NAME=N]...]... [--at SAMPLE,COMMAND] [--miscount N]\n\n");
    fprintf(stderr, "Plays the exam to whoever reads the USB device, writes the report when it is over, and stays until it is killed.\n");
    exit(64);
}

static unsigned long long number(const char *words) {
    char *end = NULL;
    unsigned long long value = strtoull(words, &end, 10);
    if (end == words || *end != '\0') help();
    return value;
}

/// Runs a command of the test while the device goes on.
static void run_event(void) {
    if (fork() == 0) {
        execl("/bin/sh", "sh", "-c", gadget.event, (char *)NULL);
        _exit(127);
    }
}

/// What the command line says.
struct settings {
    const char *exam, *function, *report, *ready;
    struct board_options board;
    /// No block after the exam.
    bool alone;
};

static struct settings read_settings(int count, char **arguments) {
    enum { EXAM, FUNCTION, REPORT, WIRE, READY, SPEED, DRIFT, COMMANDS, SLOTS, BLOCKS, ALONE, CABLE, CONTROLLER, FAULT, AT, RESET_AT, MISCOUNT };
    static const struct option words[] = {
        {"exam", 1, NULL, EXAM},     {"function", 1, NULL, FUNCTION}, {"report", 1, NULL, REPORT},         {"wire", 1, NULL, WIRE},
        {"ready", 1, NULL, READY},   {"speed", 1, NULL, SPEED},       {"drift", 1, NULL, DRIFT},           {"commands", 0, NULL, COMMANDS},
        {"slots", 1, NULL, SLOTS},   {"blocks", 1, NULL, BLOCKS},     {"alone", 0, NULL, ALONE},           {"cable", 1, NULL, CABLE},
        {"fault", 1, NULL, FAULT},   {"at", 1, NULL, AT},             {"controller", 1, NULL, CONTROLLER}, {"reset-at", 1, NULL, RESET_AT},
        {"miscount", 1, NULL, MISCOUNT}, {NULL, 0, NULL, 0},
    };
    struct settings settings = {.board = {.session = 1000, .slots = 64, .blocks = 50}};
    for (int word; (word = getopt_long(count, arguments, "", words, NULL)) != -1;) switch (word) {
        case EXAM: settings.exam = optarg; break;
        case FUNCTION: settings.function = optarg; break;
        case REPORT: settings.report = optarg; break;
        case WIRE: gadget.faults.wire = fopen(optarg, "w"); break;
        case READY: settings.ready = optarg; break;
        case SPEED: settings.board.speed = strtod(optarg, NULL); break;
        case DRIFT: settings.board.drift = strtod(optarg, NULL); break;
        case COMMANDS: settings.board.takes_commands = true; break;
        case SLOTS: settings.board.slots = (uint8_t)number(optarg); break;
        case BLOCKS: settings.board.blocks = (uint8_t)number(optarg); break;
        case ALONE: settings.alone = true; break;
        case CABLE: gadget.faults.cable = optarg; break;
        case CONTROLLER: gadget.faults.controller = optarg; break;
        case FAULT:
            if (!faults_add(&gadget.faults, optarg)) help();
            break;
        case AT:
            gadget.event = strchr(optarg, ',');
            if (gadget.event == NULL) help();
            gadget.event++;
            gadget.event_at = strtoull(optarg, NULL, 10);
            break;
        case RESET_AT: gadget.reset_at = number(optarg); break;
        case MISCOUNT: gadget.miscount = number(optarg); break;
        default: help();
        }
    bool whole = settings.exam != NULL && settings.function != NULL && settings.report != NULL && optind == count;
    bool possible = settings.board.slots >= 16 && settings.board.slots <= BOARD_SLOTS && settings.board.blocks >= 10 && settings.board.blocks <= 50;
    if (!whole || !possible) help();
    return settings;
}

/// What happens when so many samples have been taken.
static void do_events(uint64_t taken) {
    if (gadget.event != NULL && taken >= gadget.event_at) {
        run_event();
        gadget.event = NULL;
    }
    if (gadget.reset_at != 0 && taken >= gadget.reset_at) {
        board_reset(&gadget.board, WIRE_CAUSE_WATCHDOG);
        gadget.reset_at = 0;
    }
}

int main(int count, char **arguments) {
    struct settings settings = read_settings(count, arguments);
    char problem[512];
    if (!exam_open(&gadget.exam, settings.exam, problem, sizeof problem)
        || !usb_open(&gadget.usb, settings.function, problem, sizeof problem)) {
        fprintf(stderr, "gadget: %s\n", problem);
        return 1;
    }
    signal(SIGCHLD, SIG_IGN);
    board_init(&gadget.board, &gadget.exam, &settings.board);
    pthread_t sender, listener;
    if (pthread_create(&sender, NULL, send_blocks, NULL) != 0 || pthread_create(&listener, NULL, listen_to_host, NULL) != 0) {
        fprintf(stderr, "gadget: no thread, %s\n", strerror(errno));
        return 1;
    }
    if (settings.ready != NULL) {
        FILE *file = fopen(settings.ready, "w");
        if (file != NULL) fclose(file);
    }
    // The exam begins when somebody hears it: the test's arrangement, so that nothing is lost before the host is there.
    if (!settings.board.takes_commands) board_wait_until_heard(&gadget.board);
    while (board_sample(&gadget.board)) do_events(gadget.board.samples);
    board_conclude(&gadget.board);
    if (!settings.alone) {
        // A host that hears this has heard everything before.
        board_append(&gadget.board);
        while (board_sample(&gadget.board)) continue;
        board_wait_until_sent(&gadget.board);
    }
    if (gadget.faults.wire != NULL) fflush(gadget.faults.wire);
    if (!report(settings.report)) fprintf(stderr, "gadget: %s: %s\n", settings.report, strerror(errno));
    for (;;) pause();
}
