# Calls that change who or where a process is (ids, groups, sessions, host name, personality, root-only knobs):
# refused.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

bad = []
def refused(name, nr, *args):
    if libc.syscall(nr, *args) >= 0: bad.append(name)

import os
for nr, args in ((105, (0,)), (106, (0,)), (117, (0, 0, 0)), (119, (0, 0, 0)), (113, (0, 0)), (114, (0, 0)), (122, (0,)), (123, (0,)),
                 (116, (0, None)), (109, (0, 0)), (112, ()), (170, (b'x', 1)), (171, (b'x', 1)), (135, (0x0040000,)), (135, (0xffffffff,)),
                 (103, (2, None, 0)), (153, ()), (164, (None, None)), (227, (0, None)), (159, (ctypes.create_string_buffer(256),)),
                 (126, (ctypes.create_string_buffer(16), ctypes.create_string_buffer(24))), (125, (ctypes.create_string_buffer(16), None)),
                 (158, (0x1002, 0)), (203, (0, 8, ctypes.create_string_buffer(8))), (141, (0, 0, -20)), (306, (0,)), (162, ()), (454, (0,)), (9999, (0,))):
    refused(nr, nr, *args)
if os.getresuid() != (1000, 1000, 1000) and 0 in os.getresuid(): bad.append('uid 0')
print(bad or 'all refused')
print('FAILED' if bad else 'OK')
