/* main.c - the table of commands, help, and how an error becomes one line and an exit code. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "cli/cli.h"

#define X(symbol) extern const struct pgr_command pgr_cmd_##symbol;
#include "cli/commands.def"
#undef X

static const struct pgr_command *const commands[] = {
#define X(symbol) &pgr_cmd_##symbol,
#include "cli/commands.def"
#undef X
    NULL};

static void print_help(void) {
    puts("pgrpo - post-trains code and math language models with Posterior-GRPO\n\n"
         "Usage: pgrpo COMMAND [OPTION ...]      pgrpo COMMAND --help      pgrpo --version\n");
    for (size_t i = 0; commands[i]; i++) printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    puts("\nResults go to stdout, everything else to stderr; --json makes the last line of stdout one JSON object.\n"
         "Exit codes: 0 done, 1 the machine or the program failed, 2 the input is at fault, 130 interrupted.\n\n"
         "Environment: PGR_THREADS threads to compute with (all processors); PGR_MEMORY_GB memory to plan with, where "
         "it\n"
         "should be less than there is; PGR_ISA ref, avx2, avx512, avx512bf16 or amx: no better instructions than "
         "these;\n"
         "PGR_LOG debug, info, warn or error; PGRPO_CACHE folder of fetched models and data (~/.cache/pgrpo).");
}

static const struct pgr_command *find(const char *name) {
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    return NULL;
}

static bool wants_help(int argc, char **argv) {
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_help();
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help();
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        pgr_print_version();
        return 0;
    }
    const struct pgr_command *c = find(argv[1]);
    if (!c) {
        const char *names[PGR_COUNT(commands)] = {NULL};
        size_t n = 0;
        for (; commands[n]; n++) names[n] = commands[n]->name;
        const char *near = pgr_nearest(argv[1], names, n);
        fprintf(stderr, "pgrpo: unknown command \"%s\"%s%s%s; see pgrpo --help\n", argv[1],
                near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
        return 2;
    }
    if (wants_help(argc - 1, argv + 1)) {
        fputs(c->help, stdout);
        return 0;
    }
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error, not a silent death */
    int exit_code = 0;
    pgr_err err = c->run(argc - 1, argv + 1, &exit_code);
    if (fflush(stdout) != 0 && err == PGR_OK) err = pgr_fail(PGR_E_IO, "cannot write to standard output");
    if (err == PGR_OK) return exit_code;
    fprintf(stderr, "pgrpo %s: %s\n", c->name, pgr_err_detail());
    return pgr_err_exit_code(err);
}
