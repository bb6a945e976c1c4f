# prctl: outliving the parent, being traced or dumped, new ids for orphans, its memory map, more privileges,
# speculation: refused. So are filters and Landlock rules of its own.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

bad = []
def refused(name, nr, *args):
    if libc.syscall(nr, *args) >= 0: bad.append(name)

for option, value in ((1, 0), (4, 1), (8, 1), (15, None), (22, 1), (22, 2), (23, 12), (24, 12), (26, 1), (28, 0), (33, 1), (35, 1), (36, 1),
                      (38, 0), (41, 0), (47, 2), (53, 0), (54, 0), (0x59616d61, -1), (0x53564d41, 0), (1 << 32 | 4, 1)):
    if option != 15: refused('prctl %x' % option, 157, ctypes.c_ulong(option), ctypes.c_ulong(value), 0, 0, 0)
program = (ctypes.c_ubyte * 16)(1, 0, 0, 0, 0, 0, 0, 0)
refused('seccomp', 317, 1, 0, program)
refused('seccomp listener', 317, 1, 8, program)
refused('seccomp sizes', 317, 3, 0, program)
refused('landlock', 444, None, 0, 1)
refused('landlock', 446, 0, 0)
print(bad or 'all refused')
print('FAILED' if bad else 'OK')
