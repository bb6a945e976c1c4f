# Sources that exhaust the compiler by nesting: an error each, not a crash of the harness.
import ast, sys
caught = 0
for text in ('(' * 100000 + ')' * 100000, '[' * 190 + ']' * 190, '-' * 200000 + '1', 'a' + '.a' * 100000, 'f"' + '{' * 1000 + '"',
             'lambda:' * 50000 + '1', 'x = ' + '+'.join(['1'] * 5), '"' + '\\N{x' * 100, '\x00', 'def f():\n' + ' ' * 200000 + 'pass'):
    try:
        compile(text, 'x', 'exec')
    except (SyntaxError, MemoryError, RecursionError, ValueError, OverflowError):
        caught += 1
print(caught)
print('OK' if caught >= 5 else 'FAILED')
