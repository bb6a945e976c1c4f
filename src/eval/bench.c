/* bench.c - see bench.h. Prompts, stop texts and limits on length are those of EvalPlus 0.3.1 (chat), LiveCodeBench and
 * Qwen2.5-Math's evaluation. */
#include "eval/bench.h"

#include <string.h>

#include "base/near.h"
#include "base/size.h"
#include "text/think.h"

static const char evalplus_ask[] =
    "Please provide a self-contained Python script that solves the following problem in a markdown code "
    "block:\n```python\n{prompt}\n```\n";
static const char mbpp_ask[] =
    "Please provide a self-contained Python script that solves the following problem in a markdown code "
    "block:\n```python\n\"\"\"\n{prompt}\n{tests}\n\"\"\"\n```\n";
static const char evalplus_prefill[] =
    "Below is a Python script with a self-contained function that solves the problem and passes corresponding "
    "tests:\n```python\n";
static const char *const evalplus_stop[] = {"<|endoftext|>", "<|endofmask|>", "</s>",    "\nif __name__",
                                            "\ndef main(",   "\nprint(",      "\n```\n", NULL};
static const char lcb_system[] =
    "You are an expert Python programmer. You will be given a question (problem specification) and will generate a "
    "correct Python program that matches the specification and passes all tests.";
static const char lcb_ask[] =
    "### Question:\n{prompt}\n\n{starter}### Answer: (use the provided format with backticks)\n\n";
static const char code_ask[] = "{prompt}\n\nAnswer with Python code in a markdown code block.";
static const char math_system[] = "Please reason step by step, and put your final answer within \\boxed{}.";
static const char math_ask[] = "{prompt}";

#define GIB ((size_t)1 << 30)
#define MIB ((size_t)1 << 20)
#define LIMITS(cpu, call)                                                                                              \
    { .cpu_s = cpu, .call_cpu_s = call, .memory_bytes = 4 * GIB, .output_bytes = 64 * MIB, .answer_bytes = 64 * MIB }

#define EVALPLUS_FORM .prefill = evalplus_prefill, .stop = evalplus_stop, .take = PGR_TAKE_PREFILL
#define MATH_FORM .system = math_system, .ask = math_ask, .take = PGR_TAKE_ANSWER, .max_tokens = 2048

