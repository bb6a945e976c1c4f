/* test_resume.c - checkpoints: a run that was killed, interrupted or out of disk ends with the bits of an unbroken one.
 */
#define _GNU_SOURCE
#include "test.h"

#include "train/run.h"

static void a_killed_run_resumes_with_the_same_bits(void **state) {
    (void)state;
    struct job whole = {.name = "whole", .set = {"eval_steps=3"}};
    expect(run(&whole), 0, "");
    struct job broken = {.name = "broken", .set = {"eval_steps=3"}, .flag = {"--resume"}};
    int kills = 0;
    for (int i = 0; i < 40; i++) {
        /* Moments spread over starting, sampling, updating, saving and evaluating. */
        static const char *const moment[] = {NULL,       "step=1/", "step=2/", "saved",  "resume",  "step=3/",
                                             "eval ste", "step=4/", "saved",   "resume", "step=5/", "step=6/"};
        size_t n = sizeof moment / sizeof *moment;
        broken.signal = (size_t)i < 2 * n ? SIGKILL : 0;
        broken.kill_when = moment[(size_t)i % n];
        broken.kill_after_ms = i * 7 % 19;
        struct outcome *o = run(&broken);
        if (o->exit_code == 0) break;
        if (o->exit_code > 0) fail_msg("the resumed run failed:\n%s", o->err);
        kills++;
    }
    assert_true(kills >= 2); /* how many strike home depends on how soon the signal follows its moment */
    assert_same_run("whole", "broken", 6);
}

static void an_interrupted_run_saves_and_exits_130(void **state) {
    (void)state;
    struct job whole = {.name = "quiet", .set = {"save_steps=0"}};
    expect(run(&whole), 0, "");
    struct job j = {.name = "ctrlc", .set = {"save_steps=0"}, .flag = {"--resume"}, .signal = SIGINT};
    static const char *const moment[] = {"step=2/", "step=3/", "step=5/"};
    for (size_t i = 0; i < 3; i++) {
        j.kill_when = moment[i];
        j.kill_after_ms = (int)i;
        struct outcome *o = run(&j);
        if (i == 0) expect(o, 130, "--resume goes on from");
        if (o->exit_code != 0) expect(o, 130, "interrupted");
    }
    j.signal = 0;
    expect(run(&j), 0, "");
    assert_same_file("quiet", "ctrlc", "model.safetensors");
    json_t *x = rows_of("quiet"), *y = rows_of("ctrlc");
    assert_true(json_equal(x, y));
    json_decref(x);
    json_decref(y);
}

static void every_kind_of_round_resumes_alike(void **state) {
    (void)state;
    /* Two updates a round gone through twice, a KL term, a bfloat16 model, recomputation, a window of three steps. */
    const char *set[] = {"generation_batch_size=64",
                         "num_iterations=2",
                         "beta=0.02",
                         "bf16=true",
                         "gradient_checkpointing=true",
                         "logging_steps=3",
                         "max_steps=12",
                         "save_steps=3",
                         "loss_type=bnpo",
                         "weight_decay=0.1",
                         "warmup_steps=2",
                         "lr_scheduler_type=cosine",
                         "scale_rewards=batch",
                         "save_total_limit=0"};
    struct job a = {.name = "rounds"}, b = {.name = "rounds2"};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) a.set[i] = b.set[i] = set[i];
    expect(run(&a), 0, "");
    json_t *rows = rows_of("rounds");
    assert_true(value(rows, 1, "kl") > 0);
    assert_true(value(rows, 0, "learning_rate") > 0);
    json_decref(rows);
    /* Checkpoints wait for the end of the round: after 4, 8 and 12 updates. */
    assert_true(has("rounds", "checkpoint-4") && has("rounds", "checkpoint-8") && has("rounds", "checkpoint-12"));
    assert_false(has("rounds", "checkpoint-3"));
    b.flag[0] = "--resume";
    for (int i = 0; i < 5; i++) {
        static const char *const moment[] = {"step=3/", "step=6/", "step=8/", "step=11/"};
        b.signal = i < 4 ? SIGKILL : 0;
        b.kill_when = i < 4 ? moment[i] : NULL;
        struct outcome *o = run(&b);
        if (i == 4) expect(o, 0, "");
    }
    assert_same_run("rounds", "rounds2", 12);
}

static void a_full_disk_stops_the_run_and_spares_the_last_checkpoint(void **state) {
    (void)state;
    struct job whole = {.name = "roomy"}, j = {.name = "full", .set = {"max_steps=2"}};
    expect(run(&whole), 0, "");
    expect(run(&j), 0, "");
    assert_true(has("full", "checkpoint-2/training_state.safetensors"));
    struct job more = {.name = "full", .flag = {"--resume"}, .max_file_bytes = 100000};
    expect(run(&more), 2, "cannot write");
    assert_true(has("full", "checkpoint-2/training_state.safetensors"));
    assert_false(has("full", "checkpoint-4"));
    more.max_file_bytes = 0;
    expect(run(&more), 0, "");
    assert_same_run("roomy", "full", 6);
}

static void old_checkpoints_go_and_a_folder_is_not_overwritten(void **state) {
    (void)state;
    struct job j = {.name = "prune", .set = {"save_steps=1", "save_total_limit=2", "max_steps=4"}};
    expect(run(&j), 0, "");
    assert_false(has("prune", "checkpoint-1") || has("prune", "checkpoint-2"));
    assert_true(has("prune", "checkpoint-3") && has("prune", "checkpoint-4"));
    expect(run(&j), 2, "holds checkpoint-4: --resume goes on from it");
    /* A finished run resumes to the same end. */
    j.flag[0] = "--resume";
    expect(run(&j), 0, "steps_left=0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_run_resumes_with_the_same_bits),
        cmocka_unit_test(an_interrupted_run_saves_and_exits_130),
        cmocka_unit_test(every_kind_of_round_resumes_alike),
        cmocka_unit_test(a_full_disk_stops_the_run_and_spares_the_last_checkpoint),
        cmocka_unit_test(old_checkpoints_go_and_a_folder_is_not_overwritten),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
