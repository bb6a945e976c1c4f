# Traces its parent: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
import os
libc.ptrace(16, os.getppid(), 0, 0)
print('SURVIVED')
