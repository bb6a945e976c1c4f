# Twenty megabytes on stderr: the supervisor keeps the last 64 KiB and the answer is still judged.
import sys
for _ in range(320): sys.stderr.write('e' * 65536)
def solve(a, b): return 0
