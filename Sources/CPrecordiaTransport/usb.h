// Which USB devices speak the protocol, and what the system knows of them without opening them.
// Apart from the stream, because the list of devices asks the same.
#pragma once

#include "transport.h"

#ifndef PRECORDIA_TRANSPORT_USB
#define PRECORDIA_TRANSPORT_USB 0
#endif

#if PRECORDIA_TRANSPORT_USB
#include <libusb.h>

/// Where in a device the stream is.
struct usb_place {
    uint8_t interface, alternate, endpoint;
};

/// What the kernel read when the device was plugged in, empty where it has nothing; needs no right to open it.
struct usb_identity {
    uint16_t vendor, product_number;
    char maker[64], product[64], serial[64];
    /// The file that is opened.
    char node[64];
};

/// libusb's list in the order of plugging, so that the first device is the same one each time; its code if that is negative.
ssize_t usb_list(libusb_context *context, libusb_device ***list);

/// Finds the protocol's interface and its bulk input endpoint in the configuration that is in use; false if there is none.
bool usb_place_of(libusb_device *device, struct usb_place *place);

void usb_identity_of(libusb_device *device, struct usb_identity *identity);

/// What a person has to do who may not open a device, with its file's name to fill in.
extern const char *const usb_not_permitted;
#endif
