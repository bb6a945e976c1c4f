"""Writes tests/golden/data/: small files in the layout of each public data set that `pgrpo data inspect` recognises.
The problems are made up; only the layouts are those of the data sets."""
import base64
import gzip
import json
import os
import pickle
import sys
import zlib

OUT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'tests', 'golden', 'data')


def write(name, rows):
    text = ''.join(json.dumps(r) + '\n' for r in rows)
    path = os.path.join(OUT, name)
    if name.endswith('.gz'):
        with open(path, 'wb') as f, gzip.GzipFile('', 'wb', 9, f, 0) as z:
            z.write(text.encode())
    else:
        with open(path, 'w') as f:
            f.write(text)


def packed(tests, protocol):
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(tests), protocol))).decode()


def main():
    os.makedirs(OUT, exist_ok=True)
    add = 'def add(a: int, b: int) -> int:\n    """Sum of two numbers."""\n'
    write('humaneval.jsonl.gz', [
        {'task_id': 'HumanEval/0', 'prompt': add, 'entry_point': 'add', 'canonical_solution': '    return a + b\n',
         'test': 'METADATA = {}\n\n\ndef check(candidate):\n    assert candidate(1, 2) == 3\n    assert candidate(-1, 1) == 0\n'},
        {'task_id': 'HumanEval/1', 'entry_point': 'twice',
         'prompt': 'def half(x):\n    return x // 2\n\n\ndef twice(x):\n    """Twice a number."""\n',
         'canonical_solution': '    return 2 * x\n',
         'test': 'def check(candidate):\n    assert half(candidate(4)) == 4\n'}])
    huge = 10 ** 30
    write('evalplus_humaneval.jsonl', [
        {'task_id': 'HumanEval/0', 'prompt': add, 'entry_point': 'add', 'canonical_solution': '    return a + b\n',
         'contract': '', 'base_input': [[1, 2], [-1, 1]], 'plus_input': [[huge, 1], [0.1, 0.2]], 'atol': 0},
        {'task_id': 'HumanEval/1', 'prompt': 'def f(x):\n    """The number itself."""\n', 'entry_point': 'f',
         'canonical_solution': '    return x\n', 'contract': '', 'base_input': [[1.5]],
         'plus_input': [[float('inf')], [float('-inf')], [1e300]], 'atol': 1e-6}])
    write('evalplus_mbpp.jsonl', [
        {'task_id': 'Mbpp/2', 'prompt': '"""\nShared elements of two tuples.\n"""\n', 'entry_point': 'similar_elements',
         'canonical_solution': 'def similar_elements(a, b):\n    return tuple(set(a) & set(b))\n', 'contract': '',
         'base_input': [[[3, 4], [4, 5]]], 'plus_input': [[[1, 2], [1, 2]]], 'atol': 0},
        {'task_id': 'Mbpp/124', 'prompt': '"""\nReal part.\n"""\n', 'entry_point': 'angle',
         'canonical_solution': 'def angle(a, b):\n    assert type(b) is complex and type(a) is float\n    return a + b.real\n',
         'contract': '', 'base_input': [['1.5', '(2+1j)'], ['0', '1j']], 'plus_input': [], 'atol': 0}])
    write('mbpp.jsonl', [
        {'task_id': 11, 'text': 'Write a function to double a number.', 'code': 'def double(x):\r\n    return 2 * x',
         'test_setup_code': '', 'test_list': ['assert double(2) == 4', 'assert double (0) == 0'], 'challenge_test_list': []},
        {'task_id': 601, 'text': 'Write a function for the root of a node.', 'test_setup_code': 'class Node:\n    def __init__(self, v):\n        self.v = v\n',
         'code': 'def helper():\n    pass\ndef value(n):\n    return n.v', 'test_list': ['assert value(Node(3)) == 3'],
         'challenge_test_list': []}])
    with open(os.path.join(OUT, 'sanitized-mbpp.json'), 'w') as f:
        json.dump([{'source_file': 'x.ipynb', 'task_id': 2, 'prompt': 'Write a function to get the floor.',
                    'code': 'import math\ndef low(x):\n    return math.floor(x)', 'test_imports': ['import math'],
                    'test_list': ['assert low(2.5) == math.floor(2.9)']}], f, indent=1)
    stdin = [{'input': '3\n4\n', 'output': '7\n', 'testtype': 'stdin'}]
    more = [{'input': '1\n1\n', 'output': '2\n', 'testtype': 'stdin'}, {'input': '5\n5\n', 'output': '10.0', 'testtype': 'stdin'}]
    call = [{'input': '[1, 2, 3]\n2', 'output': '[2, 4, 6]', 'testtype': 'functional'}]
    base = {'question_title': 'T', 'contest_id': 'c', 'starter_code': '', 'metadata': '{}'}
    method = {**base, 'question_title': 'scale', 'question_content': 'Scale a list.', 'platform': 'leetcode',
              'starter_code': 'class Solution:\n    def scale(self, nums: List[int], k: int) -> List[int]:\n        ',
              'contest_date': '2024-05-06T07:00:00', 'difficulty': 'medium', 'metadata': '{"func_name": "scale"}',
              'public_test_cases': json.dumps(call)}
    write('livecodebench.jsonl', [
        {**base, 'question_content': 'Add two numbers.', 'platform': 'atcoder', 'question_id': 'abc1_a',
         'contest_date': '2023-08-21T00:00:00', 'difficulty': 'easy', 'public_test_cases': json.dumps(stdin),
         'private_test_cases': packed(more, 4)},
        {**method, 'question_id': '3000', 'private_test_cases': packed([{'input': '[]\n7', 'output': '[]', 'testtype': 'functional'}], 2)},
        {**method, 'question_id': '3001', 'contest_date': '2025-01-02T00:00:00', 'private_test_cases': json.dumps(call)}])
    write('bigcodebench.jsonl', [
        {'task_id': 'BigCodeBench/0', 'complete_prompt': 'import itertools\ndef task_func(n):\n    """Pairs."""\n',
         'instruct_prompt': 'Write pairs.', 'canonical_solution': '    return list(itertools.permutations(range(n), 2))\n',
         'code_prompt': 'import itertools\ndef task_func(n):', 'entry_point': 'task_func', 'doc_struct': '{}', 'libs': "['itertools']",
         'test': 'import unittest\nclass TestCases(unittest.TestCase):\n    def test_two(self):\n        self.assertEqual(len(task_func(2)), 2)\n'}])
    write('leetcode.jsonl', [
        {'task_id': 'two-sum', 'question_id': 1, 'difficulty': 'Easy', 'tags': ['Array'], 'estimated_date': '2015-08-07',
         'problem_description': 'Two numbers.', 'query': 'You are given... Two numbers.', 'response': '', 'prompt': 'from typing import *\n',
         'starter_code': 'class Solution:\n    def twoSum(self, nums, target):\n        ', 'entry_point': 'Solution().twoSum',
         'completion': 'class Solution:\n    def twoSum(self, nums, target):\n        return [0, 1]\n',
         'input_output': [{'input': 'nums = [3,3], target = 6', 'output': '[0, 1]'}],
         'test': 'def check(candidate):\n    assert candidate(nums = [3,3], target = 6) == [0, 1]\n'}])
    write('apps.jsonl', [
        {'problem_id': 0, 'question': 'Print the sum.', 'solutions': json.dumps(['print(int(input()) + int(input()))\n']),
         'input_output': json.dumps({'inputs': ['1\n2\n', ['3', '4']], 'outputs': ['3\n', ['7']]}), 'difficulty': 'interview',
         'url': 'u', 'starter_code': ''},
        {'problem_id': 1, 'question': 'Add.', 'solutions': json.dumps(['def add(a, b):\n    return a + b\n']),
         'input_output': json.dumps({'fn_name': 'add', 'inputs': [[1, 2], [3, 4]], 'outputs': [[3], 7]}), 'difficulty': 'introductory',
         'url': 'u', 'starter_code': 'def add(a, b):\n'}])
    write('deepcoder.jsonl', [
        {'problem': 'Echo.', 'solutions': ['print(input())'], 'tests': json.dumps([{'type': 'stdin_stdout', 'input': 'a\n', 'output': 'a\n'}])},
        {'problem': 'Add.', 'starter_code': 'class Solution:\n    def add(self, a, b):\n', 'metadata': {'func_name': 'add'},
         'tests': json.dumps([{'input': '1\n2', 'output': '3', 'testtype': 'functional'}])}])
    write('verl.jsonl', [
        {'data_source': 'openai/gsm8k', 'prompt': [{'role': 'user', 'content': '1+1?'}], 'ability': 'math',
         'reward_model': {'style': 'rule', 'ground_truth': '2'}, 'extra_info': {'split': 'test', 'index': 7}},
        {'data_source': 'codecontests', 'prompt': [{'role': 'system', 'content': 'Think.'}, {'role': 'user', 'content': 'Echo.'}],
         'ability': 'code', 'reward_model': {'ground_truth': json.dumps({'inputs': ['a'], 'outputs': ['a']})}, 'extra_info': {'index': 0}}])
    write('trl.jsonl', [
        {'prompt': [{'role': 'user', 'content': '2+2?'}], 'solution': '$4$'}, {'prompt': '3+3?', 'answer': 6}])
    write('gsm8k.jsonl', [
        {'question': 'Eggs at $2: how much for 600?', 'answer': 'They cost 600*2=<<600*2=1200>>1200.\n#### 1,200'}])
    write('math.jsonl', [
        {'problem': 'Half of one?', 'level': 'Level 1', 'type': 'Algebra', 'solution': 'It is $\\boxed{\\frac{1}{2}}$.'},
        {'problem': 'Two?', 'solution': 'So \\boxed{2}', 'answer': '2', 'subject': 'Algebra', 'level': 2, 'unique_id': 'test/algebra/1.json'},
        {'problem': 'A mass?', 'solution': 'Then \\boxed{1.6} kg.', 'type': 'Astronomy', 'idx': 3}])
    write('aime.jsonl', [
        {'id': 60, 'problem': 'Walk?', 'solution': 'long', 'answer': '204', 'url': 'u', 'year': '2024'},
        {'ID': '2024-I-1', 'Problem': 'Walk again?', 'Solution': 'long', 'Answer': 25}])


if __name__ == '__main__':
    sys.exit(main())