const struct pgr_bench pgr_benches[] = {
    {.name = "humaneval",
     .summary = "HumanEval",
     .families = {"humaneval"},
     .file = "HumanEval.jsonl.gz",
     .ask = evalplus_ask,
     EVALPLUS_FORM,
     .max_tokens = 768,
     .limits = LIMITS(3, 0)},
    {.name = "humaneval+",
     .summary = "HumanEval+ of EvalPlus",
     .families = {"evalplus", "humaneval"},
     .file = "HumanEvalPlus.jsonl.gz",
     .official = PGR_FILE_EVALPLUS,
     .ask = evalplus_ask,
     EVALPLUS_FORM,
     .max_tokens = 768,
     .limits = LIMITS(60, 4)},
    {.name = "mbpp",
     .summary = "MBPP, 500 test problems",
     .families = {"mbpp"},
     .file = "mbpp.jsonl",
     .split = "test",
     .ask = mbpp_ask,
     EVALPLUS_FORM,
     .max_tokens = 768,
     .limits = LIMITS(3, 0)},
    {.name = "mbpp_sanitized",
     .summary = "MBPP, the sanitized problems",
     .families = {"mbpp"},
     .file = "sanitized-mbpp.json",
     .ask = mbpp_ask,
     EVALPLUS_FORM,
     .max_tokens = 768,
     .limits = LIMITS(3, 0)},
    {.name = "mbpp+",
     .summary = "MBPP+ of EvalPlus",
     .families = {"evalplus", "mbpp"},
     .file = "MbppPlus.jsonl.gz",
     .official = PGR_FILE_EVALPLUS,
     .ask = evalplus_ask,
     EVALPLUS_FORM,
     .max_tokens = 768,
     .limits = LIMITS(60, 4)},
    {.name = "livecodebench",
     .summary = "LiveCodeBench, code generation",
     .families = {"livecodebench"},
     .file = "livecodebench",
     .system = lcb_system,
     .ask = lcb_ask,
     .take = PGR_TAKE_FENCES,
     .max_tokens = 2000,
     .limits = LIMITS(6, 6)},
    {.name = "bigcodebench",
     .summary = "BigCodeBench",
     .families = {"bigcodebench"},
     .file = "BigCodeBench.jsonl.gz",
     .ask = evalplus_ask,
     EVALPLUS_FORM,
     .max_tokens = 1280,
     .limits = {.cpu_s = 240, .memory_bytes = 30 * GIB, .scratch_bytes = 256 * MIB, .output_bytes = 64 * MIB}},
    {.name = "leetcode",
     .summary = "LeetCodeDataset",
     .families = {"leetcode"},
     .file = "LeetCodeDataset-test.jsonl",
     .ask = code_ask,
     .take = PGR_TAKE_CODE,
     .max_tokens = 2048,
     .limits = LIMITS(15, 0)},
    {.name = "apps",
     .summary = "APPS, TACO, DeepCoder",
     .families = {"apps", "deepcoder"},
     .file = "apps_test.jsonl",
     .ask = code_ask,
     .take = PGR_TAKE_CODE,
     .max_tokens = 2048,
     .limits = LIMITS(6, 6)},
    {.name = "gsm8k", .summary = "GSM8K", .families = {"gsm8k"}, .file = "gsm8k_test.jsonl", MATH_FORM},
    {.name = "math", .summary = "MATH", .families = {"math"}, .file = "math_test.jsonl", MATH_FORM},
    {.name = "math500", .summary = "MATH-500", .families = {"math"}, .file = "math500.jsonl", MATH_FORM},
    {.name = "minerva", .summary = "Minerva", .families = {"math"}, .file = "minerva_math.jsonl", MATH_FORM},
    {.name = "aime24", .summary = "AIME", .families = {"aime", "math"}, .file = "aime24.jsonl", MATH_FORM},
    {.name = "tasks",
     .summary = "own tasks (docs/formats.md), or any layout that is read",
     .families = {"*"},
     .file = "tasks.jsonl",
     .ask = code_ask,
     .take = PGR_TAKE_CODE,
     .max_tokens = 1024},
};
const size_t pgr_n_benches = PGR_COUNT(pgr_benches);

/* "humaneval+" may be written "humanevalplus". */
static bool is_name(const char *s, const char *name, size_t n) {
    size_t k = strlen(s);
    if (k == n) return memcmp(s, name, n) == 0;
    return s[k - 1] == '+' && n == k + 3 && memcmp(s, name, k - 1) == 0 && memcmp(name + k - 1, "plus", 4) == 0;
}

pgr_err pgr_bench_find(const char *name, size_t n, const struct pgr_bench **out) {
    const char *names[PGR_COUNT(pgr_benches)];
    char word[64];
    for (size_t i = 0; i < pgr_n_benches; i++) {
        names[i] = pgr_benches[i].name;
        if (is_name(names[i], name, n)) {
            *out = &pgr_benches[i];
            return PGR_OK;
        }
    }
    n = pgr_min(n, sizeof word - 1);
    memcpy(word, name, n);
    word[n] = '\0';
    const char *near = pgr_nearest(word, names, pgr_n_benches);
    return near ? pgr_fail(PGR_E_USAGE, "unknown benchmark \"%s\"; did you mean \"%s\"?", word, near)
                : pgr_fail(PGR_E_USAGE, "unknown benchmark \"%s\"; see --help for the list", word);
}

pgr_err pgr_bench_check_family(const struct pgr_bench *b, const char *where, const struct pgr_task *t) {
    if (strcmp(t->family, "tasks") == 0 || strcmp(b->families[0], "*") == 0) return PGR_OK;
    for (size_t i = 0; i < PGR_COUNT(b->families) && b->families[i]; i++)
        if (strcmp(b->families[i], t->family) == 0) return PGR_OK;
    return pgr_fail(PGR_E_FORMAT, "%s: a record of the layout \"%s\" is none of the benchmark \"%s\"", where, t->family,
                    b->name);
}

static void put_stripped(struct pgr_buf *out, const char *s) {
    static const char space[] = " \t\n\v\f\r";
    s += strspn(s, space);
    size_t n = strlen(s);
    while (n && strchr(space, s[n - 1])) n--;
    pgr_buf_add(out, s, n);
}

