/* reward.h - the reward of a completion: R = R_f + R_o + R_o * R_t (METHOD in MODEL.md).
 *
 *   R_f  1 if the completion has exactly the think/answer structure
 *   R_o  1 if the code passes all tests (math: the final answer is equivalent)
 *   R_t  sigmoid of the reward model's score of the reasoning, in [0, 1]; asked for only where the mode needs it */
#ifndef PGR_REWARD_REWARD_H
#define PGR_REWARD_REWARD_H

#include <stdbool.h>

#include "base/err.h"
#include "sbx/sbx.h"
#include "task/task.h"
#include "text/think.h"

typedef enum pgr_reward_mode { PGR_REWARD_P_GRPO, PGR_REWARD_GRPO, PGR_REWARD_UNGATED } pgr_reward_mode;
/* "p-grpo", "grpo", "ungated"; PGR_E_RANGE names the known ones. */
PGR_MUST_CHECK pgr_err pgr_reward_mode_parse(const char *name, pgr_reward_mode *out);

struct pgr_reward {
    bool left_out;                   /* infrastructure failure: no reward, the sample is not trained on */
    float format, outcome, thinking; /* thinking NAN where not scored */
    float total;
    pgr_verdict verdict; /* of the tests; ACCEPTED for a right math answer */
    bool ran;            /* there was code to run */
};

/* total from the parts; thinking must be set where pgr_reward_wants_thinking says so. */
bool pgr_reward_wants_thinking(pgr_reward_mode mode, const struct pgr_reward *r);
void pgr_reward_total(pgr_reward_mode mode, struct pgr_reward *r);

#endif
