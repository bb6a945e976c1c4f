# io_uring by its bare number: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(425, 8, ctypes.create_string_buffer(120))
print('SURVIVED')
