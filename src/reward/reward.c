/* reward.c - the sum of the parts, by mode. */
#include "reward/reward.h"

#include <math.h>
#include <string.h>

#include "base/near.h"
#include "base/size.h"

static const char *const names[] = {"p-grpo", "grpo", "ungated"};

pgr_err pgr_reward_mode_parse(const char *name, pgr_reward_mode *out) {
    for (size_t i = 0; i < PGR_COUNT(names); i++) {
        if (strcmp(name, names[i]) != 0) continue;
        *out = (pgr_reward_mode)i;
        return PGR_OK;
    }
    const char *near = pgr_nearest(name, names, PGR_COUNT(names));
    return pgr_fail(PGR_E_RANGE, "reward mode \"%s\" is not one of p-grpo, grpo, ungated%s%s%s", name,
                    near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

bool pgr_reward_wants_thinking(pgr_reward_mode mode, const struct pgr_reward *r) {
    if (r->left_out) return false;
    switch (mode) {
    case PGR_REWARD_P_GRPO: return r->outcome > 0; /* posterior: only what passed is scored */
    case PGR_REWARD_UNGATED: return true;
    case PGR_REWARD_GRPO: return false;
    }
    return false;
}

void pgr_reward_total(pgr_reward_mode mode, struct pgr_reward *r) {
    if (r->left_out) {
        r->total = NAN;
        return;
    }
    r->total = r->format + r->outcome;
    if (!pgr_reward_wants_thinking(mode, r)) return;
    r->total += mode == PGR_REWARD_P_GRPO ? r->outcome * r->thinking : r->thinking;
}
