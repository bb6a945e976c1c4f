/* run_report.c - see run_report.h. */
#include "eval/run_report.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"
#include "eval/run_page.h"
#include "eval/run_read.h"
#include "eval/svg.h"

static pgr_err nomem(void) { return pgr_fail(PGR_E_NOMEM, "out of memory for the report"); }

/* ---- curves ----------------------------------------------------------------------------------------------------- */

/* These first, in this order; what else the runs have follows in a part that opens on demand. */
static const char *const first[] = {"reward",
                                    "rewards/format/mean",
                                    "rewards/outcome/mean",
                                    "rewards/thinking/mean",
                                    "thinking/p50",
                                    "thinking/passed_mean",
                                    "thinking/failed_mean",
                                    "thinking/outcome_corr",
                                    "eval_pass@1",
                                    "eval_pass@1_greedy",
                                    "eval_rewards/format/mean",
                                    "hacking/alarm",
                                    "completions/mean_length",
                                    "completions/clipped_ratio",
                                    "entropy",
                                    "frac_reward_zero_std",
                                    "frac_groups_only_thinking",
                                    "loss",
                                    "accuracy",
                                    "eval_accuracy",
                                    "eval_loss",
                                    "grad_norm",
                                    "learning_rate",
                                    "step_time"};

static bool is_first(const char *key) {
    for (size_t i = 0; i < PGR_COUNT(first); i++)
        if (strcmp(key, first[i]) == 0) return true;
    return false;
}

/* A metric's name as that of a file. */
static char *svg_path_dup(const char *dir, const char *key) {
    char name[128];
    size_t n = 0;
    for (; key[n] && n + 5 < sizeof name; n++)
        name[n] = isalnum((unsigned char)key[n]) || strchr(".-", key[n]) ? key[n] : '_';
    memcpy(name + n, ".svg", 5);
    return pgr_path_join_dup(dir, name);
}

static pgr_err write_svg(const char *dir, const char *key, const struct pgr_series *s, size_t n_run) {
    if (!pgr_svg_drawable(s, n_run)) return PGR_OK;
    struct pgr_buf svg = PGR_BUF_INIT;
    char *path = svg_path_dup(dir, key);
    pgr_svg_document(&svg, key, s, n_run);
    pgr_err err = path ? pgr_buf_ok(&svg) : nomem();
    if (err == PGR_OK) err = pgr_file_write_atomic(path, svg.data, svg.len);
    pgr_buf_free(&svg);
    pgr_free(path);
    return err;
}

/* One chart of one key, a line for each run; into svg_dir too unless that is NULL. */
static pgr_err chart(struct pgr_buf *out, const struct pgr_run *run, size_t n_run, const char *key,
                     const char *svg_dir) {
    struct pgr_series s[PGR_REPORT_MAX_RUNS] = {{0}};
    double *xy[PGR_REPORT_MAX_RUNS] = {NULL};
    pgr_err err = PGR_OK;
    for (size_t k = 0; err == PGR_OK && k < n_run; k++) {
        size_t n = json_array_size(run[k].rows), m = 0;
        xy[k] = pgr_alloc_array(2 * n + 1, sizeof *xy[k]);
        if (!xy[k]) {
            err = nomem();
            break;
        }
        for (size_t i = 0; i < n; i++) {
            const json_t *row = json_array_get(run[k].rows, i), *v = json_object_get(row, key);
            if (!json_is_number(v)) continue;
            xy[k][m] = json_number_value(json_object_get(row, "step"));
            xy[k][n + m++] = json_number_value(v);
        }
        s[k] = (struct pgr_series){run[k].dir, k, xy[k], xy[k] + n, m};
    }
    if (err == PGR_OK) pgr_svg_figure(out, key, s, n_run);
    if (err == PGR_OK && svg_dir) err = write_svg(svg_dir, key, s, n_run);
    for (size_t k = 0; k < n_run; k++) pgr_free(xy[k]);
    return err;
}

static pgr_err charts(struct pgr_buf *out, const struct pgr_run *run, size_t n_run, const char *svg_dir) {
    pgr_buf_adds(out, "<h2>Curves</h2>\n<div class=charts>\n");
    for (size_t i = 0; i < PGR_COUNT(first); i++) PGR_TRY(chart(out, run, n_run, first[i], svg_dir));
    pgr_buf_adds(out, "</div>\n<details><summary>everything else</summary>\n<div class=charts>\n");
    json_t *seen = json_object();
    pgr_err err = seen ? PGR_OK : nomem();
    for (size_t k = 0; k < n_run; k++)
        for (size_t i = 0; err == PGR_OK && i < json_array_size(run[k].rows); i++) {
            const char *key;
            json_t *v;
            json_object_foreach(json_array_get(run[k].rows, i), key, v) {
                if (err != PGR_OK || !json_is_number(v) || is_first(key) || strcmp(key, "step") == 0) continue;
                if (json_object_get(seen, key)) continue;
                err = json_object_set_new(seen, key, json_true()) == 0 ? chart(out, run, n_run, key, NULL) : nomem();
            }
        }
    json_decref(seen);
    pgr_buf_adds(out, "</div></details>\n");
    return err;
}

/* ---- the table -------------------------------------------------------------------------------------------------- */

