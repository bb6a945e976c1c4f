/* version.c - what this binary is and what it runs on. */
#include <curl/curl.h>
#include <jansson.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <seccomp.h>
#include <stdio.h>
#include <utf8proc.h>
#include <zlib.h>
#include <zstd.h>

#include "base/par.h"
#include "cli/cli.h"
#include "kern/cpu.h"

void pgr_print_version(void) {
    printf("pgrpo %s (%s), %s%s%s\n", PGR_VERSION, PGR_REVISION[0] ? PGR_REVISION : "no revision", PGR_BUILD,
           PGR_SANITIZERS[0] ? ", sanitizers " : "", PGR_SANITIZERS);
    printf("threads: %zu\n", pgr_par_threads());
    printf("kernels: %s (this machine has %s)\n", pgr_isa_name(pgr_isa()), pgr_isa_name(pgr_isa_best()));
    const struct scmp_version *s = seccomp_version();
    printf("libraries: jansson %s, pcre2 %d.%d, utf8proc %s, libseccomp %u.%u.%u, zlib %s, zstd %s, %s\n",
           JANSSON_VERSION, PCRE2_MAJOR, PCRE2_MINOR, utf8proc_version(), s->major, s->minor, s->micro, zlibVersion(),
           ZSTD_versionString(), curl_version());
}
