// Transfers that are always in flight. The header says who owns one when.
// Callbacks only mark what has landed: submitting again, clearing a halt and closing happen outside of them, in the owner's thread.
#include "usb_stream.h"

#if PRECORDIA_TRANSPORT_USB
#include <stdio.h>
#include <string.h>

enum {
    /// So many transfers may fail one after the other before the connection counts as lost; an unplugged device fails a few times before the
    /// kernel knows.
    MOST_FAILURES = 32,
    COMMAND_MILLISECONDS = 1000,
};
static const int64_t PATIENCE = 2000000000;

static void LIBUSB_CALL slot_landed(struct libusb_transfer *transfer) {
    struct usb_slot *slot = transfer->user_data;
    slot->time = transport_now();
    slot->flies = false;
    slot->landed = true;
    slot->usb->flying--;
    slot->usb->landed = 1;
}

static void LIBUSB_CALL command_landed(struct libusb_transfer *transfer) {
    struct usb *usb = transfer->user_data;
    bool done = transfer->status == LIBUSB_TRANSFER_COMPLETED;
    if (done) usb->counters->sent += (uint64_t)transfer->actual_length;
    else usb->counters->unsent++;
    usb->command_flies = false;
    usb->flying--;
    usb->landed = 1;
}

/// A transfer holds on to the device that it was last submitted for, and that to its context: it cannot outlive the context, and so is made for
/// each connection. The bytes are not.
static void discard_all(struct usb *usb) {
    for (unsigned index = 0; index < USB_TRANSFERS; index++) {
        libusb_free_transfer(usb->slots[index].transfer);
        usb->slots[index].transfer = NULL;
        usb->slots[index].landed = false;
    }
    libusb_free_transfer(usb->command);
    usb->command = NULL;
}

static bool make_all(struct usb *usb) {
    bool good = (usb->command = libusb_alloc_transfer(0)) != NULL;
    for (unsigned index = 0; index < USB_TRANSFERS; index++) {
        usb->slots[index].usb = usb;
        usb->slots[index].transfer = libusb_alloc_transfer(0);
        good &= usb->slots[index].transfer != NULL;
    }
    return good;
}

static int submit(struct usb *usb, struct usb_slot *slot) {
    libusb_fill_bulk_transfer(
        slot->transfer, usb->handle, usb->place.endpoint, slot->bytes, sizeof slot->bytes, slot_landed, slot, 0);
    int code = libusb_submit_transfer(slot->transfer);
    if (code != 0) return code;
    slot->flies = true;
    usb->flying++;
    return 0;
}

static void cancel(struct usb *usb) {
    usb->patience = transport_now() + PATIENCE;
    for (unsigned index = 0; index < USB_TRANSFERS; index++)
        if (usb->slots[index].flies) libusb_cancel_transfer(usb->slots[index].transfer);
}

/// Begins to end the connection for the reason in the words; what has landed is still handed over.
static void leave(struct usb *usb) {
    if (usb->phase == USB_LEAVES) return;
    usb->phase = USB_LEAVES;
    cancel(usb);
    if (usb->command_flies) libusb_cancel_transfer(usb->command);
}

static void leave_with(precordia_transport *transport, const char *what, int code) {
    struct usb *usb = transport->own;
    if (usb->phase == USB_LEAVES) return;
    if (code == LIBUSB_ERROR_NO_DEVICE) transport_say(transport, "is gone: the device was unplugged");
    else transport_say(transport, "%s, %s", what, libusb_error_name(code));
    leave(usb);
}

static int submit_all(struct usb *usb) {
    usb->phase = USB_STREAMS;
    usb->oldest = 0;
    for (unsigned index = 0; index < USB_TRANSFERS; index++) {
        int code = submit(usb, &usb->slots[index]);
        if (code != 0) return code;
    }
    return 0;
}

int usb_stream_begin(precordia_transport *transport) {
    struct usb *usb = transport->own;
    usb->counters = &transport->counters;
    usb->given = false;
    usb->failures = 0;
    int code = make_all(usb) ? submit_all(usb) : LIBUSB_ERROR_NO_MEM;
    // Of a device that is unplugged between two of them the first may have brought bytes already: it was there, and is found gone when they have been
    // handed over.
    return code == LIBUSB_ERROR_NO_DEVICE && usb->flying > 0 ? 0 : code;
}

int usb_stream_pump(struct usb *usb, int64_t end) {
    int64_t left = end - transport_now();
    if (left < 0) left = 0;
    struct timeval time = {left / 1000000000, (left % 1000000000 + 999) / 1000};
    if (time.tv_usec == 1000000) time = (struct timeval){time.tv_sec + 1, 0};
    usb->landed = 0;
    return libusb_handle_events_timeout_completed(usb->context, &time, &usb->landed);
}

/// Sends the oldest transfer, which the reader has done with, round again.
static void send_round(precordia_transport *transport) {
    struct usb *usb = transport->own;
    struct usb_slot *slot = &usb->slots[usb->oldest];
    usb->given = false;
    usb->oldest = (usb->oldest + 1) % USB_TRANSFERS;
    int code = usb->phase == USB_STREAMS ? submit(usb, slot) : 0;
    if (code != 0) leave_with(transport, "its transfers cannot be repeated", code);
}

static void fail_once_more(precordia_transport *transport, const char *what) {
    struct usb *usb = transport->own;
    if (++usb->failures < MOST_FAILURES || usb->phase == USB_LEAVES) return;
    transport_say(transport, "is given up: %d transfers one after the other failed, the last one with %s", MOST_FAILURES, what);
    leave(usb);
}

