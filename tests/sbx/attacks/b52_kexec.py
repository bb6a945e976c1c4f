# Loads another kernel: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(246, 0, 0, None, 0)
print('SURVIVED')
