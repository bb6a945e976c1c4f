/* test_asserts.c - tests that are Python code: the judge, the bridge, and what cannot be forged through them. */
#include "test.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/size.h"
#include "sbx/sbx.h"

static struct pgr_sbx *pool;

static int open_pool(void **state) {
    (void)state;
    struct pgr_sbx_cfg cfg = {.n_cells = 1};
    pgr_err err = pgr_sbx_open(&cfg, &pool);
    if (err == PGR_E_UNSUPPORTED || err == PGR_E_NOTFOUND) {
        print_message("skipped: %s\n", pgr_err_detail());
        exit(77);
    }
    return err;
}

static int close_pool(void **state) {
    (void)state;
    pgr_sbx_close(pool);
    return 0;
}

struct one {
    const char *setup, *program, *entry, *tests[4];
    pgr_verdict verdict;
    const char *detail;
    bool same;
};

/* by_judge: a last test is added that is always true and that only Python can tell (plan.h). */
static struct pgr_sbx_result run_one(const struct one *c, bool same_process, bool by_judge) {
    struct pgr_sbx_result r;
    json_t *t = json_array();
    for (size_t i = 0; i < PGR_COUNT(c->tests) && c->tests[i]; i++) json_array_append_new(t, json_string(c->tests[i]));
    if (by_judge) json_array_append_new(t, json_string("assert 1 < 2"));
    struct pgr_sbx_job job = {.kind = PGR_SBX_ASSERTS,
                              .program = c->program,
                              .program_bytes = strlen(c->program),
                              .setup = c->setup,
                              .entry_point = c->entry,
                              .tests = t,
                              .same_process = same_process,
                              .limits = {.cpu_s = 1, .wall_s = 3}};
    assert_ok(pgr_sbx_submit(pool, &job, 1));
    json_decref(t);
    size_t n = 0;
    double end = pgr_now_s() + 60;
    while (n == 0 && pgr_now_s() < end) assert_ok(pgr_sbx_poll(pool, &r, 1, 1000, &n));
    assert_int_equal(n, 1);
    return r;
}

static struct pgr_sbx_result judge(const struct one *c, bool same_process) { return run_one(c, same_process, false); }

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

/* What exactly is wrong with a malformed answer depends on who reads it. */
static bool same_detail(const char *a, const char *b) {
    static const char malformed[] = "malformed answer";
    size_t n = sizeof malformed - 1;
    return same_text(a, b) || (a && b && strncmp(a, malformed, n) == 0 && strncmp(b, malformed, n) == 0);
}

/* With and without a judge: the same verdict in the same words. */
static void check_ways_agree(const struct one *c, const struct pgr_sbx_result *r, bool same_process) {
    struct pgr_sbx_result j = run_one(c, same_process, true);
    bool all = r->verdict == PGR_V_ACCEPTED;
    if (j.verdict != r->verdict || !same_detail(j.detail, r->detail) || j.n_passed != r->n_passed + all ||
        (!all && (j.failed_test != r->failed_test || !same_text(j.input, r->input))))
        fail_msg("%s\n%s\n-> %s (%s), %zu passed, but by a judge %s (%s), %zu passed", c->program, c->tests[0],
                 pgr_verdict_name(r->verdict), r->detail ? r->detail : "-", r->n_passed, pgr_verdict_name(j.verdict),
                 j.detail ? j.detail : "-", j.n_passed);
    pgr_sbx_result_free(&j);
}

static void check(const struct one *c, size_t n, bool same_process) {
    for (size_t i = 0; i < n; i++) {
        struct pgr_sbx_result r = judge(&c[i], same_process);
        if (r.verdict != c[i].verdict || (c[i].detail && (!r.detail || !strstr(r.detail, c[i].detail))) ||
            r.same_process != c[i].same)
            fail_msg("case %zu: %s\n%s\n-> %s (%s)%s, %zu of %zu passed, want %s (%s)%s\n%s%s", i, c[i].program,
                     c[i].tests[0], pgr_verdict_name(r.verdict), r.detail ? r.detail : "-",
                     r.same_process ? " same process" : "", r.n_passed, r.n_tests, pgr_verdict_name(c[i].verdict),
                     c[i].detail ? c[i].detail : "-", c[i].same ? " same process" : "", r.out, r.err);
        if (!same_process && c[i].tests[0]) check_ways_agree(&c[i], &r, same_process);
        pgr_sbx_result_free(&r);
    }
}

