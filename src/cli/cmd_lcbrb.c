/* cmd_lcbrb.c - pgrpo lcbrb: pairs of reasonings from problems with tests or answers. */
#include <string.h>

#include "base/size.h"
#include "cli/cli.h"
#include "cli/lcbrb.h"
#include "cli/writer.h"

static const char help[] =
    "Usage: pgrpo lcbrb build --model M --tasks FILE --output PAIRS.jsonl [OPTION ...]\n"
    "       pgrpo lcbrb review --pairs PAIRS.jsonl --output REVIEW.jsonl --reviewer NAME [--open]\n"
    "       pgrpo lcbrb agreement [--json] A.jsonl B.jsonl\n"
    "       pgrpo lcbrb export --pairs PAIRS.jsonl --output ACCEPTED.jsonl [--json] REVIEW.jsonl ...\n\n"
    "build: a benchmark of reasonings, as LCB-RB is made from LiveCodeBench, from problems with tests or answers.\n"
    "  The model writes reasoning and solution many times for each problem; programs run in the sandbox, answers are\n"
    "  compared; reasonings whose solution passed are paired with such whose solution failed, one pair a problem. A\n"
    "  judge model votes whether each reasoning agrees with its solution, and whether the better one is right. Sides\n"
    "  of a pair are of like length. All answers go to PAIRS.jsonl.samples.jsonl as they come: after any end the same\n"
    "  command goes on from there and writes what an unbroken run would have written. docs/lcbrb.md has the details.\n"
    "  --model M             Hugging Face folder, GGUF file or fetched name\n" PGR_WRITER_OPTS_HELP
    "  --tasks FILE          tasks in any layout that pgrpo data inspect knows\n"
    "  --output F            the pairs; replaced as a whole\n"
    "  --split NAME  --from DATE  --to DATE  --difficulty D  --platform P  --limit N    only these problems\n"
    "  --samples N           answers to each problem, 50\n"
    "  --enough K            stops sampling a problem that has K passed and K failed; --step N answers at a time, 8\n"
    "  --judge M             another model than the generator; with --judge-endpoint URL one behind a server\n"
    "  --votes N             of each question to the judge, 3; 0: no judge\n"
    "  --candidates N        samples of each side that the judge is asked about at most, 4\n"
    "  --judge-temperature X  0.7     --judge-max-tokens N  200\n"
    "  --length-band X       the longer side has at most X times the bytes of the shorter, 1.4\n"
    "  --max-similarity X    share of words in common (in order) of the sides, at most, 0.95\n"
    "  --min-words N         of a reasoning, 10\n"
    "  --max-problem X       share of a reasoning's words in runs of eight that are the problem's, at most, 0.5\n"
    "  --prompts DIR         a folder with files as in data/prompts/lcbrb, in place of the built-in prompts\n"
    "  --temperature X       0.8     --top-p X  0.95     --max-tokens N  of an answer, 800\n"
    "  --max-length N        question and answer in tokens, 4096\n"
    "  --batch N             texts written at once, 64\n"
    "  --seed N              0       --dtype bf16|f32\n"
    "  --warn-words X        warns when a bag of words tells more than this share of pairs apart, 0.65\n"
    "  --cpu S  --memory MIB  limits of a program, in place of the tasks' own\n"
    "  --cells N  --python PATH  --site-packages DIR  --preload NAME  --sandbox unsafe    as in pgrpo sandbox\n"
    "  --json                the last line is the result as one JSON object\n"
    "\n"
    "review: a person looks at pairs in the terminal, side by side, and says with one key which side is better, or\n"
    "  rejects the pair. Which side is the better one is not told unless it is asked for (v); --open tells it from "
    "the\n"
    "  start and puts it on the left. Every key is saved at once; the same command goes on from there. Keys: l and r "
    "the\n"
    "  left or right side is better, x reject, a accept (when verdicts are shown), v verdicts and solutions, c "
    "comment,\n"
    "  n next, b back, u the next undecided, s swap sides, p whole problem, j k space arrows scroll, q quit.\n"
    "\n"
    "agreement: of two reviewers: counts and Cohen's kappa of the pairs that both decided.\n"
    "\n"
    "export: writes the pairs that every review named accepts, each with its reviewers and their comments "
    "(\"reviews\").\n"
    "  Pairs that one of them rejects or leaves undecided are left out. ACCEPTED.jsonl is replaced as a whole.\n";

static pgr_err run(int argc, char **argv, int *exit_code) {
    static const struct {
        const char *name;
        pgr_err (*run)(int argc, char **argv, int *exit_code);
    } sub[] = {{"build", pgr_lcbrb_run_build},
               {"review", pgr_lcbrb_run_review},
               {"agreement", pgr_lcbrb_run_agreement},
               {"export", pgr_lcbrb_run_export}};
    for (size_t i = 0; argc > 1 && i < PGR_COUNT(sub); i++)
        if (strcmp(argv[1], sub[i].name) == 0) return sub[i].run(argc - 1, argv + 1, exit_code);
    return pgr_fail(PGR_E_USAGE, "needs build, review, agreement or export; see pgrpo lcbrb --help");
}

const struct pgr_command pgr_cmd_lcbrb = {"lcbrb", "pairs of reasonings from problems with tests or answers", help,
                                          run};
