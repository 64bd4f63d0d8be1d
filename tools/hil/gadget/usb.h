// The device's USB side: descriptors, one bulk IN endpoint, commands by control transfer.
// FunctionFS here; a board has its own USB stack in this place. Apart from the board, which knows blocks and no USB.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "precordia_wire.h"

/// The open files of a mounted FunctionFS. The endpoint is the sending thread's, `control` the thread's that waits for events.
struct usb {
    int control, stream;
    /// Transfers that were taken whole and those that a disconnection broke off.
    uint64_t transfers, broken;
    /// Bytes of the transfers that were taken whole.
    uint64_t bytes;
};

/// What the host did, as far as a device needs to know.
enum usb_event {
    /// The host has chosen the configuration: the endpoint works.
    USB_ENABLED,
    /// It is disconnected, or the host has reset it.
    USB_DISABLED,
    /// A control transfer brought a command block.
    USB_COMMAND,
    /// Something of no importance.
    USB_OTHER,
    /// No further event will come: `errno` says why.
    USB_FAILED,
};

/// Writes the descriptors into the FunctionFS that is mounted on `folder`: from then on the device can be bound to a controller. False, with
/// `problem`, if that fails.
bool usb_open(struct usb *usb, const char *folder, char *problem, size_t problem_bytes);

/// Waits for the next event; of USB_COMMAND, `command` is its one whole block.
enum usb_event usb_wait(struct usb *usb, uint8_t command[WIRE_USB_COMMAND_BYTES]);

/// Sends bytes as one transfer, ended by a short packet unless they fill their last one; none are an empty packet. Waits for the host, and for a
/// connection if there is none. False if the connection was lost before the host had taken them all: how many it took, nobody knows.
bool usb_send(struct usb *usb, const void *bytes, size_t count);
