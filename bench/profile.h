/* profile.h - time by operation without instrumenting the library: the linker redirects calls of the functions below
 * (--wrap, see CMakeLists.txt) to profile.c, which measures and passes them on. One thread calls them. */
#ifndef PGR_BENCH_PROFILE_H
#define PGR_BENCH_PROFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "model/model.h"
#include "shared.h"

/* Seconds that the measurements count: wall time, or with --cpu (one thread only) processor time, which a busy machine
 * disturbs less. */
extern bool bench_cpu_clock;
double bench_now_s(void);

void profile_reset(void);
/* "profile_s": {"gemm forward": 1.2, ...}, seconds, largest first, with "other": what of total_s is outside. */
void profile_print(FILE *f, double total_s);

/* The model of a path, or, for NULL, random weights in the shape of Qwen2.5-Coder-0.5B. Exits with a message on
 * failure. */
struct pgr_model *bench_model(const char *path, bool train, bool tie);

#endif