/* The last value of a key, and its greatest one. */
static void cells(struct pgr_buf *out, const json_t *rows, const char *key, bool most_too) {
    double last = NAN, most = NAN;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *v = json_object_get(json_array_get(rows, i), key);
        if (!json_is_number(v)) continue;
        last = json_number_value(v);
        most = isnan(most) || last > most ? last : most;
    }
    if (isnan(last))
        pgr_buf_adds(out, most_too ? "<td>-<td>-" : "<td>-");
    else if (most_too)
        pgr_buf_addf(out, "<td>%.4g<td>%.4g", last, most);
    else
        pgr_buf_addf(out, "<td>%.4g", last);
}

static void table(struct pgr_buf *out, const struct pgr_run *run, size_t n_run) {
    static const struct {
        const char *key, *title;
        bool most_too;
    } column[] = {
        {"step", "step", false},
        {"reward", "reward", true},
        {"rewards/outcome/mean", "outcome", true},
        {"rewards/thinking/mean", "R_t", true},
        {"completions/mean_length", "tokens", false},
        {"eval_pass@1", "eval pass@1", true},
        {"eval_accuracy", "held-out accuracy", true},
    };
    pgr_buf_adds(out, "<div class=scroll><table><thead><tr><th>run");
    for (size_t c = 0; c < PGR_COUNT(column); c++)
        pgr_buf_addf(out, column[c].most_too ? "<th>%s<th>most" : "<th>%s", column[c].title);
    pgr_buf_adds(out, "</thead><tbody>\n");
    for (size_t k = 0; k < n_run; k++) {
        pgr_buf_addf(out, "<tr><td><span class=\"key c%zu\"></span>", k % PGR_SVG_COLORS);
        pgr_html_escape(out, run[k].dir, strlen(run[k].dir));
        for (size_t c = 0; c < PGR_COUNT(column); c++) cells(out, run[k].rows, column[c].key, column[c].most_too);
        pgr_buf_addc(out, '\n');
    }
    pgr_buf_adds(out, "</tbody></table></div>\n<p>The values are those of the last step that has one.</p>\n");
}

/* ---- the browser ------------------------------------------------------------------------------------------------ */

/* JSON inside <script>: neither markup nor an end tag can occur in it. */
static void add_script_json(struct pgr_buf *out, const struct pgr_buf *json) {
    for (size_t i = 0; i < json->len; i++) {
        unsigned char c = (unsigned char)json->data[i];
        if (c == '<' || c == '>' || c == '&')
            pgr_buf_addf(out, "\\u%04x", c);
        else
            pgr_buf_addc(out, (char)c);
    }
}

static pgr_err browser(struct pgr_buf *out, const struct pgr_run *run, size_t n_run) {
    struct pgr_buf json = PGR_BUF_INIT;
    json_t *list = json_array();
    bool all = true, ok = list != NULL;
    for (size_t k = 0; ok && k < n_run; k++) {
        if (json_array_size(run[k].completions) == 0) continue;
        all = all && run[k].all;
        json_t *one = json_object();
        ok = one && json_object_set_new(one, "name", pgr_json_bytes(run[k].dir, strlen(run[k].dir))) == 0 &&
             json_object_set(one, "completions", run[k].completions) == 0 && json_array_append(list, one) == 0;
        json_decref(one);
    }
    pgr_err err = ok ? pgr_json_dump(list, &json) : nomem();
    if (err == PGR_OK && json_array_size(list) > 0) {
        pgr_buf_add(out, pgr_page_browser, pgr_page_browser_bytes);
        if (!all) pgr_buf_adds(out, "<p>Not all of them: they are chosen evenly from the steps of each run.</p>\n");
        pgr_buf_adds(out, "<script type=\"application/json\" id=data>");
        add_script_json(out, &json);
        pgr_buf_adds(out, "</script>\n<script>\n");
        pgr_buf_add(out, pgr_page_script, pgr_page_script_bytes);
        pgr_buf_adds(out, "</script>\n");
    }
    pgr_buf_free(&json);
    json_decref(list);
    return err;
}

pgr_err pgr_run_report(size_t n_run, const char *const *dir, const struct pgr_report_opts *opts, const char *output) {
    struct pgr_run run[PGR_REPORT_MAX_RUNS] = {{0}};
    struct pgr_buf page = PGR_BUF_INIT;
    if (n_run == 0 || n_run > PGR_REPORT_MAX_RUNS)
        return pgr_fail(PGR_E_RANGE, "%zu runs to report on, must be 1 to %d", n_run, PGR_REPORT_MAX_RUNS);
    pgr_err err = opts->svg_dir ? pgr_mkdirs(opts->svg_dir) : PGR_OK;
    for (size_t k = 0; err == PGR_OK && k < n_run; k++) err = pgr_run_read(dir[k], opts->max_completions, &run[k]);
    if (err == PGR_OK) {
        pgr_buf_add(&page, pgr_page_head, pgr_page_head_bytes);
        table(&page, run, n_run);
        err = charts(&page, run, n_run, opts->svg_dir);
    }
    if (err == PGR_OK) err = browser(&page, run, n_run);
    pgr_buf_adds(&page, "</body></html>\n");
    if (err == PGR_OK) err = pgr_buf_ok(&page);
    if (err == PGR_OK) err = pgr_file_write_atomic(output, page.data, page.len);
    pgr_buf_free(&page);
    for (size_t k = 0; k < n_run; k++) pgr_run_free(&run[k]);
    return err;
}
