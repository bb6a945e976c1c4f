/* cmd_rm.c - reward models: the sub-commands and their help. */
#include <string.h>

#include "base/size.h"
#include "cli/cli.h"
#include "cli/rm.h"

static const char help[] =
    "Usage: pgrpo rm train --model M --pairs PAIRS.jsonl --output DIR [OPTION ...]\n"
    "       pgrpo rm score --model DIR FILE.jsonl\n"
    "       pgrpo rm eval [--model DIR | --judge M] FILE.jsonl [--json]\n"
    "\n"
    "train: makes a reward model from a causal model by Bradley-Terry training on pairs, lines of\n"
    "  {\"prompt\", \"chosen\", \"rejected\"} with optional \"id\", \"margin\", \"dimension\", \"type\", \"split\".\n"
    "  Writes a Hugging Face sequence-classification folder (score.weight) with rm_metrics.jsonl in it.\n"
    "  --model M                    Hugging Face folder, GGUF file or short name; a reward model is trained further\n"
    "  --pairs F                    the pairs\n"
    "  --grades F                   learns grades (rm eval --judge-mode grade --scores F) by regression instead of "
    "the\n"
    "                               order of the pairs: the score-based baseline\n"
    "  --output DIR                 where the folder goes; replaced if it exists\n"
    "  --learning-rate X            5e-6 (with --lora-r 1e-4), decays linearly to 0 after --warmup-ratio 0.1\n"
    "  --epochs N                   2\n"
    "  --batch-size N               pairs per update, 16\n"
    "  --max-length N               tokens of problem and one side; longer pairs are dropped and counted, 1024\n"
    "  --center-rewards-coefficient X   pulls scores towards 0: X (s_c + s_r)^2, 0.01\n"
    "  --validation-fraction X      held out by problem when the file marks no split, 0.1\n"
    "  --eval-steps N               updates between evaluations on the held-out pairs; 0: after each epoch\n"
    "  --early-stopping-patience N  stops after N evaluations without a lower held-out loss; 0: never\n"
    "  --keep-last                  keeps the last model instead of the one with the lowest held-out loss\n"
    "  --calibration M              spread (default), probability or none: how R_t is made of scores, fitted on the\n"
    "                               held-out pairs and kept in reward_calibration.json (docs/reward_models.md)\n"
    "  --lora-r N  --lora-alpha X   trains adapters of rank N on all linear layers, and the head, instead of all "
    "weights;\n"
    "                               alpha 2 N. The folder holds the merged model, adapter/ in it the adapters (PEFT)\n"
    "  --weight-decay X  --max-grad-norm X  --seed N\n"
    "  --dtype f32|bf16             of compute, bf16; the folder is written in it\n"
    "  --no-gradient-checkpointing  faster, more memory\n"
    "\n"
    "score: prints one JSON line per line of FILE: {\"score\": s, \"reward\": R_t} for {\"prompt\", "
    "\"reasoning\"} or\n"
    "  {\"prompt\", \"completion\"} (the inside of its <think> block, else all of it); for {\"prompt\", \"chosen\", "
    "\"rejected\"} a line\n"
    "  {\"chosen\": s, \"rejected\": s, \"correct\": true|false}, with the accuracy on stderr.\n"
    "  --dtype f32|bf16             of compute, bf16\n"
    "  --no-calibration             R_t is the sigmoid of the score, whatever the folder holds\n"
    "\n"
    "eval: accuracy on pairs, with its 95 % interval by problem, per subset, dimension and type, beside what length "
    "alone\n"
    "  and words alone reach, and length-controlled. FILE: pairs as above, RewardBench's rows (\"subset\"), RM-Bench\n"
    "  (\"chosen\" and \"rejected\" lists of three), PRMBench (\"original_process\", \"modified_process\"). A tie is "
    "wrong.\n"
    "  --model DIR                  the reward model; without it only the baselines\n"
    "  --untrained                  a causal model gets a random score head (--seed): the untrained baseline\n"
    "  --dtype f32|bf16             of compute, bf16\n"
    "  --max-length N               tokens of problem and text; longer texts lose their beginning; the model's "
    "positions, at most 4096\n"
    "  --split NAME                 only the records with this \"split\"\n"
    "  --limit N                    N records, chosen by --seed\n"
    "  --scores F                   writes {\"id\", \"chosen\": [s, ...], \"rejected\": [s, ...]} for each record\n"
    "  --json                       the last line is the result as one JSON object (docs/reward_models.md)\n"
    "  --judge M                    a generative model instead: it compares the texts of each pair, in both orders, "
    "or\n"
    "  --judge-mode compare|grade   grades each from 1 to 10; answers that name one place twice are a tie\n"
    "  --max-tokens N  --temperature X  --batch N    of its answers: 256, 0, 64 at once\n"
    "  --prompts DIR                the judge's prompts (data/prompts/judge)\n" PGR_WRITER_OPTS_HELP;

pgr_err pgr_rm_parse_dtype(const char *name, enum pgr_dtype *out) {
    if (strcmp(name, "bf16") == 0)
        *out = PGR_BF16;
    else if (strcmp(name, "f32") == 0)
        *out = PGR_F32;
    else
        return pgr_fail(PGR_E_USAGE, "--dtype is \"%s\", must be f32 or bf16", name);
    return PGR_OK;
}

static pgr_err run(int argc, char **argv, int *exit_code) {
    static const struct {
        const char *name;
        pgr_err (*run)(int argc, char **argv);
    } sub[] = {{"train", pgr_rm_run_train}, {"score", pgr_rm_run_score}, {"eval", pgr_rm_run_eval}};
    (void)exit_code;
    for (size_t i = 0; argc > 1 && i < PGR_COUNT(sub); i++)
        if (strcmp(argv[1], sub[i].name) == 0) return sub[i].run(argc - 1, argv + 1);
    return pgr_fail(PGR_E_USAGE, "needs train, score or eval; see pgrpo rm --help");
}

const struct pgr_command pgr_cmd_rm = {"rm", "reward models: train on pairs, score reasonings, evaluate", help, run};
