// Drives one transport and prints its news as lines, for tools/check-transport.
// Apart from precordia-edge, so that a test sees what the transport says and not what a program makes of it.
//
//     drive SOURCE BYTES [once] [cobs|plain]     bytes that come are appended to the file BYTES
//
// Orders come as lines from standard input: `send HEX`, `sending`, `counters`, `devices`, `finish`, `end`.
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "precordia_transport.h"

static const char *const names[] = {"quiet", "bytes", "opened", "lost", "ended", "failed", "refused"};

static void tell_counters(const precordia_transport *transport) {
    struct precordia_transport_counters c = precordia_transport_counters_of(transport);
    printf(
        "counters {\"bytes\":%llu,\"opened\":%llu,\"lost\":%llu,\"refused\":%llu,\"transfers\":%llu,\"transfers_empty\":%llu,\"stalls\":%llu,"
        "\"overflows\":%llu,\"errors\":%llu,\"sent\":%llu,\"unsent\":%llu}\n",
        (unsigned long long)c.bytes, (unsigned long long)c.opened, (unsigned long long)c.lost, (unsigned long long)c.refused,
        (unsigned long long)c.transfers, (unsigned long long)c.transfers_empty, (unsigned long long)c.stalls, (unsigned long long)c.overflows,
        (unsigned long long)c.errors, (unsigned long long)c.sent, (unsigned long long)c.unsent);
}

static void tell_devices(void) {
    static struct precordia_transport_device devices[32];
    char problem[512] = "";
    long count = precordia_transport_devices(devices, 32, problem, sizeof problem);
    printf("devices %ld %s\n", count, problem);
    for (long index = 0; index < count && index < 32; index++)
        printf(
            "device %s permitted=%d recognised=%d %s\n", devices[index].source, devices[index].permitted, devices[index].recognised,
            devices[index].words);
}

static void send_hex(precordia_transport *transport, const char *hex) {
    static unsigned char block[8192];
    size_t count = 0;
    for (unsigned byte; sscanf(hex, "%2x", &byte) == 1 && count < sizeof block; hex += 2) block[count++] = (unsigned char)byte;
    printf("%s\n", precordia_transport_send(transport, block, count) ? "sent" : "unsent");
}

int main(int count, char **arguments) {
    if (count < 3) return 64;
    struct precordia_transport_options options = {-1, true};
    for (int index = 3; index < count; index++) {
        if (strcmp(arguments[index], "once") == 0) options.reopen = false;
        if (strcmp(arguments[index], "cobs") == 0) options.framing = 1;
        if (strcmp(arguments[index], "plain") == 0) options.framing = 0;
    }
    setvbuf(stdout, NULL, _IOLBF, 1 << 12);
    FILE *file = fopen(arguments[2], "ab");
    char problem[512] = "";
    precordia_transport *transport = precordia_transport_open(arguments[1], &options, problem, sizeof problem);
    if (file == NULL || transport == NULL) {
        printf("null %s\n", problem);
        return 1;
    }
    char order[20000] = "";
    size_t have = 0;
    bool listens = strcmp(arguments[1], "-") != 0, over = false;
    while (!over) {
        struct precordia_transport_reading reading;
        precordia_transport_wait(transport, 20, &reading);
        if (reading.news == PRECORDIA_TRANSPORT_BYTES) fwrite(reading.bytes, 1, reading.count, file), fflush(file), printf("bytes %zu\n", reading.count);
        else if (reading.news != PRECORDIA_TRANSPORT_QUIET) printf("%s %s\n", names[reading.news], reading.words);
        if (reading.news == PRECORDIA_TRANSPORT_ENDED || reading.news == PRECORDIA_TRANSPORT_FAILED) tell_counters(transport), over = true;
        struct pollfd orders = {STDIN_FILENO, POLLIN, 0};
        if (!listens || poll(&orders, 1, 0) <= 0) continue;
        ssize_t got = read(STDIN_FILENO, order + have, sizeof order - 1 - have);
        if (got <= 0) break;
        have += (size_t)got;
        for (char *end; (end = memchr(order, '\n', have)) != NULL;) {
            *end = '\0';
            if (strncmp(order, "send ", 5) == 0) send_hex(transport, order + 5);
            if (strcmp(order, "sending") == 0) printf("sending %d\n", precordia_transport_is_sending(transport));
            if (strcmp(order, "finish") == 0) precordia_transport_end(transport);
            if (strcmp(order, "counters") == 0) tell_counters(transport);
            if (strcmp(order, "devices") == 0) tell_devices();
            if (strcmp(order, "end") == 0) over = true;
            have -= (size_t)(end + 1 - order);
            memmove(order, end + 1, have);
        }
    }
    precordia_transport_close(transport);
    fclose(file);
    printf("closed\n");
    return 0;
}
