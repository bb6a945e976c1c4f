/* attack_modes.h - the tasks that the programs of tests/sbx/attacks pretend to solve. */
#ifndef PGR_TESTS_SBX_ATTACK_MODES_H
#define PGR_TESTS_SBX_ATTACK_MODES_H

#include <string.h>

#include "sbx/sbx.h"

static const struct attack_mode {
    const char *name;
    enum pgr_sbx_kind kind;
    const char *tests, *setup;
    double atol, rtol;
    bool same_process;
} attack_modes[] = {
    {"ok", PGR_SBX_RUN, "{}", NULL, 0, 0, false}, /* checks itself and ends with the line OK */
    /* the sum of two ints */
    {"stdio", PGR_SBX_STDIO,
     "[{\"stdin\":\"2 3\\n\",\"stdout\":\"5\\n\"},{\"stdin\":\"20 22\\n\",\"stdout\":\"42\\n\"},"
     "{\"stdin\":\"-7 7\\n\",\"stdout\":\"0\\n\"}]",
     NULL, 0, 0, false},
    {"call", PGR_SBX_CALLS,
     "[{\"args\":[2,3],\"expected\":5},{\"args\":[-1,1],\"expected\":0},"
     "{\"args\":[1000000000000,1],\"expected\":1000000000001}]",
     NULL, 0, 0, false},
    {"asserts", PGR_SBX_ASSERTS,
     "[\"assert solve(2, 3) == 5\","
     "\"def check(candidate):\\n    assert candidate(-1, 1) == 0\\n"
     "    assert abs(candidate(10 ** 12, 1) - 1000000000001) < 1e-6\","
     "\"assert all(map(lambda c: solve(c[0], c[1]) == c[2], [(1, 1, 2), (5, 5, 10)]))\","
     "\"import unittest\\nclass T(unittest.TestCase):\\n    def test(self):\\n        self.assertEqual(solve(7, 8), "
     "15)\\n"
     "        self.assertAlmostEqual(solve(0, 2), 2)\\n        self.assertIn(solve(1, 2), [3])\","
     "\"assert math.isclose(solve(20, 22), 42)\"]",
     NULL, 0, 0, false},
    {"same", PGR_SBX_ASSERTS,
     "[\"import contextlib, io\\nwith contextlib.redirect_stdout(io.StringIO()):\\n    r = solve(2, 3)\\nassert r == "
     "5\","
     "\"import io, unittest\\nclass T(unittest.TestCase):\\n    def test(self): self.assertEqual(solve(7, 8), 15)\"]",
     NULL, 0, 0, true},
    /* the sorted list; half of a number; upper case */
    {"list", PGR_SBX_CALLS,
     "[{\"args\":[[3,1,2]],\"expected\":[1,2,3]},{\"args\":[[]],\"expected\":[]},"
     "{\"args\":[[5,5,-1]],\"expected\":[-1,5,5]}]",
     NULL, 0, 0, false},
    {"float", PGR_SBX_CALLS,
     "[{\"args\":[1.0],\"expected\":0.5},{\"args\":[0.0],\"expected\":0.0},{\"args\":[2e300],\"expected\":1e300}]",
     NULL, 1e-6, 1e-9, false},
    {"text", PGR_SBX_CALLS, "[{\"args\":[\"caf\\u00e9\"],\"expected\":\"CAF\\u00c9\"}]", NULL, 0, 0, false},
    /* the reversed list of nodes; a function applied to a value */
    {"nodes", PGR_SBX_ASSERTS,
     "[\"assert to_list(solve(build([1, 2, 3]))) == [3, 2, 1]\",\"assert to_list(solve(build([5]))) == [5]\","
     "\"n = solve(build([4, 5]))\\nassert n.values() == [5, 4] and n.val == 5\"]",
     "class Node:\n    def __init__(self, val, next=None): self.val, self.next = val, next\n"
     "    def values(self): return to_list(self)\n"
     "def build(xs):\n    n = None\n    for x in reversed(xs): n = Node(x, n)\n    return n\n"
     "def to_list(n):\n    out = []\n    while n is not None:\n        out.append(n.val)\n        n = n.next\n"
     "    return out\n",
     0, 0, false},
    {"callback", PGR_SBX_ASSERTS,
     "[\"r = solve(lambda x: x + 1, 3)\\nassert r == 4, r\","
     "\"seen = []\\nassert solve(seen.append, 3) is None and seen == [3]\","
     "\"class Box:\\n    expected = 9\\n    def check(self, v): return v == self.expected\\n"
     "b = Box()\\nassert b.check(solve(lambda o: o.expected, b))\"]",
     NULL, 0, 0, false}};

/* NULL if there is none of this name. */
static inline const struct attack_mode *find_attack_mode(const char *name) {
    for (size_t i = 0; i < sizeof attack_modes / sizeof *attack_modes; i++)
        if (strcmp(attack_modes[i].name, name) == 0) return &attack_modes[i];
    return NULL;
}

#endif
