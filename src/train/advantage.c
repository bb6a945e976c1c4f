/* advantage.c - see advantage.h. Sums in double: a group is small. */
#include "train/advantage.h"

#include <math.h>

struct pgr_moments pgr_moments_of(const float *x, size_t n) {
    struct pgr_moments m = {NAN, NAN, 0};
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) sum += (double)x[i], m.n++;
    if (m.n == 0) return m;
    m.mean = sum / (double)m.n;
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) squares += ((double)x[i] - m.mean) * ((double)x[i] - m.mean);
    if (m.n > 1) m.std = sqrt(squares / (double)(m.n - 1));
    return m;
}

void pgr_advantages(enum pgr_scale_rewards scale, size_t n_group, size_t group, const float *reward, float *adv,
                    enum pgr_group_kind *kind) {
    struct pgr_moments all = pgr_moments_of(reward, n_group * group);
    for (size_t g = 0; g < n_group; g++) {
        const float *r = reward + g * group;
        struct pgr_moments own = pgr_moments_of(r, group);
        if (kind) kind[g] = own.n < 2 ? PGR_GROUP_TOO_SMALL : own.std <= 1e-8 ? PGR_GROUP_FLAT : PGR_GROUP_MIXED;
        for (size_t i = 0; i < group; i++) {
            double a = (double)r[i] - own.mean;
            if (scale != PGR_SCALE_NONE) a /= (scale == PGR_SCALE_GROUP ? own.std : all.std) + 1e-4;
            adv[g * group + i] = isnan(a) ? 0.0f : (float)a;
        }
    }
}
