/* sandbox_check.c - pgrpo sandbox check: each guarantee, attacked. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/size.h"
#include "cli/sandbox.h"

/* A program prints what it could do and should not; so silence is what is expected of it, unless `prints` says else. */
struct attack {
    const char *guarantee, *how, *program;
    const char *prints;    /* NULL = nothing */
    unsigned verdicts;     /* bits of allowed verdicts; 0 = accepted only */
    bool needs_namespaces; /* no promise of tier 2 and 3 */
    bool needs_isolation;  /* no promise of tier 3 */
    bool calls;            /* tested by a call of f() that must return 1 */
};

#define V(name) (1u << PGR_V_##name)
#define TRY                                                                                                            \
    "import os, sys\n"                                                                                                 \
    "def attempt(name, f, *a):\n"                                                                                      \
    "    try: f(*a)\n"                                                                                                 \
    "    except (OSError, ValueError, MemoryError): return\n"                                                          \
    "    print('could', name)\n"

static const struct attack attacks[] = {
    {"honest programs run", "computed, and started a thread",
     "import threading, math\n"
     "t = threading.Thread(target=lambda: None); t.start(); t.join()\n"
     "print(math.comb(10, 5))\n",
     "252\n", 0, false, false, false},
    {"no files of the host", "opened /etc/passwd, /etc/hostname, /proc/1/environ, /root, /home and listed /",
     TRY
     "for p in ('/etc/passwd', '/etc/hostname', '/proc/1/environ', '/proc/self/environ', '/sys/kernel', '/root', "
     "'/home'):\n"
     "    attempt('see ' + p, os.listdir if os.path.isdir(p) else open, p)\n"
     "try: seen = set(os.listdir('/')) - {'usr', 'lib', 'lib64', 'bin', 'dev', 'sbx', 'tmp', 'opt', 'home', 'root'}\n"
     "except OSError: seen = ()\n"
     "for p in seen: print('could see /' + p)\n",
     NULL, 0, false, true, false},
    {"nothing can be written outside of the scratch folder", "wrote to /, the library, /dev, the cell's own files",
     TRY "for p in ('/x', os.__file__, os.path.dirname(os.__file__) + '/x.py', '/sbx/player.py', '/dev/x', "
         "'/var/tmp/x', '/dev/shm/x'):\n"
         "    attempt('write ' + p, open, p, 'a')\n",
     NULL, 0, false, true, false},
    {"the scratch folder is small, fresh and without programs", "wrote a file, 64 MiB, 1000 files and a shared object",
     TRY "import ctypes, glob, shutil\n"
         "open('x', 'w').write('y'); assert open('x').read() == 'y'; os.unlink('x')\n"
         "if os.listdir('/tmp'): print('could see', os.listdir('/tmp'))\n"
         "so = glob.glob(os.path.dirname(os.__file__) + '/lib-dynload/*.so')\n"
         "if so: shutil.copyfile(so[0], '/tmp/x.so'); attempt('map code', ctypes.CDLL, '/tmp/x.so'); "
         "os.unlink('/tmp/x.so')\n"
         "def many():\n    for i in range(1000): open('/tmp/f%d' % i, 'w').close()\n"
         "attempt('make 1000 files', many)\n"
         "def large():\n    with open('/tmp/large', 'wb') as f:\n        for i in range(64): f.write(bytes(1 << 20))\n"
         "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
         "attempt('write 64 MiB', large)\n",
     NULL, 0, true, true, false},
    {"no network and no sockets", "opened sockets of 7 families",
     TRY "import socket\n"
         "for family in (1, 2, 10, 16, 17, 38, 40): attempt('open a socket of family %d' % family, socket.socket, "
         "family, 3 if family in (16, 17) else 1)\n",
     NULL, 0, false, true, false},
    {"no new processes", "fork, vfork by subprocess, exec, posix_spawn",
     TRY "import subprocess\n"
         "def fork():\n    if os.fork() == 0: os._exit(0)\n"
         "attempt('fork', fork)\n"
         "attempt('start a process', subprocess.run, [sys.executable, '-c', ''])\n"
         "attempt('spawn', os.posix_spawn, sys.executable, [sys.executable, '-c', ''], {})\n"
         "attempt('exec', os.execv, sys.executable, [sys.executable, '-c', 'print(1)'])\n",
     NULL, 0, false, true, false},
    {"no signals to other processes", "kill of the parent, of pid 1, of all, of the process group",
     TRY "for pid in (os.getppid(), 1, -1, 0, -os.getpgrp()): attempt('signal %d' % pid, os.kill, pid, 0)\n", NULL, 0,
     false, true, false},
    {"no privileges", "setuid, setgroups, real-time scheduling, a higher priority",
     TRY "attempt('become root', os.setresuid, 0, 0, 0)\nattempt('change groups', os.setgroups, [0])\n"
         "attempt('change the schedule', os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))\n"
         "attempt('raise its priority', os.setpriority, os.PRIO_PROCESS, 0, -20)\n",
     NULL, 0, false, true, false},
    {"calls that no honest program makes end it", "ptrace",
     "import ctypes; ctypes.CDLL(None).ptrace(0, 0, 0, 0); print('could trace')", NULL, V(VIOLATION), false, true,
     false},
    {"no new namespaces", "unshare of user and mount namespaces",
     "import ctypes; ctypes.CDLL(None).unshare(0x10020000); print('could unshare')", NULL, V(VIOLATION), false, true,
     false},
    {"no locks on files that cells share", "a lease on the library's os.py, a memfd, System V memory",
     TRY "import fcntl, ctypes\n"
         "f = open(os.__file__)\n"
         "attempt('take a lease', fcntl.fcntl, f, fcntl.F_SETLEASE, fcntl.F_RDLCK)\n"
         "attempt('make a memfd', os.memfd_create, 'x')\n"
         "if ctypes.CDLL(None).shmget(0, 4096, 0o1600) != -1: print('could make shared memory')\n",
     NULL, 0, false, true, false},
    {"the environment of this process stays here", "looked for SHELL, USER, PGR_ and LD_ variables",
     "import os\nfor k in os.environ:\n    if k in ('SHELL', 'USER', 'PWD', 'LOGNAME') or k[:4] == 'PGR_' or k[:3] == "
     "'LD_': print('could see', k)\n",
     NULL, 0, false, false, false},
    {"CPU time is limited", "a loop, with a CPU limit of 1 s", "while 1: pass", NULL, V(TIME_LIMIT), false, false,
     false},
    {"time is limited", "a sleep of a minute, with a limit of 2 s", "import time; time.sleep(60)", NULL, V(TIME_LIMIT),
     false, false, false},
    {"memory is limited, and told apart", "2 GiB in one piece, with a limit of 1 GiB",
     "x = bytearray(2 << 30); print('could')", NULL, V(MEMORY_LIMIT), false, false, false},
    {"output is limited", "10 MiB to stdout, with a limit of 4 MiB", "for i in range(10240): print('x' * 1023)", NULL,
     V(OUTPUT_LIMIT), false, false, false},
    {"descriptors are limited", "opened 100 files",
     "n = 0\nf = []\ntry:\n    while n < 100: f.append(open('/dev/null')); n += 1\nexcept OSError: pass\nif n > 64: "
     "print('could open', n)\n",
     NULL, 0, false, false, false},
    {"threads are limited", "started 100 threads",
     "import threading, time\nn = 0\ntry:\n    while n < 100: threading.Thread(target=time.sleep, "
     "args=(0.2,)).start(); n += 1\n"
     "except RuntimeError: pass\nif n > 32: print('could start', n)\n",
     NULL, 0, true, true, false},
    {"an early exit is no pass", "os._exit(0) before the answer", "import os\ndef f(): os._exit(0)\n", NULL,
     V(RUNTIME_ERROR), false, false, true},
    {"an object equal to everything is no pass", "returned one",
     "class A:\n    __eq__ = lambda a, b: True\ndef f(): return A()\n", NULL, V(WRONG_ANSWER), false, false, true},
    {"a lookalike is no pass", "returned True and 1.0 where 1 is right", "def f(): return True\n", NULL,
     V(WRONG_ANSWER), false, false, true},
};

