# System calls of the x32 kind (bit 30 of the number), which lists for x86-64 easily miss: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(0x40000000 + 39)
print('SURVIVED')
