# Loads a BPF map: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(321, 0, ctypes.create_string_buffer(128), 128)
print('SURVIVED')
