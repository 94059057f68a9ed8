#define _DEFAULT_SOURCE
#include "at.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

bool at_open(struct at *at, const char *device, struct at_urc *urcs, struct at_urc *lost)
{
    struct termios line;
    memset(at, 0, sizeof *at);
    at->urcs = urcs;
    at->lost = lost;
    at->result = AT_OK;
    at->fd = open(device, O_RDWR | O_NOCTTY);
    if (at->fd < 0 || tcgetattr(at->fd, &line) < 0)
        return false;
    cfmakeraw(&line);
    cfsetspeed(&line, B115200);
    return tcsetattr(at->fd, TCSANOW, &line) == 0;
}

void at_close(struct at *at)
{
    close(at->fd);
}

/* Whether a line is that URC, whole: its name and nothing but numbers behind it, as many as it has. */
static bool is_urc(const char *line, const struct at_urc *urc, int *values)
{
    size_t length = strlen(urc->name);
    int count = 0;
    if (strncmp(line, urc->name, length) != 0)
        return false;
    line += length;
    if (*line == '\0')
        return urc->least == 0;
    if (line[0] != ':' || line[1] != ' ')
        return false;
    for (line++; count < urc->most; count++) {
        char *end;
        if (!isdigit((unsigned char)line[1]) && line[1] != '-')
            return false;
        values[count] = (int)strtol(line + 1, &end, 10);
        if (*end == '\0')
            return count + 1 >= urc->least;
        if (*end != ',')
            return false;
        line = end;
    }
    return false;
}

/* Whether a line is the head of a message, up to the quote ahead of its payload: +QMTRECV: 0,1,"topic",5," */
static bool is_message(const char *line, char *topic, size_t *length)
{
    static const char name[] = "+QMTRECV: ";
    const char *quote, *behind;
    char *end;
    if (strncmp(line, name, sizeof name - 1) != 0 || (quote = strchr(line, '"')) == NULL)
        return false;
    behind = strstr(quote + 1, "\",");
    if (behind == NULL || !isdigit((unsigned char)behind[2]))
        return false;
    *length = strtoul(behind + 2, &end, 10);
    if (strcmp(end, ",\"") != 0 || (size_t)(behind - quote - 1) >= AT_TOPIC)
        return false;
    memcpy(topic, quote + 1, (size_t)(behind - quote - 1));
    topic[behind - quote - 1] = '\0';
    return true;
}

static void take_line(struct at *at)
{
    int values[AT_VALUES] = {0};
    if (at->line[0] == '\0' || strcmp(at->line, "\"") == 0) /* the quote behind a payload */
        return;
    if (at->echo != NULL && strcmp(at->line, at->echo) == 0) {
        at->echo = NULL; /* once: what looks so later is none */
        return;
    }
    for (struct at_urc *urc = at->urcs; urc->name != NULL; urc++) {
        if (is_urc(at->line, urc, values)) {
            memcpy(urc->values, values, sizeof values);
            urc->came = true;
            return;
        }
    }
    if (at->result != AT_PENDING)
        return; /* a URC that this host does not know */
    if (strcmp(at->line, "OK") == 0)
        at->result = AT_OK;
    else if (strcmp(at->line, "ERROR") == 0 || strncmp(at->line, "+CME ERROR: ", 12) == 0)
        at->result = AT_ERROR;
    else
        strcpy(at->info, at->line);
}

static void take_byte(struct at *at, char byte)
{
    struct at_message *message = &at->message;
    if (at->left > 0) { /* payload: whatever it holds, it is no line */
        if (at->kept < AT_PAYLOAD)
            message->payload[at->kept++] = (unsigned char)byte;
        if (--at->left == 0) {
            message->length = at->kept;
            message->came = true;
        }
        return;
    }
    if (byte == '\n') {
        at->line[at->length] = '\0';
        if (!at->too_long)
            take_line(at);
        at->length = 0;
        at->too_long = false;
        return;
    }
    if (byte == '\r')
        return;
    if (at->length + 1 >= AT_LINE) {
        at->too_long = true;
        return;
    }
    at->line[at->length++] = byte;
    at->line[at->length] = '\0';
    if (byte == '>' && at->length == 1 && at->result == AT_PENDING) {
        at->prompted = true;
    } else if (byte == ' ' && at->prompted && strcmp(at->line, "> ") == 0) {
        at->length = 0;
    } else if (byte == '"' && is_message(at->line, message->topic, &at->left)) {
        at->length = at->kept = 0;
        message->came = at->left == 0;
        message->length = 0;
    }
}

/* Read what comes before `until`. */
static enum at_result take(struct at *at, long long until)
{
    struct pollfd poll_fd = {at->fd, POLLIN, 0};
    char bytes[256];
    long long left = until - now();
    ssize_t count;
    if (left <= 0)
        return AT_TIMEOUT;
    if (poll(&poll_fd, 1, (int)left) <= 0)
        return AT_OK; /* `until` is looked at again */
    count = read(at->fd, bytes, sizeof bytes);
    if (count < 0 && (errno == EINTR || errno == EAGAIN))
        return AT_OK;
    if (count <= 0)
        return AT_LOST;
    for (ssize_t i = 0; i < count; i++)
        take_byte(at, bytes[i]);
    return AT_OK;
}

static enum at_result put(struct at *at, const void *data, size_t length)
{
    const char *rest = data;
    while (length > 0) {
        ssize_t count = write(at->fd, rest, length);
        if (count < 0 && errno != EINTR)
            return AT_LOST;
        if (count > 0) {
            rest += count;
            length -= (size_t)count;
        }
    }
    return AT_OK;
}

enum at_result at_send(struct at *at, const char *line, const void *data, size_t length, int timeout)
{
    long long until = now() + timeout;
    bool sent = data == NULL;
    at->echo = line;
    at->info[0] = '\0';
    at->prompted = false;
    at->result = AT_PENDING;
    if (put(at, line, strlen(line)) != AT_OK || put(at, "\r", 1) != AT_OK)
        at->result = AT_LOST;
    while (at->result == AT_PENDING) {
        enum at_result taken = take(at, until);
        if (taken != AT_OK) {
            at->result = taken;
        } else if (at->prompted && !sent) {
            sent = true;
            if (put(at, data, length) != AT_OK)
                at->result = AT_LOST;
        }
    }
    at->echo = NULL;
    return at->result;
}

enum at_result at_command(struct at *at, const char *line, int timeout)
{
    return at_send(at, line, NULL, 0, timeout);
}

void at_expect(struct at_urc *urc)
{
    urc->came = false;
}

static enum at_result wait_for(struct at *at, const bool *came, int timeout)
{
    long long until = now() + timeout;
    while (!*came) {
        enum at_result taken;
        if (at->lost->came) /* it may have come with the OK already */
            return AT_LOST;
        taken = take(at, until);
        if (taken != AT_OK)
            return taken;
    }
    return AT_OK;
}

enum at_result at_wait(struct at *at, struct at_urc *urc, int timeout)
{
    return wait_for(at, &urc->came, timeout);
}

enum at_result at_wait_message(struct at *at, int timeout)
{
    return wait_for(at, &at->message.came, timeout);
}