static void put_tests(struct pgr_buf *out, const struct pgr_task *t) {
    size_t n = t->n_base ? t->n_base : json_array_size(t->tests);
    for (size_t i = 0; i < n && t->test_kind == PGR_SBX_ASSERTS; i++) {
        if (i) pgr_buf_addc(out, '\n');
        pgr_buf_adds(out, json_string_value(json_array_get(t->tests, i)));
    }
}

/* LiveCodeBench's sentence on the form of the answer, with the code to start from. */
static void put_starter(struct pgr_buf *out, const struct pgr_task *t) {
    if (t->starter_code) {
        pgr_buf_addf(out,
                     "### Format: You will use the following starter code to write the solution to the problem and "
                     "enclose your code within delimiters.\n```python\n%s\n```\n\n",
                     t->starter_code);
    } else {
        pgr_buf_adds(out,
                     "### Format: Read the inputs from stdin solve the problem and write the answer to stdout (do "
                     "not directly test on the sample inputs). Enclose your code within delimiters as follows. "
                     "Ensure that when the python program runs, it reads the inputs, runs the algorithm and writes "
                     "output to STDOUT.\n```python\n# YOUR CODE HERE\n```\n\n");
    }
}

pgr_err pgr_bench_ask(const struct pgr_bench *b, const char *format, const struct pgr_task *t, struct pgr_buf *out) {
    bool math = t->kind == PGR_TASK_MATH;
    for (const char *s = format ? format : math && b->take != PGR_TAKE_ANSWER ? math_ask : b->ask; *s;) {
        size_t n = 0;
        if (strncmp(s, "{prompt}", n = 8) == 0) {
            if (math || b->take == PGR_TAKE_FENCES)
                pgr_buf_adds(out, t->prompt);
            else
                put_stripped(out, t->prompt);
        } else if (strncmp(s, "{tests}", n = 7) == 0) {
            put_tests(out, t);
        } else if (strncmp(s, "{starter}", n = 9) == 0) {
            put_starter(out, t);
        } else if (strncmp(s, "{entry_point}", n = 13) == 0) {
            pgr_buf_adds(out, t->entry_point ? t->entry_point : "");
        } else {
            n = 1;
            pgr_buf_addc(out, *s);
        }
        s += n;
    }
    return pgr_buf_ok(out);
}

/* ---- what counts of an answer ---- */

static const char *find(const char *s, size_t n, const char *word) {
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= n; i++)
        if (memcmp(s + i, word, len) == 0) return s + i;
    return NULL;
}

/* Lines between the last two lines that hold ```; nothing when there are fewer. */
static void take_fences(const char *text, size_t n, struct pgr_buf *out) {
    const char *end = text + n, *from[2] = {NULL, NULL}, *to[2] = {NULL, NULL}; /* of the last two such lines */
    for (const char *line = text; line < end;) {
        const char *nl = memchr(line, '\n', (size_t)(end - line)), *stop = nl ? nl : end;
        if (find(line, (size_t)(stop - line), "```")) {
            from[0] = from[1], to[0] = to[1];
            from[1] = line, to[1] = stop;
        }
        line = stop + 1;
    }
    if (from[0] && to[0] + 1 < from[1]) pgr_buf_add(out, to[0] + 1, (size_t)(from[1] - to[0]) - 2);
}

pgr_err pgr_bench_take(const struct pgr_bench *b, const char *text, size_t n, struct pgr_buf *out) {
    struct pgr_think think;
    struct pgr_span all = {text, n};
    const char *fence;
    switch (b->take) {
    case PGR_TAKE_ANSWER: pgr_buf_add(out, text, n); break;
    case PGR_TAKE_FENCES: take_fences(text, n, out); break;
    case PGR_TAKE_PREFILL:
        fence = find(text, n, "\n```");
        if (n >= 3 && memcmp(text, "```", 3) == 0) fence = text;
        pgr_buf_add(out, text, fence ? (size_t)(fence - text) + (fence != text) : n);
        break;
    case PGR_TAKE_CODE:
        pgr_think_parse(text, n, &think);
        all = pgr_answer_code(think.has_answer ? think.answer : all);
        pgr_buf_add(out, all.at, all.n);
        break;
    }
    return pgr_buf_ok(out);
}
