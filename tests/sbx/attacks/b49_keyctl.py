# Reads the keyring of its user: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(250, 0, -4, 0)
print('SURVIVED')
