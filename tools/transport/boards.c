// USB boards that do not exist, for tools/check-transport: umockdev shows them to libusb, orders on standard input say what they do.
// A process of its own, so that what is tested is the transport with an ordinary libusb, in its own address space.
//
// The first line that it prints is the folder for UMOCKDEV_DIR. Each order is answered by a line when it is done:
//
//     plug BOARD SERIAL [CLASS]      appears, as 1209:0001, with the protocol's interface, or another class
//     unplug BOARD                   disappears: what flies comes back as -ESHUTDOWN, and nothing works any more
//     lands BOARD STATUS HEX         the next transfer comes back with this status and these bytes
//     file BOARD PATH BYTES          so many bytes in each transfer, until the file is over
//     flies BOARD COUNT              waits until so many transfers fly and nothing waits to land
//     keep BOARD                     cancelled transfers never come back
//     busy BOARD | free BOARD        claiming the interface fails or works
//     refuse BOARD | accept BOARD    commands stall or are taken
//     hold BOARD | release BOARD     a command does not come back until it is released or discarded
//     log BOARD                      what was done to it
//
// What the board is sent is printed as `command BOARD HEX`.
#include <errno.h>
#include <glib.h>
#include <linux/ioctl.h>
#include <linux/usbdevice_fs.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <umockdev.h>
#include <unistd.h>

struct landing {
    int status;
    GBytes *bytes;
};

struct board {
    char node[64], path[64];
    UMockdevIoctlBase *handler;
    /// URBs as libusb gave them; what is to become of the next ones; those that were discarded.
    GQueue flying, landings, discarded;
    /// A command that has not been reaped.
    UMockdevIoctlData *command;
    bool gone, keeps, busy, refuses, halted, holds;
    unsigned claims, releases, halts;
};

static UMockdevTestbed *bed;
static struct board boards[10];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static bool done(UMockdevIoctlClient *client, int code) {
    umockdev_ioctl_client_complete(client, code == 0 ? 0 : -1, code);
    return true;
}

static struct usbdevfs_urb *urb_of(UMockdevIoctlData *data) { return (struct usbdevfs_urb *)data->data; }

/// Hands a URB back with its status and length.
static bool hand_back(UMockdevIoctlClient *client, UMockdevIoctlData *argument, UMockdevIoctlData *data, int status, int length) {
    urb_of(data)->status = status;
    urb_of(data)->actual_length = length;
    UMockdevIoctlData *place = umockdev_ioctl_data_resolve(argument, 0, sizeof(gpointer), NULL);
    umockdev_ioctl_data_set_ptr(place, 0, data);
    umockdev_ioctl_data_unref(place);
    done(client, 0);
    umockdev_ioctl_data_unref(data);
    return true;
}

/// The same with bytes, as many as there is room for.
static bool reap(UMockdevIoctlClient *client, UMockdevIoctlData *argument, UMockdevIoctlData *data, int status, GBytes *bytes) {
    gsize count = 0, room = (gsize)urb_of(data)->buffer_length;
    const guint8 *from = bytes == NULL ? NULL : g_bytes_get_data(bytes, &count);
    if (count > room) count = room;
    if (count > 0) {
        UMockdevIoctlData *buffer = umockdev_ioctl_data_resolve(data, G_STRUCT_OFFSET(struct usbdevfs_urb, buffer), room, NULL);
        umockdev_ioctl_data_update(buffer, 0, (guint8 *)from, (int)count);
        umockdev_ioctl_data_unref(buffer);
    }
    return hand_back(client, argument, data, status, (int)count);
}

static bool submitted(struct board *board, UMockdevIoctlClient *client, UMockdevIoctlData *argument) {
    if (board->gone) return done(client, ENODEV);
    UMockdevIoctlData *data = umockdev_ioctl_data_resolve(argument, 0, sizeof(struct usbdevfs_urb), NULL);
    struct usbdevfs_urb *urb = urb_of(data);
    UMockdevIoctlData *buffer =
        umockdev_ioctl_data_resolve(data, G_STRUCT_OFFSET(struct usbdevfs_urb, buffer), (gsize)urb->buffer_length, NULL);
    if (urb->type == USBDEVFS_URB_TYPE_CONTROL) {
        printf("command %d ", (int)(board - boards));
        for (int index = 0; index < urb->buffer_length; index++) printf("%02x", buffer->data[index]);
        printf("\n");
        board->command = data;
    } else {
        g_queue_push_tail(&board->flying, data);
    }
    umockdev_ioctl_data_unref(buffer);
    pthread_cond_broadcast(&changed);
    return done(client, 0);
}

