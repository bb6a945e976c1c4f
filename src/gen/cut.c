/* cut.c - top-k, top-p and min-p on one row, by selection instead of sorting. */
#include "gen/cut.h"

#include <math.h>
#include <string.h>

#include "base/size.h"

float pgr_row_peak(const struct pgr_row *r) {
    float m = r->state[0].peak;
    for (size_t b = 1; b < r->n_block; b++) m = fmaxf(m, r->state[b].peak);
    return m;
}

double pgr_row_mass(const struct pgr_row *r, float peak) {
    double z = 0;
    for (size_t b = 0; b < r->n_block; b++) z += (double)r->state[b].sum * exp((double)r->state[b].peak - (double)peak);
    return z;
}

double pgr_cand_mass(const struct pgr_cand *c, size_t n) {
    double z = 0;
    for (size_t i = 0; i < n; i++) z += (double)c[i].e;
    return z;
}

/* Tokens with l >= floor, ids rising. */
static size_t collect(const struct pgr_row *r, float peak, float floor, struct pgr_cand *out) {
    size_t n = 0;
    for (size_t b = 0; b < r->n_block; b++) {
        if (r->state[b].peak < floor) continue;
        size_t end = pgr_min((b + 1) * PGR_OPS_VOCAB, r->n_vocab);
        for (size_t j = b * PGR_OPS_VOCAB; j < end; j++) {
            float l = r->scale * r->x[j];
            if (l >= floor) out[n++] = (struct pgr_cand){l, expf(l - peak), (int32_t)j};
        }
    }
    return n;
}

/* Order of the cut-offs: the most probable first, the lower id of equals. */
static bool comes_before(const struct pgr_cand *a, const struct pgr_cand *b) {
    return a->l > b->l || (a->l == b->l && a->id < b->id);
}

static void sort_few(struct pgr_cand *c, size_t n) {
    for (size_t i = 1; i < n; i++) {
        struct pgr_cand x = c[i];
        size_t k = i;
        for (; k > 0 && comes_before(&x, &c[k - 1]); k--) c[k] = c[k - 1];
        c[k] = x;
    }
}

static double weight(const struct pgr_cand *c, bool count) { return count ? 1.0 : (double)c->e; }

/* In that order, the last of c[n] that stays when each stays whose predecessors weigh less than `target` together;
 * weight is the probability, or 1 each (count). Without sorting: bins over the range of l, then the same within the bin
 * where the target is reached, until few are left. part[n] is scratch. */
static struct pgr_cand last_within(const struct pgr_cand *c, size_t n, bool count, double target,
                                   struct pgr_cand *part) {
    enum { BINS = 256, FEW = 48 };
    double above = 0;
    const struct pgr_cand *in = c;
    for (;;) {
        float top = in[0].l, low = in[0].l;
        for (size_t i = 1; i < n; i++) top = fmaxf(top, in[i].l), low = fminf(low, in[i].l);
        float per_nat = (float)(BINS - 1) / (top - low);
        if (n <= FEW || !(top > low) || !isfinite(per_nat)) break;
        double sum[BINS] = {0};
        size_t held[BINS] = {0}, bin, last = 0, k = 0;
        for (size_t i = 0; i < n; i++) {
            bin = (size_t)((top - in[i].l) * per_nat);
            sum[bin] += weight(&in[i], count);
            held[bin]++;
        }
        for (bin = 0; bin < BINS; bin++) {
            if (!held[bin]) continue;
            last = bin;
            if (above + sum[bin] >= target) break;
            above += sum[bin];
        }
        if (bin == BINS) above -= sum[last]; /* all stay: the last one is in the last bin that holds any */
        for (size_t i = 0; i < n; i++)
            if ((size_t)((top - in[i].l) * per_nat) == last) part[k++] = in[i];
        in = part;
        n = k;
    }
    if (in == c) memcpy(part, c, n * sizeof *c);
    if (n <= FEW) sort_few(part, n); /* else all are equal, and in order of their ids */
    size_t k = 0;
    for (; k < n && (k == 0 || above < target); k++) above += weight(&part[k], count);
    return part[k - 1];
}

/* Keeps what does not come after `last`; returns the number. */
static size_t keep_until(struct pgr_cand *c, size_t n, struct pgr_cand last) {
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (!comes_before(&last, &c[i])) c[k++] = c[i];
    return k;
}

/* The k-th highest of the blocks' peaks: at least k tokens lie at or above it. */
static float block_peak(const struct pgr_row *r, size_t k, struct pgr_cand *cand, struct pgr_cand *part) {
    for (size_t b = 0; b < r->n_block; b++) cand[b] = (struct pgr_cand){r->state[b].peak, 0, (int32_t)b};
    return last_within(cand, r->n_block, true, (double)k, part).l;
}

size_t pgr_row_cut(const struct pgr_row *r, const struct pgr_sampling *how, struct pgr_cand *cand,
                   struct pgr_cand *part) {
    size_t top_k = how->top_k < r->n_vocab ? how->top_k : 0;
    double top_p = (double)how->top_p;
    bool by_mass = how->top_p < 1.0f;
    float peak = pgr_row_peak(r);
    double mass = by_mass ? pgr_row_mass(r, peak) : 0;

    /* Few tokens matter, and most blocks hold none of them: look near the peak first, further down when that was not
     * enough. The result does not depend on where the search stops. Nothing below the floor of min-p can stay, but
     * top-p after top-k needs the mass of all k. */
    static const float depth[] = {8.0f, 24.0f, INFINITY};
    float lowest = -INFINITY;
    if (how->min_p > 0.0f && !(top_k && by_mass)) lowest = peak + logf(how->min_p) - 1e-3f - 1e-6f * fabsf(peak);
    float k_blocks = top_k && top_k <= r->n_block ? block_peak(r, top_k, cand, part) : -INFINITY;
    size_t n = 0;
    for (size_t i = 0; i < PGR_COUNT(depth); i++) {
        float floor = fmaxf(fmaxf(peak - depth[i], k_blocks), lowest);
        n = collect(r, peak, floor, cand);
        if (floor <= lowest || floor <= k_blocks) break;
        if (top_k ? n >= top_k : by_mass && pgr_cand_mass(cand, n) > top_p * mass * (1 + 1e-6)) break;
    }
    if (top_k && top_k < n) {
        struct pgr_cand last = last_within(cand, n, true, (double)top_k, part);
        last.id = INT32_MAX; /* equals of the k-th stay */
        n = keep_until(cand, n, last);
    }
    if (by_mass) {
        if (top_k) mass = pgr_cand_mass(cand, n);
        n = keep_until(cand, n, last_within(cand, n, false, top_p * mass, part));
    }
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (cand[i].e >= how->min_p) cand[k++] = cand[i];
    return k;
}
