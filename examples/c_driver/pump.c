/* A pump's firmware: connects, publishes one reading with QoS 1, and waits for an order if it is told to.
 *
 *     pump [-w SECONDS]
 *
 * The module's port is MODEMLAB_PORT, the broker MODEMLAB_MQTT_HOST and MODEMLAB_MQTT_PORT. Exit status: 0 published,
 * 1 not, with the reason on stderr; 2 usage. */
#include "at.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The manual's maximum response times, in milliseconds: of a command, of a connection, of a packet with its repeats. */
enum { COMMAND = 5000, ACTIVATION = 150000, OPENING = 120000, PACKET = 25000, ATTEMPTS = 3 };
enum { OPENED, CONNECTED, SUBSCRIBED, PUBLISHED, CLOSED, STATUS };

static struct at_urc urcs[] = {
    [OPENED] = {.name = "+QMTOPEN", .least = 2, .most = 2},
    [CONNECTED] = {.name = "+QMTCONN", .least = 2, .most = 3},
    [SUBSCRIBED] = {.name = "+QMTSUB", .least = 3, .most = 4},
    [PUBLISHED] = {.name = "+QMTPUBEX", .least = 3, .most = 4},
    [CLOSED] = {.name = "+QMTDISC", .least = 2, .most = 2},
    [STATUS] = {.name = "+QMTSTAT", .least = 2, .most = 2},
    {.name = NULL},
};

static bool failed(const char *what)
{
    fprintf(stderr, "pump: %s\n", what);
    return false;
}

/* A command whose result is a URC: the command's OK first, then the URC's value at that place, which must be 0.
 * Where `packet`, a 1 there is a repeat, not an end. */
static bool done(struct at *at, const char *line, int urc, int place, bool packet, int timeout)
{
    at_expect(&urcs[urc]);
    if (at_command(at, line, COMMAND) != AT_OK)
        return false;
    do {
        if (at_wait(at, &urcs[urc], timeout) != AT_OK)
            return false;
        at_expect(&urcs[urc]);
    } while (packet && urcs[urc].values[place] == 1);
    return urcs[urc].values[place] == 0;
}

static bool ready(struct at *at)
{
    int tries = 10;
    while (at_command(at, "AT", 300) != AT_OK)
        if (--tries == 0)
            return failed("the module does not answer");
    if (at_command(at, "AT+CPIN?", COMMAND) != AT_OK || strcmp(at->info, "+CPIN: READY") != 0)
        return failed("the SIM is not ready");
    for (tries = 30;; sleep(1)) {
        int mode, state;
        if (at_command(at, "AT+CEREG?", COMMAND) == AT_OK && sscanf(at->info, "+CEREG: %d,%d", &mode, &state) == 2 &&
            (state == 1 || state == 5))
            break;
        if (--tries == 0)
            return failed("there is no network");
    }
    if (at_command(at, "AT+QIACT?", COMMAND) == AT_OK && strncmp(at->info, "+QIACT: 1,1", 11) == 0)
        return true;
    if (at_command(at, "AT+QIACT=1", ACTIVATION) != AT_OK)
        return failed("the PDP context cannot be activated");
    return true;
}

static bool connected(struct at *at, const char *host, const char *port)
{
    char line[AT_LINE];
    at_expect(&urcs[STATUS]);
    snprintf(line, sizeof line, "AT+QMTOPEN=0,\"%s\",%s", host, port);
    return at_command(at, "AT+QMTCFG=\"recv/mode\",0,0,1", COMMAND) == AT_OK && /* messages with their length */
           done(at, line, OPENED, 1, false, OPENING) &&
           done(at, "AT+QMTCONN=0,\"pump-7\"", CONNECTED, 1, true, PACKET) && urcs[CONNECTED].values[2] == 0 &&
           done(at, "AT+QMTSUB=0,1,\"pump/7/set\",1", SUBSCRIBED, 2, true, PACKET);
}

static bool published(struct at *at, const char *topic, const char *reading)
{
    char line[AT_LINE];
    snprintf(line, sizeof line, "AT+QMTPUBEX=0,2,1,0,\"%s\",%zu", topic, strlen(reading));
    at_expect(&urcs[PUBLISHED]);
    if (at_send(at, line, reading, strlen(reading), COMMAND) != AT_OK)
        return false;
    do { /* 1: the module has sent it again, and goes on */
        if (at_wait(at, &urcs[PUBLISHED], PACKET) != AT_OK)
            return false;
        at_expect(&urcs[PUBLISHED]);
    } while (urcs[PUBLISHED].values[2] == 1);
    return urcs[PUBLISHED].values[2] == 0;
}

static bool obeyed(struct at *at, int seconds)
{
    if (at_wait_message(at, seconds * 1000) != AT_OK)
        return failed("no order came");
    printf("%s:", at->message.topic);
    for (size_t i = 0; i < at->message.length; i++)
        printf(" %02x", at->message.payload[i]);
    printf("\n");
    return true;
}

int main(int argc, char **argv)
{
    const char *device = getenv("MODEMLAB_PORT"), *host = getenv("MODEMLAB_MQTT_HOST");
    const char *port = getenv("MODEMLAB_MQTT_PORT");
    int seconds = argc == 3 && strcmp(argv[1], "-w") == 0 ? atoi(argv[2]) : 0;
    static struct at at;
    if ((argc != 1 && seconds <= 0) || device == NULL || host == NULL || port == NULL) {
        fprintf(stderr, "usage: pump [-w SECONDS], with MODEMLAB_PORT, MODEMLAB_MQTT_HOST and MODEMLAB_MQTT_PORT set\n");
        return 2;
    }
    if (!at_open(&at, device, urcs, &urcs[STATUS])) {
        perror(device);
        return 1;
    }
    bool good = ready(&at);
    for (int attempt = 1; good; attempt++) {
        if (connected(&at, host, port) && published(&at, "pump/7/state", "{\"rpm\":1200}"))
            break;
        if (attempt == ATTEMPTS)
            good = failed("the reading could not be published");
        else if (!urcs[STATUS].came) /* the link is there, or half of it: begin anew */
            at_command(&at, "AT+QMTCLOSE=0", COMMAND);
    }
    if (good && seconds > 0)
        good = obeyed(&at, seconds);
    if (good)
        good = done(&at, "AT+QMTDISC=0", CLOSED, 1, false, COMMAND) || failed("the link was not closed");
    at_close(&at);
    return good ? 0 : 1;
}
