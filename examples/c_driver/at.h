/* A host's end of a module's AT line: commands, their echo and results, URCs told by their shape, messages read by
 * their length. No heap, no threads; time-outs are in milliseconds and take the manual's maximum response times. */
#ifndef AT_H
#define AT_H

#include <stdbool.h>
#include <stddef.h>

enum { AT_LINE = 256, AT_TOPIC = 128, AT_PAYLOAD = 1500, AT_VALUES = 4 };

enum at_result { AT_OK, AT_ERROR, AT_TIMEOUT, AT_LOST, AT_PENDING };

/* A URC that the host knows: its name, and how many numbers stand behind it. A line of another shape is no such URC:
 * `+QMTOPEN: 0,0` is one of two numbers, `+QMTOPEN: 0,"broker",1883` answers AT+QMTOPEN? */
struct at_urc {
    const char *name;
    int least, most;
    int values[AT_VALUES];
    bool came;
};

struct at_message {
    char topic[AT_TOPIC];
    unsigned char payload[AT_PAYLOAD];
    size_t length;
    bool came;
};

struct at {
    int fd;
    struct at_urc *urcs; /* ends with one that has no name */
    struct at_urc *lost; /* the one among them that ends all waiting */
    char info[AT_LINE];  /* the latest line that answered a command */
    struct at_message message;
    /* what is being read */
    char line[AT_LINE];
    size_t length, left, kept;
    bool too_long;
    /* what is being waited for */
    const char *echo;
    enum at_result result;
    bool prompted;
};

/* Open a device, raw. Returns false with errno set. */
bool at_open(struct at *at, const char *device, struct at_urc *urcs, struct at_urc *lost);
void at_close(struct at *at);

/* Send a command line, without its CR, and wait for OK or an error. */
enum at_result at_command(struct at *at, const char *line, int timeout);

/* The same for a command that asks for data: they are sent once `>` has come. */
enum at_result at_send(struct at *at, const char *line, const void *data, size_t length, int timeout);

/* Forget that this URC came: to be called ahead of the command whose result it is. */
void at_expect(struct at_urc *urc);

/* Wait until the URC has come; AT_LOST when the link's end comes first. */
enum at_result at_wait(struct at *at, struct at_urc *urc, int timeout);

/* Wait until a message has come; `message.came` is to be cleared before the next. */
enum at_result at_wait_message(struct at *at, int timeout);

#endif
