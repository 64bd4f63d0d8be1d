// Which USB devices speak the protocol. See the header.
#include "usb.h"

#if PRECORDIA_TRANSPORT_USB
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const usb_not_permitted =
    "may not be opened: this user has no right to %s. Copy packaging/70-precordia.rules to /etc/udev/rules.d, run `udevadm control --reload && "
    "udevadm trigger`, and join the group: `usermod -aG plugdev USER`, then log in again";

static bool is_ours(const struct libusb_interface_descriptor *interface) {
    return interface->bInterfaceClass == PRECORDIA_USB_CLASS && interface->bInterfaceSubClass == PRECORDIA_USB_SUBCLASS
        && interface->bInterfaceProtocol == PRECORDIA_USB_PROTOCOL;
}

static bool has_stream(const struct libusb_interface_descriptor *interface, struct usb_place *place) {
    for (int index = 0; index < interface->bNumEndpoints; index++) {
        const struct libusb_endpoint_descriptor *endpoint = &interface->endpoint[index];
        bool bulk = (endpoint->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) == LIBUSB_TRANSFER_TYPE_BULK;
        if (!bulk || (endpoint->bEndpointAddress & LIBUSB_ENDPOINT_DIR_MASK) != LIBUSB_ENDPOINT_IN) continue;
        *place = (struct usb_place){interface->bInterfaceNumber, interface->bAlternateSetting, endpoint->bEndpointAddress};
        return true;
    }
    return false;
}

bool usb_place_of(libusb_device *device, struct usb_place *place) {
    struct libusb_config_descriptor *configuration;
    if (libusb_get_active_config_descriptor(device, &configuration) != 0) return false;
    bool found = false;
    for (int index = 0; index < configuration->bNumInterfaces && !found; index++) {
        const struct libusb_interface *interface = &configuration->interface[index];
        for (int setting = 0; setting < interface->num_altsetting && !found; setting++)
            found = is_ours(&interface->altsetting[setting]) && has_stream(&interface->altsetting[setting], place);
    }
    libusb_free_config_descriptor(configuration);
    return found;
}

/// One line of what the kernel tells of a device; asking the device itself would need the right to open it, and would disturb a stream.
static void attribute(const char *folder, const char *name, char *text, size_t room) {
    char path[160];
    text[0] = '\0';
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    ssize_t count = read(descriptor, text, room - 1);
    close(descriptor);
    text[count > 0 ? count : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    for (char *byte = text; *byte != '\0'; byte++)
        if ((unsigned char)*byte < 0x20 || *byte == 0x7F) *byte = '?';
}

static int by_address(const void *a, const void *b) {
    libusb_device *const *first = a, *const *second = b;
    int buses = libusb_get_bus_number(*first) - libusb_get_bus_number(*second);
    return buses != 0 ? buses : libusb_get_device_address(*first) - libusb_get_device_address(*second);
}

ssize_t usb_list(libusb_context *context, libusb_device ***list) {
    ssize_t count = libusb_get_device_list(context, list);
    if (count > 0) qsort(*list, (size_t)count, sizeof **list, by_address);
    return count;
}

void usb_identity_of(libusb_device *device, struct usb_identity *identity) {
    memset(identity, 0, sizeof *identity);
    struct libusb_device_descriptor descriptor;
    if (libusb_get_device_descriptor(device, &descriptor) != 0) return;
    identity->vendor = descriptor.idVendor;
    identity->product_number = descriptor.idProduct;
    snprintf(identity->node, sizeof identity->node, "/dev/bus/usb/%03d/%03d", libusb_get_bus_number(device), libusb_get_device_address(device));
    uint8_t ports[8];
    int count = libusb_get_port_numbers(device, ports, sizeof ports);
    if (count <= 0) return;
    char folder[96];
    int length = snprintf(folder, sizeof folder, "/sys/bus/usb/devices/%d-%d", libusb_get_bus_number(device), ports[0]);
    for (int index = 1; index < count; index++) length += snprintf(folder + length, sizeof folder - (size_t)length, ".%d", ports[index]);
    attribute(folder, "manufacturer", identity->maker, sizeof identity->maker);
    attribute(folder, "product", identity->product, sizeof identity->product);
    attribute(folder, "serial", identity->serial, sizeof identity->serial);
}
#endif
