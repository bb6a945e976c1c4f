/* balance.c - see balance.h. */
#include "cli/balance.h"

#include <stdio.h>

#include "base/log.h"
#include "pref/contest.h"

static double share(const json_t *group, const char *rule) {
    const json_t *base = json_object_get(json_object_get(group, "baselines"), rule);
    return json_number_value(json_object_get(base, "accuracy"));
}

pgr_err pgr_balance_measure(const char *what, const char *path, size_t n_pair, uint64_t seed, double warn_words,
                            json_t **out) {
    struct pgr_contests c;
    if (n_pair == 0) {
        pgr_log(PGR_LOG_WARN, what, "pairs", "none: see the counts above");
        return PGR_OK;
    }
    PGR_TRY(pgr_contests_load(path, NULL, &c));
    pgr_err err = pgr_contests_result(&c, NULL, seed, out);
    pgr_contests_free(&c);
    if (err != PGR_OK) return err;
    double words = share(*out, "bag_of_words"), longer = share(*out, "longer");
    if (words > warn_words)
        pgr_log(PGR_LOG_WARN, what, "words",
                "a bag of words tells %.3f of the pairs apart, bound %.2f: a reward model may learn "
                "the words instead of the reasoning",
                words, warn_words);
    if (longer > 0.6 || longer < 0.4)
        pgr_log(PGR_LOG_WARN, what, "length",
                "the longer text is the better one in %.3f of the pairs; a smaller "
                "--length-band makes length tell less",
                longer);
    return PGR_OK;
}

static void print_groups(const json_t *balance, const char *key) {
    const char *name;
    json_t *g;
    json_object_foreach(json_object_get(balance, key), name, g)
        printf("  %-26s %5lld pairs  longer %.3f  words %.3f\n", name,
               (long long)json_integer_value(json_object_get(g, "n")), share(g, "longer"), share(g, "bag_of_words"));
}

void pgr_balance_print(const json_t *balance, const char *const *kinds) {
    if (!balance) return;
    printf(
        "balance: the longer text is the better one in %.3f, the shorter in %.3f of the pairs; words alone tell %.3f\n",
        share(balance, "longer"), share(balance, "shorter"), share(balance, "bag_of_words"));
    for (; *kinds; kinds++) print_groups(balance, *kinds);
}