static void honest_solutions_pass_and_wrong_ones_fail(void **state) {
    (void)state;
    static const struct one cases[] = {
        {NULL,
         "def add(a, b): return a + b",
         "add",
         {"assert add(1, 2) == 3", "assert add('a', b='b') == 'ab'"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "def add(a, b): return a - b",
         "add",
         {"assert add(2, 0) == 2", "assert add(1, 2) == 3"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {NULL,
         "def add(a, b): return a / 0",
         "add",
         {"assert add(2, 0) == 2"},
         PGR_V_RUNTIME_ERROR,
         "ZeroDivisionError",
         false},
        {NULL,
         "def sub(a, b): return a",
         "add",
         {"assert add(2, 0) == 2"},
         PGR_V_RUNTIME_ERROR,
         "'add' is not defined",
         false},
        {NULL, "def f(:", "f", {"assert f() == 2"}, PGR_V_COMPILE_ERROR, NULL, false},
        {NULL, "1/0", "f", {"assert f() == 2"}, PGR_V_RUNTIME_ERROR, "ZeroDivisionError", false},
        {NULL, "def f():\n while 1: pass", "f", {"assert f() == 2"}, PGR_V_TIME_LIMIT, NULL, false},
        {NULL,
         "def f(): return bytearray(2 << 30)",
         "f",
         {"assert f() == 2"},
         PGR_V_RUNTIME_ERROR,
         "MemoryError",
         false},
        {NULL, "def f(): return 1", "f", {"x = f()\nwhile True: pass"}, PGR_V_TIME_LIMIT, "in the tests", false},
        {NULL, "def f(): return 1", "f", {"def ("}, PGR_V_RUNTIME_ERROR, "the tests do not load", false},
        {NULL,
         "def f(xs):\n    got = None\n    for x in xs: got = yield x, got",
         "f",
         {"g = f([1, 2])\nassert list(f([3])) == [(3, None)] and next(g) == (1, None) and g.send('x') == (2, 'x')\n"
          "try: g.send('y')\nexcept StopIteration: pass\nelse: assert False"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        /* MBPP: a setup that uses what the solution defines. */
        {"root = Node(1)\nroot.next = Node(2)",
         "class Node:\n    def __init__(self, v): self.v, self.next = v, None\ndef total(n): return n.v + "
         "(total(n.next) "
         "if n.next else 0)",
         "total",
         {"assert total(root) == 3", "root.next.v = 5\nassert total(root) == 6"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {"root = Node(1)",
         "def total(n): return 1",
         "total",
         {"assert total(root) == 3"},
         PGR_V_RUNTIME_ERROR,
         "'Node' is not defined",
         false},
        /* HumanEval: check(candidate), called or not. */
        {NULL,
         "def inc(x): return x + 1",
         "inc",
         {"def check(candidate):\n    assert candidate(1) == 2\n    assert candidate(-1) == 0\n\ncheck(inc)\n"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "def inc(x): return x",
         "inc",
         {"def check(candidate):\n    assert candidate(1) == 2\n"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        /* LeetCode: a class, keyword arguments, changed arguments. */
        {"from typing import *\ninf = float('inf')",
         "class Solution:\n    def best(self, xs: List[int]) -> float: return max(xs, default=-inf)",
         "Solution().best",
         {"assert Solution().best(xs = [1,3,2]) == 3", "s = Solution()\nassert s.best([]) == -inf"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "class Solution:\n    def rot(self, g): g[:] = [list(r) for r in zip(*g[::-1])]",
         "Solution().rot",
         {"g = [[1,2],[3,4]]\nalias = g\nassert Solution().rot(g) is None\nassert g == [[3,1],[4,2]] and alias is g"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "def f(d, s, q):\n d['a'].append(1); s.add(2); q.pop()",
         "f",
         {"import collections\nd = {'a': []}; inner = d['a']; s = set(); q = collections.deque([1, 2])\nf(d, s, "
          "q)\nassert d == {'a': [1]} and inner == [1] and s == {2} and list(q) == [1]"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {"class Node:\n    def __init__(self, val=0, next=None):\n        self.val = val\n        self.next = next\n"
         "def make(xs):\n    head = None\n    for x in reversed(xs): head = Node(x, head)\n    return head\n"
         "def to_list(n):\n    out = []\n    while n: out.append(n.val); n = n.next\n    return out",
         "def rev(head):\n    prev = None\n    while head: head.next, prev, head = prev, head, head.next\n    return "
         "prev",
         "rev",
         {"assert to_list(rev(make(range(500)))) == list(range(499, -1, -1))",
          "h = make([1, 2])\nr = rev(h)\nassert r.next is h and to_list(h) == [1]"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        /* Exceptions, also of classes that the solution defines. */
        {NULL,
         "class Bad(ValueError): pass\ndef f(x):\n if x < 0: raise Bad('neg')\n raise KeyError(x)",
         "f",
         {"try: f(-1); assert False\nexcept Bad as e: assert str(e) == 'neg'",
          "try: f(1); assert False\nexcept KeyError as e: assert e.args == (1,)",
          "try: f(-1); assert False\nexcept ValueError: pass"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        /* Library types, iterators, closures, callbacks. */
        {NULL,
         "from collections import *\nfrom fractions import Fraction\nfrom decimal import Decimal\nimport datetime\nP = "
         "namedtuple('P', 'x y')\n"
         "def f(k): return {'c': Counter('aab'), 'o': OrderedDict(a=1), 'd': defaultdict(int, a=1), 'q': deque([1]), "
         "'r': range(3), 'f': Fraction(1, 3), "
         "'D': Decimal('1.50'), 't': datetime.date(2024, 2, 29), 'p': P(1, 2), 'k': {1: 2}.keys(), 'b': "
         "bytearray(b'x')}[k]",
         "f",
         {"from fractions import Fraction\nimport datetime, decimal, collections\nassert f('c') == {'a': 2, 'b': 1} "
          "and f('c').most_common(1) == [('a', 2)] and f('o') == {'a': 1} and f('d')['z'] == 0\n"
          "assert list(f('q')) == [1] and f('r') == range(3) and f('f') == Fraction(1, 3) and f('D') == "
          "decimal.Decimal('1.5') and f('t').year == 2024\n"
          "assert f('p') == (1, 2) and f('p').x == 1 and f('k') == {1} and f('b') == b'x' and isinstance(f('q'), "
          "collections.deque)"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "def gen(n):\n for i in range(n): yield i\ndef adder(a): return lambda b: a + b\ndef apply(f, xs): return "
         "[f(x) for x in xs]",
         "gen",
         {"assert list(gen(3)) == [0, 1, 2] and 1 in gen(3)", "assert adder(2)(3) == 5",
          "k = 10\nassert apply(lambda x: x * k, [1, 2]) == [10, 20]\nassert apply(adder(1), [1]) == [2]"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "class Stack:\n    def __init__(self): self.items = []\n    def push(self, x): self.items.append(x)\n    def "
         "pop(self): return self.items.pop()\n"
         "    def __len__(self): return len(self.items)\n    def __getitem__(self, i): return self.items[i]\n    def "
         "__iter__(self): return iter(self.items)\n"
         "    def __contains__(self, x): return x in self.items\n    def __eq__(self, o): return self.items == o.items",
         "Stack",
         {"s = Stack()\ns.push(1); s.push(2)\nassert len(s) == 2 and s[0] == 1 and list(s) == [1, 2] and 2 in s and 3 "
          "not in s and s.pop() == 2 and s.items == [1]",
          "a, b = Stack(), Stack()\nassert a == b\na.push(1)\nassert a != b and isinstance(a, Stack) and not "
          "isinstance(1, Stack)",
          "s = Stack()\ntry: s.pop(); assert False\nexcept IndexError: pass"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "import enum\nclass C(enum.IntEnum):\n A = 1\nclass L(list): pass\ndef f(): return C.A, L([1]), True",
         "f",
         {"assert f() == (1, [1], True)"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        /* unittest, run by the snippet or not; pytest style. */
        {NULL,
         "def f(x): return x * 2",
         "f",
         {"import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(f(2), 4)\n    "
          "    self.assertRaises(TypeError, f)\n"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "def f(x): return x",
         "f",
         {"import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.assertEqual(f(2), 4)\n"},
         PGR_V_WRONG_ANSWER,
         "2 != 4",
         false},
        {NULL,
         "def f(x): return x",
         "f",
         {"import unittest as u\nclass T(u.TestCase):\n    def test_a(self): self.assertEqual(f(2), 4)\nr = "
          "u.TextTestRunner(verbosity=0).run(u.defaultTestLoader.loadTestsFromTestCase(T))\nassert r.wasSuccessful()"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {NULL,
         "def f(x): return x",
         "f",
         {"from solution import f\n\ndef test_one():\n    assert f(1) == 1\n\ndef test_two():\n    assert f(1) == 2\n"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {NULL,
         "def f(x):\n if x < 0: raise ValueError('negative')\n return x ** 0.5",
         "f",
         {"import pytest\n\ndef test_raises():\n    with pytest.raises(ValueError, match='neg'):\n        f(-1)\n\n"
          "def test_value():\n    assert f(2) == pytest.approx(1.41421356)\n\n"
          "@pytest.mark.parametrize('x, y', [(4, 2.0), (9, 3.0)])\ndef test_many(x, y):\n    assert f(x) == y\n"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "def f(x): return x + 1e-3",
         "f",
         {"import pytest\ndef test(): assert f(2.0) == pytest.approx(2.0)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {NULL,
         "def f(x): return x",
         "f",
         {"import pytest\n@pytest.mark.parametrize('x, y', [(4, 4), (9, 3.0)])\ndef test_many(x, y):\n    assert f(x) "
          "== y\n"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        /* Instances of the setup's classes, whatever they are made of. */
        {"import enum\nfrom collections import namedtuple\nfrom typing import NamedTuple\nfrom dataclasses import "
         "dataclass\n"
         "P = namedtuple('P', 'x y')\nclass N(NamedTuple):\n x: int\n y: int = 2\n"
         "class W:\n def __new__(cls, x):\n  s = object.__new__(cls); s.x = x; return s\n"
         "class F(enum.Flag):\n A = 1\n B = 2\nclass C(enum.Enum):\n A = 1\n"
         "class Z:\n __slots__ = ('a', '_b')\n def __init__(s, a): s.a = s._b = a\n def b(s): return s._b\n"
         "@dataclass(frozen=True)\nclass Q:\n x: int\n",
         "def f(k): return {'P': P(1, 2), 'N': N(1), 'W': W(3), 'F': F.A | F.B, 'C': C.A, 'Z': Z(4), 'Q': "
         "Q(5)}[k]\ndef g(p): return p.x + p.y",
         "f",
         {"assert f('P') == P(1, 2) and f('N') == N(1, 2) and type(f('P')) is P and f('P').y == 2 and g(P(3, 4)) == 7",
          "assert f('W').x == 3 and f('F') == F.A | F.B and f('C') is C.A and f('Z').b() == 4 and f('Q') == Q(5)"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {"from collections import OrderedDict\nclass D(dict): pass\nclass O(OrderedDict): pass\nclass L(list): "
         "pass\nclass S(set): pass\nclass I(int): pass\nclass T(str): pass\n",
         "def f(k):\n l = L([1, 2]); l.note = 'n'\n return {'D': D(a=1), 'O': O(b=1, a=2), 'L': l, 'S': S([1]), 'I': "
         "I(7), 'T': T('x')}[k]\ndef grow(l): l.append(3); return l",
         "f",
         {"assert f('D') == {'a': 1} and type(f('D')) is D and list(f('O')) == ['b', 'a'] and f('L') == [1, 2] and "
          "f('L').note == 'n'",
          "assert f('S') == {1} and f('I') == 7 and f('T') == 'x'",
          "l = L([1])\nr = grow(l)\nassert r is l and l == [1, 3]"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        /* A solution's own variable with the name of a module stays the solution's. */
        {NULL,
         "class code:\n @staticmethod\n def run(x): return x + 1\ndef f(): pass",
         "f",
         {"assert code.run(1) == 2 and math.floor(2.5) == 2"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        /* Helpers of the setup are the judge's own. */
        {"def same(a, b): return a == b",
         "def f(): return 1\ndef same(a, b): return True",
         "f",
         {"assert same(f(), 2)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {"def half(x): return x / 2",
         "def f(x): return half(x) + 1",
         "f",
         {"assert f(4) == half(6)"},
         PGR_V_ACCEPTED,
         NULL,
         false},
    };
    check(cases, PGR_COUNT(cases), false);
}

/* Each of these passes in a harness that runs solution and tests in one process, or believes what it says. */
static void tricks_do_not_pass(void **state) {
    (void)state;
#define EQ                                                                                                             \
    "class E:\n def __eq__(s, o): return True\n def __ne__(s, o): return False\n __hash__ = None\n __lt__ = __le__ = " \
    "__gt__ = __ge__ = __contains__ = __eq__\n"                                                                        \
    " def __sub__(s, o): return 0.0\n __rsub__ = __add__ = __radd__ = __mul__ = __sub__\n def __abs__(s): return "     \
    "0.0\n def __len__(s): return 1\n"
#define KEYED                                                                                                          \
    "class P:\n def __init__(s, x): s.x = x\n def key(s): return s.x\n def __eq__(s, o): return s.key() == o.key()\n"  \
    " @property\n def twice(s): return 2 * s.x\n"
    static const struct one cases[] = {
        {NULL, EQ "def f(x): return E()", "f", {"assert f(1) == 2"}, PGR_V_WRONG_ANSWER, NULL, false},
        {NULL, EQ "def f(x): return E()", "f", {"assert not f(1) != 2"}, PGR_V_WRONG_ANSWER, NULL, false},
        {NULL, EQ "def f(x): return E()", "f", {"assert 2 == f(1)"}, PGR_V_WRONG_ANSWER, NULL, false},
        {NULL,
         EQ "def f(x): return E()",
         "f",
         {"assert abs(f(1) - 2.5) < 1e-6"},
         PGR_V_WRONG_ANSWER,
         "unsupported operand",
         false},
        {NULL,
         EQ "def f(x): return E()",
         "f",
         {"assert f(1) <= 3"},
         PGR_V_WRONG_ANSWER,
         "not supported between",
         false},
        {NULL, EQ "def f(x): return E()", "f", {"assert 3 in f(1)"}, PGR_V_WRONG_ANSWER, NULL, false},
        {NULL, EQ "def f(x): return [E()]", "f", {"assert f(1) == [3]"}, PGR_V_WRONG_ANSWER, NULL, false},
        {NULL,
         EQ "f = E()",
         "f",
         {"def check(candidate):\n assert candidate == 3\ncheck(f)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {NULL,
         EQ "class f(E):\n def __init__(s, *a): pass",
         "f",
         {"assert f(1) == 3"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {NULL,
         EQ "class L(int):\n def __eq__(s, o): return True\n __hash__ = int.__hash__\ndef f(x): return L(1)",
         "f",
         {"assert f(1) == 3"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {NULL,
         EQ "class L(list):\n def __eq__(s, o): return True\ndef f(x): return L()",
         "f",
         {"assert f(1) == [3]"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {NULL,
         EQ "class M(type):\n def __eq__(s, o): return True\n __hash__ = type.__hash__\nclass C(metaclass=M): "
            "pass\ndef f(x): return C",
         "f",
         {"assert f(1) == int"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {NULL,
         "import os\ndef f(x): os._exit(0)",
         "f",
         {"assert f(1) == 3"},
         PGR_V_RUNTIME_ERROR,
         "ended before its tests",
         false},
        {NULL,
         "import os\nos._exit(0)",
         "f",
         {"assert f(1) == 3"},
         PGR_V_RUNTIME_ERROR,
         "ended before its tests",
         false},
        {NULL, "import sys\ndef f(x): sys.exit(0)", "f", {"assert f(1) == 3"}, PGR_V_RUNTIME_ERROR, "exit()", false},
        {NULL, "def f(x): raise KeyboardInterrupt", "f", {"assert f(1) == 3"}, PGR_V_RUNTIME_ERROR, "exit()", false},
        {NULL,
         "def f(x): raise AssertionError('no')",
         "f",
         {"assert f(1) == 3"},
         PGR_V_RUNTIME_ERROR,
         "AssertionError: no",
         false},
        /* Frames of the bridge, forged: a verdict, a value for the wrong reader, an instance of a class that is none.
         */
        {NULL,
         "import os\ndef f(x): os.write(3, b'v15:t3:i1;s4:passs0:'); return 1",
         "f",
         {"assert f(1) == 3"},
         PGR_V_RUNTIME_ERROR,
         "malformed answer",
         false},
        {NULL,
         "import os\ndef f(x): os.write(3, b'r4:junk'); return 1",
         "f",
         {"assert f(1) == 3"},
         PGR_V_RUNTIME_ERROR,
         "malformed answer",
         false},
        {NULL,
         "import os\ndef f(x): os.write(3, b'r1:N'); return 1",
         "f",
         {"assert f(1) == 3"},
         PGR_V_RUNTIME_ERROR,
         "malformed answer",
         false},
        {NULL,
         "import os\ndef f(x): os.write(3, b'r30:t3:l1:t2:s4:Namei0;l1:d0:t3:s2:okp0;N'); return 1",
         "f",
         {"assert f(1) == 3"},
         PGR_V_RUNTIME_ERROR,
         "malformed answer",
         false},
        {NULL,
         "import os\ndef f(x): os.write(3, b'r24:t3:l0:l0:t3:s2:okj99999;N'); return 1",
         "f",
         {"assert f(1) == 3"},
         PGR_V_RUNTIME_ERROR,
         "malformed answer",
         false},
        {NULL,
         "import os\ndef f(x): os.write(3, b'r26:t3:l0:l0:t3:s2:oku1:l0:NN'); return 1",
         "f",
         {"assert f(1) == 3"},
         PGR_V_RUNTIME_ERROR,
         "malformed answer",
         false},
        /* Classes of the setup: what they do stays theirs, whatever an instance carries. */
        {KEYED,
         "def f(x):\n p = P(0)\n p.key = lambda: 4\n return p",
         "f",
         {"assert f(2) == P(4)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {KEYED,
         "def f(p):\n p.key = lambda: 4\n return p",
         "f",
         {"assert f(P(0)) == P(4)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {KEYED,
         "def f(x):\n p = P(0)\n p.__dict__['twice'] = 8\n return p",
         "f",
         {"assert f(2).twice == 8"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {"class D(dict): pass\nclass L(list): pass\nclass S(set): pass\nclass I(int): pass\nclass T(str): pass",
         "def f(k): return {'d': D(a=1), 'l': L([7]), 's': S([7]), 'i': I(7), 't': T('x')}[k]",
         "f",
         {"assert f('d') == {} or f('l') == [] or f('s') == set() or f('i') == 0 or f('t') == ''"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {"class D(dict):\n def __eq__(s, o): return s.items() == o.items()",
         "def f(x):\n d = D(a=0)\n d.items = lambda: {'a': 4}.items()\n return d",
         "f",
         {"assert f(2) == D(a=4)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        /* Modules that tests use without importing them. */
        {NULL,
         "class sys:\n maxsize = 1\ndef f(x): return 1",
         "f",
         {"assert f(2) == sys.maxsize"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {NULL,
         "class difflib:\n class SequenceMatcher:\n  def __init__(s, *a): pass\n  def ratio(s): return 1.0\ndef f(x): "
         "return ''",
         "f",
         {"assert difflib.SequenceMatcher(None, f(2), 'abcd').ratio() == 1.0"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {NULL,
         "class urllib:\n class parse:\n  quote = lambda s: 'a%20b'\ndef f(x): return ''",
         "f",
         {"assert urllib.parse.quote(f(2)) == 'a%20b'"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        /* Through a callback to the judge's frames, globals and private names. */
        {NULL,
         "def f(cb):\n try: cb.__globals__['verdict'](1, 'pass', '')\n except AttributeError: return 'refused'\n "
         "return 'reached'",
         "f",
         {"assert f(lambda: 1) == 'refused'"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "def f(cb):\n out = []\n for n in ('gi_frame', 'gi_code', 'send', 'f_globals', '__self__', 'func_globals'):\n "
         " try: getattr(cb, n); out.append(n)\n  except AttributeError: pass\n return out",
         "f",
         {"assert f(x for x in [1]) == []", "assert f(print) == []", "import sys\nassert f(sys) == []"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "def f(o):\n try: o.secret_module\n except AttributeError: pass\n o.value = 5\n return o.get()",
         "f",
         {"class O:\n    value = 1\n    def get(self): return self.value\n    _hidden = 3\no = O()\nassert f(o) == 5 "
          "and o.value == 5"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "def f(o):\n try: return o._hidden\n except AttributeError: return 0",
         "f",
         {"class O:\n    _hidden = 3\nassert f(O()) == 0"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        /* An attribute in the place of a method of the tests' own class: in an object returned, in one passed, set
         * through a handle, as a cached property. */
        {"class Stack:\n def __init__(self): self.items = []\n def size(self): return len(self.items)",
         "def f(n):\n s = Stack()\n s.size = lambda: n\n return s",
         "f",
         {"assert f(3).size() == 3"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {"class Stack:\n def __init__(self): self.items = []\n def size(self): return len(self.items)",
         "def f(s): s.size = lambda: 3",
         "f",
         {"s = Stack()\nf(s)\nassert s.size() == 3"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {NULL,
         "def f(o):\n try: o.get = lambda: 7\n except AttributeError: pass",
         "f",
         {"class O:\n    def get(self): return 1\no = O()\nf(o)\nassert o.get() == 7"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        {"import functools\nclass P:\n def __init__(self, n): self.n = n\n @functools.cached_property\n def "
         "twice(self): "
         "return 2 * self.n",
         "def f(n):\n p = P(n)\n p.__dict__['twice'] = 99\n return p",
         "f",
         {"assert f(3).twice == 99"},
         PGR_V_WRONG_ANSWER,
         NULL,
         false},
        /* Attributes over the class's defaults, slots and properties are data as before. */
        {"class N:\n val = 0\n next = None\n @property\n def double(self): return 2 * self.val",
         "def f(n):\n a = N()\n a.val = n\n a.next = N()\n a.next.val = n + 1\n return a",
         "f",
         {"a = f(3)\nassert (a.val, a.next.val, a.double, a.next.next) == (3, 4, 6, None)"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {"class S:\n __slots__ = ('x', 'y')\n def total(self): return self.x + self.y",
         "def f(n):\n s = S()\n s.x, s.y = n, n + 1\n return s",
         "f",
         {"assert f(3).total() == 7"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        /* What instances of the tests' classes hold as built-in values crosses with them. */
        {"class L(list):\n def last(self): return self[-1]\nclass D(dict): pass\nclass S(set): pass",
         "def f(n):\n a = L([1, n])\n a.tag = 'x'\n return a, D(k=a), S([n])",
         "f",
         {"a, d, s = f(3)\nassert (a, a.last(), a.tag, d['k'] is a, s) == ([1, 3], 3, 'x', True, {3})"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {"import collections\nclass O(collections.OrderedDict): pass\nclass C(collections.Counter): pass",
         "def f(n): return O([(n, 1), (1, n)]), C('aab')",
         "f",
         {"o, c = f(3)\nassert (list(o), o[1], c.most_common(1)) == ([3, 1], 3, [('a', 2)])"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {"class L(list): pass", "def f(n): return L([n])", "f", {"assert f(3) == []"}, PGR_V_WRONG_ANSWER, NULL, false},
        {"class L(list): pass",
         "def f(a): a.append(4)",
         "f",
         {"a = L([3])\nf(a)\nassert a == [3, 4]"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {"from collections import namedtuple\nP = namedtuple('P', 'x y')\nclass Id(int): pass\nclass Name(str):\n def "
         "loud(self): return self.upper()",
         "def f(p): return P(p.y, p.x), Id(7), Name('ab')",
         "f",
         {"p, i, n = f(P(1, 2))\nassert (p, p.x, i + 1, n.loud(), type(i)) == (P(2, 1), 2, 8, 'AB', Id)"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {"import enum\nclass F(enum.Flag):\n A = 1\n B = 2",
         "def f(x): return x | F.B",
         "f",
         {"assert f(F.A) == F.A | F.B"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {"class T:\n def __new__(cls, n):\n  o = super().__new__(cls)\n  o.n = n\n  return o",
         "def f(n): return T(n)",
         "f",
         {"assert f(3).n == 3"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        /* An attribute by which numpy would read the judge's memory. */
        {NULL,
         "class A:\n __array_interface__ = {'shape': (1,), 'typestr': '<i8', 'data': (4096, False), 'version': 3}\ndef "
         "f(): return A()",
         "f",
         {"assert not hasattr(f(), '__array_interface__')"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        /* The tests and what they expect are not in the solution's process. */
        {NULL,
         "import gc\ndef f():\n word = ''.join(['needle', '-7'])\n hits = [o for o in gc.get_objects() if type(o) is "
         "list "
         "and word in map(str, o)]\n return len(hits)",
         "f",
         {"expected = ['needle-7']\nassert f() == 0"},
         PGR_V_ACCEPTED,
         NULL,
         false},
        {NULL,
         "import os\ndef f():\n try: os.read(5, 1000); return 'read'\n except BlockingIOError: return 'empty'",
         "f",
         {"import json\nassert f() == 'empty'"},
         PGR_V_TIME_LIMIT,
         NULL,
         false},
    };
    check(cases, PGR_COUNT(cases), false);
}

static void tests_that_cannot_be_split_run_in_one_process_when_allowed(void **state) {
    (void)state;
    static const struct one cases[] = {
        {NULL, "def f(x): return x", "f", {"assert f(1) == 1"}, PGR_V_ACCEPTED, NULL, false}, /* these can */
        {NULL,
         "import os\ndef f(x): return os.getcwd()",
         "f",
         {"from unittest import mock\nwith mock.patch('os.getcwd', lambda: 'here'): assert f(1) == 'here'"},
         PGR_V_ACCEPTED,
         NULL,
         true},
        {NULL,
         "def f(): return open('/tmp/data.txt').read()",
         "f",
         {"open('/tmp/data.txt', 'w').write('x')\nassert f() == 'x'"},
         PGR_V_ACCEPTED,
         NULL,
         true},
        {NULL,
         "def f(): print('hi')",
         "f",
         {"import io, contextlib\nb = io.StringIO()\nwith contextlib.redirect_stdout(b): f()\nassert b.getvalue() == "
          "'hi\\n'"},
         PGR_V_ACCEPTED,
         NULL,
         true},
        {NULL,
         "def f(): return 2",
         "f",
         {"import io, unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(f(), 3)"},
         PGR_V_WRONG_ANSWER,
         "2 != 3",
         true},
        /* What is still refused. */
        {NULL,
         "import os\ndef f(): os._exit(0)",
         "f",
         {"import io\nassert f() == 1"},
         PGR_V_RUNTIME_ERROR,
         "ended before",
         true},
        {NULL, "import sys\ndef f(): sys.exit(0)", "f", {"import io\nassert f() == 1"}, PGR_V_WRONG_ANSWER, NULL, true},
        {NULL, EQ "def f(): return E()", "f", {"import io\nassert f() == 1"}, PGR_V_WRONG_ANSWER, NULL, true},
        {NULL,
         EQ "def f(): return E()",
         "f",
         {"import io\nassert abs(f() - 1.5) < 1e-6"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         EQ "def f(): return E()",
         "f",
         {"import io, unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(f(), 3)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\ndef f(): return 1",
         "f",
         {"import io, unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(f(), 3)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "import builtins\nbuiltins.all = lambda x: True\nbuiltins.len = lambda x: 3\ndef f(): return [1]",
         "f",
         {"import io\nassert len(f()) == 3"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "from unittest.mock import ANY\ndef f(): return ANY",
         "f",
         {"import io\nassert f() == 1"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "from unittest.mock import ANY\ndef f(): return ANY",
         "f",
         {"import io, unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(f(), 3)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "from unittest.mock import MagicMock\nm = MagicMock()\nm.__eq__.return_value = True\ndef f(): return m",
         "f",
         {"import io\nassert f() == 1"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "class E(int):\n __module__ = 'builtins'\n def __eq__(s, o): return True\n __hash__ = None\ndef f(): return "
         "E(7)",
         "f",
         {"import io\nassert f() == 1"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "class M(type):\n def __eq__(c, o): return True\n __hash__ = type.__hash__\nclass E(metaclass=M):\n def "
         "__eq__(s, o): return True\ndef f(): return E()",
         "f",
         {"import io\nassert f() == 1"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "class E:\n __lt__ = __gt__ = __eq__ = lambda s, o: True\ndef f(): return E()",
         "f",
         {"import io\nassert 3 < f() < 5"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "class E:\n __eq__ = lambda s, o: True\ndef f(): return E()",
         "f",
         {"import io\nassert f() in (4,)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "import __main__\n__main__.run_snippet = lambda *a, **k: None\ndef f(): return 0",
         "f",
         {"import io\nassert f() == 1"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "import __main__\n__main__.exec = lambda *a: None\ndef f(): return 0",
         "f",
         {"import io\nassert f() == 1"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "import ast\n_p = ast.parse\nast.parse = lambda t, *a, **k: _p('0')\ndef f(): return 0",
         "f",
         {"import io\nassert f() == 1"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "import ast\nast.NodeTransformer.visit = lambda self, n: ast.parse('')\ndef f(): return 0",
         "f",
         {"import io\nassert f() == 1"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "import unittest\nunittest.TestResult.addFailure = lambda *a: None\ndef f(): return 0",
         "f",
         {"import io, unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(f(), 3)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "import unittest\nunittest.defaultTestLoader.loadTestsFromTestCase = lambda c: unittest.TestSuite()\ndef f(): "
         "return 0",
         "f",
         {"import io, unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(f(), 3)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "import unittest\nunittest.TestSuite.run = lambda self, r, debug=False: r\ndef f(): return 0",
         "f",
         {"import io, unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(f(), 3)"},
         PGR_V_WRONG_ANSWER,
         NULL,
         true},
        {NULL,
         "def f(): return 2",
         "f",
         {"import io\nfrom pathlib import Path\nassert str(Path('/tmp') / 'x') == '/tmp/x' and 1 < f() < 3 and f() in "
          "[2]"},
         PGR_V_ACCEPTED,
         NULL,
         true},
        {NULL, "def f(:", "f", {"import io\nassert f() == 1"}, PGR_V_COMPILE_ERROR, NULL, true},
    };
    check(cases, PGR_COUNT(cases), true);
}

static void first_failing_snippet_is_reported(void **state) {
    (void)state;
    static const struct one c = {NULL,
                                 "def f(x): return x",
                                 "f",
                                 {"assert f(1) == 1", "assert f(2) == 3, 'two'", "assert f(3) == 3"},
                                 PGR_V_WRONG_ANSWER,
                                 NULL,
                                 false};
    struct pgr_sbx_result r = judge(&c, false);
    assert_int_equal(r.verdict, PGR_V_WRONG_ANSWER);
    assert_int_equal(r.n_passed, 1);
    assert_int_equal(r.n_tests, 3);
    assert_int_equal(r.failed_test, 1);
    assert_string_equal(r.input, "assert f(2) == 3, 'two'");
    assert_string_equal(r.detail, "two");
    pgr_sbx_result_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_solutions_pass_and_wrong_ones_fail),
        cmocka_unit_test(tricks_do_not_pass),
        cmocka_unit_test(tests_that_cannot_be_split_run_in_one_process_when_allowed),
        cmocka_unit_test(first_failing_snippet_is_reported),
    };
    return cmocka_run_group_tests(tests, open_pool, close_pool);
}
