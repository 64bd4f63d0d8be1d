// Bytes of an acquisition device, whatever carries them: a file, standard input, a serial line, TCP or USB.
// In C and apart from everything else, because the full program and precordia-edge, which has no Swift run-time library, read devices
// through this one piece of code. It knows nothing of the wire protocol but how a transport lays its blocks into bytes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One source of bytes, opened, watched, and opened again when it was lost.
///
/// Memory: allocated by precordia_transport_open; opening a device takes what libusb and the resolver need, and gives it back. While
/// bytes come nothing is allocated here; libusb makes a small record of each transfer. Thread: one at a time; of libusb too, because every callback
/// runs inside precordia_transport_wait.
typedef struct precordia_transport precordia_transport;

enum {
    /// The time is over and nothing came.
    PRECORDIA_TRANSPORT_QUIET = 0,
    /// `bytes` and `count`, in place until the next call.
    PRECORDIA_TRANSPORT_BYTES = 1,
    /// A connection is there, for the first time or again. Another one comes only after PRECORDIA_TRANSPORT_LOST.
    PRECORDIA_TRANSPORT_OPENED = 2,
    /// The connection has gone, for the reason in `words`. It is tried again by itself, after 100 ms at first and then twice as long each time up
    /// to 5 s; USB also as soon as the system announces a device. Files and standard input never give this.
    PRECORDIA_TRANSPORT_LOST = 3,
    /// The source has an end and this is it: a file or standard input.
    PRECORDIA_TRANSPORT_ENDED = 4,
    /// It cannot be used and trying again would not help; `words` say why. Ends the source.
    PRECORDIA_TRANSPORT_FAILED = 5,
    /// A try to open it failed for the reason in `words`, and it is tried again by itself. Told once for each reason in a row, so that a person
    /// knows what is waited for.
    PRECORDIA_TRANSPORT_REFUSED = 6,
};

/// What a wait brought.
struct precordia_transport_reading {
    /// One of the numbers above.
    uint32_t news;
    /// How blocks are laid into the bytes: 0 as they are, 1 each as a COBS packet.
    uint32_t framing;
    const uint8_t *bytes;
    size_t count;
    /// CLOCK_MONOTONIC in nanoseconds: of bytes when the system handed them over (USB: when the transfer completed), else when it was noticed.
    int64_t monotonic;
    /// For a person, never null, empty where there is nothing to say: which device was opened, why it was lost.
    const char *words;
};

/// What was counted since the transport was made; each number only grows.
struct precordia_transport_counters {
    uint64_t bytes;
    /// Connections that came about, and those that were lost.
    uint64_t opened, lost;
    /// Tries to open that failed.
    uint64_t refused;
    /// USB: transfers that completed, with at least one byte or without.
    uint64_t transfers, transfers_empty;
    /// USB: endpoint halts that were cleared, transfers that brought more than they had room for, other transfer errors.
    uint64_t stalls, overflows, errors;
    /// Bytes that were sent, and blocks that could not be.
    uint64_t sent, unsent;
};

/// How a source is opened.
struct precordia_transport_options {
    /// Framing of the bytes; -1 for the source's own: serial lines COBS, the others plain.
    int32_t framing;
    /// Try again when a device is not there at first or was lost. Without it that is PRECORDIA_TRANSPORT_FAILED.
    bool reopen;
};

/// Opens `source`:
///
///     -                           standard input
///     PATH, file:PATH             a file or a pipe
///     serial:PATH[,BAUD]          a serial line, raw, 8 data bits, no parity; 115200 baud if not given
///     tcp:HOST:PORT               a TCP connection; HOST a name, an IPv4 address, or an IPv6 address in brackets
///     usb[:VID:PID[:SERIAL]]      the first USB device with the protocol's interface, or that one; numbers in hexadecimal
///
/// Does not wait for a device to be there: the first news tells. Null, with `problem` filled, if the words are no source, a file cannot be
/// opened, a serial line or a USB device cannot (without `reopen`), or this build has no USB.
precordia_transport *precordia_transport_open(
    const char *source, const struct precordia_transport_options *options, char *problem, size_t problem_bytes);

/// The table above in the words of a --help, a line for each form.
const char *precordia_transport_forms(void);

/// Waits for news, at most `timeout` milliseconds (0: does not wait). A signal may end it early, with PRECORDIA_TRANSPORT_QUIET.
void precordia_transport_wait(precordia_transport *transport, int timeout, struct precordia_transport_reading *reading);

/// Sends a command block, plain as the encoder made it; a serial line's packet is made here. On USB it goes by the control path.
///
/// Never waits. False if there is no connection, the path is still busy with the last one, or the block is longer than the path takes (4128
/// bytes, on USB 512); counted in `unsent`. True says that it is on its way: what is lost after that is counted in `unsent` too.
bool precordia_transport_send(precordia_transport *transport, const void *block, size_t count);

/// Whether the last command is still on its way, so that another would find the path busy and closing would take it back.
bool precordia_transport_is_sending(const precordia_transport *transport);

/// How blocks are laid into the bytes of this source: 0 as they are, 1 each as a COBS packet.
uint32_t precordia_transport_framing(const precordia_transport *transport);

/// Whether commands can be sent at all: false for files and standard input.
bool precordia_transport_takes_commands(const precordia_transport *transport);

struct precordia_transport_counters precordia_transport_counters_of(const precordia_transport *transport);

/// Cancels what is under way, waits for every callback, closes. The counters are final then; nothing more comes and nothing can be sent.
void precordia_transport_end(precordia_transport *transport);

/// The same, and frees. Null is fine.
void precordia_transport_close(precordia_transport *transport);

/// A device that precordia_transport_open could be given.
struct precordia_transport_device {
    /// As the command line would have it: "usb:1209:0001:A-17" or "serial:/dev/ttyACM0".
    char source[128];
    /// Maker, product and what hinders its use, for a person.
    char words[256];
    /// Whether this user may open it.
    bool permitted;
    /// Whether it has the protocol's USB interface; of a serial line nobody knows before it is opened: false.
    bool recognised;
};

/// Lists USB devices with the protocol's interface and serial lines, at most `room` of them.
///
/// Returns how many there are, which may be more than `room`; -1 with `problem` filled where the system cannot tell.
long precordia_transport_devices(struct precordia_transport_device *devices, size_t room, char *problem, size_t problem_bytes);

/// The USB interface's class, subclass and protocol, by which a device is recognised, and its vendor request for commands.
/// firmware-protocol/SPEC.md has the descriptors.
enum {
    PRECORDIA_USB_CLASS = 0xFF,
    PRECORDIA_USB_SUBCLASS = 0x45,
    PRECORDIA_USB_PROTOCOL = 0x01,
    PRECORDIA_USB_REQUEST_COMMAND = 0x01,
};

#ifdef __cplusplus
}
#endif
