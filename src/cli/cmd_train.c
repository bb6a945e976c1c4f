/* cmd_train.c - pgrpo train. */
#include <stdio.h>

#include "base/json.h"
#include "base/size.h"
#include "cli/cache.h"
#include "cli/cli.h"
#include "train/train.h"

static const char help[] =
    "Usage: pgrpo train CONFIG.yaml [--set key=value ...] [--dry-run] [--resume] [--json]\n\n"
    "Trains a model with Posterior-GRPO: samples completions for tasks, runs their code in the sandbox, scores the\n"
    "reasoning of those that pass, and updates the model. Writes a Hugging Face folder into output_dir.\n\n"
    "  --set key=value   overrides a key of the file; may be given many times\n"
    "  --dry-run         checks everything, runs the fullest pass once and prints the plan: memory, tokens, FLOPs, "
    "time\n"
    "  --resume          goes on from the newest checkpoint in output_dir, with the bits of an unbroken run\n"
    "  --json            the last line of stdout is one JSON object\n\n"
    "Needed keys: model_name_or_path, output_dir, train_file; reward_model_name_or_path unless reward_mode is grpo.\n"
    "docs/config.md lists all keys with their defaults. Ctrl-C saves a checkpoint and exits with 130.\n";

static pgr_err run(int argc, char **argv, int *exit_code) {
    (void)exit_code;
    struct pgr_str_list set = {.n = 0}, operand;
    struct pgr_train_opts o = {.stop = pgr_stop_asked, .resolve = pgr_model_path_resolve};
    bool as_json = false;
    const struct pgr_opt opts[] = {
        {"set", PGR_OPT_LIST, &set, 0, 0},
        {"dry-run", PGR_OPT_FLAG, &o.dry_run, 0, 0},
        {"resume", PGR_OPT_FLAG, &o.resume, 0, 0},
        {"json", PGR_OPT_FLAG, &as_json, 0, 0},
    };
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 1, 1, &operand));
    pgr_catch_signals();
    struct pgr_buf report = PGR_BUF_INIT;
    json_t *result = NULL;
    pgr_err err = pgr_train(operand.item[0], set.item, set.n, &o, &report, &result);
    if (err == PGR_OK && as_json) {
        err = pgr_json_dump(result, &report);
        pgr_buf_addc(&report, '\n');
    }
    if (err == PGR_OK) fputs(pgr_buf_str(&report), stdout);
    json_decref(result);
    pgr_buf_free(&report);
    return err;
}

const struct pgr_command pgr_cmd_train = {
    .name = "train",
    .summary = "trains a model with Posterior-GRPO",
    .help = help,
    .run = run,
};
