# Performance counters show what other processes do: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(298, ctypes.create_string_buffer(128), 0, -1, -1, 0)
print('SURVIVED')
