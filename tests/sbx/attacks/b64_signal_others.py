# Signals to the harness by every call there is: kill, tkill, tgkill, queued signals, pidfds, groups, wrapped
# pids. Refused.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

bad = []
def refused(name, nr, *args):
    if libc.syscall(nr, *args) >= 0: bad.append(name)

import os
me = os.getpid()
for pid in (1, 2, -1, 0, -me, me - 1, me + 1, os.getppid(), (1 << 32) + me):
    refused('kill %d' % pid, 62, ctypes.c_long(pid), 0)
    refused('tgkill %d' % pid, 234, ctypes.c_long(pid), ctypes.c_long(pid), 0)
    refused('tkill %d' % pid, 200, ctypes.c_long(pid), 0)
    refused('pidfd_open %d' % pid, 434, ctypes.c_long(pid), 0)
    refused('queue %d' % pid, 129, ctypes.c_long(pid), 9, ctypes.create_string_buffer(128))
refused('pidfd_send_signal', 424, 0, 9, None, 0)
refused('own group', 109, 0, 0)
os.kill(me, 0)
print(bad or 'all refused')
print('FAILED' if bad else 'OK')
