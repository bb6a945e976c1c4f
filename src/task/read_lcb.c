/* read_lcb.c - LiveCodeBench's code_generation_lite (test.jsonl ... test6.jsonl): "question_content",
 * "public_test_cases" (JSON in a text), "private_test_cases" (the same, or base64 of zlib of a pickled text of it),
 * "metadata" with func_name. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "task/family.h"
#include "task/lcb.h"
#include "task/unpack.h"
#include "task/wide.h"

enum { MAX_TESTS_BYTES = 512 << 20 };

const char pgr_lcb_imports[] =
    "from string import *\nfrom re import *\nfrom datetime import *\nfrom collections import *\nfrom heapq import *\n"
    "from bisect import *\nfrom copy import *\nfrom math import *\nfrom random import *\nfrom statistics import *\n"
    "from itertools import *\nfrom functools import *\nfrom operator import *\nfrom io import *\nfrom sys import *\n"
    "from json import *\nfrom builtins import *\nfrom typing import *\nimport string\nimport re\nimport datetime\n"
    "import collections\nimport heapq\nimport bisect\nimport copy\nimport math\nimport random\nimport statistics\n"
    "import itertools\nimport functools\nimport operator\nimport io\nimport sys\nimport json\n"
    "sys.setrecursionlimit(50000)\n";

static bool is_lcb(const json_t *o) {
    return pgr_has_text(o, "question_content") && pgr_has(o, "public_test_cases") && pgr_has(o, "question_id");
}

static pgr_err private_tests(const struct pgr_record *r, json_t **out) {
    const json_t *v = json_object_get(r->obj, "private_test_cases");
    const char *s = json_string_value(v);
    size_t n = json_string_length(v), blank = s ? strspn(s, " \n") : 0;
    if (!s || s[blank] == '[') return pgr_take_packed(r, "private_test_cases", out);
    struct pgr_buf text = PGR_BUF_INIT;
    pgr_err err = pgr_unpack_tests(s, n, MAX_TESTS_BYTES, &text);
    if (err == PGR_OK) err = pgr_json_parse_wide("unpacked", pgr_buf_str(&text), text.len, out);
    pgr_buf_free(&text);
    return err == PGR_OK ? PGR_OK : pgr_fail_prefix(err, "%s: key \"private_test_cases\"", r->where);
}

static pgr_err take_tests(const struct pgr_record *r, const char *function, struct pgr_task *t) {
    json_t *all = NULL, *more = NULL;
    PGR_TRY(pgr_take_packed(r, "public_test_cases", &all));
    pgr_err err = PGR_OK;
    if (!json_is_array(all)) err = pgr_fail(PGR_E_FORMAT, "%s: key \"public_test_cases\" must be a list", r->where);
    if (err == PGR_OK && pgr_has(r->obj, "private_test_cases")) err = private_tests(r, &more);
    json_t *joined = err == PGR_OK ? json_copy(all) : NULL;
    if (joined && more && (!json_is_array(more) || json_array_extend(joined, more) != 0))
        err = pgr_fail(PGR_E_FORMAT, "%s: key \"private_test_cases\" must be a list", r->where);
    json_decref(all);
    json_decref(more);
    if (err == PGR_OK)
        err = joined ? pgr_take_contest_tests(r, joined, function, t)
                     : pgr_fail(PGR_E_NOMEM, "%s: out of memory", r->where);
    json_decref(joined);
    return err;
}

static pgr_err read_lcb(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    const struct pgr_task_filter *f = r->filter;
    PGR_TRY(pgr_take(r, "question_id", &t->id));
    PGR_TRY(pgr_take(r, "question_content", &t->prompt));
    PGR_TRY(pgr_take_opt(r, "starter_code", &t->starter_code));
    PGR_TRY(pgr_take_opt(r, "difficulty", &t->difficulty));
    PGR_TRY(pgr_take_opt(r, "platform", &t->platform));
    PGR_TRY(pgr_take_opt(r, "contest_date", &t->date));
    /* Hidden tests are large: what is not wanted is not unpacked. */
    if ((f->from && t->date && strncmp(t->date, f->from, strlen(f->from)) < 0) ||
        (f->to && t->date && strncmp(t->date, f->to, strlen(f->to)) > 0) || (f->wants && !f->wants(f->ctx, t->id))) {
        *wanted = false;
        return PGR_OK;
    }
    json_t *meta = NULL;
    const char *function = NULL;
    if (pgr_has(r->obj, "metadata")) PGR_TRY(pgr_take_packed(r, "metadata", &meta));
    pgr_err err = pgr_json_str_opt(meta, r->where, "func_name", &function);
    if (err == PGR_OK && function) {
        struct pgr_buf b = PGR_BUF_INIT;
        bool method = t->starter_code && strstr(t->starter_code, "class Solution");
        pgr_buf_addf(&b, "%s%s", method ? "Solution()." : "", function);
        err = pgr_take_buf(&b, &t->entry_point);
    }
    if (err == PGR_OK) err = take_tests(r, function, t);
    json_decref(meta);
    PGR_TRY(err);
    bool calls = t->test_kind == PGR_SBX_ASSERTS;
    struct pgr_buf setup = PGR_BUF_INIT;
    if (calls) pgr_buf_add(&setup, pgr_py_lcb_guard, pgr_py_lcb_guard_bytes);
    pgr_buf_adds(&setup, pgr_lcb_imports);
    PGR_TRY(pgr_take_buf(&setup, &t->setup));
    size_t n = json_array_size(t->tests);
    t->limits.cpu_s = calls ? 7.0 * (double)n + 5 : 6;
    t->limits.call_cpu_s = calls ? 6 : 0;
    t->limits.memory_bytes = (size_t)4 << 30;
    t->limits.output_bytes = 128u << 20;
    return PGR_OK;
}

const struct pgr_family pgr_family_livecodebench = {"livecodebench", "LiveCodeBench, code generation", is_lcb,
                                                    read_lcb};
