/* cmd_convert.c - pgrpo convert: any model that can be read, as a Hugging Face folder. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/size.h"
#include "cli/cli.h"
#include "cli/model_arg.h"
#include "model/model.h"

static const char help[] =
    "Usage: pgrpo convert MODEL FOLDER [--dtype bf16|f32] [--tie] [--score [--seed N]] [--max-shard-mb N]\n\n"
    "Writes MODEL (a Hugging Face folder, a GGUF file or a fetched name) as a new Hugging Face folder: configuration,\n"
    "safetensors, tokenizer and chat template. The folder appears only when it is complete.\n\n"
    "  --dtype bf16       of the weights written (default); f32 keeps dequantised values exactly\n"
    "  --tie              the output matrix becomes the embedding although MODEL stores one of its own\n"
    "  --score            a reward model to be trained: the output matrix becomes a score head drawn from --seed\n"
    "  --max-shard-mb N   no file of weights above N megabytes unless one tensor is larger (default 5000)\n";

struct options {
    struct pgr_model_opts model;
    enum pgr_dtype dtype;
    size_t shard_bytes;
};

static pgr_err write_folder(const struct pgr_model_arg *in, const char *dir, const struct options *o) {
    struct pgr_model *m = NULL;
    PGR_TRY(pgr_model_load(in->path, &o->model, &m));
    pgr_err err = pgr_model_save(m, dir, o->dtype, o->shard_bytes);
    if (err == PGR_OK) err = pgr_tok_save(in->tok, dir);
    pgr_model_free(m);
    return err;
}

static pgr_err run(int argc, char **argv, int *exit_code) {
    (void)exit_code;
    const char *dtype = "bf16";
    size_t seed = 0, shard_mb = 5000;
    struct options o = {.model = {.train = true, .save_only = true}};
    struct pgr_str_list ops;
    const struct pgr_opt opts[] = {{"dtype", PGR_OPT_STR, &dtype, 0, 0},
                                   {"tie", PGR_OPT_FLAG, &o.model.tie, 0, 0},
                                   {"score", PGR_OPT_FLAG, &o.model.add_score, 0, 0},
                                   {"seed", PGR_OPT_SIZE, &seed, 0, 0},
                                   {"max-shard-mb", PGR_OPT_SIZE, &shard_mb, 1, 1e6}};
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 2, 2, &ops));
    if (strcmp(dtype, "bf16") != 0 && strcmp(dtype, "f32") != 0)
        return pgr_fail(PGR_E_USAGE, "--dtype is \"%s\", must be bf16 or f32", dtype);
    o.dtype = strcmp(dtype, "f32") == 0 ? PGR_F32 : PGR_BF16;
    o.model.seed = seed;
    o.shard_bytes = shard_mb * 1000000;
    const char *folder = ops.item[1];
    if (pgr_file_exists(folder)) return pgr_fail(PGR_E_USAGE, "%s is already there; name a folder that is not", folder);
    struct pgr_model_arg in;
    struct pgr_outdir dir;
    PGR_TRY(pgr_model_arg_open(ops.item[0], &in));
    pgr_err err = pgr_outdir_open(folder, &dir);
    if (err == PGR_OK) {
        err = write_folder(&in, dir.temp_path, &o);
        if (err == PGR_OK)
            err = pgr_outdir_commit(&dir);
        else
            pgr_outdir_abandon(&dir);
    }
    if (err == PGR_OK) puts(folder);
    pgr_model_arg_close(&in);
    return err;
}

const struct pgr_command pgr_cmd_convert = {"convert", "any model that can be read as a Hugging Face folder", help,
                                            run};
