/* build.h - making a model whose parameters come from somewhere, row by row: a file (load.c) or a seed (model.c).
 *
 * With opts.train the rows go straight into the float32 block and the compute weights are packed from it; without,
 * they pass through a buffer of BUILD_CHUNK_BYTES into the packed weights, so a model is never held twice. */
#ifndef PGR_MODEL_BUILD_H
#define PGR_MODEL_BUILD_H

#include "model/model.h"

/* Norms, biases and the score head: kept in float32, not packed. */
bool pgr_param_is_vector(const struct pgr_param *p);

/* The configuration after opts.tie and opts.add_score. */
struct pgr_config pgr_config_with_opts(const struct pgr_config *cfg, const struct pgr_model_opts *opts);

/* Writes rows [row, row + n_row) of parameter `p` (its number in the layout is `index`) to dst[n_row, p->cols].
 * May run parallel regions itself. */
typedef pgr_err (*pgr_rows_fn)(void *ctx, const struct pgr_param *p, size_t index, size_t row, size_t n_row,
                               float *dst);

/* A model of pgr_config_with_opts(cfg, opts) with all parameters from `rows`, called once for each row of each
 * parameter in block order. PGR_E_RANGE, PGR_E_UNSUPPORTED for a configuration pgr_config_check refuses, PGR_E_NOMEM
 * with the bytes. */
PGR_MUST_CHECK pgr_err pgr_model_build(const struct pgr_config *cfg, const struct pgr_model_opts *opts,
                                       pgr_rows_fn rows, void *ctx, struct pgr_model **out);

/* mean + std * standard normal for elements [at, at + n) of tensor `index`: a function of (seed, index, element) alone.
 */
void pgr_draw_normal(uint64_t seed, size_t index, size_t at, size_t n, float mean, float std, float *dst);

/* Standard deviation of a new score head: 1/sqrt(d_model + 1). */
float pgr_score_std(const struct pgr_config *cfg);

#endif