static pgr_err wait_result(struct pgr_sbx *s, struct pgr_sbx_result *r) {
    size_t n = 0;
    while (n == 0) {
        PGR_TRY(pgr_sbx_poll(s, r, 1, 1000, &n));
        if (pgr_stop_asked()) return pgr_fail(PGR_E_INTERRUPTED, "interrupted");
    }
    return PGR_OK;
}

static pgr_err try_one(struct pgr_sbx *s, const struct attack *a, const char **state, char *text, size_t n) {
    if (pgr_sbx_tier(s) == 3 && a->needs_isolation) { /* it would succeed, on this host */
        *state = "not held at this tier";
        snprintf(text, n, "not tried");
        return PGR_OK;
    }
    json_t *tests = a->calls ? json_pack("[{s:i}]", "expected", 1) : NULL;
    struct pgr_sbx_job job = {.kind = a->calls ? PGR_SBX_CALLS : PGR_SBX_RUN,
                              .program = a->program,
                              .program_bytes = strlen(a->program),
                              .entry_point = "f",
                              .tests = tests,
                              .limits = {.cpu_s = 1, .wall_s = 2}};
    struct pgr_sbx_result r;
    pgr_err err = pgr_sbx_submit(s, &job, 0);
    json_decref(tests);
    PGR_TRY(err);
    PGR_TRY(wait_result(s, &r));
    unsigned allowed = a->verdicts ? a->verdicts : V(ACCEPTED);
    bool said = a->verdicts == 0 && strcmp(r.out, a->prints ? a->prints : "") != 0;
    if (r.verdict == PGR_V_OUTPUT_LIMIT) said = false;
    bool held = (allowed >> r.verdict & 1) && !said;
    int tier = pgr_sbx_tier(s);
    bool promised = !(a->needs_namespaces && tier > 1) && !(a->needs_isolation && tier > 2);
    *state = held ? "held" : promised ? "FAILED" : "not held at this tier";
    if (held)
        snprintf(text, n, "%s", pgr_verdict_name(r.verdict));
    else
        snprintf(text, n, "%s%s%s%s%.*s", pgr_verdict_name(r.verdict), r.detail ? ": " : "", r.detail ? r.detail : "",
                 said ? ": " : "", (int)strcspn(r.out, "\n"), r.out);
    pgr_sbx_result_free(&r);
    return PGR_OK;
}