/// What became of a transfer that has landed. Its bytes count whatever that was: of a transfer that failed, those that came before; of an
/// overflow, those that found room, and the rest is lost, which the protocol notices.
static void judge(precordia_transport *transport, const struct libusb_transfer *transfer) {
    struct usb *usb = transport->own;
    if (transfer->actual_length > 0) usb->failures = 0;
    switch (transfer->status) {
    case LIBUSB_TRANSFER_COMPLETED:
        if (transfer->actual_length > 0) transport->counters.transfers++;
        else transport->counters.transfers_empty++;
        break;
    case LIBUSB_TRANSFER_CANCELLED: break;
    case LIBUSB_TRANSFER_NO_DEVICE: leave_with(transport, "", LIBUSB_ERROR_NO_DEVICE); break;
    case LIBUSB_TRANSFER_STALL:
        // The others may land with the same halt, which is cleared once.
        if (usb->phase != USB_STREAMS) break;
        usb->phase = USB_HALTED;
        cancel(usb);
        fail_once_more(transport, "a halt");
        break;
    case LIBUSB_TRANSFER_OVERFLOW:
        transport->counters.overflows++;
        fail_once_more(transport, "more bytes than fit");
        break;
    default:
        transport->counters.errors++;
        fail_once_more(transport, transfer->status == LIBUSB_TRANSFER_TIMED_OUT ? "a time-out" : "an error of the bus");
    }
}

/// Takes the oldest transfer if it has landed. True where the reader gets its bytes.
static bool take(precordia_transport *transport, struct precordia_transport_reading *reading) {
    struct usb *usb = transport->own;
    struct usb_slot *slot = &usb->slots[usb->oldest];
    slot->landed = false;
    judge(transport, slot->transfer);
    usb->given = true;
    if (slot->transfer->actual_length <= 0) return send_round(transport), false;
    transport_bytes(transport, slot->bytes, (size_t)slot->transfer->actual_length, slot->time, reading);
    return true;
}

/// Clears the halt, now that every transfer has landed and was taken, and begins again.
static void resume(precordia_transport *transport) {
    struct usb *usb = transport->own;
    int code = libusb_clear_halt(usb->handle, usb->place.endpoint);
    if (code != 0) return leave_with(transport, "its endpoint's halt cannot be cleared", code);
    transport->counters.stalls++;
    code = submit_all(usb);
    if (code != 0) leave_with(transport, "its transfers cannot be started again", code);
}

/// Whether the phase that waits for transfers has come to an end; fills `reading` where the connection has.
static bool is_over(precordia_transport *transport, struct precordia_transport_reading *reading) {
    struct usb *usb = transport->own;
    if (usb->phase == USB_STREAMS) return false;
    unsigned bulk = usb->flying - usb->command_flies;
    if (usb->phase == USB_HALTED && bulk == 0) return resume(transport), false;
    if (usb->phase == USB_LEAVES && usb->flying == 0) reading->news = PRECORDIA_TRANSPORT_LOST;
    else if (transport_now() > usb->patience) reading->news = PRECORDIA_TRANSPORT_FAILED;
    else return false;
    if (reading->news == PRECORDIA_TRANSPORT_FAILED)
        transport_say(transport, "is stuck: the system did not give back %u cancelled transfers within 2 s; start the program anew", usb->flying);
    return true;
}

void usb_stream_wait(precordia_transport *transport, int timeout, struct precordia_transport_reading *reading) {
    struct usb *usb = transport->own;
    int64_t end = transport_now() + timeout * (int64_t)1000000;
    if (usb->given) send_round(transport);
    for (bool pumped = false;; pumped = true) {
        while (usb->slots[usb->oldest].landed)
            if (take(transport, reading)) return;
        if (is_over(transport, reading) || (pumped && transport_now() >= end)) return;
        int64_t until = usb->phase == USB_STREAMS || usb->patience > end ? end : usb->patience;
        int code = usb_stream_pump(usb, until);
        if (code == LIBUSB_ERROR_INTERRUPTED) return;
        if (code != 0) leave_with(transport, "libusb cannot wait for it", code);
    }
}

bool usb_stream_send(precordia_transport *transport, const void *block, size_t count) {
    struct usb *usb = transport->own;
    if (usb->command_flies || usb->phase == USB_LEAVES || count > USB_COMMAND_BYTES) return false;
    libusb_fill_control_setup(
        usb->command_bytes, LIBUSB_ENDPOINT_OUT | LIBUSB_REQUEST_TYPE_VENDOR | LIBUSB_RECIPIENT_INTERFACE, PRECORDIA_USB_REQUEST_COMMAND, 0,
        usb->place.interface, (uint16_t)count);
    memcpy(usb->command_bytes + LIBUSB_CONTROL_SETUP_SIZE, block, count);
    libusb_fill_control_transfer(usb->command, usb->handle, usb->command_bytes, command_landed, usb, COMMAND_MILLISECONDS);
    if (libusb_submit_transfer(usb->command) != 0) return false;
    usb->command_flies = true;
    usb->flying++;
    return true;
}

bool usb_stream_is_sending(const precordia_transport *transport) { return ((const struct usb *)transport->own)->command_flies; }

bool usb_stream_end(precordia_transport *transport) {
    struct usb *usb = transport->own;
    leave(usb);
    while (usb->flying > 0 && transport_now() < usb->patience)
        if (usb_stream_pump(usb, usb->patience) == LIBUSB_ERROR_NO_DEVICE) break;
    if (usb->flying > 0) return false;
    discard_all(usb);
    return true;
}
#endif
