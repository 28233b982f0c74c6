/* A USB HID POS scanner through libusb. Transfers are always under way, so that nothing waits in the scanner; their reports
 * go through a ring that `read` empties. libusb's descriptors are gathered in one epoll descriptor. The context lives from
 * plugging in to unplugging: nothing of a device that has gone is left over. */
#include "platform/linux/discover.h"
#include "platform/linux/hidpos_report.h"
#include "platform/scanner.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libusb-1.0/libusb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
    TRANSFERS = 4,
    REPORTS_MAX = 64, /* read and not yet taken; then the bus waits */
    STALLS_MAX = 8,   /* in a row, and the device is given up until it is plugged in again */
    HANDLE_MAX_MS = 20,
    COMMAND_MS = 200,
    MS_PER_S = 1000,
    NS_PER_MS = 1000000
};

struct report {
    int64_t at_ms;
    size_t len;
    bool broken; /* no report: one was lost here */
};

struct hidpos {
    struct scanner base;
    enum scanner_state state;
    int64_t lost; /* with connections that have ended */
    struct discover_wait wait;
    int epoll_fd, usb_fd;
    libusb_context *usb;
    libusb_device_handle *handle;
    struct device device;
    bool claimed, gone;
    int endpoint_in, endpoint_out, stalls;
    bool failed;         /* a report was lost, nobody knows which part of what */
    bool settled;        /* has been quiet since it was plugged in, or sent something */
    bool halted;         /* the endpoint is to be cleared */
    size_t size;         /* of a transfer: whole packets */
    int flying, sending; /* transfers under way: reports, commands */
    struct libusb_transfer *transfers[TRANSFERS];
    bool in_flight[TRANSFERS];
    int first, count; /* of the ring */
    struct report reports[REPORTS_MAX];
    uint8_t *bytes; /* REPORTS_MAX times size */
    struct hidpos_reader reader;
};

