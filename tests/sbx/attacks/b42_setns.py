# Enters the namespace of another process through a descriptor: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(308, 0, 0)
print('SURVIVED')