static pgr_err check(struct pgr_sbx *s, bool json, size_t *n_failed, json_t *rows) {
    for (size_t i = 0; i < PGR_COUNT(attacks); i++) {
        const struct attack *a = &attacks[i];
        const char *state;
        char text[600];
        PGR_TRY(try_one(s, a, &state, text, sizeof text));
        *n_failed += strcmp(state, "FAILED") == 0;
        if (!json) printf("%-22s %s\n%22s tried: %s; got: %s\n", state, a->guarantee, "", a->how, text);
        json_array_append_new(rows, json_pack("{s:s,s:s,s:s,s:s}", "guarantee", a->guarantee, "state", state, "tried",
                                              a->how, "got", text));
    }
    return PGR_OK;
}

pgr_err pgr_sandbox_check(const struct pgr_sandbox_opts *o, int *exit_code) {
    struct pgr_sbx_cfg cfg;
    struct pgr_sbx *s;
    struct pgr_sbx_info info;
    size_t n_failed = 0;
    PGR_TRY(pgr_sandbox_opts_cfg(o, &cfg));
    cfg.n_cells = 1; /* so that each attack meets what the one before may have left */
    pgr_catch_signals();
    PGR_TRY(pgr_sbx_open(&cfg, &s));
    pgr_sbx_info(s, &info);
    static const char *const tiers[] = {"", "namespaces, seccomp, Landlock, limits",
                                        "no namespaces: seccomp, Landlock, limits", "NO ISOLATION: limits, and the system-call filter where it works"};
    if (!o->json) {
        printf("tier %d (%s)%s%s\n", info.tier, tiers[info.tier], info.weaker_since[0] ? "\nwhy not better: " : "",
               info.weaker_since);
        printf("interpreter %s, Landlock ABI %u\n", info.python, info.landlock_abi);
    }
    json_t *rows = json_array();
    pgr_err err = check(s, o->json, &n_failed, rows);
    if (err == PGR_OK && o->json)
        err = pgr_sandbox_print_json(json_pack("{s:i,s:s,s:s,s:i,s:I,s:O}", "tier", info.tier, "interpreter",
                                               info.python, "why_not_better", info.weaker_since, "landlock_abi",
                                               (int)info.landlock_abi, "failed", (json_int_t)n_failed, "guarantees",
                                               rows));
    if (err == PGR_OK && !o->json) printf("%zu of %zu failed\n", n_failed, PGR_COUNT(attacks));
    json_decref(rows);
    pgr_sbx_close(s);
    if (n_failed) *exit_code = 3;
    return err;
}