static bool reaped(struct board *board, UMockdevIoctlClient *client, UMockdevIoctlData *argument) {
    if (board->command != NULL && !board->holds) {
        UMockdevIoctlData *data = board->command;
        board->command = NULL;
        int status = board->gone ? -ESHUTDOWN : board->refuses ? -EPIPE : 0;
        // Of a control transfer the kernel counts what came behind the setup.
        return hand_back(client, argument, data, status, status == 0 ? urb_of(data)->buffer_length - 8 : 0);
    }
    if (!g_queue_is_empty(&board->discarded) && !board->keeps)
        return reap(client, argument, g_queue_pop_head(&board->discarded), -ENOENT, NULL);
    if (g_queue_is_empty(&board->flying)) return done(client, board->gone ? ENODEV : EAGAIN);
    if (!g_queue_is_empty(&board->landings) && !board->halted) {
        struct landing *landing = g_queue_pop_head(&board->landings);
        board->halted = landing->status == -EPIPE;
        reap(client, argument, g_queue_pop_head(&board->flying), landing->status, landing->bytes);
        g_bytes_unref(landing->bytes);
        g_free(landing);
        pthread_cond_broadcast(&changed);
        return true;
    }
    if (board->gone) return reap(client, argument, g_queue_pop_head(&board->flying), -ESHUTDOWN, NULL);
    return done(client, EAGAIN);
}

static bool discarded(struct board *board, UMockdevIoctlClient *client, UMockdevIoctlData *argument) {
    if (board->command != NULL && board->command->client_addr == *(gulong *)argument->data) {
        g_queue_push_tail(&board->discarded, board->command);
        board->command = NULL;
        return done(client, 0);
    }
    for (GList *item = board->flying.head; item != NULL; item = item->next) {
        UMockdevIoctlData *data = item->data;
        if (data->client_addr != *(gulong *)argument->data) continue;
        g_queue_push_tail(&board->discarded, data);
        g_queue_delete_link(&board->flying, item);
        return done(client, 0);
    }
    return done(client, EINVAL);
}

static bool answered(struct board *board, UMockdevIoctlClient *client) {
    UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg(client);
    switch (umockdev_ioctl_client_get_request(client)) {
    case USBDEVFS_GET_CAPABILITIES: {
        UMockdevIoctlData *place = umockdev_ioctl_data_resolve(argument, 0, sizeof(guint32), NULL);
        *(guint32 *)place->data = USBDEVFS_CAP_BULK_CONTINUATION | USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
        umockdev_ioctl_data_unref(place);
        return done(client, 0);
    }
    case USBDEVFS_CLAIMINTERFACE:
    case USBDEVFS_DISCONNECT_CLAIM:
        if (!board->busy) board->claims++;
        return done(client, board->gone ? ENODEV : board->busy ? EBUSY : 0);
    case USBDEVFS_RELEASEINTERFACE: board->releases++; return done(client, board->gone ? ENODEV : 0);
    case USBDEVFS_CLEAR_HALT:
        board->halts++;
        board->halted = false;
        return done(client, board->gone ? ENODEV : 0);
    case USBDEVFS_SUBMITURB: return submitted(board, client, argument);
    case USBDEVFS_REAPURBNDELAY: return reaped(board, client, argument);
    case USBDEVFS_DISCARDURB: return discarded(board, client, argument);
    default: return false;
    }
}

static gboolean answer(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, struct board *board) {
    (void)handler;
    pthread_mutex_lock(&lock);
    gboolean known = answered(board, client);
    pthread_mutex_unlock(&lock);
    return known;
}

/// The board's place in the system and its descriptors, as umockdev reads them.
static void describe(const char *path, const char *node, unsigned number, const char *hex, const char *attributes) {
    char *text = g_strdup_printf(
        "P: %s\nN: %s\nE: SUBSYSTEM=usb\nE: DRIVER=usb\nE: BUSNUM=001\nE: DEVNUM=%03u\nE: DEVNAME=/dev/%s\nE: DEVTYPE=usb_device\n"
        "A: bConfigurationValue=1\\n\nA: busnum=1\\n\nA: devnum=%u\\n\nA: speed=480\\n\n%sH: descriptors=%s\n\n",
        path, node, number, node, number, attributes, hex);
    GError *error = NULL;
    if (!umockdev_testbed_add_from_string(bed, text, &error)) g_error("%s", error->message);
    g_free(text);
}

