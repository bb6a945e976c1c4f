# The newer way to mount (open_tree): killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(428, -100, b'/', 1)
print('SURVIVED')
