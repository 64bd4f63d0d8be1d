// USB: which device is meant, opening it, and letting it go. usb_stream.c moves the bytes.
// The files whose names begin with usb are the only ones that know libusb; a build without it says so.
#include "usb_stream.h"

#if PRECORDIA_TRANSPORT_USB
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Reads one number of VID:PID; -1 if it is none.
static int number(const char **text, char end) {
    char *rest;
    if (!strchr("0123456789abcdefABCDEF", **text) || **text == '\0') return -1;
    long value = strtol(*text, &rest, 16);
    if (value > 0xFFFF || rest - *text > 4 || (*rest != end && *rest != '\0')) return -1;
    *text = *rest == end && end != '\0' ? rest + 1 : rest;
    return (int)value;
}

static bool prepare(precordia_transport *transport) {
    struct usb *usb = transport->own = calloc(1, sizeof *usb);
    if (usb == NULL) return transport_say(transport, "not enough memory for USB transfers"), false;
    usb->vendor = usb->product = -1;
    const char *text = transport->name;
    if (*text == '\0') return true;
    usb->vendor = number(&text, ':');
    usb->product = usb->vendor < 0 ? -1 : number(&text, ':');
    usb->serial = text;
    if (usb->product >= 0) return true;
    transport_say(transport, "names no USB device; usb, usb:1209:0001 or usb:1209:0001:SERIAL would be right, numbers in hexadecimal");
    return false;
}

/// In libusb's callback nothing may be done but remember.
static int LIBUSB_CALL arrived(libusb_context *context, libusb_device *device, libusb_hotplug_event event, void *data) {
    (void)context, (void)device, (void)event;
    ((struct usb *)data)->announced = true;
    return 0;
}

/// A new view of the system. Made for each try, because without udev libusb looks for devices only when it begins.
static int look_anew(struct usb *usb) {
    if (usb->context != NULL) libusb_exit(usb->context);
    usb->context = NULL;
    int code = libusb_init(&usb->context);
    if (code != 0) usb->context = NULL;
    if (code != 0 || !libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG)) return code;
    // Where it is refused, trying from time to time still finds the device.
    libusb_hotplug_register_callback(
        usb->context, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED, 0, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
        arrived, usb, NULL);
    return 0;
}

/// Takes the first device of the list that is meant, or says why there is none.
static libusb_device *choose(precordia_transport *transport, libusb_device **list, ssize_t count, struct usb_identity *identity) {
    struct usb *usb = transport->own;
    char others[160] = "";
    bool mute = false;
    for (ssize_t index = 0; index < count; index++) {
        usb_identity_of(list[index], identity);
        if (usb->vendor >= 0 && (identity->vendor != usb->vendor || identity->product_number != usb->product)) continue;
        bool speaks = usb_place_of(list[index], &usb->place);
        bool named = usb->serial == NULL || *usb->serial == '\0' || strcmp(usb->serial, identity->serial) == 0;
        if (speaks && named) return list[index];
        mute |= !speaks && named;
        size_t length = strlen(others);
        if (speaks) snprintf(others + length, sizeof others - length, "%s%s", length ? ", " : "", identity->serial[0] ? identity->serial : "none");
    }
    const char *interface = "an interface of class FF, subclass 45, protocol 01 with a bulk input endpoint";
    if (usb->vendor < 0) transport_say(transport, "no ECG device is plugged in by USB: none has %s", interface);
    else if (mute) transport_say(transport, "is attached, and has not %s in the configuration in use: its firmware is another one", interface);
    else {
        const char *which = usb->adopted ? "the device that was open before " : "";
        if (others[0] == '\0') transport_say(transport, "%sis not attached", which);
        else transport_say(transport, "%sis not attached; there is the same product with another serial number: %s", which, others);
    }
    return NULL;
}

static enum transport_step refuse(precordia_transport *transport, const char *what, int code, const struct usb_identity *identity) {
    if (code == LIBUSB_ERROR_ACCESS) transport_say(transport, usb_not_permitted, identity->node);
    else if (code == LIBUSB_ERROR_BUSY) transport_say(transport, "%s: another program has it", what);
    else if (code == LIBUSB_ERROR_NO_DEVICE) transport_say(transport, "was unplugged while it was opened");
    else transport_say(transport, "%s, %s", what, libusb_error_name(code));
    return TRANSPORT_REFUSED;
}