static void plug(struct board *board, const char *serial, const char *class) {
    unsigned number = (unsigned)(board - boards);
    snprintf(board->node, sizeof board->node, "bus/usb/001/%03u", number + 1);
    snprintf(board->path, sizeof board->path, "/devices/usb1/1-%u", number);
    char *node = g_strdup_printf("/dev/%s", board->node);
    if (board->handler == NULL) {
        board->handler = umockdev_ioctl_base_new();
        g_object_connect(board->handler, "signal-after::handle-ioctl", answer, board, NULL);
        umockdev_testbed_attach_ioctl(bed, node, board->handler, NULL);
    }
    board->gone = board->halted = false;
    // Device: USB 2.0, 1209:0001, one configuration. Configuration: one interface with one bulk input endpoint of 512 bytes.
    char *hex = g_strdup_printf("12010002000000400912010000010102030109021900010100803209040000""01%s0007058102000200", class);
    char *attributes = g_strdup_printf("A: manufacturer=Precordia\\n\nA: product=Test board\\n\nA: serial=%s\\n\n", serial);
    describe(board->path, board->node, number + 1, hex, attributes);
    char *whole = g_strdup_printf("/sys%s", board->path);
    umockdev_testbed_uevent(bed, whole, "add");
    g_free(whole);
    g_free(hex);
    g_free(attributes);
    g_free(node);
}

static void unplug(struct board *board) {
    pthread_mutex_lock(&lock);
    board->gone = true;
    pthread_mutex_unlock(&lock);
    char *whole = g_strdup_printf("/sys%s", board->path);
    umockdev_testbed_uevent(bed, whole, "remove");
    umockdev_testbed_remove_device(bed, whole);
    g_free(whole);
}

static void land(struct board *board, int status, GBytes *bytes) {
    struct landing *landing = g_new(struct landing, 1);
    *landing = (struct landing){status, bytes};
    g_queue_push_tail(&board->landings, landing);
}

static GBytes *bytes_of(const char *hex) {
    GByteArray *bytes = g_byte_array_new();
    for (unsigned byte; sscanf(hex, "%2x", &byte) == 1; hex += 2) g_byte_array_append(bytes, &(guint8){(guint8)byte}, 1);
    return g_byte_array_free_to_bytes(bytes);
}

static void land_file(struct board *board, const char *path, gsize each) {
    char *content;
    gsize count;
    if (!g_file_get_contents(path, &content, &count, NULL)) g_error("%s cannot be read", path);
    for (gsize at = 0; at < count; at += each) land(board, 0, g_bytes_new(content + at, MIN(each, count - at)));
    g_free(content);
}

static void obey(const char *line) {
    char order[16], a[4096] = "", b[9000] = "";
    unsigned number = 0;
    if (sscanf(line, "%15s %u %4095s %8999s", order, &number, a, b) < 2 || number >= G_N_ELEMENTS(boards)) g_error("no order: %s", line);
    struct board *board = &boards[number];
    if (strcmp(order, "plug") == 0) plug(board, a, b[0] ? b : "ff4501");
    if (strcmp(order, "unplug") == 0) unplug(board);
    pthread_mutex_lock(&lock);
    if (strcmp(order, "lands") == 0) land(board, atoi(a), bytes_of(b));
    if (strcmp(order, "file") == 0) land_file(board, a, (gsize)atoi(b));
    if (strcmp(order, "keep") == 0) board->keeps = true;
    if (strcmp(order, "busy") == 0 || strcmp(order, "free") == 0) board->busy = order[0] == 'b';
    if (strcmp(order, "refuse") == 0 || strcmp(order, "accept") == 0) board->refuses = order[0] == 'r';
    if (strcmp(order, "hold") == 0 || strcmp(order, "release") == 0) board->holds = order[0] == 'h';
    if (strcmp(order, "flies") == 0)
        while (g_queue_get_length(&board->flying) != (guint)atoi(a) || !g_queue_is_empty(&board->landings)) pthread_cond_wait(&changed, &lock);
    if (strcmp(order, "log") == 0)
        printf(
            "log {\"claims\":%u,\"releases\":%u,\"halts\":%u,\"flying\":%u,\"waiting\":%u}\n", board->claims, board->releases, board->halts,
            g_queue_get_length(&board->flying), g_queue_get_length(&board->landings));
    pthread_mutex_unlock(&lock);
    printf("done\n");
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 1 << 12);
    bed = umockdev_testbed_new();
    // Open to the user whom a test takes the rights from.
    char *root = umockdev_testbed_get_root_dir(bed);
    chmod(root, 0777);
    // The hub that the boards hang from.
    describe("/devices/usb1", "bus/usb/001/001", 1, "12010002090000406b1d020006010302010109021900010100e0000904000001090000000705810304000c", "");
    printf("%s\n", root);
    char line[16384];
    while (fgets(line, sizeof line, stdin) != NULL) obey(line);
    g_object_unref(bed);
    return 0;
}
