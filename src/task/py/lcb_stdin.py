# Runs a program the way LiveCodeBench does: its last `if __name__ == '__main__'` unfolded, everything but imports
# made the body of a function, exit() a normal end.
import ast
import sys
import types


def unfold(code):
    try:
        tree = ast.parse(code)
        last = tree.body[-1]
        if isinstance(last, ast.If) and ast.unparse(last.test).strip() == "__name__ == '__main__'":
            code = ast.unparse(tree.body[:-1]) + '\n' + ast.unparse(last.body)
    except Exception:
        pass
    return code


def make_function(code, imports):
    try:
        tree = ast.parse(code)
        kinds = ast.Import, ast.ImportFrom
        head = [s for s in tree.body if isinstance(s, kinds)]
        body = [s for s in tree.body if not isinstance(s, kinds)]
        f = ast.FunctionDef(name='wrapped_function', body=body, decorator_list=[], lineno=-1,
                            args=ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]))
        return imports + '\n' + ast.unparse(head) + '\n' + ast.unparse(f)
    except Exception:
        return code


def main(code, imports):
    code = make_function(unfold(code), imports)
    module = types.ModuleType('tmp_sol')
    compiled = compile(code, 'solution.py', 'exec')
    exec(compiled, module.__dict__)
    target = module.Solution() if 'class Solution' in code else module
    try:
        target.wrapped_function()
    except SystemExit:
        pass
