/* screen.c - see screen.h. */
#define _GNU_SOURCE
#include "cli/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/size.h"

static const char enter[] = "\033[?1049h\033[?25l", leave[] = "\033[0m\033[?25h\033[?1049l";
static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static struct termios before;
static sigset_t mask_before;
static struct sigaction end_before[PGR_COUNT(ends)], fault_before[PGR_COUNT(faults)], resize_before, stop_before;
static volatile sig_atomic_t is_open, end_asked, resized;

static void put_back(void) {
    if (!is_open) return;
    is_open = 0;
    ssize_t n = write(STDOUT_FILENO, leave, sizeof leave - 1);
    (void)n;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

static void on_end(int sig) {
    (void)sig;
    end_asked = 1;
}
static void on_resize(int sig) {
    (void)sig;
    resized = 1;
}
static void on_fault(int sig) {
    put_back();
    signal(sig, SIG_DFL);
    raise(sig);
}

/* End and resize are let in only while the next key is waited for, so none is missed. */
static void catch_signals(void) {
    struct sigaction a = {.sa_handler = on_end};
    sigset_t held;
    sigemptyset(&a.sa_mask);
    sigemptyset(&held);
    for (size_t i = 0; i < PGR_COUNT(ends); i++) {
        sigaction(ends[i], &a, &end_before[i]);
        sigaddset(&held, ends[i]);
    }
    a.sa_handler = on_resize;
    sigaction(SIGWINCH, &a, &resize_before);
    sigaddset(&held, SIGWINCH);
    a.sa_handler = on_fault;
    for (size_t i = 0; i < PGR_COUNT(faults); i++) sigaction(faults[i], &a, &fault_before[i]);
    a.sa_handler = SIG_IGN; /* stopped in raw mode, the terminal could not be used */
    sigaction(SIGTSTP, &a, &stop_before);
    sigprocmask(SIG_BLOCK, &held, &mask_before);
}

static void release_signals(void) {
    for (size_t i = 0; i < PGR_COUNT(ends); i++) sigaction(ends[i], &end_before[i], NULL);
    for (size_t i = 0; i < PGR_COUNT(faults); i++) sigaction(faults[i], &fault_before[i], NULL);
    sigaction(SIGWINCH, &resize_before, NULL);
    sigaction(SIGTSTP, &stop_before, NULL);
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

pgr_err pgr_screen_open(void) {
    static bool at_exit;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0)
        return pgr_fail(PGR_E_USAGE, "standard input and output must be a terminal");
    struct termios raw = before;
    raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
    raw.c_oflag &= ~(tcflag_t)OPOST;
    raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (!at_exit && atexit(put_back) != 0) return pgr_fail(PGR_E_NOMEM, "out of memory");
    at_exit = true;
    end_asked = resized = 0;
    catch_signals();
    is_open = 1;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) != 0) {
        pgr_screen_close();
        return pgr_fail(PGR_E_SYS, "cannot set the terminal: %s", strerror(errno));
    }
    return pgr_screen_write(enter, sizeof enter - 1);
}

void pgr_screen_close(void) {
    if (!is_open) return;
    put_back();
    release_signals();
}

void pgr_screen_size(size_t *n_rows, size_t *n_cols) {
    struct winsize w;
    *n_rows = 24;
    *n_cols = 80;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_row == 0 || w.ws_col == 0) return;
    *n_rows = w.ws_row;
    *n_cols = w.ws_col;
}

pgr_err pgr_screen_write(const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t wrote = write(STDOUT_FILENO, bytes, n);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return pgr_fail(PGR_E_IO, "cannot write to the terminal: %s", strerror(errno));
        bytes += wrote;
        n -= (size_t)wrote;
    }
    return PGR_OK;
}

/* ---- keys ---- */

/* The next byte; -1 at the end, -2 when time is up, -3 when a signal came. timeout NULL: waits. */
static int next_byte(const struct timespec *timeout) {
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    unsigned char c;
    int n = ppoll(&p, 1, timeout, &mask_before);
    if (n < 0) return errno == EINTR ? -3 : -1;
    if (n == 0) return -2;
    return read(STDIN_FILENO, &c, 1) == 1 ? c : -1;
}

/* What stands behind an escape, which is a key of its own when nothing follows at once. */
static int escape_sequence(void) {
    static const struct timespec soon = {.tv_nsec = 50 * 1000 * 1000};
    int c = next_byte(&soon);
    if (c != '[' && c != 'O') return c < 0 ? PGR_KEY_ESCAPE : PGR_KEY_OTHER;
    int number = 0;
    while ((c = next_byte(&soon)) >= 0 && (c < '@' || c > '~'))
        if (c >= '0' && c <= '9') number = (number * 10 + c - '0') % 1000;
    switch (c) {
    case 'A': return PGR_KEY_UP;
    case 'B': return PGR_KEY_DOWN;
    case 'C': return PGR_KEY_RIGHT;
    case 'D': return PGR_KEY_LEFT;
    case '~': return number == 5 ? PGR_KEY_PAGE_UP : number == 6 ? PGR_KEY_PAGE_DOWN : PGR_KEY_OTHER;
    default: return PGR_KEY_OTHER;
    }
}

int pgr_screen_key(void) {
    for (;;) {
        if (end_asked) return PGR_KEY_END;
        if (resized) {
            resized = 0;
            return PGR_KEY_RESIZE;
        }
        int c = next_byte(NULL);
        if (c == -1 || c == 3 || c == 4) return PGR_KEY_END;
        if (c == -3) continue;
        if (c == '\n') return PGR_KEY_ENTER;
        if (c == 8) return PGR_KEY_BACKSPACE;
        return c == 27 ? escape_sequence() : c;
    }
}
