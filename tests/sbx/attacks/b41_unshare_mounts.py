# Asks for a mount namespace of its own: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(272, 0x00020000)
print('SURVIVED')