/// A device that has no serial number is told from its like by nothing.
static void adopt(struct usb *usb, const struct usb_identity *identity) {
    usb->adopted = true;
    usb->vendor = identity->vendor;
    usb->product = identity->product_number;
    if (identity->serial[0] == '\0') return;
    memcpy(usb->adopted_serial, identity->serial, sizeof usb->adopted_serial);
    usb->serial = usb->adopted_serial;
}

static enum transport_step claim(precordia_transport *transport, const struct usb_identity *identity) {
    struct usb *usb = transport->own;
    // A kernel driver that has taken the interface gives it back at the end; where the system cannot do that, claiming tells.
    libusb_set_auto_detach_kernel_driver(usb->handle, 1);
    int code = libusb_claim_interface(usb->handle, usb->place.interface);
    if (code != 0) return refuse(transport, "its interface cannot be claimed", code, identity);
    usb->claimed = true;
    if (usb->place.alternate != 0) code = libusb_set_interface_alt_setting(usb->handle, usb->place.interface, usb->place.alternate);
    if (code != 0) return refuse(transport, "its interface's setting cannot be chosen", code, identity);
    code = usb_stream_begin(transport);
    if (code != 0) return refuse(transport, "its transfers cannot be started", code, identity);
    adopt(usb, identity);
    transport_say(
        transport, "opened %s%s%s, serial number %s, usb:%04x:%04x at %s", identity->maker, identity->maker[0] ? " " : "",
        identity->product[0] ? identity->product : "a device without a name", identity->serial[0] ? identity->serial : "not known",
        (unsigned)identity->vendor, (unsigned)identity->product_number, identity->node);
    return TRANSPORT_IS_OPEN;
}

static enum transport_step open_usb(precordia_transport *transport) {
    struct usb *usb = transport->own;
    if (usb->context == NULL || !usb->announced) {
        int code = look_anew(usb);
        if (code != 0) return transport_say(transport, "USB cannot be used, %s", libusb_error_name(code)), TRANSPORT_REFUSED;
    }
    usb->announced = false;
    libusb_device **list;
    ssize_t count = usb_list(usb->context, &list);
    if (count < 0) return transport_say(transport, "USB devices cannot be listed, %s", libusb_error_name((int)count)), TRANSPORT_REFUSED;
    struct usb_identity identity;
    libusb_device *device = choose(transport, list, count, &identity);
    int code = device == NULL ? 0 : libusb_open(device, &usb->handle);
    libusb_free_device_list(list, 1);
    if (device == NULL) return TRANSPORT_REFUSED;
    if (code == 0) return claim(transport, &identity);
    usb->handle = NULL;
    return refuse(transport, "cannot be opened", code, &identity);
}

static bool announced(precordia_transport *transport, int timeout) {
    struct usb *usb = transport->own;
    int64_t end = transport_now() + timeout * (int64_t)1000000;
    int code = usb->context == NULL ? LIBUSB_ERROR_OTHER : 0;
    while (code == 0 && !usb->announced && transport_now() < end) code = usb_stream_pump(usb, end);
    // Where libusb cannot wait, the pause is waited for without it.
    if (code != 0 && code != LIBUSB_ERROR_INTERRUPTED) transport_pause(timeout);
    return usb->announced;
}

static void close_usb(precordia_transport *transport) {
    struct usb *usb = transport->own;
    if (usb == NULL || usb->handle == NULL || !usb_stream_end(transport)) return;
    if (usb->claimed) libusb_release_interface(usb->handle, usb->place.interface);
    libusb_close(usb->handle);
    usb->handle = NULL;
    usb->claimed = false;
}

static void discard(precordia_transport *transport) {
    struct usb *usb = transport->own;
    // Transfers that the system never gave back may still be written to: their memory stays.
    if (usb == NULL || usb->handle != NULL) return;
    if (usb->context != NULL) libusb_exit(usb->context);
    free(usb);
}

const struct transport_kind transport_usb = {
    .prefix = "usb:", .comes_again = true, .prepare = prepare, .open = open_usb, .wait = usb_stream_wait, .announced = announced,
    .send = usb_stream_send, .is_sending = usb_stream_is_sending, .close = close_usb, .discard = discard,
};
#else
static bool prepare(precordia_transport *transport) {
    transport_say(transport, "this build of the program is without USB, which needs libusb; a build that is linked dynamically has it");
    return false;
}

static void close_usb(precordia_transport *transport) { (void)transport; }

const struct transport_kind transport_usb = {.prefix = "usb:", .comes_again = true, .prepare = prepare, .close = close_usb};
#endif