static struct hidpos *self(struct scanner *scanner)
{
    assert(scanner->class == &scanner_hidpos);
    return (struct hidpos *)scanner;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

/* ---- descriptors ---- */

static void LIBUSB_CALL on_fd_added(int fd, short events, void *context)
{
    const struct hidpos *hidpos = context;
    struct epoll_event event = {.events = (events & POLLIN ? EPOLLIN : 0u) | (events & POLLOUT ? EPOLLOUT : 0u),
                                .data.fd = fd};
    epoll_ctl(hidpos->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void LIBUSB_CALL on_fd_removed(int fd, void *context)
{
    const struct hidpos *hidpos = context;
    epoll_ctl(hidpos->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static void watch_fds(struct hidpos *hidpos)
{
    const struct libusb_pollfd **fds = libusb_get_pollfds(hidpos->usb);
    for (size_t i = 0; fds && fds[i]; i++)
        on_fd_added(fds[i]->fd, fds[i]->events, hidpos);
    libusb_free_pollfds(fds);
    libusb_set_pollfd_notifiers(hidpos->usb, on_fd_added, on_fd_removed, hidpos);
}

/* ---- transfers ---- */

static void LIBUSB_CALL on_transfer(struct libusb_transfer *transfer);

/* As many as the ring has room for: a full one leaves the reports in the scanner. */
static void submit(struct hidpos *hidpos)
{
    for (int i = 0; i < TRANSFERS && !hidpos->gone && !hidpos->halted; i++) {
        if (hidpos->in_flight[i] || hidpos->count + hidpos->flying >= REPORTS_MAX)
            continue;
        int result = libusb_submit_transfer(hidpos->transfers[i]);
        if (result == LIBUSB_SUCCESS) {
            hidpos->in_flight[i] = true;
            hidpos->flying++;
        } else {
            hidpos->gone = true;
        }
    }
}

static void put_report(struct hidpos *hidpos, const uint8_t *bytes, size_t len, bool broken)
{
    assert(hidpos->count < REPORTS_MAX);
    int at = (hidpos->first + hidpos->count++) % REPORTS_MAX;
    hidpos->reports[at] = (struct report){.at_ms = now_ms(), .len = len, .broken = broken};
    if (len > 0)
        memcpy(hidpos->bytes + (size_t)at * hidpos->size, bytes, len);
}

static void LIBUSB_CALL on_transfer(struct libusb_transfer *transfer)
{
    struct hidpos *hidpos = transfer->user_data;
    for (int i = 0; i < TRANSFERS; i++)
        if (hidpos->transfers[i] == transfer)
            hidpos->in_flight[i] = false;
    hidpos->flying--;
    switch (transfer->status) {
    case LIBUSB_TRANSFER_COMPLETED:
        hidpos->stalls = 0;
        if (!hidpos->failed) /* else what was before it is missing, and so this may be the rest of anything */
            put_report(hidpos, transfer->buffer, (size_t)transfer->actual_length, false);
        break;
    case LIBUSB_TRANSFER_STALL:
    case LIBUSB_TRANSFER_OVERFLOW:
    case LIBUSB_TRANSFER_TIMED_OUT:
        hidpos->halted = true;
        hidpos->gone = ++hidpos->stalls > STALLS_MAX || hidpos->gone;
        put_report(hidpos, NULL, 0, true);
        break;
    case LIBUSB_TRANSFER_ERROR: /* how an unplugged gadget shows; another try a moment later finds out */
        hidpos->failed = hidpos->gone = true;
        put_report(hidpos, NULL, 0, true);
        break;
    case LIBUSB_TRANSFER_NO_DEVICE: hidpos->gone = true; break;
    case LIBUSB_TRANSFER_CANCELLED: put_report(hidpos, NULL, 0, true); break; /* whatever else befell it meanwhile */
    }
}

static void cancel_all(struct hidpos *hidpos)
{
    for (int i = 0; i < TRANSFERS; i++)
        if (hidpos->in_flight[i])
            libusb_cancel_transfer(hidpos->transfers[i]);
}

/* What libusb has to do, without waiting. */
static void handle_events(struct hidpos *hidpos)
{
    struct timeval now = {0};
    bool halted = hidpos->halted;
    libusb_handle_events_timeout_completed(hidpos->usb, &now, NULL);
    if (hidpos->halted && !halted)
        cancel_all(hidpos); /* a halted endpoint is cleared with nothing under way */
    if (hidpos->halted && !hidpos->gone && hidpos->flying == 0) {
        hidpos->gone = libusb_clear_halt(hidpos->handle, (unsigned char)hidpos->endpoint_in) != LIBUSB_SUCCESS;
        hidpos->halted = false;
    }
    submit(hidpos);
}

/* ---- connecting ---- */

static void free_transfers(struct hidpos *hidpos)
{
    cancel_all(hidpos);
    struct timeval moment = {.tv_usec = HANDLE_MAX_MS * 1000};
    for (int64_t end = now_ms() + MS_PER_S; hidpos->flying + hidpos->sending > 0 && now_ms() < end;)
        libusb_handle_events_timeout_completed(hidpos->usb, &moment, NULL);
    for (int i = 0; i < TRANSFERS; i++) {
        if (hidpos->transfers[i] && !hidpos->in_flight[i]) { /* else the kernel may yet write to it: better leaked */
            free(hidpos->transfers[i]->buffer);
            libusb_free_transfer(hidpos->transfers[i]);
        }
        hidpos->transfers[i] = NULL;
        hidpos->in_flight[i] = false;
    }
    hidpos->flying = hidpos->sending = 0;
}

static void disconnect_usb(struct hidpos *hidpos, enum scanner_state state)
{
    if (hidpos->usb)
        free_transfers(hidpos);
    if (hidpos->handle) {
        libusb_release_interface(hidpos->handle, hidpos->device.interface); /* gives it back to the kernel's driver */
        libusb_close(hidpos->handle);
    }
    if (hidpos->usb)
        libusb_exit(hidpos->usb);
    if (hidpos->usb_fd >= 0)
        close(hidpos->usb_fd);
    hidpos->usb_fd = -1;
    if (hidpos->claimed)
        discover_release(&hidpos->device);
    hidpos->claimed = hidpos->gone = hidpos->failed = hidpos->halted = hidpos->settled = false;
    hidpos->handle = NULL;
    hidpos->usb = NULL;
    hidpos->stalls = hidpos->first = hidpos->count = 0;
    hidpos->lost += hidpos->reader.lost + (hidpos->reader.partial || hidpos->reader.has_lost);
    memset(&hidpos->reader, 0, sizeof hidpos->reader);
    free(hidpos->bytes);
    hidpos->bytes = NULL;
    hidpos->state = state;
}

static const struct {
    int result;
    enum scanner_state state;
} STATES[] = {
    {LIBUSB_SUCCESS, SCANNER_READY},   {LIBUSB_ERROR_ACCESS, SCANNER_DENIED},
    {LIBUSB_ERROR_BUSY, SCANNER_BUSY}, {LIBUSB_ERROR_NO_DEVICE, SCANNER_ABSENT},
    {LIBUSB_ERROR_IO, SCANNER_ABSENT}, {LIBUSB_ERROR_NOT_FOUND, SCANNER_ABSENT},
};

static enum scanner_state state_of(int result)
{
    for (size_t i = 0; i < sizeof STATES / sizeof STATES[0]; i++)
        if (STATES[i].result == result)
            return STATES[i].state;
    return SCANNER_FAILED;
}

/* libusb is not to look for itself: that would be thousands of system calls for each plugging in. */
static int open_node(struct hidpos *hidpos)
{
    hidpos->usb_fd = open(hidpos->device.node, O_RDWR | O_CLOEXEC);
    if (hidpos->usb_fd < 0)
        return errno == EACCES || errno == EPERM ? LIBUSB_ERROR_ACCESS : LIBUSB_ERROR_NO_DEVICE;
    return libusb_wrap_sys_device(hidpos->usb, hidpos->usb_fd, &hidpos->handle);
}

/* The interrupt endpoints of the interface. */
static int find_endpoints(struct hidpos *hidpos, size_t *ret_packet)
{
    struct libusb_config_descriptor *config;
    int result = libusb_get_active_config_descriptor(libusb_get_device(hidpos->handle), &config);
    if (result != LIBUSB_SUCCESS)
        return result;
    hidpos->endpoint_in = hidpos->endpoint_out = 0;
    for (int i = 0; i < config->bNumInterfaces; i++) {
        const struct libusb_interface_descriptor *one = config->interface[i].altsetting;
        if (config->interface[i].num_altsetting < 1 || one->bInterfaceNumber != hidpos->device.interface)
            continue;
        for (int k = 0; k < one->bNumEndpoints; k++) {
            const struct libusb_endpoint_descriptor *endpoint = &one->endpoint[k];
            if ((endpoint->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) != LIBUSB_TRANSFER_TYPE_INTERRUPT)
                continue;
            if (!(endpoint->bEndpointAddress & LIBUSB_ENDPOINT_IN)) {
                hidpos->endpoint_out = endpoint->bEndpointAddress;
            } else if (!hidpos->endpoint_in) {
                hidpos->endpoint_in = endpoint->bEndpointAddress;
                *ret_packet = endpoint->wMaxPacketSize & 0x7ff;
            }
        }
    }
    libusb_free_config_descriptor(config);
    return hidpos->endpoint_in && *ret_packet ? LIBUSB_SUCCESS : LIBUSB_ERROR_NOT_SUPPORTED;
}

/* A transfer holds whole packets: a report that does not fill them would otherwise overflow it. */
static int make_transfers(struct hidpos *hidpos, size_t packet)
{
    size_t longest = hidpos->reader.layout.report_max;
    hidpos->size = (longest + packet - 1) / packet * packet;
    hidpos->bytes = malloc(REPORTS_MAX * hidpos->size);
    if (!hidpos->bytes)
        return LIBUSB_ERROR_NO_MEM;
    for (int i = 0; i < TRANSFERS; i++) {
        uint8_t *buffer = malloc(hidpos->size);
        hidpos->transfers[i] = buffer ? libusb_alloc_transfer(0) : NULL;
        if (!hidpos->transfers[i]) {
            free(buffer);
            return LIBUSB_ERROR_NO_MEM;
        }
        libusb_fill_interrupt_transfer(hidpos->transfers[i], hidpos->handle, (unsigned char)hidpos->endpoint_in,
                                       buffer, (int)hidpos->size, on_transfer, hidpos, 0);
    }
    return LIBUSB_SUCCESS;
}

static int connect_device(struct hidpos *hidpos, const struct hidpos_layout *layout)
{
    size_t packet = 0;
    libusb_set_option(NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
    int result = libusb_init(&hidpos->usb);
    if (result != LIBUSB_SUCCESS) {
        hidpos->usb = NULL;
        return result;
    }
    result = open_node(hidpos);
    if (result == LIBUSB_SUCCESS)
        result = find_endpoints(hidpos, &packet);
    if (result == LIBUSB_SUCCESS) {
        libusb_set_auto_detach_kernel_driver(hidpos->handle, 1);
        result = libusb_claim_interface(hidpos->handle, hidpos->device.interface);
    }
    if (result == LIBUSB_SUCCESS) {
        hidpos_init(&hidpos->reader, layout, now_ms());
        result = make_transfers(hidpos, packet);
    }
    if (result == LIBUSB_SUCCESS) {
        watch_fds(hidpos);
        submit(hidpos);
        result = hidpos->gone ? LIBUSB_ERROR_NO_DEVICE : LIBUSB_SUCCESS;
    }
    return result;
}

/* With what discover_find said. */
static void connect_usb(struct hidpos *hidpos, enum rc rc)
{
    uint8_t descriptor[HID_DESCRIPTOR_MAX];
    struct hidpos_layout layout;
    if (rc == RC_OK)
        rc = hidpos_layout(descriptor, discover_descriptor(&hidpos->device, descriptor), hidpos->device.vid,
                           &layout) == RC_OK
                 ? RC_OK
                 : RC_BAD_INPUT;
    hidpos->state = rc == RC_OK ? SCANNER_READY : discover_state(rc);
    if (rc == RC_OK) {
        hidpos->claimed = discover_claim(&hidpos->device);
        int result = hidpos->claimed ? connect_device(hidpos, &layout) : LIBUSB_ERROR_BUSY;
        if (result != LIBUSB_SUCCESS)
            disconnect_usb(hidpos, state_of(result));
    }
    discover_tried(&hidpos->wait, hidpos->state, now_ms());
}

/* ---- the class ---- */

static enum rc hidpos_open(const struct scanner_options *options, struct scanner **ret_scanner)
{
    static const struct hotplug_kind kinds[] = {{"usb", "usb_interface"}, {NULL, NULL}};
    if (options->device[0] == '\0')
        return RC_BAD_INPUT;
    struct hidpos *hidpos = calloc(1, sizeof *hidpos);
    if (!hidpos)
        return RC_NOMEM;
    hidpos->base = (struct scanner){.class = &scanner_hidpos, .options = *options};
    hidpos->usb_fd = -1;
    hidpos->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (hidpos->epoll_fd < 0) {
        free(hidpos);
        return RC_IO;
    }
    hidpos->wait.news = hotplug_open(kinds);
    connect_usb(hidpos, discover_find(options, &hidpos->device));
    *ret_scanner = &hidpos->base;
    return RC_OK;
}

static void hidpos_close(struct scanner *scanner)
{
    if (!scanner)
        return;
    struct hidpos *hidpos = self(scanner);
    disconnect_usb(hidpos, SCANNER_ABSENT);
    hotplug_close(hidpos->wait.news);
    close(hidpos->epoll_fd);
    free(hidpos);
}

static int hidpos_fd(struct scanner *scanner)
{
    const struct hidpos *hidpos = self(scanner);
    return hidpos->usb ? hidpos->epoll_fd : hotplug_fd(hidpos->wait.news);
}

/* Just plugged in: the rest of a scan may come. */
static bool settling(struct hidpos *hidpos)
{
    if (!hidpos->usb)
        return false;
    hidpos->settled = hidpos->settled || !hidpos->reader.skipping || hidpos->reader.has_lost;
    return !hidpos->settled;
}

static int hidpos_timeout_ms(struct scanner *scanner)
{
    struct hidpos *hidpos = self(scanner);
    struct timeval next;
    if (!hidpos->usb)
        return discover_due_ms(&hidpos->wait, now_ms());
    if (hidpos->count > 0)
        return 0;
    int due_ms = hidpos_due_ms(&hidpos->reader, now_ms());
    if (due_ms >= 0)
        return due_ms;
    if (libusb_get_next_timeout(hidpos->usb, &next) == 1)
        return (int)(next.tv_sec * MS_PER_S + next.tv_usec / 1000);
    return -1;
}

static enum rc take_report(struct hidpos *hidpos, struct frame *ret_frame)
{
    const struct report *report = &hidpos->reports[hidpos->first];
    const uint8_t *bytes = hidpos->bytes + (size_t)hidpos->first * hidpos->size;
    hidpos->first = (hidpos->first + 1) % REPORTS_MAX;
    hidpos->count--;
    if (report->broken) {
        hidpos_broken(&hidpos->reader, report->at_ms);
        return RC_TIMEOUT;
    }
    if (hidpos_take(&hidpos->reader, bytes, report->len, report->at_ms) != HIDPOS_WHOLE)
        return RC_TIMEOUT;
    memcpy(ret_frame->bytes, hidpos->reader.bytes, hidpos->reader.len);
    ret_frame->len = hidpos->reader.len;
    ret_frame->truncated = hidpos->reader.truncated;
    return RC_OK;
}

static enum rc hidpos_read(struct scanner *scanner, struct frame *ret_frame)
{
    struct hidpos *hidpos = self(scanner);
    enum rc rc =
        hidpos->usb ? RC_TIMEOUT : discover_again(&hidpos->wait, &hidpos->base.options, now_ms(), &hidpos->device);
    if (rc != RC_TIMEOUT)
        connect_usb(hidpos, rc);
    if (!hidpos->usb)
        return RC_TIMEOUT;
    handle_events(hidpos);
    while (hidpos->count > 0)
        if (take_report(hidpos, ret_frame) == RC_OK) {
            submit(hidpos);
            return RC_OK;
        }
    if (hidpos->gone) { /* what was whole before it went has been taken */
        disconnect_usb(hidpos, SCANNER_ABSENT);
        discover_tried(&hidpos->wait, SCANNER_READY, now_ms());
        return RC_DISCONNECTED;
    }
    submit(hidpos);
    hidpos_pause(&hidpos->reader, now_ms());
    return RC_TIMEOUT;
}

static enum scanner_state hidpos_state(struct scanner *scanner)
{
    struct hidpos *hidpos = self(scanner);
    return settling(hidpos) ? SCANNER_ABSENT : hidpos->state;
}

static int64_t hidpos_lost(struct scanner *scanner)
{
    const struct hidpos *hidpos = self(scanner);
    return hidpos->lost + hidpos->reader.lost;
}

/* ---- commands ---- */

static void LIBUSB_CALL on_sent(struct libusb_transfer *transfer)
{
    struct hidpos *hidpos = transfer->user_data;
    hidpos->sending--; /* whether it arrived shows in what the scanner does; libusb frees it */
}

/* By the interrupt endpoint, or as HID's SET_REPORT. Not waited for. */
static enum rc send_command(struct hidpos *hidpos, const struct hidpos_command *command)
{
    enum { TO_INTERFACE = 0x21, SET_REPORT = 9, OUTPUT_REPORT = 2 << 8 };
    if (!hidpos->usb || command->len == 0)
        return RC_NOT_FOUND;
    size_t skip = hidpos->reader.layout.ids ? 0 : 1, len = command->len - skip;
    struct libusb_transfer *transfer = libusb_alloc_transfer(0);
    uint8_t *buffer = malloc(LIBUSB_CONTROL_SETUP_SIZE + HIDPOS_COMMAND_MAX);
    if (!transfer || !buffer) {
        libusb_free_transfer(transfer);
        free(buffer);
        return RC_NOMEM;
    }
    if (hidpos->endpoint_out) {
        memcpy(buffer, command->bytes + skip, len);
        libusb_fill_interrupt_transfer(transfer, hidpos->handle, (unsigned char)hidpos->endpoint_out, buffer,
                                       (int)len, on_sent, hidpos, COMMAND_MS);
    } else {
        libusb_fill_control_setup(buffer, TO_INTERFACE, SET_REPORT, (uint16_t)(OUTPUT_REPORT | command->bytes[0]),
                                  (uint16_t)hidpos->device.interface, (uint16_t)len);
        memcpy(buffer + LIBUSB_CONTROL_SETUP_SIZE, command->bytes + skip, len);
        libusb_fill_control_transfer(transfer, hidpos->handle, buffer, on_sent, hidpos, COMMAND_MS);
    }
    transfer->flags = LIBUSB_TRANSFER_FREE_BUFFER | LIBUSB_TRANSFER_FREE_TRANSFER;
    if (libusb_submit_transfer(transfer) == LIBUSB_SUCCESS) {
        hidpos->sending++;
        return RC_OK;
    }
    libusb_free_transfer(transfer);
    return RC_IO;
}

static enum rc hidpos_trigger(struct scanner *scanner, bool on)
{
    struct hidpos *hidpos = self(scanner);
    const struct hidpos_layout *layout = &hidpos->reader.layout;
    return send_command(hidpos, on ? &layout->trigger_on : &layout->trigger_off);
}

static enum rc hidpos_beep(struct scanner *scanner, bool good)
{
    struct hidpos *hidpos = self(scanner);
    const struct hidpos_layout *layout = &hidpos->reader.layout;
    return send_command(hidpos, good ? &layout->beep_good : &layout->beep_bad);
}

const struct scanner_class scanner_hidpos = {
    .name = "hid-pos",
    .open = hidpos_open,
    .close = hidpos_close,
    .fd = hidpos_fd,
    .timeout_ms = hidpos_timeout_ms,
    .read = hidpos_read,
    .state = hidpos_state,
    .lost = hidpos_lost,
    .trigger = hidpos_trigger,
    .beep = hidpos_beep,
};
