/* probe.h - finding out by doing what a cell holds against. */
#ifndef PGR_SBX_PROBE_H
#define PGR_SBX_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "sbx/cell.h"

enum pgr_probe { PGR_PROBE_WAIT, PGR_PROBE_READY, PGR_PROBE_FAILED };

/* Reads what a starting cell says, without waiting: READY makes it IDLE; FAILED fills `why`. */
enum pgr_probe pgr_probe_ready(struct pgr_cell *c, char *why, size_t n);

/* Waits until a starting cell is ready, then runs a program in it that reads host files, connects, forks and kills.
 * True when all of it was refused; else `why` says what was not. Blocks for at most limit_s twice. */
bool pgr_probe_cell(struct pgr_cell *c, int tier, double limit_s, char *why, size_t n);

/* " - what to do about it" when the host has a known restriction, else "". */
void pgr_probe_advice(char *text, size_t n);

#endif
