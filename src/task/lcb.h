/* lcb.h - what LiveCodeBench's harness puts before every program. */
#ifndef PGR_TASK_LCB_H
#define PGR_TASK_LCB_H

extern const char pgr_lcb_imports[];

#endif
