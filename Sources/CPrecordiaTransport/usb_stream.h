// Transfers that are always in flight, and what becomes of them.
// Apart from opening, because here the rules of libusb are kept: who owns a transfer when, and what may be done in a callback.
#pragma once

#include "usb.h"

#if PRECORDIA_TRANSPORT_USB
enum {
    /// At 15 kB/s a transfer ends with the device's short packet, about every 20 ms; eight of them outlast a reader that is away for 160 ms, at
    /// full speed 32 KiB last 27 ms. Each is a multiple of every packet size, under the 16 KiB that go as one piece, and together they are
    /// 0.2 % of the 16 MB that the kernel grants to all programs.
    USB_TRANSFERS = 8,
    USB_TRANSFER_BYTES = 4096,
    /// The longest command that goes over the control path; a block has at most a few dozen bytes.
    USB_COMMAND_BYTES = 512,
};

/// One transfer and its bytes. It belongs to libusb while it flies, to the stream when it has landed, and to the reader while it is given.
struct usb_slot {
    struct libusb_transfer *transfer;
    struct usb *usb;
    bool flies, landed;
    /// When its callback ran, CLOCK_MONOTONIC in nanoseconds.
    int64_t time;
    uint8_t bytes[USB_TRANSFER_BYTES];
};

struct usb {
    /// What is looked for; -1 and null for any.
    int vendor, product;
    const char *serial;
    /// Once a device was open, that one is meant and no other: another one is another patient's.
    bool adopted;
    char adopted_serial[64];
    libusb_context *context;
    /// A device was plugged in since the last look.
    bool announced;
    libusb_device_handle *handle;
    bool claimed;
    struct usb_place place;
    /// What the stream is doing: taking bytes; waiting for every transfer to land because the endpoint has halted; the same to end.
    enum { USB_STREAMS, USB_HALTED, USB_LEAVES } phase;
    struct usb_slot slots[USB_TRANSFERS];
    /// The transfer that was submitted first of those that have not been taken, and whether the reader has its bytes.
    unsigned oldest;
    bool given;
    /// Transfers that fly, the command's included.
    unsigned flying;
    /// Transfers without a byte that failed, one after the other.
    unsigned failures;
    /// Until when transfers must have landed, in nanoseconds.
    int64_t patience;
    /// Set by each callback, so that waiting ends.
    int landed;
    struct libusb_transfer *command;
    bool command_flies;
    struct precordia_transport_counters *counters;
    uint8_t command_bytes[LIBUSB_CONTROL_SETUP_SIZE + USB_COMMAND_BYTES];
};

/// Makes and submits all transfers of a device that was just opened; libusb's code.
int usb_stream_begin(precordia_transport *transport);

/// Lets libusb work until something lands or the time `end` has come; libusb's code.
int usb_stream_pump(struct usb *usb, int64_t end);

void usb_stream_wait(precordia_transport *transport, int timeout, struct precordia_transport_reading *reading);
bool usb_stream_is_sending(const precordia_transport *transport);
bool usb_stream_send(precordia_transport *transport, const void *block, size_t count);

/// Cancels everything, waits for every callback, at most 2 s, and frees the transfers. False if the system keeps a transfer: then nothing may be closed or freed.
bool usb_stream_end(precordia_transport *transport);
#endif
