/* test_reward.c - the reward table of METHOD (MODEL.md): every mode, every combination of parts. */
#include "test.h"

#include <math.h>

#include "reward/reward.h"

static void every_combination_gives_the_documented_sum(void **state) {
    (void)state;
    const float t = 0.625f; /* exact in a float */
    for (int mode = 0; mode < 3; mode++)
        for (int f = 0; f <= 1; f++)
            for (int o = 0; o <= 1; o++) {
                struct pgr_reward r = {.format = (float)f, .outcome = (float)o, .thinking = NAN};
                bool wants = pgr_reward_wants_thinking((pgr_reward_mode)mode, &r);
                bool should = mode == PGR_REWARD_UNGATED || (mode == PGR_REWARD_P_GRPO && o == 1);
                assert_int_equal(wants, should);
                if (wants) r.thinking = t;
                pgr_reward_total((pgr_reward_mode)mode, &r);
                float want = (float)f + (float)o;
                if (mode == PGR_REWARD_UNGATED) want += t;
                if (mode == PGR_REWARD_P_GRPO) want += (float)o * t;
                if (r.total != want)
                    fail_msg("mode %d format %d outcome %d: got %g, want %g", mode, f, o, (double)r.total,
                             (double)want);
            }
}

static void a_left_out_sample_has_no_reward_and_is_never_scored(void **state) {
    (void)state;
    for (int mode = 0; mode < 3; mode++) {
        struct pgr_reward r = {.left_out = true, .format = 1, .outcome = 1, .thinking = NAN};
        assert_false(pgr_reward_wants_thinking((pgr_reward_mode)mode, &r));
        pgr_reward_total((pgr_reward_mode)mode, &r);
        assert_true(isnan(r.total)); /* never zero: zero would be a verdict */
    }
}

static void modes_parse_by_name(void **state) {
    (void)state;
    pgr_reward_mode m = PGR_REWARD_GRPO;
    assert_ok(pgr_reward_mode_parse("p-grpo", &m));
    assert_int_equal(m, PGR_REWARD_P_GRPO);
    assert_ok(pgr_reward_mode_parse("grpo", &m));
    assert_int_equal(m, PGR_REWARD_GRPO);
    assert_ok(pgr_reward_mode_parse("ungated", &m));
    assert_int_equal(m, PGR_REWARD_UNGATED);
    assert_fails_with(pgr_reward_mode_parse("pgrpo", &m), PGR_E_RANGE, "did you mean \"p-grpo\"?");
    assert_fails_with(pgr_reward_mode_parse("", &m), PGR_E_RANGE, "p-grpo, grpo, ungated");
    assert_int_equal(m, PGR_REWARD_UNGATED); /* untouched */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_gives_the_documented_sum),
        cmocka_unit_test(a_left_out_sample_has_no_reward_and_is_never_scored),
        cmocka_unit_test(modes_parse_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
