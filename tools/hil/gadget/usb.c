// FunctionFS: the kernel does the enumeration with our descriptors and hands us the endpoint as a file.
// Apart from the board, which knows blocks and no USB.
#include "usb.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/usb/ch9.h>
#include <linux/usb/functionfs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FULL_SPEED_PACKET = 64, HIGH_SPEED_PACKET = 512 };

struct function {
    struct usb_interface_descriptor interface;
    struct usb_endpoint_descriptor_no_audio stream;
} __attribute__((packed));

#define INTERFACE                                                                                   \
    {                                                                                               \
        .bLength = sizeof(struct usb_interface_descriptor), .bDescriptorType = USB_DT_INTERFACE,    \
        .bNumEndpoints = 1, .bInterfaceClass = WIRE_USB_CLASS,                                      \
        .bInterfaceSubClass = WIRE_USB_SUBCLASS, .bInterfaceProtocol = WIRE_USB_PROTOCOL,           \
        .iInterface = 1,                                                                            \
    }
#define STREAM(packet)                                                                                     \
    {                                                                                                      \
        .bLength = sizeof(struct usb_endpoint_descriptor_no_audio), .bDescriptorType = USB_DT_ENDPOINT,    \
        .bEndpointAddress = USB_DIR_IN | 1, .bmAttributes = USB_ENDPOINT_XFER_BULK,                        \
        .wMaxPacketSize = (packet),                                                                        \
    }

// Descriptors are little-endian, and so are the processors that this is for.
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "descriptors");

static const struct {
    struct usb_functionfs_descs_head_v2 head;
    __le32 full_count, high_count;
    struct function full, high;
} __attribute__((packed)) descriptors = {
    .head =
        {.magic = FUNCTIONFS_DESCRIPTORS_MAGIC_V2,
         .length = sizeof descriptors,
         .flags = FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC},
    .full_count = 2,
    .high_count = 2,
    .full = {INTERFACE, STREAM(FULL_SPEED_PACKET)},
    .high = {INTERFACE, STREAM(HIGH_SPEED_PACKET)},
};

static const struct {
    struct usb_functionfs_strings_head head;
    __le16 language;
    char interface[sizeof WIRE_USB_INTERFACE_NAME];
} __attribute__((packed)) strings = {
    .head = {.magic = FUNCTIONFS_STRINGS_MAGIC, .length = sizeof strings, .str_count = 1, .lang_count = 1},
    .language = 0x0409,
    .interface = WIRE_USB_INTERFACE_NAME,
};

bool usb_open(struct usb *usb, const char *folder, char *problem, size_t problem_bytes) {
    memset(usb, 0, sizeof *usb);
    usb->stream = -1;
    char path[256];
    snprintf(path, sizeof path, "%s/ep0", folder);
    usb->control = open(path, O_RDWR | O_CLOEXEC);
    bool written = usb->control >= 0 && write(usb->control, &descriptors, sizeof descriptors) == sizeof descriptors
                   && write(usb->control, &strings, sizeof strings) == sizeof strings;
    if (written) {
        // The endpoint's file is there only now. Reading from it is never meant, and halts it: faults.c does.
        snprintf(path, sizeof path, "%s/ep1", folder);
        usb->stream = open(path, O_RDWR | O_CLOEXEC);
    }
    if (usb->stream >= 0) return true;
    snprintf(
        problem, problem_bytes, "%s: %s; a FunctionFS should be mounted on %s, and its function not yet bound", path, strerror(errno), folder);
    return false;
}

/// A control transfer for our interface. What is no command is refused by a stall: FunctionFS makes one of an access in the wrong direction.
static enum usb_event take_setup(struct usb *usb, const struct usb_ctrlrequest *setup, uint8_t *command) {
    size_t length = setup->wLength;
    bool is_command = setup->bRequestType == WIRE_USB_REQUEST_TYPE && setup->bRequest == WIRE_USB_REQUEST_COMMAND;
    if (!is_command || length > WIRE_USB_COMMAND_BYTES) {
        ssize_t refused = setup->bRequestType & USB_DIR_IN ? read(usb->control, command, 0) : write(usb->control, command, 0);
        (void)refused;
        return USB_OTHER;
    }
    // Reading the data stage also acknowledges it. A host that gives up in between leaves us an error and no command.
    ssize_t got = read(usb->control, command, length);
    return got >= 0 && wire_is_block(command, (size_t)got) ? USB_COMMAND : USB_OTHER;
}

enum usb_event usb_wait(struct usb *usb, uint8_t command[WIRE_USB_COMMAND_BYTES]) {
    struct usb_functionfs_event event;
    ssize_t got;
    do got = read(usb->control, &event, sizeof event);
    while (got < 0 && errno == EINTR);
    if (got != sizeof event) return USB_FAILED;
    switch (event.type) {
    case FUNCTIONFS_ENABLE: return USB_ENABLED;
    case FUNCTIONFS_DISABLE:
    case FUNCTIONFS_UNBIND: return USB_DISABLED;
    case FUNCTIONFS_SETUP: return take_setup(usb, &event.u.setup, command);
    default: return USB_OTHER;
    }
}

bool usb_send(struct usb *usb, const void *bytes, size_t count) {
    ssize_t taken;
    // While there is no connection the kernel holds us here.
    do taken = write(usb->stream, bytes, count);
    while (taken < 0 && errno == EINTR);
    if (taken == (ssize_t)count) {
        usb->transfers++;
        usb->bytes += count;
        return true;
    }
    usb->broken++;
    return false;
}
