/* run_code.c - see run_code.h. */
#include "pref/run_code.h"

#include <string.h>

#include "task/program.h"

pgr_err pgr_run_code(struct pgr_sbx *sbx, const struct pgr_task *t, const char *code, double cpu_s, size_t memory_bytes,
                     uint64_t tag) {
    struct pgr_buf program = PGR_BUF_INIT;
    struct pgr_sbx_job job;
    const char *setup = NULL;
    pgr_err err = pgr_task_program(t, code, strlen(code), false, &program, &setup);
    if (err == PGR_OK) {
        pgr_task_job(t, pgr_buf_str(&program), program.len, &job);
        job.setup = setup;
        if (t->family && strcmp(t->family, "bigcodebench") == 0) job.same_process = true;
        if (cpu_s > 0) {
            job.limits.cpu_s = cpu_s;
            job.limits.wall_s = 0;
        }
        if (memory_bytes) job.limits.memory_bytes = memory_bytes;
        err = pgr_sbx_submit(sbx, &job, tag);
    }
    pgr_buf_free(&program);
    return err;
}
