/* checkpoint.h - checkpoint-N folders: all that a run needs to go on with the same bits.
 *
 *   checkpoint-N/  N = optimiser updates done
 *     config.json, model*.safetensors (bf16), tokenizer files   a Hugging Face folder to use as it is
 *     training_state.safetensors   float32, each parameter under "master.", "exp_avg.", "exp_avg_sq." and its name
 *     trainer_state.json           step, rounds, log history and what else the loop puts there
 *     train_config.yaml            the configuration in force
 *
 * Random numbers are keyed by their place in the run (base/rng.h), so nothing of them is stored. A folder is built
 * aside, synced and renamed: it is whole or it is not there. Older ones are removed only after that. */
#ifndef PGR_TRAIN_CHECKPOINT_H
#define PGR_TRAIN_CHECKPOINT_H

#include <jansson.h>
#include <stddef.h>

#include "model/model.h"
#include "text/tok.h"

/* All borrowed. */
struct pgr_checkpoint {
    struct pgr_model *model; /* with master */
    const struct pgr_tok *tok;
    float *exp_avg, *exp_avg_sq; /* [layout.n_elem] */
};

/* Writes output_dir/checkpoint-<step>, replacing one of that name. `config` is the text of train_config.yaml. PGR_E_IO
 * when the disk is full: older checkpoints are as they were. */
PGR_MUST_CHECK pgr_err pgr_checkpoint_save(const struct pgr_checkpoint *c, const char *output_dir, size_t step,
                                           const json_t *state, const char *config);
/* Removes the oldest checkpoints until `limit` are left (0 = keep all); the one of `step` always stays. */
PGR_MUST_CHECK pgr_err pgr_checkpoint_prune(const char *output_dir, size_t limit, size_t step);
/* Removes what a killed run left half written (checkpoint-*.tmp-*). */
PGR_MUST_CHECK pgr_err pgr_checkpoint_clean(const char *output_dir);
/* The checkpoint with the largest N: its path (owned by the caller; NULL if there is none) and N. A folder that does
 * not exist holds none. */
PGR_MUST_CHECK pgr_err pgr_checkpoint_latest_dup(const char *output_dir, char **path, size_t *step);
/* Fills master, moments (and the compute weights from master) and gives the state (new reference). PGR_E_FORMAT,
 * PGR_E_SHAPE name the file and tensor of a checkpoint that is damaged or of another model. */
PGR_MUST_CHECK pgr_err pgr_checkpoint_load(const char *path, const struct pgr_checkpoint *c, json_t **state);

/* Writes the Hugging Face folder of a model into an existing folder: bf16 weights, configuration, tokenizer files. */
PGR_MUST_CHECK pgr_err pgr_save_hf_folder(const struct pgr_model *m, const struct pgr_tok *tok, const char *dir);
/* Bytes that one checkpoint takes on disk, nearly. */
double pgr_checkpoint_bytes(const struct pgr_layout *l);

#endif
