/* opts.c - options of commands. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "cli/cli.h"

static pgr_err unknown_option(const char *name, const struct pgr_opt *opts, size_t n_opts) {
    const char *names[64];
    size_t n = pgr_min(n_opts, 64);
    for (size_t i = 0; i < n; i++) names[i] = opts[i].name;
    const char *near = pgr_nearest(name, names, n);
    return near ? pgr_fail(PGR_E_USAGE, "unknown option --%s; did you mean --%s?", name, near)
                : pgr_fail(PGR_E_USAGE, "unknown option --%s; see --help", name);
}

static pgr_err out_of_range(const struct pgr_opt *o, const char *value) {
    if (o->max > 0)
        return pgr_fail(PGR_E_USAGE, "--%s is %s, must be between %.10g and %.10g", o->name, value, o->min, o->max);
    return pgr_fail(PGR_E_USAGE, "--%s is %s, must be at least %.10g", o->name, value, o->min);
}

static pgr_err set_value(const struct pgr_opt *o, const char *value) {
    char *end;
    if (o->kind == PGR_OPT_STR) {
        *(const char **)o->out = value;
    } else if (o->kind == PGR_OPT_LIST) {
        struct pgr_str_list *l = o->out;
        if (l->n == PGR_COUNT(l->item)) return pgr_fail(PGR_E_USAGE, "--%s given more than %zu times", o->name, l->n);
        l->item[l->n++] = value;
    } else if (o->kind == PGR_OPT_SIZE) {
        errno = 0;
        unsigned long long v = strtoull(value, &end, 10);
        if (errno || end == value || *end || value[0] == '-')
            return pgr_fail(PGR_E_USAGE, "--%s needs a whole number, got \"%s\"", o->name, value);
        if ((double)v < o->min || (o->max > 0 && (double)v > o->max)) return out_of_range(o, value);
        *(size_t *)o->out = (size_t)v;
    } else {
        double v = strtod(value, &end);
        if (end == value || *end || !isfinite(v))
            return pgr_fail(PGR_E_USAGE, "--%s needs a number, got \"%s\"", o->name, value);
        if (v < o->min || (o->max > 0 && v > o->max)) return out_of_range(o, value);
        *(double *)o->out = v;
    }
    return PGR_OK;
}

pgr_err pgr_opts_parse(int argc, char **argv, const struct pgr_opt *opts, size_t n_opts, size_t min_op, size_t max_op,
                       struct pgr_str_list *operands) {
    struct pgr_str_list ops = {.n = 0};
    bool ended = false;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (ended || strncmp(a, "--", 2) != 0) {
            if (!ended && a[0] == '-' && a[1] != '\0')
                return pgr_fail(PGR_E_USAGE, "unknown option %s; options start with --", a);
            if (ops.n == PGR_COUNT(ops.item)) return pgr_fail(PGR_E_USAGE, "more than %zu operands", ops.n);
            ops.item[ops.n++] = a;
            continue;
        }
        if (a[2] == '\0') {
            ended = true;
            continue;
        }
        char name[64];
        const char *eq = strchr(a, '=');
        size_t len = eq ? (size_t)(eq - a - 2) : strlen(a + 2);
        if (len >= sizeof name) return pgr_fail(PGR_E_USAGE, "unknown option %s", a);
        memcpy(name, a + 2, len);
        name[len] = '\0';
        const struct pgr_opt *o = NULL;
        for (size_t k = 0; k < n_opts; k++)
            if (strcmp(opts[k].name, name) == 0) o = &opts[k];
        if (!o) return unknown_option(name, opts, n_opts);
        if (o->kind == PGR_OPT_FLAG) {
            if (eq) return pgr_fail(PGR_E_USAGE, "--%s takes no value", name);
            *(bool *)o->out = true;
            continue;
        }
        if (!eq && i + 1 == argc) return pgr_fail(PGR_E_USAGE, "--%s needs a value", name);
        PGR_TRY(set_value(o, eq ? eq + 1 : argv[++i]));
    }
    if (ops.n < min_op || ops.n > max_op)
        return pgr_fail(PGR_E_USAGE, "%s: %zu operands given, %zu%s needed; see --help", argv[0], ops.n, min_op,
                        max_op > min_op ? " or more" : "");
    if (operands) *operands = ops;
    return PGR_OK;
}
