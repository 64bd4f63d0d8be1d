// The list of devices that could be opened: USB by the protocol's interface, serial lines by what the kernel has.
// Apart from opening them, because listing must disturb nothing that is in use: no device is opened here.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "usb.h"

/// The list while it grows; `count` goes on where there is no room.
struct list {
    struct precordia_transport_device *devices;
    size_t room, count;
};

/// The next place, or null where there is no room.
static struct precordia_transport_device *next(struct list *list) {
    struct precordia_transport_device *device = list->count < list->room ? &list->devices[list->count] : NULL;
    list->count++;
    if (device != NULL) memset(device, 0, sizeof *device);
    return device;
}

#if PRECORDIA_TRANSPORT_USB
static void add_usb(struct list *list, libusb_device *candidate) {
    struct usb_place place;
    if (!usb_place_of(candidate, &place)) return;
    struct precordia_transport_device *device = next(list);
    if (device == NULL) return;
    struct usb_identity identity;
    usb_identity_of(candidate, &identity);
    device->recognised = true;
    device->permitted = access(identity.node, R_OK | W_OK) == 0;
    snprintf(
        device->source, sizeof device->source, "usb:%04x:%04x%s%s", (unsigned)identity.vendor, (unsigned)identity.product_number,
        identity.serial[0] ? ":" : "", identity.serial);
    int length = snprintf(device->words, sizeof device->words, "%s%s%s", identity.maker, identity.maker[0] ? " " : "", identity.product);
    if (device->permitted) return;
    length += snprintf(device->words + length, sizeof device->words - (size_t)length, "%s", length > 0 ? "; " : "");
    snprintf(device->words + length, sizeof device->words - (size_t)length, "may not be opened by this user: see packaging/70-precordia.rules");
}

static int list_usb(struct list *list, char *problem, size_t problem_bytes) {
    libusb_context *context;
    libusb_device **found;
    int code = libusb_init(&context);
    ssize_t count = code != 0 ? code : usb_list(context, &found);
    if (count < 0) snprintf(problem, problem_bytes, "USB devices cannot be listed, %s", libusb_error_name((int)count));
    for (ssize_t index = 0; index < count; index++) add_usb(list, found[index]);
    if (count >= 0) libusb_free_device_list(found, 1);
    if (code == 0) libusb_exit(context);
    return count < 0 ? -1 : 0;
}
#else
static int list_usb(struct list *list, char *problem, size_t problem_bytes) {
    (void)list, (void)problem, (void)problem_bytes;
    return 0;
}
#endif

/// The first line of a file below /sys/class/tty, empty if there is none.
static void attribute(const char *name, const char *what, char *text, size_t room) {
    char path[512];
    snprintf(path, sizeof path, "/sys/class/tty/%s/%s", name, what);
    text[0] = '\0';
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t count = read(file, text, room - 1);
    close(file);
    text[count > 0 ? count : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
}

/// Whether there is hardware behind a terminal: consoles have no device, and the ports of a board that were never built have the type 0.
static bool is_line(const char *name) {
    char path[512], type[16];
    snprintf(path, sizeof path, "/sys/class/tty/%s/device", name);
    if (name[0] == '.' || access(path, F_OK) != 0) return false;
    attribute(name, "type", type, sizeof type);
    return strcmp(type, "0") != 0;
}

static void add_line(struct list *list, const char *name) {
    struct precordia_transport_device *device = next(list);
    if (device == NULL) return;
    char maker[64], product[64], path[300];
    snprintf(path, sizeof path, "/dev/%s", name);
    snprintf(device->source, sizeof device->source, "serial:%.110s", path);
    // Of an adapter on USB; the terminal hangs below the interface or below the adapter's port.
    attribute(name, "device/../manufacturer", maker, sizeof maker);
    if (maker[0] == '\0') attribute(name, "device/../../manufacturer", maker, sizeof maker);
    attribute(name, "device/../product", product, sizeof product);
    if (product[0] == '\0') attribute(name, "device/../../product", product, sizeof product);
    device->permitted = access(path, R_OK | W_OK) == 0;
    const char *hindrance = device->permitted ? "" : "; may not be opened by this user: usermod -aG dialout USER, then log in again";
    if (maker[0] == '\0' && product[0] == '\0') snprintf(device->words, sizeof device->words, "serial line%s", hindrance);
    else snprintf(device->words, sizeof device->words, "%s%s%s%s", maker, maker[0] ? " " : "", product, hindrance);
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

long precordia_transport_devices(struct precordia_transport_device *devices, size_t room, char *problem, size_t problem_bytes) {
    struct list list = {devices, room, 0};
    if (list_usb(&list, problem, problem_bytes) != 0) return -1;
    struct dirent **names;
    int count = scandir("/sys/class/tty", &names, NULL, by_name);
    if (count < 0 && errno != ENOENT) {
        snprintf(problem, problem_bytes, "serial lines cannot be listed, %s", strerror(errno));
        return -1;
    }
    for (int index = 0; index < count; index++) {
        if (is_line(names[index]->d_name)) add_line(&list, names[index]->d_name);
        free(names[index]);
    }
    if (count >= 0) free(names);
    return (long)list.count;
}
