/* signals.c - an orderly end on SIGINT and SIGTERM. */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

#include "cli/cli.h"

static volatile sig_atomic_t asked;

static void on_signal(int sig) {
    if (asked) _exit(128 + sig);
    asked = 1;
}

void pgr_catch_signals(void) {
    struct sigaction a = {.sa_handler = on_signal};
    sigemptyset(&a.sa_mask);
    a.sa_flags = SA_RESTART;
    sigaction(SIGINT, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool pgr_stop_asked(void) { return asked != 0; }
