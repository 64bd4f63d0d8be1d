// USB through libusb: bulk transfers always in flight, in one owner's thread.
// The one file that knows libusb; a build without it says so.
#include "transport.h"

static bool prepare(precordia_transport *transport) {
    transport_say(transport, "this build of the program has no USB; a build with libusb has");
    return false;
}

static void close_usb(precordia_transport *transport) { (void)transport; }

const struct transport_kind transport_usb = {.prefix = "usb:", .comes_again = true, .prepare = prepare, .close = close_usb};
